/** Columns of numbers from the bounds of text cells; an empty cell is a missing value (NaN). */

import { parseNumberBytes } from "./parse-number.js";
import { parseTimeBytes } from "./parse-time.js";

/**
 * Numbers of one column of cells. O(bytes of the column).
 * @param bytes - Uint8Array, UTF-8
 * @param starts - Int32Array(rows * stride), cell of row r and slot s at r * stride + s
 * @param ends - Int32Array(rows * stride)
 * @param slot - the column's place
 * @param stride - cells of a row
 * @param rows - rows
 * @param roundBig - whether integers beyond 2^53 - 1 are rounded, else they are no numbers
 * @param out - Float64Array(rows)
 * @returns the first row whose cell is neither empty nor a number; `rows` where there is none
 */
export function cellsToNumbers(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  slot: number,
  stride: number,
  rows: number,
  roundBig: boolean,
  out: Float64Array,
): number {
  let cell = slot;
  for (let row = 0; row < rows; row++) {
    const start = starts[cell];
    const end = ends[cell];
    const value = start === end ? Number.NaN : parseNumberBytes(bytes, start, end, roundBig);
    if (start !== end && Number.isNaN(value)) return row;
    out[row] = value;
    cell += stride;
  }
  return rows;
}

/**
 * Moments of one column of cells, in ms since the epoch. O(bytes of the column).
 * @param bytes - Uint8Array, UTF-8
 * @param starts - Int32Array(rows * stride), cell of row r and slot s at r * stride + s
 * @param ends - Int32Array(rows * stride)
 * @param slot - the column's place
 * @param stride - cells of a row
 * @param rows - rows
 * @param out - Float64Array(rows)
 * @returns the first row whose cell is neither empty nor a time; `rows` where there is none
 */
export function cellsToTimes(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  slot: number,
  stride: number,
  rows: number,
  out: Float64Array,
): number {
  let cell = slot;
  for (let row = 0; row < rows; row++) {
    const start = starts[cell];
    const end = ends[cell];
    const value = start === end ? Number.NaN : parseTimeBytes(bytes, start, end);
    if (start !== end && Number.isNaN(value)) return row;
    out[row] = value;
    cell += stride;
  }
  return rows;
}
