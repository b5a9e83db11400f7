/**
 * Conditions on sessions as bits: session s is bit `s % 32` of word `s / 32`. Bits after the last session are anything.
 */

/** By byte: its lower and its upper four bits as bytes of 0 and 1. */
const LOWER = new Uint32Array(256);
const UPPER = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  for (let bit = 0; bit < 4; bit++) {
    LOWER[byte] |= ((byte >>> bit) & 1) << (8 * bit);
    UPPER[byte] |= ((byte >>> (bit + 4)) & 1) << (8 * bit);
  }
}

/** `out &= other`. O(words) time, no allocation. */
export function andBits(out: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < out.length; at++) out[at] &= other[at];
}

/** `out |= other`. O(words) time, no allocation. */
export function orBits(out: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < out.length; at++) out[at] |= other[at];
}

/** `out = not other`. O(words) time, no allocation. */
export function notBits(out: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < out.length; at++) out[at] = ~other[at];
}

/** A code is one that passes. O(codes) time, no allocation. @param passes - Uint8Array, by code: 0 or 1 */
export function passingBits(codes: Uint32Array, passes: Uint8Array, out: Uint32Array): void {
  for (let at = 0, word = 0; at < codes.length; word++) {
    const end = Math.min(at + 32, codes.length);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) bits |= passes[codes[at]] << bit;
    out[word] = bits;
  }
}

/** Two codes are there (not 0), and are equal or differ. O(codes) time, no allocation. */
export function sameBits(left: Uint32Array, right: Uint32Array, equal: boolean, out: Uint32Array): void {
  const differ = Number(!equal);
  for (let at = 0, word = 0; at < left.length; word++) {
    const end = Math.min(at + 32, left.length);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const a = left[at];
      const b = right[at];
      bits |= (Number(a !== 0) & Number(b !== 0) & (Number(a === b) ^ differ)) << bit;
    }
    out[word] = bits;
  }
}

/**
 * Sets bits of a byte for every session whose bit is 1, four sessions at a time. O(words) time, no allocation.
 * @param from - of the words of `bits`: [from, to) are read
 * @param mask - 1 to 255
 * @param bytes - Uint32Array(8 × words): a byte a session, from the first of word `from` on
 */
export function spreadBits(bits: Uint32Array, from: number, to: number, mask: number, bytes: Uint32Array): void {
  for (let at = from; at < to; at++) {
    const word = bits[at];
    if (word === 0) continue;
    for (let byte = 0; byte < 4; byte++) {
      const eight = (word >>> (8 * byte)) & 255;
      const to = (at - from) * 8 + byte * 2;
      bytes[to] |= Math.imul(LOWER[eight], mask);
      bytes[to + 1] |= Math.imul(UPPER[eight], mask);
    }
  }
}

/** `out[places[i]] = bits[i]`, bit by bit, of the first places. O(count) time, no allocation. */
export function scatterBits(bits: Uint32Array, places: Uint32Array, count: number, out: Uint32Array): void {
  for (let at = 0; at < count; at++) {
    const place = places[at];
    const bit = (bits[at >>> 5] >>> (at & 31)) & 1;
    out[place >>> 5] = (out[place >>> 5] & ~(1 << (place & 31))) | (bit << (place & 31));
  }
}
