/**
 * The most events of a kind within any window, by session: `count(step) in 60s`.
 */

/**
 * Writes each session's largest number of listed events whose first and last are at most `windowMs` apart. O(events + sessions) time, no allocation.
 * @param positions - Uint32Array, ascending positions of the events that count, none before session `start`
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`; sessions [start, end) are read
 * @param windowMs - ms, inclusive; infinite = the whole session
 * @param out - Uint32Array(end - start), events
 */
export function windowCount(
  positions: Uint32Array,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  windowMs: number,
  out: Uint32Array,
): void {
  let head = 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const stop = sessionOffsets[sessionIdx + 1];
    let tail = head;
    let most = 0;
    for (; head < positions.length && positions[head] < stop; head++) {
      const earliest = time[positions[head]] - windowMs;
      while (time[positions[tail]] < earliest) tail++;
      if (head - tail + 1 > most) most = head - tail + 1;
    }
    out[sessionIdx - start] = most;
  }
}
