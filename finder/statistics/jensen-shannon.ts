/**
 * How far apart two distributions are: the Jensen–Shannon divergence H((p + q) / 2) - (H(p) + H(q)) / 2 with H the entropy in bits (Lin, IEEE
 * Transactions on Information Theory 37, 1991, with equal weights). 0 where they are the same, 1 where they have nothing in common.
 */

/**
 * The divergence, in bits. O(values) time.
 * @param p - Float64Array(values): counts of one side
 * @param q - Float64Array(values): of the other
 * @returns 0 .. 1; NaN where a side is empty
 */
export function jensenShannon(p: Float64Array, q: Float64Array): number {
  const [allP, allQ] = [p, q].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [number, number];
  if (allP === 0 || allQ === 0) return Number.NaN;
  let divergence = 0;
  for (let value = 0; value < p.length; value++) {
    const inP = (p[value] as number) / allP;
    const inQ = (q[value] as number) / allQ;
    const middle = (inP + inQ) / 2;
    if (inP > 0) divergence += (inP * Math.log2(inP / middle)) / 2;
    if (inQ > 0) divergence += (inQ * Math.log2(inQ / middle)) / 2;
  }
  return Math.min(1, Math.max(0, divergence));
}
