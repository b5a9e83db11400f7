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

/**
 * Lists the bits that are set in some words, each as its number from the first of these on and a constant. O(words + bits) time, no allocation.
 * @param bitmap - Uint32Array
 * @param first - word of the bitmap
 * @param end - one past the last word
 * @param start - what is added
 * @param out - Uint32Array, written from `at` on, ascending
 * @returns the place after the last
 */
export function listBits(
  bitmap: Uint32Array,
  first: number,
  end: number,
  start: number,
  out: Uint32Array,
  at: number,
): number {
  let to = at;
  for (let word = first; word < end; word++) {
    for (let rest = bitmap[word]; rest !== 0; rest &= rest - 1) {
      out[to++] = start + ((word - first) << 5) + 31 - Math.clz32(rest & -rest);
    }
  }
  return to;
}
