import type { Codes } from "../../engine/columns/event-table.js";

/** Float64Array(levels) each: sum of outcomes, and sessions, by level. */
export interface LevelSums {
  readonly y: Float64Array;
  readonly n: Float64Array;
}

/** Adds sessions and their outcomes to the sums of the levels that the sessions have. O(sessions). */
export function addLevels(codes: Codes, sessions: Uint32Array, outcomes: Float64Array, { y, n }: LevelSums): void {
  for (let at = 0; at < sessions.length; at++) {
    const level = codes[sessions[at] as number] as number;
    y[level] = (y[level] as number) + (outcomes[at] as number);
    n[level] = (n[level] as number) + 1;
  }
}
