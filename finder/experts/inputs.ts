import type { Codes } from "../../engine/columns/event-table.js";
import type { EventPart, SessionTable } from "../../engine/event-store.js";
import type { KpiOutcome } from "../../engine/execution.js";
import type { TokenSymbols } from "../../engine/mine.js";
import { ZoneClock } from "../../engine/operators/clock.js";
import { FAILING } from "../../engine/passes/segment.js";
import { bucketsOf } from "../../kernels/buckets-of.js";
import { listNonZero } from "../../kernels/list-non-zero.js";
import type { KpiPlan } from "../../planner/kpi.js";
import type { Settings } from "../../planner/settings.js";
import { type Buckets, manyBuckets } from "../calendar.js";
import type { PatternShape } from "../candidates.js";
import type { Evidence } from "../collect.js";
import type { Contrast } from "../findings.js";
import { MOST_TAKEN } from "../outcome-share.js";
import type { SessionSets } from "../session-sets.js";
import type { AdjustedRows } from "../statistics/aipw.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Bins of the series: fewer have no trend worth the name, and more days than this are weeks. */
const FEWEST_BINS = 10;
const MOST_BINS = 400;
/** Users of a kind that models are fitted on: enough for effects that anyone acts on, few enough for tenths of a second. */
const MOST_MODELLED = 6000;
/** Levels of a covariate with a coefficient of their own; the rest share one. */
const MOST_LEVELS = 32;
/** Hours of the day that share a coefficient. */
const HOURS_TOGETHER = 3;
const FOLDS = 2;

/** What the experts look at: plain data on shared buffers, so that any thread can ask them. */
export interface ExpertData {
  readonly table: Pick<
    SessionTable,
    "sessions" | "users" | "hasUsers" | "names" | "sessionOffsets" | "userOffsets" | "starts" | "entry" | "attributes"
  >;
  /** Null where no pattern is looked at. */
  readonly events: (Pick<EventPart, "name" | "time"> & TokenSymbols) | null;
  readonly kpis: readonly KpiOutcome[];
  /** `leaving`: names of attributes that are surely not the KPI's outcome by another name */
  readonly planned: readonly (Pick<KpiPlan, "outcome" | "barredColumns" | "barredNames"> & {
    readonly leaving: readonly string[];
  })[];
  readonly settings: Settings;
  /** ms; start of the first and of the last session that counts */
  readonly firstStartMs: number;
  readonly lastStartMs: number;
  readonly timeZone: string;
}

/** What is asked about. */
export interface Subject {
  readonly evidence: Pick<Evidence, "compared" | "members">;
  readonly kpi: number;
  /** Names the sessions that are compared: hypotheses with the same name are compared in the same ones. */
  readonly compared: string;
}

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

/** Sessions for the adjusted effect. */
export interface Adjustment {
  readonly rows: AdjustedRows;
  /** Sessions of the same users before what makes them members; null: there are none */
  readonly control: AdjustedRows | null;
  /** What is held alike, in words. */
  readonly covariates: readonly string[];
  /** Whether a sample of the users was modelled. */
  readonly isSample: boolean;
}

/** The user that an effect owes most to. */
export interface Contributor {
  /** Outcomes and sessions of the user's member sessions and of its others. */
  readonly y1: number;
  readonly n1: number;
  readonly y0: number;
  readonly n0: number;
}

/** A covariate of sessions, as codes. */
interface Covariate {
  readonly name: string;
  readonly levels: number;
  /** Uint32Array: those of some sessions */
  readonly codesOf: (sessions: Uint32Array) => Uint32Array;
}

/** Failing sessions and all, of members and of others. */
export interface Counts {
  readonly membersFailing: number;
  readonly members: number;
  readonly othersFailing: number;
  readonly others: number;
}

/** What the experts on a reported hypothesis are fed with. What hypotheses of a KPI share is made once. */
export class ExpertInputs {
  readonly #data: ExpertData;
  readonly #sets: SessionSets;
  readonly #covariates = new Map<number, readonly Covariate[]>();
  #series: { readonly buckets: Buckets; readonly bucketOf: Uint16Array } | null = null;
  #userOf: Uint32Array | null = null;
  #starts: readonly Covariate[] | null = null;
  readonly #seriesOfAll = new Map<string, Uint32Array>();
  readonly #breakdownOfAll = new Map<string, Sums[]>();
  readonly #sessionsOfUsers = new Map<string, Uint32Array>();
  readonly #listOf = new WeakMap<Uint32Array, Uint32Array>();

  constructor(data: ExpertData, sets: SessionSets) {
    this.#data = data;
    this.#sets = sets;
  }

  /** Members against others in days, or in whatever gives a short period enough bins. O(members), and O(compared) for what is compared first. */
  series(subject: Subject): {
    readonly unit: Buckets["unit"];
    readonly series: readonly ({ readonly fromMs: number } & Contrast)[];
  } {
    const { buckets, bucketOf } = this.#bucketOfSessions();
    const { startsMs, unit } = buckets;
    const { state } = this.#data.kpis[subject.kpi] as KpiOutcome;
    const count = (bits: Uint32Array): Uint32Array => {
      const counts = new Uint32Array(startsMs.length * 2);
      countByBucket(this.#sessionsOf(bits), bucketOf, state, counts);
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
    const { table, planned } = this.#data;
    const barred = planned[subject.kpi]?.barredColumns ?? [];
    const attributes = table.attributes.filter(({ name }) => !barred.includes(name));
    const sumsOf = (bits: Uint32Array): Sums[] => {
      const sums = attributes.map(({ dictionary }) => ({
        y: new Float64Array(dictionary.length + 1),
        n: new Float64Array(dictionary.length + 1),
      }));
      const sessions = this.#sessionsOf(bits);
      const outcomes = this.#outcomes(sessions, subject.kpi);
      for (const [at, { codes }] of attributes.entries()) addLevels(codes, sessions, outcomes, sums[at] as Sums);
      return sums;
    };
    const all = known(this.#breakdownOfAll, subject.compared, () => sumsOf(subject.evidence.compared));
    const own = sumsOf(subject.evidence.members);
    return attributes.flatMap(({ name, dictionary }, at) => {
      if (read.includes(name)) return [];
      const { y: y1, n: n1 } = own[at] as Sums;
      const { y, n } = all[at] as Sums;
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
    const userOf = this.#users();
    const { users } = this.#data.table;
    const all = known(this.#sessionsOfUsers, compared, () => {
      const counts = new Uint32Array(users);
      countByUser(this.#sessionsOf(evidence.compared), userOf, counts);
      return counts;
    });
    return countNonZero(all) - countWhole(this.#sessionsOf(evidence.members), userOf, all);
  }

  /**
   * The user without whom the effect is smallest: the one with the largest sum of outcomes beyond what the others' KPI lets expect. O(members).
   * @param expected - the others' KPI
   * @param sign - 1 where higher is worse, −1 where lower is
   */
  largestContributor({ evidence, kpi }: Subject, expected: number, sign: 1 | -1): Contributor {
    const userOf = this.#users();
    const outcomeOf = this.#outcome(kpi);
    const members = this.#sessionsOf(evidence.members);
    const largest = largestOf(members, this.#outcomes(members, kpi), userOf, expected, sign);
    let [y1, n1, y, n] = [0, 0, 0, 0];
    const { userOffsets } = this.#data.table;
    const from = userOffsets[largest] ?? 0;
    const to = largest < 0 ? 0 : (userOffsets[largest + 1] as number);
    for (let session = from; session < to; session++) {
      if (!this.#sets.has(evidence.compared, session)) continue;
      n++;
      y += outcomeOf(session);
      if (!this.#sets.has(evidence.members, session)) continue;
      n1++;
      y1 += outcomeOf(session);
    }
    return { y1, n1, y0: y - y1, n0: n - n1 };
  }

  /**
   * Counts the sessions that hold a pattern when a conversion's own last events are stepped over, of those that begin before the outcome is decided.
   * Next after the step before a success comes the success, so that whatever else comes next is never seen in sessions that succeed; with the success
   * stepped over it is seen in both. O(events of what is compared).
   * @returns null where the KPI is no conversion, or the pattern a single step, or one between whose steps anything may lie
   */
  steppingOver({ evidence, kpi }: Subject, { tokens: gram, adjacency, withinMs }: PatternShape): Counts | null {
    const { table, events, kpis, planned } = this.#data;
    const { state, anchor, evidenceEnd } = kpis[kpi] as KpiOutcome;
    if (events === null || anchor === null || evidenceEnd === null) return null;
    if (gram.length < 2 || adjacency === "gap") return null;
    const longestMs = withinMs ?? Number.POSITIVE_INFINITY;
    const { name, time, symbols, skip } = events;
    const { sessionOffsets } = table;
    const isOutcome = new Uint8Array(table.names.length);
    for (const code of planned[kpi]?.barredNames ?? []) isOutcome[code] = 1;
    // Shift-And (Baeza-Yates & Gonnet, CACM 35, 1992): bit i of a symbol's mask: it is step i
    const masks = new Uint32Array(skip + 1);
    for (const [step, token] of gram.entries()) masks[token + 1] = (masks[token + 1] as number) | (1 << step);
    const last = 1 << (gram.length - 1);
    // where the last visible events stand, as a ring: the one that the next overwrites is the first of a match
    const places = new Uint32Array(gram.length);
    let [membersFailing, members, failing, all] = [0, 0, 0, 0];
    this.#sets.forEach(evidence.compared, (session) => {
      const fails = state[session] === FAILING ? 1 : 0;
      all++;
      failing += fails;
      const end = sessionOffsets[session + 1] as number;
      const decided = evidenceEnd[session] as number;
      let [matched, seen] = [0, 0];
      for (let at = sessionOffsets[session] as number; at < end; at++) {
        const symbol = symbols[at] as number;
        if (symbol === skip || isOutcome[name[at] as number] === 1) continue;
        matched = ((matched << 1) | 1) & (masks[symbol] as number);
        places[seen++ % gram.length] = at;
        if ((matched & last) === 0) continue;
        const first = places[seen % gram.length] as number;
        if ((time[at] as number) - (time[first] as number) > longestMs) continue;
        if (first < decided) {
          members++;
          membersFailing += fails;
        }
        break;
      }
      return true;
    });
    return { membersFailing, members, othersFailing: failing - membersFailing, others: all - members };
  }

  /** Float64Array: the outcomes of the sessions of a set */
  values(bits: Uint32Array, kpi: number): Float64Array {
    return this.#outcomes(this.#sets.sessionsOf(bits), kpi);
  }

  /**
   * Sessions by user and by what is adjusted for: the KPI's static attributes, entry event, hour, day. Of many users, those with members and
   * those without are thinned each by taking every k-th in the table's order, which is that of a hash, and stand for k. O(compared).
   * @param read - attributes and fields of time that the hypothesis and its cohort read, which are left out
   * @param hasBefore - whether sessions before what makes a user a member can be compared: not where membership is a matter of the user's history
   */
  adjustment({ evidence, kpi }: Subject, read: readonly string[], hasBefore: boolean): Adjustment | null {
    const { table, kpis } = this.#data;
    const kinds = this.#kinds(this.#data.table.sessions, evidence, null);
    const covariates = this.#covariatesOf(kpi).filter(({ name }) => !read.includes(name));
    const chosen = this.#thinned(evidence);
    if (chosen.users.length === 0) return null;
    const isBinary = kpis[kpi]?.outcome === null;
    const builderOf = (gather: typeof gatherCompared): RowBuilder => {
      const gathered = gather(chosen, table.userOffsets, kinds, listOfRows(chosen.users, table.userOffsets));
      return new RowBuilder(covariates, chosen.users.length, isBinary, gathered, this.#outcomes(gathered.session, kpi));
    };
    const rows = builderOf(gatherCompared);
    const before = hasBefore ? builderOf(gatherBefore) : null;
    return {
      rows: rows.build(),
      control: before?.hasBoth === true ? before.build() : null,
      covariates: rows.used,
      isSample: chosen.isSample,
    };
  }

  /** Every k-th user of each kind, and the k that it stands for. */
  #thinned(evidence: Subject["evidence"]): Chosen & { readonly isSample: boolean } {
    const { users } = this.#data.table;
    const kindOf = this.#kinds(users, evidence, this.#users());
    const every = [OTHER, MEMBER].map((kind) => Math.ceil(countOf(kindOf, kind) / MOST_MODELLED));
    const steps = Uint32Array.of(1, ...every);
    const [chosen, weights] = [new Uint32Array(users), new Uint32Array(users)];
    const count = chooseUsers(kindOf, steps, chosen, weights);
    const isSample = every.some((step) => step > 1);
    return { users: chosen.subarray(0, count), weights: weights.subarray(0, count), isSample };
  }

  /** Static attributes that the KPI does not read and that are not its outcome by another name, entry event, day and hour. */
  #covariatesOf(kpi: number): readonly Covariate[] {
    let known = this.#covariates.get(kpi);
    if (known === undefined) {
      const { table, planned } = this.#data;
      const { barredColumns: barred = [], leaving = [] } = planned[kpi] ?? {};
      const open = table.attributes.filter(({ name }) => !barred.includes(name));
      const isUnsure = open.some(({ name }) => !leaving.includes(name));
      const counted = isUnsure ? this.#countedFor(kpi) : new Uint32Array(0);
      const outcomes = this.#outcomes(counted, kpi);
      const attributes = open
        .filter(
          ({ name, codes, dictionary }) =>
            leaving.includes(name) || !takesOutcome(codes, dictionary.length + 1, counted, outcomes),
        )
        .map(({ name, codes, dictionary }) => codedCovariate(name, codes, dictionary.length + 1));
      known = [...attributes, ...this.#atStart()];
      this.#covariates.set(kpi, known);
    }
    return known;
  }

  /** Uint32Array: the sessions that count for a KPI */
  #countedFor(kpi: number): Uint32Array {
    const { state } = this.#data.kpis[kpi] as KpiOutcome;
    const sessions = new Uint32Array(state.length);
    return sessions.subarray(0, listNonZero(state, sessions));
  }

  /** What all KPIs are adjusted for: the event that a session starts with, the day (or what the trend has), the hour by three. */
  #atStart(): readonly Covariate[] {
    if (this.#starts !== null) return this.#starts;
    const { table, timeZone } = this.#data;
    const { buckets, bucketOf } = this.#bucketOfSessions();
    const clock = new ZoneClock(timeZone);
    const hourOf = (session: number): number => {
      const start = table.starts[session] as number;
      const local = start + clock.offsetAt(start);
      return Math.floor((local - Math.floor(local / DAY_MS) * DAY_MS) / (HOURS_TOGETHER * HOUR_MS));
    };
    this.#starts = [
      codedCovariate("the event that a session starts with", table.entry, table.names.length),
      codedCovariate("the day", bucketOf, buckets.startsMs.length),
      { name: "the hour", levels: 24 / HOURS_TOGETHER, codesOf: (sessions) => sessions.map(hourOf) },
    ];
    return this.#starts;
  }

  /** Float64Array: the outcomes of some sessions; 1 and 0 of a binary KPI */
  #outcomes(sessions: Uint32Array, kpi: number): Float64Array {
    const { state, outcome } = this.#data.kpis[kpi] as KpiOutcome;
    const values = new Float64Array(sessions.length);
    if (outcome === null) failuresAt(state, sessions, values);
    else valuesAt(outcome, sessions, values);
    return values;
  }

  #outcome(kpi: number): (session: number) => number {
    const { state, outcome } = this.#data.kpis[kpi] as KpiOutcome;
    return outcome === null
      ? (session) => (state[session] === FAILING ? 1 : 0)
      : (session) => outcome[session] as number;
  }

  /** Uint8Array(size): what each session is to a hypothesis, or each user, the users of sessions given; a member's is one */
  #kinds(size: number, { compared, members }: Subject["evidence"], userOf: Uint32Array | null): Uint8Array {
    const kinds = new Uint8Array(size);
    for (const [set, kind] of [
      [compared, OTHER],
      [members, MEMBER],
    ] as const) {
      const sessions = this.#sessionsOf(set);
      if (userOf === null) putKind(sessions, kind, kinds);
      else putKindOfUsers(sessions, userOf, kind, kinds);
    }
    return kinds;
  }

  /** Uint32Array, ascending: the sessions of a set */
  #sessionsOf(bits: Uint32Array): Uint32Array {
    const list = this.#listOf.get(bits) ?? this.#sets.sessionsOf(bits);
    this.#listOf.set(bits, list);
    return list;
  }

  #bucketOfSessions(): { readonly buckets: Buckets; readonly bucketOf: Uint16Array } {
    if (this.#series !== null) return this.#series;
    const { table, firstStartMs, lastStartMs, timeZone } = this.#data;
    const buckets = manyBuckets(firstStartMs, lastStartMs, timeZone, FEWEST_BINS, MOST_BINS);
    const bucketOf = new Uint16Array(table.sessions);
    bucketsOf(buckets.startsMs, table.starts, 0, table.sessions, bucketOf);
    this.#series = { buckets, bucketOf };
    return this.#series;
  }

  #users(): Uint32Array {
    if (this.#userOf !== null) return this.#userOf;
    const { userOffsets, sessions } = this.#data.table;
    const userOf = new Uint32Array(sessions);
    numberUsers(userOffsets, userOf);
    this.#userOf = userOf;
    return userOf;
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

function numberUsers(userOffsets: Uint32Array, userOf: Uint32Array): void {
  let session = 0;
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    for (const end = userOffsets[user + 1] as number; session < end; session++) userOf[session] = user;
  }
}

function failuresAt(state: Uint8Array, sessions: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = state[sessions[at] as number] === FAILING ? 1 : 0;
}

function valuesAt(values: Float64Array, sessions: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = values[sessions[at] as number] as number;
}

function putKind(sessions: Uint32Array, kind: number, out: Uint8Array): void {
  for (let at = 0; at < sessions.length; at++) out[sessions[at] as number] = kind;
}

function putKindOfUsers(sessions: Uint32Array, userOf: Uint32Array, kind: number, out: Uint8Array): void {
  for (let at = 0; at < sessions.length; at++) out[userOf[sessions[at] as number] as number] = kind;
}

function countOf(kinds: Uint8Array, kind: number): number {
  let count = 0;
  for (let at = 0; at < kinds.length; at++) count += kinds[at] === kind ? 1 : 0;
  return count;
}

/** Users that are modelled, and how many each stands for. */
interface Chosen {
  readonly users: Uint32Array;
  readonly weights: Uint32Array;
}

function chooseUsers(kindOf: Uint8Array, steps: Uint32Array, users: Uint32Array, weights: Uint32Array): number {
  const toNext = new Uint32Array(steps.length);
  let count = 0;
  for (let user = 0; user < kindOf.length; user++) {
    const kind = kindOf[user] as number;
    if (kind === NOT_COMPARED) continue;
    const left = toNext[kind] as number;
    if (left > 0) {
      toNext[kind] = left - 1;
      continue;
    }
    const step = steps[kind] as number;
    toNext[kind] = step - 1;
    users[count] = user;
    weights[count++] = step;
  }
  return count;
}

/** Sessions that are modelled, in order. */
interface SessionRows {
  readonly session: Uint32Array;
  /** Place of the user among those that are chosen. */
  readonly user: Uint32Array;
  /** Uint8Array: 1 where it counts to the members */
  readonly member: Uint8Array;
  readonly weight: Uint32Array;
}

/** Room for all sessions of some users. */
function listOfRows(users: Uint32Array, userOffsets: Uint32Array): SessionRows {
  let most = 0;
  for (let place = 0; place < users.length; place++) {
    const user = users[place] as number;
    most += (userOffsets[user + 1] as number) - (userOffsets[user] as number);
  }
  return {
    session: new Uint32Array(most),
    user: new Uint32Array(most),
    member: new Uint8Array(most),
    weight: new Uint32Array(most),
  };
}

function firstRows({ session, user, member, weight }: SessionRows, count: number): SessionRows {
  return {
    session: session.subarray(0, count),
    user: user.subarray(0, count),
    member: member.subarray(0, count),
    weight: weight.subarray(0, count),
  };
}

/** The sessions that are compared, of the users that are chosen. */
function gatherCompared(chosen: Chosen, userOffsets: Uint32Array, kinds: Uint8Array, rows: SessionRows): SessionRows {
  return firstRows(rows, putCompared(chosen.users, chosen.weights, userOffsets, kinds, rows));
}

function putCompared(
  users: Uint32Array,
  weights: Uint32Array,
  userOffsets: Uint32Array,
  kinds: Uint8Array,
  { session: sessions, user: places, member, weight }: SessionRows,
): number {
  let count = 0;
  for (let place = 0; place < users.length; place++) {
    const user = users[place] as number;
    const end = userOffsets[user + 1] as number;
    for (let session = userOffsets[user] as number; session < end; session++) {
      const kind = kinds[session] as number;
      if (kind === NOT_COMPARED) continue;
      sessions[count] = session;
      places[count] = place;
      member[count] = kind === MEMBER ? 1 : 0;
      weight[count++] = weights[place] as number;
    }
  }
  return count;
}

/** Of each pair of sessions that follow each other, up to a user's first member, the earlier one, by what the later one is. */
function gatherBefore(chosen: Chosen, userOffsets: Uint32Array, kinds: Uint8Array, rows: SessionRows): SessionRows {
  return firstRows(rows, putBefore(chosen.users, chosen.weights, userOffsets, kinds, rows));
}

function putBefore(
  users: Uint32Array,
  weights: Uint32Array,
  userOffsets: Uint32Array,
  kinds: Uint8Array,
  { session: sessions, user: places, member, weight }: SessionRows,
): number {
  let count = 0;
  for (let place = 0; place < users.length; place++) {
    const user = users[place] as number;
    const end = userOffsets[user + 1] as number;
    let previous = -1;
    for (let session = userOffsets[user] as number; session < end; session++) {
      const kind = kinds[session] as number;
      if (kind === NOT_COMPARED) continue;
      if (previous >= 0) {
        sessions[count] = previous;
        places[count] = place;
        member[count] = kind === MEMBER ? 1 : 0;
        weight[count++] = weights[place] as number;
      }
      if (kind === MEMBER) break;
      previous = session;
    }
  }
  return count;
}

/** By code: sum of outcomes, and sessions. */
interface Sums {
  readonly y: Float64Array;
  readonly n: Float64Array;
}

function addLevels(codes: Codes, sessions: Uint32Array, outcomes: Float64Array, { y, n }: Sums): void {
  for (let at = 0; at < sessions.length; at++) {
    const level = codes[sessions[at] as number] as number;
    y[level] = (y[level] as number) + (outcomes[at] as number);
    n[level] = (n[level] as number) + 1;
  }
}

function codedCovariate(name: string, codes: Codes, levels: number): Covariate {
  return {
    name,
    levels,
    codesOf: (sessions) => {
      const own = new Uint32Array(sessions.length);
      copyCodes(codes, sessions, own);
      return own;
    },
  };
}

function copyCodes(codes: Codes, sessions: Uint32Array, out: Uint32Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = codes[sessions[at] as number] as number;
}

/** Whether sessions of equal values have hardly any variance of the outcome left: then these are the outcome. */
function takesOutcome(codes: Codes, levels: number, sessions: Uint32Array, outcomes: Float64Array): boolean {
  const sums: Sums = { y: new Float64Array(levels), n: new Float64Array(levels) };
  addLevels(codes, sessions, outcomes, sums);
  const [y, yy] = [sumOf(outcomes), squaresOf(outcomes)];
  const between = sums.y.reduce((sum, own, level) => (own === 0 ? sum : sum + own ** 2 / (sums.n[level] as number)), 0);
  const mean = (y * y) / outcomes.length;
  const variance = yy - mean;
  return variance > 0 && between - mean >= MOST_TAKEN * variance;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return sum;
}

function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) * (values[at] as number);
  return sum;
}

function known<K, T>(values: Map<K, T>, key: K, make: () => T): T {
  let value = values.get(key);
  if (value === undefined) {
    value = make();
    values.set(key, value);
  }
  return value;
}

const NOT_COMPARED = 0;
const OTHER = 1;
const MEMBER = 2;

/** Collapses sessions to rows of equal user and covariates. */
class RowBuilder {
  readonly #covariates: readonly Covariate[];
  readonly #users: number;
  readonly #isBinary: boolean;
  readonly #sessions: SessionRows;
  readonly #y: Float64Array;
  /** Names of the covariates with more than one level. */
  used: readonly string[] = [];

  /** @param y - Float64Array: outcomes of the sessions */
  constructor(
    covariates: readonly Covariate[],
    users: number,
    isBinary: boolean,
    sessions: SessionRows,
    y: Float64Array,
  ) {
    this.#covariates = covariates;
    this.#users = users;
    this.#isBinary = isBinary;
    this.#sessions = sessions;
    this.#y = y;
  }

  /** Whether there are members and others. */
  get hasBoth(): boolean {
    const { member } = this.#sessions;
    const members = countOf(member, 1);
    return members > 0 && members < member.length;
  }

  build(): AdjustedRows {
    const { session: sessions } = this.#sessions;
    const patternOf = new Uint32Array(sessions.length);
    const used: string[] = [];
    let patterns = Math.min(1, sessions.length);
    const columnsOf: { readonly codes: Uint32Array; readonly first: number }[] = [];
    let columns = 1;
    for (const { name, codesOf, levels } of this.#covariates) {
      const own = codesOf(sessions);
      const kept = keepFrequent(own, levels);
      if (kept < 2) continue;
      used.push(name);
      patterns = refine(patternOf, own, kept);
      columnsOf.push({ codes: own, first: columns });
      // level 0, the most frequent, is what the others are compared with
      columns += kept - 1;
    }
    this.used = used;
    const first = new Uint32Array(patterns);
    findFirst(patternOf, first);
    // the constant, then the covariates, so that columns ascend within a pattern
    const widths = new Uint32Array(patterns + 1).fill(1, 1);
    for (const { codes } of columnsOf) addWidths(codes, first, widths);
    const starts = widths;
    addUp(starts);
    const column = new Uint16Array(starts[patterns] as number);
    const next = starts.slice(0, patterns);
    addOnes(next);
    for (const { codes, first: firstColumn } of columnsOf) putColumns(codes, first, firstColumn, next, column);
    const design = { columns, starts, column, value: null };
    return { design, folds: FOLDS, fold: this.#folds(), ...this.#rows(patternOf, patterns) };
  }

  #folds(): Uint8Array {
    return Uint8Array.from({ length: this.#users }, (_, user) => user % FOLDS);
  }

  #rows(
    patternOf: Uint32Array,
    patterns: number,
  ): Pick<AdjustedRows, "user" | "pattern" | "y1" | "n1" | "y0" | "n0" | "outcome"> {
    const most = patternOf.length;
    const [user, pattern] = [new Uint32Array(most), new Uint32Array(most)];
    const [y1, n1, y0, n0] = [0, 1, 2, 3].map(() => new Float64Array(most)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const rows = collapse(this.#sessions, this.#y, patternOf, patterns, { user, pattern, y1, n1, y0, n0 });
    return {
      user: user.slice(0, rows),
      pattern: pattern.slice(0, rows),
      outcome: this.#isBinary ? "failures" : "values",
      y1: y1.slice(0, rows),
      n1: n1.slice(0, rows),
      y0: y0.slice(0, rows),
      n0: n0.slice(0, rows),
    };
  }
}

/** The first session of each pattern. */
function findFirst(patternOf: Uint32Array, first: Uint32Array): void {
  for (let at = patternOf.length - 1; at >= 0; at--) first[patternOf[at] as number] = at;
}

function addWidths(codes: Uint32Array, first: Uint32Array, widths: Uint32Array): void {
  for (let pattern = 0; pattern < first.length; pattern++) {
    const isColumn = (codes[first[pattern] as number] as number) > 0 ? 1 : 0;
    widths[pattern + 1] = (widths[pattern + 1] as number) + isColumn;
  }
}

function addUp(counts: Uint32Array): void {
  for (let at = 1; at < counts.length; at++) counts[at] = (counts[at] as number) + (counts[at - 1] as number);
}

function addOnes(places: Uint32Array): void {
  for (let at = 0; at < places.length; at++) places[at] = (places[at] as number) + 1;
}

function putColumns(
  codes: Uint32Array,
  first: Uint32Array,
  firstColumn: number,
  next: Uint32Array,
  column: Uint16Array,
): void {
  for (let pattern = 0; pattern < first.length; pattern++) {
    const level = codes[first[pattern] as number] as number;
    if (level === 0) continue;
    const to = next[pattern] as number;
    next[pattern] = to + 1;
    column[to] = firstColumn + level - 1;
  }
}

/** Sums sessions by user and pattern, users ascending. Returns how many rows there are. */
function collapse(
  { user: users, member, weight: weights }: SessionRows,
  outcomes: Float64Array,
  patternOf: Uint32Array,
  patterns: number,
  { user, pattern, y1, n1, y0, n0 }: Pick<AdjustedRows, "user" | "pattern" | "y1" | "n1" | "y0" | "n0">,
): number {
  // the row that a pattern had last, which is that of the user or of one before
  const rowOf = new Uint32Array(patterns);
  let rows = 0;
  for (let at = 0; at < patternOf.length; at++) {
    const own = patternOf[at] as number;
    const ownUser = users[at] as number;
    let row = rowOf[own] as number;
    if (row >= rows || pattern[row] !== own || user[row] !== ownUser) {
      row = rows++;
      rowOf[own] = row;
      user[row] = ownUser;
      pattern[row] = own;
    }
    const weight = weights[at] as number;
    const y = weight * (outcomes[at] as number);
    if (member[at] === 1) {
      y1[row] = (y1[row] as number) + y;
      n1[row] = (n1[row] as number) + weight;
    } else {
      y0[row] = (y0[row] as number) + y;
      n0[row] = (n0[row] as number) + weight;
    }
  }
  return rows;
}

/** Puts in place of codes how many others are more frequent, the rare sharing the last; returns how many are left. */
function keepFrequent(codes: Uint32Array, levels: number): number {
  const counts = new Float64Array(levels);
  countCodes(codes, counts);
  const order = Uint32Array.from(counts, (_, level) => level)
    .filter((level) => (counts[level] as number) > 0)
    .sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  const levelOf = new Uint32Array(levels);
  for (const [place, level] of order.entries()) levelOf[level] = Math.min(place, MOST_LEVELS - 1);
  replaceCodes(codes, levelOf);
  return Math.min(order.length, MOST_LEVELS);
}

function countCodes(codes: Uint32Array, counts: Float64Array): void {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    counts[code] = (counts[code] as number) + 1;
  }
}

function replaceCodes(codes: Uint32Array, levelOf: Uint32Array): void {
  for (let at = 0; at < codes.length; at++) codes[at] = levelOf[codes[at] as number] as number;
}

/** Tells patterns apart by a further covariate, numbered as they first appear; returns how many there are. */
function refine(patternOf: Uint32Array, codes: Uint32Array, levels: number): number {
  const bits = 33 - Math.clz32(patternOf.length);
  const mask = (1 << bits) - 1;
  const keys = new Int32Array(mask + 1).fill(-1);
  const ids = new Uint32Array(mask + 1);
  let count = 0;
  for (let at = 0; at < patternOf.length; at++) {
    const key = (patternOf[at] as number) * levels + (codes[at] as number);
    let slot = Math.imul(key, 0x9e3779b1) >>> (32 - bits);
    while (keys[slot] !== key && keys[slot] !== -1) slot = (slot + 1) & mask;
    if (keys[slot] === -1) {
      keys[slot] = key;
      ids[slot] = count++;
    }
    patternOf[at] = ids[slot] as number;
  }
  return count;
}
