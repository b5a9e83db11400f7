/**
 * Writes numbers as whole distances from the least of them, as long as 32 bits tell them exactly. O(n), no allocation.
 * @param values - Float64Array(at least n)
 * @param base - at or below all of them
 * @param out - Uint32Array(n): values[i] is base + out[i]
 * @returns whether that is so for every one
 */
export function packOffsets(values: Float64Array, n: number, base: number, out: Uint32Array): boolean {
  let wrong = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i];
    const offset = (value - base) >>> 0;
    out[i] = offset;
    if (base + offset !== value) wrong++;
  }
  return wrong === 0;
}
