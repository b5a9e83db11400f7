import { sharedCounter } from "../engine/execution.js";
import type { TaskThreads } from "../engine/pool.js";
import type { Expression } from "../planner/expression/ast.js";
import { attributesOf, visit } from "../planner/expression/walk.js";
import type { Evidence, NamedPatterns } from "./collect.js";
import { type Context, valuesOf } from "./context.js";
import type { ExamineCase, Examined, ExamineInput } from "./examine.js";
import type { Judged } from "./fold.js";
import { leavesOutcome } from "./outcome-share.js";
import { shapeOf } from "./patterns.js";
import type { SessionSets } from "./session-sets.js";
import { type FinderTasks, finderThreads } from "./tasks.js";

/** What is asked about a hypothesis that is to be reported. */
export interface ExamineRequest {
  readonly judged: Judged;
  readonly expression: Expression;
  /** The same hypothesis over all sessions, where its own are a narrower cohort; else null */
  readonly everywhere: Evidence | null;
}

/** Asks experts 4 to 8 about hypotheses that are to be reported, one on a thread. */
export class Examiner {
  readonly #context: Context;
  readonly #threads: TaskThreads<FinderTasks>;
  readonly #data: Pick<ExamineInput, "data" | "sets">;
  readonly #patterns: NamedPatterns | null;

  /** @param patterns - what candidates that are patterns name; null without patterns */
  constructor(context: Context, sets: SessionSets, patterns: NamedPatterns | null) {
    this.#context = context;
    this.#patterns = patterns;
    this.#threads = finderThreads(context.execution.pool);
    const { table, kpis, plan, settings, firstStartMs, lastStartMs, timeZone, events } = context;
    const { idOf: _, userIdOf: __, ids: ___, columns: ____, ...plain } = table;
    const planned = plan.kpis.map(({ outcome, barredColumns, barredNames }, kpi) => ({
      outcome,
      barredColumns,
      barredNames,
      leaving: table.attributes.flatMap(({ name }, attribute) =>
        leavesOutcome(context, kpi, attribute) ? [name] : [],
      ),
    }));
    const looked = patterns === null ? null : { name: events.name, time: events.time, ...patterns.symbols };
    this.#data = {
      data: { table: plain, events: looked, kpis, planned, settings, firstStartMs, lastStartMs, timeZone },
      sets: { sessionStarts: sets.sessionStarts, wordOffsets: sets.wordOffsets },
    };
  }

  /** What they say of each. O(compared × attributes) each, and for a pattern on a conversion O(events of what is compared). */
  async examine(requests: readonly ExamineRequest[]): Promise<Examined[]> {
    if (requests.length === 0) return [];
    const cases = requests.map((request) => this.#caseOf(request));
    // the largest first, or a thread may be left with it at the end
    const sizes = requests.map(({ judged: { evidence } }) => evidence.contrast.members + evidence.contrast.others);
    const order = Uint32Array.from(cases.keys()).sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
    const input: ExamineInput = { ...this.#data, cases, order, next: sharedCounter() };
    const outputs = await this.#threads.runEach("examine", input, "the experts on what is found");
    const examined: Examined[] = [];
    for (const { index, result } of outputs.flat()) examined[index] = result;
    return examined;
  }

  #caseOf({ judged, expression, everywhere }: ExamineRequest): ExamineCase {
    const { candidate, evidence, mostP, isWithin } = judged;
    const { subject, scenario } = candidate;
    const own = [...attributesOf(expression), ...timeReadBy(expression)];
    return {
      kpi: scenario.kpi,
      evidence: examinedOf(evidence),
      compared: this.#comparedKey(candidate, scenario.cohort),
      isWithin,
      read: [...own, ...Object.keys(valuesOf(this.#context, scenario.cohort))],
      hasBefore: !readsHistory(expression),
      pattern: subject.kind === "condition" || this.#patterns === null ? null : shapeOf(this.#patterns, subject),
      everywhere:
        everywhere === null
          ? null
          : {
              evidence: examinedOf(everywhere),
              compared: this.#comparedKey(candidate, 0),
              read: own,
              mostP,
            },
    };
  }

  /** Names the sessions that a candidate is compared in: a population belongs to its condition. */
  #comparedKey({ subject, scenario }: Judged["candidate"], cohort: number): string {
    const hasPopulation =
      subject.kind === "condition" && this.#context.plan.conditions[subject.index]?.population !== null;
    return `${scenario.kpi}:${cohort}:${hasPopulation ? subject.index : ""}`;
  }
}

function examinedOf({ members, compared, moments, within, users }: Evidence): ExamineCase["evidence"] {
  return { members, compared, moments, within, users };
}

/** Fields of time that a hypothesis reads, by the names of what is adjusted for. */
function timeReadBy(expression: Expression): string[] {
  const names: string[] = [];
  visit(expression, (node) => {
    if (node.kind === "clock") names.push("the hour", "the day");
  });
  return names;
}

/** Whether membership is a matter of what a user did before: then sessions before it are others in the same way. */
function readsHistory(expression: Expression): boolean {
  let reads = false;
  visit(expression, (node) => {
    if (node.kind === "user" || node.kind === "previous" || (node.kind === "session" && node.field === "index")) {
      reads = true;
    }
  });
  return reads;
}
