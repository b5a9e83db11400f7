/**
 * Lists where values are not 0. O(n) time, no allocation, no branch: which they are cannot be predicted, and a branch would cost several times the rest.
 * @param values - Uint8Array(n)
 * @param out - Uint32Array(n), written, ascending; what stands after the last means nothing
 * @returns how many there are
 */
export function listNonZero(values: Uint8Array, out: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < values.length; at++) {
    out[count] = at;
    count += -values[at] >>> 31;
  }
  return count;
}
