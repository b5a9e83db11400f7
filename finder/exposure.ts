import { automatonOf } from "../engine/mine.js";
import { ageOf, type ExposureKpi, type ExposureSubject, originOf } from "../engine/passes/exposure.js";
import { FAILING, NORMAL } from "../engine/passes/segment.js";
import { listNonZero } from "../kernels/list-non-zero.js";
import { selectSmallest } from "../kernels/quantile.js";
import { knownAtStart } from "../planner/known.js";
import type { Candidate } from "./candidates.js";
import type { Evidence, NamedPatterns } from "./collect.js";
import type { Context } from "./context.js";
import { SequenceSets } from "./gaps.js";
import type { SessionSets } from "./session-sets.js";
import { normalUpper } from "./statistics/distributions.js";
import { type LogRank, logRank } from "./statistics/log-rank.js";

/** Ages at which sessions are compared: quantiles of the ages at which they are decided. */
const AGES = 400;
/** Sessions whose ages make the quantiles, at most: every so many-th, which tells them as well and costs nothing. */
const MOST_AGES = 1 << 16;
/** Hazards nearer to each other than this ratio are the same: what is left is chance. */
const LEAST_RATIO = 1.25;
/** Share of the successes that come before the horizon. */
const HORIZON = 0.95;

/** What the hazards of a KPI are made of. */
export interface Exposure extends ExposureKpi {
  /** Which decisions are events: of a conversion its success, and its end where no deadline sets that; else the failing event. */
  readonly events: { readonly failing: boolean; readonly normal: boolean };
}

/** Hazards where a hypothesis holds so far against those where it does not. */
export interface Hazards {
  /** Of failing; null where failing is no event in time */
  readonly failing: LogRank | null;
  /** Of succeeding; null where that is no event in time */
  readonly normal: LogRank | null;
}

/** Failing sessions and all, with a hypothesis and without it. */
export interface EqualTime {
  readonly membersFailing: number;
  readonly members: number;
  readonly othersFailing: number;
  readonly others: number;
}

/** A hypothesis at the same age. */
export interface SameAge {
  readonly hazards: Hazards;
  /**
   * Of a conversion: counts over the same stretch of every session, from the anchor for as long as successes take, what comes
   * after a success included. A conversion that succeeds is over early, one that is given up goes on to the session's end: what
   * sessions hold anyway then shows before the outcome in those alone that failed.
   */
  readonly equalTime: EqualTime;
}

/** A hypothesis to be compared at the same age. */
export interface ExposureRequest {
  readonly candidate: Candidate;
  readonly evidence: Evidence;
}

/** Compares hypotheses that arise within sessions at the same age (METHODS, 2). */
export class Exposures {
  readonly #context: Context;
  readonly #patterns: NamedPatterns | null;
  readonly #sets: SessionSets;
  readonly #atStart: readonly boolean[];
  readonly #ofKpi = new Map<number, Exposure | null>();
  readonly #moments = new Map<number, Moments | null>();

  constructor(context: Context, patterns: NamedPatterns | null, sets: SessionSets) {
    this.#context = context;
    this.#patterns = patterns;
    this.#sets = sets;
    this.#atStart = knownAtStart(context.plan.nodes);
  }

  /** What hazards of a KPI can be compared by; null where its outcome has no moment. */
  of(kpi: number): Exposure | null {
    let known = this.#ofKpi.get(kpi);
    if (known === undefined) {
      const moments = this.#momentsOf(kpi);
      known = moments === null ? null : exposureOf(this.#context, moments);
      this.#ofKpi.set(kpi, known);
    }
    return known;
  }

  /** Makes what some hypotheses are compared by, of those to which this applies. */
  prepare(candidates: readonly Candidate[]): void {
    for (const candidate of candidates) if (this.applies(candidate)) this.of(candidate.scenario.kpi);
  }

  /** Whether a KPI's outcome has a moment, so that hazards of it can be compared. O(sessions) at the most. */
  hasMoment(kpi: number): boolean {
    return this.#momentsOf(kpi) !== null;
  }

  #momentsOf(kpi: number): Moments | null {
    let known = this.#moments.get(kpi);
    if (known === undefined) {
      known = momentsOf(this.#context, kpi);
      this.#moments.set(kpi, known);
    }
    return known;
  }

  /** Whether a hypothesis arises within sessions, on a KPI that is decided within them: patterns, and what is not known at the start. */
  applies({ subject, scenario }: Candidate): boolean {
    if (!this.hasMoment(scenario.kpi)) return false;
    if (subject.kind !== "condition") return this.#patterns !== null;
    return this.#atStart[this.#context.plan.conditions[subject.index]?.node ?? -1] !== true;
  }

  /**
   * Compares hypotheses to which this applies: hazards with membership that switches on, or off, in time (Mantel 1966; Andersen & Gill 1982);
   * null for a condition that comes and goes in a way that is not known. O(events) on all threads.
   */
  async compare(requests: readonly ExposureRequest[]): Promise<(SameAge | null)[]> {
    if (requests.length === 0) return [];
    const { plan, execution } = this.#context;
    const kpis = [...new Set(requests.map(({ candidate }) => candidate.scenario.kpi))];
    const exposures = kpis.map((kpi) => this.of(kpi) as Exposure);
    const subjects: ExposureSubject[] = [];
    const subjectAt = new Map<string, number>();
    const patterns: number[] = [];
    const sequences = new SequenceSets();
    const subjectOf = ({ kind, index }: Candidate["subject"]): ExposureSubject => {
      const gapped = kind === "gapped" ? this.#patterns?.gapped.patterns[index] : undefined;
      if (gapped !== undefined) return sequences.add(gapped);
      if (kind === "pattern") return { pattern: patterns.push(index) - 1 };
      return { node: plan.conditions[index]?.node ?? -1 };
    };
    const totals: { kpi: number; compared: Uint32Array }[] = [];
    const totalAt = new Map<Uint32Array, number>();
    const entries = requests.map(({ candidate, evidence }) => {
      const { subject, scenario } = candidate;
      const key = `${subject.kind}:${subject.index}`;
      let at = subjectAt.get(key);
      if (at === undefined) {
        at = subjects.push(subjectOf(subject)) - 1;
        subjectAt.set(key, at);
      }
      const { compared } = evidence;
      const total = totalAt.get(compared) ?? totals.push({ kpi: kpis.indexOf(scenario.kpi), compared }) - 1;
      totalAt.set(compared, total);
      return { subject: at, total };
    });
    const bins = Math.max(...exposures.map(({ bounds }) => bounds.length));
    const counts = await execution.exposure({
      nodes: plan.nodes,
      atStart: this.#atStart,
      kpis: exposures.map(({ events: _, ...kpi }) => kpi),
      automaton:
        this.#patterns === null || patterns.length === 0
          ? null
          : automatonOf(this.#patterns.mined, patterns, this.#patterns.symbols),
      sequences: sequences.made(),
      symbols: this.#patterns?.symbols.symbols ?? new Uint16Array(0),
      subjects,
      totals,
      entries,
      wordOffsets: this.#sets.wordOffsets,
      bins,
    });
    return entries.map(({ subject, total }, entry) => {
      if (counts.timeless[subject] === true) return null;
      const { events } = exposures[totals[total]?.kpi ?? 0] as Exposure;
      const decided = counts.decided.subarray(total * 2 * bins, (total + 1) * 2 * bins);
      const decidedOn = counts.decidedOn.subarray(entry * 2 * bins, (entry + 1) * 2 * bins);
      const switched = counts.switched.subarray(entry * (bins + 1), (entry + 1) * (bins + 1));
      const { contrast } = (requests[entry] as ExposureRequest).evidence;
      const members = counts.equalTime[entry * 2] as number;
      const membersFailing = counts.equalTime[entry * 2 + 1] as number;
      return {
        hazards: hazardsOf(decided, decidedOn, switched, bins, events),
        equalTime: {
          members,
          membersFailing,
          others: contrast.members + contrast.others - members,
          othersFailing: contrast.membersFailing + contrast.othersFailing - membersFailing,
        },
      };
    });
  }
}

/** When sessions of a KPI are decided. */
interface Moments {
  readonly state: Uint8Array;
  readonly anchor: Uint32Array | null;
  /** Uint32Array(S), positions */
  readonly evidenceEnd: Uint32Array;
  readonly sessionOffsets: Uint32Array;
  /** Uint32Array(S), positions: of each session's end */
  readonly ends: Uint32Array;
  /** Of a KPI that fails sessions for lasting longer; else null */
  readonly lastsMs: number | null;
  readonly deadlineMs: number | null;
  /** Whether sessions that do not fail are decided before they end. */
  readonly normal: boolean;
}

/** Null where no outcome has a moment. */
function momentsOf({ table, plan, kpis }: Context, kpi: number): Moments | null {
  const { state, evidenceEnd: decided, anchor } = kpis[kpi] as Context["kpis"][number];
  const { sessionOffsets } = table;
  const { deadlineMs: within = null, lastsMs = null } = plan.kpis[kpi] ?? {};
  const ends = sessionOffsets.subarray(1);
  const evidenceEnd = lastsMs === null ? decided : ends;
  if (evidenceEnd === null) return null;
  const isDecided = (standing: number): boolean =>
    lastsMs === null
      ? isDecidedInTime(state, standing, evidenceEnd, ends)
      : standing !== FAILING && state.includes(standing);
  const normal = isDecided(NORMAL);
  if (!normal && !isDecided(FAILING)) return null;
  return { state, anchor, evidenceEnd, sessionOffsets, ends, lastsMs, deadlineMs: lastsMs ?? within, normal };
}

/**
 * What hazards of a KPI can be compared by (METHODS, 2). A KPI that fails sessions for lasting too long is one of waiting for the session's
 * end. O(sessions).
 */
function exposureOf({ events }: Context, moments: Moments): Exposure {
  const { state, evidenceEnd, anchor, lastsMs, deadlineMs, sessionOffsets, ends, normal } = moments;
  const listed = new Uint32Array(state.length);
  const counted = listed.subarray(0, listNonZero(state, listed));
  const sampled = everyNth(counted, Math.max(1, Math.ceil(counted.length / MOST_AGES)));
  const ages = agesOf({ state, evidenceEnd, deadlineMs, anchor }, { time: events.time, sessionOffsets }, sampled);
  const successes = successesIn(state, lastsMs === null ? evidenceEnd : null, ends, sampled, ages);
  const sorted = ages.sort();
  const bounds = [0];
  for (let bin = 1; bin < AGES; bin++) {
    const bound = sorted[Math.floor((bin * sorted.length) / AGES)] as number;
    if (bound > (bounds[bounds.length - 1] as number)) bounds.push(bound);
  }
  const last = Math.ceil(HORIZON * successes.length) - 1;
  return {
    state,
    evidenceEnd,
    anchor,
    deadlineMs,
    bounds: Float64Array.from(bounds),
    events: { failing: deadlineMs === null, normal },
    horizonMs: last < 0 ? Number.POSITIVE_INFINITY : selectSmallest(successes, 0, successes.length, last),
  };
}

/** Whether a session of some standing is decided before it ends. */
function isDecidedInTime(state: Uint8Array, standing: number, evidenceEnd: Uint32Array, ends: Uint32Array): boolean {
  for (let session = 0; session < state.length; session++) {
    if (state[session] === standing && (evidenceEnd[session] as number) < (ends[session] as number)) return true;
  }
  return false;
}

/** Uint32Array: the first, and every so many-th after it */
function everyNth(sessions: Uint32Array, every: number): Uint32Array {
  const sample = new Uint32Array(Math.ceil(sessions.length / every));
  for (let at = 0; at < sample.length; at++) sample[at] = sessions[at * every] as number;
  return sample;
}

/** The ages of those that succeed; `decided` null: all that do not fail, else those that do not and are decided before they end. */
function successesIn(
  state: Uint8Array,
  decided: Uint32Array | null,
  ends: Uint32Array,
  sessions: Uint32Array,
  ages: Float64Array,
): Float64Array<ArrayBuffer> {
  const out = new Float64Array(ages.length);
  let count = 0;
  for (let at = 0; at < sessions.length; at++) {
    const session = sessions[at] as number;
    if (state[session] !== NORMAL) continue;
    if (decided === null || (decided[session] as number) < (ends[session] as number)) out[count++] = ages[at] as number;
  }
  return out.slice(0, count);
}

function agesOf(
  kpi: Pick<ExposureKpi, "state" | "evidenceEnd" | "deadlineMs" | "anchor">,
  events: Parameters<typeof ageOf>[1],
  sessions: Uint32Array,
): Float64Array<ArrayBuffer> {
  const ages = new Float64Array(sessions.length);
  for (let at = 0; at < sessions.length; at++) {
    const session = sessions[at] as number;
    ages[at] = ageOf(kpi, events, session, originOf(kpi, events, session));
  }
  return ages;
}

/** The log-rank tests of both events from their counts by age. O(bins). */
function hazardsOf(
  decided: Uint32Array,
  decidedOn: Uint32Array,
  switched: Uint32Array,
  bins: number,
  events: Exposure["events"],
): Hazards {
  const [atRiskOn, atRiskOff] = [new Float64Array(bins), new Float64Array(bins)];
  let open = decided.reduce((sum, count) => sum + count, 0);
  let on = 0;
  for (let bin = 0; bin < bins; bin++) {
    // those that switch off are counted as less than nothing, modulo 2³²
    on += (switched[bin] as number) | 0;
    atRiskOn[bin] = on;
    atRiskOff[bin] = open - on;
    open -= (decided[bin] as number) + (decided[bins + bin] as number);
  }
  const of = (kind: 0 | 1): LogRank => {
    const eventsOn = Float64Array.from(decidedOn.subarray(kind * bins, (kind + 1) * bins));
    const all = decided.subarray(kind * bins, (kind + 1) * bins);
    const eventsOff = eventsOn.map((count, bin) => (all[bin] as number) - count);
    return logRank({ atRiskOn, atRiskOff, eventsOn, eventsOff });
  };
  return { failing: events.failing ? of(1) : null, normal: events.normal ? of(0) : null };
}

/**
 * Whether members do worse at the same age: they come to fail sooner, or to succeed later, by more than chance and than the
 * least ratio.
 * @param designEffect - factor from a standard error of independent sessions to one clustered by user
 * @param mostP - largest one-sided p-value that is no chance among all that the run looks at
 */
export function isWorseAtSameAge({ failing, normal }: Hazards, designEffect: number, mostP: number): boolean {
  const clear = (test: LogRank | null, sign: 1 | -1): boolean => {
    if (test === null) return false;
    const { value, standardError } = Number.isNaN(test.logHazardRatio.value)
      ? test.petoLogHazardRatio
      : test.logHazardRatio;
    return (
      sign * value >= Math.log(LEAST_RATIO) && normalUpper((sign * value) / (standardError * designEffect)) <= mostP
    );
  };
  return clear(failing, 1) || clear(normal, -1);
}
