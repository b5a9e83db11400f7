/**
 * Parquet's DELTA_BINARY_PACKED encoding (format specification, Encodings.md, "Delta Encoding"): a header (values per block,
 * miniblocks per block, count, first value) and blocks (least delta, a width for each miniblock, bit-packed differences from
 * the least delta). All arithmetic wraps, which here is that of one or two 32-bit words: no BigInt.
 */

/**
 * Decodes `count` integers. O(count), one small allocation.
 *
 * DuckDB writes unsigned 32-bit values as 64-bit deltas, so a word of 32 bits keeps the low half of whatever is stored.
 * @param view - DataView of the page
 * @param start - first byte of the header
 * @param end - end of the encoded bytes at the latest, exclusive
 * @param count - at least 1
 * @param wide - whether values have 64 bits
 * @param out - Uint32Array(wide ? 2 * count : count); a value, or its low and its high half
 * @returns where the encoded bytes end, or -1 where they are cut off or malformed
 */
export function decodeDelta(
  view: DataView,
  start: number,
  end: number,
  count: number,
  wide: boolean,
  out: Uint32Array,
): number {
  // Low half, high half and end position of the varint read last.
  const varint = new Uint32Array(3);
  if (!readVarint(view, start, end, varint)) return -1;
  const blockSize = varint[0];
  if (!readVarint(view, varint[2], end, varint)) return -1;
  const miniblocks = varint[0];
  const miniblockSize = blockSize / miniblocks;
  if (!(miniblockSize >= 8 && miniblockSize % 8 === 0)) return -1;
  if (!readVarint(view, varint[2], end, varint) || varint[0] < count) return -1;
  if (!readVarint(view, varint[2], end, varint)) return -1;
  let position = varint[2];
  let low = zigzagLow(varint);
  let high = zigzagHigh(varint);
  out[0] = low;
  if (wide) out[1] = high;
  let at = 1;
  while (at < count) {
    if (!readVarint(view, position, end, varint)) return -1;
    const widths = varint[2];
    const leastLow = zigzagLow(varint);
    const leastHigh = zigzagHigh(varint);
    position = widths + miniblocks;
    if (position > end) return -1;
    for (let miniblock = 0; miniblock < miniblocks && at < count; miniblock++) {
      const width = view.getUint8(widths + miniblock);
      const values = Math.min(miniblockSize, count - at);
      if (width > 64 || position + Math.ceil((values * width) / 8) > end) return -1;
      const lowMask = width >= 32 ? 0xffffffff : 2 ** width - 1;
      const highMask = width <= 32 ? 0 : 2 ** (width - 32) - 1;
      let bit = 0;
      for (let i = 0; i < values; i++, bit += width) {
        const differenceLow = width === 0 ? 0 : (bits32(view, position, bit) & lowMask) >>> 0;
        const deltaLow = differenceLow + leastLow;
        const sumLow = low + (deltaLow >>> 0);
        if (wide) {
          const differenceHigh = highMask === 0 ? 0 : bits32(view, position, bit + 32) & highMask;
          const carries = (deltaLow > 0xffffffff ? 1 : 0) + (sumLow > 0xffffffff ? 1 : 0);
          high = (high + differenceHigh + leastHigh + carries) >>> 0;
          out[2 * at] = sumLow;
          out[2 * at + 1] = high;
        } else {
          out[at] = sumLow;
        }
        low = sumLow >>> 0;
        at++;
      }
      position += (miniblockSize * width) / 8;
    }
  }
  // The last miniblock is padded to its size, unless a writer cut it off.
  return Math.min(position, end);
}

/** The 32 bits from bit `bit` after byte `start`; bits beyond the view are 0. */
function bits32(view: DataView, start: number, bit: number): number {
  const position = start + (bit >>> 3);
  const shift = bit & 7;
  if (position + 5 <= view.byteLength) {
    const word = view.getUint32(position, true) >>> shift;
    // A shift by 32 is none at all in JavaScript, so shift 0 needs its own answer.
    return shift === 0 ? word : word | (view.getUint8(position + 4) << (32 - shift));
  }
  let word = 0;
  for (let i = 0; i < 5 && position + i < view.byteLength; i++) {
    const byte = view.getUint8(position + i);
    if (8 * i - shift < 0) word |= byte >>> shift;
    else if (8 * i - shift < 32) word |= byte << (8 * i - shift);
  }
  return word;
}

/** Reads a varint of up to 64 bits into [low, high, end position]. */
function readVarint(view: DataView, start: number, end: number, out: Uint32Array): boolean {
  let low = 0;
  let high = 0;
  for (let i = 0; i < 10; i++) {
    if (start + i >= end) return false;
    const byte = view.getUint8(start + i);
    const bits = byte & 0x7f;
    const shift = 7 * i;
    if (shift < 32) low |= bits << shift;
    if (shift + 7 > 32) high |= shift < 32 ? bits >>> (32 - shift) : bits << (shift - 32);
    if (byte < 0x80) {
      out[0] = low;
      out[1] = high;
      out[2] = start + i + 1;
      return true;
    }
  }
  return false;
}

function zigzagLow(varint: Uint32Array): number {
  return (((varint[0] >>> 1) | (varint[1] << 31)) ^ -(varint[0] & 1)) >>> 0;
}

function zigzagHigh(varint: Uint32Array): number {
  return ((varint[1] >>> 1) ^ -(varint[0] & 1)) >>> 0;
}
