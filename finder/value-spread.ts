import type { SessionTable } from "../engine/event-store.js";
import type { NodeValues } from "../engine/execution.js";
import { columnNamed } from "../planner/compile.js";
import type { CompareOperator, Expression, Literal } from "../planner/expression/ast.js";
import { type Unit, unitOf } from "../planner/expression/unit.js";
import type { DataStatistics } from "../planner/statistics.js";

/** How the values of an expression are spread over sessions. */
export interface Spread {
  readonly present: number;
  readonly missing: number;
  /** Of numbers: the mean, and quantiles with linear interpolation between order statistics; null where none is present, and for texts. */
  readonly mean: number | null;
  readonly quantiles: readonly { readonly share: number; readonly value: number }[] | null;
  /** Of texts: how many there are; null for numbers. */
  readonly distinct: number | null;
  /** Of texts: the most frequent. */
  readonly frequent: readonly { readonly value: Value; readonly sessions: number }[] | null;
}

type Value = string | number | boolean;

/** Quantiles that are told. */
const SHARES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
/** Values that are told, and with so many or fewer each is a group of its own. */
const SHOWN_VALUES = 5;
/** Example sessions. */
const EXAMPLES = 5;
/** Bounds of groups in so many digits: they are to be read, and copied. */
const DIGITS = 3;
const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** Values of a node that is no condition. */
export type ValuesOf = Exclude<NodeValues, { readonly type: "boolean" }>;

/** What values are measured in; null: the data's own. */
export function unitIn(expression: Expression, data: DataStatistics): Unit | null {
  const column = expression.kind === "attribute" ? columnNamed(expression.name, data)?.column : undefined;
  return column?.kind === "numeric" && column.type === "time" ? "moment" : unitOf(expression);
}

/**
 * How values are spread over some sessions. O(sessions log sessions).
 * @param rows - Uint32Array, sessions
 */
export function spreadOf(values: ValuesOf, rows: Uint32Array): Spread {
  if (values.type === "text") {
    const counts = countsOf(values, rows);
    const present = counts.reduce((sum, { sessions }) => sum + sessions, 0);
    return {
      present,
      missing: rows.length - present,
      mean: null,
      quantiles: null,
      distinct: counts.length,
      frequent: counts.slice(0, SHOWN_VALUES),
    };
  }
  const sorted = sortedOf(values.values, rows);
  const { length } = sorted;
  return {
    present: length,
    missing: rows.length - length,
    mean: length === 0 ? null : sorted.reduce((sum, value) => sum + value, 0) / length,
    quantiles: length === 0 ? null : SHARES.map((share) => ({ share, value: quantileOf(sorted, share) })),
    distinct: null,
    frequent: null,
  };
}

/** Values that make a group: one of them, or a range. */
export interface ValueRange {
  /** Exactly this value; null: a range. */
  readonly is: Value | null;
  /** Exclusive; null: no bound */
  readonly above: number | null;
  /** Inclusive; null: no bound */
  readonly up_to: number | null;
}

/** A group of sessions by their value, with the condition that says so. */
export interface ValueGroup extends ValueRange {
  readonly condition: Expression;
}

/**
 * Groups that divide the sessions by their value: each value where there are few, else quarters of the sessions at rounded bounds; of
 * texts the most frequent.
 * @param unit - what the values are measured in
 */
export function groupsOf(
  expression: Expression,
  values: ValuesOf,
  rows: Uint32Array,
  unit: Unit | null,
): readonly ValueGroup[] {
  const exactly = (value: Literal, is: Value): ValueGroup => {
    return { condition: compared(expression, "==", value), is, above: null, up_to: null };
  };
  if (values.type === "text") {
    const frequent = countsOf(values, rows).slice(0, SHOWN_VALUES);
    return frequent.map(({ value }) => exactly({ kind: "literal", value, at: 0 }, value));
  }
  const sorted = sortedOf(values.values, rows);
  const few = new Set<number>();
  for (const value of sorted) {
    few.add(value);
    if (few.size > SHOWN_VALUES) break;
  }
  if (few.size <= SHOWN_VALUES) return [...few].map((value) => exactly(literal(value, expression), value));
  const bounds = [0.25, 0.5, 0.75].map((share) => rounded(quantileOf(sorted, share), sorted, unit));
  const cuts = [null, ...new Set(bounds), null];
  return cuts.slice(1).map((upTo, index) => {
    const above = cuts[index] ?? null;
    const items = [
      ...(above === null ? [] : [compared(expression, ">", literal(above, expression))]),
      ...(upTo === null ? [] : [compared(expression, "<=", literal(upTo, expression))]),
    ];
    const [only] = items;
    const condition: Expression = only !== undefined && items.length === 1 ? only : { kind: "and", items, at: 0 };
    return { condition, is: null, above, up_to: upTo };
  });
}

/** The sessions of the first users, one of each, in which something holds; where users are too few, more of theirs. O(sessions). */
export function exampleSessions({ userOffsets }: SessionTable, holds: (session: number) => boolean): readonly number[] {
  const [ofUsers, more]: [number[], number[]] = [[], []];
  for (let user = 0; user + 1 < userOffsets.length && ofUsers.length < EXAMPLES; user++) {
    let isFirst = true;
    for (let session = userOffsets[user] as number; session < (userOffsets[user + 1] as number); session++) {
      if (!holds(session)) continue;
      if (isFirst) ofUsers.push(session);
      else if (more.length < EXAMPLES) more.push(session);
      isFirst = false;
    }
  }
  return [...ofUsers, ...more].slice(0, EXAMPLES);
}

/** Sessions across the values, least first: of numbers at quantiles, of texts one for each frequent value. O(sessions log sessions). */
export function examplesAcross(
  values: ValuesOf,
  rows: Uint32Array,
): readonly { readonly session: number; readonly value: Value }[] {
  if (values.type === "text") {
    return countsOf(values, rows)
      .slice(0, EXAMPLES)
      .flatMap(({ value }) => {
        const session = rows.find((row) => values.dictionary[(values.codes[row] as number) - 1] === value);
        return session === undefined ? [] : [{ session, value }];
      });
  }
  const sorted = sortedOf(values.values, rows);
  const taken = new Set<number>();
  return sorted.length === 0
    ? []
    : [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
        const value = sorted[Math.floor(share * (sorted.length - 1))] as number;
        const session = rows.find((row) => values.values[row] === value && !taken.has(row));
        if (session === undefined) return [];
        taken.add(session);
        return [{ session, value }];
      });
}

/** Values by how many sessions have them, most first; as many: in the order of the dictionary. */
function countsOf(
  { codes, dictionary }: Extract<ValuesOf, { readonly type: "text" }>,
  rows: Uint32Array,
): { readonly value: Value; readonly sessions: number }[] {
  const counts = new Uint32Array(dictionary.length + 1);
  for (const row of rows) {
    const code = codes[row] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  return dictionary
    .map((value, index) => ({ value, sessions: counts[index + 1] as number }))
    .filter(({ sessions }) => sessions > 0)
    .sort((a, b) => b.sessions - a.sessions);
}

/** The values that are there, ascending. */
function sortedOf(values: Float64Array, rows: Uint32Array): Float64Array {
  return Float64Array.from(rows, (row) => values[row] as number)
    .filter(Number.isFinite)
    .sort();
}

/** As `quantile` of kernels/quantile.ts, of what is sorted. */
function quantileOf(sorted: Float64Array, share: number): number {
  const rank = share * (sorted.length - 1);
  const low = sorted[Math.floor(rank)] as number;
  const high = sorted[Math.ceil(rank)] as number;
  return low + (rank - Math.floor(rank)) * (high - low);
}

/** A bound that reads well: of few digits, of moments a day or a minute. */
function rounded(bound: number, sorted: Float64Array, unit: Unit | null): number {
  if (unit !== "moment") return Number(bound.toPrecision(DIGITS));
  const isLong = (sorted.at(-1) ?? 0) - (sorted[0] ?? 0) > 8 * DAY_MS;
  const step = isLong ? DAY_MS : MINUTE_MS;
  return Math.round(bound / step) * step;
}

function compared(left: Expression, op: CompareOperator, right: Literal): Expression {
  return { kind: "compare", op, left, right, at: 0 };
}

/** A bound as the language takes it: a duration, a moment as its ISO time, or a plain number. */
function literal(value: number, expression: Expression): Literal {
  const unit = unitOf(expression);
  if (unit === "moment") return { kind: "literal", value: isoSeconds(value), at: 0 };
  return { kind: "literal", value, ...(unit === "ms" ? { unit } : {}), at: 0 };
}

function isoSeconds(ms: number): string {
  return new Date(ms).toISOString().replace(/\.000Z$/, "Z");
}
