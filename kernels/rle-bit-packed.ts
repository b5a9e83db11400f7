/**
 * Parquet's hybrid of run-length encoding and bit-packing (format specification, Encodings.md, "RLE / Bit-Packing Hybrid"):
 * a stream of runs, each a varint header `h`; h even: the next ceil(width / 8) bytes repeated h >>> 1 times; h odd:
 * (h >>> 1) * 8 values of `width` bits each, least significant bit first.
 */

/** Runs shorter than this are cheaper to write in a loop than through `TypedArray.prototype.fill`. */
const SHORT_RUN = 24;

/** Widest value that one unaligned 32-bit load holds at any of the 8 bit offsets. */
const ONE_LOAD_WIDTH = 25;

/**
 * Decodes `count` values of a hybrid stream. O(count + bytes), no allocation.
 *
 * The last bit-packed run may hold padding beyond `count`, which is not read: writers may cut it off.
 * @param view - DataView of the stream's bytes
 * @param start - first byte of the stream
 * @param end - end of the stream, exclusive
 * @param width - bits per value, 0..32
 * @param out - Uint32Array; values go to [outStart, outStart + count)
 * @returns values decoded: less than `count` where the stream ends early or is malformed
 */
export function decodeRleBitPacked(
  view: DataView,
  start: number,
  end: number,
  width: number,
  out: Uint32Array,
  outStart: number,
  count: number,
): number {
  if (width === 0) {
    out.fill(0, outStart, outStart + count);
    return count;
  }
  const outEnd = outStart + count;
  const valueBytes = (width + 7) >>> 3;
  const mask = width === 32 ? 0xffffffff : 2 ** width - 1;
  let position = start;
  let at = outStart;
  while (at < outEnd) {
    let header = 0;
    let shift = 0;
    for (;;) {
      if (position >= end || shift > 28) return at - outStart;
      const byte = view.getUint8(position++);
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      shift += 7;
    }
    if (header % 2 === 0) {
      if (position + valueBytes > end) return at - outStart;
      let value = 0;
      for (let i = 0; i < valueBytes; i++) value |= view.getUint8(position + i) << (8 * i);
      position += valueBytes;
      const runEnd = Math.min(outEnd, at + header / 2);
      if (runEnd - at < SHORT_RUN) while (at < runEnd) out[at++] = value;
      else {
        out.fill(value, at, runEnd);
        at = runEnd;
      }
      continue;
    }
    const groups = (header - 1) / 2;
    const packedEnd = Math.min(end, position + groups * width);
    // Values that lie wholly before the end; the rest of the run is padding or is missing.
    const values = Math.min(outEnd - at, groups * 8, Math.floor(((packedEnd - position) * 8) / width));
    if (width === 8) {
      for (let i = 0; i < values; i++) out[at + i] = view.getUint8(position + i);
    } else if (width === 16) {
      for (let i = 0; i < values; i++) out[at + i] = view.getUint16(position + 2 * i, true);
    } else {
      unpackBits(view, position, width, mask, out, at, values);
    }
    at += values;
    if (values < groups * 8 && at < outEnd) return at - outStart;
    position += groups * width;
  }
  return count;
}

/** `values` values of `width` bits from byte `start`, which all lie within `view`. */
function unpackBits(
  view: DataView,
  start: number,
  width: number,
  mask: number,
  out: Uint32Array,
  outStart: number,
  values: number,
): void {
  let done = 0;
  if (width <= ONE_LOAD_WIDTH) {
    // A group of 8 values is `width` bytes; all its loads stay within the view while 3 bytes follow it.
    const safeGroups = Math.min(Math.floor(values / 8), Math.floor((view.byteLength - start - 3) / width));
    let position = start;
    let at = outStart;
    for (let group = 0; group < safeGroups; group++) {
      out[at] = view.getUint32(position, true) & mask;
      let bit = width;
      out[at + 1] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      bit += width;
      out[at + 2] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      bit += width;
      out[at + 3] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      bit += width;
      out[at + 4] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      bit += width;
      out[at + 5] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      bit += width;
      out[at + 6] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      bit += width;
      out[at + 7] = (view.getUint32(position + (bit >>> 3), true) >>> (bit & 7)) & mask;
      position += width;
      at += 8;
    }
    done = Math.max(0, safeGroups) * 8;
  }
  for (; done < values; done++) {
    const firstBit = done * width;
    let position = start + Math.floor(firstBit / 8);
    const offset = firstBit % 8;
    let value = view.getUint8(position++) >>> offset;
    for (let bits = 8 - offset; bits < width; bits += 8) value |= view.getUint8(position++) << bits;
    out[outStart + done] = value & mask;
  }
}

/**
 * Decodes levels of 0 and 1 (the definition levels of an optional flat column; also run-length coded booleans): the hybrid
 * stream at width 1. O(count), no allocation.
 * @param view - DataView of the stream's bytes
 * @param start - first byte of the stream
 * @param end - end of the stream, exclusive
 * @param out - Uint8Array; levels go to [0, count)
 * @returns how many of the levels are 1, or -1 where the stream ends early or is malformed
 */
export function decodeLevels(view: DataView, start: number, end: number, out: Uint8Array, count: number): number {
  let position = start;
  let at = 0;
  let ones = 0;
  while (at < count) {
    let header = 0;
    let shift = 0;
    for (;;) {
      if (position >= end || shift > 28) return -1;
      const byte = view.getUint8(position++);
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
      shift += 7;
    }
    if (header % 2 === 0) {
      if (position >= end) return -1;
      const level = view.getUint8(position++) & 1;
      const runEnd = Math.min(count, at + header / 2);
      if (level === 1) ones += runEnd - at;
      out.fill(level, at, runEnd);
      at = runEnd;
      continue;
    }
    const values = Math.min(count - at, (header - 1) * 4);
    if (position + ((values + 7) >>> 3) > end) return -1;
    for (let i = 0; i < values; i++) {
      const level = (view.getUint8(position + (i >>> 3)) >>> (i & 7)) & 1;
      ones += level;
      out[at + i] = level;
    }
    position += (header - 1) / 2;
    at += values;
  }
  return ones;
}
