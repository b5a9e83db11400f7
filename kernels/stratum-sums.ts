/**
 * The sums over strata from which the Mantel–Haenszel difference and ratio follow, with the variances that they have where each session
 * counts as independent: of the difference Sato's (Biometrics 45, 1989), of ln ratio Greenland & Robins' (Biometrics 41, 1985). With y1, n1,
 * y0, n0 of a stratum and n = n1 + n0:
 *   A1 = sum y1 n0 / n,   A0 = sum y0 n1 / n,   W = sum n1 n0 / n,
 *   P = sum (n1^2 y0 - n0^2 y1 + n1 n0 (n0 - n1) / 2) / n^2,   Q = sum (y1 (n0 - y0) + y0 (n1 - y1)) / (2 n),
 *   R = sum (n1 n0 (y1 + y0) - y1 y0 n) / n^2,
 * and how many strata, members and others there were.
 */

/** Numbers in the sums: A1, A0, W, P, Q, R, strata, members, others. */
export const stratumSumsLength = 9;

/**
 * Adds a stratum to the sums; one without members or without others has nothing to say. No allocation.
 * @param sums - Float64Array, added to in [at, at + 9)
 * @param y1 - failures, or the sum, of members
 * @param n1 - members
 * @param y0 - of the others
 * @param n0 - others
 */
export function insertStratum(sums: Float64Array, y1: number, n1: number, y0: number, n0: number, at = 0): void {
  if (n1 === 0 || n0 === 0) return;
  const n = n1 + n0;
  sums[at] += (y1 * n0) / n;
  sums[at + 1] += (y0 * n1) / n;
  sums[at + 2] += (n1 * n0) / n;
  sums[at + 3] += (n1 * n1 * y0 - n0 * n0 * y1 + (n1 * n0 * (n0 - n1)) / 2) / (n * n);
  sums[at + 4] += (y1 * (n0 - y0) + y0 * (n1 - y1)) / (2 * n);
  sums[at + 5] += (n1 * n0 * (y1 + y0) - y1 * y0 * n) / (n * n);
  sums[at + 6] += 1;
  sums[at + 7] += n1;
  sums[at + 8] += n0;
}
