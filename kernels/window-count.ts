/**
 * How many events of a kind a session has: `count(step)`; and the most within any window: `count(step) in 60s`.
 */

import type { SessionValues } from "./pair-measures.js";
import type { Postings } from "./postings.js";

/**
 * Lists the number of listed events of each session that has some. O(events) time, no allocation.
 * @param out - as long as there are sessions; events
 * @returns how many were written
 */
export function countBySession({ sessions: ofEvents }: Postings, out: SessionValues): number {
  const { sessions, values } = out;
  let count = 0;
  for (let at = 0; at < ofEvents.length; ) {
    const session = ofEvents[at];
    const from = at;
    while (at < ofEvents.length && ofEvents[at] === session) at++;
    sessions[count] = session;
    values[count++] = at - from;
  }
  return count;
}

/**
 * Lists the largest number of listed events whose first and last are at most `windowMs` apart, of each session that has some.
 * O(events) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param windowMs - ms, inclusive; infinite = the whole session
 * @param out - as long as there are sessions; events
 * @returns how many were written
 */
export function windowCount(
  { positions, sessions: ofEvents }: Postings,
  time: Float64Array,
  windowMs: number,
  out: SessionValues,
): number {
  const { sessions, values } = out;
  let count = 0;
  let tail = 0;
  let current = -1;
  let most = 0;
  for (let head = 0; head < positions.length; head++) {
    if (ofEvents[head] !== current) {
      current = ofEvents[head];
      tail = head;
      most = 0;
      sessions[count++] = current;
    }
    const earliest = time[positions[head]] - windowMs;
    while (time[positions[tail]] < earliest) tail++;
    if (head - tail < most) continue;
    most = head - tail + 1;
    values[count - 1] = most;
  }
  return count;
}
