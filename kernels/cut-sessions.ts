/**
 * Sessions cut short where the evidence on a KPI ends: the same sessions once more, with fewer events, at places of their own.
 */

/** Cut sessions, one after the other. */
export interface CutSessions {
  /** Uint32Array(sessions + 1), CSR offsets of the events that are left */
  readonly offsets: Uint32Array;
  /** Uint32Array(sessions), positions where they were: those before it are left */
  readonly ends: Uint32Array;
  /** Uint32Array(sessions): from a position where it was to that where it is, modulo 2 ** 32 */
  readonly shift: Uint32Array;
  /** Float64Array(sessions), ms: the first event that is left out; infinite where none is */
  readonly horizonMs: Float64Array;
  /** Float64Array(events), ms */
  readonly time: Float64Array;
}

/**
 * Cuts sessions [start, end) to those that count, with the events before the end of the evidence; the others have none. O(events that are left +
 * sessions) time, no allocation.
 * @param state - Uint8Array, by session: 0 where it does not count
 * @param evidenceEnd - Uint32Array, by session: the position from which on events are no evidence
 * @param first - where they come in `out`; what is before is there already, as is `offsets[first]`
 */
export function cutSessions(
  sessionOffsets: Uint32Array,
  time: Float64Array,
  state: Uint8Array,
  evidenceEnd: Uint32Array,
  start: number,
  end: number,
  first: number,
  out: CutSessions,
): void {
  const { offsets, ends, shift, horizonMs, time: outTime } = out;
  let count = offsets[first];
  for (let session = start, place = first; session < end; session++, place++) {
    const from = sessionOffsets[session];
    const stop = sessionOffsets[session + 1];
    const until = state[session] === 0 ? from : Math.max(from, Math.min(stop, evidenceEnd[session]));
    ends[place] = until;
    shift[place] = count - from;
    horizonMs[place] = until < stop ? time[until] : Infinity;
    for (let at = from; at < until; at++) outTime[count++] = time[at];
    offsets[place + 1] = count;
  }
}

/** Adds sessions without an event, from `first` up to `end`. O(sessions) time, no allocation. */
export function addEmpty(first: number, end: number, { offsets, ends, shift, horizonMs }: CutSessions): void {
  offsets.fill(offsets[first], first + 1, end + 1);
  ends.fill(0, first, end);
  shift.fill(0, first, end);
  horizonMs.fill(Infinity, first, end);
}
