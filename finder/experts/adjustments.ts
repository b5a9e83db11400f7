import type { Codes } from "../../engine/columns/event-table.js";
import type { KpiOutcome } from "../../engine/execution.js";
import { ZoneClock } from "../../engine/operators/clock.js";
import { listNonZero } from "../../kernels/list-non-zero.js";
import { MOST_TAKEN } from "../outcome-share.js";
import type { AdjustedRows } from "../statistics/aipw.js";
import { adjustedRows, type Covariate } from "./adjusted-rows.js";
import { addLevels, type LevelSums } from "./level-sums.js";
import {
  type Chosen,
  chooseUsers,
  countOf,
  gatherBefore,
  gatherCompared,
  hasBoth,
  MEMBER,
  OTHER,
  type SessionRows,
} from "./modelled-sessions.js";
import type { SessionFacts, Subject } from "./session-facts.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Users of a kind that models are fitted on: enough for effects that anyone acts on, few enough for tenths of a second. */
const MOST_MODELLED = 6000;
/** Hours of the day that share a coefficient. */
const HOURS_TOGETHER = 3;

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

/** Sessions for the adjusted effect, and what they are adjusted for. What hypotheses of a KPI share is made once. */
export class Adjustments {
  readonly #facts: SessionFacts;
  readonly #covariates = new Map<number, readonly Covariate[]>();
  #starts: readonly Covariate[] | null = null;

  constructor(facts: SessionFacts) {
    this.#facts = facts;
  }

  /**
   * Sessions by user and by what is adjusted for: the KPI's static attributes, entry event, hour, day. Of many users, those with members and
   * those without are thinned each by taking every k-th in the table's order, which is that of a hash, and stand for k. O(compared).
   * @param read - attributes and fields of time that the hypothesis and its cohort read, which are left out
   * @param hasBefore - whether sessions before what makes a user a member can be compared: not where membership is a matter of the user's history
   */
  of({ evidence, kpi }: Subject, read: readonly string[], hasBefore: boolean): Adjustment | null {
    const { table, kpis } = this.#facts.data;
    const kinds = this.#kinds(this.#facts.data.table.sessions, evidence, null);
    const covariates = this.#covariatesOf(kpi).filter(({ name }) => !read.includes(name));
    const chosen = this.#thinned(evidence);
    if (chosen.users.length === 0) return null;
    const isBinary = kpis[kpi]?.outcome === null;
    const rowsOf = (sessions: SessionRows): ReturnType<typeof adjustedRows> =>
      adjustedRows(covariates, chosen.users.length, isBinary, sessions, this.#facts.outcomes(sessions.session, kpi));
    const { rows, used } = rowsOf(gatherCompared(chosen, table.userOffsets, kinds));
    const before = hasBefore ? gatherBefore(chosen, table.userOffsets, kinds) : null;
    const control = before !== null && hasBoth(before) ? rowsOf(before).rows : null;
    return { rows, control, covariates: used, isSample: chosen.isSample };
  }

  /** Every k-th user of each kind, and the k that it stands for. */
  #thinned(evidence: Subject["evidence"]): Chosen & { readonly isSample: boolean } {
    const { users } = this.#facts.data.table;
    const kindOf = this.#kinds(users, evidence, this.#facts.userOf());
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
      const { table, planned } = this.#facts.data;
      const { barredColumns: barred = [], leaving = [] } = planned[kpi] ?? {};
      const open = table.attributes.filter(({ name }) => !barred.includes(name));
      const isUnsure = open.some(({ name }) => !leaving.includes(name));
      const counted = isUnsure ? this.#countedFor(kpi) : new Uint32Array(0);
      const outcomes = this.#facts.outcomes(counted, kpi);
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
    const { state } = this.#facts.data.kpis[kpi] as KpiOutcome;
    const sessions = new Uint32Array(state.length);
    return sessions.subarray(0, listNonZero(state, sessions));
  }

  /** What all KPIs are adjusted for: the event that a session starts with, the day (or what the trend has), the hour by three. */
  #atStart(): readonly Covariate[] {
    if (this.#starts !== null) return this.#starts;
    const { table, timeZone } = this.#facts.data;
    const { buckets, bucketOf } = this.#facts.bucketOf();
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

  /** Uint8Array(size): what each session is to a hypothesis, or each user, the users of sessions given; a member's is one */
  #kinds(size: number, { compared, members }: Subject["evidence"], userOf: Uint32Array | null): Uint8Array {
    const kinds = new Uint8Array(size);
    for (const [set, kind] of [
      [compared, OTHER],
      [members, MEMBER],
    ] as const) {
      const sessions = this.#facts.sessionsOf(set);
      if (userOf === null) putKind(sessions, kind, kinds);
      else putKindOfUsers(sessions, userOf, kind, kinds);
    }
    return kinds;
  }
}

function putKind(sessions: Uint32Array, kind: number, out: Uint8Array): void {
  for (let at = 0; at < sessions.length; at++) out[sessions[at] as number] = kind;
}

function putKindOfUsers(sessions: Uint32Array, userOf: Uint32Array, kind: number, out: Uint8Array): void {
  for (let at = 0; at < sessions.length; at++) out[userOf[sessions[at] as number] as number] = kind;
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
  const sums: LevelSums = { y: new Float64Array(levels), n: new Float64Array(levels) };
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
