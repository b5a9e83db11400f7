/**
 * How many moments lie in the window up to another: the two phases of `load.sessions` and `load.failure_rate` are sorting
 * all starts once, and this count.
 */

/**
 * Writes how many of the sorted moments lie in [at - windowMs, at]. O(moments × log sorted) time, no allocation.
 * @param sorted - Float64Array, ms, ascending
 * @param moments - Float64Array(S), ms
 * @param windowMs - ms, both ends included
 * @param out - Uint32Array(S)
 */
export function countWithin(sorted: Float64Array, moments: Float64Array, windowMs: number, out: Uint32Array): void {
  for (let at = 0; at < moments.length; at++) {
    const to = moments[at];
    out[at] = countAtMost(sorted, to) - countBelow(sorted, to - windowMs);
  }
}

function countAtMost(sorted: Float64Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function countBelow(sorted: Float64Array, bound: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
