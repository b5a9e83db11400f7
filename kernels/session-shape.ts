/**
 * The measures of a session's shape: `session.duration`, `session.events`, `session.longest_gap`.
 */

/**
 * Writes duration, events and longest gap of each session. O(events) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`; sessions [start, end) are read; an empty one has 0 events and is NaN else
 * @param durationMs - Float64Array(end - start), from the first event to the last
 * @param events - Float64Array(end - start)
 * @param longestGapMs - Float64Array(end - start), between neighbouring events; 0 for a session of one, like its duration
 */
export function sessionShape(
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  durationMs: Float64Array,
  events: Float64Array,
  longestGapMs: Float64Array,
): void {
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    let longest = 0;
    for (let position = first + 1; position < stop; position++) {
      const gap = time[position] - time[position - 1];
      if (gap > longest) longest = gap;
    }
    const isEmpty = stop === first;
    durationMs[sessionIdx - start] = isEmpty ? Number.NaN : time[stop - 1] - time[first];
    events[sessionIdx - start] = stop - first;
    longestGapMs[sessionIdx - start] = isEmpty ? Number.NaN : longest;
  }
}
