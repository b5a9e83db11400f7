import type { ChunkLayout, TargetColumn } from "./assemble.js";
import { scatterTimes } from "./chunk-times.js";
import type { Codes } from "./event-table.js";
import type { CodeMap } from "./place-keys.js";
import type { PreparedChunk } from "./prepare.js";

/** What of a chunk is scattered: its rows, no ids. */
export type ChunkRows = Pick<
  PreparedChunk,
  "rows" | "time" | "event" | "sessionOfRow" | "runs" | "rowsOfSession" | "columns"
>;

/** Where rows go and the sessions they belong to; one of each a thread, grown as chunks need. */
let placeScratch = new Uint32Array(0);
let sessionScratch = new Uint32Array(0);

/** Writes a chunk's rows to their places in the table. Chunks write disjoint places, so threads need no lock. O(rows). */
export function scatterChunk(
  chunk: ChunkRows,
  layout: ChunkLayout,
  time: Float64Array,
  name: Codes,
  columns: readonly TargetColumn[],
): void {
  const { rows } = chunk;
  if (placeScratch.length < rows) {
    placeScratch = new Uint32Array(rows);
    sessionScratch = new Uint32Array(rows);
  }
  const place = placeScratch.subarray(0, rows);
  const sessionOf = sessionScratch.subarray(0, rows);
  const areTogether = chunk.sessionOfRow === null && layout.sameAs === null;
  if (areTogether) placeRuns(chunk, layout.cursor, place);
  if (!areTogether || columns.some(({ grain }, index) => grain === "event" && chunk.columns[index]?.perSession)) {
    if (chunk.sessionOfRow === null) numberRows(chunk, sessionOf);
    else sessionOf.set(chunk.sessionOfRow);
  }
  if (!areTogether) scatterPlaces(sessionOf, layout, place);
  scatterTimes(chunk.time, place, rows, time);
  scatterCodes(chunk.event, layout.nameMap, place, name);
  for (const [index, target] of columns.entries()) {
    if (target.grain === "session") continue;
    const part = chunk.columns[index];
    if (part?.kind === "codes" && target.kind === "coded") {
      const map = layout.columnMaps[index] as CodeMap;
      if (part.perSession) scatterSessionCodes(part.codes, sessionOf, map, place, target.codes);
      else scatterCodes(part.codes, map, place, target.codes);
    } else if (part?.kind === "numbers" && target.kind === "numeric") {
      if (part.perSession) scatterSessionNumbers(part.values, sessionOf, place, target.values);
      else scatterNumbers(part.values, place, target.values);
    }
  }
}

/** Where rows go that stand together by session. */
function placeRuns({ runs, rowsOfSession }: ChunkRows, cursor: Uint32Array, place: Uint32Array): void {
  let row = 0;
  for (let run = 0; run < rowsOfSession.length; run++) {
    const session = runs === null ? run : (runs[run] as number);
    let at = cursor[session] as number;
    for (const end = row + (rowsOfSession[session] as number); row < end; row++) place[row] = at++;
  }
}

function numberRows({ runs, rowsOfSession }: ChunkRows, sessionOf: Uint32Array): void {
  let row = 0;
  for (let run = 0; run < rowsOfSession.length; run++) {
    const session = runs === null ? run : (runs[run] as number);
    for (const end = row + (rowsOfSession[session] as number); row < end; row++) sessionOf[row] = session;
  }
}

function scatterPlaces(sessionOf: Uint32Array, { sameAs, cursor }: ChunkLayout, place: Uint32Array): void {
  for (let row = 0; row < place.length; row++) {
    const own = sessionOf[row] as number;
    const session = sameAs === null ? own : (sameAs[own] as number);
    const at = cursor[session] as number;
    cursor[session] = at + 1;
    place[row] = at;
  }
}

function scatterNumbers(values: Float64Array, place: Uint32Array, out: Float64Array): void {
  for (let row = 0; row < place.length; row++) out[place[row] as number] = values[row] as number;
}

function scatterCodes(codes: Codes, map: CodeMap, place: Uint32Array, out: Codes): void {
  for (let row = 0; row < place.length; row++) out[place[row] as number] = map[codes[row] as number] as number;
}

function scatterSessionCodes(codes: Codes, sessionOf: Uint32Array, map: CodeMap, place: Uint32Array, out: Codes) {
  for (let row = 0; row < place.length; row++) {
    out[place[row] as number] = map[codes[sessionOf[row] as number] as number] as number;
  }
}

function scatterSessionNumbers(values: Float64Array, sessionOf: Uint32Array, place: Uint32Array, out: Float64Array) {
  for (let row = 0; row < place.length; row++) {
    out[place[row] as number] = values[sessionOf[row] as number] as number;
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
