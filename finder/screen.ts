/**
 * Screening by the users who do not take part in a test. A lifecycle hypothesis, such as `session.index <= 1`, is tested within users, on the few
 * who have sessions of both kinds; most users have sessions of one kind alone. These are compared with one another first, by
 * counts. What that look leaves is tested within users among few, and the other half of the error rate stays for all.
 *
 * As in family-based association tests (Van Steen et al., Nature Genetics 37, 2005; Ionita-Laza et al., American Journal of Human Genetics 81,
 * 2007), where what lies between families chooses, and what lies within them tests: the two are of different users here, so the
 * weights tell nothing of the p-values where there is no effect, and weighted Benjamini–Hochberg keeps the false discovery rate (Genovese, Roeder &
 * Wasserman, Biometrika 93, 2006; Ignatiadis et al., Nature Methods 13, 2016).
 */

import { placeOfKpi, sharedCounter } from "../engine/execution.js";
import { userLifecycle } from "../planner/templates/user-lifecycle.js";
import { type Candidate, hasEffect, scenarioKey } from "./candidates.js";
import type { ConditionMembers } from "./conditions.js";
import type { Context } from "./context.js";
import { SCREEN_WIDTH, type ScreenQuestion } from "./screen-count.js";
import { countsP, type Families } from "./significance.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";
import { finderThreads } from "./tasks.js";

/** Share of the error rate that the hypotheses of a family have alike, whatever the screen says. */
const ALIKE = 0.5;

/** What users with sessions of one kind alone say of lifecycle hypotheses. */
export class Screen {
  readonly #passed: ReadonlySet<string>;
  readonly #weights: ReadonlyMap<number, number>;

  /**
   * A screen that some hypotheses pass.
   * @param passed - by `scenarioKey`
   * @param weights - of those that pass, by KPI; KPIs without any are not named
   */
  constructor(passed: ReadonlySet<string> = new Set(), weights: ReadonlyMap<number, number> = new Map()) {
    this.#passed = passed;
    this.#weights = weights;
  }

  /**
   * The weight of a hypothesis among those of its family.
   * @param isWithin - whether its p-value is of users with sessions of both kinds
   */
  weightOf(candidate: Candidate, template: string, isWithin: boolean): number {
    const weight = this.#weights.get(candidate.scenario.kpi);
    if (template !== userLifecycle.name || weight === undefined) return 1;
    return isWithin && this.#passed.has(scenarioKey(candidate)) ? weight : ALIKE;
  }
}

/** A condition on a KPI, counted on users with sessions of one kind alone. */
interface Screened {
  /** Index among those planned. */
  readonly condition: number;
  readonly kpi: number;
  /** Uint32Array(cohorts × 4), see `ScreenOutput` */
  readonly counts: Uint32Array;
}

/** Lifecycle hypotheses counted on users with sessions of one kind alone: what a screen is made of. */
export type ScreenCounts = readonly Screened[];

/**
 * Counts the lifecycle hypotheses on binary KPIs, on all threads; of a numeric KPI counts say little of the mean. Where rounds have left
 * hypotheses out there is no screen, for what they left has not been looked at: then there are none. O(conditions × sessions × KPIs).
 */
export async function countScreen(context: Context, members: readonly ConditionMembers[]): Promise<ScreenCounts> {
  const { plan, table, experts, execution, kpis, cohorts } = context;
  const isPartial = plan.passedOver.some(({ template }) => template === userLifecycle.name);
  if (experts === "paper" || !table.hasUsers || isPartial) return [];
  const own = [...plan.conditions.keys()].filter((index) => templateOf(context, index) === userLifecycle.name);
  const asked: { readonly condition: number; readonly kpi: number }[] = [];
  // those of a KPI one after the other, so that its sessions are listed once
  for (const [kpi, { outcome }] of kpis.entries()) {
    if (outcome !== null) continue;
    for (const condition of own) if (plan.conditions[condition]?.barred[kpi] !== true) asked.push({ condition, kpi });
  }
  if (asked.length === 0) return [];
  const questions = asked.map(({ condition, kpi }): ScreenQuestion => {
    const { group, bit } = placeOfKpi(kpi);
    const { members: holds, population } = members[condition] as ConditionMembers;
    return { kpi, members: holds[group] as Uint8Array, bit, population };
  });
  const { cells, cellOf, cohortOffsets, cohortsOfCell } = cohorts;
  const input = {
    userOffsets: table.userOffsets,
    partitions: execution.partitions,
    cohorts: { cells, cellOf, cohortOffsets, cohortsOfCell },
    width: cohorts.cohorts.length,
    states: kpis.map(({ state }) => state),
    questions,
    next: sharedCounter(),
  };
  const outputs = await finderThreads(execution.pool).runEach("screen", input, "users with sessions of one kind");
  return asked.map((each, at) => ({
    ...each,
    counts: outputs.map((output) => output[at] as Uint32Array).reduce(added),
  }));
}

/**
 * Screens the lifecycle hypotheses by their counts. A hypothesis passes in every cohort in which it is above the floor and clear of
 * chance among all of its family: which of them it is told in the other users help to choose, so all count.
 */
export function screenBy(counts: ScreenCounts, { scenarios, settings }: Context, families: Families): Screen {
  const passed = new Set<string>();
  const weights = new Map<number, number>();
  for (const kpi of new Set(counts.map((each) => each.kpi))) {
    const tests = families.tests(userLifecycle.name, kpi);
    const own = scenarios.filter((scenario) => scenario.kpi === kpi);
    const screened = counts.filter((each) => each.kpi === kpi);
    const looked = screened.flatMap((each) => own.map((scenario) => candidateOf(each, scenario)));
    const adjusted = benjaminiHochberg(
      Float64Array.from(looked, ({ membersFailing, membersNormal, failing, normal }) =>
        countsP(membersFailing, membersFailing + membersNormal, failing, failing + normal),
      ),
      Math.max(looked.length, tests),
    );
    const clear = looked.filter((candidate, at) => (adjusted[at] as number) <= settings.fdr && isAboveFloor(candidate));
    for (const candidate of clear) passed.add(scenarioKey(candidate));
    if (clear.length > 0) weights.set(kpi, ALIKE + ((1 - ALIKE) * tests) / clear.length);
  }
  return new Screen(passed, weights);
}

function candidateOf({ condition, counts }: Screened, scenario: Candidate["scenario"]): Candidate {
  const [othersNormal = 0, membersNormal = 0, othersFailing = 0, membersFailing = 0] = counts.subarray(
    scenario.cohort * SCREEN_WIDTH,
  );
  return {
    subject: { kind: "condition", index: condition },
    scenario,
    membersFailing,
    membersNormal,
    failing: membersFailing + othersFailing,
    normal: membersNormal + othersNormal,
    folded: [],
  };
}

function added(a: Uint32Array, b: Uint32Array): Uint32Array {
  return a.map((value, at) => value + (b[at] as number));
}

function isAboveFloor({ membersFailing, membersNormal, failing, normal }: Candidate): boolean {
  const [members, all] = [membersFailing + membersNormal, failing + normal];
  return hasEffect(membersFailing, members, failing - membersFailing, all - members);
}

function templateOf({ plan }: Context, condition: number): string | undefined {
  return plan.classes[plan.conditions[condition]?.classIndex ?? -1]?.template;
}
