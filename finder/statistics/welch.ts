/** Degrees of freedom of a sum of two variances: Satterthwaite, Biometrics Bulletin 2, 1946; Welch, Biometrika 34, 1947. */

/**
 * Satterthwaite's degrees of freedom, (v1 + v0)^2 / (v1^2 / df1 + v0^2 / df0); those of the smaller side where neither varies.
 * @param v1 - variance of one side, with `df1` degrees of freedom
 * @param v0 - of the other, with `df0`
 * @returns 0 where a side has none
 */
export function welch(v1: number, df1: number, v0: number, df0: number): number {
  // One user alone fits its own rate: it shows no variance, which is not the same as having none.
  if (df1 <= 0 || df0 <= 0) return 0;
  if (v1 + v0 === 0) return Math.min(df1, df0);
  return (v1 + v0) ** 2 / (v1 ** 2 / df1 + v0 ** 2 / df0);
}
