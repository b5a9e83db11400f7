/**
 * Measures of two events in a session: `retries(A, B)`, `elapsed(A, B)`, `time_in(A, B)`. Each walks both lists of positions
 * once; all lists are ascending and lie in sessions [start, end) of the CSR offsets.
 */

/**
 * Writes how many A come before the first B, NaN where there is no B. O(listed events + sessions) time, no allocation.
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions
 * @param out - Float64Array(end - start), events
 */
export function retries(
  attempts: Uint32Array,
  successes: Uint32Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  let attempt = 0;
  let success = 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const stop = sessionOffsets[sessionIdx + 1];
    const first = success < successes.length && successes[success] < stop ? successes[success] : -1;
    let count = 0;
    for (; attempt < attempts.length && attempts[attempt] < stop; attempt++) {
      if (attempts[attempt] < first) count++;
    }
    while (success < successes.length && successes[success] < stop) success++;
    out[sessionIdx - start] = first < 0 ? Number.NaN : count;
  }
}

/**
 * Writes the ms from the first A to the first B after it, NaN without. O(listed events + sessions) time, no allocation.
 * @param froms - Uint32Array, positions of A; undefined = each session's first event, which may itself be the B
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions
 * @param out - Float64Array(end - start), ms
 */
export function elapsed(
  froms: Uint32Array | undefined,
  tos: Uint32Array,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  let from = 0;
  let to = 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const stop = sessionOffsets[sessionIdx + 1];
    let first = sessionOffsets[sessionIdx];
    let earliest = first;
    if (froms !== undefined) {
      first = from < froms.length && froms[from] < stop ? froms[from] : stop;
      earliest = first + 1;
      while (from < froms.length && froms[from] < stop) from++;
    }
    while (to < tos.length && tos[to] < earliest && tos[to] < stop) to++;
    out[sessionIdx - start] = to < tos.length && tos[to] < stop ? time[tos[to]] - time[first] : Number.NaN;
    while (to < tos.length && tos[to] < stop) to++;
  }
}

/**
 * Writes the ms spent in a state: from each entering to the next leaving, added up. Entering inside changes nothing; a state
 * that is not left lasts to the session's last event; an event that is both leaves when inside and enters when outside.
 * O(listed events + sessions) time, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions
 * @param out - Float64Array(end - start), ms; 0 where it is never entered
 */
export function timeIn(
  enters: Uint32Array,
  leaves: Uint32Array,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  let enter = 0;
  let leave = 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const stop = sessionOffsets[sessionIdx + 1];
    let sum = 0;
    for (;;) {
      if (enter >= enters.length || enters[enter] >= stop) break;
      const entered = enters[enter];
      while (leave < leaves.length && leaves[leave] <= entered) leave++;
      if (leave >= leaves.length || leaves[leave] >= stop) {
        sum += time[stop - 1] - time[entered];
        break;
      }
      const left = leaves[leave];
      sum += time[left] - time[entered];
      while (enter < enters.length && enters[enter] <= left) enter++;
    }
    while (enter < enters.length && enters[enter] < stop) enter++;
    while (leave < leaves.length && leaves[leave] < stop) leave++;
    out[sessionIdx - start] = sum;
  }
}
