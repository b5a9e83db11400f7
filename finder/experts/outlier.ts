import type { Opinion } from "../findings.js";
import { weightedMedian } from "../statistics/weighted-median.js";

/**
 * Expert 4: the modified z-score over the cells of a breakdown, 0.6745 |x − median| / MAD (Iglewicz & Hoaglin, "How to Detect and Handle
 * Outliers", ASQC 1993), with median and MAD weighted by the cells' sizes, so that many tiny cells do not decide what is usual. Where
 * more than half of the weight has one value, MAD is 0 and the mean absolute deviation stands in, as in `kernels/modified-z.ts`.
 */
export interface OutlierSettings {
  /** Modified z-score. @default 3.5 */
  readonly outlier_z: number;
}

/** Fewer cells have no median worth the name. */
const FEWEST_CELLS = 5;
/** The upper quartile of the standard normal, and sqrt(pi / 2): what MAD and the mean deviation are of a deviation of 1. */
const MAD_FACTOR = 0.6745;
const MEAN_DEVIATION_FACTOR = 1.253_314;

/** A KPI by the values of an attribute. */
export interface Breakdown {
  /** Float64Array(cells): the KPI; no NaN */
  readonly values: Float64Array;
  /** Float64Array(cells): sessions */
  readonly sessions: Float64Array;
}

/**
 * What the expert says of one cell: an opportunity if it is an outlier on the worse side.
 * @param own - index of the cell
 * @param sign - 1 where higher is worse, −1 where lower is
 */
export function judgeOutlier(
  { values, sessions }: Breakdown,
  own: number,
  sign: 1 | -1,
  settings: OutlierSettings,
): Opinion {
  const cells = sessions.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0);
  const value = values[own] as number;
  if (cells < FEWEST_CELLS) {
    return { name: "outlier", says: "no opportunity", evidence: { cells, value, median: null, z: null } };
  }
  const median = weightedMedian(values, sessions);
  const deviations = values.map((other) => Math.abs(other - median));
  const mad = weightedMedian(deviations, sessions);
  const total = sessions.reduce((sum, count) => sum + count, 0);
  const mean = deviations.reduce((sum, deviation, i) => sum + deviation * (sessions[i] as number), 0) / total;
  const scale = mad > 0 ? MAD_FACTOR / mad : mean > 0 ? 1 / (MEAN_DEVIATION_FACTOR * mean) : 0;
  const z = sign * (value - median) * scale;
  return {
    name: "outlier",
    says: z > settings.outlier_z ? "opportunity" : "no opportunity",
    evidence: { cells, value, median, z },
  };
}
