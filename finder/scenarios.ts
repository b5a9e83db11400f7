import type { Cohorts } from "../engine/cohorts.js";
import type { SessionAttribute } from "../engine/columns/event-table.js";
import type { Tally } from "../engine/execution.js";
import type { Scenario } from "../engine/mine.js";
import type { KpiPlan } from "../planner/kpi.js";
import type { CohortValues } from "./findings.js";

/**
 * The scenarios of a run: every KPI in every cohort that has enough failing and enough normal sessions, and whose cohort
 * is not made of what the KPI itself reads.
 * @param totals - tally whose cell 1 counts every session
 */
export function findScenarios(
  kpis: readonly KpiPlan[],
  cohorts: Cohorts,
  attributes: readonly SessionAttribute[],
  totals: Tally,
  minFailing: number,
): Scenario[] {
  const scenarios: Scenario[] = [];
  for (const [kpi, { barredColumns }] of kpis.entries()) {
    for (const [cohort, { values }] of cohorts.cohorts.entries()) {
      if (values.some(({ attribute }) => barredColumns.includes(attributes[attribute]?.name ?? ""))) continue;
      const failing = totals.row(cohort, kpi, true)[1] as number;
      const normal = totals.row(cohort, kpi, false)[1] as number;
      if (failing >= Math.max(1, minFailing) && normal >= Math.max(1, minFailing)) {
        scenarios.push({ cohort, kpi, failing, normal });
      }
    }
  }
  return scenarios;
}

/** A cohort's values by attribute name, in the order of the attributes. */
export function cohortValues(cohorts: Cohorts, cohort: number, attributes: readonly SessionAttribute[]): CohortValues {
  const entries = (cohorts.cohorts[cohort]?.values ?? []).map(({ attribute, code }) => {
    const { name, dictionary } = attributes[attribute] as SessionAttribute;
    return [name, dictionary[code - 1] as string | number | boolean] as const;
  });
  return Object.fromEntries(entries);
}

/** Whether one cohort's values are all among another's: the second is part of the first. */
export function contains(cohorts: Cohorts, outer: number, inner: number): boolean {
  const innerValues = cohorts.cohorts[inner]?.values ?? [];
  return (cohorts.cohorts[outer]?.values ?? []).every((value) =>
    innerValues.some(({ attribute, code }) => attribute === value.attribute && code === value.code),
  );
}
