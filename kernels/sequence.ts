/**
 * Chains of steps over postings lists: `A -> B => C within 30s`, `A until B`, `A -> not B within 10s`.
 *
 * One pass over the merged lists, with the latest start of every prefix: of all choices of events for a prefix, only the
 * one that starts last can matter to what follows, since only the span from the first step bounds the chain. So `a -> a -> a`
 * over n a's is O(n * steps), where trying the choices is exponential. An event extends the longest prefix first, so it
 * serves at most one step of a choice.
 */

/** "No position", in an output that holds positions. */
export const noPosition = 0xffffffff;

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
  /** Uint32Array a step: ascending positions of the events that match it */
  readonly steps: readonly Uint32Array[];
  /** Uint8Array(steps - 1): `stepLink` from step j to step j + 1 */
  readonly links: Uint8Array;
  /** ms, inclusive; infinite = none. Without `negated` it bounds the first to the last step, with it the wait after the last one. */
  readonly withinMs: number;
  /** Ascending positions of the event that must not follow (`-> not B`) */
  readonly negated?: Uint32Array;
  /** Where each of `negated` begins, if not there: a run (`-> not (A until B)`) must begin after the last step too. Ascending. */
  readonly negatedFrom?: Uint32Array;
}

/**
 * Finds, by session, where a chain first completes.
 *
 * Without `negated`: the event that completes the earliest match. With it: the earliest event that ends a match of the
 * steps and has no negated event after it within `withinMs` (to the session's end where that is infinite): the moment when
 * the absence is certain is its time plus `withinMs`. Ties in time keep the order of positions.
 * O(listed events * steps + sessions) time.
 * @param time - Float64Array(n), ms, ascending within a session
 * @param visibleRank - Uint32Array(n), visible events before the position (ignored ones stand in no list); absent = all are visible
 * @param sessionOffsets - Uint32Array(S + 1), CSR offsets of positions; sessions [start, end) are read
 * @param completedAt - Uint32Array(end - start), position; `noPosition` where the chain does not hold
 * @param lastAnchorAt - Uint32Array(end - start), position of the last event that matches the first step, or `noPosition`
 */
export function sequence(
  { steps, links, withinMs, negated, negatedFrom = negated }: Chain,
  time: Float64Array,
  visibleRank: Uint32Array | undefined,
  sessionOffsets: Uint32Array,
  start: number,
  end: number,
  completedAt: Uint32Array,
  lastAnchorAt: Uint32Array,
): void {
  const last = steps.length - 1;
  const spanMs = negated === undefined ? withinMs : Number.POSITIVE_INFINITY;
  const from = sessionOffsets[start];
  const to = sessionOffsets[end];
  const heads = new Uint32Array(steps.length);
  for (let step = 0; step <= last; step++) heads[step] = lowerBound(steps[step], from);
  let negatedHead = negated === undefined ? 0 : lowerBound(negated, from);
  // The latest start of a prefix that ends with step j: of all so far, and of those that end at the event of rank `endRank[j]`.
  const latestStart = new Float64Array(steps.length);
  const startAtEnd = new Float64Array(steps.length);
  const endRank = new Float64Array(steps.length);

  completedAt.fill(noPosition, 0, end - start);
  lastAnchorAt.fill(noPosition, 0, end - start);
  let sessionIdx = start - 1;
  let sessionStop = from;
  for (;;) {
    let position = to;
    for (let step = 0; step <= last; step++) {
      const list = steps[step];
      if (heads[step] < list.length && list[heads[step]] < position) position = list[heads[step]];
    }
    if (position === to) return;
    if (position >= sessionStop) {
      while (position >= sessionStop) sessionStop = sessionOffsets[++sessionIdx + 1];
      latestStart.fill(Number.NEGATIVE_INFINITY);
      endRank.fill(Number.NEGATIVE_INFINITY);
    }
    const done = completedAt[sessionIdx - start] !== noPosition;
    const rank = visibleRank === undefined ? position : visibleRank[position];
    const now = time[position];
    for (let step = last; step >= 0; step--) {
      const list = steps[step];
      if (heads[step] >= list.length || list[heads[step]] !== position) continue;
      heads[step]++;
      if (step === 0) lastAnchorAt[sessionIdx - start] = position;
      if (done) continue;
      let startMs = now;
      if (step > 0) {
        if (links[step - 1] === stepLink.gap) startMs = latestStart[step - 1];
        else startMs = endRank[step - 1] === rank - 1 ? startAtEnd[step - 1] : Number.NEGATIVE_INFINITY;
      }
      // Inside a run of a repeated step, this event may also just go on with the match of the event before.
      if (step < last && links[step] === stepLink.until && endRank[step] === rank - 1 && startAtEnd[step] > startMs) {
        startMs = startAtEnd[step];
      }
      endRank[step] = rank;
      startAtEnd[step] = startMs;
      if (startMs > latestStart[step]) latestStart[step] = startMs;
      if (step < last || startMs === Number.NEGATIVE_INFINITY || now - startMs > spanMs) continue;
      if (negated !== undefined && negatedFrom !== undefined) {
        while (negatedHead < negated.length && negatedFrom[negatedHead] <= position) negatedHead++;
        const answered =
          negatedHead < negated.length &&
          negated[negatedHead] < sessionStop &&
          time[negated[negatedHead]] - now <= withinMs;
        if (answered) continue;
      }
      completedAt[sessionIdx - start] = position;
    }
  }
}

/** Index of the first value not below `bound`. */
function lowerBound(ascending: Uint32Array, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
