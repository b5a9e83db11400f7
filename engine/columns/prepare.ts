import type { ByteDictionary, Chunk, ChunkColumn, CodesColumn } from "../sources/chunk.js";
import { type ChunkKeys, orderKeys } from "./chunk-keys.js";
import type { ChunkMemory } from "./chunk-memory.js";
import { ChunkSessions } from "./chunk-sessions.js";
import { type ChunkTimes, keptValues, packTimes } from "./chunk-times.js";
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
 * A chunk whose unusable rows are gone and whose rows know the session they belong to. The user of a row is that of its
 * session, so no user column is kept: 4 bytes an event less.
 */
export interface PreparedChunk {
  readonly rows: number;
  readonly dropped: Readonly<DroppedRows>;
  readonly time: ChunkTimes;
  /** (rows), index into the chunk's event dictionary plus one */
  readonly event: Codes;
  readonly eventDictionary: ByteDictionary;
  /** (rows), the row's session; null: each session's rows stand together */
  readonly sessionOfRow: Codes | null;
  /** Uint32Array(sessions): the sessions in the order of their rows, where those stand together; null: in their own order */
  readonly runs: Uint32Array | null;
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
  const found = ChunkSessions.of(chunk.rows, columns, session.dictionary.offsets.length - 1, memory.rows);
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
    time: found.time,
    event: keptCodes(event.codes, rows, null, event.dictionary, memory.rows),
    eventDictionary: memory.keys.dictionary(event.dictionary),
    sessionOfRow: found.isTogether ? null : found.sessionOfRow(memory.rows),
    runs: found.isTogether ? found.places(memory.rows) : null,
    sessions: found.count,
    rowsOfSession,
    keys,
    columns: roles.others.map((index) => usualColumn(columns[index] as ChunkColumn, rows, found, memory.rows)),
  };
}

function usualColumn(column: ChunkColumn, rows: number, found: ChunkSessions, memory: Slab): PreparedColumn {
  if (column.kind === "codes") {
    const dictionary = memory.dictionary(column.dictionary);
    const bySession = found.codes(column.codes, dictionary.offsets.length - 1, memory);
    const codes = bySession ?? keptCodes(column.codes, rows, null, dictionary, memory);
    return { kind: "codes", type: column.type, perSession: bySession !== null, codes, dictionary };
  }
  const bySession = found.numbers(column.values, memory);
  if (bySession !== null) return { kind: "numbers", type: column.type, perSession: true, values: bySession };
  const values = memory.float64(rows);
  values.set(column.values);
  return { kind: "numbers", type: column.type, perSession: false, values };
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

  const { sessionOf, isTogether, ...found } = groupSessions(
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
  const moments = keptValues(time, rows, kept);
  const earliest = findStarts(moments, rows, sessionOf, start, startRow, rowsFound);
  const coded = { ...found, userIds: user.dictionary, sessionIds: session.dictionary, start, startRow };
  const { keys, placeOf } = orderKeys(coded, memory.keys);
  const rowsOfSession = memory.rows.uint32(sessions);
  putCodes(rowsFound, placeOf, rowsOfSession);
  let runs: Uint32Array | null = null;
  let sessionOfRow: Codes | null = null;
  if (isTogether) {
    runs = memory.rows.uint32(sessions);
    runs.set(placeOf);
  } else {
    sessionOfRow = memory.rows.codes(rows, sessions);
    placeRows(sessionOf, rows, placeOf, sessionOfRow);
  }
  return {
    rows,
    dropped,
    time: packTimes(moments, earliest, memory.rows),
    event: keptCodes(event.codes, rows, kept, event.dictionary, memory.rows),
    eventDictionary: memory.keys.dictionary(event.dictionary),
    sessionOfRow,
    runs,
    sessions,
    rowsOfSession,
    keys,
    columns: roles.others.map((index) =>
      prepareColumn(chunk.columns[index] as ChunkColumn, rows, kept, sessionOf, placeOf, memory.rows),
    ),
  };
}

/** The first row and the number of rows of each session. Returns the earliest time of all. */
function findStarts(
  moments: Float64Array,
  rows: number,
  sessionOf: Uint32Array,
  start: Float64Array,
  startRow: Uint32Array,
  rowsOfSession: Uint32Array,
): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (let row = 0; row < rows; row++) {
    const local = sessionOf[row] as number;
    rowsOfSession[local] = (rowsOfSession[local] as number) + 1;
    const moment = moments[row] as number;
    if (moment < (start[local] as number)) {
      start[local] = moment;
      startRow[local] = row;
      if (moment < earliest) earliest = moment;
    }
  }
  return earliest;
}

function putCodes(values: Uint32Array, placeOf: Uint32Array, out: Codes): void {
  for (let local = 0; local < placeOf.length; local++) out[placeOf[local] as number] = values[local] as number;
}

function putNumbers(values: Float64Array, placeOf: Uint32Array, out: Float64Array): void {
  for (let local = 0; local < placeOf.length; local++) out[placeOf[local] as number] = values[local] as number;
}

function placeRows(sessionOf: Uint32Array, rows: number, placeOf: Uint32Array, out: Codes): void {
  for (let row = 0; row < rows; row++) out[row] = placeOf[sessionOf[row] as number] as number;
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
  /** Whether each session's rows stand together. */
  readonly isTogether: boolean;
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
  const isTogether = numberRows(rows, kept, user, session, pairs, sessionOf);
  const sessionCode = new Uint32Array(pairs.count);
  const userCode = new Uint32Array(pairs.count);
  for (let local = 0; local < pairs.count; local++) {
    sessionCode[local] = pairs.leftOf(local) - 1;
    userCode[local] = pairs.rightOf(local) - 1;
  }
  return { sessionOf, isTogether, sessionCode, userCode };
}

/** Numbers each row's session; returns whether each session's rows stand together. */
function numberRows(
  rows: number,
  kept: Uint32Array | null,
  user: Codes,
  session: Codes,
  pairs: PairIndex,
  sessionOf: Uint32Array,
): boolean {
  let [last, isTogether] = [0, true];
  for (let row = 0; row < rows; row++) {
    const source = kept === null ? row : (kept[row] as number);
    const pair = pairs.numberOf(session[source] as number, user[source] as number);
    sessionOf[row] = pair;
    // pairs are numbered as they appear, so a smaller one is a session that goes on after another
    if (pair < last) isTogether = false;
    last = pair;
  }
  return isTogether;
}

/** @param placeOf - Uint32Array(sessions): the number of each of the sessions that `sessionOf` numbers */
function prepareColumn(
  column: ChunkColumn,
  rows: number,
  kept: Uint32Array | null,
  sessionOf: Uint32Array,
  placeOf: Uint32Array,
  memory: Slab,
): PreparedColumn {
  const sessions = placeOf.length;
  if (column.kind === "codes") {
    const { codes, type } = column;
    const dictionary = memory.dictionary(column.dictionary);
    const found = codesPerSession(codes, rows, kept, sessionOf, sessions);
    if (found === null) {
      const own = keptCodes(codes, rows, kept, dictionary, memory);
      return { kind: "codes", type, perSession: false, codes: own, dictionary };
    }
    const perSession = memory.codes(sessions, dictionary.offsets.length - 1);
    for (let local = 0; local < sessions; local++) found[local] = (found[local] as number) - 1;
    putCodes(found, placeOf, perSession);
    return { kind: "codes", type, perSession: true, codes: perSession, dictionary };
  }
  const { values, type } = column;
  const found = valuesPerSession(values, rows, kept, sessionOf, sessions);
  if (found === null) {
    const own = memory.float64(rows);
    own.set(keptValues(values, rows, kept));
    return { kind: "numbers", type, perSession: false, values: own };
  }
  const perSession = memory.float64(sessions);
  putNumbers(found, placeOf, perSession);
  return { kind: "numbers", type, perSession: true, values: perSession };
}

/** One more than the code of each session, or null where some session has two. */
function codesPerSession(
  codes: Codes,
  rows: number,
  kept: Uint32Array | null,
  sessionOf: Uint32Array,
  sessions: number,
): Uint32Array | null {
  // 0 = not seen yet
  const out = new Uint32Array(sessions);
  if (kept === null) {
    for (let row = 0; row < rows; row++) {
      const code = (codes[row] as number) + 1;
      const local = sessionOf[row] as number;
      const seen = out[local] as number;
      if (seen === 0) out[local] = code;
      else if (seen !== code) return null;
    }
  } else {
    for (let row = 0; row < rows; row++) {
      const code = (codes[kept[row] as number] as number) + 1;
      const local = sessionOf[row] as number;
      const seen = out[local] as number;
      if (seen === 0) out[local] = code;
      else if (seen !== code) return null;
    }
  }
  return out;
}

/** The value of each session, or null where some session has two; missing is a value of its own. */
function valuesPerSession(
  values: Float64Array,
  rows: number,
  kept: Uint32Array | null,
  sessionOf: Uint32Array,
  sessions: number,
): Float64Array | null {
  const out = new Float64Array(sessions);
  const seen = new Uint8Array(sessions);
  for (let row = 0; row < rows; row++) {
    const value = values[kept === null ? row : (kept[row] as number)] as number;
    const local = sessionOf[row] as number;
    if (seen[local] === 0) {
      seen[local] = 1;
      out[local] = value;
    } else if (out[local] !== value && !(Number.isNaN(value) && Number.isNaN(out[local] as number))) return null;
  }
  return out;
}

function keptCodes(
  codes: Codes,
  rows: number,
  kept: Uint32Array | null,
  dictionary: ByteDictionary,
  memory: Slab,
): Codes {
  const out = memory.codes(rows, dictionary.offsets.length - 1);
  if (kept === null) out.set(codes);
  else for (let row = 0; row < rows; row++) out[row] = codes[kept[row] as number] as number;
  return out;
}
