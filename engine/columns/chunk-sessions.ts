import type { CodeWidth } from "../../kernels/wasm/hybrid.js";
import { type DecoderMemory, decoderMemory } from "../sources/decoder-memory.js";
import { type ChunkTimes, packTimesAt } from "./chunk-times.js";
import type { Codes } from "./event-table.js";
import type { Slab } from "./slab.js";

/** Rows of a chunk that are brought to the decoders' memory: up to 70 bytes each, of the 2 GiB that it can be. */
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
  /** Whether each session's rows stand together. */
  readonly isTogether: boolean;
  /** Uint32Array(sessions), as they appear: codes of each session's id and user, from 0 */
  readonly sessionCode: Uint32Array;
  readonly userCode: Uint32Array;
  /** Float64Array(sessions), ms: the earliest time of each session */
  readonly start: Float64Array;
  /** Uint32Array(sessions): the first row that has it */
  readonly startRow: Uint32Array;
  /** Uint32Array(sessions) */
  readonly rowsOf: Uint32Array;
  /** The times of all rows. */
  readonly time: ChunkTimes;
  readonly #memory: DecoderMemory;
  readonly #rows: number;
  /** Addresses: of each row its session and the row before of that session, of each session its first row. */
  readonly #sessionOf: number;
  readonly #previous: number;
  readonly #firstRow: number;

  /**
   * Null where some row cannot be used, or some session id has two users, or rows are very many. O(rows).
   * @param sessionIds - codes of sessions are at most this
   * @param memory - takes the times
   */
  static of(rows: number, columns: RowColumns, sessionIds: number, memory: Slab): ChunkSessions | null {
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
    const found = kernels.groupRows(
      ...[session, user, time, rows, first, sessionOf, previous],
      ...[sessionCode, userCode, start, startRow, firstRow, lastRow, rowsOf],
    );
    if (found < 0) return null;
    const count = found >>> 1;
    const starts = decoder.numbers(start, count).slice();
    return new ChunkSessions(decoder, {
      rows,
      count,
      isTogether: (found & 1) === 1,
      sessionCode: lowered(decoder.words(sessionCode, count)),
      userCode: lowered(decoder.words(userCode, count)),
      start: starts,
      startRow: decoder.words(startRow, count).slice(),
      rowsOf: decoder.words(rowsOf, count).slice(),
      time: packTimesAt(time, rows, leastOf(starts), memory),
      ...{ sessionOf, previous, firstRow },
    });
  }

  private constructor(memory: DecoderMemory, found: Found) {
    this.#memory = memory;
    this.#rows = found.rows;
    this.#sessionOf = found.sessionOf;
    this.#previous = found.previous;
    this.#firstRow = found.firstRow;
    this.count = found.count;
    this.isTogether = found.isTogether;
    this.sessionCode = found.sessionCode;
    this.userCode = found.userCode;
    this.start = found.start;
    this.startRow = found.startRow;
    this.rowsOf = found.rowsOf;
    this.time = found.time;
  }

  /** @param placeOf - Uint32Array(sessions): where each session stands in what the methods below write */
  place(placeOf: Uint32Array): void {
    const places = this.#memory.reserve("places", 4 * this.count);
    this.#memory.words(places, this.count).set(placeOf);
  }

  /** The place of each row's session. */
  sessionOfRow(memory: Slab): Codes {
    const decoder = this.#memory;
    const out = memory.codes(this.#rows, this.count);
    const width = out.BYTES_PER_ELEMENT as CodeWidth;
    const target = decoder.reserve("codes", 4 * this.#rows);
    decoder.kernels.placeRows[width](this.#sessionOf, this.#places, target, this.#rows);
    out.set(decoder.codes(target, this.#rows, width));
    return out;
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
    if (decoder.kernels.hasChange[width](from, this.#previous, this.#rows) === 1) return null;
    const target = this.#placed(from, width);
    const out = memory.codes(this.count, largest);
    out.set(decoder.codes(target, this.count, width));
    return out;
  }

  /** The same of numbers; missing is a value of its own. */
  numbers(values: Float64Array, memory: Slab): Float64Array | null {
    const decoder = this.#memory;
    const from = decoder.putNumbers(values);
    const hasChange = decoder.kernels.hasChange[8](from, this.#previous, this.#rows) === 1;
    // 0 and -0, and the many forms of NaN, are the same value in other bits
    if (hasChange && !areSame(values, decoder.words(this.#previous, this.#rows))) return null;
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
    this.#memory.kernels.placeFirst[width](from, this.#firstRow, this.#places, target, this.count);
    return target;
  }
}

interface Found {
  readonly rows: number;
  readonly count: number;
  readonly isTogether: boolean;
  readonly sessionCode: Uint32Array;
  readonly userCode: Uint32Array;
  readonly start: Float64Array;
  readonly startRow: Uint32Array;
  readonly rowsOf: Uint32Array;
  readonly time: ChunkTimes;
  readonly sessionOf: number;
  readonly previous: number;
  readonly firstRow: number;
}

/** Copies codes into the memory, 4 bytes each; false where one is missing. */
function putCodes(memory: DecoderMemory, codes: Codes, address: number, rows: number): boolean {
  memory.words(address, rows).set(codes);
  return memory.kernels.hasZero(address, rows) === 0;
}

/** Codes from 0 on, of codes from 1 on. */
function lowered(codes: Uint32Array): Uint32Array {
  const out = new Uint32Array(codes.length);
  for (let at = 0; at < out.length; at++) out[at] = (codes[at] as number) - 1;
  return out;
}

function leastOf(values: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < values.length; at++) if ((values[at] as number) < least) least = values[at] as number;
  return least;
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
