/**
 * Measures of two events in a session: `retries(A, B)`, `elapsed(A, B)`, `time_in(A, B)`. Each walks both lists of positions
 * once, touches no session that is in neither, and lists the sessions that have a value of their own.
 */

import { type Postings, skipTo } from "./postings.js";

/** Numbers of some sessions. */
export interface SessionValues {
  /** Uint32Array, ascending, each once */
  readonly sessions: Uint32Array;
  /** Float64Array, of each of them */
  readonly values: Float64Array;
}

/**
 * Lists how many A come before the first B, of sessions with a B. O(listed events) time, no allocation.
 * @param attemptFirsts - of A, from `firstOfSessions`
 * @param out - as long as there are sessions; events
 * @returns how many were written
 */
export function retries(
  { positions: attempts, sessions: attemptSessions }: Postings,
  attemptFirsts: Uint32Array,
  { positions: successes, sessions: successSessions }: Postings,
  out: SessionValues,
): number {
  const { sessions, values } = out;
  let done = -1;
  let count = 0;
  for (let success = 0; success < successes.length; success++) {
    const session = successSessions[success];
    if (session === done) continue;
    done = session;
    const first = successes[success];
    const from = attemptFirsts[session];
    let attempt = from;
    while (attempt < attempts.length && attemptSessions[attempt] === session && attempts[attempt] < first) attempt++;
    sessions[count] = session;
    values[count++] = attempt - from;
  }
  return count;
}

/**
 * Lists the ms from the first A to the first B after it, of sessions with both. O(listed events) time, no allocation.
 * @param toFirsts - of B, from `firstOfSessions`
 * @param time - Float64Array(n), ms, ascending within a session
 * @param out - as long as there are sessions; ms
 * @returns how many were written
 */
export function elapsed(
  { positions: froms, sessions: fromSessions }: Postings,
  { positions: tos, sessions: toSessions }: Postings,
  toFirsts: Uint32Array,
  time: Float64Array,
  out: SessionValues,
): number {
  const { sessions, values } = out;
  let done = -1;
  let count = 0;
  for (let from = 0; from < froms.length; from++) {
    const session = fromSessions[from];
    if (session === done) continue;
    done = session;
    const first = froms[from];
    let to = toFirsts[session];
    while (to < tos.length && toSessions[to] === session && tos[to] <= first) to++;
    if (to >= tos.length || toSessions[to] !== session) continue;
    sessions[count] = session;
    values[count++] = time[tos[to]] - time[first];
  }
  return count;
}

/**
 * Lists the ms from each session's first event to its first B, which it may be itself, of sessions with a B. O(listed events) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions are counted from `start` on
 * @param out - as long as there are sessions; ms
 * @returns how many were written
 */
export function elapsedSinceStart(
  { positions: tos, sessions: toSessions }: Postings,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  out: SessionValues,
): number {
  const { sessions, values } = out;
  let done = -1;
  let count = 0;
  for (let to = 0; to < tos.length; to++) {
    const session = toSessions[to];
    if (session === done) continue;
    done = session;
    sessions[count] = session;
    values[count++] = time[tos[to]] - time[sessionOffsets[start + session]];
  }
  return count;
}

/**
 * Lists the ms spent in a state, of sessions that enter it: from each entering to the next leaving, added up. Entering inside changes nothing; a state
 * that is not left lasts to the session's last event; an event that is both leaves when inside and enters when outside.
 * O(listed events) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions are counted from `start` on
 * @param out - as long as there are sessions; ms
 * @returns how many were written
 */
export function timeIn(
  { positions: enters, sessions: enterSessions }: Postings,
  { positions: leaves, sessions: leaveSessions }: Postings,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  out: SessionValues,
): number {
  const { sessions, values } = out;
  let enter = 0;
  let leave = 0;
  let done = -1;
  let count = 0;
  while (enter < enters.length) {
    const session = enterSessions[enter];
    const entered = enters[enter];
    leave = skipTo(leaves, leave, leaves.length, entered + 1);
    const isLeft = leave < leaves.length && leaveSessions[leave] === session;
    const left = isLeft ? leaves[leave] : sessionOffsets[start + session + 1] - 1;
    const spent = time[left] - time[entered];
    if (session === done) values[count - 1] += spent;
    else {
      sessions[count] = session;
      values[count++] = spent;
      done = session;
    }
    enter = skipTo(enters, enter, enters.length, left + 1);
  }
  return count;
}
