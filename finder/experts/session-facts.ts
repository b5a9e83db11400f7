import type { EventPart, SessionTable } from "../../engine/event-store.js";
import type { KpiOutcome } from "../../engine/execution.js";
import type { TokenSymbols } from "../../engine/mine.js";
import { FAILING } from "../../engine/passes/segment.js";
import { bucketsOf } from "../../kernels/buckets-of.js";
import { numberUsers } from "../../kernels/number-users.js";
import type { KpiPlan } from "../../planner/kpi.js";
import type { Settings } from "../../planner/settings.js";
import { type Buckets, manyBuckets } from "../calendar.js";
import type { Evidence } from "../collect.js";
import type { SessionSets } from "../session-sets.js";

/** Bins of the series: fewer have no trend worth the name, and more days than this are weeks. */
const FEWEST_BINS = 10;
const MOST_BINS = 400;

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

/** Facts of sessions that inputs of several experts are made of, each made once, when it is first asked for. */
export class SessionFacts {
  readonly data: ExpertData;
  readonly sets: SessionSets;
  #userOf: Uint32Array | null = null;
  #bucketOf: { readonly buckets: Buckets; readonly bucketOf: Uint16Array } | null = null;
  readonly #listOf = new WeakMap<Uint32Array, Uint32Array>();

  constructor(data: ExpertData, sets: SessionSets) {
    this.data = data;
    this.sets = sets;
  }

  /** Uint32Array, ascending: the sessions of a set */
  sessionsOf(bits: Uint32Array): Uint32Array {
    const list = this.#listOf.get(bits) ?? this.sets.sessionsOf(bits);
    this.#listOf.set(bits, list);
    return list;
  }

  /** Float64Array: the outcomes of some sessions; 1 and 0 of a binary KPI */
  outcomes(sessions: Uint32Array, kpi: number): Float64Array {
    const { state, outcome } = this.data.kpis[kpi] as KpiOutcome;
    const values = new Float64Array(sessions.length);
    if (outcome === null) failuresAt(state, sessions, values);
    else valuesAt(outcome, sessions, values);
    return values;
  }

  /** Uint32Array(sessions): the user of each */
  userOf(): Uint32Array {
    if (this.#userOf !== null) return this.#userOf;
    const { userOffsets, users, sessions } = this.data.table;
    const userOf = new Uint32Array(sessions);
    numberUsers(userOffsets, 0, users, userOf);
    this.#userOf = userOf;
    return userOf;
  }

  /** The bins of series, and Uint16Array(sessions): the one that each session starts in */
  bucketOf(): { readonly buckets: Buckets; readonly bucketOf: Uint16Array } {
    if (this.#bucketOf !== null) return this.#bucketOf;
    const { table, firstStartMs, lastStartMs, timeZone } = this.data;
    const buckets = manyBuckets(firstStartMs, lastStartMs, timeZone, FEWEST_BINS, MOST_BINS);
    const bucketOf = new Uint16Array(table.sessions);
    bucketsOf(buckets.startsMs, table.starts, 0, table.sessions, bucketOf);
    this.#bucketOf = { buckets, bucketOf };
    return this.#bucketOf;
  }
}

function failuresAt(state: Uint8Array, sessions: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = state[sessions[at] as number] === FAILING ? 1 : 0;
}

function valuesAt(values: Float64Array, sessions: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < sessions.length; at++) out[at] = values[sessions[at] as number] as number;
}
