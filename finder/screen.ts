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

import { sharedUint8 } from "../engine/columns/shared.js";
import { type Members, placeOfKpi } from "../engine/execution.js";
import { NOT_COUNTED } from "../engine/passes/segment.js";
import { userLifecycle } from "../planner/templates/user-lifecycle.js";
import { type Candidate, hasEffect, scenarioKey } from "./candidates.js";
import { type ConditionMembers, candidateOf, rowsOf } from "./conditions.js";
import type { Context } from "./context.js";
import { countsP, type Families } from "./significance.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";

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

/**
 * Screens the lifecycle hypotheses on binary KPIs; of a numeric KPI counts say little of the mean. A hypothesis passes in every cohort in which
 * it is above the floor and clear of chance among all of its family: which of them it is told in the other users help to choose, so all count. Where rounds have left
 * hypotheses on a KPI out it has no screen, for what they left has not been looked at. O(conditions × sessions) time.
 */
export async function screenLifecycle(
  context: Context,
  members: readonly ConditionMembers[],
  families: Families,
): Promise<Screen> {
  const { plan, table, experts, execution, kpis, scenarios, settings } = context;
  const own = [...plan.conditions.keys()].filter((index) => templateOf(context, index) === userLifecycle.name);
  if (experts === "paper" || !table.hasUsers || own.length === 0) return new Screen();
  const counted = countedBits(context);
  const columns = own.flatMap((index) => ofOneKind(context, members[index] as ConditionMembers, counted));
  const walk = execution.walk("cohort", false);
  const tally = await execution.tally({ kind: "members", members: [counted, ...columns] }, walk, false);
  const passed = new Set<string>();
  const weights = new Map<number, number>();
  for (const [kpi, { outcome }] of kpis.entries()) {
    if (outcome !== null || isPartial(context, kpi)) continue;
    const tests = families.tests(userLifecycle.name, kpi);
    const rows = scenarios.filter((scenario) => scenario.kpi === kpi).map((scenario) => rowsOf(tally, scenario));
    const looked = own.flatMap((index, at) =>
      plan.conditions[index]?.barred[kpi] === true ? [] : rows.map((each) => candidateOf(each, at, index)),
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

/** Bits of the KPIs that each session counts for. */
function countedBits({ kpis, table }: Context): Members {
  const columns: Uint8Array[] = [];
  for (const [kpi, { state }] of kpis.entries()) {
    const { group, bit } = placeOfKpi(kpi);
    columns[group] ??= sharedUint8(table.sessions);
    const column = columns[group];
    for (let session = 0; session < state.length; session++) {
      if (state[session] !== NOT_COUNTED) column[session] = (column[session] as number) | (1 << bit);
    }
  }
  return columns;
}

/** Members, and all that are compared, of the users whose sessions are all members or all others on a KPI. */
function ofOneKind({ table }: Context, { members, population }: ConditionMembers, counted: Members): Members[] {
  const { userOffsets } = table;
  const pairs = counted.map((bits, group) => {
    const holds = members[group] as Uint8Array;
    const [own, compared] = [sharedUint8(bits.length), sharedUint8(bits.length)];
    for (let user = 0; user + 1 < userOffsets.length; user++) {
      const [start, end] = [userOffsets[user] as number, userOffsets[user + 1] as number];
      let [some, others] = [0, 0];
      for (let session = start; session < end; session++) {
        if (population?.[session] === 0) continue;
        const is = holds[session] as number;
        some |= is & (bits[session] as number);
        others |= ~is & (bits[session] as number);
      }
      const both = some & others;
      for (let session = start; session < end; session++) {
        if (population?.[session] === 0) continue;
        const kept = (bits[session] as number) & ~both;
        compared[session] = kept;
        own[session] = kept & (holds[session] as number);
      }
    }
    return [own, compared] as const;
  });
  return [pairs.map(([own]) => own), pairs.map(([, compared]) => compared)];
}
