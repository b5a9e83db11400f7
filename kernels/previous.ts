/**
 * `previous(attribute)`: each session gets the value of its user's session before. Numbers and codes have a function each,
 * since a loop that meets several array classes is several times slower.
 */

/**
 * Shifts codes by one session within each user; a first session gets 0, missing. O(sessions) time, no allocation.
 * @param values - Uint32Array(sessions of these users), from the first of them on
 * @param userOffsets - Uint32Array(U + 1), CSR offsets of sessions; users [start, end) are read
 * @param out - Uint32Array(sessions of these users)
 */
export function previousCodes(
  values: Uint32Array,
  userOffsets: Uint32Array,
  start: number,
  end: number,
  out: Uint32Array,
): void {
  const base = userOffsets[start];
  for (let userIdx = start; userIdx < end; userIdx++) {
    let before = 0;
    const stop = userOffsets[userIdx + 1] - base;
    for (let at = userOffsets[userIdx] - base; at < stop; at++) {
      out[at] = before;
      before = values[at];
    }
  }
}

/**
 * Shifts numbers by one session within each user; a first session gets NaN, missing. O(sessions) time, no allocation.
 * @param values - Float64Array(sessions of these users), from the first of them on
 * @param userOffsets - Uint32Array(U + 1), CSR offsets of sessions; users [start, end) are read
 * @param out - Float64Array(sessions of these users)
 */
export function previousValues(
  values: Float64Array,
  userOffsets: Uint32Array,
  start: number,
  end: number,
  out: Float64Array,
): void {
  const base = userOffsets[start];
  for (let userIdx = start; userIdx < end; userIdx++) {
    let before = Number.NaN;
    const stop = userOffsets[userIdx + 1] - base;
    for (let at = userOffsets[userIdx] - base; at < stop; at++) {
      out[at] = before;
      before = values[at];
    }
  }
}
