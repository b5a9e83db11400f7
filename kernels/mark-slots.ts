import type { Automaton } from "./aho-corasick.js";

/** A slot without a session. */
export const EMPTY_SLOT = 0xffffffff;

/**
 * Marks which sessions hold which patterns, sessions in an order of the caller's: bit `i & 31` of word `i >>> 5` of row p is set where
 * pattern p completes in the i-th slot's session before its evidence ends. O(tokens * chain) time, no allocation.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param evidenceEnd - Uint32Array(S), positions: events before it count
 * @param slots - Uint32Array(32 * words), sessions, or `EMPTY_SLOT`
 * @param start - first word
 * @param end - one past the last word
 * @param words - of a row
 * @param bits - Uint32Array(patterns * words), rows one after the other, added to
 */
export function markSlots(
  { next, link, patterns, shift }: Automaton,
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  evidenceEnd: Uint32Array,
  slots: Uint32Array,
  start: number,
  end: number,
  words: number,
  bits: Uint32Array,
): void {
  for (let slot = start * 32; slot < end * 32; slot++) {
    const sessionIdx = slots[slot];
    if (sessionIdx === EMPTY_SLOT) continue;
    const word = slot >>> 5;
    const bit = 1 << (slot & 31);
    const stop = Math.min(evidenceEnd[sessionIdx], sessionOffsets[sessionIdx + 1]);
    let row = 0;
    for (let position = sessionOffsets[sessionIdx]; position < stop; position++) {
      row = next[row + symbols[position]];
      let state = row >>> shift;
      if (state > patterns) state = link[state];
      // whatever ends a pattern's chain was marked with it
      while (state !== 0 && (bits[(state - 1) * words + word] & bit) === 0) {
        bits[(state - 1) * words + word] |= bit;
        state = link[state];
      }
    }
  }
}
