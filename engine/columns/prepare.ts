import type { ByteDictionary, Chunk, ChunkColumn, CodesColumn } from "../sources/chunk.js";
import { type ChunkKeys, orderKeys } from "./chunk-keys.js";
import type { ChunkMemory } from "./chunk-memory.js";
import { ChunkSessions } from "./chunk-sessions.js";
import { type ChunkTimes, orderedValues, packTimes } from "./chunk-times.js";
import type { Codes } from "./event-table.js";
import { PairIndex } from "./pair-index.js";
import { Slab } from "./slab.js";

/** Which column of a chunk plays which role: indices into `Chunk.columns`; -1 where the data have none. */
export interface ChunkRoles {
  readonly time: number;
  readonly event: number;
  readonly user: number;
  readonly session: number;
  /** The other columns, in the order of the event table. */
  readonly others: readonly number[];
}

/** Why rows could not be used. */
export interface DroppedRows {
  time: number;
  event: number;
  user: number;
  session: number;
}

/**
 * A column of a prepared chunk. `perSession`: the value is the same in all rows of each of the chunk's sessions, and is
 * kept once for each of them.
 */
export type PreparedColumn =
  | {
      readonly kind: "codes";
      readonly type: "text" | "boolean";
      readonly perSession: boolean;
      readonly codes: Codes;
      readonly dictionary: ByteDictionary;
    }
  | {
      readonly kind: "numbers";
      readonly type: "number" | "time";
      readonly perSession: boolean;
      readonly values: Float64Array;
    };

/**
 * A chunk whose unusable rows are gone and whose rows stand session by session, in the order of `keys`; those of a session as they stand in the
 * chunk. So no row needs to name its session or user, and rows go to their places a session at a time.
 */
export interface PreparedChunk {
  readonly rows: number;
  readonly dropped: Readonly<DroppedRows>;
  readonly time: ChunkTimes;
  /** (rows), index into the chunk's event dictionary plus one */
  readonly event: Codes;
  readonly eventDictionary: ByteDictionary;
  /** Sessions of this chunk, numbered as in `keys`. */
  readonly sessions: number;
  /** Uint32Array(sessions) */
  readonly rowsOfSession: Uint32Array;
  /** Whose they are, and when they begin. */
  readonly keys: ChunkKeys;
  readonly columns: readonly PreparedColumn[];
}

/** A prepared chunk, or the sessions of some of its users with all dictionaries of the whole. */
export type ChunkSlice = Omit<PreparedChunk, "dropped">;

/** Rows that could not be used, over all chunks. */
export function sumDropped(chunks: readonly Pick<PreparedChunk, "dropped">[]): DroppedRows {
  const sum: DroppedRows = { time: 0, event: 0, user: 0, session: 0 };
  for (const { dropped } of chunks) {
    sum.time += dropped.time;
    sum.event += dropped.event;
    sum.user += dropped.user;
    sum.session += dropped.session;
  }
  return sum;
}

const separate: ChunkMemory = { rows: new Slab(0), keys: new Slab(0) };

/**
 * Drops rows without time, user, session or event, and groups the rest by (user, session). O(rows).
 *
 * A session is a pair of user and session id: where session ids are numbered per user (1, 2, 3 …) the id alone would melt
 * thousands of users into one session.
 * @param memory - takes all that is kept, so that nothing of `chunk` is
 */
export function prepareChunk(chunk: Chunk, roles: ChunkRoles, memory: ChunkMemory = separate): PreparedChunk {
  const time = numbersOf(chunk, roles.time);
  const event = codesOf(chunk, roles.event);
  const session = codesOf(chunk, roles.session >= 0 ? roles.session : roles.user);
  const user = roles.user >= 0 ? codesOf(chunk, roles.user) : session;
  const own: OwnColumns = { time, event, user, session };
  const columns = { time, event: event.codes, user: user.codes, session: session.codes };
  const found = ChunkSessions.of(chunk.rows, columns, session.dictionary.offsets.length - 1);
  return found === null ? prepareOther(chunk, roles, own, memory) : prepareUsual(chunk, roles, own, found, memory);
}

/** The columns of a chunk that have roles. */
interface OwnColumns {
  readonly time: Float64Array;
  readonly event: CodesColumn;
  readonly user: CodesColumn;
  readonly session: CodesColumn;
}

/** A chunk all of whose rows are used. */
function prepareUsual(
  { rows, columns }: Chunk,
  roles: ChunkRoles,
  { event, user, session }: OwnColumns,
  found: ChunkSessions,
  memory: ChunkMemory,
): PreparedChunk {
  const { keys, rowsOfSession } = found.order(user.dictionary, session.dictionary, memory);
  return {
    rows,
    dropped: { time: 0, event: 0, user: 0, session: 0 },
    time: found.times(memory.rows),
    event: found.rowCodes(event.codes, event.dictionary.offsets.length - 1, memory.rows),
    eventDictionary: memory.keys.dictionary(event.dictionary),
    sessions: found.count,
    rowsOfSession,
    keys,
    columns: roles.others.map((index) => usualColumn(columns[index] as ChunkColumn, found, memory.rows)),
  };
}

function usualColumn(column: ChunkColumn, found: ChunkSessions, memory: Slab): PreparedColumn {
  if (column.kind === "codes") {
    const dictionary = memory.dictionary(column.dictionary);
    const largest = dictionary.offsets.length - 1;
    const bySession = found.codes(column.codes, largest, memory);
    const codes = bySession ?? found.rowCodes(column.codes, largest, memory);
    return { kind: "codes", type: column.type, perSession: bySession !== null, codes, dictionary };
  }
  const bySession = found.numbers(column.values, memory);
  const values = bySession ?? found.rowNumbers(column.values, memory);
  return { kind: "numbers", type: column.type, perSession: bySession !== null, values };
}

/** Any other chunk: some rows cannot be used, session ids are numbered per user, or rows are very many. */
function prepareOther(
  chunk: Chunk,
  roles: ChunkRoles,
  { time, event, user, session }: OwnColumns,
  memory: ChunkMemory,
): PreparedChunk {
  const dropped: DroppedRows = { time: 0, event: 0, user: 0, session: 0 };
  const kept = keptRows(chunk.rows, time, event.codes, user.codes, session.codes, roles, dropped);
  const rows = kept === null ? chunk.rows : kept.length;

  const { sessionOf, ...found } = groupSessions(
    rows,
    kept,
    user.codes,
    session.codes,
    session.dictionary.offsets.length - 1,
  );
  const sessions = found.userCode.length;
  const start = new Float64Array(sessions).fill(Number.POSITIVE_INFINITY);
  const startRow = new Uint32Array(sessions);
  const rowsFound = new Uint32Array(sessions);
  const earliest = findStarts(time, rows, kept, sessionOf, start, startRow, rowsFound);
  const coded = { ...found, userIds: user.dictionary, sessionIds: session.dictionary, start, startRow };
  const { keys, placeOf } = orderKeys(coded, memory.keys);
  const rowsOfSession = memory.rows.uint32(sessions);
  for (let local = 0; local < sessions; local++) {
    rowsOfSession[placeOf[local] as number] = rowsFound[local] as number;
  }
  const order = orderRows(rows, kept, sessionOf, placeOf, rowsOfSession);
  return {
    rows,
    dropped,
    time: packTimes(orderedValues(time, order), earliest, memory.rows),
    event: orderedCodes(event.codes, order, event.dictionary, memory.rows),
    eventDictionary: memory.keys.dictionary(event.dictionary),
    sessions,
    rowsOfSession,
    keys,
    columns: roles.others.map((index) =>
      prepareColumn(chunk.columns[index] as ChunkColumn, order, rowsOfSession, memory.rows),
    ),
  };
}

/** The rows that are kept, session by session: index of each in the chunk. */
function orderRows(
  rows: number,
  kept: Uint32Array | null,
  sessionOf: Uint32Array,
  placeOf: Uint32Array,
  rowsOfSession: Uint32Array,
): Uint32Array {
  const next = new Uint32Array(rowsOfSession.length);
  let sum = 0;
  for (let place = 0; place < next.length; place++) {
    next[place] = sum;
    sum += rowsOfSession[place] as number;
  }
  const order = new Uint32Array(rows);
  for (let row = 0; row < rows; row++) {
    const place = placeOf[sessionOf[row] as number] as number;
    const at = next[place] as number;
    order[at] = kept === null ? row : (kept[row] as number);
    next[place] = at + 1;
  }
  return order;
}

/** The first row and the number of rows of each session. Returns the earliest time of all. */
function findStarts(
  moments: Float64Array,
  rows: number,
  kept: Uint32Array | null,
  sessionOf: Uint32Array,
  start: Float64Array,
  startRow: Uint32Array,
  rowsOfSession: Uint32Array,
): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    const local = sessionOf[row] as number;
    rowsOfSession[local] = (rowsOfSession[local] as number) + 1;
    const moment = moments[kept === null ? row : (kept[row] as number)] as number;
    if (moment < (start[local] as number)) {
      start[local] = moment;
      startRow[local] = row;
      if (moment < earliest) earliest = moment;
    }
  }
  return earliest;
}

function numbersOf(chunk: Chunk, index: number): Float64Array {
  const column = chunk.columns[index];
  if (column?.kind !== "numbers") throw new TypeError("the time column must come as numbers");
  return column.values;
}

function codesOf(chunk: Chunk, index: number): CodesColumn {
  const column = chunk.columns[index];
  if (column?.kind !== "codes") throw new TypeError("event, user and session columns must come as codes");
  return column;
}

/** Indices of the rows that can be used; null for all, so that the usual case copies nothing. */
function keptRows(
  rows: number,
  time: Float64Array,
  event: Codes,
  user: Codes,
  session: Codes,
  roles: ChunkRoles,
  dropped: DroppedRows,
): Uint32Array | null {
  let kept: Uint32Array | null = null;
  let count = 0;
  for (let row = 0; row < rows; row++) {
    const t = time[row] as number;
    const usable = !Number.isNaN(t) && event[row] !== 0 && user[row] !== 0 && session[row] !== 0;
    if (usable) {
      if (kept !== null) kept[count] = row;
      count++;
      continue;
    }
    if (kept === null) {
      kept = new Uint32Array(rows);
      for (let before = 0; before < row; before++) kept[before] = before;
    }
    if (Number.isNaN(t)) dropped.time++;
    else if (event[row] === 0) dropped.event++;
    else if (roles.user >= 0 && user[row] === 0) dropped.user++;
    else dropped.session++;
  }
  return kept === null ? null : kept.subarray(0, count);
}

/** Sessions of rows before it is known how narrow they can be; one a thread, grown as chunks need. */
let scratch = new Uint32Array(0);

interface GroupedSessions {
  /** Uint32Array(at least rows), sessions as they appear: scratch, good until the next chunk */
  readonly sessionOf: Uint32Array;
  /** Uint32Array(sessions): codes of each session's id and user, from 0 */
  readonly sessionCode: Uint32Array;
  readonly userCode: Uint32Array;
}

/** Numbers the distinct (user, session) pairs by first appearance. O(rows) expected. */
function groupSessions(
  rows: number,
  kept: Uint32Array | null,
  user: Codes,
  session: Codes,
  sessionIds: number,
): GroupedSessions {
  if (scratch.length < rows) scratch = new Uint32Array(rows);
  const sessionOf = scratch;
  const pairs = new PairIndex(sessionIds + 1);
  numberRows(rows, kept, user, session, pairs, sessionOf);
  const sessionCode = new Uint32Array(pairs.count);
  const userCode = new Uint32Array(pairs.count);
  for (let local = 0; local < pairs.count; local++) {
    sessionCode[local] = pairs.leftOf(local) - 1;
    userCode[local] = pairs.rightOf(local) - 1;
  }
  return { sessionOf, sessionCode, userCode };
}

/** Numbers each row's session. */
function numberRows(
  rows: number,
  kept: Uint32Array | null,
  user: Codes,
  session: Codes,
  pairs: PairIndex,
  sessionOf: Uint32Array,
): void {
  for (let row = 0; row < rows; row++) {
    const source = kept === null ? row : (kept[row] as number);
    sessionOf[row] = pairs.numberOf(session[source] as number, user[source] as number);
  }
}

/** @param order - from `orderRows` */
function prepareColumn(
  column: ChunkColumn,
  order: Uint32Array,
  rowsOfSession: Uint32Array,
  memory: Slab,
): PreparedColumn {
  const sessions = rowsOfSession.length;
  if (column.kind === "codes") {
    const { type } = column;
    const dictionary = memory.dictionary(column.dictionary);
    const ordered = new Uint32Array(order.length);
    putCodes(column.codes, order, ordered);
    const isConstant = areConstant(ordered, rowsOfSession);
    const codes = memory.codes(isConstant ? sessions : order.length, dictionary.offsets.length - 1);
    if (isConstant) pickFirst(ordered, rowsOfSession, codes);
    else codes.set(ordered);
    return { kind: "codes", type, perSession: isConstant, codes, dictionary };
  }
  const ordered = orderedValues(column.values, order);
  const isConstant = areConstant(ordered, rowsOfSession);
  const values = memory.float64(isConstant ? sessions : order.length);
  if (isConstant) pickFirst(ordered, rowsOfSession, values);
  else values.set(ordered);
  return { kind: "numbers", type: column.type, perSession: isConstant, values };
}

/** Whether no session has two values; missing is a value of its own. */
function areConstant(values: Uint32Array | Float64Array, rowsOfSession: Uint32Array): boolean {
  let row = 0;
  for (let session = 0; session < rowsOfSession.length; session++) {
    const first = values[row] as number;
    for (const end = row + (rowsOfSession[session] as number); row < end; row++) {
      const value = values[row] as number;
      if (value !== first && !(Number.isNaN(value) && Number.isNaN(first))) return false;
    }
  }
  return true;
}

/** The first value of each session. */
function pickFirst(values: Uint32Array | Float64Array, rowsOfSession: Uint32Array, out: Codes | Float64Array): void {
  let row = 0;
  for (let session = 0; session < rowsOfSession.length; session++) {
    out[session] = values[row] as number;
    row += rowsOfSession[session] as number;
  }
}

function orderedCodes(codes: Codes, order: Uint32Array, dictionary: ByteDictionary, memory: Slab): Codes {
  const out = memory.codes(order.length, dictionary.offsets.length - 1);
  putCodes(codes, order, out);
  return out;
}

function putCodes(codes: Codes, order: Uint32Array, out: Codes): void {
  for (let at = 0; at < order.length; at++) out[at] = codes[order[at] as number] as number;
}
