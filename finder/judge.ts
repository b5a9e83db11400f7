import type { MinedPatterns, TokenSymbols } from "../engine/mine.js";
import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import type { Candidate } from "./candidates.js";
import type { Evidence, SessionSets } from "./collect.js";
import { type Context, valuesOf } from "./context.js";
import { effectOf, type MeasuredEffect } from "./effect.js";
import {
  completions,
  type EqualTime,
  type Exposure,
  exposureOf,
  type Hazards,
  hazardsOf,
  inEqualTime,
  isWorseAtSameAge,
} from "./exposure.js";
import type { Explained, Opinion } from "./findings.js";
import type { Judged } from "./fold.js";
import { countsP, type Families } from "./significance.js";
import { judgeStability } from "./stability.js";
import { interval, pValue } from "./statistics/two-proportions.js";
import { explainedWithin, type Stratification, StratifiedEffects, stratificationsOf } from "./strata.js";

const LEVEL = 0.95;
/** An effect within users that must be below this share of the pooled one is none. */
const NOTHING_WITHIN = 0.1;

/** A candidate with its evidence. */
export interface Case {
  readonly candidate: Candidate;
  readonly evidence: Evidence;
  readonly expression: Expression;
  readonly template: string;
  /** What the expert said that let it through. */
  readonly opinion: Opinion;
  /** The same hypothesis over all sessions, where the candidate is one of a narrower cohort; null: not collected */
  readonly everywhere: Evidence | null;
}

/** What became of a candidate: it stands, or it is dismissed, with or without an explanation. */
export type Verdict =
  | { readonly kind: "stands"; readonly judged: Judged }
  | { readonly kind: "explained"; readonly explained: Explained }
  | { readonly kind: "refused" };

/** The patterns that candidates name, and the symbols of events. */
export interface MiningOutcome {
  readonly mined: MinedPatterns;
  readonly symbols: TokenSymbols;
}

/** What an explanation goes by. */
type Facts = Explained["evidence"];

/** Judges candidates by the rules of honesty, METHODS 2 to 6. What several candidates need is made once. */
export class Judge {
  readonly #context: Context;
  readonly #families: Families;
  readonly #patterns: MiningOutcome | null;
  readonly #sets: SessionSets;
  readonly #tested: { readonly template: string; readonly kpi: number; readonly p: number }[] = [];
  readonly #strata = new Map<
    number,
    { readonly stratifications: readonly Stratification[]; readonly effects: StratifiedEffects }
  >();
  readonly #exposures = new Map<number, Exposure | null>();

  constructor(context: Context, families: Families, patterns: MiningOutcome | null, sets: SessionSets) {
    this.#context = context;
    this.#families = families;
    this.#patterns = patterns;
    this.#sets = sets;
  }

  /**
   * Judges candidates, in the order given. Their p-values join those of earlier calls, which the rate of false discoveries
   * is over.
   */
  judge(cases: readonly Case[]): Verdict[] {
    const { settings, table, experts } = this.#context;
    const leastUsers = table.hasUsers && experts === "all" ? settings.within_min_users : Number.POSITIVE_INFINITY;
    const measured = cases.map(({ candidate, evidence, everywhere }) => {
      const sign = this.#sign(candidate.scenario.kpi);
      const own = effectOf(evidence, sign, leastUsers);
      if (own.within !== null || everywhere === null) return own;
      // too few users of a cohort have both: then what holds of all users holds of them
      const { within, pooled, effect } = effectOf(everywhere, sign, leastUsers);
      if (within === null) return own;
      return { ...own, borrowed: { within, pooled }, effect: { ...own.effect, p: Math.max(own.effect.p, effect.p) } };
    });
    if (experts === "paper") {
      return cases.map((item, at) => this.#stands(item, measured[at] as MeasuredEffect, null, []));
    }
    const known = this.#tested.length;
    for (const [at, { candidate, template }] of cases.entries()) {
      const { effect, pooled } = measured[at] as MeasuredEffect;
      const { kpi } = candidate.scenario;
      const isWorse = this.#sign(kpi) * pooled.difference.value > 0;
      this.#tested.push({ template, kpi, p: isWorse ? effect.p / 2 : 1 - effect.p / 2 });
    }
    const adjusted = this.#families.adjust(this.#tested, settings);
    return cases.map((item, at) => this.#verdict(item, measured[at] as MeasuredEffect, adjusted[known + at] as number));
  }

  #verdict(item: Case, measured: MeasuredEffect, q: number): Verdict {
    const { settings, table } = this.#context;
    const { evidence, candidate, template } = item;
    const { kpi } = candidate.scenario;
    if (table.hasUsers && evidence.users < settings.min_users) return { kind: "refused" };
    const opinions: Opinion[] = [];
    const within = this.#withinUsers(item, measured, opinions);
    if (within !== null) return within;
    if (!(q <= settings.fdr) || !this.#reachesFloor(kpi, measured)) return { kind: "refused" };
    const { pooled, effect, designEffect } = measured;
    opinions.unshift({
      name: "significance",
      says: "opportunity",
      evidence: {
        p_worse: effect.p / 2,
        q,
        tests: this.#families.tests(template, kpi),
        ...intervalFacts("pooled", interval(pooled.difference, LEVEL), pooled.difference.value),
        ...(measured.ratioInterval === null
          ? {}
          : { ratio_low: measured.ratioInterval[0], ratio_high: measured.ratioInterval[1] }),
      },
    });
    const mostP = q > 0 ? (effect.p / 2) * (settings.fdr / q) : settings.fdr / this.#families.tests(template, kpi);
    const stability = judgeStability(evidence.trend, this.#context.weeks);
    if (!stability.isStable) {
      return this.#explained(item, "does not keep its sign over the period", stability.evidence);
    }
    const members = this.#sets.sessionsOf(evidence.members);
    const confounded = this.#confounded(item, measured, members);
    if (confounded !== null) return confounded;
    const waiting = this.#exposure(item, designEffect, mostP, members, opinions);
    if (waiting !== null) return waiting;
    return this.#stands(item, measured, q, opinions);
  }

  /** The effect floor, on the near end of the reported effect's interval (METHODS, 6). */
  #reachesFloor(kpi: number, { effect, ratioInterval, base, isWithin }: MeasuredEffect): boolean {
    const { floor_ratio: floorRatio, floor_difference: floorDifference } = this.#context.settings;
    const sign = this.#sign(kpi);
    const near = sign === 1 ? effect.low : -effect.high;
    if (!(near > 0)) return false;
    if (this.#isBinary(kpi) && near >= floorDifference) return true;
    // where the others have none of it, a ratio has no end: any clear difference is beyond the floor
    if (base === 0) return true;
    const [lowRatio, highRatio] =
      ratioInterval === null || isWithin ? [(base + effect.low) / base, (base + effect.high) / base] : ratioInterval;
    return sign === 1 ? lowRatio >= floorRatio : highRatio <= 1 / floorRatio;
  }

  /** METHODS, 4. Adds to the opinions what was compared within users. */
  #withinUsers(item: Case, measured: MeasuredEffect, opinions: Opinion[]): Verdict | null {
    const sign = this.#sign(item.candidate.scenario.kpi);
    const isBorrowed = measured.borrowed !== undefined;
    const { pooled, within } = measured.borrowed ?? measured;
    if (within === null) return null;
    const size = sign * pooled.difference.value;
    // what is no worse over all sessions needs no explanation
    if (!(size > 0) || !(pValue(pooled.difference) <= this.#context.settings.fdr)) return null;
    const value = sign * within.difference.value;
    const ends = interval(within.difference, LEVEL);
    const [low, high] = sign === 1 ? ends : [-ends[1], -ends[0]];
    const facts: Facts = {
      users: within.users,
      ...intervalFacts("within", ends, within.difference.value),
      ...intervalFacts("pooled", interval(pooled.difference, LEVEL), pooled.difference.value),
    };
    if (value <= 0 || high < NOTHING_WITHIN * size || (low <= 0 && high < size)) {
      const where = isBorrowed ? " (over all cohorts; too few users of this one have both)" : "";
      return this.#explained(item, `differs between users, not within${where}`, facts);
    }
    if (isBorrowed) return null;
    opinions.push({ name: "within-users", says: "opportunity", evidence: facts });
    return null;
  }

  /** METHODS, 5. */
  #confounded(item: Case, { pooled, designEffect }: MeasuredEffect, members: Uint32Array): Verdict | null {
    const { settings } = this.#context;
    const { evidence, candidate } = item;
    const { kpi } = candidate.scenario;
    const { stratifications, effects } = this.#strataOf(kpi);
    const compared = (): Uint32Array => this.#sets.sessionsOf(evidence.compared);
    for (const stratification of stratifications) {
      const key = this.#comparedKey(candidate);
      const within = effects.effect(stratification, members, compared, key, designEffect);
      const why = explainedWithin(within, pooled.difference.value, this.#sign(kpi), this.#isBinary(kpi), settings);
      if (why === null) continue;
      const facts: Facts = {
        difference: within.difference.value,
        ratio: within.ratio,
        pooled_difference: pooled.difference.value,
        members_comparable: within.comparable,
      };
      return this.#explained(item, `${stratification.name}: the effect ${why} among sessions that share it`, facts);
    }
    return null;
  }

  /** METHODS, 2: what arises within a session must do worse at the same age. */
  #exposure(
    item: Case,
    designEffect: number,
    mostP: number,
    members: Uint32Array,
    opinions: Opinion[],
  ): Verdict | null {
    const { candidate, evidence } = item;
    const { kpi } = candidate.scenario;
    if (candidate.subject.kind !== "pattern" || this.#patterns === null) return null;
    const exposure = this.#exposureOf(kpi);
    if (exposure === null) return null;
    const compared = this.#sets.sessionsOf(evidence.compared);
    const completedAt = completions(this.#context, this.#patterns, candidate.subject.index, compared);
    if (exposure.events.normal) {
      const equal = inEqualTime(this.#context, kpi, exposure, compared, completedAt);
      if (!this.#isWorse(equal, mostP)) {
        const { membersFailing, members, othersFailing, others } = equal;
        return this.#explained(item, "as common where as much time is looked at, once the outcome is decided too", {
          horizon_ms: exposure.horizonMs,
          members,
          members_failing: membersFailing,
          others,
          others_failing: othersFailing,
        });
      }
    }
    const hazards = hazardsOf(this.#context, kpi, exposure, members, completedAt, compared);
    const facts = hazardFacts(hazards);
    if (!isWorseAtSameAge(hazards, designEffect, mostP)) {
      return this.#explained(item, "happens while waiting: at the same age members do no worse", facts);
    }
    opinions.push({ name: "exposure", says: "opportunity", evidence: facts });
    return null;
  }

  #isWorse({ membersFailing, members, othersFailing, others }: EqualTime, mostP: number): boolean {
    const { floor_ratio: floorRatio, floor_difference: floorDifference } = this.#context.settings;
    const [inside, outside] = [membersFailing / members, othersFailing / others];
    if (!(inside >= floorRatio * outside || inside - outside >= floorDifference)) return false;
    return countsP(membersFailing, members, membersFailing + othersFailing, members + others) <= mostP;
  }

  #stands(item: Case, { effect, isWithin }: MeasuredEffect, q: number | null, opinions: readonly Opinion[]): Verdict {
    const { candidate, evidence, expression, opinion } = item;
    const { values } = this.#context.cohorts.cohorts[candidate.scenario.cohort] ?? { values: [] };
    const steps = expression.kind === "sequence" ? expression.steps.length : 1;
    return {
      kind: "stands",
      judged: {
        candidate,
        evidence,
        effect: { ...effect, q },
        isWithin,
        complexity: steps + values.length,
        opinions: [opinion, ...opinions],
      },
    };
  }

  #explained({ candidate, expression }: Case, by: string, evidence: Facts): Verdict {
    const { kpi, cohort } = candidate.scenario;
    const hypothesis = printExpression(expression);
    return {
      kind: "explained",
      explained: { kpi, cohort: valuesOf(this.#context, cohort), hypothesis, by, evidence },
    };
  }

  #strataOf(kpi: number): { stratifications: readonly Stratification[]; effects: StratifiedEffects } {
    let known = this.#strata.get(kpi);
    if (known === undefined) {
      const stratifications = stratificationsOf(this.#context, kpi, this.#exposureOf(kpi) !== null);
      known = { stratifications, effects: new StratifiedEffects(this.#context, kpi) };
      this.#strata.set(kpi, known);
    }
    return known;
  }

  #exposureOf(kpi: number): Exposure | null {
    let known = this.#exposures.get(kpi);
    if (known === undefined) {
      known = exposureOf(this.#context, kpi);
      this.#exposures.set(kpi, known);
    }
    return known;
  }

  /** Names the sessions that a candidate is compared in: a population belongs to its condition. */
  #comparedKey({ subject, scenario }: Candidate): string {
    const hasPopulation =
      subject.kind === "condition" && this.#context.plan.conditions[subject.index]?.population !== null;
    return `${scenario.cohort}:${hasPopulation ? subject.index : ""}`;
  }

  #sign(kpi: number): 1 | -1 {
    const outcome = this.#context.plan.kpis[kpi]?.outcome;
    return outcome?.kind === "numeric" && outcome.worse === "lower" ? -1 : 1;
  }

  #isBinary(kpi: number): boolean {
    return this.#context.kpis[kpi]?.outcome === null;
  }
}

function intervalFacts(name: string, [low, high]: readonly [number, number], value: number): Facts {
  return {
    [`${name}_difference`]: value,
    [`${name}_low`]: Number.isFinite(low) ? low : null,
    [`${name}_high`]: Number.isFinite(high) ? high : null,
  };
}

function hazardFacts({ failing, normal }: Hazards): Facts {
  const ratio = (test: Hazards["failing"]): number | null => {
    if (test === null) return null;
    const value = Number.isNaN(test.logHazardRatio.value) ? test.petoLogHazardRatio.value : test.logHazardRatio.value;
    return Number.isNaN(value) ? null : Math.exp(value);
  };
  return {
    hazard_ratio_failing: ratio(failing),
    hazard_ratio_succeeding: ratio(normal),
    failures_while_on: failing?.observed ?? null,
    successes_while_on: normal?.observed ?? null,
  };
}
