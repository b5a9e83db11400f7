/** The median of values that stand for different numbers of cases: Edgeworth 1888; Cormen et al., Introduction to Algorithms, problem 9-2. */

/**
 * The value with at most half of the weight on either side; halfway between two where the weight halves there. O(n log n) time.
 * @param values - Float64Array(n), no NaN
 * @param weights - Float64Array(n), at least 0
 * @returns NaN without weight
 */
export function weightedMedian(values: Float64Array, weights: Float64Array): number {
  const order = Uint32Array.from(values, (_, i) => i)
    .filter((i) => (weights[i] as number) > 0)
    .sort((a, b) => (values[a] as number) - (values[b] as number));
  const half = order.reduce((sum, i) => sum + (weights[i] as number), 0) / 2;
  let sum = 0;
  for (const [place, i] of order.entries()) {
    sum += weights[i] as number;
    if (sum > half) return values[i] as number;
    if (sum === half) return ((values[i] as number) + (values[order[place + 1] as number] as number)) / 2;
  }
  return Number.NaN;
}
