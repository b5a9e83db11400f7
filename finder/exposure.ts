import { type EventTimes, timeAt } from "../engine/event-store.js";
import { automatonOf, type MinedPatterns, type TokenSymbols } from "../engine/mine.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import { completionPositions } from "../kernels/aho-corasick.js";
import type { Context } from "./context.js";
import { normalUpper } from "./statistics/distributions.js";
import { type LogRank, logRank } from "./statistics/log-rank.js";

/** Ages at which sessions are compared: quantiles of the ages at which they are decided. */
const AGES = 400;
/** Hazards nearer to each other than this ratio are the same: what is left is chance. */
const LEAST_RATIO = 1.25;
/** Share of the successes that come before the horizon. */
const HORIZON = 0.95;

/** What the hazards of a KPI are made of. */
export interface Exposure {
  readonly times: EventTimes;
  /** Float64Array(S), ms: from the anchor (or the start) to the moment of the outcome; 0 where a session does not count */
  readonly ages: Float64Array;
  /** Float64Array(S), ms since the epoch: where age begins */
  readonly origins: Float64Array;
  /** Float64Array, ascending starts of the bins of age; the first is 0 */
  readonly bounds: Float64Array;
  /** Which decisions are events: of a conversion its success, and its end where no deadline sets that; else the failing event. */
  readonly events: { readonly failing: boolean; readonly normal: boolean };
  /** ms from the origin in which nearly all successes of a conversion come; infinite for other KPIs */
  readonly horizonMs: number;
}

/** Hazards where a pattern has happened against those where it has not yet. */
export interface Hazards {
  /** Of failing; null where failing is no event in time */
  readonly failing: LogRank | null;
  /** Of succeeding; null where that is no event in time */
  readonly normal: LogRank | null;
}

/**
 * What hazards of a KPI can be compared by; null where its outcome has no moment (METHODS, 2). O(sessions log sessions).
 */
export function exposureOf({ table, times, plan, kpis }: Context, kpi: number): Exposure | null {
  const { state, evidenceEnd, anchor } = kpis[kpi] as Context["kpis"][number];
  const { sessionOffsets, sessions } = table;
  const deadlineMs = plan.kpis[kpi]?.deadlineMs ?? null;
  if (evidenceEnd === null || times === null) return null;
  const ages = new Float64Array(sessions);
  const origins = new Float64Array(sessions);
  const counted = new Float64Array(sessions);
  let [count, failingMoments, normalMoments] = [0, 0, 0];
  for (let session = 0; session < sessions; session++) {
    if (state[session] === NOT_COUNTED) continue;
    const start = sessionOffsets[session] as number;
    const last = (sessionOffsets[session + 1] as number) - 1;
    const decided = evidenceEnd[session] as number;
    if (decided <= last) {
      if (state[session] === FAILING) failingMoments++;
      else normalMoments++;
    }
    const origin = anchor === null ? start : Math.min(anchor[session] as number, last);
    const from = timeAt(times, session, origin);
    origins[session] = from;
    const seenMs = Math.max(0, timeAt(times, session, Math.min(decided, last)) - from);
    // a conversion with a deadline that fails does not succeed up to the deadline, also where its events end before it: left
    // out from its last event on, what comes last would never be seen to keep anyone from succeeding
    ages[session] = state[session] === FAILING && deadlineMs !== null ? Math.max(seenMs, deadlineMs) : seenMs;
    counted[count++] = ages[session] as number;
  }
  const isConversion = normalMoments > 0;
  if (failingMoments + normalMoments === 0) return null;
  const sorted = counted.subarray(0, count).sort();
  const bounds = [0];
  for (let bin = 1; bin < AGES; bin++) {
    const bound = sorted[Math.floor((bin * count) / AGES)] as number;
    if (bound > (bounds[bounds.length - 1] as number)) bounds.push(bound);
  }
  const successes = new Float64Array(normalMoments);
  let filled = 0;
  for (let session = 0; session < sessions; session++) {
    const isSuccess = state[session] !== NOT_COUNTED && state[session] !== FAILING;
    if (isSuccess && (evidenceEnd[session] as number) < (sessionOffsets[session + 1] as number)) {
      successes[filled++] = ages[session] as number;
    }
  }
  successes.sort();
  return {
    times,
    ages,
    origins,
    bounds: Float64Array.from(bounds),
    events: { failing: deadlineMs === null, normal: isConversion },
    horizonMs: successes[Math.ceil(HORIZON * normalMoments) - 1] ?? Number.POSITIVE_INFINITY,
  };
}

/** Positions at which a pattern first completes in some sessions; the session's end where it does not. O(their events). */
export function completions(
  { table }: Context,
  { mined, symbols }: { readonly mined: MinedPatterns; readonly symbols: TokenSymbols },
  index: number,
  sessions: Uint32Array,
): Uint32Array {
  const out = new Uint32Array(sessions.length);
  const { sessionOffsets } = table;
  const ends = sessionOffsets.subarray(1);
  const automaton = automatonOf(mined, [index], symbols);
  completionPositions(automaton, symbols.symbols, sessionOffsets, ends, sessions, 0, sessions.length, out);
  return out;
}

/** Failing sessions and all, with a pattern and without it. */
export interface EqualTime {
  readonly membersFailing: number;
  readonly members: number;
  readonly othersFailing: number;
  readonly others: number;
}

/**
 * Counts a pattern over the same stretch of every session, from the anchor for as long as successes take, what comes after a
 * success included. A conversion that succeeds is over early, one that is given up goes on to the session's end: what
 * sessions hold anyway then shows before the outcome in those alone that failed.
 * @param completedAt - Uint32Array(compared), from `completions`
 */
export function inEqualTime(
  { table, kpis }: Context,
  kpi: number,
  { times, origins, horizonMs }: Exposure,
  compared: Uint32Array,
  completedAt: Uint32Array,
): EqualTime {
  const { state } = kpis[kpi] as Context["kpis"][number];
  const { sessionOffsets } = table;
  let [membersFailing, members, othersFailing] = [0, 0, 0];
  for (let at = 0; at < compared.length; at++) {
    const session = compared[at] as number;
    const completed = completedAt[at] as number;
    const fails = state[session] === FAILING ? 1 : 0;
    const holds =
      completed < (sessionOffsets[session + 1] as number) &&
      timeAt(times, session, completed) <= (origins[session] as number) + horizonMs;
    if (holds) {
      members++;
      membersFailing += fails;
    } else othersFailing += fails;
  }
  return { membersFailing, members, othersFailing, others: compared.length - members };
}

/**
 * Compares hazards at the same age, membership switching on where the pattern completes (Mantel 1966; Andersen & Gill 1982).
 * A session that switches on and is decided within one bin counts as off in it: what it was when the bin began. O(sessions).
 * @param compared - Uint32Array, ascending
 * @param completedAt - Uint32Array(compared), positions, from `completions`
 */
export function hazardsOf(
  { kpis }: Context,
  kpi: number,
  { times, ages, origins, bounds, events }: Exposure,
  members: Uint32Array,
  completedAt: Uint32Array,
  compared: Uint32Array,
): Hazards {
  const { state } = kpis[kpi] as Context["kpis"][number];
  const bins = bounds.length;
  const [on, off] = [new Float64Array(bins + 1), new Float64Array(bins + 1)];
  const eventsOn = { failing: new Float64Array(bins), normal: new Float64Array(bins) };
  const eventsOff = { failing: new Float64Array(bins), normal: new Float64Array(bins) };
  let member = 0;
  for (let at = 0; at < compared.length; at++) {
    const session = compared[at] as number;
    const decidedIn = binOf(bounds, ages[session] as number);
    let onFrom = decidedIn + 1;
    if (members[member] === session) {
      member++;
      const completed = timeAt(times, session, completedAt[at] as number) - (origins[session] as number);
      onFrom = completed <= 0 ? 0 : Math.min(onFrom, binOf(bounds, completed) + 1);
    }
    // counts of starts and ends: at risk are the running sums
    off[0] = (off[0] as number) + 1;
    off[onFrom] = (off[onFrom] as number) - 1;
    if (onFrom <= decidedIn) {
      on[onFrom] = (on[onFrom] as number) + 1;
      on[decidedIn + 1] = (on[decidedIn + 1] as number) - 1;
    }
    const side = onFrom <= decidedIn ? eventsOn : eventsOff;
    const kind = state[session] === FAILING ? side.failing : side.normal;
    kind[decidedIn] = (kind[decidedIn] as number) + 1;
  }
  for (let bin = 1; bin < bins; bin++) {
    on[bin] = (on[bin] as number) + (on[bin - 1] as number);
    off[bin] = (off[bin] as number) + (off[bin - 1] as number);
  }
  const of = (kind: "failing" | "normal"): LogRank =>
    logRank({
      atRiskOn: on.subarray(0, bins),
      atRiskOff: off.subarray(0, bins),
      eventsOn: eventsOn[kind],
      eventsOff: eventsOff[kind],
    });
  return { failing: events.failing ? of("failing") : null, normal: events.normal ? of("normal") : null };
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

/** Index of the last bound at or below a value. */
function binOf(bounds: Float64Array, value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
