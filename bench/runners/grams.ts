/** Bar 3, ours: all 3-grams with failing and normal sessions, from the event table in memory or from the file. */

import type { EventTable } from "../../engine/columns/event-table.js";
import { sharedUint32 } from "../../engine/columns/shared.js";
import { Execution } from "../../engine/execution.js";
import { type TaskThreads, WorkerPool } from "../../engine/pool.js";
import { planStudy } from "../../finder/run-study.js";
import { parseStudy } from "../../planner/study.js";
import { peakRssBytes, serve, timed } from "./runner.js";

/** What the threads do. */
export interface GramsTasks {
  readonly count: { readonly input: GramsTask; readonly output: null };
}

/** What a thread counts, all on shared memory. */
export interface GramsTask {
  readonly symbols: Uint16Array;
  readonly sessionOffsets: Uint32Array;
  /** Per session 0 = does not count, 1 = normal, 2 = failing. */
  readonly state: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly alphabetSize: number;
  /** Uint32Array(3 × alphabetSize³) */
  readonly counts: Uint32Array;
}

/** Events that the order of symbols is drawn from. */
const EVENTS_LOOKED_AT = 1 << 20;

const STUDY = `
title: One class
events:
  files: [events.parquet]
  columns: {user: user_id, session: session_id, time: ts, event: event}
  attributes: []
kpis:
  - {name: reach_plans, failure: not subscription_page_view}
hypotheses:
  - {template: event-pattern, k: 3}
`;

await serve(
  async ({
    file,
    threads,
    from,
    repeats,
  }: {
    readonly file: string;
    readonly threads: number;
    readonly from: "table" | "file";
    readonly repeats: number;
  }) => {
    const pool = new WorkerPool(threads);
    const whole = await timed(async () => {
      const resident = await load(file, pool);
      return { ...resident, tasks: tasksOf(resident, threads) };
    });
    const { table, symbolOf, tasks } = whole.result;
    const counters = pool.answeredBy<GramsTasks>(new URL("./grams-worker.js", import.meta.url));
    const seconds: number[] = [];
    const cpuSeconds: number[] = [];
    let counts: Uint32Array = new Uint32Array(0);
    for (let repeat = from === "file" ? 0 : -2; repeat < repeats; repeat++) {
      const run = await timed(async () => {
        counts = await count(counters, tasks);
      });
      if (repeat < 0) continue;
      seconds.push(run.seconds + (from === "file" ? whole.seconds : 0));
      cpuSeconds.push(run.cpuSeconds + (from === "file" ? whole.cpuSeconds : 0));
    }
    const peak = peakRssBytes();
    await pool.close();
    return {
      seconds,
      cpuSeconds,
      peakRssBytes: peak,
      answer: answerOf(counts, symbolOf, table.names.length),
      numbers: { loadSeconds: whole.seconds },
    };
  },
);

interface Resident {
  readonly table: EventTable;
  readonly state: Uint8Array;
  readonly symbols: Uint16Array;
  /** Name code → symbol: the most frequent names have the lowest, so that hot counts share cache lines. */
  readonly symbolOf: Uint16Array;
}

async function load(file: string, pool: WorkerPool): Promise<Resident> {
  const parsed = parseStudy(STUDY, "one-class.yaml");
  const study = { ...parsed, events: { ...parsed.events, files: [file] } };
  const { store, tokens, plan } = await planStudy(study, "/", pool, { memoryBytes: Number.POSITIVE_INFINITY });
  const { table } = store;
  if (table === null) throw new RangeError("the table is not in memory");
  const execution = new Execution(table, tokens, pool);
  const [kpi] = plan.kpis;
  if (kpi === undefined) throw new RangeError("missing KPI");
  const values = (await execution.values(plan.nodes, [kpi.outcome.node])).get(kpi.outcome.node);
  if (values?.type !== "boolean") throw new RangeError("the KPI is no condition");
  // every session counts: normal, or failing
  const state = values.value;
  for (let session = 0; session < state.length; session++) state[session] = (state[session] as number) + 1;
  const frequency = new Float64Array(table.names.length);
  for (let at = 0; at < Math.min(table.events, EVENTS_LOOKED_AT); at++)
    frequency[table.name[at] as number] = (frequency[table.name[at] as number] as number) + 1;
  const symbolOf = new Uint16Array(table.names.length);
  const byFrequency = [...frequency.keys()].sort((a, b) => (frequency[b] as number) - (frequency[a] as number));
  for (const [symbol, code] of byFrequency.entries()) symbolOf[code] = symbol;
  const symbols = await execution.symbols(symbolOf, table.names.length);
  return { table, state, symbols, symbolOf };
}

/** One range of sessions of about equal events for each thread. */
function tasksOf({ table, state, symbols }: Resident, threads: number): GramsTask[] {
  const { sessionOffsets, sessions, events } = table;
  const alphabetSize = table.names.length;
  let start = 0;
  return Array.from({ length: threads }, (_, thread) => {
    let end = start;
    while (end < sessions && (sessionOffsets[end] as number) < ((thread + 1) * events) / threads) end++;
    const counts = sharedUint32(3 * alphabetSize ** 3);
    const task: GramsTask = { symbols, sessionOffsets, state, start, end, alphabetSize, counts };
    start = end;
    return task;
  });
}

/** Uint32Array(3 × grams): the threads' counts added up. */
async function count(threads: TaskThreads<GramsTasks>, tasks: readonly GramsTask[]): Promise<Uint32Array> {
  await threads.runAll("count", tasks, (index) => `sessions from ${tasks[index]?.start ?? 0}`);
  const [first, ...others] = tasks.map(({ counts }) => counts);
  if (first === undefined) throw new RangeError("missing thread");
  for (const other of others) addInto(first, other);
  return first;
}

function addInto(sum: Uint32Array, part: Uint32Array): void {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number);
}

/** The sums that `GRAMS_ANSWER` makes, grams packed by the ranks of names. */
function answerOf(counts: Uint32Array, symbolOf: Uint16Array, names: number): Record<string, number> {
  const rankOf = new Uint16Array(names);
  for (let code = 0; code < names; code++) rankOf[symbolOf[code] as number] = code + 1;
  const cells = names ** 3;
  const answer = { grams: 0, failing: 0, normal: 0, failingCheck: 0, normalCheck: 0 };
  for (let cell = 0; cell < cells; cell++) {
    const normal = counts[cells + cell] as number;
    const failing = counts[2 * cells + cell] as number;
    if (normal + failing === 0) continue;
    const rank = (symbol: number): number => rankOf[symbol % names] as number;
    const gram = (rank(Math.floor(cell / names ** 2)) * 128 + rank(Math.floor(cell / names))) * 128 + rank(cell);
    answer.grams++;
    answer.failing += failing;
    answer.normal += normal;
    answer.failingCheck += failing * (gram % 1_000_003);
    answer.normalCheck += normal * (gram % 999_983);
  }
  return answer;
}
