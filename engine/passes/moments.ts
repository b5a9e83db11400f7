import type { Codes } from "../columns/event-table.js";

/** When each session starts and ends, and with what. */
export interface SessionMoments {
  /** Float64Array(S), ms since the epoch: the first event of each session */
  readonly starts: Float64Array;
  /** Float64Array(S), ms since the epoch: the last event of each session */
  readonly ends: Float64Array;
  /** (S), code of the name of the first event of each session */
  readonly entry: Codes;
}

/** A range of sessions and where their moments go. */
export interface MomentsInput {
  readonly time: Float64Array;
  readonly name: Codes;
  /** Uint32Array(S + 1), CSR offsets into the two above */
  readonly sessionOffsets: Uint32Array;
  readonly start: number;
  readonly end: number;
  /** Written from `start` to `end`. */
  readonly out: SessionMoments;
}

/** Looks up the moments of sessions [start, end). O(sessions). */
export function findMoments({ time, name, sessionOffsets, start, end, out }: MomentsInput): null {
  const { starts, ends, entry } = out;
  for (let session = start; session < end; session++) {
    const from = sessionOffsets[session] as number;
    starts[session] = time[from] as number;
    entry[session] = name[from] as number;
    ends[session] = time[(sessionOffsets[session + 1] as number) - 1] as number;
  }
  return null;
}
