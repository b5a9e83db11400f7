import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import { visit } from "../planner/expression/walk.js";
import type { Candidate } from "./candidates.js";
import type { Evidence, NamedPatterns } from "./collect.js";
import { complexityOf } from "./complexity.js";
import { type Context, valuesOf } from "./context.js";
import { countsP } from "./counts-p.js";
import { effectOf, type MeasuredEffect } from "./effect.js";
import { type EqualTime, Exposures, type Hazards, isWorseAtSameAge, type SameAge } from "./exposure.js";
import type { Explained, Opinion } from "./findings.js";
import type { Judged } from "./fold.js";
import { OutcomeRanks } from "./outcome-ranks.js";
import type { Screen } from "./screen.js";
import type { SessionSets } from "./session-sets.js";
import type { Families, Test } from "./significance.js";
import { judgeStability } from "./stability.js";
import { normalUpper } from "./statistics/distributions.js";
import { fisherMidP } from "./statistics/fisher.js";
import { interval, pValue } from "./statistics/two-proportions.js";
import { explainedWithin, Strata, type WithinStrata } from "./strata.js";

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

/** Why a candidate is dismissed: there is an explanation, or it may be chance, or too small to matter. */
export type Dismissal = { readonly kind: "explained"; readonly explained: Explained } | { readonly kind: "refused" };

/** A candidate that does not stand, or no longer. */
export interface Dismissed {
  readonly candidate: Candidate;
  readonly dismissal: Dismissal;
}

/** What an explanation goes by. */
type Facts = Explained["evidence"];

/** A candidate, and what has become of it. */
interface Open {
  readonly item: Case;
  readonly measured: MeasuredEffect;
  /** Its weight among those of its family. */
  readonly weight: number;
  /** Its p-value, adjusted for all that the run looks at. */
  q: number;
  /** The largest one-sided p-value that would be no chance in its place. */
  mostP: number;
  readonly opinions: Opinion[];
  /** How members do at the same age, where that is asked; null: they cannot be compared */
  sameAge?: SameAge | null;
  /** Null: it stands */
  dismissal: Dismissal | null;
}

/** Failing members expected by chance from which on the normal approximation holds in the tail too. */
const MANY = 1000;

/** Judges candidates by the rules of honesty, METHODS 2 to 6. What several candidates need is made once. */
export class Judge {
  readonly #context: Context;
  readonly #families: Families;
  readonly #all: Open[] = [];
  /** Of each of them. */
  readonly #tested: Test[] = [];
  readonly #sets: SessionSets;
  readonly #ranks = new Map<number, OutcomeRanks>();
  readonly #strata: Strata;
  readonly #exposures: Exposures;
  readonly #screen: Screen;

  constructor(context: Context, families: Families, screen: Screen, patterns: NamedPatterns | null, sets: SessionSets) {
    this.#context = context;
    this.#families = families;
    this.#screen = screen;
    this.#sets = sets;
    this.#strata = new Strata(context, sets);
    this.#exposures = new Exposures(context, patterns, sets);
  }

  /** Makes what candidates are compared by, while threads are at something else. */
  prepare(candidates: readonly Candidate[]): void {
    if (this.#context.experts === "paper") return;
    this.#exposures.prepare(candidates);
    this.#strata.prepare();
  }

  /**
   * Judges candidates. Their p-values join those of earlier calls, which the rate of false discoveries is over, so that what stood
   * may no longer do so. What a rule dismisses is not asked of the next, so that the threads compare few.
   * @returns what is dismissed now, in the order in which it was given
   */
  async judge(cases: readonly Case[]): Promise<Dismissed[]> {
    const fresh = cases.map((item) => this.#opened(item));
    this.#all.push(...fresh);
    if (this.#context.experts === "paper") return [];
    for (const each of fresh) this.#tested.push(this.#testOf(each));
    this.#look();
    for (const each of fresh) {
      each.dismissal =
        this.#withinUsers(each) ?? this.#chance(each) ?? this.#byUser(each) ?? this.#leak(each) ?? this.#duration(each);
    }
    const stratified = fresh.filter(stands);
    const within = await this.#strata.effects(
      stratified.map(({ item, measured: own }) => {
        const { kpi } = item.candidate.scenario;
        const hasMoment = this.#exposures.hasMoment(kpi);
        return { kpi, evidence: item.evidence, hasMoment, designEffect: own.designEffect };
      }),
    );
    for (const [index, each] of stratified.entries()) each.dismissal = this.#confounded(each, within[index] ?? []);
    const exposed = stratified.filter((each) => stands(each) && this.#exposures.applies(each.item.candidate));
    const sameAge = await this.#exposures.compare(exposed.map(({ item }) => item));
    for (const [index, each] of exposed.entries()) each.sameAge = sameAge[index] ?? null;
    const fallen = new Set(this.#settle());
    const own = new Set(fresh);
    return this.#all.filter((each) => (own.has(each) && !stands(each)) || fallen.has(each)).map(dismissedOf);
  }

  /**
   * Dismisses candidates that stand, for a reason of the caller's.
   * @returns what no longer stands without them, they themselves aside
   */
  dismiss(candidates: ReadonlySet<Candidate>): Dismissed[] {
    for (const each of this.#all) {
      if (stands(each) && candidates.has(each.item.candidate)) each.dismissal = { kind: "refused" };
    }
    return this.#settle().map(dismissedOf);
  }

  /** How many candidates stand. */
  get stand(): number {
    return this.#all.filter(stands).length;
  }

  /** The candidates that stand, in the order in which they were given. */
  standing(): Judged[] {
    const isPaper = this.#context.experts === "paper";
    return this.#all.filter(stands).map((each) => {
      const { item, measured, q, mostP, opinions, sameAge } = each;
      if (isPaper) return this.#judged(item, measured, null, 1, [item.opinion]);
      const all = [item.opinion, this.#significance(each), ...opinions];
      if (sameAge) all.push({ name: "exposure", says: "opportunity", evidence: hazardFacts(sameAge.hazards) });
      return this.#judged(item, measured, q, mostP, all);
    });
  }

  #opened(item: Case): Open {
    const { settings, table, experts } = this.#context;
    const { candidate, evidence, everywhere } = item;
    const leastUsers = table.hasUsers && experts === "all" ? settings.within_min_users : Number.POSITIVE_INFINITY;
    const sign = this.#sign(candidate.scenario.kpi);
    const own = this.#byCounts(candidate, evidence, effectOf(evidence, sign, leastUsers));
    const weight = this.#screen.weightOf(candidate, item.template, own.within !== null);
    const opened = { item, measured: own, weight, q: 1, mostP: 0, opinions: [], dismissal: null };
    if (own.within !== null || everywhere === null) return opened;
    // too few users of a cohort have both: then what holds of all users holds of them
    const { within, pooled, effect } = effectOf(everywhere, sign, leastUsers);
    if (within === null) return opened;
    const p = Math.max(own.effect.p, effect.p);
    return { ...opened, measured: { ...own, borrowed: { within, pooled }, effect: { ...own.effect, p } } };
  }

  #testOf({ item: { candidate, template }, measured, weight }: Open): Test {
    const { effect, pooled, within, borrowed, designEffect } = measured;
    const { kpi } = candidate.scenario;
    const told = [pooled.difference, within?.difference, borrowed?.within.difference];
    const isWorse = told.every((each) => each === undefined || this.#sign(kpi) * each.value > 0);
    const p = isWorse ? effect.p / 2 : 1 - effect.p / 2;
    // a cross must exceed what its parts explain, and be worse than the others
    const byParts = candidate.interactionZ === undefined ? 0 : normalUpper(candidate.interactionZ / designEffect);
    return { template, kpi, p: Math.max(p, byParts), weight };
  }

  /** Looks at all hypotheses tested so far. */
  #look(): void {
    const adjusted = this.#families.adjust(this.#tested, this.#context.settings);
    for (const [at, each] of this.#all.entries()) {
      each.q = adjusted[at] as number;
      each.mostP = this.#mostP(each);
    }
  }

  /**
   * Looks at all again without what is dismissed, until nothing more is. A dismissed hypothesis counts as p = 1: what is reported is worse
   * _and_ passes every rule, whose p-value is no smaller than that of being worse alone (an intersection–union test; Berger & Hsu,
   * Statistical Science 11, 1996). Counted as discoveries, what merely happens while waiting would lift the bar for chance of all others in
   * its family.
   * @returns what falls by it
   */
  #settle(): Open[] {
    const fallen: Open[] = [];
    for (let isSettled = false; !isSettled; ) {
      for (const each of this.#all.filter(stands)) {
        each.dismissal = this.#chance(each) ?? (each.sameAge === undefined ? null : this.#exposure(each, each.sameAge));
        if (!stands(each)) fallen.push(each);
      }
      isSettled = true;
      for (const [at, each] of this.#all.entries()) {
        const own = this.#tested[at] as Test;
        // what may be chance is no discovery as it is
        if (stands(each) || own.p === 1 || this.#chance(each) !== null) continue;
        this.#tested[at] = { ...own, p: 1 };
        isSettled = false;
      }
      this.#look();
    }
    return fallen;
  }

  /**
   * Far out in the tail the normal approximation to few failing sessions is several times too small, which among thousands of looks is
   * most of what chance reports. Sessions of one user add no evidence, so no p-value is below that of the exact test of the counts.
   */
  #byCounts({ scenario }: Candidate, { contrast }: Evidence, own: MeasuredEffect): MeasuredEffect {
    if (own.isWithin || !this.#isBinary(scenario.kpi) || this.#context.experts === "paper") return own;
    const { members, membersFailing, others, othersFailing } = contrast;
    const expected = (members * (membersFailing + othersFailing)) / (members + others);
    if (!(expected < MANY)) return own;
    const exact = fisherMidP({ members, membersFailing, others, othersFailing }).twoSided;
    return { ...own, effect: { ...own.effect, p: Math.max(own.effect.p, exact) } };
  }

  /**
   * The largest one-sided p-value that is no chance among all that the run looks at, where q is the candidate's: of a test without more weight
   * than others, for what users of one kind promise says nothing of any test that they take part in.
   */
  #mostP({ item: { candidate, template }, measured, weight, q }: Open): number {
    const { fdr } = this.#context.settings;
    const p = measured.effect.p / 2 / Math.max(1, weight);
    return q > 0 ? p * (fdr / q) : fdr / this.#families.tests(template, candidate.scenario.kpi);
  }

  /** METHODS, 1, of a numeric KPI: what divides its values in two is the KPI by another name. */
  #leak({ item }: Open): Dismissal | null {
    const { candidate, evidence } = item;
    const { kpi } = candidate.scenario;
    if (this.#isBinary(kpi)) return null;
    const ranks = this.#ranks.get(kpi) ?? new OutcomeRanks(this.#context, kpi, this.#sets);
    this.#ranks.set(kpi, ranks);
    const from = ranks.leakFrom(evidence, this.#context.settings);
    if (from === null) return null;
    const { name } = this.#context.plan.kpis[kpi] ?? { name: "" };
    const by = `tells of the outcome: the sessions with it, or those without it, are nearly all those with ${name} from ${from} on`;
    return this.#explained(item, by, { from });
  }

  /**
   * How long sessions last is the time in which all else happens: at the same age none has lasted longer. So it is what others are compared
   * at, and tells nothing of itself.
   */
  #duration({ item }: Open): Dismissal | null {
    let reads = false;
    visit(item.expression, (node) => {
      if (node.kind === "session" && node.field === "duration") reads = true;
    });
    if (!reads) return null;
    return this.#explained(item, "how long a session lasts: at the same age no session has lasted longer", {});
  }

  /** METHODS, 6: what may be chance among all that the run looks at. */
  #chance({ q }: Open): Dismissal | null {
    return q <= this.#context.settings.fdr ? null : { kind: "refused" };
  }

  /** What users tell: the effect floor, enough of them, over the period. */
  #byUser({ item, measured }: Open): Dismissal | null {
    const { settings } = this.#context;
    const { evidence, candidate } = item;
    if (!this.#reachesFloor(candidate.scenario.kpi, measured)) return { kind: "refused" };
    if (evidence.users < settings.min_users) {
      if (!this.#context.table.hasUsers) return { kind: "refused" };
      const by = `carried by few users: ${evidence.users}, where ${settings.min_users} are asked for (setting min_users)`;
      return this.#explained(item, by, { users: evidence.users });
    }
    const stability = judgeStability(evidence.trend, this.#context.weeks);
    if (stability.isStable) return null;
    return this.#explained(item, "does not keep its sign over the period", stability.evidence);
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
  #withinUsers({ item, measured, opinions }: Open): Dismissal | null {
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
  #confounded({ item, measured: { pooled } }: Open, effects: readonly WithinStrata[]): Dismissal | null {
    const { kpi } = item.candidate.scenario;
    for (const within of effects) {
      const isBinary = this.#isBinary(kpi);
      const why = explainedWithin(within, pooled.difference.value, this.#sign(kpi), isBinary, this.#context.settings);
      if (why === null) continue;
      const facts: Facts = {
        difference: within.difference.value,
        ratio: within.ratio,
        pooled_difference: pooled.difference.value,
        members_comparable: within.comparable,
      };
      const by = `${within.name}: the effect ${why} among sessions that share it`;
      return this.#explained(item, by, facts, within.name);
    }
    return null;
  }

  /** METHODS, 2: what arises within a session must do worse at the same age. */
  #exposure({ item, measured, mostP }: Open, sameAge: SameAge | null): Dismissal | null {
    if (sameAge === null) {
      return this.#explained(
        item,
        "comes and goes within a session, so that it cannot be compared at the same age",
        {},
      );
    }
    const { hazards, equalTime } = sameAge;
    const exposure = this.#exposures.of(item.candidate.scenario.kpi);
    if (exposure?.events.normal === true && !this.#isWorse(equalTime, mostP)) {
      return this.#explained(item, "as common where as much time is looked at, once the outcome is decided too", {
        horizon_ms: exposure.horizonMs,
        members: equalTime.members,
        members_failing: equalTime.membersFailing,
        others: equalTime.others,
        others_failing: equalTime.othersFailing,
      });
    }
    const facts = hazardFacts(hazards);
    if (!isWorseAtSameAge(hazards, measured.designEffect, mostP)) {
      return this.#explained(item, "happens while waiting: at the same age members do no worse", facts);
    }
    return null;
  }

  #isWorse({ membersFailing, members, othersFailing, others }: EqualTime, mostP: number): boolean {
    const { floor_ratio: floorRatio, floor_difference: floorDifference } = this.#context.settings;
    const [inside, outside] = [membersFailing / members, othersFailing / others];
    if (!(inside >= floorRatio * outside || inside - outside >= floorDifference)) return false;
    return countsP(membersFailing, members, membersFailing + othersFailing, members + others) <= mostP;
  }

  #significance({ item: { candidate, template }, measured, weight, q }: Open): Opinion {
    const { effect, pooled, ratioInterval } = measured;
    return {
      name: "significance",
      says: "opportunity",
      evidence: {
        p_worse: effect.p / 2,
        q,
        tests: this.#families.tests(template, candidate.scenario.kpi),
        ...(weight === 1 ? {} : { weight }),
        ...intervalFacts("pooled", interval(pooled.difference, LEVEL), pooled.difference.value),
        ...(ratioInterval === null ? {} : { ratio_low: ratioInterval[0], ratio_high: ratioInterval[1] }),
      },
    };
  }

  #judged(
    { candidate, evidence, expression }: Case,
    { effect, isWithin }: MeasuredEffect,
    q: number | null,
    mostP: number,
    opinions: readonly Opinion[],
  ): Judged {
    const { values } = this.#context.cohorts.cohorts[candidate.scenario.cohort] ?? { values: [] };
    return {
      candidate,
      evidence,
      effect: { ...effect, q },
      mostP,
      isWithin,
      complexity: complexityOf(expression) + values.length,
      opinions,
    };
  }

  #explained({ candidate, expression }: Case, by: string, evidence: Facts, within?: string): Dismissal {
    const { kpi, cohort } = candidate.scenario;
    const hypothesis = printExpression(expression);
    return {
      kind: "explained",
      explained: {
        ...{ kpi, cohort: valuesOf(this.#context, cohort), hypothesis, by, evidence },
        ...(within === undefined ? {} : { within }),
      },
    };
  }

  #sign(kpi: number): 1 | -1 {
    const outcome = this.#context.plan.kpis[kpi]?.outcome;
    return outcome?.kind === "numeric" && outcome.worse === "lower" ? -1 : 1;
  }

  #isBinary(kpi: number): boolean {
    return this.#context.kpis[kpi]?.outcome === null;
  }
}

function stands({ dismissal }: Open): boolean {
  return dismissal === null;
}

function dismissedOf({ item: { candidate }, dismissal }: Open): Dismissed {
  return { candidate, dismissal: dismissal as Dismissal };
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
