import { quantile } from "../../kernels/quantile.js";
import type { Contrast, Opinion } from "../findings.js";
import { binomialCost, normalCost, pelt } from "../statistics/pelt.js";
import { type RateDifferences, rateDifferences } from "../statistics/rate-differences.js";

/** Bins of the shortest stretch: one bad day is an outlier, no change. */
const SHORTEST = 2;
/** The median of chi-squared with one degree of freedom. */
const MEDIAN_CHI_SQUARED = 0.454_936;

/** Expert 6: when members became worse than the others (PELT). */
export interface ChangePointSettings {
  /** Sessions of each side in a bin of the trend. @default 20 */
  readonly trend_min_sessions: number;
}

/**
 * What the expert says: an opportunity where the difference rose at some time; `began` is when it rose most, `ongoing` whether the last
 * stretch is nearer to what came after than to what was before.
 *
 * The cost is normal on the difference, so that what befalls members and others alike is no change; binomial on the members' rate where
 * there are no others. Days vary more than counts alone would (users have many sessions each), so variances are multiplied by what the
 * squares of the steps from bin to bin are over what they should be (von Neumann, Annals of Mathematical Statistics 12, 1941), where that is
 * above 1: the larger of their mean and what their median would make it, for either is too small too often. So a steady series is said to
 * change in about 1 of 20 cases with 28 bins, 1 of 10 with 10, which is MBIC's own rate (simulated).
 * @param trend - counts by bucket, ascending
 */
export function judgeChangePoint(
  trend: readonly ({ readonly fromMs: number } & Contrast)[],
  settings: ChangePointSettings,
): Opinion {
  const series = rateDifferences(trend, settings.trend_min_sessions);
  const bins = series.values.length;
  const changes = bins < 2 * SHORTEST ? [] : changesOf(series);
  const starts = [0, ...changes];
  const means = starts.map((start, i) => meanOf(series, start, starts[i + 1] ?? bins));
  let onset = 0;
  for (let i = 1; i < means.length; i++) if (riseAt(means, i) > riseAt(means, onset)) onset = i;
  const before = means[onset - 1];
  const after = means[onset];
  if (before === undefined || after === undefined) {
    return {
      name: "change-point",
      says: "no opportunity",
      evidence: {
        bins,
        changes: changes.length,
        began: null,
        began_ms: null,
        before: null,
        after: null,
        ongoing: null,
      },
    };
  }
  const beganMs = series.fromMs[starts[onset] as number] as number;
  return {
    name: "change-point",
    says: "opportunity",
    evidence: {
      bins,
      changes: changes.length,
      began: new Date(beganMs).toISOString(),
      began_ms: beganMs,
      before,
      after,
      ongoing: (means.at(-1) as number) > (before + after) / 2,
    },
  };
}

function changesOf({ values, variances, members, membersFailing, hasOthers }: RateDifferences): number[] {
  if (!hasOthers) return pelt(binomialCost(membersFailing, members), { shortest: SHORTEST });
  const factor = dispersion(values, variances);
  return pelt(
    normalCost(
      values,
      variances.map((variance) => variance * factor),
    ),
    { shortest: SHORTEST },
  );
}

/** How many times the variances the series really has, at least 1. */
function dispersion(values: Float64Array, variances: Float64Array): number {
  const steps = new Float64Array(values.length - 1);
  for (let i = 0; i < steps.length; i++) {
    const step = (values[i + 1] as number) - (values[i] as number);
    steps[i] = (step * step) / ((variances[i] as number) + (variances[i + 1] as number));
  }
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length;
  return Math.max(1, mean, quantile(steps, 0, steps.length, 0.5) / MEDIAN_CHI_SQUARED);
}

/** The mean of a stretch, weighted as its cost is. */
function meanOf({ values, variances }: RateDifferences, start: number, end: number): number {
  let [sum, weight] = [0, 0];
  for (let i = start; i < end; i++) {
    sum += (values[i] as number) / (variances[i] as number);
    weight += 1 / (variances[i] as number);
  }
  return sum / weight;
}

/** How much the difference rose at the start of stretch i; nothing at the first, or where it fell. */
function riseAt(means: readonly number[], i: number): number {
  return i === 0 ? 0 : (means[i] as number) - (means[i - 1] as number);
}
