/**
 * The false discovery rate: Benjamini & Hochberg, JRSS B 57(1), 1995; under any dependence Benjamini & Yekutieli, Annals of
 * Statistics 29(4), 2001, theorem 1.3.
 */

/**
 * Adjusted p-values, in the order given: a hypothesis is accepted at rate q where its adjusted p is at most q. O(n log n) time.
 * @param pValues - 0 .. 1
 * @param tests - hypotheses of the family, those bounded out (as p = 1) included; at least as many as `pValues`
 * @param factor - 1, or `yekutieliFactor(tests)`
 */
export function benjaminiHochberg(
  pValues: Float64Array,
  tests: number = pValues.length,
  factor: number = 1,
): Float64Array {
  const byP = Uint32Array.from(pValues, (_, i) => i).sort((a, b) => (pValues[a] ?? 1) - (pValues[b] ?? 1));
  const adjusted = new Float64Array(pValues.length);
  let least = 1;
  for (let rank = byP.length; rank >= 1; rank--) {
    const i = byP[rank - 1] ?? 0;
    least = Math.min(least, ((pValues[i] ?? 1) * tests * factor) / rank);
    adjusted[i] = least;
  }
  return adjusted;
}

/** From here on the harmonic number is ln n + gamma + 1 / 2n to within rounding. */
const MANY = 1e6;
const EULER_GAMMA = 0.577_215_664_901_532_9;

/**
 * What Benjamini–Hochberg has to be multiplied by to hold under any dependence: 1 + 1/2 + … + 1/tests.
 * @param tests - hypotheses of the family
 */
export function yekutieliFactor(tests: number): number {
  if (tests > MANY) return Math.log(tests) + EULER_GAMMA + 1 / (2 * tests);
  let sum = 0;
  for (let i = tests; i >= 1; i--) sum += 1 / i;
  return sum;
}
