import type { SessionTable } from "../engine/event-store.js";
import type { KpiOutcome } from "../engine/execution.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import { bucketsOf } from "../kernels/buckets-of.js";

/** A KPI in one stretch of the period. */
export interface KpiBucket {
  readonly fromMs: number;
  readonly sessions: number;
  readonly failing: number;
  /** Failure rate or mean; NaN where no session counts. */
  readonly value: number;
}

/**
 * Each KPI over time. O(sessions × KPIs).
 * @param buckets - Float64Array, ms, ascending starts of stretches, the first before every session that counts
 */
export function kpiSeries(
  table: Pick<SessionTable, "sessions" | "starts">,
  kpis: readonly KpiOutcome[],
  buckets: Float64Array,
): KpiBucket[][] {
  const { starts } = table;
  const bucketOf = new Uint16Array(table.sessions);
  bucketsOf(buckets, starts, 0, table.sessions, bucketOf);
  return kpis.map((kpi) => seriesOf(kpi, bucketOf, buckets));
}

function seriesOf({ state, outcome }: KpiOutcome, bucketOf: Uint16Array, buckets: Float64Array): KpiBucket[] {
  const sessions = new Float64Array(buckets.length);
  const failing = new Float64Array(buckets.length);
  const sums = new Float64Array(buckets.length);
  for (let session = 0; session < state.length; session++) {
    const standing = state[session] as number;
    if (standing === NOT_COUNTED) continue;
    const bucket = bucketOf[session] as number;
    sessions[bucket] = (sessions[bucket] as number) + 1;
    if (standing === FAILING) failing[bucket] = (failing[bucket] as number) + 1;
    if (outcome !== null) sums[bucket] = (sums[bucket] as number) + (outcome[session] as number);
  }
  return Array.from(buckets, (fromMs, bucket) => ({
    fromMs,
    sessions: sessions[bucket] as number,
    failing: failing[bucket] as number,
    value: ((outcome === null ? failing[bucket] : sums[bucket]) as number) / (sessions[bucket] as number),
  }));
}
