import type { ChunkLayout, TargetColumn } from "./assemble.js";
import { scatterNumbers, scatterTimes } from "./chunk-times.js";
import type { Codes } from "./event-table.js";
import type { CodeMap } from "./place-keys.js";
import type { PreparedChunk } from "./prepare.js";

/** What of a chunk is scattered: its rows, no ids. */
export type ChunkRows = Pick<PreparedChunk, "time" | "event" | "rowsOfSession" | "columns">;

/**
 * Writes a chunk's rows to their places in the table, session by session. Chunks write disjoint places, so threads need no lock. O(rows).
 */
export function scatterChunk(
  { time: times, event, rowsOfSession, columns: parts }: ChunkRows,
  { cursor, nameMap, columnMaps }: ChunkLayout,
  time: Float64Array,
  name: Codes,
  columns: readonly TargetColumn[],
): void {
  scatterTimes(times, rowsOfSession, cursor, time);
  scatterCodes(event, nameMap, rowsOfSession, cursor, name);
  for (const [index, target] of columns.entries()) {
    if (target.grain === "session") continue;
    const part = parts[index];
    if (part?.kind === "codes" && target.kind === "coded") {
      const map = columnMaps[index] as CodeMap;
      if (part.perSession) spreadCodes(part.codes, map, rowsOfSession, cursor, target.codes);
      else scatterCodes(part.codes, map, rowsOfSession, cursor, target.codes);
    } else if (part?.kind === "numbers" && target.kind === "numeric") {
      if (part.perSession) spreadNumbers(part.values, rowsOfSession, cursor, target.values);
      else scatterNumbers(part.values, rowsOfSession, cursor, target.values);
    }
  }
}

function scatterCodes(codes: Codes, map: CodeMap, rowsOfSession: Uint32Array, places: Uint32Array, out: Codes): void {
  let row = 0;
  for (let session = 0; session < places.length; session++) {
    let at = places[session] as number;
    for (const end = row + (rowsOfSession[session] as number); row < end; row++) {
      out[at++] = map[codes[row] as number] as number;
    }
  }
}

/** Gives all rows of a session its code. */
function spreadCodes(codes: Codes, map: CodeMap, rowsOfSession: Uint32Array, places: Uint32Array, out: Codes): void {
  for (let session = 0; session < places.length; session++) {
    const at = places[session] as number;
    out.fill(map[codes[session] as number] as number, at, at + (rowsOfSession[session] as number));
  }
}

function spreadNumbers(values: Float64Array, rowsOfSession: Uint32Array, places: Uint32Array, out: Float64Array): void {
  for (let session = 0; session < places.length; session++) {
    const at = places[session] as number;
    out.fill(values[session] as number, at, at + (rowsOfSession[session] as number));
  }
}

/**
 * Puts the events of sessions [start, end) in order of time, stable in input order; sessions that are in order already,
 * as most are, cost one comparison an event.
 * @param sessionOffsets - Uint32Array(S + 1)
 * @returns sessions that were out of order
 */
export function sortSessions(
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  time: Float64Array,
  name: Codes,
  columns: readonly TargetColumn[],
): number {
  let unsorted = 0;
  for (let session = start; session < end; session++) {
    const from = sessionOffsets[session] as number;
    const to = sessionOffsets[session + 1] as number;
    let at = from + 1;
    while (at < to && (time[at - 1] as number) <= (time[at] as number)) at++;
    if (at >= to) continue;
    unsorted++;
    const order = Array.from({ length: to - from }, (_, index) => index);
    const times = time.slice(from, to);
    order.sort((a, b) => (times[a] as number) - (times[b] as number) || a - b);
    reorder(time, times, order, from);
    reorder(name, name.slice(from, to), order, from);
    for (const column of columns) {
      if (column.grain === "session") continue;
      if (column.kind === "coded") reorder(column.codes, column.codes.slice(from, to), order, from);
      else reorder(column.values, column.values.slice(from, to), order, from);
    }
  }
  return unsorted;
}

function reorder(
  target: Codes | Float64Array,
  copy: Codes | Float64Array,
  order: readonly number[],
  from: number,
): void {
  for (const [at, index] of order.entries()) target[from + at] = copy[index] as number;
}
