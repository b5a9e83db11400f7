/**
 * Whether sessions in which something has happened come to the deciding event faster than those of the same age in which it has not (yet):
 * the log-rank test with membership that switches on in time. In bin t of age, with n1 of n sessions at risk on and d1 of d events among them,
 *   O - E = sum (d1 - d n1 / n),   V = sum d n1 n0 (n - d) / (n^2 (n - 1)),   chi^2 = (O - E)^2 / V
 * (Mantel, Cancer Chemotherapy Reports 50, 1966; that a session may change sides, being always at risk by what is known of it so far:
 * Andersen & Gill, Annals of Statistics 10, 1982).
 *
 * Hazard ratio: Mantel–Haenszel's, sum d1 n0 / n over sum d0 n1 / n, with the variance of Greenland & Robins (1985) for its logarithm; and
 * Peto's exp((O - E) / V) with 1 / V (Yusuf, Peto et al., Progress in Cardiovascular Diseases 27, 1985), which has a value with no event on a
 * side but is too small where the hazards are far apart. Sessions count as independent, and a bin as a moment: bins should be short enough
 * for few to be decided within one.
 */

import { chiSquaredUpper } from "./distributions.js";
import { plainMantelHaenszel, stratumLength } from "./mantel-haenszel.js";
import type { Estimate } from "./two-proportions.js";

/** Counts of each bin of age, by whether what is judged had happened before the bin. */
export interface RiskBins {
  /** Float64Array(bins): sessions still undecided at the bin's start in which it had happened */
  readonly atRiskOn: Float64Array;
  /** Float64Array(bins): those in which it had not */
  readonly atRiskOff: Float64Array;
  /** Float64Array(bins): of `atRiskOn`, those that are decided in the bin */
  readonly eventsOn: Float64Array;
  /** Float64Array(bins): of `atRiskOff` */
  readonly eventsOff: Float64Array;
}

/** Hazards of two sides compared. */
export interface LogRank {
  /** Events while on, in bins that have both sides. */
  readonly observed: number;
  /** What it would be if being on made no difference. */
  readonly expected: number;
  readonly variance: number;
  readonly chiSquared: number;
  /** Two-sided; 1 where no bin has both sides. */
  readonly p: number;
  /** Mantel–Haenszel's; NaN where a side has no event. Its interval: `interval` of two-proportions, then exp. */
  readonly logHazardRatio: Estimate;
  /** Peto's; NaN where no bin has both sides. */
  readonly petoLogHazardRatio: Estimate;
}

/** The log-rank test. O(bins) time. */
export function logRank({ atRiskOn, atRiskOff, eventsOn, eventsOff }: RiskBins): LogRank {
  let [observed, expected, variance] = [0, 0, 0];
  const totals = new Float64Array(atRiskOn.length * stratumLength);
  for (let bin = 0; bin < atRiskOn.length; bin++) {
    const n1 = atRiskOn[bin] as number;
    const n0 = atRiskOff[bin] as number;
    const d1 = eventsOn[bin] as number;
    const d0 = eventsOff[bin] as number;
    // with one side alone, what is observed is what is expected
    if (n1 === 0 || n0 === 0) continue;
    const n = n1 + n0;
    const d = d1 + d0;
    observed += d1;
    expected += (d * n1) / n;
    variance += (d * n1 * n0 * (n - d)) / (n * n * (n - 1));
    totals.set([d1, n1, d0, n0], bin * stratumLength);
  }
  const excess = observed - expected;
  const chiSquared = variance > 0 ? (excess * excess) / variance : 0;
  return {
    observed,
    expected,
    variance,
    chiSquared,
    p: chiSquaredUpper(chiSquared, 1),
    logHazardRatio: plainMantelHaenszel(totals).logRatio,
    petoLogHazardRatio: {
      value: variance > 0 ? excess / variance : Number.NaN,
      standardError: variance > 0 ? 1 / Math.sqrt(variance) : Number.NaN,
      degreesOfFreedom: variance > 0 ? Number.POSITIVE_INFINITY : Number.NaN,
    },
  };
}
