/**
 * Writes one bit of a column into a set, members in an order of the caller's: bit `i & 31` of word `i >>> 5` is set for i = slotOf[n] where
 * the column holds it at listed[n]. O(listed) time, no allocation. The column is read from front to back and the set, 32 times smaller,
 * stays in the cache: read in the order of the set, the column would wait for memory at each member.
 * @param column - Uint8Array
 * @param bit - of each entry, 0 .. 7
 * @param listed - Uint32Array(n), ascending indices into `column`
 * @param slotOf - Uint32Array(n)
 * @param out - Uint32Array(words), added to
 */
export function scatterBits(
  column: Uint8Array,
  bit: number,
  listed: Uint32Array,
  slotOf: Uint32Array,
  out: Uint32Array,
): void {
  for (let n = 0; n < listed.length; n++) {
    const slot = slotOf[n];
    out[slot >>> 5] |= ((column[listed[n]] >>> bit) & 1) << (slot & 31);
  }
}
