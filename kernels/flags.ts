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

/**
 * Sets bits of a byte for every session whose bit is 1, four sessions at a time. O(words) time, no allocation.
 * @param mask - 1 to 255
 * @param bytes - Uint32Array(8 × words): a byte a session
 */
export function spreadBits(bits: Uint32Array, mask: number, bytes: Uint32Array): void {
  for (let at = 0; at < bits.length; at++) {
    const word = bits[at];
    if (word === 0) continue;
    for (let byte = 0; byte < 4; byte++) {
      const eight = (word >>> (8 * byte)) & 255;
      const to = at * 8 + byte * 2;
      bytes[to] |= Math.imul(LOWER[eight], mask);
      bytes[to + 1] |= Math.imul(UPPER[eight], mask);
    }
  }
}

/** `out[places[i]] = bits[i]`, bit by bit. O(places) time, no allocation. */
export function scatterBits(bits: Uint32Array, places: Uint32Array, out: Uint32Array): void {
  for (let at = 0; at < places.length; at++) {
    const place = places[at];
    const bit = (bits[at >>> 5] >>> (at & 31)) & 1;
    out[place >>> 5] = (out[place >>> 5] & ~(1 << (place & 31))) | (bit << (place & 31));
  }
}
