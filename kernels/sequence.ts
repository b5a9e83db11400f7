/**
 * Chains of steps over postings lists: `A -> B => C within 30s`, `A until B`, `A -> not B within 10s`.
 *
 * Link by link: the ends of all matches of a prefix are merged with the list of the next step. Of all choices of events for a prefix that ends
 * at an event only the one that starts last can matter to what follows, since only the span from the first step bounds the chain. So an end
 * carries one start, and a later end of a session never starts earlier; `a -> a -> a` over n a's is O(n * steps), where trying the choices is
 * exponential, and the lists shrink with every link. (Walking over all steps' events at once, with the state of every prefix, took four times as long on chains of two and three.)
 */

import { type Postings, skipTo } from "./postings.js";

/** How a step follows the one before. */
export const stepLink: {
  /** `->`: some time after */
  readonly gap: 0;
  /** `=>`: the very next visible event */
  readonly next: 1;
  /** `until`: the very next visible event after a run of at least one of the step before, nothing else between */
  readonly until: 2;
} = { gap: 0, next: 1, until: 2 };

/** A chain, compiled to where its steps can stand. */
export interface Chain {
  /** One or more: the events that match each step */
  readonly steps: readonly Postings[];
  /** Uint8Array(steps - 1): `stepLink` from step j to step j + 1 */
  readonly links: Uint8Array;
  /** ms, inclusive; infinite = none. Without `negated` it bounds the first to the last step, with it the wait after the last one. */
  readonly withinMs: number;
  /** The event that must not follow (`-> not B`); null: none */
  readonly negated: Negated | null;
}

/** Events that must not follow. */
export interface Negated {
  readonly events: Postings;
  /** Where each of them begins, ascending: a run (`-> not (A until B)`) must begin after the last step too. */
  readonly from: Uint32Array;
  /** Of the events, from `firstOfSessions` */
  readonly firsts: Uint32Array;
}

/** Ends of a prefix's matches: each with the latest start that leads to it. */
export interface Ends extends Postings {
  /** Float64Array(n), ms */
  readonly starts: Float64Array;
}

/**
 * Finds, by session, where a chain first completes.
 *
 * Without `negated`: the event that completes the earliest match. With it: the earliest event that ends a match of the
 * steps and has no negated event after it within `withinMs` (to the session's end where that is infinite): the moment when
 * the absence is certain is its time plus `withinMs`. Ties in time keep the order of positions.
 * O(listed events) time for every step, no allocation.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param visibleRank - Uint32Array(n), visible events before the position (ignored ones stand in no list); absent = all are visible
 * @param work - two that this writes into, each at least as long as the longest step
 * @param out - as long as the last step; one event a session at most
 * @returns how many were written
 */
export function sequence(
  { steps, links, withinMs, negated }: Chain,
  time: Float64Array,
  visibleRank: Uint32Array | undefined,
  work: readonly [Ends, Ends],
  out: Postings,
): number {
  const spanMs = negated === null ? withinMs : Number.POSITIVE_INFINITY;
  const isSpanned = spanMs !== Number.POSITIVE_INFINITY;
  let [spare, next] = work;
  let ends = begin(steps[0], time, isSpanned, spare);
  let count = ends.positions.length;
  for (let step = 1; step < steps.length; step++) {
    const list = steps[step];
    const isRun = step < steps.length - 1 && links[step] === stepLink.until;
    count =
      links[step - 1] === stepLink.gap
        ? follow(ends, count, list, next)
        : adjoin(ends, count, list, visibleRank, isRun, next);
    ends = next;
    [spare, next] = [next, spare];
  }
  if (negated !== null) return unanswered(ends, count, time, negated, withinMs, out);
  return completions(ends, count, time, spanMs, out);
}

/** The first step's events are ends that start there. A run that begins anew starts later than one that goes on, so none is lost. */
function begin({ positions, sessions }: Postings, time: Float64Array, isSpanned: boolean, { starts }: Ends): Ends {
  if (isSpanned) for (let at = 0; at < positions.length; at++) starts[at] = time[positions[at]];
  else starts.fill(0, 0, positions.length);
  return { positions, sessions, starts };
}

/** `->`: every event after an end of the same session takes the start of the last one. In a run no event could start later by going on. */
function follow(ends: Ends, count: number, { positions, sessions }: Postings, out: Ends): number {
  const { positions: endPositions, sessions: endSessions, starts } = ends;
  const { positions: outPositions, sessions: outSessions, starts: outStarts } = out;
  let head = 0;
  let made = 0;
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at];
    head = skipTo(endPositions, head, count, position);
    if (head > 0 && endSessions[head - 1] === sessions[at]) {
      outPositions[made] = position;
      outSessions[made] = sessions[at];
      outStarts[made++] = starts[head - 1];
    } else if (head === count) return made;
    // nothing before the next end has one
    else at = skipTo(positions, at + 1, positions.length, endPositions[head] + 1) - 1;
  }
  return made;
}

/** `=>` and the end of a run: every event whose neighbour before is an end takes its start. */
function adjoin(
  ends: Ends,
  count: number,
  { positions, sessions }: Postings,
  visibleRank: Uint32Array | undefined,
  isRun: boolean,
  out: Ends,
): number {
  const { positions: endPositions, sessions: endSessions, starts } = ends;
  const { positions: outPositions, sessions: outSessions, starts: outStarts } = out;
  let head = 0;
  let made = 0;
  let before = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at];
    const session = sessions[at];
    head = skipTo(endPositions, head, count, position);
    let start = Number.NEGATIVE_INFINITY;
    if (head > 0 && endSessions[head - 1] === session) {
      const end = endPositions[head - 1];
      const steps = visibleRank === undefined ? position - end : visibleRank[position] - visibleRank[end];
      if (steps === 1) start = starts[head - 1];
    }
    if (isRun) {
      if (before > start && isNeighbour(positions, sessions, at, visibleRank)) start = before;
      before = start;
    }
    if (start === Number.NEGATIVE_INFINITY) continue;
    outPositions[made] = position;
    outSessions[made] = session;
    outStarts[made++] = start;
  }
  return made;
}

/** Whether an event of a list is the very next visible one after the event before it in the list. */
function isNeighbour(
  positions: Uint32Array,
  sessions: Uint32Array,
  at: number,
  visibleRank: Uint32Array | undefined,
): boolean {
  if (at === 0 || sessions[at - 1] !== sessions[at]) return false;
  const [before, position] = [positions[at - 1], positions[at]];
  return (visibleRank === undefined ? position - before : visibleRank[position] - visibleRank[before]) === 1;
}

/** The first end of each session that is in time. */
function completions(
  { positions, sessions, starts }: Ends,
  count: number,
  time: Float64Array,
  spanMs: number,
  out: Postings,
): number {
  const isSpanned = spanMs !== Number.POSITIVE_INFINITY;
  let made = 0;
  let done = -1;
  for (let at = 0; at < count; at++) {
    const session = sessions[at];
    if (session === done) continue;
    if (isSpanned && time[positions[at]] - starts[at] > spanMs) continue;
    done = session;
    out.positions[made] = positions[at];
    out.sessions[made++] = session;
  }
  return made;
}

/** The first end of each session that no negated event follows in time. */
function unanswered(
  { positions, sessions }: Ends,
  count: number,
  time: Float64Array,
  { events, from, firsts }: Negated,
  withinMs: number,
  out: Postings,
): number {
  const { positions: negated, sessions: ofNegated } = events;
  const { positions: outPositions, sessions: outSessions } = out;
  let head = 0;
  let made = 0;
  let current = -1;
  let done = -1;
  for (let at = 0; at < count; at++) {
    const session = sessions[at];
    if (session === done) continue;
    const position = positions[at];
    if (session !== current) head = firsts[session];
    current = session;
    while (head < from.length && ofNegated[head] === session && from[head] <= position) head++;
    const isAnswered =
      head < from.length && ofNegated[head] === session && time[negated[head]] - time[position] <= withinMs;
    if (isAnswered) continue;
    done = session;
    outPositions[made] = position;
    outSessions[made++] = session;
  }
  return made;
}
