import { type Chain, noPosition, sequence, stepLink } from "../../kernels/sequence.js";
import { sameValue } from "../../planner/compile.js";
import type { CompareOperator } from "../../planner/expression/ast.js";
import type { Operation } from "../../planner/plan.js";
import type { BooleanSlot, NumberSlot, Partition, PositionsSlot, TableView, TextSlot } from "./partition.js";
import { compareNumbers } from "./predicate.js";

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
  const { sessionStart, sessionEnd, table } = partition;
  const { links, absent, withinMs } = operation;
  const lists = steps.map((step) => visible(step.positions, table));
  const present = absent ? lists.slice(0, -1) : lists;
  const negated = absent ? lists[lists.length - 1] : undefined;
  const chain: Chain = {
    steps: present,
    links: Uint8Array.from(links.slice(0, present.length - 1), (link) =>
      link === "=>" ? stepLink.next : stepLink.gap,
    ),
    withinMs: withinMs ?? Number.POSITIVE_INFINITY,
    ...(negated === undefined ? {} : { negated }),
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
  const value = new Uint8Array(count);
  const decided = sessionEnds(partition);
  for (let at = 0; at < count; at++) {
    const completed = completedAt[at] as number;
    const anchor = lastAnchorAt[at] as number;
    if (completed !== noPosition) {
      value[at] = 1;
      if (!absent) decided[at] = completed;
      else if (withinMs !== null) decided[at] = deadline(partition, sessionStart + at, completed, withinMs);
    } else if (!absent && withinMs !== null && anchor !== noPosition) {
      decided[at] = deadline(partition, sessionStart + at, anchor, withinMs);
    }
  }
  return { type: "boolean", value, decided };
}

/** The positions of events that the study does not ignore: a chain sees no others, even where a step names them. */
function visible(positions: Uint32Array, { name, filter }: TableView): Uint32Array {
  return filter === null ? positions : positions.filter((at) => filter.ignored[name[at] as number] === 0);
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
