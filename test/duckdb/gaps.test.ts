import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCohorts } from "../../engine/cohorts.js";
import { Execution } from "../../engine/execution.js";
import { symboliseTokens, tallyTokens } from "../../engine/mine.js";
import { countMined, mineGaps, type SequenceSpacing } from "../../engine/mine-gaps.js";
import { WorkerPool } from "../../engine/pool.js";
import { planStudy } from "../../finder/run-study.js";
import { compileKpi } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { parseStudy } from "../../planner/study.js";
import { generateSample } from "../../sample/generate.js";
import { type Duck, openDuck } from "../sample/duck.js";

/** Sequences of each length that SQL counts too. */
const CHECKED = 12;

interface Context {
  folder: string;
  duck: Duck;
  pool: WorkerPool;
}

const test = suite<Context>("sequences with gaps against DuckDB");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-gaps-"));
  context.duck = await openDuck();
  context.pool = new WorkerPool(2);
  await generateSample({ out: context.folder, users: 600, seed: 7, format: "parquet", service: "player" });
  // no two events of a session have one time, so the order by time is the only one; the study ignores heartbeats
  const file = join(context.folder, "player.parquet");
  await context.duck.rows(`create table seen as select session_id, event, epoch_ms(ts) as moment,
    row_number() over (partition by session_id order by ts) as place from '${file}' where event <> 'heartbeat'`);
  // the outcomes of a KPI with a moment and of one that whole sessions decide
  await context.duck.rows(`create table outcomes as select session_id, any_value(country) as country,
    max((event = 'app_error')::int) as global_error,
    coalesce(min(epoch_ms(ts)) filter (event = 'app_error'), 1e18) as decided from '${file}' group by session_id`);
});

test.after(async ({ folder, pool }) => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

/** The moments at which a session completes a sequence, as SQL. */
function completions(steps: readonly string[], { adjacency, withinMs }: SequenceSpacing): string {
  const joins = steps.slice(1).map((_, at) => {
    const order = adjacency === "next" ? `e${at + 1}.place = e${at}.place + 1` : `e${at + 1}.place > e${at}.place`;
    return `join seen e${at + 1} on e${at + 1}.session_id = e0.session_id and ${order}`;
  });
  const last = `e${steps.length - 1}`;
  const conditions = [
    ...steps.map((step, at) => `e${at}.event = '${step}'`),
    ...(withinMs === null ? [] : [`${last}.moment - e0.moment <= ${withinMs}`]),
  ];
  return `select e0.session_id, min(${last}.moment) as done from seen e0 ${joins.join(" ")}
    where ${conditions.join(" and ")} group by e0.session_id`;
}

const spacings: readonly SequenceSpacing[] = [
  { adjacency: "gap", withinMs: null },
  { adjacency: "gap", withinMs: 20_000 },
  { adjacency: "next", withinMs: 1_500 },
];

for (const spacing of spacings) {
  const name = `${spacing.adjacency}, ${spacing.withinMs === null ? "any time" : `within ${spacing.withinMs} ms`}`;
  test(`${name}: members and failing, on the evidence before the outcome, are those of SQL`, async ({
    folder,
    duck,
    pool,
  }) => {
    const file = join(folder, "player.yaml");
    const study = parseStudy(await readFile(file, "utf8"), file);
    const { store, table, tokens, data } = await planStudy(study, folder, pool, {});
    const plan = new PlanBuilder();
    const wanted = study.kpis.filter((kpi) => kpi.name === "global_error");
    const kpis = wanted.map((kpi, index) => compileKpi(kpi, index, plan, data));
    const execution = new Execution(store, tokens, pool);
    await execution.evaluate(plan.nodes, kpis, [], {
      fromMs: Number.NEGATIVE_INFINITY,
      toMs: Number.POSITIVE_INFINITY,
      failingQuantile: 0.9,
      outcomeTime: true,
    });
    const counted = new Uint8Array(new SharedArrayBuffer(table.sessions)).fill(1);
    const cohorts = await findCohorts(table, counted, 0.05, pool);
    const symbols = await symboliseTokens(execution, tokens);
    await execution.layOut(cohorts, symbols.symbols);
    const failing = Number(await duck.value("select sum(global_error) from outcomes"));
    const mined = await mineGaps(
      execution,
      tokens,
      symbols,
      {
        ...spacing,
        longest: 3,
        isAsked: (codes) => codes.length > 1,
        scenarios: [{ cohort: 0, kpi: 0, failing, normal: 1 }],
        minSupport: 0.1,
        barredTokens: new Uint32Array(tokens.tokens.length),
        cohorts,
        most: 10_000,
      },
      await tallyTokens(execution, symbols, execution.walk("all", false)),
    );
    const counts = await countMined(execution, mined, execution.walk("cohort", false));
    const one = cohorts.cohorts.findIndex(
      ({ values }) => values.length === 1 && table.attributes[values[0]!.attribute]?.name === "country",
    );
    const { attribute, code } = cohorts.cohorts[one]!.values[0]!;
    const country = String(table.attributes[attribute]!.dictionary[code - 1]);
    let checked = 0;
    for (const length of [2, 3]) {
      const all = [...mined.patterns.keys()].filter((index) => mined.patterns[index]!.length === length);
      const step = Math.max(1, Math.floor(all.length / CHECKED));
      for (const index of all.filter((_, at) => at % step === 0).slice(0, CHECKED)) {
        const steps = mined.patterns[index]!.map((token) => tokens.tokens[token]!.text);
        const rows = await duck.rows(`select count(*) filter (global_error = 1) as failing,
          count(*) filter (global_error = 0) as normal,
          count(*) filter (global_error = 1 and country = '${country}') as failing_there,
          count(*) filter (global_error = 0 and country = '${country}') as normal_there
          from (${completions(steps, spacing)}) join outcomes using (session_id) where done < decided`);
        const part = counts.find(({ first, count }) => index >= first && index < first + count)!;
        const cell = index - part.first + 1;
        const found = {
          failing: part.tally.row(0, 0, true)[cell],
          normal: part.tally.row(0, 0, false)[cell],
          failing_there: part.tally.row(one, 0, true)[cell],
          normal_there: part.tally.row(one, 0, false)[cell],
        };
        assert.equal(found, rows[0], steps.join(" -> "));
        assert.ok(found.failing! >= 0.1 * failing);
        checked++;
      }
    }
    assert.ok(checked >= (spacing.adjacency === "gap" ? 20 : 4), `${checked}`);
  });
}

test.run();
