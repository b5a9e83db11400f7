/**
 * How many events of a kind a session has: `count(step)`; and the most within any window: `count(step) in 60s`.
 */

import type { Postings } from "./postings.js";

/**
 * Writes each session's number of listed events. O(events + sessions) time, no allocation.
 * @param out - Float64Array(sessions), events
 */
export function countBySession({ sessions }: Postings, out: Float64Array): void {
  out.fill(0);
  for (let at = 0; at < sessions.length; at++) out[sessions[at]]++;
}

/**
 * Writes each session's largest number of listed events whose first and last are at most `windowMs` apart. O(events + sessions) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param windowMs - ms, inclusive; infinite = the whole session
 * @param out - Float64Array(sessions), events
 */
export function windowCount(
  { positions, sessions }: Postings,
  time: Float64Array,
  windowMs: number,
  out: Float64Array,
): void {
  out.fill(0);
  let tail = 0;
  let current = -1;
  let most = 0;
  for (let head = 0; head < positions.length; head++) {
    if (sessions[head] !== current) {
      current = sessions[head];
      tail = head;
      most = 0;
    }
    const earliest = time[positions[head]] - windowMs;
    while (time[positions[tail]] < earliest) tail++;
    if (head - tail < most) continue;
    most = head - tail + 1;
    out[current] = most;
  }
}
