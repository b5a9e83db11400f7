import type { EventTable } from "../engine/columns/event-table.js";
import type { KpiOutcome } from "../engine/execution.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";

/** A KPI in one stretch of the period. */
export interface KpiBucket {
  readonly fromMs: number;
  readonly sessions: number;
  readonly failing: number;
  /** Failure rate or mean; NaN where no session counts. */
  readonly value: number;
}

/**
 * A KPI over time. O(sessions).
 * @param buckets - ascending starts of equal stretches, ms; sessions count by their start
 */
export function kpiSeries(table: EventTable, { state, outcome }: KpiOutcome, buckets: Float64Array): KpiBucket[] {
  const sessions = new Float64Array(buckets.length);
  const failing = new Float64Array(buckets.length);
  const sums = new Float64Array(buckets.length);
  const first = buckets[0] ?? 0;
  const width = (buckets[1] ?? Number.POSITIVE_INFINITY) - first;
  for (let session = 0; session < state.length; session++) {
    if (state[session] === NOT_COUNTED) continue;
    const start = table.time[table.sessionOffsets[session] as number] as number;
    const bucket = Number.isFinite(width) ? Math.floor((start - first) / width) : 0;
    sessions[bucket] = (sessions[bucket] as number) + 1;
    if (state[session] === FAILING) failing[bucket] = (failing[bucket] as number) + 1;
    if (outcome !== null) sums[bucket] = (sums[bucket] as number) + (outcome[session] as number);
  }
  return Array.from(buckets, (fromMs, bucket) => ({
    fromMs,
    sessions: sessions[bucket] as number,
    failing: failing[bucket] as number,
    value: ((outcome === null ? failing[bucket] : sums[bucket]) as number) / (sessions[bucket] as number),
  }));
}
