/**
 * Count, mean and centred sum of squares, mergeable: slot i of a Float64Array holds [count, mean, M2] at 3 i.
 *
 * Chan, Golub & LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979, equation 2.1;
 * Schubert & Gertz, "Numerically stable parallel computation of (co-)variance", SSDBM 2018, equations 22 and 26.
 * The textbook's sum of squares loses every digit where the mean is large against the spread, as with moments of time.
 */

/** Numbers in a slot. */
export const momentsLength = 3;

/**
 * Adds values to a slot; NaN is missing and skipped. O(end - start) time, no allocation.
 * @param moments - Float64Array(3 slots), zero at first
 * @param slot - index of the slot
 * @param values - Float64Array; [start, end) are read
 */
export function insertMoments(
  moments: Float64Array,
  slot: number,
  values: Float64Array,
  start: number,
  end: number,
): void {
  const at = slot * momentsLength;
  let count = moments[at];
  let mean = moments[at + 1];
  let m2 = moments[at + 2];
  for (let i = start; i < end; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    count++;
    const delta = value - mean;
    mean += delta / count;
    m2 += delta * (value - mean);
  }
  moments[at] = count;
  moments[at + 1] = mean;
  moments[at + 2] = m2;
}

/**
 * Merges every slot into that of the same index: the result is that of the two inputs together.
 * @param into - Float64Array(3 slots)
 * @param from - Float64Array(3 slots)
 */
export function combineMoments(into: Float64Array, from: Float64Array): void {
  for (let at = 0; at < into.length; at += momentsLength) {
    const added = from[at];
    if (added === 0) continue;
    const count = into[at] + added;
    const delta = from[at + 1] - into[at + 1];
    into[at + 2] += from[at + 2] + delta * delta * ((into[at] * added) / count);
    into[at + 1] += (delta * added) / count;
    into[at] = count;
  }
}

/**
 * The sample variance of a slot, NaN below two values.
 * @param moments - Float64Array(3 slots)
 * @param slot - index of the slot
 */
export function finalizeVariance(moments: Float64Array, slot: number): number {
  const count = moments[slot * momentsLength];
  return count < 2 ? Number.NaN : moments[slot * momentsLength + 2] / (count - 1);
}
