import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { AuxiliaryTable } from "../../engine/columns/auxiliary-table.js";
import { sessionId } from "../../engine/columns/event-table.js";
import { Execution, placeOfKpi } from "../../engine/execution.js";
import { WorkerPool } from "../../engine/pool.js";
import { readEvents } from "../../engine/read.js";
import { readTable } from "../../engine/read-tables.js";
import { LeadlineError } from "../../errors.js";
import { compileBoolean, compileNumber } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import type { KpiPlan } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { openDuck } from "../sample/duck.js";
import { statisticsOf, tokensOf } from "./tables.js";

const test = suite("values that need other sessions or another table");
const pools = [new WorkerPool(1), new WorkerPool(2)];
const folder = mkdtempSync(join(tmpdir(), "leadline-non-local-"));
test.after(async () => {
  for (const pool of pools) await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

const START = Date.parse("2026-11-02T08:00:00Z");

/** A small generator: the same numbers on every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const next = numbers(7);
const rows = Array.from({ length: 400 }, (_, session) => {
  const start = START + next(3600) * 1000;
  const user = `u${next(90)}`;
  const region = ["eu", "us", ""][next(3)];
  const failing = next(3) === 0;
  const counts = next(4) > 0;
  return ["open", ...(counts ? ["buy"] : []), ...(failing ? ["error"] : [])].map((name, at) =>
    [user, `s${session}`, new Date(start + at * 1000).toISOString(), name, region].join(","),
  );
}).flat();
writeFileSync(join(folder, "events.csv"), `user,session,ts,event,region\n${rows.join("\n")}\n`);
const backend = Array.from({ length: 120 }, () => ({
  minute: new Date(START + next(3600) * 1000).toISOString(),
  area: ["eu", "us", "asia"][next(3)] as string,
  cpu: next(10) === 0 ? null : next(100),
  state: ["calm", "hot"][next(2)] as string,
}));
writeFileSync(
  join(folder, "cpu.csv"),
  `minute,area,cpu,state\n${backend.map(({ minute, area, cpu, state }) => [minute, area, cpu ?? "", state].join(",")).join("\n")}\n`,
);
writeFileSync(join(folder, "cpu.ndjson"), `${backend.map((row) => JSON.stringify(row)).join("\n")}\n`);

const tableRequest = {
  name: "backend",
  base: folder,
  time: "minute",
  on: [{ attribute: "region", column: "area" }],
  columns: ["cpu", "state"],
  withinMs: 120_000,
};

/** Values of expressions by session, all as numeric KPIs beside one that fails on errors among buyers. */
async function valuesBySession(
  texts: readonly string[],
  conditions: readonly string[],
  pool: WorkerPool,
  tables: readonly AuxiliaryTable[] = [],
): Promise<Map<string, readonly number[]>> {
  const { table } = await readEvents(
    {
      files: ["events.csv"],
      base: folder,
      columns: { user: "user", session: "session", time: "ts", event: "event" },
      sessionGapMs: 1,
      needed: ["region"],
      coded: [],
      attributes: null,
      attributeMaxValues: 50,
    },
    pool,
  );
  const tokens = tokensOf(table, {});
  const data = {
    ...statisticsOf(table, tokens),
    kpis: ["k"],
    tables: tables.map(({ name, columns }) => ({
      name,
      columns: columns.map((column) =>
        column.kind === "coded"
          ? { kind: column.kind, name: column.name, grain: "event" as const, dictionary: column.dictionary }
          : { kind: column.kind, name: column.name, grain: "event" as const, type: column.type },
      ),
    })),
  };
  const plan = new PlanBuilder();
  const source = (text: string, position: "boolean" | "value") => ({
    expression: parseExpression(text, { position }),
    text,
    where: "test",
  });
  const bars = {
    barredNames: [],
    barredColumns: [],
    barredMeasures: [],
    ...{ readsLength: false, anchor: null, deadlineMs: null, lastsMs: null },
  };
  const kpis: KpiPlan[] = [
    {
      name: "k",
      among: compileBoolean(source("buy", "boolean"), plan, data),
      outcome: { kind: "binary", node: compileBoolean(source("error", "boolean"), plan, data) },
      ...bars,
    },
    ...texts.map(
      (text): KpiPlan => ({
        name: text,
        among: null,
        outcome: { kind: "numeric", node: compileNumber(source(text, "value"), plan, data), worse: "higher" },
        ...bars,
      }),
    ),
  ];
  const nodes = conditions.map((text) => compileBoolean(source(text, "boolean"), plan, data));
  const found = await new Execution(table, tokens, pool, tables).evaluate(
    plan.nodes,
    kpis,
    nodes.map((node) => ({ node, forKpi: kpis.map((_, at) => at === 1) })),
    { fromMs: -Infinity, toMs: Infinity, failingQuantile: 0.9, outcomeTime: true },
  );
  const { group, bit } = placeOfKpi(1);
  return new Map(
    Array.from({ length: table.sessions }, (_, session) => [
      sessionId(table, session),
      [
        ...texts.map((_, at) => found.kpis[at + 1]!.outcome![session]!),
        ...nodes.map((node) => (found.conditions.get(node)![group]![session]! >>> bit) & 1),
      ],
    ]),
  );
}

async function duckAnswers(sql: string): Promise<Map<string, readonly number[]>> {
  const duck = await openDuck();
  const events = `e AS (SELECT *, epoch_ms(ts::TIMESTAMP) AS time FROM read_csv('${folder}/events.csv', all_varchar = true)),
    s AS (SELECT session AS id, min(time) AS start, max(region) AS region, bool_or(event = 'buy') AS counts, bool_or(event = 'error') AS fails FROM e GROUP BY session)`;
  const answer = await duck.rows(`WITH ${events} ${sql}`);
  return new Map(
    answer.map(({ id, ...values }) => [
      String(id),
      Object.values(values).map((value) => (value === null ? Number.NaN : Number(value))),
    ]),
  );
}

function assertSame(
  found: ReadonlyMap<string, readonly number[]>,
  expected: ReadonlyMap<string, readonly number[]>,
): void {
  assert.is(found.size, 400);
  for (const [id, values] of found) assert.equal(values, expected.get(id), id);
}

test("load equals SQL over the minute before, itself left out, with any number of threads", async () => {
  const expected = await duckAnswers(
    `SELECT id,
      (SELECT count(*) FROM s o WHERE o.id <> s.id AND o.start BETWEEN s.start - 60000 AND s.start) AS sessions,
      (SELECT avg(o.fails::INT) FROM s o WHERE o.counts AND o.id <> s.id AND o.start BETWEEN s.start - 60000 AND s.start) AS rate
    FROM s`,
  );
  for (const pool of pools) {
    assertSame(await valuesBySession(["load.sessions", "load.failure_rate(k)"], [], pool), expected);
  }
});

test("an auxiliary table equals an as-of join in SQL, from CSV and from NDJSON", async () => {
  const expected = await duckAnswers(
    `, c AS (SELECT row_number() OVER () AS row, * FROM read_csv('${folder}/cpu.csv', types = {'minute': 'TIMESTAMP'})),
    best AS (SELECT s.id, (SELECT arg_max(row, (epoch_ms(minute), row)) FROM c WHERE c.area = s.region AND epoch_ms(minute) <= s.start AND s.start - epoch_ms(minute) <= 120000) AS row FROM s)
    SELECT id, c.cpu, coalesce(c.state = 'hot', false)::INT AS hot FROM best LEFT JOIN c ON c.row = best.row`.replace(
      /^,/,
      ",",
    ),
  );
  for (const file of ["cpu.csv", "cpu.ndjson"]) {
    const table = await readTable({ ...tableRequest, file }, pools[1]!);
    assertSame(await valuesBySession(["backend.cpu"], ['backend.state == "hot"'], pools[1]!, [table]), expected);
  }
});

test("a table without the column that is asked for is refused", async () => {
  try {
    await readTable({ ...tableRequest, file: "cpu.csv", columns: ["cpus"] }, pools[0]!);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "source-invalid");
    assert.match((error as Error).message, "tables.backend: cpu.csv: missing column: cpus");
    assert.match((error as Error).message, "did you mean cpu?");
  }
});

test.run();
