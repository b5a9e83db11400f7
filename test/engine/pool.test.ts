import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sharedFloat64, sharedUint8, sharedUint32 } from "../../engine/columns/shared.js";
import { Execution } from "../../engine/execution.js";
import { WorkerPool } from "../../engine/pool.js";
import { readEvents } from "../../engine/read.js";
import type { KpiPlan } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { failsWith, temporaryFolder } from "./sources/chunk-values.js";
import { tableOf, tokensOf } from "./tables.js";

const test = suite("WorkerPool");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const request = (file: string) => ({
  files: [file],
  base: folder.path,
  columns: {},
  sessionGapMs: 1,
  needed: [],
  attributes: null,
  attributeMaxValues: 50,
});

test("a task that fails names its partition, and the pool works on", async () => {
  const table = tableOf([[[{ name: "a", time: 0 }]]], []);
  const execution = new Execution(table, tokensOf(table, {}), pool);
  const options = {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
    failingQuantile: 0.9,
    outcomeTime: true,
  };
  const broken = new PlanBuilder();
  const absent = broken.add({ op: "column", column: "nowhere", type: "number" }, "number");
  const numeric: KpiPlan = {
    name: "k",
    among: null,
    outcome: { kind: "numeric", node: absent, worse: "higher" },
    barredNames: [],
    barredColumns: [],
    barredMeasures: [],
    ...{ readsLength: false, anchor: null, deadlineMs: null, lastsMs: null },
  };
  await failsWith(
    execution.evaluate(broken.nodes, [numeric], [], options),
    "worker-failed",
    "a worker thread failed on",
    "partition 1 of 1",
    "unknown column: nowhere",
  );
  const sound = new PlanBuilder();
  const node = sound.add({ op: "true" }, "boolean");
  const outcome = { kind: "binary", node } as const;
  const kpi = {
    name: "k",
    among: null,
    outcome,
    barredNames: [],
    barredColumns: [],
    barredMeasures: [],
    ...{ readsLength: false, anchor: null, deadlineMs: null, lastsMs: null },
  };
  const { conditions } = await execution.evaluate(sound.nodes, [kpi], [{ node, forKpi: [true] }], options);
  assert.equal([...(conditions.get(node)?.[0] ?? [])], [1]);
});

test("an error that a person can mend keeps its code and its words on the way from the worker", async () => {
  folder.write("times.csv", "user_id,ts,event\nu1,2026-01-01,open\nu1,soon,open\n");
  await failsWith(readEvents(request("times.csv"), pool), "source-invalid", "times.csv, row 2", '"soon"');
});

test("tasks answer in the order of their inputs, and every thread runs what is for each", async () => {
  const sessionOffsets = sharedUint32(7);
  sessionOffsets.set([0, 2, 4, 6, 8, 10, 12]);
  const time = sharedFloat64(12);
  // the sessions from the third on are out of order
  time.set([1, 2, 1, 2, 2, 1, 2, 1, 2, 1, 2, 1]);
  const shared = { sessionOffsets, time, name: sharedUint8(12), columns: [] };
  const ranges = [
    { start: 0, end: 2 },
    { start: 2, end: 3 },
    { start: 3, end: 6 },
  ];
  const done: number[] = [];
  const unsorted = await pool.runAll(
    "sort",
    ranges.map((range) => ({ ...shared, ...range })),
    String,
    (index) => done.push(index),
  );
  assert.equal(unsorted, [0, 1, 3]);
  assert.equal(
    done.sort((a, b) => a - b),
    [0, 1, 2],
  );
  assert.is((await pool.runEach("sort", { ...shared, start: 0, end: 6 }, "all")).length, 2);
});

test("a number of threads that is none is refused", () => {
  for (const threads of [0, -1, 1.5, Number.NaN]) {
    assert.throws(
      () => new WorkerPool(threads),
      (error: unknown) => error instanceof RangeError && error.message.includes(String(threads)),
    );
  }
});

/** Runs a study of a file in a process of its own, which aborts the run when told; what it prints, once it ends by itself. */
function abortedRun(abort: "before" | "while reading"): string {
  const lines = Array.from({ length: 3_000 }, (_, at) => `u${at % 700},${1_770_000_000_000 + at},open`);
  folder.write("events.csv", ["user_id,ts,event", ...lines].join("\n"));
  const built = (path: string): string => JSON.stringify(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
  const script = `
    import { findOpportunities } from ${built("run.js")};
    import { parseStudy } from ${built("planner/study.js")};
    const study = parseStudy("events: {files: events.csv}\\nkpis: [{name: k, failure: open}]", "study.yaml");
    const controller = new AbortController();
    if (${abort === "before"}) controller.abort();
    const { signal } = controller;
    const onProgress = () => controller.abort();
    const error = await findOpportunities(study, ${JSON.stringify(folder.path)}, { signal, onProgress, threads: 2 })
      .then(() => new Error("it ended"), (cause) => cause);
    console.log(error.code, error.name, error.message);`;
  const run = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8", timeout: 60_000 });
  assert.is(run.status, 0, run.stderr);
  return run.stdout;
}

for (const moment of ["before", "while reading"] as const) {
  test(`a run that is aborted ${moment} rejects with aborted, and leaves no thread behind`, () => {
    // a thread that is left keeps the process from ending
    assert.match(abortedRun(moment), /^aborted LeadlineError the run was interrupted/);
  });
}

test.run();
