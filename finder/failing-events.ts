import type { AuxiliaryTable } from "../engine/columns/auxiliary-table.js";
import type { EventStore } from "../engine/event-store.js";
import { Execution } from "../engine/execution.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import type { WorkerPool } from "../engine/pool.js";
import { compileKpi } from "../planner/kpi.js";
import { PlanBuilder } from "../planner/plan.js";
import type { DataStatistics, FailingEvents } from "../planner/statistics.js";
import type { Study } from "../planner/study.js";
import type { TokenMap } from "../planner/tokens.js";

/** Sessions looked at: shares to a hundredth. */
const SESSIONS = 10_000;

/**
 * How frequent each event is in the sessions that fail a KPI, beside all that count for it: what stands out there is worth
 * asking about. Of the first users in the table's order, which is that of a hash of their ids.
 * @throws LeadlineError as `compileKpi`; `worker-failed`; `aborted`
 */
export async function failingEvents(
  store: EventStore,
  { kpis, settings }: Pick<Study, "kpis" | "settings">,
  data: DataStatistics,
  { tokens, tables }: { readonly tokens: TokenMap; readonly tables: readonly AuxiliaryTable[] },
  pool: WorkerPool,
  window: { readonly fromMs: number; readonly toMs: number },
): Promise<readonly FailingEvents[]> {
  const { userOffsets, users } = store.sessions;
  let some = 0;
  while (some < users && (userOffsets[some] as number) < SESSIONS) some++;
  const sample = store.first(some);
  const plan = new PlanBuilder();
  const planned = kpis.map((kpi, index) => compileKpi(kpi, index, plan, data));
  const execution = new Execution(sample, tokens, pool, tables);
  const { kpis: outcomes } = await execution.evaluate(plan.nodes, planned, [], {
    ...window,
    failingQuantile: settings.numeric_failing_quantile,
    outcomeTime: true,
  });
  const { sessionOffsets, sessions } = sample.sessions;
  const { name } = await sample.whole();
  const counts = outcomes.map(() => ({
    ...{ all: new Uint32Array(data.names.length), failing: new Uint32Array(data.names.length) },
    ...{ sessions: 0, failures: 0 },
  }));
  const met = new Int32Array(data.names.length).fill(-1);
  for (const [kpi, { state, evidenceEnd }] of outcomes.entries()) {
    const counted = counts[kpi] as (typeof counts)[number];
    met.fill(-1);
    for (let session = 0; session < sessions; session++) {
      if (state[session] === NOT_COUNTED) continue;
      const isFailing = state[session] === FAILING;
      counted.sessions++;
      if (isFailing) counted.failures++;
      const end = evidenceEnd?.[session] ?? (sessionOffsets[session + 1] as number);
      for (let event = sessionOffsets[session] as number; event < end; event++) {
        const code = name[event] as number;
        if (met[code] === session) continue;
        met[code] = session;
        counted.all[code] = (counted.all[code] as number) + 1;
        if (isFailing) counted.failing[code] = (counted.failing[code] as number) + 1;
      }
    }
  }
  return counts.map(({ all, failing, sessions: among, failures }, kpi) => ({
    kpi: data.kpis[kpi] ?? "",
    events: data.names.flatMap((event, code) => {
      const held = all[code] as number;
      if (held === 0) return [];
      return [{ name: event, all: held / among, failing: failures === 0 ? 0 : (failing[code] as number) / failures }];
    }),
  }));
}
