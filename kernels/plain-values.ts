/**
 * Parquet's PLAIN encoding (format specification, Encodings.md): values one after the other, little endian, byte arrays each
 * after their length as a uint32, booleans as bits from the least significant. Positions may have any alignment.
 *
 * Numbers come out as `value * multiplier / divisor`: a division by 1000 is correctly rounded, a product with 0.001 is not.
 */

/**
 * INT32 values as numbers. O(count), no allocation.
 * @param view - DataView with 4 * count bytes from `start`
 * @param out - Float64Array; values go to [outStart, outStart + count)
 */
export function int32Numbers(
  view: DataView,
  start: number,
  count: number,
  multiplier: number,
  divisor: number,
  out: Float64Array,
  outStart: number,
): void {
  for (let i = 0; i < count; i++) out[outStart + i] = (view.getInt32(start + 4 * i, true) * multiplier) / divisor;
}

/**
 * INT32 values that are unsigned, as numbers. O(count), no allocation.
 * @param view - DataView with 4 * count bytes from `start`
 * @param out - Float64Array; values go to [outStart, outStart + count)
 */
export function uint32Numbers(
  view: DataView,
  start: number,
  count: number,
  multiplier: number,
  divisor: number,
  out: Float64Array,
  outStart: number,
): void {
  for (let i = 0; i < count; i++) out[outStart + i] = (view.getUint32(start + 4 * i, true) * multiplier) / divisor;
}

/**
 * INT64 values as numbers, correctly rounded beyond 2^53. O(count), no allocation, no BigInt.
 * @param view - DataView with 8 * count bytes from `start`
 * @param out - Float64Array; values go to [outStart, outStart + count)
 */
export function int64Numbers(
  view: DataView,
  start: number,
  count: number,
  multiplier: number,
  divisor: number,
  out: Float64Array,
  outStart: number,
): void {
  for (let i = 0; i < count; i++) {
    const position = start + 8 * i;
    // The product is exact, so only the sum rounds.
    const value = view.getInt32(position + 4, true) * 4294967296 + view.getUint32(position, true);
    out[outStart + i] = (value * multiplier) / divisor;
  }
}

/**
 * INT64 values that are unsigned, as numbers, correctly rounded beyond 2^53. O(count), no allocation, no BigInt.
 * @param view - DataView with 8 * count bytes from `start`
 * @param out - Float64Array; values go to [outStart, outStart + count)
 */
export function uint64Numbers(
  view: DataView,
  start: number,
  count: number,
  multiplier: number,
  divisor: number,
  out: Float64Array,
  outStart: number,
): void {
  for (let i = 0; i < count; i++) {
    const position = start + 8 * i;
    const value = view.getUint32(position + 4, true) * 4294967296 + view.getUint32(position, true);
    out[outStart + i] = (value * multiplier) / divisor;
  }
}

/**
 * FLOAT values. O(count), no allocation.
 * @param view - DataView with 4 * count bytes from `start`
 * @param out - Float64Array; values go to [outStart, outStart + count)
 */
export function floatNumbers(view: DataView, start: number, count: number, out: Float64Array, outStart: number): void {
  for (let i = 0; i < count; i++) out[outStart + i] = view.getFloat32(start + 4 * i, true);
}

/**
 * DOUBLE values. O(count), no allocation.
 * @param view - DataView with 8 * count bytes from `start`
 * @param out - Float64Array; values go to [outStart, outStart + count)
 */
export function doubleNumbers(view: DataView, start: number, count: number, out: Float64Array, outStart: number): void {
  for (let i = 0; i < count; i++) out[outStart + i] = view.getFloat64(start + 8 * i, true);
}

/**
 * BOOLEAN values. O(count), no allocation.
 * @param view - DataView with ceil(count / 8) bytes from `start`
 * @param out - Uint8Array; 0 or 1 goes to [0, count)
 */
export function booleanBits(view: DataView, start: number, count: number, out: Uint8Array): void {
  for (let i = 0; i < count; i++) out[i] = (view.getUint8(start + (i >>> 3)) >>> (i & 7)) & 1;
}

/**
 * Where `count` BYTE_ARRAY values end, counted from 0 without their length prefixes. O(count), no allocation.
 * @param view - DataView of the page
 * @param start - first length prefix
 * @param end - end of the page's bytes, exclusive
 * @param offsets - Uint32Array(count + 1), CSR, from 0
 * @returns whether all values lie within the page
 */
export function byteArrayOffsets(
  view: DataView,
  start: number,
  end: number,
  count: number,
  offsets: Uint32Array,
): boolean {
  let position = start;
  let total = 0;
  offsets[0] = 0;
  for (let i = 0; i < count; i++) {
    if (position + 4 > end) return false;
    const length = view.getUint32(position, true);
    position += 4 + length;
    if (position > end) return false;
    total += length;
    offsets[i + 1] = total;
  }
  return true;
}

/**
 * Copies `count` BYTE_ARRAY values without their length prefixes. O(bytes), no allocation.
 * @param view - DataView of the page
 * @param start - first length prefix
 * @param offsets - Uint32Array(count + 1), as `byteArrayOffsets` found them
 * @param out - DataView(offsets[count]); value i goes to [offsets[i], offsets[i + 1])
 */
export function copyByteArrays(
  view: DataView,
  start: number,
  count: number,
  offsets: Uint32Array,
  out: DataView,
): void {
  for (let i = 0; i < count; i++) {
    const to = offsets[i];
    const end = offsets[i + 1];
    const from = start + 4 * (i + 1); // a byte at `at` stands so much further on: i + 1 prefixes lie before it
    let at = to;
    for (; at + 4 <= end; at += 4) out.setInt32(at, view.getInt32(from + at, true), true);
    for (; at < end; at++) out.setUint8(at, view.getUint8(from + at));
  }
}
