import { sharedUint8 } from "../engine/columns/shared.js";
import { type KpiOutcome, placeOfKpi, type Tally } from "../engine/execution.js";
import type { MinedPatterns, Scenario } from "../engine/mine.js";
import { KPIS_PER_GROUP } from "../engine/passes/segment.js";
import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import { PlanBuilder } from "../planner/plan.js";
import type { PlannedCondition } from "../planner/run-plan.js";
import type { Token } from "../planner/tokens.js";
import { type Candidate, excessOf, resolveCohorts, scenarioKey } from "./candidates.js";
import { layOutCells } from "./cell-layout.js";
import type { ConditionMembers } from "./conditions.js";
import type { Context } from "./context.js";
import { type CrossQueue, crossQueue, type MinedCounts, type Part } from "./cross-parts.js";
import { type FoundCross, type SearchedCrosses, searchCrosses } from "./cross-search.js";
import type { CrossSearch, Opinion } from "./findings.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";

/** Name under which crosses stand beside the templates. */
export const CROSS = "cross";
/** Crosses of a KPI that are judged further. */
const MOST_CANDIDATES = 30;

/** Crosses that their counts let through, as conditions beside the planned ones. */
export interface Crosses {
  /** The context of before, crosses added to the plan's conditions, all of one class more. */
  readonly context: Context;
  /** The members of all conditions, those of crosses at the end. */
  readonly members: readonly ConditionMembers[];
  readonly candidates: readonly Candidate[];
  /** What the expert said of each, by `scenarioKey`. */
  readonly opinions: ReadonlyMap<string, Opinion>;
  /** The same cross over all cohorts, by condition and KPI as `index:kpi`. */
  readonly everywhere: ReadonlyMap<string, Candidate>;
  /** Float64Array(K): hypotheses with enough sessions to be reported, counted or not */
  readonly tests: Float64Array;
  /** Hypotheses (cross × scenario) whose tally was computed, and that a bound ruled out. */
  readonly tested: number;
  readonly bounded: number;
  /** Null where there was nothing to cross. */
  readonly search: CrossSearch | null;
}

/**
 * Crosses: what fails only where two hypotheses, or three, hold together. At most one part is a pattern; the others are known when
 * the session starts. A cross must be clearly worse than its parts explain, in every way to take it apart, and in the family
 * of crosses all pairs count, those that the budget left out too.
 */
export async function findCrosses(
  context: Context,
  patterns: MinedCounts | null,
  members: readonly ConditionMembers[],
  conditionTally: Tally,
): Promise<Crosses> {
  const { kpis, plan, settings } = context;
  const made = new MadeConditions(context, members, patterns?.mined ?? null);
  const tests = new Float64Array(kpis.length);
  let [tested, bounded, counted, ruledOut, left] = [0, 0, 0, 0, 0];
  const withPairs = function* (): Generator<{ kpi: number; scenarios: readonly Scenario[]; queue: CrossQueue }> {
    for (const kpi of kpis.keys()) {
      const scenarios = context.scenarios.filter((scenario) => scenario.kpi === kpi);
      if (settings.cross_budget === 0 || scenarios[0]?.cohort !== 0) continue;
      const queue = crossQueue(context, kpi, scenarios, patterns, conditionTally);
      tests[kpi] = queue.tests;
      ruledOut += queue.ruledOut;
      bounded += queue.ruledOut * scenarios.length;
      if (queue.pairs.length > 0) yield { kpi, scenarios, queue };
    }
  };
  const open = withPairs();
  const begin = (): Begun | null => {
    const next = open.next();
    if (next.done === true) return null;
    const { kpi, scenarios, queue } = next.value;
    const layout = layOutCells(context.execution, context.cohorts, kpis[kpi] as KpiOutcome, kpi);
    const search = searchCrosses(context, kpi, scenarios, members, queue, patterns, layout);
    // a failure is that of whoever waits for the search, if anyone comes to
    search.catch(() => {});
    return { kpi, scenarios, queue, search };
  };
  // two at a time, so that threads are at the next while one ends; the sets of more would take memory
  for (let begun = begin(); begun !== null; ) {
    const next = begin();
    const { kpi, scenarios, queue, search } = begun;
    begun = next;
    const searched = await search;
    counted += searched.counted;
    tested += searched.counted * scenarios.length;
    left += queue.pairs.length - searched.countedPairs;
    const { found } = searched;
    const adjusted = benjaminiHochberg(
      Float64Array.from(found, ({ p }) => p),
      Math.max(found.length, queue.tests),
    );
    const clear = found.filter((_, at) => (adjusted[at] as number) <= settings.fdr);
    const best = resolved(context, clear).sort((a, b) => excessOf(b.candidate) - excessOf(a.candidate));
    for (const item of best.slice(0, MOST_CANDIDATES)) {
      made.add(kpi, item, searched.everywhere.get(item.parts) ?? null, searched.sessionsOf);
    }
  }
  const looked = counted + ruledOut + left;
  return {
    ...made.result(plan),
    ...{ tests, tested, bounded },
    search: looked === 0 ? null : { counted, ruledOut, left, budget: settings.cross_budget },
  };
}

/** A search that threads are at, or will be. */
interface Begun {
  readonly kpi: number;
  readonly scenarios: readonly Scenario[];
  readonly queue: CrossQueue;
  readonly search: Promise<SearchedCrosses>;
}

/** Of each cross the cohorts in which it stands, and what it stands for there. */
function resolved({ cohorts, settings }: Context, found: readonly FoundCross[]): FoundCross[] {
  const byParts = new Map<readonly Part[], FoundCross[]>();
  for (const item of found) byParts.set(item.parts, [...(byParts.get(item.parts) ?? []), item]);
  return [...byParts.values()].flatMap((same) => {
    const of = new Map(same.map((item) => [item.candidate.scenario, item]));
    const candidates = same.map(({ candidate }) => candidate);
    return resolveCohorts(candidates, cohorts, settings.fold_keep).map((candidate) => ({
      ...(of.get(candidate.scenario) as FoundCross),
      candidate,
    }));
  });
}

/** Crosses as conditions, each expression once. */
class MadeConditions {
  readonly #context: Context;
  readonly #given: readonly ConditionMembers[];
  readonly #mined: MinedPatterns | null;
  readonly #nodes: PlanBuilder;
  readonly #made = new Map<string, { readonly condition: PlannedCondition; readonly members: ConditionMembers }>();
  readonly #candidates: Candidate[] = [];
  readonly #opinions = new Map<string, Opinion>();
  readonly #everywhere = new Map<string, Candidate>();

  constructor(context: Context, given: readonly ConditionMembers[], mined: MinedPatterns | null) {
    this.#context = context;
    this.#given = given;
    this.#mined = mined;
    this.#nodes = new PlanBuilder(context.plan.nodes);
  }

  add(
    kpi: number,
    { parts, candidate, opinion }: FoundCross,
    everywhere: Candidate | null,
    sessionsOf: SearchedCrosses["sessionsOf"],
  ): void {
    const { plan, table, kpis } = this.#context;
    const expression = crossExpression(parts);
    const text = printExpression(expression);
    let index = [...this.#made.keys()].indexOf(text);
    if (index < 0) {
      index = this.#made.size;
      const limited = parts.find(({ population }) => population !== null);
      const population = limited === undefined ? null : (this.#given[limited.index]?.population ?? null);
      const groups = Math.ceil(kpis.length / KPIS_PER_GROUP);
      this.#made.set(text, {
        condition: {
          ...{ classIndex: plan.classes.length, expression, text, node: this.#node(parts) },
          ...{ population: limited?.population ?? null, barred: kpis.map(() => false) },
        },
        members: { members: Array.from({ length: groups }, () => sharedUint8(table.sessions)), population },
      });
    }
    const { group, bit } = placeOfKpi(kpi);
    const column = this.#made.get(text)?.members.members[group] as Uint8Array;
    sessionsOf(parts, (session) => {
      column[session] = (column[session] as number) | (1 << bit);
    });
    const subject = { kind: "condition" as const, index: this.#given.length + index };
    const numbered = (one: Candidate): Candidate => ({ ...one, subject, folded: one.folded.map(numbered) });
    const own = numbered(candidate);
    this.#candidates.push(own);
    this.#opinions.set(scenarioKey(own), opinion);
    if (everywhere !== null) this.#everywhere.set(`${subject.index}:${kpi}`, numbered(everywhere));
  }

  /** The node that tells, at any age of a session, whether the cross holds so far. */
  #node(parts: readonly Part[]): number {
    const { plan, tokens } = this.#context;
    const nodes = parts.map(({ kind, index }) => {
      if (kind === "condition") return plan.conditions[index]?.node as number;
      const steps = (this.#mined?.patterns[index] ?? []).map((code) => {
        const { names, values } = tokens.tokens[code] as Token;
        const token = values === undefined ? null : code;
        return this.#nodes.add({ op: "step", names, token, predicate: null }, "positions");
      });
      if (steps.length === 1) return this.#nodes.add({ op: "count-at-least", n: 1 }, "boolean", steps);
      const links = steps.slice(1).map(() => "=>" as const);
      return this.#nodes.add({ op: "sequence", links, absent: false, withinMs: null }, "boolean", steps);
    });
    return this.#nodes.add({ op: "and" }, "boolean", nodes);
  }

  /** The plan with all of them, and what was said of them. */
  result({
    classes,
    conditions,
  }: Context["plan"]): Pick<Crosses, "context" | "members" | "candidates" | "opinions" | "everywhere"> {
    const made = [...this.#made.values()];
    const crosses = { template: CROSS, parameters: {}, chosenBy: "grid" as const, round: 1 };
    const plan = {
      ...this.#context.plan,
      nodes: this.#nodes.nodes,
      classes: [...classes, crosses],
      conditions: [...conditions, ...made.map(({ condition }) => condition)],
    };
    return {
      context: { ...this.#context, plan },
      members: [...this.#given, ...made.map(({ members }) => members)],
      candidates: this.#candidates,
      opinions: this.#opinions,
      everywhere: this.#everywhere,
    };
  }
}

/** What is known at the start, then the pattern: `session.index >= 2 and buy => error`. */
function crossExpression(parts: readonly Part[]): Expression {
  const ordered = [
    ...parts.filter(({ kind }) => kind === "condition").sort((a, b) => a.index - b.index),
    ...parts.filter(({ kind }) => kind === "pattern"),
  ];
  const items = ordered.flatMap(({ expression }) => (expression.kind === "and" ? expression.items : [expression]));
  return { kind: "and", items, at: 0 };
}
