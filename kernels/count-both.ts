import { bitsOf } from "./bits.js";

/**
 * Counts the sessions that are in both of two sets, and the failing ones among them, cell by cell. O(words) time, no allocation.
 * @param a - Uint32Array(words)
 * @param b - Uint32Array(words)
 * @param among - Uint32Array(words): sessions that are looked at
 * @param failing - Uint32Array(words)
 * @param cellWords - Uint32Array(cells + 1): cell c has the words [cellWords[c], cellWords[c + 1])
 * @param out - Uint32Array(cells * 2), written: sessions of cell c at 2c, failing ones at 2c + 1
 */
export function countBoth(
  a: Uint32Array,
  b: Uint32Array,
  among: Uint32Array,
  failing: Uint32Array,
  cellWords: Uint32Array,
  out: Uint32Array,
): void {
  for (let cell = 0; cell + 1 < cellWords.length; cell++) {
    const end = cellWords[cell + 1];
    let all = 0;
    let fails = 0;
    for (let word = cellWords[cell]; word < end; word++) {
      const both = a[word] & b[word] & among[word];
      if (both === 0) continue;
      all += bitsOf(both);
      fails += bitsOf(both & failing[word]);
    }
    out[2 * cell] = all;
    out[2 * cell + 1] = fails;
  }
}
