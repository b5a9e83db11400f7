/** KPIs and hypotheses of the public data sets: counted by the engine as SQL counts them, and as their notes say. */
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Execution } from "../../engine/execution.js";
import { FAILING, NORMAL } from "../../engine/passes/segment.js";
import { WorkerPool } from "../../engine/pool.js";
import { readEvents } from "../../engine/read.js";
import { compileBoolean } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { attributesOf } from "../../planner/expression/walk.js";
import { compileKpi } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { dataSets, expectedOf, studyOf } from "../data-sets.js";
import { statisticsOf, tokensOf } from "../engine/tables.js";
import { openDuck } from "../sample/duck.js";

const test = suite("data sets against DuckDB");
const pool = new WorkerPool(2);
test.after(() => pool.close());

/** A column's value in a session's first event. */
const first = (column: string): string => `arg_min(${column}, row)`;
const duration = "epoch_ms(max(ts)) - epoch_ms(min(ts))";

/** By set: its file as DuckDB reads it, what makes a session, and by KPI whether it fails; null: it does not count. */
const sets: Readonly<Record<string, readonly [from: string, session: string, kpis: Readonly<Record<string, string>>]>> =
  {
    hdfs: ["read_csv('events.csv.gz')", "session_id", { anomaly: `${first("label")} = 'anomaly'` }],
    hdfs_blocks: ["'events.parquet'", "session_id", { anomaly: `${first("label")} = 'anomaly'` }],
    google_jobs: [
      "'events.parquet'",
      "user_id, session_id",
      {
        job_fail: `case when ${first("complete")} = 'yes' then ${first("outcome")} = 'FAIL' end`,
        fail_or_kill: `case when ${first("complete")} = 'yes' then ${first("outcome")} in ('FAIL', 'KILL', 'LOST') end`,
      },
    ],
    google_tasks: [
      "'events.parquet'",
      "user_id, session_id",
      {
        job_fail: `case when count(*) <= 2000 and ${first("outcome")} in ('FAIL', 'KILL', 'FINISH')
        then ${first("outcome")} = 'FAIL' end`,
      },
    ],
    lumos: [
      "read_csv('events.csv')",
      "session_id",
      {
        bad_session: `${first("late_share")} > 0.139535`,
        late_share: first("late_share"),
        buffering_share: "count(*) filter (name in ('buffering:low', 'buffering:mid', 'buffering:high')) / count(*)",
      },
    ],
    tau_bench: ["read_json('events.ndjson')", "user_id, session_id", { failed: `${first("reward")} < 1` }],
    helpdesk: ["read_csv('events.csv')", "user_id, session_id", { slow: `${duration} > 4147562000` }],
    bpic2013: ["'events.parquet'", "session_id", { slow: `${duration} > 1246421000` }],
  };

if (dataSets === undefined)
  process.stdout.write("skipped: data sets against DuckDB, because LEADLINE_DATA is not set\n");
else {
  const root = dataSets;
  for (const [name, [from, session, kpis]] of Object.entries(sets)) {
    test(`${name}: KPIs and the sessions of its hypotheses`, async () => {
      const folder = join(root, name);
      // without a burn-in, for the notes count every user's sessions
      const study = studyOf(folder, { burn_in: 0 });
      const listed = expectedOf(folder).filter(({ sessions }) => sessions !== undefined);
      const expressions = [
        ...study.kpis.flatMap((kpi) => [kpi.among, kpi.kind === "binary" ? kpi.failure : kpi.value]),
        ...listed.map(({ hypothesis }) => ({ expression: parseExpression(hypothesis) })),
      ];
      const { table } = await readEvents(
        {
          files: study.events.files,
          base: folder,
          columns: study.events.columns,
          sessionGapMs: 1,
          needed: [...new Set(expressions.flatMap((part) => (part === null ? [] : attributesOf(part.expression))))],
          attributes: study.events.attributes,
          attributeMaxValues: study.settings.attribute_max_values,
        },
        pool,
      );
      const tokens = tokensOf(table, {});
      const data = statisticsOf(table, tokens);
      const plan = new PlanBuilder();
      const plans = study.kpis.map((kpi, index) => compileKpi(kpi, index, plan, data));
      const nodes = listed.map(({ hypothesis }) =>
        compileBoolean({ expression: parseExpression(hypothesis), text: hypothesis, where: name }, plan, data),
      );
      const requests = nodes.map((node) => ({ node, forKpi: plans.map(() => true) }));
      const found = await new Execution(table, tokens, pool).evaluate(plan.nodes, plans, requests, {
        fromMs: Number.NEGATIVE_INFINITY,
        toMs: Number.POSITIVE_INFINITY,
        failingQuantile: study.settings.numeric_failing_quantile,
        outcomeTime: true,
      });

      const duck = await openDuck();
      await duck.rows(`set timezone = 'UTC'`);
      await duck.rows(`create table sessions as select ${Object.entries(kpis)
        .map(([kpi, sql]) => `${sql} as ${kpi}`)
        .join()}
        from (select *, row_number() over () as row from ${from.replace(/'(.*)'/, `'${folder}/$1'`)})
        where ts is not null and name is not null group by ${session}`);
      for (const [at, kpi] of study.kpis.entries()) {
        const fails =
          kpi.kind === "binary" ? kpi.name : `${kpi.name} > (select quantile_cont(${kpi.name}, 0.9) from sessions)`;
        const [row] = await duck.rows(
          `select count(${kpi.name}) as sessions, count(*) filter (${fails}) as failing from sessions`,
        );
        const { state } = found.kpis[at]!;
        const count = (...standings: number[]) => state.filter((standing) => standings.includes(standing)).length;
        assert.equal({ sessions: count(NORMAL, FAILING), failing: count(FAILING) }, row, kpi.name);
      }

      for (const [at, { kpi, hypothesis, sessions }] of listed.entries()) {
        const kpiAt = study.kpis.findIndex((own) => own.name === kpi);
        const { state, outcome } = found.kpis[kpiAt]!;
        const members = found.conditions.get(nodes[at]!)![0]!;
        const counts = { members: 0, members_failing: 0, others: 0, others_failing: 0 };
        for (const [place, standing] of state.entries()) {
          if (standing !== NORMAL && standing !== FAILING) continue;
          const side = ((members[place]! >> kpiAt) & 1) === 1 ? "members" : "others";
          counts[side]++;
          if (standing === FAILING) counts[`${side}_failing`]++;
        }
        const { members: inside, others } = counts;
        // what fails of a numeric KPI is not in the notes
        assert.equal(outcome === null ? counts : { members: inside, others }, sessions, hypothesis);
      }
    });
  }
}

test.run();
