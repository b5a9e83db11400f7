import type { Tally } from "../engine/execution.js";
import type { MinedPatterns, Scenario, TokenSymbols } from "../engine/mine.js";
import type { Expression } from "../planner/expression/ast.js";
import { knownAtStart } from "../planner/known.js";
import { complexityOf } from "./complexity.js";
import { EVERY_SESSION } from "./conditions.js";
import type { Context } from "./context.js";
import { isAskedBy, isGapped } from "./gaps.js";
import { expressionOf } from "./patterns.js";

/** What is mined, with its counts by cohort and KPI. */
export interface MinedCounts {
  readonly mined: MinedPatterns;
  readonly symbols: TokenSymbols;
  readonly tally: Tally;
}

/** A hypothesis that may be part of a cross, on one KPI. */
export interface Part {
  readonly kind: "pattern" | "condition";
  /** Among the mined patterns, or the planned conditions. */
  readonly index: number;
  readonly template: string;
  readonly expression: Expression;
  readonly complexity: number;
  /** Node of the sessions that are compared; null: all */
  readonly population: number | null;
  /** By scenario of the KPI: members, failing ones, and all failing sessions that are compared. */
  readonly members: Float64Array;
  readonly failing: Float64Array;
  readonly ofFailing: Float64Array;
  /** Excess failures over all cohorts, which are the first scenario. */
  readonly excess: number;
}

/** Two parts, and how many excess failures they promise at most beyond those that either has alone. */
export interface Pair {
  readonly parts: readonly [Part, Part];
  readonly promise: number;
}

/** What there is to cross on one KPI. */
export interface CrossQueue {
  /** Best first. */
  readonly pairs: readonly Pair[];
  /** Conditions, for a third part. */
  readonly conditions: readonly Part[];
  /** Pairs that no scenario can let through, whatever sessions they share. */
  readonly ruledOut: number;
  /** Hypotheses, pair × scenario, whose parts have enough sessions to be reported, whatever becomes of them. */
  readonly tests: number;
}

/**
 * The pairs of parts on one KPI, best first by what they promise: together they have at most the failing members of the part
 * that has fewer, and at least those normal ones that two sets of their sizes must share. O(patterns × conditions × scenarios).
 * @param scenarios - of the KPI; the first is that of all cohorts
 */
export function crossQueue(
  context: Context,
  kpi: number,
  scenarios: readonly Scenario[],
  patterns: MinedCounts | null,
  conditionTally: Tally,
): CrossQueue {
  const { settings } = context;
  const { failing = 0, normal = 0 } = scenarios[0] ?? {};
  const conditions = conditionParts(context, kpi, scenarios, conditionTally);
  const parts = conditions.length === 0 || patterns === null ? [] : patternParts(context, kpi, scenarios, patterns);
  const pairs: Pair[] = [];
  let [ruledOut, tests] = [0, 0];
  const fewest = settings.min_users;
  const consider = (first: Part, second: Part): void => {
    const support = first.kind === "pattern" ? settings.sequence_min_support * (1 - 1e-12) : 0;
    let possible = false;
    for (let at = 0; at < scenarios.length; at++) {
      const most = Math.min(first.members[at] as number, second.members[at] as number);
      const fails = Math.min(first.failing[at] as number, second.failing[at] as number);
      const least = support * Math.min(first.ofFailing[at] as number, second.ofFailing[at] as number);
      if (most < Math.max(fewest, least)) continue;
      tests++;
      if (fails >= Math.max(1, least)) possible = true;
    }
    const fails = Math.min(first.failing[0] as number, second.failing[0] as number);
    const normalOf = ({ members, failing: own }: Part): number => (members[0] as number) - (own[0] as number);
    const normals = Math.max(0, normalOf(first) + normalOf(second) - normal);
    const promise = excess(fails, normals, failing, normal) - Math.max(0, first.excess, second.excess);
    if (possible && promise > 0) pairs.push({ parts: [first, second], promise });
    else ruledOut++;
  };
  for (const condition of conditions) for (const pattern of parts) consider(pattern, condition);
  for (const [at, first] of conditions.entries()) {
    for (const second of conditions.slice(at + 1)) if (first.template !== second.template) consider(first, second);
  }
  const complexity = ({ parts: [first, second] }: Pair): number => first.complexity + second.complexity;
  pairs.sort(
    (a, b) =>
      b.promise - a.promise ||
      complexity(a) - complexity(b) ||
      a.parts[0].index - b.parts[0].index ||
      a.parts[1].index - b.parts[1].index,
  );
  return { pairs, conditions, ruledOut, tests };
}

/** Patterns that the KPI may use; of those that hold in the same sessions, as their counts tell, the shortest. */
function patternParts(
  context: Context,
  kpi: number,
  scenarios: readonly Scenario[],
  { mined, tally }: MinedCounts,
): Part[] {
  const plain = context.plan.patterns.filter((asked) => !isGapped(asked));
  const rows = scenarios.map(({ cohort }) => [tally.row(cohort, kpi, true), tally.row(cohort, kpi, false)] as const);
  const ofFailing = Float64Array.from(scenarios, ({ failing }) => failing);
  const { failing = 0, normal = 0 } = scenarios[0] ?? {};
  const seen = new Set<string>();
  const parts: Part[] = [];
  for (const [index, gram] of mined.patterns.entries()) {
    const isAsked = plain.some((asked) => isAskedBy(context, asked, gram));
    if (!isAsked || ((mined.barred[index] as number) & (1 << kpi)) !== 0) continue;
    const fails = Float64Array.from(rows, ([failingRow]) => failingRow[index + 1] as number);
    const members = Float64Array.from(
      rows,
      ([, normalRow], at) => (fails[at] as number) + (normalRow[index + 1] as number),
    );
    if ((members[0] as number) === failing + normal || (fails[0] as number) === 0) continue;
    const key = `${fails.join()};${members.join()}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const expression = expressionOf(context, { tokens: gram, adjacency: "next", withinMs: null });
    const template = "event-pattern";
    const own = excess(fails[0] as number, (members[0] as number) - (fails[0] as number), failing, normal);
    parts.push({
      ...{ kind: "pattern" as const, index, template, expression, complexity: gram.length, population: null },
      ...{ members, failing: fails, ofFailing, excess: own },
    });
  }
  return parts;
}

/** Conditions that are known when the session starts. A value of which a cohort is made is crossed as that cohort. */
function conditionParts(context: Context, kpi: number, scenarios: readonly Scenario[], tally: Tally): Part[] {
  const { plan } = context;
  const atStart = knownAtStart(plan.nodes);
  const rows = scenarios.map(({ cohort }) => [tally.row(cohort, kpi, true), tally.row(cohort, kpi, false)] as const);
  const parts: Part[] = [];
  for (const [index, { classIndex, expression, node, population, barred }] of plan.conditions.entries()) {
    if (barred[kpi] === true || atStart[node] !== true || isCohort(context, expression)) continue;
    const cell = EVERY_SESSION + 1 + 2 * index;
    const failing = Float64Array.from(rows, ([failingRow]) => failingRow[cell] as number);
    const members = Float64Array.from(rows, ([, normal], at) => (failing[at] as number) + (normal[cell] as number));
    const ofFailing = Float64Array.from(rows, ([failingRow]) => failingRow[cell + 1] as number);
    const [all, fails] = [ofFailing[0] as number, failing[0] as number];
    const normal = rows[0]?.[1][cell + 1] ?? 0;
    if ((members[0] as number) === all + normal || fails === 0) continue;
    parts.push({
      ...{ kind: "condition" as const, index, template: plan.classes[classIndex]?.template ?? "", expression },
      ...{ complexity: complexityOf(expression), population, members, failing, ofFailing },
      excess: excess(fails, (members[0] as number) - fails, all, normal),
    });
  }
  return parts;
}

/** Whether a condition is the value of an attribute that makes a cohort. */
function isCohort({ cohorts, table }: Context, expression: Expression): boolean {
  if (expression.kind !== "compare" || expression.op !== "==" || expression.left.kind !== "attribute") return false;
  const { name } = expression.left;
  const value = expression.right.kind === "literal" ? expression.right.value : null;
  return cohorts.cohorts.some(
    ({ values }) =>
      values.length === 1 &&
      values.some(({ attribute, code }) => {
        const own = table.attributes[attribute];
        return own?.name === name && own.dictionary[code - 1] === value;
      }),
  );
}

/** Failing members beyond what there would be if members failed like the others. */
function excess(membersFailing: number, membersNormal: number, failing: number, normal: number): number {
  const others = failing + normal - membersFailing - membersNormal;
  return others === 0 ? 0 : membersFailing - ((membersFailing + membersNormal) * (failing - membersFailing)) / others;
}
