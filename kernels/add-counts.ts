/**
 * Adds counts of a part to a sum, place by place. O(n) time.
 * @param sum - Uint32Array(n), added to
 * @param part - Uint32Array(n)
 * @returns the sum
 */
export function addCounts(sum: Uint32Array, part: Uint32Array): Uint32Array {
  for (let at = 0; at < sum.length; at++) sum[at] += part[at];
  return sum;
}
