/**
 * Where a session stands in its user's life: `session.index`, `user.sessions`, `user.days_since_last`.
 */

const dayMs = 86_400_000;

/**
 * Writes each session's index among its user's sessions, from 1. O(sessions) time, no allocation.
 * @param userOffsets - Uint32Array(U + 1), CSR offsets of sessions; users [start, end) are read
 * @param before - Float64Array(users read), from the first of them on: sessions of the user before the data begin, NaN = unknown (and so are its indices); absent = none
 * @param out - Float64Array(sessions of these users), from the first of them on
 */
export function sessionIndex(
  userOffsets: Uint32Array,
  start: number,
  end: number,
  before: Float64Array | undefined,
  out: Float64Array,
): void {
  const base = userOffsets[start];
  for (let userIdx = start; userIdx < end; userIdx++) {
    const first = userOffsets[userIdx];
    const from = before === undefined ? 1 : before[userIdx - start] + 1;
    for (let sessionIdx = first; sessionIdx < userOffsets[userIdx + 1]; sessionIdx++) {
      out[sessionIdx - base] = from + (sessionIdx - first);
    }
  }
}

/**
 * Writes the days, with fractions, from the start of the user's previous session to the start of each. O(sessions) time, no allocation.
 * @param time - Float64Array(n), ms
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`; no session is empty
 * @param userOffsets - Uint32Array(U + 1), CSR offsets of sessions, a user's in ascending order of start; users [start, end) are read
 * @param out - Float64Array(sessions of these users), from the first of them on; NaN for a user's first
 */
export function daysSinceLast(
  time: Float64Array,
  sessionOffsets: Uint32Array,
  userOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  const base = userOffsets[start];
  for (let userIdx = start; userIdx < end; userIdx++) {
    let previous = Number.NaN;
    for (let sessionIdx = userOffsets[userIdx]; sessionIdx < userOffsets[userIdx + 1]; sessionIdx++) {
      const startMs = time[sessionOffsets[sessionIdx]];
      out[sessionIdx - base] = (startMs - previous) / dayMs;
      previous = startMs;
    }
  }
}
