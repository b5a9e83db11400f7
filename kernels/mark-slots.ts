import { type Automaton, takeMarks } from "./aho-corasick.js";

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
 * @param own - Uint32Array(states), 0 throughout, and so it is left: the sets of a word's sessions by state
 * @param bits - Uint32Array(patterns * words), rows one after the other, added to
 */
export function markSlots(
  automaton: Automaton,
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
  own: Uint32Array,
  bits: Uint32Array,
): void {
  for (let word = start; word < end; word++) {
    markWord(automaton, symbols, offsets, segmentOffsets, segmentEnd, segmentColumn, isOpen, slots, word, own);
    takeMarks(own, automaton.patterns, bits, words, word);
  }
}

function markWord(
  { next, link, shift }: Automaton,
  symbols: Uint16Array,
  offsets: Uint32Array,
  segmentOffsets: Uint32Array,
  segmentEnd: Uint32Array,
  segmentColumn: Uint32Array,
  isOpen: Uint8Array,
  slots: Uint32Array,
  word: number,
  own: Uint32Array,
): void {
  for (let i = 0; i < 32; i++) {
    const sessionIdx = slots[(word << 5) + i];
    if (sessionIdx === EMPTY_SLOT) continue;
    const bit = 1 << i;
    // every chain ends in the root
    own[0] |= bit;
    let position = offsets[sessionIdx];
    let row = 0;
    const lastSegment = segmentOffsets[sessionIdx + 1];
    for (let segment = segmentOffsets[sessionIdx]; segment < lastSegment; segment++) {
      if (isOpen[segmentColumn[segment]] === 0) break;
      for (const stop = segmentEnd[segment]; position < stop; position++) {
        row = next[row + symbols[position]];
        let state = row >>> shift;
        // three links without a branch, as `countSessions` does, and why
        do {
          own[state] |= bit;
          state = link[state];
          own[state] |= bit;
          state = link[state];
          own[state] |= bit;
          state = link[state];
          // whatever ends a pattern's chain was marked with it
        } while ((own[state] & bit) === 0);
      }
    }
  }
}
