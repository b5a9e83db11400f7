/**
 * Counts in bins of equal width, mergeable by addition: cell 0 is below the first bin, the last cell at or above the end of the last.
 */

/**
 * Adds values to a histogram; NaN is missing and skipped. O(end - start) time, no allocation.
 * @param values - Float64Array; [start, end) are read
 * @param low - lower edge of the first bin; bins are half-open
 * @param width - of a bin, in units of the values, above 0
 * @param counts - Uint32Array(bins + 2), added to
 */
export function insertHistogram(
  values: Float64Array,
  start: number,
  end: number,
  low: number,
  width: number,
  counts: Uint32Array,
): void {
  const above = counts.length - 1;
  for (let i = start; i < end; i++) {
    const cell = Math.floor((values[i] - low) / width) + 1;
    if (cell >= above) counts[above]++;
    else if (cell >= 1) counts[cell]++;
    else if (cell < 1) counts[0]++; // not so for NaN
  }
}

/**
 * Merges a histogram of the same bins into another.
 * @param into - Uint32Array(bins + 2)
 * @param from - Uint32Array(bins + 2)
 */
export function combineHistograms(into: Uint32Array, from: Uint32Array): void {
  for (let cell = 0; cell < into.length; cell++) into[cell] += from[cell];
}
