/**
 * The modified z-score, z = 0.6745 |x - median| / MAD, which outliers themselves do not hide: Iglewicz & Hoaglin, "How to Detect and
 * Handle Outliers", ASQC 1993; beyond 3.5 is their outlier. Where more than half the values are equal, MAD is 0, and the mean
 * absolute deviation stands in: z = |x - median| / (1.253314 MeanAD), the factor being sqrt(pi / 2) as 0.6745 is the normal's quartile.
 */

import { quantile } from "./quantile.js";

const madFactor = 0.6745;
const meanDeviationFactor = 1.253314;

/**
 * Writes the modified z-score of every value, 0 where all are equal. O(n) expected time, no allocation.
 * @param values - Float64Array, no NaN in [start, end)
 * @param scratch - Float64Array(end - start)
 * @param out - Float64Array(end - start), at least 0
 */
export function modifiedZ(
  values: Float64Array,
  start: number,
  end: number,
  scratch: Float64Array,
  out: Float64Array,
): void {
  const n = end - start;
  for (let i = 0; i < n; i++) scratch[i] = values[start + i];
  const median = quantile(scratch, 0, n, 0.5);
  let sum = 0;
  for (let i = 0; i < n; i++) {
    out[i] = Math.abs(values[start + i] - median);
    scratch[i] = out[i];
    sum += out[i];
  }
  const mad = quantile(scratch, 0, n, 0.5);
  const scale = mad > 0 ? madFactor / mad : sum > 0 ? n / (meanDeviationFactor * sum) : 0;
  for (let i = 0; i < n; i++) out[i] *= scale;
}
