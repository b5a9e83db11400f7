import type { KpiOutcome } from "../../engine/execution.js";
import { FAILING } from "../../engine/passes/segment.js";
import type { Buckets } from "../calendar.js";
import type { Contrast } from "../findings.js";
import { addLevels, type LevelSums } from "./level-sums.js";
import type { SessionFacts, Subject } from "./session-facts.js";

/** Outcomes and sessions by value of an attribute. */
export interface Breakdown {
  readonly attribute: string;
  /** Values by code; code 0 is missing. */
  readonly values: readonly (string | number | boolean | null)[];
  /** Float64Array(values): sum of outcomes (failures, of a binary KPI) and sessions, of members and of others */
  readonly y1: Float64Array;
  readonly n1: Float64Array;
  readonly y0: Float64Array;
  readonly n0: Float64Array;
}

/** The user that an effect owes most to. */
export interface Contributor {
  /** Outcomes and sessions of the user's member sessions and of its others. */
  readonly y1: number;
  readonly n1: number;
  readonly y0: number;
  readonly n0: number;
}

/** Members against others as experts 5 to 8 are fed with them. What hypotheses of a KPI share is made once. */
export class Contrasts {
  readonly #facts: SessionFacts;
  readonly #seriesOfAll = new Map<string, Uint32Array>();
  readonly #breakdownOfAll = new Map<string, LevelSums[]>();
  readonly #sessionsOfUsers = new Map<string, Uint32Array>();

  constructor(facts: SessionFacts) {
    this.#facts = facts;
  }

  /** Members against others in days, or in whatever gives a short period enough bins. O(members), and O(compared) for what is compared first. */
  series(subject: Subject): {
    readonly unit: Buckets["unit"];
    readonly series: readonly ({ readonly fromMs: number } & Contrast)[];
  } {
    const { buckets, bucketOf } = this.#facts.bucketOf();
    const { startsMs, unit } = buckets;
    const { state } = this.#facts.data.kpis[subject.kpi] as KpiOutcome;
    const count = (bits: Uint32Array): Uint32Array => {
      const counts = new Uint32Array(startsMs.length * 2);
      countByBucket(this.#facts.sessionsOf(bits), bucketOf, state, counts);
      return counts;
    };
    const all = known(this.#seriesOfAll, subject.compared, () => count(subject.evidence.compared));
    const own = count(subject.evidence.members);
    const series = Array.from(startsMs, (fromMs, bucket) => {
      const [members, membersFailing] = [own[bucket * 2] as number, own[bucket * 2 + 1] as number];
      return {
        fromMs,
        members,
        membersFailing,
        others: (all[bucket * 2] as number) - members,
        othersFailing: (all[bucket * 2 + 1] as number) - membersFailing,
      };
    });
    return { unit, series };
  }

  /**
   * Outcomes by value of each static attribute. O(members × attributes), and O(compared × attributes) for what is compared first.
   * @param read - attributes that the hypothesis and its cohort read, which are left out
   */
  breakdowns(subject: Subject, read: readonly string[]): Breakdown[] {
    const { table, planned } = this.#facts.data;
    const barred = planned[subject.kpi]?.barredColumns ?? [];
    const attributes = table.attributes.filter(({ name }) => !barred.includes(name));
    const sumsOf = (bits: Uint32Array): LevelSums[] => {
      const sums = attributes.map(({ dictionary }) => ({
        y: new Float64Array(dictionary.length + 1),
        n: new Float64Array(dictionary.length + 1),
      }));
      const sessions = this.#facts.sessionsOf(bits);
      const outcomes = this.#facts.outcomes(sessions, subject.kpi);
      for (const [at, { codes }] of attributes.entries()) addLevels(codes, sessions, outcomes, sums[at] as LevelSums);
      return sums;
    };
    const all = known(this.#breakdownOfAll, subject.compared, () => sumsOf(subject.evidence.compared));
    const own = sumsOf(subject.evidence.members);
    return attributes.flatMap(({ name, dictionary }, at) => {
      if (read.includes(name)) return [];
      const { y: y1, n: n1 } = own[at] as LevelSums;
      const { y, n } = all[at] as LevelSums;
      return [
        {
          attribute: name,
          values: [null, ...dictionary],
          y1,
          n1,
          y0: y.map((sum, code) => sum - (y1[code] as number)),
          n0: n.map((count, code) => count - (n1[code] as number)),
        },
      ];
    });
  }

  /** Users with sessions that are no members: as many are independent. O(members), and O(compared) for what is compared first. */
  otherUsers({ evidence, compared }: Subject): number {
    const userOf = this.#facts.userOf();
    const { users } = this.#facts.data.table;
    const all = known(this.#sessionsOfUsers, compared, () => {
      const counts = new Uint32Array(users);
      countByUser(this.#facts.sessionsOf(evidence.compared), userOf, counts);
      return counts;
    });
    return countNonZero(all) - countWhole(this.#facts.sessionsOf(evidence.members), userOf, all);
  }

  /**
   * The user without whom the effect is smallest: the one with the largest sum of outcomes beyond what the others' KPI lets expect. O(members).
   * @param expected - the others' KPI
   * @param sign - 1 where higher is worse, −1 where lower is
   */
  largestContributor({ evidence, kpi }: Subject, expected: number, sign: 1 | -1): Contributor {
    const userOf = this.#facts.userOf();
    const outcomeOf = this.#outcome(kpi);
    const members = this.#facts.sessionsOf(evidence.members);
    const largest = largestOf(members, this.#facts.outcomes(members, kpi), userOf, expected, sign);
    let [y1, n1, y, n] = [0, 0, 0, 0];
    const { userOffsets } = this.#facts.data.table;
    const from = userOffsets[largest] ?? 0;
    const to = largest < 0 ? 0 : (userOffsets[largest + 1] as number);
    for (let session = from; session < to; session++) {
      if (!this.#facts.sets.has(evidence.compared, session)) continue;
      n++;
      y += outcomeOf(session);
      if (!this.#facts.sets.has(evidence.members, session)) continue;
      n1++;
      y1 += outcomeOf(session);
    }
    return { y1, n1, y0: y - y1, n0: n - n1 };
  }

  #outcome(kpi: number): (session: number) => number {
    const { state, outcome } = this.#facts.data.kpis[kpi] as KpiOutcome;
    return outcome === null
      ? (session) => (state[session] === FAILING ? 1 : 0)
      : (session) => outcome[session] as number;
  }
}

// Loops are functions of their own, here and below: V8 optimises those well, and a function of many again and again.

function countByBucket(sessions: Uint32Array, bucketOf: Uint16Array, state: Uint8Array, counts: Uint32Array): void {
  for (let i = 0; i < sessions.length; i++) {
    const session = sessions[i] as number;
    const at = (bucketOf[session] as number) * 2;
    counts[at] = (counts[at] as number) + 1;
    counts[at + 1] = (counts[at + 1] as number) + (state[session] === FAILING ? 1 : 0);
  }
}

function countByUser(sessions: Uint32Array, userOf: Uint32Array, counts: Uint32Array): void {
  for (let i = 0; i < sessions.length; i++) {
    const user = userOf[sessions[i] as number] as number;
    counts[user] = (counts[user] as number) + 1;
  }
}

function countNonZero(counts: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < counts.length; at++) count += counts[at] === 0 ? 0 : 1;
  return count;
}

/** Users of whose sessions as many are in a list as are counted of them. */
function countWhole(sessions: Uint32Array, userOf: Uint32Array, counts: Uint32Array): number {
  let [whole, user, members] = [0, -1, 0];
  for (let i = 0; i < sessions.length; i++) {
    const own = userOf[sessions[i] as number] as number;
    if (own !== user) [user, members] = [own, 0];
    members++;
    // the last one makes it whole
    if (members === counts[own]) whole++;
  }
  return whole;
}

/** The user with the largest sum of outcomes beyond what is expected; -1 of no sessions. */
function largestOf(
  sessions: Uint32Array,
  outcomes: Float64Array,
  userOf: Uint32Array,
  expected: number,
  sign: 1 | -1,
): number {
  let [largest, most] = [-1, Number.NEGATIVE_INFINITY];
  let [user, excess] = [-1, 0];
  for (let i = 0; i < sessions.length; i++) {
    const own = userOf[sessions[i] as number] as number;
    if (own !== user) {
      if (user >= 0 && excess > most) [largest, most] = [user, excess];
      [user, excess] = [own, 0];
    }
    excess += sign * ((outcomes[i] as number) - expected);
  }
  return user >= 0 && excess > most ? user : largest;
}

function known<K, T>(values: Map<K, T>, key: K, make: () => T): T {
  let value = values.get(key);
  if (value === undefined) {
    value = make();
    values.set(key, value);
  }
  return value;
}
