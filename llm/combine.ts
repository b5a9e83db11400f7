import type { HypothesisClass } from "../planner/templates/library.js";
import type { Proposal } from "./proposer.js";
import type { ClassWeights } from "./rounds.js";
import type { SelectedClass } from "./select.js";
import type { SomeTemplate } from "./some-template.js";

/** A class that the prompt speaks of. */
export interface RankedClass extends HypothesisClass {
  readonly chosenBy: "selector" | "model";
  /** Above 0: how surely it is meant, times what was learned of it. */
  readonly score: number;
  readonly why: string;
}

/** What a standard deviation of the model's support is worth in the selector's scores, and how many count at most. */
const SUPPORT_WORTH = 0.1;
const MOST_SUPPORT = 2;
/** From this score on the selector is sure, and the model changes nothing. */
const SURE = 0.8;
/** What the model alone proposes begins where the selector is hardly sure; each later one is worth a little less. */
const MODEL_ALONE = 0.3;
const LATER = 0.01;
const LEAST = 0.01;

/**
 * The selector's classes and the model's in one order, best first. The model moves what the selector is unsure of, by how well
 * the template fits the person's words; what the selector is sure of stays as it is, and nothing of it is ever left out.
 */
export function combine(
  selected: readonly SelectedClass[],
  { classes, support }: Proposal,
  round: number,
  weights: ClassWeights | null,
): readonly RankedClass[] {
  const fit = standardised(support);
  const ranked = new Map<string, RankedClass>();
  for (const { template, parameters, score: own, reason: why } of selected) {
    const score = moved(own, template, fit);
    ranked.set(keyOf(template, parameters), { template, parameters, chosenBy: "selector", round, score, why });
  }
  for (const [place, { template, parameters }] of classes.entries()) {
    const key = keyOf(template, parameters);
    const known = ranked.get(key);
    if (known !== undefined) {
      ranked.set(key, { ...known, why: `${known.why}; the model proposes it too` });
      continue;
    }
    const score = moved(MODEL_ALONE - LATER * place, template, fit);
    const why = `the model proposes it${fit.size === 0 ? "" : `; of ${fit.size} templates it finds ${rankOf(template, fit)} likelier for these words`}`;
    ranked.set(key, { template, parameters, chosenBy: "model", round, score, why });
  }
  return [...ranked.values()]
    .map((one) => ({ ...one, score: one.score * (weights?.weightOf(one.template, one.parameters) ?? 1) }))
    .sort((a, b) => b.score - a.score);
}

/** The templates that the selector and the model find likeliest, as many as are asked for, in the library's order. */
export function likelyTemplates(
  library: readonly SomeTemplate[],
  selected: readonly SelectedClass[],
  support: ReadonlyMap<string, number>,
  most: number,
): readonly SomeTemplate[] {
  const fit = standardised(support);
  const scores = new Map(
    library.map(({ name }) => {
      const own = selected.filter(({ template }) => template === name).map(({ score }) => score);
      return [name, moved(Math.max(0, ...own), name, fit)];
    }),
  );
  const scoreOf = ({ name }: SomeTemplate): number => scores.get(name) ?? 0;
  const best = new Set([...library].sort((a, b) => scoreOf(b) - scoreOf(a)).slice(0, most));
  return library.filter((template) => best.has(template));
}

/** The same for the same parameters, in whatever order. */
export function keyOf(template: string, parameters: Readonly<Record<string, unknown>>): string {
  return JSON.stringify([template, Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

function moved(score: number, template: string, fit: ReadonlyMap<string, number>): number {
  if (score >= SURE) return score;
  return Math.min(SURE, Math.max(LEAST, score + SUPPORT_WORTH * (fit.get(template) ?? 0)));
}

/** Standard deviations from the mean, cut off; empty where nothing was scored or all is alike. */
function standardised(support: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const mean = [...support.values()].reduce((sum, value) => sum + value, 0) / support.size;
  const squares = [...support.values()].reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / support.size);
  if (!(deviation > 0)) return new Map();
  return new Map(
    [...support].map(([template, value]) => {
      const fit = (value - mean) / deviation;
      return [template, Math.max(-MOST_SUPPORT, Math.min(MOST_SUPPORT, fit))];
    }),
  );
}

function rankOf(template: string, fit: ReadonlyMap<string, number>): string {
  const own = fit.get(template) ?? 0;
  const above = [...fit.values()].filter((each) => each > own).length;
  return above === 0 ? "none" : String(above);
}
