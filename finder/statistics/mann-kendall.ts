/**
 * Whether a series rises or falls, and how fast, without a model of it and unmoved by outliers.
 *
 * Mann–Kendall: S = sum over pairs i < j of sign(x_j - x_i), Var S = (n (n - 1) (2n + 5) - sum over ties of t (t - 1) (2t + 5)) / 18,
 * z = (S -+ 1) / sqrt(Var S) (Mann, Econometrica 13, 1945; Kendall, Rank Correlation Methods, 4th ed. 1975). Without ties
 * and up to 30 values p is exact, from the number of orders with as many inversions (Kendall).
 *
 * Theil–Sen: the median of the slopes of all pairs (Theil 1950; Sen, JASA 63, 1968), its interval between the order statistics of the
 * slopes at (N -+ z sqrt(Var S)) / 2 (Sen).
 */

import { normalQuantile, normalUpper } from "./distributions.js";

/** Above it the normal is as good, and the exact count no longer cheap. */
const exactUpTo = 30;

/** A series' tendency. */
export interface MannKendall {
  /** Rising less falling pairs. */
  readonly s: number;
  /** S over its greatest value without ties: -1 .. 1; NaN below two values. */
  readonly tau: number;
  readonly variance: number;
  /** With continuity correction. */
  readonly z: number;
  /** Two-sided; 1 where nothing can be told. */
  readonly p: number;
}

/** A slope with its interval, in units of y by units of x. */
export interface TheilSen {
  /** NaN below two distinct x. */
  readonly slope: number;
  readonly low: number;
  readonly high: number;
}

/**
 * The Mann–Kendall test. O(n^2) time.
 * @param y - Float64Array(n), no NaN, in order of time
 */
export function mannKendall(y: Float64Array): MannKendall {
  const n = y.length;
  let s = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += Math.sign((y[j] as number) - (y[i] as number));
  const { variance, hasTies } = varianceOfS(y);
  const z = variance === 0 || s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
  const p = s === 0 ? 1 : hasTies || n > exactUpTo ? 2 * normalUpper(Math.abs(z)) : exactP(n, Math.abs(s));
  return { s, tau: s / ((n * (n - 1)) / 2), variance, z, p: Math.min(1, p) };
}

/**
 * The Theil–Sen slope. O(n^2 log n) time.
 * @param x - Float64Array(n), ascending
 * @param y - Float64Array(n), no NaN
 * @param level - of confidence, such as 0.95
 */
export function theilSen(x: Float64Array, y: Float64Array, level: number): TheilSen {
  const slopes = new Float64Array((y.length * (y.length - 1)) / 2);
  let count = 0;
  for (let i = 0; i < y.length; i++) {
    for (let j = i + 1; j < y.length; j++) {
      const run = (x[j] as number) - (x[i] as number);
      if (run > 0) slopes[count++] = ((y[j] as number) - (y[i] as number)) / run;
    }
  }
  if (count === 0) return { slope: Number.NaN, low: Number.NaN, high: Number.NaN };
  const sorted = slopes.subarray(0, count).sort();
  const reach = normalQuantile((1 - level) / 2) * Math.sqrt(varianceOfS(y).variance);
  const at = (rank: number): number => sorted[Math.min(count - 1, Math.max(0, rank))] as number;
  const middle = count >> 1;
  return {
    slope: count % 2 === 1 ? at(middle) : (at(middle - 1) + at(middle)) / 2,
    low: at(Math.round((count - reach) / 2) - 1),
    high: at(Math.round((count + reach) / 2)),
  };
}

function varianceOfS(y: Float64Array): { readonly variance: number; readonly hasTies: boolean } {
  const n = y.length;
  const sorted = Float64Array.from(y).sort();
  let ties = 0;
  for (let start = 0; start < n; ) {
    let end = start + 1;
    while (end < n && sorted[end] === sorted[start]) end++;
    const t = end - start;
    ties += t * (t - 1) * (2 * t + 5);
    start = end;
  }
  return { variance: (n * (n - 1) * (2 * n + 5) - ties) / 18, hasTies: ties > 0 };
}

/** By n, what was counted before: a run asks for the same few n again and again. */
const sharesOf = new Map<number, Float64Array>();

/** P(|S| >= s) over all orders of n values. */
function exactP(n: number, s: number): number {
  const pairs = (n * (n - 1)) / 2;
  const share = sharesOf.get(n) ?? inversionShares(n);
  sharesOf.set(n, share);
  let tail = 0;
  for (let inversions = 0; pairs - 2 * inversions >= s; inversions++) tail += share[inversions] as number;
  return 2 * tail;
}

/** Float64Array: of the orders of n values, those with i inversions, up to half of the pairs; the other half mirrors it. O(n^4). */
function inversionShares(n: number): Float64Array {
  const most = Math.floor((n * (n - 1)) / 4);
  let share = new Float64Array(most + 1);
  share[0] = 1;
  // value k adds 0 .. k - 1 inversions, each as likely
  for (let k = 2; k <= n; k++) {
    const next = new Float64Array(most + 1);
    addValue(share, k, next);
    share = next;
  }
  return share;
}

function addValue(share: Float64Array, k: number, out: Float64Array): void {
  const end = Math.min(share.length, (k * (k - 1)) / 2 + 1);
  for (let i = 0; i < end; i++) {
    let sum = 0;
    for (let more = 0; more < k && more <= i; more++) sum += share[i - more] as number;
    out[i] = sum / k;
  }
}
