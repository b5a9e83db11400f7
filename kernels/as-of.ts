/**
 * The as-of join: of a key's rows in order of time, the last one at or before a moment.
 */

/**
 * The row of the latest time at or before a moment, no older than `withinMs`; of equal times the last row.
 * O(log rows) time, no allocation.
 * @param times - Float64Array, ms, ascending in [start, end)
 * @param withinMs - ms, inclusive; infinite = any age
 * @returns the row, or -1
 */
export function asOfRow(times: Float64Array, start: number, end: number, moment: number, withinMs: number): number {
  let low = start;
  let high = end;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] <= moment) low = middle + 1;
    else high = middle;
  }
  if (low === start) return -1;
  return moment - times[low - 1] <= withinMs ? low - 1 : -1;
}
