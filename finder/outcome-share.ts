import type { Context } from "./context.js";

/** Share of the variance of the outcome that an attribute may take: one that takes more is the outcome by another name. */
export const MOST_TAKEN = 0.9;
/** What rounding may add to a share. */
const ROUNDING = 1e-9;

/**
 * Whether an attribute is surely not a KPI's outcome by another name, by what its cohorts have counted: of values that are no cohort, and of
 * numeric KPIs, nothing is known, so they may take all. O(scenarios).
 * @param attribute - index into the attributes of the table
 */
export function leavesOutcome(
  { scenarios, cohorts, kpis }: Pick<Context, "scenarios" | "cohorts" | "kpis">,
  kpi: number,
  attribute: number,
): boolean {
  const root = scenarios.find((scenario) => scenario.kpi === kpi && scenario.cohort === 0);
  if (root === undefined || kpis[kpi]?.outcome !== null) return false;
  const mean = root.failing ** 2 / (root.failing + root.normal);
  // each session of a value of which nothing is known as if it were a value of its own
  let most = root.failing;
  for (const { kpi: own, cohort, failing, normal } of scenarios) {
    const { values } = cohorts.cohorts[cohort] ?? { values: [] };
    if (own !== kpi || values.length !== 1 || values[0]?.attribute !== attribute) continue;
    most += failing ** 2 / (failing + normal) - failing;
  }
  return most - mean < (MOST_TAKEN - ROUNDING) * (root.failing - mean);
}
