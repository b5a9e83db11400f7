/**
 * Prefix projection: every sequence of a set, with gaps between its steps or none, in every session.
 *
 * Pei et al., "PrefixSpan: mining sequential patterns efficiently by prefix-projected pattern growth", ICDE 2001. A prefix is
 * projected once, and its children are met in one walk over what comes after it in each session. Without a bound on time only
 * the earliest end of a prefix matters. With one, its minimal occurrences do (Mannila, Toivonen & Verkamo, "Discovery of
 * frequent episodes in event sequences", DMKD 1, 1997): for each end the latest start, both ascending. Those of a child are the
 * first of its step after each of them, up to and with the next one's end, where a later start takes over: so that the walks
 * of a session never overlap, and a prefix costs at most the session's events.
 */

/** Sequences as a tree of their prefixes: plain data on SharedArrayBuffers. Node 0 is the empty prefix. */
export interface PrefixTree {
  /** Uint32Array(nodes + 1): the children of node n are the nodes [firstChild[n], firstChild[n + 1]) */
  readonly firstChild: Uint32Array;
  /** Uint16Array(nodes): the last step of a node's prefix, from 1 */
  readonly symbol: Uint16Array;
  /** Uint32Array(nodes): the sequence that a node is, from 1; 0 = a prefix alone */
  readonly cell: Uint32Array;
  /** Symbols, the 0 ("no step of any sequence") included. */
  readonly alphabetSize: number;
  /** Steps of the longest sequence. */
  readonly depth: number;
}

/** What lies between the steps of a sequence, and how long it may take. */
export interface Spacing {
  /** Each step is the very next event; else anything may lie between. */
  readonly adjacent: boolean;
  /** ms from the first step to the last, inclusive; infinite = none */
  readonly withinMs: number;
}

/** Events of some sessions, one session after the other; what can be no step may be left out, unless steps are adjacent. */
export interface SessionBlock {
  sessions: number;
  /** Uint32Array(sessions + 1), CSR offsets into the three that follow */
  readonly offsets: Uint32Array;
  /** Uint16Array, below `alphabetSize` */
  symbols: Uint16Array;
  /** Float64Array, ms, ascending within a session; unread without a bound */
  time: Float64Array;
  /** Uint32Array: of each event, the column of counts that a sequence completing there is counted in, or its position */
  label: Uint32Array;
}

/** Occurrences of the prefixes of one length, and which symbols a walk has met. Made by `prefixSpanScratch`. */
export interface PrefixSpanScratch {
  /** Lists of occurrences by length of prefix: session, position of the first step and of the last, the next one's index */
  readonly session: readonly Uint32Array[];
  readonly first: readonly Uint32Array[];
  readonly last: readonly Uint32Array[];
  readonly next: readonly Int32Array[];
  /** Int32Array(nodes): the ends of a node's list, -1 = empty */
  readonly head: Int32Array;
  readonly tail: Int32Array;
  /** Int32Array(alphabetSize): child of the node that is being walked; 0 = none */
  readonly childAt: Int32Array;
  /** Int32Array(alphabetSize): the walk that met a symbol last */
  readonly stamp: Int32Array;
  /** Int32Array(1): the number of the last walk */
  readonly now: Int32Array;
}

/**
 * Compiles sequences. O(steps).
 * @param steps - Uint16Array(offsets[P]), symbols 1 .. alphabetSize - 1
 * @param offsets - Uint32Array(P + 1), CSR: sequence p is `steps[offsets[p], offsets[p + 1])`; not empty, all different and in
 * lexicographic order
 */
export function buildPrefixTree(steps: Uint16Array, offsets: Uint32Array, alphabetSize: number): PrefixTree {
  const sequences = offsets.length - 1;
  // depth first: the nodes of a sequence beyond what it shares with the one before it
  const most = steps.length + 1;
  const symbolOf = new Uint16Array(most);
  const parentOf = new Uint32Array(most);
  const depthOf = new Uint8Array(most);
  const cellOf = new Uint32Array(most);
  const path = new Uint32Array(256);
  let nodes = 1;
  let depth = 0;
  for (let p = 0; p < sequences; p++) {
    const from = offsets[p];
    const length = offsets[p + 1] - from;
    if (length > depth) depth = length;
    let shared = 0;
    if (p > 0) {
      const before = offsets[p - 1];
      while (shared < length && before + shared < from && steps[before + shared] === steps[from + shared]) shared++;
    }
    for (let step = shared; step < length; step++) {
      symbolOf[nodes] = steps[from + step];
      parentOf[nodes] = path[step];
      depthOf[nodes] = step + 1;
      path[step + 1] = nodes++;
    }
    cellOf[path[length]] = p + 1;
  }
  // breadth first: the children of a node then lie together
  const start = new Uint32Array(depth + 2);
  for (let node = 0; node < nodes; node++) start[depthOf[node] + 1]++;
  for (let level = 0; level <= depth; level++) start[level + 1] += start[level];
  const place = new Uint32Array(nodes);
  for (let node = 0; node < nodes; node++) place[node] = start[depthOf[node]]++;
  const firstChild = new Uint32Array(new SharedArrayBuffer((nodes + 1) * 4));
  const symbol = new Uint16Array(new SharedArrayBuffer(nodes * 2));
  const cell = new Uint32Array(new SharedArrayBuffer(nodes * 4));
  for (let node = 1; node < nodes; node++) {
    symbol[place[node]] = symbolOf[node];
    cell[place[node]] = cellOf[node];
    firstChild[place[parentOf[node]] + 1]++;
  }
  firstChild[0] = 1;
  for (let node = 0; node < nodes; node++) firstChild[node + 1] += firstChild[node];
  return { firstChild, symbol, cell, alphabetSize, depth };
}

/** Scratch for blocks of at most so many events. */
export function prefixSpanScratch({ symbol, alphabetSize, depth }: PrefixTree, events: number): PrefixSpanScratch {
  const lists = (): Uint32Array[] => Array.from({ length: depth + 1 }, () => new Uint32Array(events));
  return {
    session: lists(),
    first: lists(),
    last: lists(),
    next: Array.from({ length: depth + 1 }, () => new Int32Array(events)),
    head: new Int32Array(symbol.length),
    tail: new Int32Array(symbol.length),
    childAt: new Int32Array(alphabetSize),
    stamp: new Int32Array(alphabetSize),
    now: new Int32Array(1),
  };
}

/**
 * Counts the sessions of a block that hold each sequence, by the label of the event that first completes it:
 * `counts[label * cells + cell]`. O(nodes * events) at worst; a node costs what comes after it where it holds, and no more than
 * until all its children are met.
 * @param cells - of a row of counts: sequences and one
 * @param counts - Uint32Array, added to
 */
export function countSequences(
  tree: PrefixTree,
  spacing: Spacing,
  block: SessionBlock,
  scratch: PrefixSpanScratch,
  cells: number,
  counts: Uint32Array,
): void {
  walkRoot(tree, spacing, block, scratch, true, cells, counts);
}

/**
 * Writes, for each sequence and session of a block, the label of the event that first completes it.
 * O(nodes * events) at worst.
 * @param out - Uint32Array(sequences * stride): of sequence p and the i-th session at `p * stride + i`; left as it is where the
 * sequence does not hold
 */
export function completeSequences(
  tree: PrefixTree,
  spacing: Spacing,
  block: SessionBlock,
  scratch: PrefixSpanScratch,
  stride: number,
  out: Uint32Array,
): void {
  walkRoot(tree, spacing, block, scratch, false, stride, out);
}

/** The first steps: their earliest event, or all where a later one may still be in time or have the next step beside it. */
function walkRoot(
  tree: PrefixTree,
  spacing: Spacing,
  block: SessionBlock,
  scratch: PrefixSpanScratch,
  counting: boolean,
  stride: number,
  out: Uint32Array,
): void {
  const { firstChild, symbol, cell } = tree;
  const { head, tail, childAt, stamp } = scratch;
  const { offsets, symbols, label } = block;
  const [session, first, last, next] = [scratch.session[1], scratch.first[1], scratch.last[1], scratch.next[1]];
  if (session === undefined) return;
  const children = firstChild[1];
  const everyOne = spacing.adjacent || spacing.withinMs !== Number.POSITIVE_INFINITY;
  renewStamps(scratch, block.sessions);
  for (let child = 1; child < children; child++) {
    head[child] = -1;
    childAt[symbol[child]] = child;
  }
  let entries = 0;
  let now = scratch.now[0];
  for (let sessionIdx = 0; sessionIdx < block.sessions; sessionIdx++) {
    now++;
    const stop = offsets[sessionIdx + 1];
    for (let at = offsets[sessionIdx]; at < stop; at++) {
      const child = childAt[symbols[at]];
      if (child === 0) continue;
      const isFirst = stamp[symbols[at]] !== now;
      if (isFirst) {
        stamp[symbols[at]] = now;
        const own = cell[child];
        if (own !== 0) {
          if (counting) out[label[at] * stride + own]++;
          else out[(own - 1) * stride + sessionIdx] = label[at];
        }
      } else if (!everyOne) continue;
      if (firstChild[child] === firstChild[child + 1]) continue;
      session[entries] = sessionIdx;
      first[entries] = at;
      last[entries] = at;
      next[entries] = -1;
      if (head[child] === -1) head[child] = entries;
      else next[tail[child]] = entries;
      tail[child] = entries++;
    }
  }
  scratch.now[0] = now;
  for (let child = 1; child < children; child++) childAt[symbol[child]] = 0;
  for (let child = 1; child < children; child++) {
    if (head[child] !== -1 && firstChild[child] !== firstChild[child + 1]) {
      walkNode(tree, spacing, block, scratch, counting, stride, out, child, 1);
    }
  }
}

/** Meets the children of a node in what comes after its occurrences, then walks them. */
function walkNode(
  tree: PrefixTree,
  spacing: Spacing,
  block: SessionBlock,
  scratch: PrefixSpanScratch,
  counting: boolean,
  stride: number,
  out: Uint32Array,
  node: number,
  depth: number,
): void {
  const { firstChild, symbol, cell } = tree;
  const { adjacent, withinMs } = spacing;
  const { head, tail, childAt, stamp } = scratch;
  const { offsets, symbols, time, label } = block;
  const [session, first, last, next] = [
    scratch.session[depth],
    scratch.first[depth],
    scratch.last[depth],
    scratch.next[depth],
  ];
  const [newSession, newFirst, newLast, newNext] = [
    scratch.session[depth + 1],
    scratch.first[depth + 1],
    scratch.last[depth + 1],
    scratch.next[depth + 1],
  ];
  const start = firstChild[node];
  const end = firstChild[node + 1];
  const bounded = withinMs !== Number.POSITIVE_INFINITY;
  renewStamps(scratch, symbols.length);
  for (let child = start; child < end; child++) {
    head[child] = -1;
    childAt[symbol[child]] = child;
  }
  let entries = 0;
  let now = scratch.now[0];
  let sessionIdx = -1;
  let sessionNow = 0;
  for (let entry = head[node]; entry !== -1; ) {
    const following = next[entry];
    now++;
    if (session[entry] !== sessionIdx) {
      sessionIdx = session[entry];
      sessionNow = now;
    }
    const from = last[entry] + 1;
    let to = offsets[sessionIdx + 1];
    if (adjacent) {
      if (from + 1 < to) to = from + 1;
    } else if (following !== -1 && session[following] === sessionIdx) to = last[following] + 1;
    const startedMs = bounded ? time[first[entry]] : 0;
    let open = end - start;
    for (let at = from; at < to; at++) {
      if (bounded && time[at] - startedMs > withinMs) break;
      const child = childAt[symbols[at]];
      if (child === 0) continue;
      const met = stamp[symbols[at]];
      if (met === now) continue;
      stamp[symbols[at]] = now;
      if (met < sessionNow) {
        const own = cell[child];
        if (own !== 0) {
          if (counting) out[label[at] * stride + own]++;
          else out[(own - 1) * stride + sessionIdx] = label[at];
        }
      }
      if (firstChild[child] !== firstChild[child + 1]) {
        newSession[entries] = sessionIdx;
        newFirst[entries] = first[entry];
        newLast[entries] = at;
        newNext[entries] = -1;
        if (head[child] === -1) head[child] = entries;
        else newNext[tail[child]] = entries;
        tail[child] = entries++;
      }
      if (--open === 0) break;
    }
    entry = following;
  }
  scratch.now[0] = now;
  for (let child = start; child < end; child++) childAt[symbol[child]] = 0;
  for (let child = start; child < end; child++) {
    if (head[child] !== -1 && firstChild[child] !== firstChild[child + 1]) {
      walkNode(tree, spacing, block, scratch, counting, stride, out, child, depth + 1);
    }
  }
}

/** Numbers walks anew where so many more would not fit. */
function renewStamps({ stamp, now }: PrefixSpanScratch, walks: number): void {
  if (now[0] + walks < 0x7fffffff) return;
  stamp.fill(0);
  now[0] = 0;
}

/**
 * How many different sequences with gaps each session holds, by length: of length j after an event, those before it and those
 * of length j - 1 with it, less those that its last likeness ended already. O(events * longest); inexact beyond 2^53.
 * @param symbols - Uint16Array(n); `skip` is no step
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `symbols`; sessions [start, end) are read
 * @param alphabetSize - symbols are below it
 * @param last - Float64Array(alphabetSize * (longest + 1)), scratch
 * @param out - Float64Array((end - start) * longest): of length j at `session * longest + j - 1`
 */
export function distinctSubsequences(
  symbols: Uint16Array,
  sessionOffsets: Uint32Array,
  skip: number,
  longest: number,
  start: number,
  end: number,
  last: Float64Array,
  out: Float64Array,
): void {
  const width = longest + 1;
  const count = new Float64Array(width);
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const from = sessionOffsets[sessionIdx];
    const to = sessionOffsets[sessionIdx + 1];
    for (let at = from; at < to; at++) {
      const row = symbols[at] * width;
      for (let length = 0; length < longest; length++) last[row + length] = 0;
    }
    count.fill(0);
    count[0] = 1;
    for (let at = from; at < to; at++) {
      if (symbols[at] === skip) continue;
      const row = symbols[at] * width;
      for (let length = longest; length > 0; length--) {
        const ended = count[length - 1];
        count[length] += ended - last[row + length - 1];
        last[row + length - 1] = ended;
      }
    }
    const place = (sessionIdx - start) * longest;
    for (let length = 1; length <= longest; length++) out[place + length - 1] = Math.max(0, count[length]);
  }
}
