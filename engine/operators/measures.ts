import { elapsed, retries, timeIn } from "../../kernels/pair-measures.js";
import { previousCodes, previousValues } from "../../kernels/previous.js";
import { daysSinceLast, sessionIndex } from "../../kernels/session-index.js";
import { sessionShape } from "../../kernels/session-shape.js";
import { windowCount } from "../../kernels/window-count.js";
import { numberOf } from "../../planner/compile.js";
import type { Operation } from "../../planner/plan.js";
import type { TableColumn, Value } from "../columns/event-table.js";
import { parseTime } from "../sources/time.js";
import {
  columnOf,
  firstPosition,
  type NumberSlot,
  type Partition,
  type PositionsSlot,
  type TextSlot,
} from "./partition.js";
import { compute } from "./predicate.js";

/** Events of a step, in all or at most in any window. O(events of the step). */
export function countEvents(partition: Partition, { positions }: PositionsSlot, windowMs: number | null): NumberSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const counts = new Uint32Array(sessionEnd - sessionStart);
  const width = windowMs ?? Number.POSITIVE_INFINITY;
  windowCount(positions, table.time, table.sessionOffsets, sessionStart, sessionEnd, width, counts);
  return { type: "number", values: Float64Array.from(counts) };
}

/** Aggregate of a measure over the events of a step; missing values are passed over. O(events of the step). */
export function aggregate(
  partition: Partition,
  operation: Operation & { op: "aggregate" },
  { positions }: PositionsSlot,
): NumberSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const read = reader(columnOf(table, operation.column));
  const values = new Float64Array(sessionEnd - sessionStart);
  let at = 0;
  for (let session = sessionStart; session < sessionEnd; session++) {
    const stop = table.sessionOffsets[session + 1] as number;
    let count = 0;
    let result = operation.fn === "sum" ? 0 : Number.NaN;
    let sum = 0;
    for (; at < positions.length && (positions[at] as number) < stop; at++) {
      const value = read(positions[at] as number, session);
      if (Number.isNaN(value)) continue;
      count++;
      sum += value;
      if (operation.fn === "first" ? count === 1 : operation.fn === "last") result = value;
      else if (operation.fn === "min") result = count === 1 ? value : Math.min(result, value);
      else if (operation.fn === "max") result = count === 1 ? value : Math.max(result, value);
    }
    if (operation.fn === "sum") result = sum;
    else if (operation.fn === "mean") result = count === 0 ? Number.NaN : sum / count;
    values[session - sessionStart] = result;
  }
  return { type: "number", values };
}

/** The first or last text of a column among the events of a step; missing values are passed over. O(events of the step). */
export function pick(
  partition: Partition,
  { fn, column: name }: Operation & { op: "pick" },
  { positions }: PositionsSlot,
): TextSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const column = columnOf(table, name);
  if (column.kind !== "coded") throw new RangeError(`invalid column: ${name} holds numbers`);
  const bySession = column.grain === "session";
  const codes = new Uint32Array(sessionEnd - sessionStart);
  let at = 0;
  for (let session = sessionStart; session < sessionEnd; session++) {
    const stop = table.sessionOffsets[session + 1] as number;
    let picked = 0;
    for (; at < positions.length && (positions[at] as number) < stop; at++) {
      if (fn === "first" && picked !== 0) continue;
      const code = column.codes[bySession ? session : (positions[at] as number)] as number;
      if (code !== 0) picked = code;
    }
    codes[session - sessionStart] = picked;
  }
  return { type: "text", codes, dictionary: column.dictionary };
}

/** `retries`, `elapsed` or `time_in` of two steps; `elapsed` of one counts from the session's start. O(events of both). */
export function pairMeasure(
  partition: Partition,
  op: "retries" | "elapsed" | "time-in",
  steps: readonly PositionsSlot[],
): NumberSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const { time, sessionOffsets } = table;
  const values = new Float64Array(sessionEnd - sessionStart);
  const [first, second] = steps.length === 1 ? [undefined, steps[0]] : steps;
  if (second === undefined) throw new TypeError(`${op} needs a step`);
  const to = second.positions;
  const from = first?.positions;
  if (op === "elapsed") elapsed(from, to, time, sessionOffsets, sessionStart, sessionEnd, values);
  else if (from === undefined) throw new TypeError(`${op} needs two steps`);
  else if (op === "retries") retries(from, to, sessionOffsets, sessionStart, sessionEnd, values);
  else timeIn(from, to, time, sessionOffsets, sessionStart, sessionEnd, values);
  return { type: "number", values };
}

/** A value in the user's session before; missing in a user's first. O(sessions). */
export function previousOf(
  { table, userStart, userEnd }: Partition,
  slot: NumberSlot | TextSlot,
): NumberSlot | TextSlot {
  if (slot.type === "number") {
    const values = new Float64Array(slot.values.length);
    previousValues(slot.values, table.userOffsets, userStart, userEnd, values);
    return { type: "number", values };
  }
  const codes = new Uint32Array(slot.codes.length);
  previousCodes(slot.codes, table.userOffsets, userStart, userEnd, codes);
  return { type: "text", codes, dictionary: slot.dictionary };
}

/** A column's numbers by position and session. */
function reader(column: TableColumn): (position: number, session: number) => number {
  const bySession = column.grain === "session";
  if (column.kind === "numeric") {
    const { values } = column;
    return bySession ? (_, session) => values[session] as number : (position) => values[position] as number;
  }
  const { codes } = column;
  const numbers = Float64Array.from([Number.NaN, ...column.dictionary.map(numberOf)]);
  return bySession
    ? (_, session) => numbers[codes[session] as number] as number
    : (position) => numbers[codes[position] as number] as number;
}

/** Moments of dictionaries of text, parsed once a thread: a dictionary of dates can have a value for every user. */
const momentsOf = new WeakMap<readonly Value[], Float64Array>();

/** A column's moments by position and session; text is parsed as time. */
function momentReader(column: TableColumn): (position: number, session: number) => number {
  if (column.kind === "numeric") return reader(column);
  const { codes, dictionary } = column;
  let moments = momentsOf.get(dictionary);
  if (moments === undefined) {
    moments = Float64Array.from([Number.NaN, ...dictionary.map((value) => parseTime(String(value)))]);
    momentsOf.set(dictionary, moments);
  }
  const known = moments;
  return column.grain === "session"
    ? (_, session) => known[codes[session] as number] as number
    : (position) => known[codes[position] as number] as number;
}

/** Duration, events or longest gap of each session. O(events). */
export function sessionMeasure(partition: Partition, field: "duration" | "events" | "longest_gap"): NumberSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const count = sessionEnd - sessionStart;
  const [duration, events, longestGap] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  sessionShape(table.time, table.sessionOffsets, sessionStart, sessionEnd, duration, events, longestGap);
  switch (field) {
    case "duration":
      return { type: "number", values: duration };
    case "events":
      return { type: "number", values: events };
    case "longest_gap":
      return { type: "number", values: longestGap };
  }
}

/** Index of each session among its user's, counted on from what is known of the user before the data. O(sessions). */
export function indexOfSession(partition: Partition, history: string | null): NumberSlot {
  const { table, userStart, userEnd, sessionStart, sessionEnd } = partition;
  let before: Float64Array | undefined;
  if (history !== null) {
    const column = columnOf(table, history);
    const read = reader(column);
    before = new Float64Array(userEnd);
    for (let user = userStart; user < userEnd; user++) {
      const session = table.userOffsets[user] as number;
      before[user] = read(table.sessionOffsets[session] as number, session);
    }
  }
  const values = new Float64Array(sessionEnd - sessionStart);
  sessionIndex(table.userOffsets, userStart, userEnd, before, values);
  return { type: "number", values };
}

/** Days from the start of the user's previous session to that of this one. O(sessions). */
export function daysSincePrevious(partition: Partition): NumberSlot {
  const { table, userStart, userEnd, sessionStart, sessionEnd } = partition;
  const values = new Float64Array(sessionEnd - sessionStart);
  daysSinceLast(table.time, table.sessionOffsets, table.userOffsets, userStart, userEnd, values);
  return { type: "number", values };
}

/** When the user of each session was first seen: from the history column at his first session, else that session's start. */
export function firstSeen(partition: Partition, history: string | null): NumberSlot {
  const { table, userStart, userEnd, sessionStart, sessionEnd } = partition;
  const values = new Float64Array(sessionEnd - sessionStart);
  const read = history === null ? null : momentReader(columnOf(table, history));
  for (let user = userStart; user < userEnd; user++) {
    const first = table.userOffsets[user] as number;
    const position = table.sessionOffsets[first] as number;
    const start = table.time[position] as number;
    const known = read === null ? Number.NaN : read(position, first);
    values.fill(
      Number.isNaN(known) ? start : Math.min(known, start),
      first - sessionStart,
      (table.userOffsets[user + 1] as number) - sessionStart,
    );
  }
  return { type: "number", values };
}

/** Start of each session. */
export function startOf(partition: Partition): NumberSlot {
  const { table, sessionStart, sessionEnd } = partition;
  const values = new Float64Array(sessionEnd - sessionStart);
  for (let session = sessionStart; session < sessionEnd; session++) {
    values[session - sessionStart] = table.time[table.sessionOffsets[session] as number] as number;
  }
  return { type: "number", values };
}

/** A column's number in each session's first event. */
export function numberColumn(partition: Partition, name: string): NumberSlot {
  const column = columnOf(partition.table, name);
  const read = reader(column);
  const { sessionStart, sessionEnd, table } = partition;
  const values = new Float64Array(sessionEnd - sessionStart);
  for (let session = sessionStart; session < sessionEnd; session++) {
    values[session - sessionStart] = read(table.sessionOffsets[session] as number, session);
  }
  return { type: "number", values };
}

/** A column's code in each session's first event. */
export function textColumn(partition: Partition, name: string): TextSlot {
  const column = columnOf(partition.table, name);
  if (column.kind !== "coded") throw new RangeError(`invalid column: ${name} holds numbers`);
  const { sessionStart, sessionEnd } = partition;
  const codes = new Uint32Array(sessionEnd - sessionStart);
  for (let session = sessionStart; session < sessionEnd; session++) {
    codes[session - sessionStart] = column.codes[firstPosition(partition, column, session)] as number;
  }
  return { type: "text", codes, dictionary: column.dictionary };
}

/** The same number for every session. */
export function constant(partition: Partition, value: number): NumberSlot {
  return { type: "number", values: new Float64Array(partition.sessionEnd - partition.sessionStart).fill(value) };
}

/** Arithmetic; missing where an operand is, or where it divides by zero. */
export function arithmetic(operator: "+" | "-" | "*" | "/", left: NumberSlot, right: NumberSlot): NumberSlot {
  const values = new Float64Array(left.values.length);
  for (let at = 0; at < values.length; at++) {
    const value = compute(operator, left.values[at] as number, right.values[at] as number);
    values[at] = Number.isFinite(value) ? value : Number.NaN;
  }
  return { type: "number", values };
}

/** The opposite number. */
export function opposite({ values }: NumberSlot): NumberSlot {
  return { type: "number", values: values.map((value) => -value) };
}
