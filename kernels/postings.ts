/**
 * The inverted index of a stretch of events: where each name stands. Most steps name one event, and a list of its positions
 * is many times shorter than the column.
 */

/** Where the events of a kind stand: two arrays of one length. */
export interface Postings {
  /** Uint32Array(n), ascending positions */
  readonly positions: Uint32Array;
  /** Uint32Array(n), the session of each, counted from the first of the stretch */
  readonly sessions: Uint32Array;
}

/** Lists of rare and frequent events meet often: of the longer one most entries are passed over, some at a time. */
const STRIDE = 8;

/** Index of the first position from `index` on that is not below `bound`. O(positions passed over), no allocation. */
export function skipTo(positions: Uint32Array, index: number, end: number, bound: number): number {
  let at = index;
  while (at + STRIDE < end && positions[at + STRIDE] < bound) at += STRIDE;
  while (at < end && positions[at] < bound) at++;
  return at;
}

/**
 * Lists the events of the names that have a code, by name, each list ascending, by a stable counting sort. O(events + codes) time.
 * @param names - (n), by position
 * @param codeOf - Uint16Array, by name: 0 for names that are not asked for, as are all beyond it, else from 1
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions [start, end) are read
 * @param picked - Uint32Array(events) that this may write into
 * @param offsets - Uint32Array(codes + 2), CSR offsets into `out` by code
 * @param out - at least as long as there are such events
 */
export function listByName(
  names: Uint8Array | Uint16Array | Uint32Array,
  codeOf: Uint16Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  picked: Uint32Array,
  offsets: Uint32Array,
  out: Postings,
): void {
  // few events have a name that is asked for, so they are picked first
  const count = pick(names, codeOf, sessionOffsets[start], sessionOffsets[end], picked);
  offsets.fill(0);
  countPicked(names, codeOf, picked, count, offsets);
  const last = offsets.length - 1;
  for (let code = 1; code < last; code++) offsets[code + 1] += offsets[code];
  placePicked(names, codeOf, sessionOffsets, start, picked, count, offsets, out);
  // the starts served as cursors, which leaves each at the next one's start: shifting by one puts them back
  offsets.copyWithin(2, 1, last);
  offsets[0] = 0;
  offsets[1] = 0;
}

// Each loop is a function that ends with it: compiled while it runs for the first time, a loop knows nothing of what comes after it, and
// would be left for the interpreter at its end in every call.

function pick(
  names: Uint8Array | Uint16Array | Uint32Array,
  codeOf: Uint16Array,
  from: number,
  stop: number,
  picked: Uint32Array,
): number {
  let count = 0;
  for (let position = from; position < stop; position++) {
    const name = names[position];
    const code = name < codeOf.length ? codeOf[name] : 0;
    picked[count] = position;
    count += code === 0 ? 0 : 1;
  }
  return count;
}

/** Adds up one place further, where their starts will be. */
function countPicked(
  names: Uint8Array | Uint16Array | Uint32Array,
  codeOf: Uint16Array,
  picked: Uint32Array,
  count: number,
  offsets: Uint32Array,
): void {
  for (let at = 0; at < count; at++) offsets[codeOf[names[picked[at]]] + 1]++;
}

function placePicked(
  names: Uint8Array | Uint16Array | Uint32Array,
  codeOf: Uint16Array,
  sessionOffsets: Uint32Array,
  start: number,
  picked: Uint32Array,
  count: number,
  cursors: Uint32Array,
  { positions, sessions }: Postings,
): void {
  let session = start;
  let stop = sessionOffsets[start + 1];
  for (let at = 0; at < count; at++) {
    const position = picked[at];
    while (position >= stop) {
      session++;
      stop = sessionOffsets[session + 1];
    }
    const to = cursors[codeOf[names[position]]]++;
    positions[to] = position;
    sessions[to] = session - start;
  }
}

/**
 * Lists the events of two lists in order, those of both once. O(events) time, no allocation.
 * @param out - as long as both together
 * @returns how many were written
 */
export function mergePostings(left: Postings, right: Postings, out: Postings): number {
  const { positions, sessions } = left;
  const { positions: others, sessions: otherSessions } = right;
  const { positions: outPositions, sessions: outSessions } = out;
  let at = 0;
  let other = 0;
  let count = 0;
  while (at < positions.length || other < others.length) {
    const isOther = at === positions.length || (other < others.length && others[other] < positions[at]);
    if (isOther) {
      outPositions[count] = others[other];
      outSessions[count++] = otherSessions[other++];
      continue;
    }
    if (other < others.length && others[other] === positions[at]) other++;
    outPositions[count] = positions[at];
    outSessions[count++] = sessions[at++];
  }
  return count;
}

/**
 * Lists the events of a list that come before the end of their session, at other places: what becomes of an index where sessions are cut
 * short. O(events) time, no allocation.
 * @param first - session s of the list is session `first + s` of the arrays and of `out`
 * @param ends - Uint32Array(sessions): positions from there on are left out
 * @param shift - Uint32Array(sessions): what is added to the positions of a session, modulo 2 ** 32
 * @param out - longer than what is written to it, from `to` on
 * @returns the end of what was written
 */
export function cutPostings(
  { positions, sessions }: Postings,
  first: number,
  ends: Uint32Array,
  shift: Uint32Array,
  to: number,
  out: Postings,
): number {
  const { positions: outPositions, sessions: outSessions } = out;
  let count = to;
  for (let at = 0; at < positions.length; at++) {
    const session = first + sessions[at];
    const position = positions[at];
    outPositions[count] = position + shift[session];
    outSessions[count] = session;
    count += Number(position < ends[session]);
  }
  return count;
}

/**
 * Notes where the events of each session begin in a list. Of sessions without one whatever is there is left: who reads an index must see whether the
 * event there is of its session (Briggs and Torczon's sparse set). O(events) time, no allocation.
 * @param sessions - Uint32Array(n), ascending: the session of each event
 * @param out - Uint32Array(sessions)
 */
export function firstOfSessions(sessions: Uint32Array, out: Uint32Array): void {
  for (let at = sessions.length - 1; at >= 0; at--) out[sessions[at]] = at;
}
