/** Bits of a word that are 1: Warren, Hacker's Delight, 5-1. */
export function bitsOf(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}

/**
 * Number of bits set. O(words) time.
 * @param bitmap - Uint32Array
 */
export function countBits(bitmap: Uint32Array): number {
  let bits = 0;
  for (let word = 0; word < bitmap.length; word++) bits += bitsOf(bitmap[word]);
  return bits;
}
