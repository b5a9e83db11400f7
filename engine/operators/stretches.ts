import {
  durationCrossings,
  firstAfter,
  gapCrossings,
  timeInCrossings,
  windowCrossings,
} from "../../kernels/crossings.js";
import type { CompareOperator } from "../../planner/expression/ast.js";
import type { Operation, PlanNode } from "../../planner/plan.js";
import { firstMatches, isSet } from "./conditions.js";
import {
  type BooleanSlot,
  type NumberSlot,
  ofAllSessions,
  type Partition,
  type PositionsSlot,
  type Slot,
} from "./partition.js";
import { compareNumbers } from "./predicate.js";

/** In which stretch of each session a condition holds, by what has happened so far. */
export interface Stretches {
  /** Float64Array(sessions), ms: from then on; -infinite: from the start; infinite: at no moment before the session's end */
  readonly from: Float64Array;
  /** Float64Array(sessions), ms: up to then; infinite: to the end */
  readonly until: Float64Array;
}

/** What stretches are made from. */
export interface StretchInput {
  readonly partition: Partition;
  /** By id. */
  readonly nodes: readonly PlanNode[];
  /** Of every node that the condition is computed from, on whole sessions. */
  readonly slots: readonly (Slot | undefined)[];
  /** By id: known when the session starts. */
  readonly atStart: readonly boolean[];
}

/**
 * When a condition comes to hold in each session, and when it ceases to: the time-dependent covariate of METHODS, 2. Causal: whether
 * it holds at a moment depends on what has happened up to then alone. What nothing but the session's end makes certain (an absence
 * without a window) never does. Null where a condition comes and goes in a way that is not known here: a mean, the last of some
 * values, arithmetic. O(events of its steps).
 */
export function stretchesOf(node: number, input: StretchInput): Stretches | null {
  const { partition, nodes, slots, atStart } = input;
  const { operation, inputs } = nodes[node] as PlanNode;
  const count = partition.sessionEnd - partition.sessionStart;
  if (atStart[node] === true) {
    const { bits } = slots[node] as BooleanSlot;
    const from = new Float64Array(count);
    for (let at = 0; at < count; at++) from[at] = isSet(bits, at) ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return toTheEnd(from);
  }
  switch (operation.op) {
    case "count-at-least": {
      const from = new Float64Array(count);
      crossWindow(partition, slots[inputs[0] as number] as PositionsSlot, Number.POSITIVE_INFINITY, operation.n, from);
      return toTheEnd(from);
    }
    case "sequence":
      return toTheEnd(
        chainMoments(
          partition,
          operation,
          inputs.map((id) => slots[id] as PositionsSlot),
        ),
      );
    case "not": {
      const inner = stretchesOf(inputs[0] as number, input);
      return inner === null ? null : opposite(inner);
    }
    case "and":
    case "or": {
      const items = inputs.map((id) => stretchesOf(id, input));
      return items.includes(null) ? null : joined(operation.op, items as Stretches[], count);
    }
    case "threshold":
      return compared(nodes[inputs[0] as number] as PlanNode, operation.operator, operation.bound, input);
    default:
      return null;
  }
}

function toTheEnd(from: Float64Array): Stretches {
  return { from, until: new Float64Array(from.length).fill(Number.POSITIVE_INFINITY) };
}

/** When a chain completes; an absence: when its window has passed. */
function chainMoments(
  partition: Partition,
  operation: Operation & { op: "sequence" },
  steps: readonly PositionsSlot[],
): Float64Array {
  const { time } = partition.table;
  const waitMs = !operation.absent ? 0 : (operation.withinMs ?? Number.POSITIVE_INFINITY);
  const moments = new Float64Array(partition.sessionEnd - partition.sessionStart).fill(Number.POSITIVE_INFINITY);
  const { positions, sessions } = firstMatches(partition, operation, steps);
  for (let at = 0; at < positions.length; at++) {
    moments[sessions[at] as number] = (time[positions[at] as number] as number) + waitMs;
  }
  return moments;
}

/** A stretch that begins, or ends, within the session has a rest on one side; a rest on both sides is told by the later one. */
function opposite({ from, until }: Stretches): Stretches {
  const out = { from: new Float64Array(from.length), until: new Float64Array(from.length) };
  for (let at = 0; at < from.length; at++) {
    const [begins, ends] = [from[at] as number, until[at] as number];
    const isEndless = ends === Number.POSITIVE_INFINITY;
    out.from[at] = isEndless ? Number.NEGATIVE_INFINITY : ends;
    out.until[at] = isEndless ? begins : Number.POSITIVE_INFINITY;
    // what holds throughout never does not, and the other way round
    if (isEndless && begins === Number.NEGATIVE_INFINITY) out.from[at] = Number.POSITIVE_INFINITY;
    if (isEndless && begins === Number.NEGATIVE_INFINITY) out.until[at] = Number.POSITIVE_INFINITY;
  }
  return out;
}

/** Where all hold, or any does; of stretches that lie apart the later one. */
function joined(op: "and" | "or", items: readonly Stretches[], count: number): Stretches {
  const [first, ...others] = items as readonly [Stretches, ...Stretches[]];
  const from = first.from.slice();
  const until = first.until.slice();
  for (const item of others) {
    for (let at = 0; at < count; at++) {
      const [a, b] = [from[at] as number, item.from[at] as number];
      const [aEnd, bEnd] = [until[at] as number, item.until[at] as number];
      if (op === "and") {
        from[at] = Math.max(a, b);
        until[at] = Math.min(aEnd, bEnd);
        if ((from[at] as number) < (until[at] as number)) continue;
        from[at] = Number.POSITIVE_INFINITY;
        until[at] = Number.POSITIVE_INFINITY;
        continue;
      }
      // infinite: never
      const [aIs, bIs] = [a < Number.POSITIVE_INFINITY, b < Number.POSITIVE_INFINITY];
      const meet = Math.max(a, b) <= Math.min(aEnd, bEnd);
      const takesB = bIs && (!aIs || b > a);
      from[at] = aIs && bIs && meet ? Math.min(a, b) : takesB ? b : a;
      until[at] = aIs && bIs && meet ? Math.max(aEnd, bEnd) : takesB ? bEnd : aEnd;
    }
  }
  return { from, until };
}

/** A measure against a bound. */
function compared(measure: PlanNode, operator: CompareOperator, bound: number, input: StretchInput): Stretches | null {
  const fixed = fixedAt(measure, input);
  if (fixed !== null) {
    const slot = input.slots[measure.id] as NumberSlot;
    const { values } = ofAllSessions(input.partition, slot);
    const from = new Float64Array(fixed.length).fill(Number.POSITIVE_INFINITY);
    keepPassing(fixed, values, operator, bound, from);
    if (values !== slot.values) input.partition.buffers.returnNumbers(values);
    return toTheEnd(from);
  }
  const beyond = (strict: boolean): Float64Array | null => crossings(measure, bound, strict, input);
  switch (operator) {
    case ">":
    case ">=": {
      const from = beyond(operator === ">");
      return from === null ? null : toTheEnd(from);
    }
    case "<":
    case "<=": {
      const until = beyond(operator === "<=");
      return until === null ? null : opposite(toTheEnd(until));
    }
    case "==": {
      const [from, until] = [beyond(false), beyond(true)];
      return from === null || until === null
        ? null
        : joined("and", [toTheEnd(from), opposite(toTheEnd(until))], from.length);
    }
    case "!=":
      return null;
  }
}

function keepPassing(
  moments: Float64Array,
  values: Float64Array,
  operator: CompareOperator,
  bound: number,
  out: Float64Array,
): void {
  for (let at = 0; at < out.length; at++) {
    if (compareNumbers(values[at] as number, operator, bound)) out[at] = moments[at] as number;
  }
}

/** Measures that are missing up to a moment and do not change after it: that moment; null: another measure. */
function fixedAt({ operation, inputs }: PlanNode, { partition, slots }: StretchInput): Float64Array | null {
  if (operation.op !== "elapsed" && operation.op !== "retries") return null;
  const { table, sessionStart, sessionEnd } = partition;
  const out = new Float64Array(sessionEnd - sessionStart);
  const lists = inputs.map((id) => (slots[id] as PositionsSlot).positions);
  const to = lists[lists.length - 1] as Uint32Array;
  const from = operation.op === "elapsed" && lists.length > 1 ? lists[0] : undefined;
  firstAfter(from, to, table.time, table.sessionOffsets, sessionStart, sessionEnd, out);
  return out;
}

/** When a measure that only grows passes a bound; null: another measure. */
function crossings(
  { operation, inputs }: PlanNode,
  bound: number,
  strict: boolean,
  { partition, slots }: StretchInput,
): Float64Array | null {
  const { table, sessionStart, sessionEnd } = partition;
  const { time, sessionOffsets } = table;
  const out = new Float64Array(sessionEnd - sessionStart);
  const positions = (at: number): Uint32Array => (slots[inputs[at] as number] as PositionsSlot).positions;
  switch (operation.op) {
    case "session":
      if (operation.field === "duration") {
        durationCrossings(time, sessionOffsets, sessionStart, sessionEnd, bound, strict, out);
      } else if (operation.field === "longest_gap") {
        gapCrossings(time, sessionOffsets, sessionStart, sessionEnd, bound, strict, out);
      } else {
        const n = Math.max(1, strict ? Math.floor(bound) + 1 : Math.ceil(bound));
        for (let session = sessionStart; session < sessionEnd; session++) {
          const at = (sessionOffsets[session] as number) + n - 1;
          const isReached = at < (sessionOffsets[session + 1] as number);
          out[session - sessionStart] = isReached ? (time[at] as number) : Number.POSITIVE_INFINITY;
        }
      }
      return out;
    case "count": {
      const n = strict ? Math.floor(bound) + 1 : Math.ceil(bound);
      crossWindow(partition, { positions: positions(0) }, operation.windowMs ?? Number.POSITIVE_INFINITY, n, out);
      return out;
    }
    case "time-in":
      timeInCrossings(positions(0), positions(1), time, sessionOffsets, sessionStart, sessionEnd, bound, strict, out);
      return out;
    default:
      return null;
  }
}

function crossWindow(
  { table, sessionStart, sessionEnd }: Partition,
  { positions }: Pick<PositionsSlot, "positions">,
  windowMs: number,
  n: number,
  out: Float64Array,
): void {
  if (n < 1) out.fill(Number.NEGATIVE_INFINITY);
  else windowCrossings(positions, table.time, table.sessionOffsets, sessionStart, sessionEnd, windowMs, n, out);
}
