/**
 * Level-wise mining of n-grams: a k-gram can only be frequent if both its (k - 1)-grams are (Agrawal & Srikant 1994, for
 * contiguous sequences). Level k rests on the automaton of the frequent grams of levels 1 to k - 1: a candidate is one of its
 * states of depth k - 1 with a symbol, so the candidate is looked up at the very index of the transition, and many more
 * candidates than states cost no more rows.
 */

import type { Automaton } from "./aho-corasick.js";

/**
 * Numbers the candidates of one length, from 1: frequent (k - 1)-gram with a symbol, where the (k - 1)-gram that it ends with is frequent too.
 * O(states * alphabet) time.
 * @param automaton - of every frequent gram of less than `length` symbols; of no pattern for length 1
 * @param length - k, symbols of a candidate
 * @param candidateAt - Int32Array(states << shift), zero before: candidate at `row + symbol`, 0 = none
 * @returns the number of candidates
 */
export function candidateGrams(
  { next, depth, states, alphabetSize, shift }: Automaton,
  length: number,
  candidateAt: Int32Array,
): number {
  let candidates = 0;
  for (let state = 0; state < states; state++) {
    if (depth[state] !== length - 1) continue;
    const row = state << shift;
    for (let symbol = 1; symbol < alphabetSize; symbol++) {
      // The gram itself is no state yet, so the longest suffix that is one has k - 1 symbols exactly where that suffix is frequent.
      if (depth[next[row + symbol] >>> shift] === length - 1) candidateAt[row + symbol] = ++candidates;
    }
  }
  return candidates;
}

/**
 * Writes what each candidate is made of. O(states * stride) time.
 * @param candidateAt - Int32Array(states << shift), from `candidateGrams`
 * @param prefixState - Int32Array(candidates + 1): the state of the first k - 1 symbols
 * @param lastSymbol - Uint16Array(candidates + 1): the last symbol
 */
export function candidateParts(
  { shift }: Automaton,
  candidateAt: Int32Array,
  prefixState: Int32Array,
  lastSymbol: Uint16Array,
): void {
  const mask = (1 << shift) - 1;
  for (let at = 0; at < candidateAt.length; at++) {
    const candidate = candidateAt[at];
    if (candidate === 0) continue;
    prefixState[candidate] = at >>> shift;
    lastSymbol[candidate] = at & mask;
  }
}

/**
 * Counts sessions that hold a candidate, by candidate and by the session's column when it first completes: `counts[column * (candidates + 1) + candidate]` (cells of candidate 0 mean nothing).
 * Segments, order and stamps are those of `countSessions`. O(tokens) time, no allocation.
 * @param candidateAt - Int32Array(states << shift), from `candidateGrams`
 * @param candidates - their number
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param segmentOffsets - Uint32Array(S + 1), CSR offsets into the two that follow
 * @param segmentEnd - Uint32Array, positions, ascending within a session; after a session's last one nothing counts
 * @param segmentColumn - Uint32Array, columns of `counts`
 * @param order - Uint32Array(S), sessions; `order[start, end)` are walked
 * @param stamp - Int32Array(candidates + 1), zero before the first slice; slices in ascending order may share it
 * @param counts - Uint32Array(columns * (candidates + 1)), sessions, added to
 */
export function countCandidates(
  { next }: Automaton,
  candidateAt: Int32Array,
  candidates: number,
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  segmentOffsets: Uint32Array,
  segmentEnd: Uint32Array,
  segmentColumn: Uint32Array,
  order: Uint32Array,
  start: number,
  end: number,
  stamp: Int32Array,
  counts: Uint32Array,
): void {
  for (let i = start; i < end; i++) {
    const sessionIdx = order[i];
    const now = i + 1;
    let row = 0;
    let position = sessionOffsets[sessionIdx];
    const lastSegment = segmentOffsets[sessionIdx + 1];
    for (let segment = segmentOffsets[sessionIdx]; segment < lastSegment; segment++) {
      const column = segmentColumn[segment] * (candidates + 1);
      for (const stop = segmentEnd[segment]; position < stop; position++) {
        const at = row + symbols[position];
        row = next[at];
        const candidate = candidateAt[at];
        counts[column + candidate] += (stamp[candidate] - now) >>> 31;
        stamp[candidate] = now;
      }
    }
  }
}
