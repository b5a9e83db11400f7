/**
 * Exact order statistics by selection: Floyd & Rivest, "Algorithm 489: SELECT", CACM 18(3), 1975. O(n) expected time, in place.
 */

/** Above this many, a sample chooses the bounds first (Floyd & Rivest's own number). */
const sampleAbove = 600;

/**
 * Moves the k-th smallest of `scratch[start, end)` to place `start + k`, nothing greater before it, nothing smaller after it.
 * @param scratch - Float64Array, reordered; no NaN in the range
 * @param k - 0 .. end - start - 1
 * @returns the k-th smallest
 */
export function selectSmallest(scratch: Float64Array, start: number, end: number, k: number): number {
  narrow(scratch, start, end - 1, start + k);
  return scratch[start + k];
}

/**
 * The quantile with linear interpolation between order statistics (type 7 of Hyndman & Fan, The American Statistician 50(4), 1996).
 * @param scratch - Float64Array, reordered; no NaN in the range
 * @param q - 0 .. 1
 * @returns NaN where the range is empty
 */
export function quantile(scratch: Float64Array, start: number, end: number, q: number): number {
  if (end <= start) return Number.NaN;
  const rank = q * (end - start - 1);
  const k = Math.floor(rank);
  const lower = selectSmallest(scratch, start, end, k);
  if (rank === k) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let i = start + k + 1; i < end; i++) if (scratch[i] < upper) upper = scratch[i];
  return lower + (rank - k) * (upper - lower);
}

function narrow(scratch: Float64Array, low: number, high: number, k: number): void {
  let left = low;
  let right = high;
  while (right > left) {
    if (right - left > sampleAbove) {
      const n = right - left + 1;
      const m = k - left + 1;
      const z = Math.log(n);
      const s = 0.5 * Math.exp((2 * z) / 3);
      const deviation = 0.5 * Math.sqrt((z * s * (n - s)) / n) * (m - n / 2 < 0 ? -1 : 1);
      narrow(
        scratch,
        Math.max(left, Math.floor(k - (m * s) / n + deviation)),
        Math.min(right, Math.floor(k + ((n - m) * s) / n + deviation)),
        k,
      );
    }
    const pivot = scratch[k];
    let i = left;
    let j = right;
    swap(scratch, left, k);
    if (scratch[right] > pivot) swap(scratch, left, right);
    while (i < j) {
      swap(scratch, i, j);
      i++;
      j--;
      while (scratch[i] < pivot) i++;
      while (scratch[j] > pivot) j--;
    }
    if (scratch[left] === pivot) swap(scratch, left, j);
    else swap(scratch, ++j, right);
    if (j <= k) left = j + 1;
    if (k <= j) right = j - 1;
  }
}

function swap(scratch: Float64Array, i: number, j: number): void {
  const value = scratch[i];
  scratch[i] = scratch[j];
  scratch[j] = value;
}
