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

import { placeOfKpi, sharedCounter, type Tally } from "../engine/execution.js";
import { addCounts } from "../kernels/add-counts.js";
import { userLifecycle } from "../planner/templates/user-lifecycle.js";
import { type Candidate, hasEffect, scenarioKey } from "./candidates.js";
import { type ConditionMembers, conditionIn } from "./conditions.js";
import type { Context } from "./context.js";
import { countsP } from "./counts-p.js";
import { SCREEN_WIDTH, type ScreenGroup } from "./screen-count.js";
import type { Families } from "./significance.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";
import { finderThreads } from "./tasks.js";

/** Share of the error rate that the hypotheses of a family have alike, whatever the screen says. */
const ALIKE = 0.5;
/** Conditions that are the bits of a word. */
const CONDITIONS_AT_ONCE = 32;

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

/**
 * Screens the lifecycle hypotheses on binary KPIs by users with sessions of one kind alone; of a numeric KPI counts say little of the mean. They
 * are all users but those with both kinds, who are counted here on all threads. A hypothesis passes in every cohort in which it is above the
 * floor and clear of chance among all of its family: which of them it is told in the other users help to choose, so all count. Where rounds have left
 * hypotheses on a KPI out it has no screen, for what they left has not been looked at.
 * @param all - of all users; see `countConditions`
 * @param families - the lifecycle hypotheses among them
 */
export async function screenLifecycle(
  context: Context,
  members: readonly ConditionMembers[],
  all: Tally,
  families: Families,
): Promise<Screen> {
  const { table, experts } = context;
  if (experts === "paper" || !table.hasUsers) return new Screen();
  const counts = await countScreen(context, members);
  return counts === null ? new Screen() : screenBy(counts, all, context, families);
}

/** Lifecycle hypotheses on a KPI, counted on users with sessions of both kinds: what a screen is made of. */
interface ScreenCounts {
  /** Condition, as an index among those planned, and KPI of each question. */
  readonly questions: readonly { readonly condition: number; readonly kpi: number }[];
  /** Uint32Array(cohorts × questions × SCREEN_WIDTH), see `ScreenOutput` */
  readonly counts: Uint32Array;
}

/** Counts the lifecycle hypotheses on binary KPIs, on all threads; null where there are none. O(conditions × sessions × KPIs). */
async function countScreen(context: Context, members: readonly ConditionMembers[]): Promise<ScreenCounts | null> {
  const { plan, table, execution, kpis, cohorts } = context;
  const own = [...plan.conditions.keys()].filter((index) => templateOf(context, index) === userLifecycle.name);
  const questions: { readonly condition: number; readonly kpi: number }[] = [];
  const groups: ScreenGroup[] = [];
  for (const [kpi, { outcome, state }] of kpis.entries()) {
    if (outcome !== null || isPartial(context, kpi)) continue;
    const { group, bit } = placeOfKpi(kpi);
    const asked = own.filter((condition) => plan.conditions[condition]?.barred[kpi] !== true);
    for (const [population, same] of byPopulation(asked, members)) {
      for (let from = 0; from < same.length; from += CONDITIONS_AT_ONCE) {
        const some = same.slice(from, from + CONDITIONS_AT_ONCE);
        questions.push(...some.map((condition) => ({ condition, kpi })));
        const conditions = some.map((index) => ({ members: members[index]?.members[group] as Uint8Array, bit }));
        groups.push({ state, population, conditions });
      }
    }
  }
  if (questions.length === 0) return null;
  const { cells, cellOf, cohortOffsets, cohortsOfCell } = cohorts;
  const input = {
    userOffsets: table.userOffsets,
    partitions: execution.partitions,
    cohorts: { cells, cellOf, cohortOffsets, cohortsOfCell },
    width: cohorts.cohorts.length,
    groups,
    next: sharedCounter(),
  };
  const outputs = await finderThreads(execution.pool).runEach("screen", input, "users with sessions of both kinds");
  return { questions, counts: outputs.reduce(addCounts) };
}

/** Conditions by the sessions that they are compared in. */
function byPopulation(
  conditions: readonly number[],
  members: readonly ConditionMembers[],
): Map<Uint8Array | null, number[]> {
  const same = new Map<Uint8Array | null, number[]>();
  for (const condition of conditions) {
    const { population } = members[condition] as ConditionMembers;
    same.set(population, [...(same.get(population) ?? []), condition]);
  }
  return same;
}

function screenBy(
  { questions, counts }: ScreenCounts,
  all: Tally,
  { scenarios, settings }: Context,
  families: Families,
): Screen {
  const passed = new Set<string>();
  const weights = new Map<number, number>();
  for (const kpi of new Set(questions.map((question) => question.kpi))) {
    const tests = families.tests(userLifecycle.name, kpi);
    const inScenarios = scenarios.filter((scenario) => scenario.kpi === kpi);
    const looked = [...questions.entries()].flatMap(([at, question]) =>
      question.kpi !== kpi
        ? []
        : inScenarios.map((scenario) => {
            const first = (scenario.cohort * questions.length + at) * SCREEN_WIDTH;
            return without(
              conditionIn(all, question.condition, scenario),
              counts.subarray(first, first + SCREEN_WIDTH),
            );
          }),
    );
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

/** A candidate without some sessions; see `SCREEN_WIDTH`. */
function without(
  { membersFailing, membersNormal, failing, normal, ...candidate }: Candidate,
  [othersNormal = 0, ownNormal = 0, othersFailing = 0, ownFailing = 0]: Uint32Array,
): Candidate {
  return {
    ...candidate,
    membersFailing: membersFailing - ownFailing,
    membersNormal: membersNormal - ownNormal,
    failing: failing - ownFailing - othersFailing,
    normal: normal - ownNormal - othersNormal,
  };
}

/** Whether rounds have left lifecycle hypotheses on a KPI out. */
function isPartial({ plan }: Context, kpi: number): boolean {
  return plan.passedOver.some(({ template, barred }) => template === userLifecycle.name && barred[kpi] !== true);
}

function isAboveFloor({ membersFailing, membersNormal, failing, normal }: Candidate): boolean {
  const [members, all] = [membersFailing + membersNormal, failing + normal];
  return hasEffect(membersFailing, members, failing - membersFailing, all - members);
}

function templateOf({ plan }: Context, condition: number): string | undefined {
  return plan.classes[plan.conditions[condition]?.classIndex ?? -1]?.template;
}
