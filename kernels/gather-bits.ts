/**
 * Gathers one bit of a column into a set, members in an order of the caller's: bit `i & 31` of word `i >>> 5` is that of the i-th listed.
 * O(listed) time, no allocation.
 * @param column - Uint8Array
 * @param bit - of each entry, 0 .. 7
 * @param listed - Uint32Array(32 * words), indices into `column`; those from `empty` on are none
 * @param words - to write
 * @param out - Uint32Array, written from word `at` on
 */
export function gatherBits(
  column: Uint8Array,
  bit: number,
  listed: Uint32Array,
  words: number,
  empty: number,
  out: Uint32Array,
  at: number,
): void {
  for (let word = 0; word < words; word++) {
    let own = 0;
    for (let i = 0; i < 32; i++) {
      const index = listed[word * 32 + i];
      if (index >= empty) continue;
      own |= ((column[index] >>> bit) & 1) << i;
    }
    out[at + word] = own;
  }
}
