/**
 * Measures of two events in a session: `retries(A, B)`, `elapsed(A, B)`, `time_in(A, B)`. Each walks both lists of positions
 * once, and touches no session that is in neither.
 */

import { type Postings, skipTo } from "./postings.js";

/**
 * Writes how many A come before the first B, NaN where there is no B. O(listed events + sessions) time, no allocation.
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions are counted from `start` on
 * @param out - Float64Array(sessions), events
 */
export function retries(
  { positions: attempts }: Postings,
  { positions: successes, sessions: successSessions }: Postings,
  sessionOffsets: Uint32Array,
  start: number,
  out: Float64Array,
): void {
  out.fill(Number.NaN);
  let attempt = 0;
  let done = -1;
  for (let success = 0; success < successes.length; success++) {
    const session = successSessions[success];
    if (session === done) continue;
    done = session;
    const first = successes[success];
    const from = skipTo(attempts, attempt, attempts.length, sessionOffsets[start + session]);
    attempt = skipTo(attempts, from, attempts.length, first);
    out[session] = attempt - from;
  }
}

/**
 * Writes the ms from the first A to the first B after it, NaN without. O(listed events + sessions) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param out - Float64Array(sessions), ms
 */
export function elapsed(
  { positions: froms, sessions: fromSessions }: Postings,
  { positions: tos, sessions: toSessions }: Postings,
  time: Float64Array,
  out: Float64Array,
): void {
  out.fill(Number.NaN);
  let to = 0;
  let done = -1;
  for (let from = 0; from < froms.length; from++) {
    const session = fromSessions[from];
    if (session === done) continue;
    done = session;
    const first = froms[from];
    to = skipTo(tos, to, tos.length, first + 1);
    if (to < tos.length && toSessions[to] === session) out[session] = time[tos[to]] - time[first];
  }
}

/**
 * Writes the ms from each session's first event to its first B, which it may be itself, NaN without. O(listed events + sessions) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions are counted from `start` on
 * @param out - Float64Array(sessions), ms
 */
export function elapsedSinceStart(
  { positions: tos, sessions: toSessions }: Postings,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  out: Float64Array,
): void {
  out.fill(Number.NaN);
  let done = -1;
  for (let to = 0; to < tos.length; to++) {
    const session = toSessions[to];
    if (session === done) continue;
    done = session;
    out[session] = time[tos[to]] - time[sessionOffsets[start + session]];
  }
}

/**
 * Writes the ms spent in a state: from each entering to the next leaving, added up. Entering inside changes nothing; a state
 * that is not left lasts to the session's last event; an event that is both leaves when inside and enters when outside.
 * O(listed events + sessions) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions are counted from `start` on
 * @param out - Float64Array(sessions), ms; 0 where it is never entered
 */
export function timeIn(
  { positions: enters, sessions: enterSessions }: Postings,
  { positions: leaves, sessions: leaveSessions }: Postings,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  out: Float64Array,
): void {
  out.fill(0);
  let enter = 0;
  let leave = 0;
  while (enter < enters.length) {
    const session = enterSessions[enter];
    const entered = enters[enter];
    leave = skipTo(leaves, leave, leaves.length, entered + 1);
    const isLeft = leave < leaves.length && leaveSessions[leave] === session;
    const left = isLeft ? leaves[leave] : sessionOffsets[start + session + 1] - 1;
    out[session] += time[left] - time[entered];
    enter = skipTo(enters, enter, enters.length, left + 1);
  }
}
