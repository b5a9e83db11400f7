import { add, divide, multiply, subtract } from "../../kernels/arithmetic.js";
import { elapsed, elapsedSinceStart, retries, timeIn } from "../../kernels/pair-measures.js";
import { previousCodes, previousValues } from "../../kernels/previous.js";
import { daysSinceLast, sessionIndex } from "../../kernels/session-index.js";
import { longestGap, sessionDuration, sessionEvents } from "../../kernels/session-shape.js";
import { countBySession, windowCount } from "../../kernels/window-count.js";
import { numberOf } from "../../planner/compile.js";
import type { Operation } from "../../planner/plan.js";
import type { TableColumn, Value } from "../columns/event-table.js";
import { parseTime } from "../sources/time.js";
import {
  columnOf,
  firstPosition,
  firstsOf,
  type NumberSlot,
  type Partition,
  type PositionsSlot,
  type TextSlot,
} from "./partition.js";

/** Events of a step, in all or at most in any window. O(events of the step). */
export function countEvents({ table, buffers }: Partition, events: PositionsSlot, windowMs: number | null): NumberSlot {
  const out = { sessions: buffers.codes(), values: buffers.numbers() };
  const count = windowMs === null ? countBySession(events, out) : windowCount(events, table.time, windowMs, out);
  return { type: "number", values: out.values, listed: { sessions: out.sessions, count, rest: 0 } };
}

/** Aggregate of a measure over the events of a step; missing values are passed over. O(events of the step). */
export function aggregate(
  { table, sessionStart, buffers }: Partition,
  { fn, column }: Operation & { op: "aggregate" },
  { positions, sessions: ofEvents }: PositionsSlot,
): NumberSlot {
  const read = reader(columnOf(table, column));
  const sessions = buffers.codes();
  const values = buffers.numbers();
  let listed = 0;
  for (let at = 0; at < positions.length; ) {
    const session = ofEvents[at] as number;
    let count = 0;
    let result = Number.NaN;
    let sum = 0;
    for (; at < positions.length && ofEvents[at] === session; at++) {
      const value = read(positions[at] as number, sessionStart + session);
      if (Number.isNaN(value)) continue;
      count++;
      sum += value;
      if (fn === "first" ? count === 1 : fn === "last") result = value;
      else if (fn === "min") result = count === 1 ? value : Math.min(result, value);
      else if (fn === "max") result = count === 1 ? value : Math.max(result, value);
    }
    if (fn === "sum") result = sum;
    else if (fn === "mean" && count > 0) result = sum / count;
    sessions[listed] = session;
    values[listed++] = result;
  }
  return { type: "number", values, listed: { sessions, count: listed, rest: fn === "sum" ? 0 : Number.NaN } };
}

/** The first or last text of a column among the events of a step; missing values are passed over. O(events of the step + sessions). */
export function pick(
  { table, sessionStart, buffers }: Partition,
  { fn, column: name }: Operation & { op: "pick" },
  { positions, sessions }: PositionsSlot,
): TextSlot {
  const column = columnOf(table, name);
  if (column.kind !== "coded") throw new RangeError(`invalid column: ${name} holds numbers`);
  const bySession = column.grain === "session";
  const codes = buffers.codes().fill(0);
  for (let at = 0; at < positions.length; at++) {
    const session = sessions[at] as number;
    if (fn === "first" && codes[session] !== 0) continue;
    const code = column.codes[bySession ? sessionStart + session : (positions[at] as number)] as number;
    if (code !== 0) codes[session] = code;
  }
  return { type: "text", codes, dictionary: column.dictionary };
}

/** `retries`, `elapsed` or `time_in` of two steps; `elapsed` of one counts from the session's start. O(events of both). */
export function pairMeasure(
  partition: Partition,
  op: "retries" | "elapsed" | "time-in",
  steps: readonly PositionsSlot[],
): NumberSlot {
  const { table, sessionStart, buffers } = partition;
  const { time, sessionOffsets } = table;
  const [from, to] = steps;
  if (from === undefined) throw new TypeError(`${op} needs a step`);
  const out = { sessions: buffers.codes(), values: buffers.numbers() };
  let count: number;
  if (to === undefined) count = elapsedSinceStart(from, time, sessionOffsets, sessionStart, out);
  else if (op === "elapsed") count = elapsed(from, to, firstsOf(partition, to), time, out);
  else if (op === "retries") count = retries(from, firstsOf(partition, from), to, out);
  else count = timeIn(from, to, time, sessionOffsets, sessionStart, out);
  // a session without the last step has none of the others either, and time is spent only where a state is entered
  const rest = op === "time-in" ? 0 : Number.NaN;
  return { type: "number", values: out.values, listed: { sessions: out.sessions, count, rest } };
}

/** A value in the user's session before; missing in a user's first. O(sessions). */
export function previousOf(
  { table, userStart, userEnd, buffers }: Partition,
  slot: NumberSlot | TextSlot,
): NumberSlot | TextSlot {
  if (slot.type === "number") {
    const values = buffers.numbers();
    previousValues(slot.values, table.userOffsets, userStart, userEnd, values);
    return { type: "number", values, listed: null };
  }
  const codes = buffers.codes();
  previousCodes(slot.codes, table.userOffsets, userStart, userEnd, codes);
  return { type: "text", codes, dictionary: slot.dictionary };
}

/** Numbers of dictionaries, parsed once a thread. */
const numbersOf = new WeakMap<readonly Value[], Float64Array>();

/** A column's numbers by position and session. */
function reader(column: TableColumn): (position: number, session: number) => number {
  const bySession = column.grain === "session";
  if (column.kind === "numeric") {
    const { values } = column;
    return bySession ? (_, session) => values[session] as number : (position) => values[position] as number;
  }
  const { codes, dictionary } = column;
  let numbers = numbersOf.get(dictionary);
  if (numbers === undefined) {
    numbers = Float64Array.from([Number.NaN, ...dictionary.map(numberOf)]);
    numbersOf.set(dictionary, numbers);
  }
  const known = numbers;
  return bySession
    ? (_, session) => known[codes[session] as number] as number
    : (position) => known[codes[position] as number] as number;
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

/** Duration, events or longest gap of each session. O(sessions), of the longest gap O(events). */
export function sessionMeasure(partition: Partition, field: "duration" | "events" | "longest_gap"): NumberSlot {
  const { table, sessionStart, sessionEnd, buffers } = partition;
  const { time, sessionOffsets } = table;
  const values = buffers.numbers();
  switch (field) {
    case "duration":
      sessionDuration(time, sessionOffsets, sessionStart, sessionEnd, values);
      break;
    case "events":
      sessionEvents(sessionOffsets, sessionStart, sessionEnd, values);
      break;
    case "longest_gap":
      longestGap(time, sessionOffsets, sessionStart, sessionEnd, values);
      break;
  }
  return { type: "number", values, listed: null };
}

/** Index of each session among its user's, counted on from what is known of the user before the data. O(sessions). */
export function indexOfSession(partition: Partition, history: string | null): NumberSlot {
  const { table, userStart, userEnd, buffers } = partition;
  let before: Float64Array | undefined;
  if (history !== null) {
    const column = columnOf(table, history);
    const read = reader(column);
    before = new Float64Array(userEnd - userStart);
    for (let user = userStart; user < userEnd; user++) {
      const session = table.userOffsets[user] as number;
      before[user - userStart] = read(table.sessionOffsets[session] as number, session);
    }
  }
  const values = buffers.numbers();
  sessionIndex(table.userOffsets, userStart, userEnd, before, values);
  return { type: "number", values, listed: null };
}

/** Days from the start of the user's previous session to that of this one. O(sessions). */
export function daysSincePrevious(partition: Partition): NumberSlot {
  const { table, userStart, userEnd, buffers } = partition;
  const values = buffers.numbers();
  daysSinceLast(table.time, table.sessionOffsets, table.userOffsets, userStart, userEnd, values);
  return { type: "number", values, listed: null };
}

/** When the user of each session was first seen: from the history column at his first session, else that session's start. O(sessions). */
export function firstSeen(partition: Partition, history: string | null): NumberSlot {
  const { table, userStart, userEnd, sessionStart, buffers } = partition;
  const values = buffers.numbers();
  const read = history === null ? null : momentReader(columnOf(table, history));
  for (let user = userStart; user < userEnd; user++) {
    const first = table.userOffsets[user] as number;
    const position = table.sessionOffsets[first] as number;
    const start = table.time[position] as number;
    const known = read === null ? Number.NaN : read(position, first);
    const moment = Number.isNaN(known) ? start : Math.min(known, start);
    const stop = table.userOffsets[user + 1] as number;
    for (let session = first; session < stop; session++) values[session - sessionStart] = moment;
  }
  return { type: "number", values, listed: null };
}

/** Start of each session. O(sessions). */
export function startOf(partition: Partition): NumberSlot {
  const { table, sessionStart, sessionEnd, buffers } = partition;
  const values = buffers.numbers();
  for (let session = sessionStart; session < sessionEnd; session++) {
    values[session - sessionStart] = table.time[table.sessionOffsets[session] as number] as number;
  }
  return { type: "number", values, listed: null };
}

/** A column's number in each session's first event. O(sessions). */
export function numberColumn(partition: Partition, name: string): NumberSlot {
  const column = columnOf(partition.table, name);
  const read = reader(column);
  const { sessionStart, sessionEnd, table, buffers } = partition;
  const values = buffers.numbers();
  for (let session = sessionStart; session < sessionEnd; session++) {
    values[session - sessionStart] = read(table.sessionOffsets[session] as number, session);
  }
  return { type: "number", values, listed: null };
}

/** A column's code in each session's first event. O(sessions). */
export function textColumn(partition: Partition, name: string): TextSlot {
  const column = columnOf(partition.table, name);
  if (column.kind !== "coded") throw new RangeError(`invalid column: ${name} holds numbers`);
  const { sessionStart, sessionEnd, buffers } = partition;
  const codes = buffers.codes();
  for (let session = sessionStart; session < sessionEnd; session++) {
    codes[session - sessionStart] = column.codes[firstPosition(partition, column, session)] as number;
  }
  return { type: "text", codes, dictionary: column.dictionary };
}

/** The same number for every session. O(sessions). */
export function constant({ buffers }: Partition, value: number): NumberSlot {
  return { type: "number", values: buffers.numbers().fill(value), listed: null };
}

/** Arithmetic; missing where an operand is, or where it divides by zero. O(sessions). */
export function arithmetic(
  { buffers }: Partition,
  operator: "+" | "-" | "*" | "/",
  left: NumberSlot,
  right: NumberSlot,
): NumberSlot {
  const values = buffers.numbers();
  const [a, b] = [left.values, right.values];
  switch (operator) {
    case "+":
      add(a, b, values);
      break;
    case "-":
      subtract(a, b, values);
      break;
    case "*":
      multiply(a, b, values);
      break;
    case "/":
      divide(a, b, values);
      break;
  }
  return { type: "number", values, listed: null };
}

/** The opposite number. O(sessions). */
export function opposite({ buffers }: Partition, { values: from }: NumberSlot): NumberSlot {
  const values = buffers.numbers();
  for (let at = 0; at < values.length; at++) values[at] = -(from[at] as number);
  return { type: "number", values, listed: null };
}
