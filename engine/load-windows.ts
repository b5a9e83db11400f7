import { orderMoments, windowsOf } from "../kernels/load.js";

/** `load` looks at others that started in this time up to a session's start, both ends included. */
const WINDOW_MS = 60_000;

/** The sessions in the order of their starts, and which of that order started in the window up to the one at each place. */
export interface LoadWindows {
  readonly order: Uint32Array;
  readonly from: Uint32Array;
  readonly to: Uint32Array;
}

/** Windows that were asked for once, and may be once more. */
const kept = new WeakMap<Float64Array, LoadWindows>();

/**
 * The same for one more caller, without computing them twice.
 * @param starts - Float64Array(S), ms
 */
export function keptLoadWindows(starts: Float64Array): LoadWindows {
  const windows = loadWindows(starts);
  kept.set(starts, windows);
  return windows;
}

/**
 * Who else starts when: what `load` and its grid are counted from. O(sessions), or none where they were kept for this call.
 * @param starts - Float64Array(S), ms
 */
export function loadWindows(starts: Float64Array): LoadWindows {
  const known = kept.get(starts);
  if (known !== undefined) {
    kept.delete(starts);
    return known;
  }
  const order = orderMoments(starts);
  const [from, to] = [new Uint32Array(starts.length), new Uint32Array(starts.length)];
  windowsOf(starts, order, WINDOW_MS, from, to);
  return { order, from, to };
}
