/**
 * Aho–Corasick over integer symbols: every pattern, in every session, in one pass.
 *
 * Overlapping, standard semantics, as a full DFA. Aho & Corasick, "Efficient string matching", CACM 18(6), 1975, algorithms 2 to 4.
 * Dense rows cost `states * stride * 4` bytes and one load a symbol, so they pay while they fit L1/L2: give symbols only to
 * tokens that stand in a pattern (0 is "a token of no pattern"), frequent ones the lowest, so that hot entries of a row share lines.
 */

/** A compiled set of P patterns: plain data on SharedArrayBuffers, posted to a worker for the price of a message. */
export interface Automaton {
  /** P; pattern p ends in state p + 1, so no table from states to patterns is needed */
  readonly patterns: number;
  /** 0 is the root, 1..P the patterns, the rest prefixes that are no pattern themselves (none, where the set is closed under prefixes) */
  readonly states: number;
  /** Symbols are 0 .. alphabetSize - 1 */
  readonly alphabetSize: number;
  /** A row has `1 << shift` entries, the least power of two that holds the alphabet */
  readonly shift: number;
  /** Int32Array(states << shift): `next[row + symbol]` is the next row, where the row of a state is `state << shift` */
  readonly next: Int32Array;
  /** Int32Array(states): the longest proper suffix of a state that is a pattern, as a state; 0 = none */
  readonly link: Int32Array;
  /** Int32Array(states): symbols from the root */
  readonly depth: Int32Array;
}

/**
 * Compiles patterns. O(tokens * siblings + states * stride) time.
 * The caller sees to it that `(tokens + 1) << shift` stays below 2^31 and within its memory.
 * @param tokens - Uint16Array(offsets[P]), symbols 1 .. alphabetSize - 1
 * @param offsets - Uint32Array(P + 1), CSR: pattern p is `tokens[offsets[p], offsets[p + 1])`; patterns are not empty and all different
 * @param alphabetSize - symbols, the 0 included
 */
export function buildAutomaton(tokens: Uint16Array, offsets: Uint32Array, alphabetSize: number): Automaton {
  const patterns = offsets.length - 1;
  const shift = 32 - Math.clz32(Math.max(1, alphabetSize - 1));
  // The trie first, as lists of children: dense rows for prefixes shared by many patterns would be many times the size.
  const most = tokens.length + 1;
  const symbolOf = new Uint16Array(most);
  const firstChild = new Int32Array(most);
  const sibling = new Int32Array(most);
  const stateOf = new Int32Array(most);
  let nodes = 1;
  for (let p = 0; p < patterns; p++) {
    let node = 0;
    for (let i = offsets[p]; i < offsets[p + 1]; i++) {
      let child = firstChild[node];
      while (child !== 0 && symbolOf[child] !== tokens[i]) child = sibling[child];
      if (child === 0) {
        child = nodes++;
        symbolOf[child] = tokens[i];
        sibling[child] = firstChild[node];
        firstChild[node] = child;
      }
      node = child;
    }
    stateOf[node] = p + 1;
  }

  const next = shared(nodes << shift);
  const link = shared(nodes);
  const depth = shared(nodes);
  const fail = new Int32Array(nodes);
  const queue = new Int32Array(nodes);
  let queued = 1;
  let prefixes = patterns;
  for (let head = 0; head < queued; head++) {
    const node = queue[head];
    const state = stateOf[node];
    const row = state << shift;
    const failRow = fail[state] << shift;
    // A shallower row is complete by now (breadth first), and differs from this one only in the children.
    if (state !== 0) next.copyWithin(row, failRow, failRow + (1 << shift));
    for (let child = firstChild[node]; child !== 0; child = sibling[child]) {
      if (stateOf[child] === 0) stateOf[child] = ++prefixes;
      const childState = stateOf[child];
      const failState = state === 0 ? 0 : next[row + symbolOf[child]] >>> shift;
      fail[childState] = failState;
      link[childState] = failState <= patterns ? failState : link[failState];
      depth[childState] = depth[state] + 1;
      next[row + symbolOf[child]] = childState << shift;
      queue[queued++] = child;
    }
  }
  return { patterns, states: nodes, alphabetSize, shift, next, link, depth };
}

/**
 * Counts sessions that hold a pattern, by pattern and by the state of the session when it first completes.
 *
 * A session is a row of segments, each a stretch of positions with its own column: what a session counts for may change
 * within it, because each KPI's evidence ends elsewhere. The first completion of a pattern decides its column; a session
 * counts at most once for a pattern. O(tokens * chain) time, chain at most the longest suffix chain of patterns; no allocation.
 *
 * `counts[column * states + state]`, pattern p's cell being that of state p + 1 (cells of other states mean nothing): by column first, since a slice ordered by column then works on one row, which stays in the cache.
 *
 * Three links of a chain are counted without a branch, by `(stamp - now) >>> 31`, 1 where the stamp is older than this
 * session: which states are new in a session is not to be predicted, and the misses were near half of the time (400 patterns,
 * 10 tokens a session, ns a token: 7.8 with three, 9.3 with two, 12 with one, 15 with a branch at every link; see
 * bench/kernels/aho-corasick.ts). Tried and left: a branch for the first visit of a state before the three (8.3); a comparison
 * in place of the shift, which V8 turns into a branch (12.8); states of a block of sessions first and counting after (13.2
 * against 13.8, with branches); fresh states listed and counted at the session's end (11.9); several sessions in flight, which
 * only helps the transitions of long sessions; stamps and links interleaved in one array (4 % better, not worth the copy);
 * chains that end in a state linked to itself (no change); a second body without the outer loop for sets whose chains are at
 * most three (8 % better, not worth its copy). A Uint8Array of symbols is no faster, so there is one class.
 * @param symbols - Uint16Array(n), below `alphabetSize`
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`
 * @param segmentOffsets - Uint32Array(S + 1), CSR offsets into the two that follow
 * @param segmentEnd - Uint32Array, positions, ascending within a session; after a session's last one nothing counts
 * @param segmentColumn - Uint32Array, columns of `counts`
 * @param order - Uint32Array(S), sessions; `order[start, end)` are walked
 * @param stamp - Int32Array(states), zero before the first slice; slices in ascending order may share it
 * @param counts - Uint32Array(columns * states), sessions, added to
 */
export function countSessions(
  { next, link, states, shift }: Automaton,
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
      const column = segmentColumn[segment] * states;
      for (const stop = segmentEnd[segment]; position < stop; position++) {
        row = next[row + symbols[position]];
        let state = row >>> shift;
        do {
          counts[column + state] += (stamp[state] - now) >>> 31;
          stamp[state] = now;
          state = link[state];
          counts[column + state] += (stamp[state] - now) >>> 31;
          stamp[state] = now;
          state = link[state];
          counts[column + state] += (stamp[state] - now) >>> 31;
          stamp[state] = now;
          state = link[state];
          // A pattern counted before has had its whole chain counted; the root, which ends every chain, is one of them.
        } while (stamp[state] !== now);
      }
    }
  }
}

/**
 * Brings the sets of a word's sessions from states to patterns, and leaves 0. O(states) time, no allocation.
 * @param own - Uint32Array(states), by state
 * @param bits - Uint32Array(patterns * words), rows one after the other, added to
 * @param words - of a row
 * @param word - which of a row
 */
export function takeMarks(own: Uint32Array, patterns: number, bits: Uint32Array, words: number, word: number): void {
  for (let pattern = 0; pattern < patterns; pattern++) bits[pattern * words + word] |= own[pattern + 1];
  own.fill(0);
}

function shared(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * Int32Array.BYTES_PER_ELEMENT));
}
