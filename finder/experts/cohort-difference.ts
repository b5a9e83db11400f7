import { modifiedZ } from "../../kernels/modified-z.js";
import type { Opinion } from "../findings.js";

/**
 * Expert 2 (paper, 5.1): a derived attribute is an opportunity if the KPI of its members differs by more than a quarter
 * from the KPI of all, or if members of a user cohort are an outlier among the members of the other cohorts. Only worse
 * members count.
 */
export interface CohortDifferenceSettings {
  /** Relative. @default 0.25 */
  readonly cohort_min_difference: number;
  /** Modified z-score. @default 3.5 */
  readonly outlier_z: number;
}

/** Fewer cells have no median worth the name. */
const FEWEST_CELLS = 5;

/**
 * What the expert says.
 * @param members - KPI of the members
 * @param all - KPI of all sessions of the cohort
 * @param sign - 1 where higher is worse, −1 where lower is
 * @param breakdown - KPI of the members by value of the cohort's attribute, and which of them is this one; null for all
 */
export function judgeCohortDifference(
  members: number,
  all: number,
  sign: 1 | -1,
  breakdown: { readonly values: Float64Array; readonly own: number } | null,
  settings: CohortDifferenceSettings,
): Opinion {
  const difference = sign * (members - all);
  const relative = all === 0 ? null : difference / Math.abs(all);
  const differs = relative === null ? difference > 0 : relative > settings.cohort_min_difference;
  const z = breakdown === null ? null : outlierScore(breakdown.values, breakdown.own);
  const isOutlier = z !== null && z > settings.outlier_z && difference > 0;
  return {
    name: "cohort-difference",
    says: differs || isOutlier ? "opportunity" : "no opportunity",
    evidence: { members, all, relative_difference: relative, outlier_z: z },
  };
}

function outlierScore(values: Float64Array, own: number): number | null {
  if (values.length < FEWEST_CELLS) return null;
  const scores = new Float64Array(values.length);
  modifiedZ(values, 0, values.length, new Float64Array(values.length), scores);
  return scores[own] as number;
}
