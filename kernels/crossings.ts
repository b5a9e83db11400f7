/**
 * When a measure of a session first goes beyond a bound, as its events come in: the same measures as in session-shape.ts,
 * window-count.ts and pair-measures.ts, which only ever grow. What is asked for is a moment, ms, infinite where the bound is never passed. All
 * lists of positions are ascending and lie in sessions [start, end) of the CSR offsets.
 */

/**
 * When a session has lasted beyond a bound: at the first event that far from its first. O(log events) a session, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`
 * @param strict - beyond the bound; else at it too
 * @param out - Float64Array(end - start), ms
 */
export function durationCrossings(
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  boundMs: number,
  strict: boolean,
  out: Float64Array,
): void {
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    const at = firstFrom(time, first, stop, time[first] + boundMs, strict);
    out[sessionIdx - start] = at < stop ? time[at] : Infinity;
  }
}

/**
 * When a pause beyond a bound ends. O(events), no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`
 * @param strict - beyond the bound; else at it too
 * @param out - Float64Array(end - start), ms
 */
export function gapCrossings(
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  boundMs: number,
  strict: boolean,
  out: Float64Array,
): void {
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const stop = sessionOffsets[sessionIdx + 1];
    // a session of one event has a pause of 0
    let previous = sessionOffsets[sessionIdx];
    out[sessionIdx - start] = Infinity;
    for (let position = previous; position < stop; position++) {
      const gap = time[position] - time[previous];
      previous = position;
      if (strict ? gap <= boundMs : gap < boundMs) continue;
      out[sessionIdx - start] = time[position];
      break;
    }
  }
}

/**
 * When n events first stand within a window. O(listed events + sessions), no allocation.
 * @param positions - Uint32Array, ascending positions of the events that count
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets into `time`
 * @param windowMs - ms, inclusive; infinite = the whole session
 * @param n - events, 1 or more
 * @param out - Float64Array(end - start), ms
 */
export function windowCrossings(
  positions: Uint32Array,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  windowMs: number,
  n: number,
  out: Float64Array,
): void {
  let at = 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const stop = sessionOffsets[sessionIdx + 1];
    const first = at;
    let moment = Infinity;
    for (; at < positions.length && positions[at] < stop; at++) {
      const earliest = at - n + 1;
      if (moment !== Infinity || earliest < first) continue;
      if (time[positions[at]] - time[positions[earliest]] <= windowMs) moment = time[positions[at]];
    }
    out[sessionIdx - start] = moment;
  }
}

/**
 * When the time spent in a state goes beyond a bound, by the rules of `timeIn`: at the first event by which it has.
 * O(listed events + sessions × log events), no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions
 * @param strict - beyond the bound; else at it too
 * @param out - Float64Array(end - start), ms
 */
export function timeInCrossings(
  enters: Uint32Array,
  leaves: Uint32Array,
  time: Float64Array,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  boundMs: number,
  strict: boolean,
  out: Float64Array,
): void {
  let enter = 0;
  let leave = 0;
  for (let sessionIdx = start; sessionIdx < end; sessionIdx++) {
    const first = sessionOffsets[sessionIdx];
    const stop = sessionOffsets[sessionIdx + 1];
    let sum = 0;
    // a bound of nothing is reached from the start
    let moment = boundMs < 0 || (boundMs === 0 && !strict) ? time[first] : Infinity;
    while (enter < enters.length && enters[enter] < stop && moment === Infinity) {
      const entered = enters[enter];
      while (leave < leaves.length && leaves[leave] <= entered) leave++;
      const isLeft = leave < leaves.length && leaves[leave] < stop;
      const left = isLeft ? leaves[leave] : stop - 1;
      const at = firstFrom(time, entered, left + 1, time[entered] + boundMs - sum, strict);
      if (at <= left) moment = time[at];
      sum += time[left] - time[entered];
      if (!isLeft) break;
      while (enter < enters.length && enters[enter] <= left) enter++;
    }
    while (enter < enters.length && enters[enter] < stop) enter++;
    while (leave < leaves.length && leaves[leave] < stop) leave++;
    out[sessionIdx - start] = moment;
  }
}

/**
 * When the first B after the first A comes, as `elapsed` takes them. O(listed events + sessions), no allocation.
 * @param froms - Uint32Array, positions of A; undefined = each session's first event, which may itself be the B
 * @param time - Float64Array(n), ms, ascending within a session
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions
 * @param out - Float64Array(end - start), ms
 */
export function firstAfter(
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
    let earliest = sessionOffsets[sessionIdx];
    if (froms !== undefined) {
      earliest = (from < froms.length && froms[from] < stop ? froms[from] : stop) + 1;
      while (from < froms.length && froms[from] < stop) from++;
    }
    while (to < tos.length && tos[to] < earliest && tos[to] < stop) to++;
    out[sessionIdx - start] = to < tos.length && tos[to] < stop ? time[tos[to]] : Infinity;
    while (to < tos.length && tos[to] < stop) to++;
  }
}

/** The first position of [first, stop) at or after a moment, or after it; `stop` where none is. */
function firstFrom(time: Float64Array, first: number, stop: number, momentMs: number, strict: boolean): number {
  let low = first;
  let high = stop;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (strict ? time[middle] <= momentMs : time[middle] < momentMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
