import type { SessionTable } from "../engine/event-store.js";
import type { KpiOutcome } from "../engine/execution.js";
import { FAILING, NORMAL, NOT_COUNTED } from "../engine/passes/segment.js";
import { bucketsOf } from "../kernels/buckets-of.js";

/** What a session can be to a KPI: NOT_COUNTED, NORMAL, FAILING. */
const STANDINGS = 3;

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
  const counts = new Float64Array(buckets.length * STANDINGS);
  countStandings(state, bucketOf, counts);
  const sums = new Float64Array(buckets.length);
  if (outcome !== null) sumOutcomes(state, outcome, bucketOf, sums);
  return Array.from(buckets, (fromMs, bucket) => {
    const failing = counts[bucket * STANDINGS + FAILING] as number;
    const sessions = (counts[bucket * STANDINGS + NORMAL] as number) + failing;
    return { fromMs, sessions, failing, value: (outcome === null ? failing : (sums[bucket] as number)) / sessions };
  });
}

function countStandings(state: Uint8Array, bucketOf: Uint16Array, counts: Float64Array): void {
  for (let session = 0; session < state.length; session++) {
    const at = (bucketOf[session] as number) * STANDINGS + (state[session] as number);
    counts[at] = (counts[at] as number) + 1;
  }
}

function sumOutcomes(state: Uint8Array, outcome: Float64Array, bucketOf: Uint16Array, sums: Float64Array): void {
  for (let session = 0; session < state.length; session++) {
    if (state[session] === NOT_COUNTED) continue;
    const bucket = bucketOf[session] as number;
    sums[bucket] = (sums[bucket] as number) + (outcome[session] as number);
  }
}
