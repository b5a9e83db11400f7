import { PartitionError } from "../engine/passes/partition-error.js";
import { quantile } from "../kernels/quantile.js";
import type { PatternShape } from "./candidates.js";
import type { Evidence } from "./collect.js";
import { countsP } from "./counts-p.js";
import { adjustedEffect, judgeAdjustedEffect } from "./experts/adjusted-effect.js";
import { type Adjustment, Adjustments } from "./experts/adjustments.js";
import { judgeChangePoint } from "./experts/change-point.js";
import { judgeCohortSimilarity } from "./experts/cohort-similarity.js";
import { judgeConcentration } from "./experts/concentration.js";
import { Contrasts } from "./experts/contrasts.js";
import { judgeWithoutLargest } from "./experts/leave-one-out.js";
import { type ExpertData, SessionFacts } from "./experts/session-facts.js";
import { type Counts, steppingOver } from "./experts/stepping-over.js";
import { judgeTrend } from "./experts/trend.js";
import type { Distribution, Explained, Opinion, Opportunity } from "./findings.js";
import { SessionSets } from "./session-sets.js";
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

/** Of the evidence, what experts ask for. */
type ExaminedEvidence = Pick<Evidence, "members" | "compared" | "moments" | "within" | "users">;

/** A hypothesis that is to be reported. */
export interface ExamineCase {
  readonly kpi: number;
  readonly evidence: ExaminedEvidence;
  /** Names the sessions that it is compared in. */
  readonly compared: string;
  /** Whether the effect is that within users. */
  readonly isWithin: boolean;
  /** Attributes and fields of time that the hypothesis and its cohort read. */
  readonly read: readonly string[];
  /** Whether sessions before what makes a user a member can be compared. */
  readonly hasBefore: boolean;
  /** Null for a condition. */
  readonly pattern: PatternShape | null;
  /** The same hypothesis over all sessions, where its own are a narrower cohort. */
  readonly everywhere: {
    readonly evidence: ExaminedEvidence;
    readonly compared: string;
    readonly read: readonly string[];
    /** Largest one-sided p-value that is no chance among all the looks of the run. */
    readonly mostP: number;
  } | null;
}

/** Hypotheses, and what is looked at. */
export interface ExamineInput {
  readonly data: ExpertData;
  readonly sets: Pick<SessionSets, "sessionStarts" | "wordOffsets">;
  readonly cases: readonly ExamineCase[];
  /** Uint32Array(cases): the order in which threads draw them */
  readonly order: Uint32Array;
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
}

/** What the experts are fed with. */
interface Inputs {
  readonly facts: SessionFacts;
  readonly contrasts: Contrasts;
  readonly adjustments: Adjustments;
}

/** What is said of the cases that a thread drew. */
export type ExamineOutput = readonly { readonly index: number; readonly result: Examined }[];

/**
 * Asks experts 4 to 8 about hypotheses that are to be reported, and whether they stand without their largest user. Two of them can refuse one,
 * for they compare members with others: the effect without the largest user, and the adjusted effect. Outlier, trend and change-point
 * say where and since when; cohort-similarity says that members differ, which adjusting then accounts for.
 */
export function examineCases({
  data,
  sets: { sessionStarts, wordOffsets },
  cases,
  order,
  next,
}: ExamineInput): ExamineOutput {
  const sets = new SessionSets(sessionStarts, wordOffsets);
  const facts = new SessionFacts(data, sets);
  const inputs: Inputs = { facts, contrasts: new Contrasts(facts), adjustments: new Adjustments(facts) };
  const done: { readonly index: number; readonly result: Examined }[] = [];
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    const index = order[turn];
    if (index === undefined) return done;
    try {
      done.push({ index, result: examine(data, inputs, cases[index] as ExamineCase) });
    } catch (error) {
      throw new PartitionError(turn, order.length, error);
    }
  }
}

function examine(data: ExpertData, inputs: Inputs, own: ExamineCase): Examined {
  const { settings, table, kpis } = data;
  const { kpi, evidence, isWithin, read } = own;
  const isBinary = kpis[kpi]?.outcome === null;
  const sign = signOf(data, kpi);
  const values = isBinary ? null : valuesOf(inputs, evidence, kpi, sign);
  const opinions: Opinion[] = [];
  const over = own.pattern === null ? null : steppingOver(inputs.facts, own, own.pattern);
  if (over !== null && !isWorse(over, settings)) {
    const { members, membersFailing, others, othersFailing } = over;
    const by =
      "only says that the outcome did not come: as common where the events that end a success are stepped over";
    const facts = { members, members_failing: membersFailing, others, others_failing: othersFailing };
    return { opinions, values, refusal: { by, evidence: facts } };
  }
  if (table.hasUsers) {
    const expected = twoProportions(evidence.moments).otherRate;
    const largest = inputs.contrasts.largestContributor(own, expected, sign);
    const opinion = judgeWithoutLargest(evidence.moments, isWithin ? evidence.within : null, largest, sign);
    if (opinion.says !== "opportunity") {
      const by =
        "carried by few users: without the one who contributes most the interval of the difference reaches zero";
      return { opinions, values, refusal: { by, evidence: { users: evidence.users, ...opinion.evidence } } };
    }
    opinions.push(opinion);
  }
  const adjustment = inputs.adjustments.of(own, read, own.hasBefore);
  if (adjustment !== null) {
    const { rows, control } = adjustment;
    const opinion = judgeAdjustedEffect(rows, control, PLACEBO_SEED, settings, sign);
    const by = refusalBy(opinion, adjustment);
    if (by !== null) return { opinions, values, refusal: { by, evidence: opinion.evidence } };
    const broad = broadRefusal(data, inputs, own, opinion);
    if (broad !== null) return { opinions, values, refusal: broad };
    opinions.push({
      ...opinion,
      evidence: { ...opinion.evidence, alike_in: adjustment.covariates.join(", "), sampled: adjustment.isSample },
    });
  }
  const breakdowns = inputs.contrasts.breakdowns(own, read);
  const otherUsers = inputs.contrasts.otherUsers(own);
  const spreads = breakdowns.map(({ attribute, n1, n0 }) => ({
    attribute,
    members: n1,
    others: n0,
    memberUnits: evidence.users,
    otherUnits: otherUsers,
  }));
  const { series, unit } = inputs.contrasts.series(own);
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
function broadRefusal(
  data: ExpertData,
  inputs: Inputs,
  { kpi, everywhere }: ExamineCase,
  own: Opinion,
): Examined["refusal"] {
  if (everywhere === null) return null;
  const p = own.evidence["p"];
  if (typeof p === "number" && p / 2 <= everywhere.mostP) return null;
  const { evidence, compared, read } = everywhere;
  const adjustment = inputs.adjustments.of({ evidence, kpi, compared }, read, false);
  if (adjustment === null) return null;
  const { isNothing, ...left } = adjustedEffect(adjustment.rows, data.settings, signOf(data, kpi));
  if (!isNothing) return null;
  const by = `the make-up of members: over all cohorts no effect is left among sessions alike in ${adjustment.covariates.join(", ")}, and here none that is clear of chance among all cohorts`;
  return { by, evidence: { ...left, difference_here: own.evidence["difference"] ?? null, p_here: p ?? null } };
}

/** The effect floor, and chance, on counts. */
function isWorse(
  { membersFailing, members, othersFailing, others }: Counts,
  { floor_ratio: floorRatio, floor_difference: floorDifference, fdr }: ExpertData["settings"],
): boolean {
  const [inside, outside] = [membersFailing / members, othersFailing / others];
  if (!(inside >= floorRatio * outside || inside - outside >= floorDifference)) return false;
  return countsP(membersFailing, members, membersFailing + othersFailing, members + others) <= fdr;
}

function valuesOf({ facts }: Inputs, evidence: ExaminedEvidence, kpi: number, sign: 1 | -1): Opportunity["values"] {
  const others = evidence.compared.map((word, at) => word & ~(evidence.members[at] as number));
  const outcomesOf = (bits: Uint32Array): Float64Array => facts.outcomes(facts.sets.sessionsOf(bits), kpi);
  return {
    members: distributionOf(outcomesOf(evidence.members), sign),
    others: distributionOf(outcomesOf(others), sign),
  };
}

function signOf({ planned }: ExpertData, kpi: number): 1 | -1 {
  const outcome = planned[kpi]?.outcome;
  return outcome?.kind === "numeric" && outcome.worse === "lower" ? -1 : 1;
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

function distributionOf(values: Float64Array, sign: 1 | -1): Distribution {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const median = quantile(values, 0, values.length, 0.5);
  return { mean, median, worstTenth: quantile(values, 0, values.length, sign === 1 ? 0.9 : 0.1) };
}
