import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { LeadlineError } from "../../errors.js";
import type { ByteDictionary } from "../sources/chunk.js";
import type { ChunkMemory } from "./chunk-memory.js";
import type { Codes } from "./event-table.js";
import type { ChunkSlice, DroppedRows, PreparedChunk, PreparedColumn } from "./prepare.js";
import type { Slab } from "./slab.js";

/** Users stand in the table in the order of a hash of 32 bits; its highest bits are a user's cell, and parts are made of cells. */
const CELL_BITS = 10;
/** Number of cells. */
export const CELLS: number = 1 << CELL_BITS;

type Kept = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** Where an array lies in a chunk's file. */
interface Section {
  readonly array: "Uint8Array" | "Uint16Array" | "Uint32Array" | "Float64Array";
  readonly offset: number;
}

/** Ids in a chunk's file. */
interface SpilledIds {
  readonly bytes: Section;
  readonly offsets: Section;
  /** Uint32Array(CELLS + 1): bytes before each cell */
  readonly bytesBefore: Uint32Array;
}

/** A column of a chunk on disk: what chunks agree on, and where its values are. */
export type SpilledColumn =
  | {
      readonly kind: "codes";
      readonly type: "text" | "boolean";
      readonly perSession: boolean;
      readonly dictionary: ByteDictionary;
      readonly values: Section;
    }
  | {
      readonly kind: "numbers";
      readonly type: "number" | "time";
      readonly perSession: boolean;
      readonly values: Section;
    };

/**
 * A prepared chunk on disk: its users by cell, each with their sessions, each with their rows, so that any range of cells is one
 * stretch of every array. Rows keep their order within a session.
 */
export interface SpilledChunk {
  readonly path: string;
  readonly rows: number;
  readonly dropped: Readonly<DroppedRows>;
  /** Uint32Array(CELLS + 1) each: rows, sessions and users before each cell */
  readonly rowsBefore: Uint32Array;
  readonly sessionsBefore: Uint32Array;
  readonly usersBefore: Uint32Array;
  /** Null: `time` holds moments, else ms after it. */
  readonly baseMs: number | null;
  readonly time: Section;
  readonly event: Section;
  readonly eventDictionary: ByteDictionary;
  readonly userHash: Section;
  /** Sessions before each user. */
  readonly sessionOffsets: Section;
  readonly start: Section;
  readonly startRow: Section;
  readonly rowsOfSession: Section;
  readonly userIds: SpilledIds;
  /** One for each session; null where a session's id is its user's. */
  readonly sessionIds: SpilledIds | null;
  readonly columns: readonly SpilledColumn[];
}

/**
 * Writes a chunk to a file of its own. O(rows × columns).
 * @throws LeadlineError `output-invalid` when the file cannot be written
 */
export function spillChunk(chunk: PreparedChunk, path: string): SpilledChunk {
  try {
    const descriptor = openSync(path, "wx");
    try {
      return writeChunk(chunk, path, new Writer(descriptor));
    } finally {
      closeSync(descriptor);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError(
      "output-invalid",
      `the events do not fit in memory and cannot be kept in ${path}: ${reason}`,
      {
        cause,
      },
    );
  }
}

function writeChunk(chunk: PreparedChunk, path: string, writer: Writer): SpilledChunk {
  const { keys } = chunk;
  const usersBefore = cellBounds(keys.userHash);
  const sessionsBefore = usersBefore.map((user) => keys.sessionOffsets[user] as number);
  const rowsBefore = rowsOfCells(chunk, sessionsBefore);
  const { time } = chunk;
  return {
    path,
    rows: chunk.rows,
    dropped: chunk.dropped,
    rowsBefore,
    sessionsBefore,
    usersBefore,
    baseMs: time.kind === "offsets" ? time.baseMs : null,
    time: writer.put(time.kind === "offsets" ? time.offsets : time.values),
    event: writer.put(chunk.event),
    eventDictionary: chunk.eventDictionary,
    userHash: writer.put(keys.userHash),
    sessionOffsets: writer.put(keys.sessionOffsets),
    start: writer.put(keys.start),
    startRow: writer.put(keys.startRow),
    rowsOfSession: writer.put(chunk.rowsOfSession),
    userIds: writeIds(keys.userIds, usersBefore, writer),
    sessionIds: keys.sessionIds === null ? null : writeIds(keys.sessionIds, sessionsBefore, writer),
    columns: chunk.columns.map((column): SpilledColumn => {
      const values = writer.put(column.kind === "codes" ? column.codes : column.values);
      const { perSession } = column;
      return column.kind === "codes"
        ? { kind: "codes", type: column.type, perSession, dictionary: column.dictionary, values }
        : { kind: "numbers", type: column.type, perSession, values };
    }),
  };
}

/**
 * Reads the users of cells [fromCell, toCell) of a chunk. O(their rows × columns).
 * @throws Error of the file system
 */
export function readSlice(chunk: SpilledChunk, fromCell: number, toCell: number, memory: ChunkMemory): ChunkSlice {
  const rowStart = chunk.rowsBefore[fromCell] as number;
  const rows = (chunk.rowsBefore[toCell] as number) - rowStart;
  const sessionStart = chunk.sessionsBefore[fromCell] as number;
  const sessions = (chunk.sessionsBefore[toCell] as number) - sessionStart;
  const userStart = chunk.usersBefore[fromCell] as number;
  const users = (chunk.usersBefore[toCell] as number) - userStart;
  const descriptor = openSync(chunk.path, "r");
  const read = (section: Section, start: number, length: number, slab: Slab): Kept =>
    readSection(descriptor, section, start, length, slab);
  try {
    const idsOf = (ids: SpilledIds, start: number, count: number): ByteDictionary => {
      const firstByte = ids.bytesBefore[fromCell] as number;
      const length = (ids.bytesBefore[toCell] as number) - firstByte;
      const bytes = read(ids.bytes, firstByte, length, memory.keys) as Uint8Array;
      const offsets = read(ids.offsets, start, count + 1, memory.keys) as Uint32Array;
      for (let at = 0; at <= count; at++) offsets[at] = (offsets[at] as number) - firstByte;
      return { bytes, offsets };
    };
    const time = read(chunk.time, rowStart, rows, memory.rows);
    const sessionOffsets = read(chunk.sessionOffsets, userStart, users + 1, memory.keys) as Uint32Array;
    for (let at = 0; at <= users; at++) sessionOffsets[at] = (sessionOffsets[at] as number) - sessionStart;
    const { sessionIds } = chunk;
    return {
      rows,
      time:
        chunk.baseMs === null
          ? { kind: "moments", values: time as Float64Array }
          : { kind: "offsets", baseMs: chunk.baseMs, offsets: time as Uint32Array },
      event: read(chunk.event, rowStart, rows, memory.rows) as Codes,
      eventDictionary: chunk.eventDictionary,
      sessions,
      rowsOfSession: read(chunk.rowsOfSession, sessionStart, sessions, memory.rows) as Uint32Array,
      keys: {
        userHash: read(chunk.userHash, userStart, users, memory.keys) as Uint32Array,
        userIds: idsOf(chunk.userIds, userStart, users),
        sessionOffsets,
        start: read(chunk.start, sessionStart, sessions, memory.keys) as Float64Array,
        startRow: read(chunk.startRow, sessionStart, sessions, memory.keys) as Uint32Array,
        sessionIds: sessionIds === null ? null : idsOf(sessionIds, sessionStart, sessions),
      },
      columns: chunk.columns.map((column): PreparedColumn => {
        const { perSession } = column;
        const values = perSession
          ? read(column.values, sessionStart, sessions, memory.rows)
          : read(column.values, rowStart, rows, memory.rows);
        return column.kind === "codes"
          ? { kind: "codes", type: column.type, perSession, codes: values as Codes, dictionary: column.dictionary }
          : { kind: "numbers", type: column.type, perSession, values: values as Float64Array };
      }),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Uint32Array(CELLS + 1): users before each cell, of users ascending by hash. */
function cellBounds(userHash: Uint32Array): Uint32Array {
  const before = new Uint32Array(CELLS + 1);
  for (const hash of userHash) {
    const cell = (hash >>> (32 - CELL_BITS)) + 1;
    before[cell] = (before[cell] as number) + 1;
  }
  for (let cell = 0; cell < CELLS; cell++) before[cell + 1] = (before[cell + 1] as number) + (before[cell] as number);
  return before;
}

/** Uint32Array(CELLS + 1): rows before each cell. */
function rowsOfCells({ rowsOfSession }: PreparedChunk, sessionsBefore: Uint32Array): Uint32Array {
  const before = new Uint32Array(CELLS + 1);
  for (let cell = 0; cell < CELLS; cell++) {
    let rows = before[cell] as number;
    const end = sessionsBefore[cell + 1] as number;
    for (let at = sessionsBefore[cell] as number; at < end; at++) {
      rows += rowsOfSession[at] as number;
    }
    before[cell + 1] = rows;
  }
  return before;
}

/** @param before - ids before each cell */
function writeIds({ bytes, offsets }: ByteDictionary, before: Uint32Array, writer: Writer): SpilledIds {
  return {
    bytes: writer.put(bytes),
    offsets: writer.put(offsets),
    bytesBefore: before.map((id) => offsets[id] as number),
  };
}

class Writer {
  readonly #descriptor: number;
  #at = 0;

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  put(array: Kept): Section {
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const offset = this.#at;
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.#descriptor, bytes, done, bytes.length - done, offset + done);
    }
    this.#at = Math.ceil((offset + bytes.length) / 8) * 8;
    return { array: array.constructor.name as Section["array"], offset };
  }
}

function readSection(descriptor: number, { array, offset }: Section, start: number, length: number, slab: Slab): Kept {
  const out = emptyOf(array, length, slab);
  const bytes = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  const position = offset + start * out.BYTES_PER_ELEMENT;
  for (let done = 0; done < bytes.length; ) {
    const read = readSync(descriptor, bytes, done, bytes.length - done, position + done);
    if (read === 0) throw new RangeError("a chunk on disk is shorter than it was written");
    done += read;
  }
  return out;
}

function emptyOf(array: Section["array"], length: number, slab: Slab): Kept {
  switch (array) {
    case "Uint8Array":
      return slab.codes(length, 0);
    case "Uint16Array":
      return slab.codes(length, 1 << 8);
    case "Uint32Array":
      return slab.uint32(length);
    case "Float64Array":
      return slab.float64(length);
  }
}
