import type { DataStatistics } from "../planner/statistics.js";
import type { StudyHypotheses } from "../planner/study.js";
import { type AnyTemplate, classesOf, gridClasses, type HypothesisClass } from "../planner/templates/library.js";
import { isOtherRequest } from "./clauses.js";
import { combine, keyOf, type RankedClass } from "./combine.js";
import type { Proposal, Proposer } from "./proposer.js";
import type { ClassWeights, RoundReport } from "./rounds.js";

/** What the classes of a round are chosen by. */
export interface ChoiceRequest {
  /** Those that the study lists; null: none, so that the templates are tried. */
  readonly hypotheses: readonly StudyHypotheses[] | null;
  readonly data: DataStatistics;
  /** The templates, the study's own among them. */
  readonly library: readonly AnyTemplate[];
  /** What to look for, in plain words; null: nothing in particular. */
  readonly prompt: string | null;
  /** From 1 on. */
  readonly round: number;
  /** Who proposes classes beside the selector; null: nobody. */
  readonly proposer: Proposer | null;
  /** What was learned in earlier rounds and from people; null: nothing. */
  readonly weights: ClassWeights | null;
  /** What earlier rounds found. */
  readonly history: readonly RoundReport[];
}

/** The classes of a round. */
export interface Choice {
  /** The grid in its order, then what the prompt adds to it; or those that the study lists. */
  readonly classes: readonly HypothesisClass[];
  /** Those of `classes` that the prompt speaks of, best first; empty where the study lists its own. */
  readonly ranked: readonly RankedClass[];
  readonly warnings: readonly string[];
}

/**
 * The classes of a round: those that the study lists, a template without parameters and its own templates filled from the
 * data; else the templates of the default run, and those that a prompt speaks of, which are marked with who chose them and
 * why. A prompt widens a run and never narrows it.
 * @throws LeadlineError `expression-invalid` when no filling of a template of the study's own means anything in the data;
 * `aborted`
 */
export async function chooseClasses(request: ChoiceRequest): Promise<Choice> {
  const { hypotheses, data, library, prompt, round, proposer } = request;
  if (hypotheses !== null) {
    const classes = listed(hypotheses, data, library, round);
    const asked = proposer === null ? [] : ["the study lists its hypotheses, so no model is asked for more"];
    return { classes, ranked: [], warnings: asked };
  }
  const grid = gridClasses(data).map((one) => ({ ...one, round }));
  if (prompt === null && proposer === null) return { classes: grid, ranked: [], warnings: [] };
  const { ranked, warnings } = await rankClasses(request);
  return { classes: marked(grid, ranked), ranked, warnings };
}

/** The classes that the prompt speaks of, by the selector and who proposes beside it, best first. */
async function rankClasses({
  data,
  library,
  prompt,
  round,
  proposer,
  weights,
  history,
}: ChoiceRequest): Promise<Pick<Choice, "ranked" | "warnings">> {
  // what asks for something else is no question to a model either, which would answer in any case
  if (prompt !== null && isOtherRequest(prompt.toLowerCase())) return { ranked: [], warnings: [] };
  // what reads prompts, and what it has learnt of them, is loaded where there is one: the learnt weights alone take 50 ms
  const selected = prompt === null ? [] : (await import("./select.js")).selectClasses(prompt, library, data);
  const proposal = await proposer?.propose({ prompt, data, library, round, selected, history });
  const ranked = combine(selected, proposal ?? nothing, round, weights);
  return { ranked, warnings: proposal?.warnings ?? [] };
}

const nothing: Proposal = { classes: [], support: new Map(), warnings: [] };

function listed(
  hypotheses: readonly StudyHypotheses[],
  data: DataStatistics,
  library: readonly AnyTemplate[],
  round: number,
): readonly HypothesisClass[] {
  const all = hypotheses.flatMap((entry): HypothesisClass[] => {
    if (entry.kind === "template") {
      const named = library.find(({ name }) => name === entry.template);
      if (named !== undefined && Object.keys(entry.parameters).length === 0) return classesOf(named, data, "study");
      return [{ template: entry.template, parameters: entry.parameters, chosenBy: "study", round }];
    }
    const own = library.find(({ name }) => name === entry.name);
    return own === undefined ? [] : classesOf(own, data, "study");
  });
  return all.map((one) => ({ ...one, round }));
}

/** The grid in its order, then what the prompt adds to it. */
function marked(grid: readonly HypothesisClass[], ranked: readonly RankedClass[]): readonly HypothesisClass[] {
  const left = new Map(
    ranked.map(({ template, parameters, chosenBy, round, why }): [string, HypothesisClass] => [
      keyOf(template, parameters),
      { template, parameters, chosenBy, round, why },
    ]),
  );
  const classes = grid.map((one): HypothesisClass => {
    const key = keyOf(one.template, one.parameters);
    const chosen = left.get(key);
    left.delete(key);
    return chosen === undefined ? one : { ...one, chosenBy: chosen.chosenBy, ...whyOf(chosen) };
  });
  return [...classes, ...left.values()];
}

function whyOf({ why }: HypothesisClass): Pick<HypothesisClass, "why"> {
  return why === undefined ? {} : { why };
}
