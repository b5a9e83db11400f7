import type { ByteDictionary, Chunk, ChunkColumn, CodesColumn } from "../sources/chunk.js";
import type { Codes } from "./event-table.js";
import { PairIndex } from "./pair-index.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "./shared.js";

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
  /** Float64Array(rows), ms since the epoch */
  readonly time: Float64Array;
  /** (rows), index into the chunk's event dictionary plus one */
  readonly event: Codes;
  readonly eventDictionary: ByteDictionary;
  /** (rows), index of the row's session among the chunk's */
  readonly sessionOfRow: Codes;
  /** Sessions of this chunk; the four arrays below have one entry for each. */
  readonly sessions: number;
  /** Index into `sessionDictionary` */
  readonly sessionCode: Uint32Array;
  /** Index into `userDictionary` */
  readonly userCode: Uint32Array;
  /** ms, the earliest time */
  readonly start: Float64Array;
  /** Row of the chunk that has that time first */
  readonly startRow: Uint32Array;
  readonly rowsOfSession: Uint32Array;
  /** Equal to `userDictionary` where the data have no session column, and the other way round. */
  readonly sessionDictionary: ByteDictionary;
  readonly userDictionary: ByteDictionary;
  readonly columns: readonly PreparedColumn[];
}

/**
 * Drops rows without time, user, session or event, and groups the rest by (user, session). O(rows).
 *
 * A session is a pair of user and session id: where session ids are numbered per user (1, 2, 3 …) the id alone would melt
 * thousands of users into one session.
 */
export function prepareChunk(chunk: Chunk, roles: ChunkRoles): PreparedChunk {
  const dropped: DroppedRows = { time: 0, event: 0, user: 0, session: 0 };
  const time = numbersOf(chunk, roles.time);
  const event = codesOf(chunk, roles.event);
  const session = codesOf(chunk, roles.session >= 0 ? roles.session : roles.user);
  const user = roles.user >= 0 ? codesOf(chunk, roles.user) : session;
  const kept = keptRows(chunk.rows, time, event.codes, user.codes, session.codes, roles, dropped);
  const rows = kept === null ? chunk.rows : kept.length;

  const grouped = groupSessions(rows, kept, user.codes, session.codes, session.dictionary.offsets.length - 1);
  const keptTime = keptValues(time, rows, kept);
  const events = keptCodes(event.codes, rows, kept, event.dictionary);
  const { sessionOfRow, sessions } = grouped;
  const start = sharedFloat64(sessions).fill(Number.POSITIVE_INFINITY);
  const startRow = sharedUint32(sessions);
  const rowsOfSession = sharedUint32(sessions);
  for (let row = 0; row < rows; row++) {
    const local = sessionOfRow[row] as number;
    rowsOfSession[local] = (rowsOfSession[local] as number) + 1;
    if ((keptTime[row] as number) < (start[local] as number)) {
      start[local] = keptTime[row] as number;
      startRow[local] = row;
    }
  }
  const columns = roles.others.map((index) =>
    prepareColumn(chunk.columns[index] as ChunkColumn, rows, kept, sessionOfRow, sessions),
  );
  return {
    rows,
    dropped,
    time: keptTime,
    event: events,
    eventDictionary: event.dictionary,
    ...grouped,
    start,
    startRow,
    rowsOfSession,
    sessionDictionary: session.dictionary,
    userDictionary: user.dictionary,
    columns,
  };
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
  readonly sessionOfRow: Codes;
  readonly sessions: number;
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
  const pairOfRow = scratch;
  const pairs = new PairIndex(sessionIds + 1);
  for (let row = 0; row < rows; row++) {
    const source = kept === null ? row : (kept[row] as number);
    pairOfRow[row] = pairs.numberOf(session[source] as number, user[source] as number);
  }
  const sessions = pairs.count;
  const sessionOfRow = sharedCodes(rows, sessions);
  sessionOfRow.set(pairOfRow.subarray(0, rows));
  const sessionCode = sharedUint32(sessions);
  const userCode = sharedUint32(sessions);
  for (let local = 0; local < sessions; local++) {
    sessionCode[local] = pairs.leftOf(local) - 1;
    userCode[local] = pairs.rightOf(local) - 1;
  }
  return { sessionOfRow, sessions, sessionCode, userCode };
}

function prepareColumn(
  column: ChunkColumn,
  rows: number,
  kept: Uint32Array | null,
  sessionOfRow: Codes,
  sessions: number,
): PreparedColumn {
  if (column.kind === "codes") {
    const { codes, dictionary, type } = column;
    const perSession = codesPerSession(codes, rows, kept, sessionOfRow, sessions, dictionary.offsets.length - 1);
    if (perSession !== null) return { kind: "codes", type, perSession: true, codes: perSession, dictionary };
    return { kind: "codes", type, perSession: false, codes: keptCodes(codes, rows, kept, dictionary), dictionary };
  }
  const { values, type } = column;
  const perSession = valuesPerSession(values, rows, kept, sessionOfRow, sessions);
  if (perSession !== null) return { kind: "numbers", type, perSession: true, values: perSession };
  return { kind: "numbers", type, perSession: false, values: keptValues(values, rows, kept) };
}

/** The code of each session, or null where some session has two. */
function codesPerSession(
  codes: Codes,
  rows: number,
  kept: Uint32Array | null,
  sessionOfRow: Codes,
  sessions: number,
  distinct: number,
): Codes | null {
  const out = sharedCodes(sessions, distinct + 1);
  // shifted by one: 0 = not seen yet
  if (kept === null) {
    for (let row = 0; row < rows; row++) {
      const code = (codes[row] as number) + 1;
      const local = sessionOfRow[row] as number;
      const seen = out[local] as number;
      if (seen === 0) out[local] = code;
      else if (seen !== code) return null;
    }
  } else {
    for (let row = 0; row < rows; row++) {
      const code = (codes[kept[row] as number] as number) + 1;
      const local = sessionOfRow[row] as number;
      const seen = out[local] as number;
      if (seen === 0) out[local] = code;
      else if (seen !== code) return null;
    }
  }
  for (let local = 0; local < sessions; local++) out[local] = (out[local] as number) - 1;
  return out;
}

/** The value of each session, or null where some session has two; missing is a value of its own. */
function valuesPerSession(
  values: Float64Array,
  rows: number,
  kept: Uint32Array | null,
  sessionOfRow: Codes,
  sessions: number,
): Float64Array | null {
  const out = sharedFloat64(sessions);
  const seen = new Uint8Array(sessions);
  for (let row = 0; row < rows; row++) {
    const value = values[kept === null ? row : (kept[row] as number)] as number;
    const local = sessionOfRow[row] as number;
    if (seen[local] === 0) {
      seen[local] = 1;
      out[local] = value;
    } else if (out[local] !== value && !(Number.isNaN(value) && Number.isNaN(out[local] as number))) return null;
  }
  return out;
}

function keptCodes(codes: Codes, rows: number, kept: Uint32Array | null, dictionary: ByteDictionary): Codes {
  if (kept === null) return codes;
  const out = sharedCodes(rows, dictionary.offsets.length - 1);
  for (let row = 0; row < rows; row++) out[row] = codes[kept[row] as number] as number;
  return out;
}

function keptValues(values: Float64Array, rows: number, kept: Uint32Array | null): Float64Array {
  if (kept === null) return values;
  const out = sharedFloat64(rows);
  for (let row = 0; row < rows; row++) out[row] = values[kept[row] as number] as number;
  return out;
}
