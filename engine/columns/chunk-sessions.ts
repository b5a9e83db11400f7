import type { CodeWidth } from "../../kernels/wasm/hybrid.js";
import { digitBytes } from "../../kernels/wasm/layouts.js";
import type { ByteDictionary } from "../sources/chunk.js";
import { type DecoderMemory, decoderMemory } from "../sources/decoder-memory.js";
import type { ChunkKeys } from "./chunk-keys.js";
import type { ChunkMemory } from "./chunk-memory.js";
import { type ChunkTimes, packTimesAt } from "./chunk-times.js";
import type { Codes } from "./event-table.js";
import type { Slab } from "./slab.js";

/** Rows of a chunk that are brought to the decoders' memory: up to 150 bytes each, and the ids, of the 2 GiB that it can be. */
const MOST_ROWS = 1 << 22;

/** The columns that every row must have. */
export interface RowColumns {
  /** Float64Array(rows), ms */
  readonly time: Float64Array;
  /** (rows), 0 = missing, as the two that follow */
  readonly event: Codes;
  readonly user: Codes;
  /** The same as `user` where sessions have no id of their own. */
  readonly session: Codes;
}

/**
 * The sessions of a chunk all of whose rows can be used, each session id of one user, as most files have them. What is asked of rows is
 * computed by WebAssembly, on the memory of the decoders, where everything stays until the next chunk.
 */
export class ChunkSessions {
  readonly count: number;
  readonly #memory: DecoderMemory;
  readonly #found: Found;

  /**
   * Null where some row cannot be used, or some session id has two users, or rows are very many. O(rows).
   * @param sessionIds - codes of sessions are at most this
   */
  static of(rows: number, columns: RowColumns, sessionIds: number): ChunkSessions | null {
    if (rows > MOST_ROWS) return null;
    const decoder = decoderMemory();
    const { kernels } = decoder;
    const time = decoder.putNumbers(columns.time);
    if (kernels.hasNaN(time, rows) === 1) return null;
    const session = decoder.reserve("codes", 4 * rows);
    if (!putCodes(decoder, columns.event, session, rows)) return null;
    if (!putCodes(decoder, columns.session, session, rows)) return null;
    const isSame = columns.user === columns.session;
    const user = isSame ? session : decoder.reserve("users", 4 * rows);
    if (!isSame && !putCodes(decoder, columns.user, user, rows)) return null;
    const first = decoder.reserve("first", 4 * (sessionIds + 1));
    const sessionOf = decoder.reserve("rowSessions", 4 * rows);
    const previous = decoder.reserve("previous", 4 * rows);
    // a start and six words each
    const most = Math.min(rows, sessionIds);
    const start = decoder.reserve("sessions", 32 * most);
    const [sessionCode = 0, userCode = 0, startRow = 0, firstRow = 0, lastRow = 0, rowsOf = 0] = [0, 1, 2, 3, 4, 5].map(
      (index) => start + (8 + 4 * index) * most,
    );
    decoder.words(first, sessionIds + 1).fill(0);
    const count = kernels.groupRows(
      ...[session, user, time, rows, first, sessionOf, previous],
      ...[sessionCode, userCode, start, startRow, firstRow, lastRow, rowsOf],
    );
    if (count < 0) return null;
    return new ChunkSessions(decoder, {
      rows,
      count,
      time,
      earliest: kernels.leastNumber(start, count),
      hasOwnIds: !isSame,
      ...{ sessionOf, previous, sessionCode, userCode, start, startRow, firstRow, rowsOf },
    });
  }

  private constructor(memory: DecoderMemory, found: Found) {
    this.#memory = memory;
    this.#found = found;
    this.count = found.count;
  }

  /**
   * Brings the sessions, and their rows, into the order of their users' hashes, in which the methods below write what they are asked for. O(sessions + values
   * and bytes of the dictionaries). See `orderKeys`, which is the same for other chunks.
   * @param userIds - the dictionary of the users' codes
   * @param sessionIds - that of the sessions' codes; unused where a session's id is its user's
   */
  order(userIds: ByteDictionary, sessionIds: ByteDictionary, memory: ChunkMemory): OrderedSessions {
    const decoder = this.#memory;
    const { kernels } = decoder;
    const { count, sessionCode, userCode, start, startRow, rowsOf, hasOwnIds, sessionOf } = this.#found;
    const size = userIds.offsets.length - 1;
    const ofUsers = putDictionary(decoder, userIds, "userIds");
    const ofSessions = hasOwnIds ? putDictionary(decoder, sessionIds, "sessionIds") : ofUsers;
    const most = Math.min(count, size);
    // pairs and sorted pairs, then what is told of sessions at their places, starts first
    const keys = decoder.reserve("keys", 20 * count + 16 * most + digitBytes + 4 * (size + 1) + 8 * (most + 1));
    const [pairs, sorted] = [keys + 8 * count, keys + 8 * (count + most)];
    const digits = sorted + 8 * most;
    const counts = digits + digitBytes;
    const [hashes, offsets] = [counts + 4 * (size + 1), counts + 4 * (size + 1 + most)];
    const rest = offsets + 4 * (most + 1);
    const [rows, total, codes] = [rest, rest + 4 * count, rest + 8 * count];
    const places = decoder.reserve("places", 4 * count);
    const users = kernels.hashUsers(userCode, count, ofUsers.offsets, ofUsers.bytes, size, counts, pairs);
    kernels.sortByHash(pairs, sorted, users, digits);
    kernels.placeUsers(sorted, users, counts, hashes, offsets);
    kernels.placeSessions(
      ...[userCode, count, counts, places, start, startRow, rowsOf, sessionCode],
      ...[keys, rows, total, codes],
    );
    const next = decoder.reserve("next", 8 * count);
    kernels.placeRows(sessionOf, this.#found.rows, places, total, count, next, sessionOf);
    return {
      keys: {
        userHash: kept(memory.keys.uint32(users), decoder.words(hashes, users)),
        userIds: this.#picked(sorted + 4, 8, users, ofUsers, memory.keys),
        sessionOffsets: kept(memory.keys.uint32(users + 1), decoder.words(offsets, users + 1)),
        start: kept(memory.keys.float64(count), decoder.numbers(keys, count)),
        startRow: kept(memory.keys.uint32(count), decoder.words(rows, count)),
        sessionIds: hasOwnIds ? this.#picked(codes, 4, count, ofSessions, memory.keys) : null,
      },
      rowsOfSession: kept(memory.rows.uint32(count), decoder.words(total, count)),
    };
  }

  /** The values of some codes, all different, which stand `step` bytes apart. */
  #picked(codes: number, step: number, count: number, from: DictionaryAt, memory: Slab): ByteDictionary {
    const decoder = this.#memory;
    const offsets = decoder.reserve("picked", 4 * (count + 1) + from.size);
    const bytes = offsets + 4 * (count + 1);
    const size = decoder.kernels.pickValues(codes, step, count, from.offsets, from.bytes, offsets, bytes);
    return {
      bytes: kept(memory.bytes(size), decoder.bytes(bytes, size)),
      offsets: kept(memory.uint32(count + 1), decoder.words(offsets, count + 1)),
    };
  }

  /** The times of all rows, session by session. */
  times(memory: Slab): ChunkTimes {
    const { time, earliest, rows } = this.#found;
    return packTimesAt(time, rows, earliest, memory, (from, width) => this.#moved(from, width));
  }

  /**
   * The codes of all rows, session by session.
   * @param largest - codes are at most this
   */
  rowCodes(codes: Codes, largest: number, memory: Slab): Codes {
    const width = codes.BYTES_PER_ELEMENT as CodeWidth;
    const from = this.#memory.reserve("codes", codes.byteLength);
    this.#memory.codes(from, codes.length, width).set(codes);
    const out = memory.codes(codes.length, largest);
    out.set(this.#memory.codes(this.#moved(from, width), codes.length, width));
    return out;
  }

  /** The same of numbers. */
  rowNumbers(values: Float64Array, memory: Slab): Float64Array {
    const moved = this.#moved(this.#memory.putNumbers(values), 8);
    return kept(memory.float64(values.length), this.#memory.numbers(moved, values.length));
  }

  /** Brings a value of each row to its place. @returns where they stand */
  #moved(from: number, width: CodeWidth | 8): number {
    const { rows, sessionOf } = this.#found;
    const target = this.#memory.reserve("moved", width * rows);
    this.#memory.kernels.moveRows[width](from, sessionOf, target, rows);
    return target;
  }

  /**
   * The code of each session at its place, null where a session has two.
   * @param largest - codes are at most this
   */
  codes(codes: Codes, largest: number, memory: Slab): Codes | null {
    const decoder = this.#memory;
    const width = codes.BYTES_PER_ELEMENT as CodeWidth;
    const from = decoder.reserve("codes", codes.byteLength);
    decoder.codes(from, codes.length, width).set(codes);
    if (decoder.kernels.hasChange[width](from, this.#found.previous, this.#found.rows) === 1) return null;
    const target = this.#placed(from, width);
    const out = memory.codes(this.count, largest);
    out.set(decoder.codes(target, this.count, width));
    return out;
  }

  /** The same of numbers; missing is a value of its own. */
  numbers(values: Float64Array, memory: Slab): Float64Array | null {
    const decoder = this.#memory;
    const from = decoder.putNumbers(values);
    const hasChange = decoder.kernels.hasChange[8](from, this.#found.previous, this.#found.rows) === 1;
    // 0 and -0, and the many forms of NaN, are the same value in other bits
    if (hasChange && !areSame(values, decoder.words(this.#found.previous, this.#found.rows))) return null;
    const target = this.#placed(from, 8);
    const out = memory.float64(this.count);
    out.set(decoder.numbers(target, this.count));
    return out;
  }

  get #places(): number {
    return this.#memory.reserve("places", 4 * this.count);
  }

  /** Each session's value, at its place. */
  #placed(from: number, width: CodeWidth | 8): number {
    const target = this.#memory.reserve("out", width * this.count);
    this.#memory.kernels.placeFirst[width](from, this.#found.firstRow, this.#places, target, this.count);
    return target;
  }
}

/** Addresses are of an entry for each row, or for each session as they appear, with codes from 1 on. */
interface Found {
  readonly rows: number;
  readonly count: number;
  /** Of each row, a double; and the earliest of all. */
  readonly time: number;
  readonly earliest: number;
  /** Whether a session's id is not its user's. */
  readonly hasOwnIds: boolean;
  /** Of each row: its session, and when sessions are in order, its place; and the row before of that session. */
  readonly sessionOf: number;
  readonly previous: number;
  readonly sessionCode: number;
  readonly userCode: number;
  /** The earliest time, a double, and the first row that has it. */
  readonly start: number;
  readonly startRow: number;
  readonly firstRow: number;
  readonly rowsOf: number;
}

/** What is told of sessions, in the order of their users' hashes. */
export interface OrderedSessions {
  readonly keys: ChunkKeys;
  /** Uint32Array(sessions) */
  readonly rowsOfSession: Uint32Array;
}

/** A dictionary in the decoders' memory. */
interface DictionaryAt {
  readonly offsets: number;
  readonly bytes: number;
  /** Bytes of all values. */
  readonly size: number;
}

function putDictionary(
  memory: DecoderMemory,
  { bytes, offsets }: ByteDictionary,
  region: "userIds" | "sessionIds",
): DictionaryAt {
  const at = memory.reserve(region, 4 * offsets.length + bytes.length);
  memory.words(at, offsets.length).set(offsets);
  const bytesAt = at + 4 * offsets.length;
  memory.bytes(bytesAt, bytes.length).set(bytes);
  return { offsets: at, bytes: bytesAt, size: bytes.length };
}

/** An array with the values of another. */
function kept<T extends Uint8Array | Uint32Array | Float64Array>(own: T, values: T): T {
  own.set(values);
  return own;
}

/** Copies codes into the memory, 4 bytes each; false where one is missing. */
function putCodes(memory: DecoderMemory, codes: Codes, address: number, rows: number): boolean {
  memory.words(address, rows).set(codes);
  return memory.kernels.hasZero(address, rows) === 0;
}

/** Whether each value is that of the row before of its session, missing ones among themselves. */
function areSame(values: Float64Array, previous: Uint32Array): boolean {
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    const before = values[previous[row] as number] as number;
    if (value !== before && !(Number.isNaN(value) && Number.isNaN(before))) return false;
  }
  return true;
}
