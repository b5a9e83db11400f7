/**
 * The measures of a session's shape: `session.duration`, `session.events`, `session.longest_gap`. In all of them sessions
 * [start, end) of the CSR offsets are read, and a session may be empty.
 */

/**
 * Writes the ms from each session's first event to its last, NaN for an empty one. O(sessions) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`
 * @param out - Float64Array(end - start), ms
 */
export function sessionDuration(
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    out[sessionIdx - start] = stop === first ? Number.NaN : time[stop - 1] - time[first];
  }
}

/**
 * Writes the number of each session's events. O(sessions) time, no allocation.
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets
 * @param out - Float64Array(end - start), events
 */
export function sessionEvents(sessionOffsets: Uint32Array, start: number, end: number, out: Float64Array): void {
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    out[sessionIdx - start] = sessionOffsets[sessionIdx + 1] - sessionOffsets[sessionIdx];
  }
}

/**
 * Writes the ms of each session's longest time between neighbouring events: 0 for a session of one, NaN for an empty one. O(events) time, no
 * allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`
 * @param out - Float64Array(end - start), ms
 */
export function longestGap(
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    let longest = 0;
    for (let position = first + 1; position < stop; position++) {
      const gap = time[position] - time[position - 1];
      if (gap > longest) longest = gap;
    }
    out[sessionIdx - start] = stop === first ? Number.NaN : longest;
  }
}
