import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import { visit } from "../planner/expression/walk.js";
import type { Candidate } from "./candidates.js";
import type { Evidence, NamedPatterns } from "./collect.js";
import { complexityOf } from "./complexity.js";
import { type Context, valuesOf } from "./context.js";
import { effectOf, type MeasuredEffect } from "./effect.js";
import { type EqualTime, Exposures, type Hazards, isWorseAtSameAge, type SameAge } from "./exposure.js";
import type { Explained, Opinion } from "./findings.js";
import type { Judged } from "./fold.js";
import { OutcomeRanks } from "./outcome-ranks.js";
import type { Screen } from "./screen.js";
import type { SessionSets } from "./session-sets.js";
import { countsP, type Families, type Test } from "./significance.js";
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

/** What became of a candidate: it stands, or it is dismissed, with or without an explanation. */
export type Verdict =
  | { readonly kind: "stands"; readonly judged: Judged }
  | { readonly kind: "explained"; readonly explained: Explained }
  | { readonly kind: "refused" };

/** What an explanation goes by. */
type Facts = Explained["evidence"];

/** A candidate that no rule has dismissed so far. */
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
}

/** Failing members expected by chance from which on the normal approximation holds in the tail too. */
const MANY = 1000;

/** Judges candidates by the rules of honesty, METHODS 2 to 6. What several candidates need is made once. */
export class Judge {
  readonly #context: Context;
  readonly #families: Families;
  readonly #tested: Test[] = [];
  /** How many of them a rule has dismissed. */
  #dismissed = 0;
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
  }

  /**
   * Judges candidates, in the order given. Their p-values join those of earlier calls, which the rate of false discoveries
   * is over. What a rule dismisses is not asked of the next, so that the threads compare few.
   */
  async judge(cases: readonly Case[]): Promise<Verdict[]> {
    const { settings, table, experts } = this.#context;
    const leastUsers = table.hasUsers && experts === "all" ? settings.within_min_users : Number.POSITIVE_INFINITY;
    const measured = cases.map(({ candidate, evidence, everywhere }) => {
      const sign = this.#sign(candidate.scenario.kpi);
      const own = this.#byCounts(candidate, evidence, effectOf(evidence, sign, leastUsers));
      if (own.within !== null || everywhere === null) return own;
      // too few users of a cohort have both: then what holds of all users holds of them
      const { within, pooled, effect } = effectOf(everywhere, sign, leastUsers);
      if (within === null) return own;
      return { ...own, borrowed: { within, pooled }, effect: { ...own.effect, p: Math.max(own.effect.p, effect.p) } };
    });
    if (experts === "paper") {
      return cases.map((item, at) => {
        const judged = this.#judged(item, measured[at] as MeasuredEffect, null, 1, [item.opinion]);
        return { kind: "stands", judged };
      });
    }
    const known = this.#tested.length;
    for (const [at, { candidate, template }] of cases.entries()) {
      const { effect, pooled, within, borrowed, designEffect } = measured[at] as MeasuredEffect;
      const { kpi } = candidate.scenario;
      const told = [pooled.difference, within?.difference, borrowed?.within.difference];
      const isWorse = told.every((each) => each === undefined || this.#sign(kpi) * each.value > 0);
      const p = isWorse ? effect.p / 2 : 1 - effect.p / 2;
      // a cross must exceed what its parts explain, and be worse than the others
      const byParts = candidate.interactionZ === undefined ? 0 : normalUpper(candidate.interactionZ / designEffect);
      const weight = this.#screen.weightOf(candidate, template, within !== null);
      this.#tested.push({ template, kpi, p: Math.max(p, byParts), weight });
    }
    const verdicts: (Verdict | undefined)[] = cases.map(() => undefined);
    const open = cases.map((item, at): Open => {
      const { weight } = this.#tested[known + at] as Test;
      return { item, measured: measured[at] as MeasuredEffect, weight, q: 1, mostP: 0, opinions: [] };
    });
    const stillOpen = (): (readonly [number, Open])[] =>
      [...open.entries()].filter(([at]) => verdicts[at] === undefined);
    this.#look(open, known);
    for (const [at, each] of open.entries())
      verdicts[at] =
        this.#withinUsers(each) ?? this.#chance(each) ?? this.#byUser(each) ?? this.#leak(each) ?? this.#duration(each);
    const stratified = stillOpen();
    const within = await this.#strata.effects(
      stratified.map(([, { item, measured: own }]) => {
        const { kpi } = item.candidate.scenario;
        const hasMoment = this.#exposures.hasMoment(kpi);
        return { kpi, evidence: item.evidence, hasMoment, designEffect: own.designEffect };
      }),
    );
    for (const [index, [at, each]] of stratified.entries()) {
      verdicts[at] = this.#confounded(each, within[index] ?? []);
    }
    const exposed = stillOpen().filter(([, { item }]) => this.#exposures.applies(item.candidate));
    const sameAge = await this.#exposures.compare(exposed.map(([, { item }]) => item));
    const ages = new Map(exposed.map(([at], index) => [at, sameAge[index] ?? null]));
    // what a rule dismisses has lent its rank to others: they are looked at again without it
    for (let dismissed = -1; dismissed !== this.#dismissed; ) {
      dismissed = this.#dismissed;
      for (const [at, each] of stillOpen()) {
        const age = ages.get(at);
        verdicts[at] = this.#chance(each) ?? (age === undefined ? undefined : this.#exposure(each, age));
      }
      for (const [at, each] of open.entries()) {
        if (verdicts[at] !== undefined && this.#chance(each) === undefined) this.#dismiss(known + at);
      }
      this.#look(open, known);
    }
    return open.map((each, at) => verdicts[at] ?? this.#stands(each, ages.get(at)));
  }

  /** Looks at all hypotheses tested so far. */
  #look(open: readonly Open[], known: number): void {
    const adjusted = this.#families.adjust(this.#tested, this.#context.settings);
    for (const [at, each] of open.entries()) {
      each.q = adjusted[known + at] as number;
      each.mostP = this.#mostP(each);
    }
  }

  /**
   * A hypothesis that a rule dismisses counts as p = 1: what is reported is worse *and* passes every rule, whose p-value is no smaller
   * than that of being worse alone (an intersection–union test; Berger & Hsu, Statistical Science 11, 1996). Counted as discoveries, what
   * merely happens while waiting would lift the bar for chance of all others in its family.
   */
  #dismiss(test: number): void {
    const own = this.#tested[test] as Test;
    if (own.p === 1) return;
    this.#tested[test] = { ...own, p: 1 };
    this.#dismissed++;
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
  #leak({ item }: Open): Verdict | undefined {
    const { candidate, evidence } = item;
    const { kpi } = candidate.scenario;
    if (this.#isBinary(kpi)) return undefined;
    const ranks = this.#ranks.get(kpi) ?? new OutcomeRanks(this.#context, kpi, this.#sets);
    this.#ranks.set(kpi, ranks);
    const from = ranks.leakFrom(evidence, this.#context.settings);
    if (from === null) return undefined;
    const { name } = this.#context.plan.kpis[kpi] ?? { name: "" };
    const by = `tells of the outcome: the sessions with it, or those without it, are nearly all those with ${name} from ${from} on`;
    return this.#explained(item, by, { from });
  }

  /**
   * How long sessions last is the time in which all else happens: at the same age none has lasted longer. So it is what others are compared
   * at, and tells nothing of itself.
   */
  #duration({ item }: Open): Verdict | undefined {
    let reads = false;
    visit(item.expression, (node) => {
      if (node.kind === "session" && node.field === "duration") reads = true;
    });
    if (!reads) return undefined;
    return this.#explained(item, "how long a session lasts: at the same age no session has lasted longer", {});
  }

  /** METHODS, 6: what may be chance among all that the run looks at. */
  #chance({ q }: Open): Verdict | undefined {
    return q <= this.#context.settings.fdr ? undefined : { kind: "refused" };
  }

  /** What users tell: the effect floor, enough of them, over the period. */
  #byUser({ item, measured }: Open): Verdict | undefined {
    const { settings } = this.#context;
    const { evidence, candidate } = item;
    if (!this.#reachesFloor(candidate.scenario.kpi, measured)) return { kind: "refused" };
    if (evidence.users < settings.min_users) {
      if (!this.#context.table.hasUsers) return { kind: "refused" };
      const by = `carried by few users: ${evidence.users}, where ${settings.min_users} are asked for (setting min_users)`;
      return this.#explained(item, by, { users: evidence.users });
    }
    const stability = judgeStability(evidence.trend, this.#context.weeks);
    if (stability.isStable) return undefined;
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
  #withinUsers({ item, measured, opinions }: Open): Verdict | undefined {
    const sign = this.#sign(item.candidate.scenario.kpi);
    const isBorrowed = measured.borrowed !== undefined;
    const { pooled, within } = measured.borrowed ?? measured;
    if (within === null) return undefined;
    const size = sign * pooled.difference.value;
    // what is no worse over all sessions needs no explanation
    if (!(size > 0) || !(pValue(pooled.difference) <= this.#context.settings.fdr)) return undefined;
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
    if (isBorrowed) return undefined;
    opinions.push({ name: "within-users", says: "opportunity", evidence: facts });
    return undefined;
  }

  /** METHODS, 5. */
  #confounded({ item, measured: { pooled } }: Open, effects: readonly WithinStrata[]): Verdict | undefined {
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
    return undefined;
  }

  /** METHODS, 2: what arises within a session must do worse at the same age. */
  #exposure({ item, measured, mostP }: Open, sameAge: SameAge | null): Verdict | undefined {
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
    return undefined;
  }

  #isWorse({ membersFailing, members, othersFailing, others }: EqualTime, mostP: number): boolean {
    const { floor_ratio: floorRatio, floor_difference: floorDifference } = this.#context.settings;
    const [inside, outside] = [membersFailing / members, othersFailing / others];
    if (!(inside >= floorRatio * outside || inside - outside >= floorDifference)) return false;
    return countsP(membersFailing, members, membersFailing + othersFailing, members + others) <= mostP;
  }

  /** @param sameAge - of what arises within a session: how members do at the same age */
  #stands({ item, measured, weight, q, mostP, opinions }: Open, sameAge?: SameAge | null): Verdict {
    const all = [item.opinion, this.#significance(item, measured, weight, q), ...opinions];
    if (sameAge) all.push({ name: "exposure", says: "opportunity", evidence: hazardFacts(sameAge.hazards) });
    return { kind: "stands", judged: this.#judged(item, measured, q, mostP, all) };
  }

  #significance({ candidate, template }: Case, measured: MeasuredEffect, weight: number, q: number): Opinion {
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

  #explained({ candidate, expression }: Case, by: string, evidence: Facts, within?: string): Verdict {
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
