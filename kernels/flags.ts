/**
 * Conditions on sessions as bytes of 0 and 1, four at a time: conjunction, disjunction and negation never carry from one byte to the next.
 * All arrays are views of 32-bit words over whole buffers.
 */

/** `out &= other`. O(words) time, no allocation. */
export function andWords(out: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < out.length; at++) out[at] &= other[at];
}

/** `out |= other`. O(words) time, no allocation. */
export function orWords(out: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < out.length; at++) out[at] |= other[at];
}

/** `out = not other`. O(words) time, no allocation. */
export function notWords(out: Uint32Array, other: Uint32Array): void {
  for (let at = 0; at < out.length; at++) out[at] = other[at] ^ 0x01010101;
}

/**
 * Sets bits of bytes where a condition holds. O(words) time, no allocation.
 * @param mask - 1 to 255
 */
export function setMask(out: Uint32Array, other: Uint32Array, mask: number): void {
  for (let at = 0; at < out.length; at++) out[at] |= Math.imul(other[at], mask);
}
