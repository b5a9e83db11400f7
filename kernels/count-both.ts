/**
 * Counts the sessions that are in both of two sets, and the failing ones among them, cell by cell, by the bits of words (Warren,
 * Hacker's Delight, 5-1). O(words) time, no allocation.
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
      let x = a[word] & b[word] & among[word];
      if (x === 0) continue;
      let y = x & failing[word];
      x -= (x >>> 1) & 0x55555555;
      x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
      x = (x + (x >>> 4)) & 0x0f0f0f0f;
      all += Math.imul(x, 0x01010101) >>> 24;
      if (y === 0) continue;
      y -= (y >>> 1) & 0x55555555;
      y = (y & 0x33333333) + ((y >>> 2) & 0x33333333);
      y = (y + (y >>> 4)) & 0x0f0f0f0f;
      fails += Math.imul(y, 0x01010101) >>> 24;
    }
    out[2 * cell] = all;
    out[2 * cell + 1] = fails;
  }
}
