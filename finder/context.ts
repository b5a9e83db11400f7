import type { Cohorts } from "../engine/cohorts.js";
import type { EventPart, SessionTable } from "../engine/event-store.js";
import type { Execution, KpiOutcome } from "../engine/execution.js";
import type { Scenario } from "../engine/mine.js";
import type { KpiPlan } from "../planner/kpi.js";
import type { RunPlan } from "../planner/run-plan.js";
import type { Settings } from "../planner/settings.js";
import type { TokenMap } from "../planner/tokens.js";
import type { CohortValues, Explained } from "./findings.js";
import { cohortValues } from "./scenarios.js";

/** What all steps of judging share. */
export interface Context {
  readonly table: SessionTable;
  /** All events, as one part. */
  readonly events: EventPart;
  readonly plan: RunPlan;
  readonly tokens: TokenMap;
  readonly execution: Execution;
  readonly settings: Settings;
  readonly experts: "all" | "paper";
  readonly kpis: readonly KpiOutcome[];
  readonly cohorts: Cohorts;
  readonly scenarios: readonly Scenario[];
  /** ms; start of the first and of the last session that counts; infinite where none does */
  readonly firstStartMs: number;
  readonly lastStartMs: number;
  /** IANA, for days and weeks */
  readonly timeZone: string;
  /** Float64Array, ms: Mondays of the calendar weeks, from four weeks on; else empty */
  readonly weeks: Float64Array;
}

/** A cohort's values by attribute name. */
export function valuesOf({ cohorts, table }: Context, cohort: number): CohortValues {
  return cohortValues(cohorts, cohort, table.attributes);
}

/** The entry of `explained` for what membership as good as is the outcome. */
export function leakExplained(
  context: Context,
  kpi: number,
  cohort: number,
  hypothesis: string,
  membersFailing: number,
  membersNormal: number,
): Explained {
  const { name } = context.plan.kpis[kpi] as KpiPlan;
  return {
    kpi,
    cohort: valuesOf(context, cohort),
    hypothesis,
    by: `tells of the outcome: the sessions with it, or those without it, are nearly all the failing sessions of ${name}`,
    evidence: { members_failing: membersFailing, members_normal: membersNormal },
  };
}
