/**
 * How far apart two groups are, in standard deviations: (m1 - m0) / sqrt((v1 + v0) / 2) for a number; for a categorical attribute with shares p and q
 * of all values but one, sqrt((p - q)' S^-1 (p - q)) with S the mean of the two multinomial covariances (Yang & Dalton, SAS Global Forum 2012,
 * paper 335; Austin, Statistics in Medicine 28, 2009). Unlike a test it does not grow with the number of sessions; below 0.1 is alike, above 0.25 is not
 * (Stuart, Statistical Science 25, 2010).
 */

import { factorise, solve } from "./cholesky.js";

/**
 * The standardised difference of a number.
 * @param mean1 - of one side, with `variance1`
 * @param mean0 - of the other, with `variance0`
 * @returns with the sign of mean1 - mean0; infinite where neither side varies and they differ, 0 where they do not
 */
export function standardisedDifference(mean1: number, variance1: number, mean0: number, variance0: number): number {
  const difference = mean1 - mean0;
  return difference === 0 ? 0 : difference / Math.sqrt((variance1 + variance0) / 2);
}

/**
 * The standardised difference of a categorical attribute. O(values^3) time.
 * @param counts1 - Float64Array(values): sessions of one side
 * @param counts0 - Float64Array(values): of the other
 * @returns at least 0; infinite where the sides have no value in common, NaN where one is empty
 */
export function categoricalDifference(counts1: Float64Array, counts0: Float64Array): number {
  const [all1, all0] = [counts1, counts0].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [
    number,
    number,
  ];
  if (all1 === 0 || all0 === 0) return Number.NaN;
  const values = [...counts1.keys()].filter((value) => (counts1[value] as number) + (counts0[value] as number) > 0);
  if (!values.some((value) => (counts1[value] as number) > 0 && (counts0[value] as number) > 0)) {
    return Number.POSITIVE_INFINITY;
  }
  // any value may be the one left out: the others give it
  const kept = values.slice(1);
  const p = kept.map((value) => (counts1[value] as number) / all1);
  const q = kept.map((value) => (counts0[value] as number) / all0);
  const n = kept.length;
  const covariance = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const [pi, qi] = [p[i] as number, q[i] as number];
    for (let j = 0; j <= i; j++) {
      const product = pi * (p[j] as number) + qi * (q[j] as number);
      covariance[i * n + j] = ((i === j ? pi + qi : 0) - product) / 2;
    }
  }
  const difference = Float64Array.from(p, (share, i) => share - (q[i] as number));
  const solved = difference.slice();
  factorise(covariance, n);
  solve(covariance, n, solved);
  return Math.sqrt(
    Math.max(
      0,
      solved.reduce((sum, x, i) => sum + x * (difference[i] as number), 0),
    ),
  );
}
