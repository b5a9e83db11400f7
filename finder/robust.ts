import { sharedFloat64 } from "../engine/columns/shared.js";
import type { KpiOutcome } from "../engine/execution.js";
import { quantile } from "../kernels/quantile.js";

/** What values beyond count as. */
export interface Limits {
  readonly low: number;
  readonly high: number;
  /** Sessions whose value lies beyond. */
  readonly sessions: number;
}

/** A KPI whose outcome no few values decide. */
export interface RobustKpi {
  readonly kpi: KpiOutcome;
  /** Null where nothing lies beyond. */
  readonly limits: Limits | null;
}

/**
 * A numeric KPI with its outcome winsorised: what lies beyond the quantile, on either side, counts as it (Tukey & McLaughlin, Sankhya A 25,
 * 1963), so that means and their intervals are not those of a few sessions. The quantiles are those of the values that are not the median:
 * else a value that few sessions have at all, as milliseconds of errors, would be lost. Binary KPIs stay as they are. O(sessions).
 * @param share - quantile, such as 0.995
 */
export function robustKpi(kpi: KpiOutcome, share: number): RobustKpi {
  const { outcome } = kpi;
  if (outcome === null) return { kpi, limits: null };
  const known = outcome.filter((value) => !Number.isNaN(value));
  if (known.length === 0) return { kpi, limits: null };
  const median = quantile(known, 0, known.length, 0.5);
  const others = known.filter((value) => value !== median);
  if (others.length === 0) return { kpi, limits: null };
  const low = Math.min(median, quantile(others, 0, others.length, 1 - share));
  const high = Math.max(median, quantile(others, 0, others.length, share));
  const held = sharedFloat64(outcome.length);
  let sessions = 0;
  for (let session = 0; session < outcome.length; session++) {
    const value = outcome[session] as number;
    const within = Math.min(Math.max(value, low), high);
    held[session] = within;
    if (within !== value && !Number.isNaN(value)) sessions++;
  }
  return sessions === 0 ? { kpi, limits: null } : { kpi: { ...kpi, outcome: held }, limits: { low, high, sessions } };
}
