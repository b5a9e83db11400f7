import type { RunOptions } from "./run-study.js";

/** Who can judge. */
const EXPERTS = ["all", "paper"] as const;

/**
 * Refuses what types would: callers without them get a sentence instead of a run that means something else. Threads are checked
 * where they are started.
 * @throws RangeError for an option that is none of what is allowed
 */
export function assertRunOptions({ experts, sample, fromMs, toMs, memoryBytes }: RunOptions): void {
  if (experts !== undefined && !EXPERTS.includes(experts)) {
    throw new RangeError(`invalid experts: ${String(experts)}; allowed: ${EXPERTS.join(", ")}`);
  }
  if (sample !== undefined && (!Number.isInteger(sample) || sample < 1)) {
    throw new RangeError(`invalid sample: ${String(sample)}; a whole number of sessions, 1 or more`);
  }
  for (const [name, ms] of [["fromMs", fromMs] as const, ["toMs", toMs] as const]) {
    if (ms !== undefined && (typeof ms !== "number" || Number.isNaN(ms))) {
      throw new RangeError(`invalid ${name}: ${String(ms)}; a number of ms since the epoch`);
    }
  }
  if (memoryBytes !== undefined && !(typeof memoryBytes === "number" && memoryBytes > 0)) {
    throw new RangeError(`invalid memoryBytes: ${String(memoryBytes)}; a number above 0`);
  }
}
