import { type Chain, noPosition, sequence, stepLink } from "../../kernels/sequence.js";
import { sameValue } from "../../planner/compile.js";
import type { CompareOperator } from "../../planner/expression/ast.js";
import type { ChainLink, Operation } from "../../planner/plan.js";
import {
  type BooleanSlot,
  type NumberSlot,
  type Partition,
  type PositionsSlot,
  type TextSlot,
  visible,
} from "./partition.js";
import { compareNumbers } from "./predicate.js";

const linkCodes: Readonly<Record<ChainLink, number>> = {
  "->": stepLink.gap,
  "=>": stepLink.next,
  until: stepLink.until,
};

/** By code of one dictionary: the code of the same value in another, found once per pair of dictionaries and thread. */
const sameCodes = new WeakMap<TextSlot["dictionary"], WeakMap<TextSlot["dictionary"], Uint32Array>>();

/** At least n of the events; decided at the n-th, else at the session's end. O(events of the step). */
export function countAtLeast(partition: Partition, { positions }: PositionsSlot, n: number): BooleanSlot {
  const { sessionStart, sessionEnd, table } = partition;
  const value = new Uint8Array(sessionEnd - sessionStart);
  const decided = sessionEnds(partition);
  let at = 0;
  for (let session = sessionStart; session < sessionEnd; session++) {
    const first = at;
    const stop = table.sessionOffsets[session + 1] as number;
    while (at < positions.length && (positions[at] as number) < stop) at++;
    if (at - first < n) continue;
    value[session - sessionStart] = 1;
    decided[session - sessionStart] = positions[first + n - 1] as number;
  }
  return { type: "boolean", value, decided };
}

/**
 * A chain of steps. Where it holds it is decided at its completion (an absence: at its deadline); where it does not, at the
 * deadline of the last start, or the session's end (METHODS, 1). O(events of the steps × steps).
 */
export function evaluateSequence(
  partition: Partition,
  operation: Operation & { op: "sequence" },
  steps: readonly PositionsSlot[],
): BooleanSlot {
  const { sessionStart } = partition;
  const { absent, withinMs } = operation;
  const { completedAt, lastAnchorAt } = firstMatches(partition, operation, steps);
  const count = completedAt.length;
  const value = new Uint8Array(count);
  const decided = sessionEnds(partition);
  for (let at = 0; at < count; at++) {
    const completed = completedAt[at] as number;
    const anchor = lastAnchorAt[at] as number;
    if (completed !== noPosition) {
      // the earliest start of a wait is the first whose deadline passes, so a later one says no more
      if (absent && isOpen(partition, at, completed, withinMs)) continue;
      value[at] = 1;
      if (!absent) decided[at] = completed;
      else if (withinMs !== null) decided[at] = deadline(partition, sessionStart + at, completed, withinMs);
    } else if (!absent && withinMs !== null && anchor !== noPosition) {
      decided[at] = deadline(partition, sessionStart + at, anchor, withinMs);
    }
  }
  return { type: "boolean", value, decided };
}

/** Where a chain first completes in each session, and where it was last begun. */
export interface FirstMatches {
  /** Uint32Array(sessions), positions; of an absence: of the event that waits first in vain */
  readonly completedAt: Uint32Array;
  /** Uint32Array(sessions), positions */
  readonly lastAnchorAt: Uint32Array;
  /** What stands for no position. */
  readonly none: number;
}

/** The first match of a chain in each session, whatever comes after it. O(events of the steps × steps). */
export function firstMatches(
  partition: Partition,
  operation: Operation & { op: "sequence" },
  steps: readonly PositionsSlot[],
): FirstMatches {
  const { sessionStart, sessionEnd, table } = partition;
  const { links, absent, withinMs } = operation;
  const lists = steps.map((step) => visible(step.positions, table));
  const present = absent ? lists.slice(0, -1) : lists;
  const negated = absent ? lists[lists.length - 1] : undefined;
  const negatedFrom = absent ? steps[steps.length - 1]?.from : undefined;
  const chain: Chain = {
    steps: present,
    links: Uint8Array.from(links.slice(0, present.length - 1), (link) => linkCodes[link]),
    withinMs: withinMs ?? Number.POSITIVE_INFINITY,
    ...(negated === undefined ? {} : { negated }),
    ...(negatedFrom === undefined ? {} : { negatedFrom }),
  };
  const count = sessionEnd - sessionStart;
  const completedAt = new Uint32Array(count);
  const lastAnchorAt = new Uint32Array(count);
  sequence(
    chain,
    table.time,
    table.filter?.visibleRank,
    table.sessionOffsets,
    sessionStart,
    sessionEnd,
    completedAt,
    lastAnchorAt,
  );
  return { completedAt, lastAnchorAt, none: noPosition };
}

/** Whether a wait from an event on outlasts what is known of the session. */
function isOpen({ horizonMs, table }: Partition, at: number, position: number, withinMs: number | null): boolean {
  if (horizonMs === undefined) return false;
  return (table.time[position] as number) + (withinMs ?? Number.POSITIVE_INFINITY) > (horizonMs[at] as number);
}

/** The first position of the session at or after `withinMs` from an event, or the session's end. O(log events). */
function deadline(partition: Partition, session: number, position: number, withinMs: number): number {
  const { time, sessionOffsets } = partition.table;
  const moment = (time[position] as number) + withinMs;
  let low = position + 1;
  let high = sessionOffsets[session + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((time[middle] as number) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sessionEnds({ table, sessionStart, sessionEnd }: Partition): Uint32Array {
  return table.sessionOffsets.slice(sessionStart + 1, sessionEnd + 1);
}

/** Comparison of two numbers; false where either is missing. One loop an operator, so that none is chosen per session. */
export function compareSlots(
  operator: CompareOperator,
  { values: left }: NumberSlot,
  { values: right }: NumberSlot,
): BooleanSlot {
  const value = new Uint8Array(left.length);
  switch (operator) {
    case "<":
      for (let at = 0; at < value.length; at++) value[at] = (left[at] as number) < (right[at] as number) ? 1 : 0;
      break;
    case "<=":
      for (let at = 0; at < value.length; at++) value[at] = (left[at] as number) <= (right[at] as number) ? 1 : 0;
      break;
    case ">":
      for (let at = 0; at < value.length; at++) value[at] = (left[at] as number) > (right[at] as number) ? 1 : 0;
      break;
    case ">=":
      for (let at = 0; at < value.length; at++) value[at] = (left[at] as number) >= (right[at] as number) ? 1 : 0;
      break;
    case "==":
      for (let at = 0; at < value.length; at++) value[at] = (left[at] as number) === (right[at] as number) ? 1 : 0;
      break;
    case "!=":
      for (let at = 0; at < value.length; at++) {
        value[at] = compareNumbers(left[at] as number, "!=", right[at] as number) ? 1 : 0;
      }
      break;
  }
  return { type: "boolean", value, decided: null };
}

/** Whether a column's value is among some, or is present and not among them. Decided once per value. */
export function oneOf(operation: Operation & { op: "one-of" }, { codes, dictionary }: TextSlot): BooleanSlot {
  const passes = Uint8Array.from([null, ...dictionary], (value) => {
    if (value === null) return 0;
    return operation.values.some((allowed) => sameValue(value, allowed)) === operation.negated ? 0 : 1;
  });
  const value = new Uint8Array(codes.length);
  for (let at = 0; at < codes.length; at++) value[at] = passes[codes[at] as number] as number;
  return { type: "boolean", value, decided: null };
}

/** Whether two texts are equal, or differ; false where either is missing. O(sessions + dictionaries once). */
export function compareTexts(operator: "==" | "!=", left: TextSlot, right: TextSlot): BooleanSlot {
  const codeOf = left.dictionary === right.dictionary ? null : codesIn(left.dictionary, right.dictionary);
  const value = new Uint8Array(left.codes.length);
  const wanted = operator === "==" ? 1 : 0;
  for (let at = 0; at < value.length; at++) {
    const a = left.codes[at] as number;
    const b = right.codes[at] as number;
    if (a === 0 || b === 0) continue;
    const isSame = (codeOf === null ? a : (codeOf[a] as number)) === b ? 1 : 0;
    value[at] = isSame === wanted ? 1 : 0;
  }
  return { type: "boolean", value, decided: null };
}

function codesIn(from: TextSlot["dictionary"], to: TextSlot["dictionary"]): Uint32Array {
  const known = sameCodes.get(from)?.get(to);
  if (known !== undefined) return known;
  const codeOf = new Map(to.map((value, index) => [String(value), index + 1]));
  const codes = Uint32Array.from([0, ...from.map((value) => codeOf.get(String(value)) ?? 0)]);
  const ofFrom = sameCodes.get(from) ?? new WeakMap<TextSlot["dictionary"], Uint32Array>();
  sameCodes.set(from, ofFrom.set(to, codes));
  return codes;
}

/** The same in every session. */
export function constantCondition(partition: Partition, holds: boolean): BooleanSlot {
  const value = new Uint8Array(partition.sessionEnd - partition.sessionStart);
  if (holds) value.fill(1);
  return { type: "boolean", value, decided: null };
}

/** The opposite, decided at the same moment. */
export function negate({ value, decided }: BooleanSlot): BooleanSlot {
  return { type: "boolean", value: value.map((holds) => 1 - holds), decided };
}

/**
 * Conjunction or disjunction. A disjunction holds as soon as its first operand does, and is known not to hold when the last
 * one is decided; a conjunction the other way round.
 */
export function combine(partition: Partition, op: "and" | "or", items: readonly BooleanSlot[]): BooleanSlot {
  const count = partition.sessionEnd - partition.sessionStart;
  const decisive = op === "or" ? 1 : 0;
  const value = new Uint8Array(count).fill(1 - decisive);
  for (const item of items) {
    for (let at = 0; at < count; at++) if (item.value[at] === decisive) value[at] = decisive;
  }
  if (items.every((item) => item.decided === null)) return { type: "boolean", value, decided: null };
  const ends = sessionEnds(partition);
  const decided = new Uint32Array(count);
  for (let at = 0; at < count; at++) {
    let moment = value[at] === decisive ? Number.POSITIVE_INFINITY : 0;
    for (const item of items) {
      const own = item.decided === null ? (ends[at] as number) : (item.decided[at] as number);
      if (value[at] !== decisive) moment = Math.max(moment, own);
      else if (item.value[at] === decisive) moment = Math.min(moment, own);
    }
    decided[at] = moment;
  }
  return { type: "boolean", value, decided };
}
