/**
 * Hash and equality of byte ranges, four bytes at a time. The mixing is that of MurmurHash3 x86_32 (A. Appleby, public domain).
 */

/**
 * A 32-bit hash of bytes [start, end). O(end - start), no allocation.
 * @param view - DataView of the bytes
 * @returns unsigned, well mixed in its low bits
 */
export function hashBytes(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let position = start;
  for (; position + 4 <= end; position += 4) {
    let word = Math.imul(view.getInt32(position, true), 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (; position < end; position++) tail = (tail << 8) | view.getUint8(position);
  tail = Math.imul(tail, 0xcc9e2d51);
  hash ^= Math.imul((tail << 15) | (tail >>> 17), 0x1b873593);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Whether `length` bytes from `start` and from `otherStart` are the same. O(length), no allocation.
 * @param view - DataView of one range
 * @param other - DataView of the other range
 */
export function equalBytes(
  view: DataView,
  start: number,
  other: DataView,
  otherStart: number,
  length: number,
): boolean {
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    if (view.getInt32(start + i, true) !== other.getInt32(otherStart + i, true)) return false;
  }
  for (; i < length; i++) {
    if (view.getUint8(start + i) !== other.getUint8(otherStart + i)) return false;
  }
  return true;
}

/**
 * Copies `length` bytes; short ranges are cheaper so than through `TypedArray.prototype.set`. O(length), no allocation.
 * @param from - DataView to read at `start`
 * @param to - DataView to write at `toStart`; must not overlap the source
 */
export function copyBytes(from: DataView, start: number, to: DataView, toStart: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(toStart + i, from.getInt32(start + i, true), true);
  for (; i < length; i++) to.setUint8(toStart + i, from.getUint8(start + i));
}
