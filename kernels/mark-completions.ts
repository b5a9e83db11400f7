import type { Automaton } from "./aho-corasick.js";

/**
 * Which sessions hold which of few patterns. Where at most 32 are looked for, those that complete in a state are the bits of one word, so that a
 * walk keeps what a session holds in a register: two loads a token, against three stores for marks by state (`markSlots`), which pay where
 * patterns are many. Measured with 9 patterns and 11 tokens a session: 2 ns a token, by state 9.
 */

/** Patterns of one walk, at most. */
export const patternsAtOnce = 32;

/**
 * What completes in each state of an automaton. O(states * chain) time, no allocation.
 * @param wanted - Uint32Array(n), patterns, n at most 32: bit i stands for `wanted[i]`
 * @param masks - Uint32Array(states), written
 */
export function completionMasks({ states, link }: Automaton, wanted: Uint32Array, masks: Uint32Array): void {
  masks.fill(0);
  for (let i = 0; i < wanted.length; i++) masks[wanted[i] + 1] |= 1 << i;
  for (let state = 0; state < states; state++) {
    // a link may have its whole chain by now, which is of this chain too
    for (let suffix = link[state]; suffix !== 0; suffix = link[suffix]) masks[state] |= masks[suffix];
  }
}

/**
 * Marks which sessions hold which patterns: bit `session & 31` of word `session >>> 5` from a pattern's place on, where it completes before the
 * session's evidence ends. O(tokens) time, no allocation.
 * @param masks - Uint32Array(states), see `completionMasks`
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param offsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param ends - Uint32Array(S), positions: events before them count, none beyond the session's own
 * @param listed - Uint32Array, sessions that are walked
 * @param places - Uint32Array(n): where the bits of each pattern begin, in words
 * @param bits - Uint32Array, added to
 */
export function markCompletions(
  { next, shift }: Automaton,
  masks: Uint32Array,
  symbols: Uint16Array,
  offsets: Uint32Array,
  ends: Uint32Array,
  listed: Uint32Array,
  places: Uint32Array,
  bits: Uint32Array,
): void {
  for (let i = 0; i < listed.length; i++) {
    const session = listed[i];
    const stop = Math.min(ends[session], offsets[session + 1]);
    let row = 0;
    let mask = 0;
    for (let position = offsets[session]; position < stop; position++) {
      row = next[row + symbols[position]];
      mask |= masks[row >>> shift];
    }
    for (; mask !== 0; mask &= mask - 1)
      bits[places[31 - Math.clz32(mask & -mask)] + (session >>> 5)] |= 1 << (session & 31);
  }
}

/**
 * Lists of each pattern the sessions in which it completes, and where first. O(tokens) time, no allocation.
 * @param masks - Uint32Array(states), see `completionMasks`
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`; sessions [start, end) are walked
 * @param wanted - Uint32Array(ceil((end - start) / 32)): bit i is 1 where session `start + i` is; others are passed over
 * @param first - list of the mask's first pattern
 * @param width - of a list, `end - start` or more
 * @param counts - Uint32Array(lists), 0 throughout; written: sessions in each list
 * @param listed - Uint32Array(lists * width), written: list after list, each in a row of its own, sessions less `start`
 * @param positions - Uint32Array(lists * width), written: of the pattern's last event
 */
export function listCompletions(
  { next, shift }: Automaton,
  masks: Uint32Array,
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  wanted: Uint32Array,
  start: number,
  end: number,
  first: number,
  width: number,
  counts: Uint32Array,
  listed: Uint32Array,
  positions: Uint32Array,
): void {
  for (let at = 0; at < end - start; at++) {
    if (((wanted[at >>> 5] >>> (at & 31)) & 1) === 0) continue;
    const stop = sessionOffsets[start + at + 1];
    let row = 0;
    // the patterns that are not in the session's lists
    let open = -1;
    for (let position = sessionOffsets[start + at]; position < stop; position++) {
      row = next[row + symbols[position]];
      let fresh = masks[row >>> shift] & open;
      if (fresh === 0) continue;
      open ^= fresh;
      for (; fresh !== 0; fresh &= fresh - 1) {
        const list = first + 31 - Math.clz32(fresh & -fresh);
        const to = list * width + counts[list];
        listed[to] = at;
        positions[to] = position;
        counts[list]++;
      }
    }
  }
}

/**
 * Where an automaton's only pattern first completes in each of some sessions. O(tokens) time, no allocation.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param sessions - Uint32Array, those that are walked
 * @param out - Uint32Array(sessions), written: the position of the pattern's last event; left as it is where it does not complete
 */
export function firstCompletions(
  { next, shift }: Automaton,
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  sessions: Uint32Array,
  out: Uint32Array,
): void {
  const completed = 1 << shift;
  for (let i = 0; i < sessions.length; i++) {
    const stop = sessionOffsets[sessions[i] + 1];
    let row = 0;
    for (let position = sessionOffsets[sessions[i]]; position < stop; position++) {
      row = next[row + symbols[position]];
      if (row !== completed) continue;
      out[i] = position;
      break;
    }
  }
}
