/**
 * When a series changed: the segmentation of least cost, C(segments) + a penalty for each change, found exactly by PELT (Killick, Fearnhead &
 * Eckley, JASA 107, 2012). F(s) = min over t < s of F(t) + C(t, s) + penalty, and a t with F(t) + C(t, s) + K >= F(s) is never wanted again,
 * where C(t, s) + C(s, T) + K <= C(t, T) for every T > s (their theorem 3.1).
 *
 * Penalty MBIC (Zhang & Siegmund, Biometrics 63, 2007, doubled): with m changes in n bins and segments of n_i bins it is
 * 3 m ln n + sum ln(n_i / n), which but for a constant is 2 ln n a change and ln n_i a segment. The latter belongs to the segment's cost,
 * and ln(a + b) - ln a - ln b = ln(1/a + 1/b) then to K; b is at most what is left of the series.
 *
 * Costs are -2 ln of the likelihood at its greatest: a binomial rate; a mean of normal values with known variances.
 */

/** Cost of a stretch of a series, in constant time. */
export interface SegmentCost {
  /** Bins. */
  readonly length: number;
  /** Of bins [start, end), not empty; no less than that of its parts together. */
  readonly of: (start: number, end: number) => number;
}

/** How changes are paid for. */
export interface PeltOptions {
  /** Bins of the shortest segment. @default 1 */
  readonly shortest?: number;
  /** "mbic", or a number by change. @default "mbic" */
  readonly penalty?: number | "mbic";
}

/**
 * Starts of the segments but the first, ascending: where the series changed. O(n^2) time at worst, O(n) where changes come regularly.
 * @param cost - of the series
 */
export function pelt(cost: SegmentCost, { shortest = 1, penalty = "mbic" }: PeltOptions = {}): number[] {
  const n = cost.length;
  const mbic = penalty === "mbic";
  const byChange = mbic ? 2 * Math.log(n) : penalty;
  const costOf = (start: number, end: number): number =>
    mbic ? cost.of(start, end) + Math.log(end - start) : cost.of(start, end);
  const best = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  const from = new Uint32Array(n + 1);
  // the last bin's end at which a start may still be used
  const usable = new Float64Array(n + 1).fill(Number.POSITIVE_INFINITY);
  best[0] = -byChange;
  let starts: number[] = [];
  for (let end = shortest; end <= n; end++) {
    starts.push(end - shortest);
    for (const start of starts) {
      const total = (best[start] as number) + costOf(start, end) + byChange;
      if (total < (best[end] as number)) {
        best[end] = total;
        from[end] = start;
      }
    }
    for (const start of starts) {
      const gap = mbic ? Math.log(1 / (end - start) + 1 / Math.max(1, n - end)) : 0;
      const excess = (best[start] as number) + costOf(start, end) + Math.min(0, gap) - (best[end] as number);
      // `end` takes the place of `start` only once a shortest segment fits behind it
      if (excess >= 0) usable[start] = Math.min(usable[start] as number, end + shortest - 1);
    }
    starts = starts.filter((start) => (usable[start] as number) > end);
  }
  const changes: number[] = [];
  for (let end = from[n] as number; end > 0; end = from[end] as number) changes.push(end);
  return changes.reverse();
}

/**
 * Cost of successes that share a rate.
 * @param successes - Float64Array(n)
 * @param trials - Float64Array(n), at least the successes
 */
export function binomialCost(successes: Float64Array, trials: Float64Array): SegmentCost {
  const k = sumsOf(successes);
  const n = sumsOf(trials);
  return {
    length: successes.length,
    of: (start, end) => {
      const hits = (k[end] as number) - (k[start] as number);
      const all = (n[end] as number) - (n[start] as number);
      return -2 * (logPower(hits, all) + logPower(all - hits, all));
    },
  };
}

/**
 * Cost of normal values that share a mean: the weighted sum of squares about it.
 * @param values - Float64Array(n)
 * @param variances - Float64Array(n), above 0
 */
export function normalCost(values: Float64Array, variances: Float64Array): SegmentCost {
  // about the first value, so that what is subtracted below is not large against the rest
  const centre = values[0] ?? 0;
  const weight = sumsOf(variances.map((variance) => 1 / variance));
  const sum = sumsOf(values.map((value, i) => (value - centre) / (variances[i] as number)));
  const square = sumsOf(values.map((value, i) => (value - centre) ** 2 / (variances[i] as number)));
  return {
    length: values.length,
    of: (start, end) => {
      const s = (sum[end] as number) - (sum[start] as number);
      const w = (weight[end] as number) - (weight[start] as number);
      return Math.max(0, (square[end] as number) - (square[start] as number) - (s * s) / w);
    },
  };
}

function sumsOf(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] as number) + (values[i] as number);
  return sums;
}

/** k ln(k / n), 0 for k = 0. */
function logPower(k: number, n: number): number {
  return k <= 0 ? 0 : k * Math.log(k / n);
}
