/**
 * What every source yields: rows of one stretch of one file, column by column.
 *
 * All buffers are SharedArrayBuffers, so a chunk that a worker thread decoded reaches the others for the price of a message; unless the
 * thread that decodes asks for scratch (see `Keeping`).
 */

/**
 * How long the columns of a chunk are needed: `shared`, as long as anyone holds them; `scratch`, until the thread decodes its next chunk.
 */
export type Keeping = "shared" | "scratch";

/**
 * Distinct values as UTF-8, one after the other: value i is `bytes[offsets[i], offsets[i + 1])`.
 *
 * Within a chunk every value is used, and no two are the same.
 */
export interface ByteDictionary {
  /** Uint8Array(offsets[count]) */
  readonly bytes: Uint8Array;
  /** Uint32Array(count + 1), ascending, from 0 */
  readonly offsets: Uint32Array;
}

/** Text, booleans (`true`, `false`) and everything that serves as an id, dictionary-coded. */
export interface CodesColumn {
  readonly kind: "codes";
  /** What a person wrote there: text, or booleans whose dictionary is at most `false` and `true`. */
  readonly type: "text" | "boolean";
  /** (rows), 0 = missing, else index into the dictionary plus one */
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  readonly dictionary: ByteDictionary;
}

/** Numbers and moments. */
export interface NumbersColumn {
  readonly kind: "numbers";
  /** `time` in ms since the epoch, else plain numbers; a `number` where a time was asked for is an epoch in its file's unit */
  readonly type: "number" | "time";
  /** Float64Array(rows), NaN = missing */
  readonly values: Float64Array;
}

/** One column of a chunk. */
export type ChunkColumn = CodesColumn | NumbersColumn;

/** How the reader wants a column. */
export type ColumnRequest =
  /** An id: any type becomes codes, numbers as their shortest decimal text, so that the same id is equal in every format. */
  | { readonly name: string; readonly as: "id" }
  /**
   * The event's time: timestamps of any unit, dates, ISO text, or epoch numbers (s, ms, µs, ns told by magnitude). Epoch numbers come as
   * they stand, with type `number`: their unit is told by the whole file, so `unifyColumns` makes them ms.
   */
  | { readonly name: string; readonly as: "time" }
  /**
   * By its own type: text and booleans as codes, numbers as numbers, timestamps as `time` numbers. In formats without types the chunk's own
   * values tell: `unifyColumns` makes the chunks of all files agree.
   */
  | { readonly name: string; readonly as: "own" }
  /**
   * As `own`, but what a format without types writes as a number stays the text that is written: among versions `5.10` is no
   * `5.1`, and `007` is no `7`.
   */
  | { readonly name: string; readonly as: "label" };

/** Rows of one stretch of one file. */
export interface Chunk {
  readonly rows: number;
  /** In the order of the requests. */
  readonly columns: readonly ChunkColumn[];
}

/**
 * A stretch of a file that can be decoded by itself: plain data, so that any worker thread can do it.
 * Stretches of a file are in row order.
 */
export interface SourceTask {
  readonly format: "parquet" | "csv" | "ndjson";
  readonly file: string;
  /** Counts from 1; exact where rows are known before decoding (Parquet), else an estimate. */
  readonly firstRow: number;
  /** Rows, where they are known before decoding (Parquet), else an estimate. */
  readonly rows: number;
  /** Parquet: the row group. */
  readonly rowGroup?: number;
  /** CSV and NDJSON: the bytes of the file, half-open; absent where the file is one stretch, as a compressed one is. */
  readonly bytes?: { readonly start: number; readonly end: number };
  /** Columns of other files of the source set that this one lacks: missing values here. */
  readonly absent?: readonly string[];
}

/** The type of a column before any reading of its values; `unknown` where the format has no types (CSV). */
export type SourceColumnType = "text" | "number" | "boolean" | "time" | "unknown" | "unsupported";

/** A file's columns, known before its rows are read. */
export interface SourceSchema {
  readonly columns: readonly { readonly name: string; readonly type: SourceColumnType; readonly detail: string }[];
}
