import { quantile } from "../kernels/quantile.js";
import type { Expression } from "../planner/expression/ast.js";
import { attributesOf, visit } from "../planner/expression/walk.js";
import type { Evidence, NamedPatterns, SessionSets } from "./collect.js";
import { type Context, valuesOf } from "./context.js";
import { adjustedEffect, judgeAdjustedEffect } from "./experts/adjusted-effect.js";
import { judgeChangePoint } from "./experts/change-point.js";
import { judgeCohortSimilarity } from "./experts/cohort-similarity.js";
import { judgeConcentration } from "./experts/concentration.js";
import { type Adjustment, type Counts, ExpertInputs } from "./experts/inputs.js";
import { judgeWithoutLargest } from "./experts/leave-one-out.js";
import { judgeTrend } from "./experts/trend.js";
import type { Distribution, Explained, Opinion, Opportunity } from "./findings.js";
import type { Judged } from "./fold.js";
import { countsP } from "./significance.js";
import { twoProportions } from "./statistics/two-proportions.js";

/** Of the placebo: any number would do, and the same gives the same result. */
const PLACEBO_SEED = 1;

/** What experts 4 to 8 say of a hypothesis that is to be reported. */
export interface Examined {
  readonly opinions: readonly Opinion[];
  readonly values: Opportunity["values"];
  /** Why it is not reported after all. */
  readonly refusal: { readonly by: string; readonly evidence: Explained["evidence"] } | null;
}

/**
 * Asks experts 4 to 8 about hypotheses that are to be reported, and whether they stand without their largest user. Two of them can refuse one,
 * for they compare members with others: the effect without the largest user, and the adjusted effect. Outlier, trend and change-point
 * say where and since when; cohort-similarity says that members differ, which adjusting then accounts for.
 */
export class Examiner {
  readonly #context: Context;
  readonly #inputs: ExpertInputs;

  /** @param patterns - what candidates that are patterns name; null without patterns */
  constructor(context: Context, sets: SessionSets, patterns: NamedPatterns | null) {
    this.#context = context;
    this.#inputs = new ExpertInputs(context, sets, patterns);
  }

  /**
   * O(compared × attributes), and for a pattern on a conversion O(events of what is compared).
   * @param everywhere - the same hypothesis over all sessions, where its own are a narrower cohort; else null
   */
  examine(judged: Judged, expression: Expression, everywhere: Evidence | null): Examined {
    const { candidate, evidence, isWithin } = judged;
    const { settings, table } = this.#context;
    const { kpi, cohort } = candidate.scenario;
    const subject = { evidence, kpi, compared: this.#comparedKey(candidate) };
    const inputs = this.#inputs;
    const isBinary = this.#context.kpis[kpi]?.outcome === null;
    const sign = this.#sign(kpi);
    const values = isBinary ? null : this.#values(evidence, kpi, sign);
    const read = [
      ...attributesOf(expression),
      ...Object.keys(valuesOf(this.#context, cohort)),
      ...timeReadBy(expression),
    ];

    const opinions: Opinion[] = [];
    const over = candidate.subject.kind === "condition" ? null : inputs.steppingOver(subject, candidate.subject);
    if (over !== null && !this.#isWorse(over)) {
      const { members, membersFailing, others, othersFailing } = over;
      const by =
        "only says that the outcome did not come: as common where the events that end a success are stepped over";
      const facts = { members, members_failing: membersFailing, others, others_failing: othersFailing };
      return { opinions, values, refusal: { by, evidence: facts } };
    }
    if (table.hasUsers) {
      const expected = twoProportions(evidence.moments).otherRate;
      const largest = inputs.largestContributor(subject, expected, sign);
      const opinion = judgeWithoutLargest(evidence.moments, isWithin ? evidence.within : null, largest, sign);
      if (opinion.says !== "opportunity") {
        const by =
          "carried by few users: without the one who contributes most the interval of the difference reaches zero";
        return { opinions, values, refusal: { by, evidence: { users: evidence.users, ...opinion.evidence } } };
      }
      opinions.push(opinion);
    }
    const adjustment = inputs.adjustment(subject, read, !readsHistory(expression));
    if (adjustment !== null) {
      const { rows, control } = adjustment;
      const opinion = judgeAdjustedEffect(rows, control, PLACEBO_SEED, settings, sign);
      const by = refusalBy(opinion, adjustment);
      if (by !== null) return { opinions, values, refusal: { by, evidence: opinion.evidence } };
      const broad = everywhere === null ? null : this.#everywhere(judged, expression, everywhere, opinion);
      if (broad !== null) return { opinions, values, refusal: broad };
      opinions.push({
        ...opinion,
        evidence: { ...opinion.evidence, alike_in: adjustment.covariates.join(", "), sampled: adjustment.isSample },
      });
    }
    const breakdowns = inputs.breakdowns(subject, read);
    const otherUsers = inputs.otherUsers(subject);
    const spreads = breakdowns.map(({ attribute, n1, n0 }) => ({
      attribute,
      members: n1,
      others: n0,
      memberUnits: evidence.users,
      otherUnits: otherUsers,
    }));
    const { series, unit } = inputs.series(subject);
    const inUnits = (opinion: Opinion): Opinion => ({ ...opinion, evidence: { bucket: unit, ...opinion.evidence } });
    opinions.push(
      judgeCohortSimilarity(spreads, settings),
      judgeConcentration(breakdowns, isBinary, sign, settings),
      inUnits(judgeTrend(series, settings)),
      inUnits(judgeChangePoint(series, settings)),
    );
    return { opinions, values, refusal: null };
  }

  /**
   * A cohort borrows from all sessions, as it does within users: where adjusting leaves nothing of a hypothesis there, what is left in one of many
   * cohorts must be as clear of chance as all the looks of the run demand.
   */
  #everywhere(
    { candidate, effect, opinions }: Judged,
    expression: Expression,
    evidence: Evidence,
    own: Opinion,
  ): Examined["refusal"] {
    const { settings } = this.#context;
    const { kpi } = candidate.scenario;
    const tests = opinions.find(({ name }) => name === "significance")?.evidence["tests"];
    const mostP =
      effect.q !== null && effect.q > 0
        ? (effect.p / 2) * (settings.fdr / effect.q)
        : settings.fdr / (typeof tests === "number" ? tests : 1);
    const p = own.evidence["p"];
    if (typeof p === "number" && p / 2 <= mostP) return null;
    const compared = this.#comparedKey({ ...candidate, scenario: { ...candidate.scenario, cohort: 0 } });
    const read = [...attributesOf(expression), ...timeReadBy(expression)];
    const adjustment = this.#inputs.adjustment({ evidence, kpi, compared }, read, false);
    if (adjustment === null) return null;
    const { isNothing, ...left } = adjustedEffect(adjustment.rows, settings, this.#sign(kpi));
    if (!isNothing) return null;
    const by = `the make-up of members: over all cohorts no effect is left among sessions alike in ${adjustment.covariates.join(", ")}, and here none that is clear of chance among all cohorts`;
    return { by, evidence: { ...left, difference_here: own.evidence["difference"] ?? null, p_here: p ?? null } };
  }

  /** The effect floor, and chance, on counts. */
  #isWorse({ membersFailing, members, othersFailing, others }: Counts): boolean {
    const { floor_ratio: floorRatio, floor_difference: floorDifference, fdr } = this.#context.settings;
    const [inside, outside] = [membersFailing / members, othersFailing / others];
    if (!(inside >= floorRatio * outside || inside - outside >= floorDifference)) return false;
    return countsP(membersFailing, members, membersFailing + othersFailing, members + others) <= fdr;
  }

  #values(evidence: Judged["evidence"], kpi: number, sign: 1 | -1): Opportunity["values"] {
    const others = evidence.compared.map((word, at) => word & ~(evidence.members[at] as number));
    return {
      members: distributionOf(this.#inputs.values(evidence.members, kpi), sign),
      others: distributionOf(this.#inputs.values(others, kpi), sign),
    };
  }

  /** Names the sessions that a candidate is compared in: a population belongs to its condition. */
  #comparedKey({ subject, scenario }: Judged["candidate"]): string {
    const hasPopulation =
      subject.kind === "condition" && this.#context.plan.conditions[subject.index]?.population !== null;
    return `${scenario.kpi}:${scenario.cohort}:${hasPopulation ? subject.index : ""}`;
  }

  #sign(kpi: number): 1 | -1 {
    const outcome = this.#context.plan.kpis[kpi]?.outcome;
    return outcome?.kind === "numeric" && outcome.worse === "lower" ? -1 : 1;
  }
}

/** Why the adjusted effect refuses a hypothesis; null where it does not, or cannot tell. */
function refusalBy({ evidence }: Opinion, { covariates }: Adjustment): string | null {
  switch (evidence["against"]) {
    case "no effect left":
      return `the make-up of members: no effect is left among sessions alike in ${covariates.join(", ")}`;
    case "negative control":
      return "the users: their sessions before what makes them members are as much worse";
    default:
      return null;
  }
}

/** Fields of time that a hypothesis reads, by the names of what is adjusted for. */
function timeReadBy(expression: Expression): string[] {
  const names: string[] = [];
  visit(expression, (node) => {
    if (node.kind === "clock") names.push("the hour", "the day");
  });
  return names;
}

/** Whether membership is a matter of what a user did before: then sessions before it are others in the same way. */
function readsHistory(expression: Expression): boolean {
  let reads = false;
  visit(expression, (node) => {
    if (node.kind === "user" || node.kind === "previous" || (node.kind === "session" && node.field === "index")) {
      reads = true;
    }
  });
  return reads;
}

function distributionOf(values: Float64Array, sign: 1 | -1): Distribution {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const median = quantile(values, 0, values.length, 0.5);
  return { mean, median, worstTenth: quantile(values, 0, values.length, sign === 1 ? 0.9 : 0.1) };
}
