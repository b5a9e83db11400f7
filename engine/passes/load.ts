import { countOthers, orderMoments, shareOfOthers, windowsOf } from "../../kernels/load.js";
import { FAILING } from "./segment.js";

/** `load` looks at others that started in this time up to a session's start, both ends included. */
const WINDOW_MS = 60_000;

/** Starts of sessions to be brought in order. */
export interface LoadWindowsInput {
  /** Float64Array(S), ms */
  readonly starts: Float64Array;
  /** Uint32Array(S) each, written: the sessions in the order of their starts; and by place, which of that order started in the window up to it. */
  readonly order: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** Brings the starts in order and finds their windows. O(sessions), where starts crowd O(sessions log sessions). */
export function findLoadWindows({ starts, order, from, to }: LoadWindowsInput): null {
  const sorted = new Float64Array(starts.length);
  orderMoments(starts, order, sorted);
  windowsOf(sorted, WINDOW_MS, from, to);
  return null;
}

/** What is asked of the others in the window of each session. */
export interface LoadInput {
  readonly windows: Pick<LoadWindowsInput, "order" | "from" | "to">;
  /** Uint8Array(S): what sessions are to a KPI whose failure rate is asked for; null: how many others there are. */
  readonly state: Uint8Array | null;
  /** Float64Array(S), written: NaN where no other counts */
  readonly values: Float64Array;
}

/** How many other sessions started in the window up to each; or the share of those that count for a KPI that fails it. O(sessions). */
export function loadOf({ windows: { order, from, to }, state, values }: LoadInput): null {
  if (state === null) countOthers(order, from, to, values);
  else shareOfOthers(order, from, to, state, FAILING, values);
  return null;
}
