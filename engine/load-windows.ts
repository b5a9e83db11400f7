import { sharedUint32 } from "./columns/shared.js";
import { findLoadWindows, type LoadWindowsInput } from "./passes/load.js";
import type { WorkerPool } from "./pool.js";

/** The sessions in the order of their starts, and which of that order started in the window up to the one at each place. */
export type LoadWindows = Pick<LoadWindowsInput, "order" | "from" | "to">;

/** Windows that were asked for once, and may be once more. */
const kept = new WeakMap<Float64Array, Promise<LoadWindows>>();

/**
 * The same for one more caller, without computing them twice.
 * @param starts - Float64Array(S), ms
 */
export function keptLoadWindows(starts: Float64Array, pool: WorkerPool): Promise<LoadWindows> {
  const windows = loadWindows(starts, pool);
  kept.set(starts, windows);
  return windows;
}

/**
 * Who else starts when: what `load` and its grid are counted from, found by a thread. O(sessions), or none where they were kept for this call.
 * @param starts - Float64Array(S), ms
 */
export function loadWindows(starts: Float64Array, pool: WorkerPool): Promise<LoadWindows> {
  const known = kept.get(starts);
  kept.delete(starts);
  return known ?? findWindows(starts, pool);
}

/** The same, found by the calling thread, for who cannot wait. */
export function windowsHere(starts: Float64Array): LoadWindows {
  const windows = emptyWindows(starts.length);
  findLoadWindows({ starts, ...windows });
  return windows;
}

async function findWindows(starts: Float64Array, pool: WorkerPool): Promise<LoadWindows> {
  const windows = emptyWindows(starts.length);
  await pool.run("loadWindows", { starts, ...windows }, "the starts of sessions");
  return windows;
}

function emptyWindows(sessions: number): LoadWindows {
  return { order: sharedUint32(sessions), from: sharedUint32(sessions), to: sharedUint32(sessions) };
}
