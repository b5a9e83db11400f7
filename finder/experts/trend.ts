import type { Contrast, Opinion } from "../findings.js";
import { mannKendall, theilSen } from "../statistics/mann-kendall.js";
import { rateDifferences } from "../statistics/rate-differences.js";

const DAY_MS = 86_400_000;
/** Of the slope's interval, and 1 − it of the test. */
const LEVEL = 0.95;
/** With fewer bins no order of them is beyond chance at 5 %. */
const FEWEST_BINS = 5;

/** Expert 5: whether members get worse against the others as time goes by (Mann–Kendall, Theil–Sen). */
export interface TrendSettings {
  /** Sessions of each side in a bin of the trend. @default 20 */
  readonly trend_min_sessions: number;
}

/**
 * What the expert says: an opportunity where the difference grows.
 * @param trend - counts by bucket, ascending
 */
export function judgeTrend(
  trend: readonly ({ readonly fromMs: number } & Contrast)[],
  settings: TrendSettings,
): Opinion {
  const { atMs, values } = rateDifferences(trend, settings.trend_min_sessions);
  const bins = values.length;
  if (bins < FEWEST_BINS) {
    return {
      name: "trend",
      says: "no opportunity",
      evidence: { bins, direction: null, tau: null, p: null, slope_per_day: null, slope_low: null, slope_high: null },
    };
  }
  const { s, tau, p } = mannKendall(values);
  const days = atMs.map((at) => (at - (atMs[0] as number)) / DAY_MS);
  const { slope, low, high } = theilSen(days, values, LEVEL);
  const direction = p > 1 - LEVEL ? "steady" : s > 0 ? "rising" : "falling";
  return {
    name: "trend",
    says: direction === "rising" ? "opportunity" : "no opportunity",
    evidence: { bins, direction, tau, p, slope_per_day: slope, slope_low: low, slope_high: high },
  };
}
