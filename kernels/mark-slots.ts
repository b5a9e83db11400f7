import type { Automaton } from "./aho-corasick.js";

/** A slot without a session. */
export const EMPTY_SLOT = 0xffffffff;

/**
 * Marks which sessions hold which patterns, sessions in an order of the caller's: bit `i & 31` of word `i >>> 5` of row p is set where
 * pattern p completes in the i-th slot's session while its evidence is open. O(tokens * chain) time, no allocation.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param offsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param segmentOffsets - Uint32Array(S + 1), CSR offsets into the two that follow
 * @param segmentEnd - Uint32Array, positions, ascending within a session
 * @param segmentColumn - Uint32Array
 * @param isOpen - Uint8Array(columns): 1 where a segment of the column is evidence; a session's are from its first to some other
 * @param slots - Uint32Array(32 * words), sessions, or `EMPTY_SLOT`
 * @param start - first word
 * @param end - one past the last word
 * @param words - of a row
 * @param stamp - Uint32Array(patterns + 1): not 1 + a slot of [start, end) anywhere; calls for other words may share it
 * @param bits - Uint32Array(patterns * words), rows one after the other, added to
 */
export function markSlots(
  { next, link, patterns, shift }: Automaton,
  symbols: Uint16Array,
  offsets: Uint32Array,
  segmentOffsets: Uint32Array,
  segmentEnd: Uint32Array,
  segmentColumn: Uint32Array,
  isOpen: Uint8Array,
  slots: Uint32Array,
  start: number,
  end: number,
  words: number,
  stamp: Uint32Array,
  bits: Uint32Array,
): void {
  for (let slot = start * 32; slot < end * 32; slot++) {
    const sessionIdx = slots[slot];
    if (sessionIdx === EMPTY_SLOT) continue;
    const word = slot >>> 5;
    const bit = 1 << (slot & 31);
    const now = slot + 1;
    // every chain ends in the root
    stamp[0] = now;
    let position = offsets[sessionIdx];
    let row = 0;
    const lastSegment = segmentOffsets[sessionIdx + 1];
    for (let segment = segmentOffsets[sessionIdx]; segment < lastSegment; segment++) {
      if (isOpen[segmentColumn[segment]] === 0) break;
      for (const stop = segmentEnd[segment]; position < stop; position++) {
        row = next[row + symbols[position]];
        let state = row >>> shift;
        if (state > patterns) state = link[state];
        // whatever ends a pattern's chain was marked with it
        while (stamp[state] !== now) {
          stamp[state] = now;
          bits[(state - 1) * words + word] |= bit;
          state = link[state];
        }
      }
    }
  }
}
