import type { Codes, Value } from "./event-table.js";

/** A column of an auxiliary table, by row. */
export type AuxiliaryColumn =
  | {
      readonly kind: "coded";
      readonly name: string;
      /** (rows), 0 = missing, else index into `dictionary` plus one */
      readonly codes: Codes;
      readonly dictionary: readonly Value[];
    }
  | {
      readonly kind: "numeric";
      readonly name: string;
      /** Float64Array(rows), NaN = missing */
      readonly values: Float64Array;
      readonly type: "number" | "time";
    };

/** Auxiliary data, sorted by key and time on shared memory: what an as-of join reads. */
export interface AuxiliaryTable {
  readonly name: string;
  readonly rows: number;
  /** What joins: the events' attribute, and the distinct values of the table's column. */
  readonly on: readonly { readonly attribute: string; readonly dictionary: readonly string[] }[];
  /** ms, inclusive; infinite = rows of any age hold */
  readonly withinMs: number;
  /** Float64Array(K), ascending: every key that rows have, as a number in the mixed radix of the `on` dictionaries */
  readonly keys: Float64Array;
  /** Uint32Array(K + 1), CSR: rows of each key */
  readonly keyOffsets: Uint32Array;
  /** Float64Array(rows), ms, ascending within a key; rows of one time in file order */
  readonly time: Float64Array;
  readonly columns: readonly AuxiliaryColumn[];
}
