/**
 * Every count that the engine makes of the sample data is what a query written by hand counts in the same files.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cohorts, findCohorts } from "../../engine/cohorts.js";
import { type Evaluated, Execution, type Tally } from "../../engine/execution.js";
import { automatonOf, symboliseTokens } from "../../engine/mine.js";
import { FAILING, NORMAL } from "../../engine/passes/segment.js";
import { WorkerPool } from "../../engine/pool.js";
import type { Evidence } from "../../finder/collect.js";
import { effectOf } from "../../finder/effect.js";
import { type PlannedStudy, planStudy } from "../../finder/run-study.js";
import { insertUser } from "../../kernels/user-moments.js";
import { compileBoolean } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { compileKpi } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { parseStudy, type Study, type StudyHypotheses } from "../../planner/study.js";
import type { Result } from "../../report/result.js";
import { findOpportunities } from "../../run.js";
import { generateSample } from "../../sample/generate.js";
import { type Duck, openDuck } from "../sample/duck.js";

const USERS = 2_000;

/** A service's tokens, and by KPI whether a session fails; null: it does not count. */
interface Service {
  readonly token: string;
  readonly visible: string;
  readonly kpis: Readonly<Record<string, string>>;
  /** Sessions before the data; an expression of a user's first row */
  readonly before: string;
}

const has = (event: string): string => `bool_or(event = '${event}')`;
const failsAmong = (among: string, failing: string): string => `case when ${among} then (${failing})::int end`;
/** Whether no B comes after some A. */
const neverAfter = (a: string, b: string): string =>
  `not coalesce(min(ts) filter (event = '${a}') < max(ts) filter (event = '${b}'), false)`;

const services: Readonly<Record<string, Service>> = {
  subscription: {
    token: `case when event = 'subscription_page_view' and ui is not null then event || '{ui=' || ui || '}'
      when event = 'subscription_api_response' and status is not null then event || '{status=' || status || '}'
      else event end`,
    visible: "true",
    kpis: {
      payment_conversion: failsAmong(
        has("buy_plan"),
        "not bool_or(event = 'payment_complete' and coalesce(ts - last_buy <= interval 10 seconds, false))",
      ),
      subscription_page_payment: failsAmong(
        has("subscription_page_view"),
        neverAfter("subscription_page_view", "payment_complete"),
      ),
      subscription_completion: failsAmong(
        has("subscription_start"),
        neverAfter("subscription_start", "subscription_finish"),
      ),
      trailer_playback: failsAmong(has("trailer_play"), has("trailer_error")),
    },
    before: "visits_before",
  },
  player: {
    token: "event",
    visible: "event <> 'heartbeat'",
    kpis: {
      session_crash: failsAmong("true", has("app_crash")),
      global_error: failsAmong("true", has("app_error")),
      login_error: failsAmong(has("login_start"), has("login_error")),
      playback_failure: failsAmong(has("play_start"), has("playback_failed")),
    },
    before: "visits_before",
  },
  shop: {
    token: "case when event like 'input\\_error\\_%' escape '\\' then 'input_error' else event end",
    visible: "true",
    kpis: {
      login_success: failsAmong(has("login_start"), neverAfter("login_start", "login_success")),
      user_error: failsAmong(has("form_view"), "bool_or(event like 'input\\_error\\_%' escape '\\')"),
      checkout: failsAmong(has("checkout_start"), neverAfter("checkout_start", "order_complete")),
      site_error: failsAmong("true", has("server_error")),
    },
    before: "0",
  },
};

interface Loaded {
  readonly service: Service;
  readonly study: Study;
  readonly planned: PlannedStudy;
}

interface Context {
  folder: string;
  duck: Duck;
  pool: WorkerPool;
  loaded: Map<string, Loaded>;
}

const test = suite<Context>("sample against DuckDB");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-duckdb-"));
  context.duck = await openDuck();
  context.pool = new WorkerPool(2);
  context.loaded = new Map();
  await generateSample({ out: context.folder, users: USERS, seed: 7, format: "parquet" });
  for (const [name, service] of Object.entries(services)) {
    const file = join(context.folder, `${name}.yaml`);
    const study = parseStudy(await readFile(file, "utf8"), file);
    const planned = await planStudy(study, context.folder, context.pool, {});
    context.loaded.set(name, { service, study, planned });
    // no two events of a session have one time, so the order by time is the only one
    await context.duck.rows(`create table ${name} as select *, epoch_ms(ts) as moment,
      max(ts) filter (event = 'buy_plan') over (partition by session_id order by ts) as last_buy
      from '${join(context.folder, `${name}.parquet`)}'`);
    const { attributes } = study.events;
    const kpis = Object.entries(service.kpis).map(([kpi, sql]) => `${sql} as ${kpi}`);
    await context.duck.rows(`create table ${name}_sessions as select *,
      first_value(before) over own + row_number() over own as idx,
      (start - lag(start) over own) / 86400000.0 as days from (
        select session_id, any_value(user_id) as user_id, min(moment) as start, max(moment) as stop, any_value(${service.before}) as before,
        ${[...(attributes ?? []).map((column) => `any_value(${column}) as ${column}`), ...kpis].join()}
        from ${name} group by session_id) window own as (partition by user_id order by start)`);
    // every pattern of one to three adjacent tokens, with the moment at which a session first completes it
    await context.duck.rows(`create table ${name}_grams as
      with tokens as (select session_id, moment, ${service.token} as token from ${name} where ${service.visible}),
      next as (select session_id, token as a, moment as at1, lead(token, 1) over own as b, lead(moment, 1) over own as at2,
        lead(token, 2) over own as c, lead(moment, 2) over own as at3 from tokens window own as (partition by session_id order by moment))
      select session_id, gram, min(done) as done from (
        select session_id, [a] as gram, at1 as done from next
        union all select session_id, [a, b], at2 from next where b is not null
        union all select session_id, [a, b, c], at3 from next where c is not null) group by all`);
  }
});

test.after(async ({ folder, pool }) => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

/** The KPIs of a study that fail or do not, evaluated on whole sessions or on what came before the outcome. */
async function evaluate(
  { planned, study }: Loaded,
  pool: WorkerPool,
  outcomeTime: boolean,
  conditions: readonly string[] = [],
) {
  const { store, tokens, data } = planned;
  const plan = new PlanBuilder();
  const kpis = study.kpis
    .filter(({ kind }) => kind === "binary")
    .map((kpi, index) => compileKpi(kpi, index, plan, data));
  const nodes = conditions.map((text) =>
    compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data),
  );
  const execution = new Execution(store, tokens, pool);
  const asked = nodes.map((node) => ({ node, forKpi: kpis.map(() => true) }));
  const found = await execution.evaluate(plan.nodes, kpis, asked, {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
    failingQuantile: study.settings.numeric_failing_quantile,
    outcomeTime,
  });
  return { execution, found, nodes, names: kpis.map(({ name }) => name) };
}

/** Cohorts, and every pattern of the data counted in them. */
async function countGrams(
  loaded: Loaded,
  { execution, found }: { readonly execution: Execution; readonly found: Evaluated },
  grams: readonly string[][],
  pool: WorkerPool,
): Promise<{ readonly cohorts: Cohorts; readonly tally: Tally }> {
  const { table, tokens } = loaded.planned;
  const counted = new Uint8Array(new SharedArrayBuffer(table.sessions)).fill(1);
  assert.ok(found.kpis.length > 0);
  const cohorts = await findCohorts(table, counted, 0.05, pool);
  const symbols = await symboliseTokens(execution, tokens);
  await execution.layOut(cohorts, symbols.symbols);
  const codeOf = new Map(tokens.tokens.map(({ text }, code) => [text, code]));
  const patterns = grams.map((gram) => gram.map((text) => codeOf.get(text) as number));
  const automaton = automatonOf({ patterns }, [...patterns.keys()], symbols);
  const tally = await execution.tally({ kind: "patterns", automaton }, execution.walk("cohort", false), false);
  return { cohorts, tally };
}

/** Compares counts of patterns; tells the first that differs. */
function sameCounts(counts: Uint32Array, expected: readonly number[], grams: readonly string[][], what: string): void {
  const at = grams.findIndex((_, index) => counts[index + 1] !== expected[index]);
  assert.is(at, -1, `${what} of ${grams[at]?.join(" => ")}: ${counts[at + 1]} against ${expected[at]}`);
}

/** The cohort of a condition in SQL. */
function cohortSql({ cohorts }: Cohorts, cohort: number, { planned }: Loaded): string {
  const values = cohorts[cohort]!.values.map(({ attribute, code }) => {
    const { name, dictionary } = planned.table.attributes[attribute]!;
    return `${name} = '${dictionary[code - 1]}'`;
  });
  return ["true", ...values].join(" and ");
}

/** All patterns of the data, in a fixed order. */
async function gramsOf(name: string, duck: Duck): Promise<string[][]> {
  const rows = await duck.rows(`select distinct to_json(gram)::varchar as gram from ${name}_grams order by 1`);
  return rows.map(({ gram }) => JSON.parse(gram as string));
}

for (const name of Object.keys(services)) {
  test(`${name}: every KPI counts and fails in the sessions that SQL says`, async ({ duck, pool, loaded }) => {
    const own = loaded.get(name)!;
    const { found, names } = await evaluate(own, pool, true);
    assert.equal(names, Object.keys(own.service.kpis));
    const { bytes, offsets } = own.planned.store.table!.sessionIds!;
    for (const [kpi, { state }] of found.kpis.entries()) {
      const failing = new Map<string, number>();
      for (const [session, standing] of state.entries()) {
        if (standing !== FAILING && standing !== NORMAL) continue;
        failing.set(
          Buffer.from(bytes.slice(offsets[session], offsets[session + 1])).toString(),
          standing === FAILING ? 1 : 0,
        );
      }
      const rows = await duck.rows(
        `select session_id, ${names[kpi]} as failing from ${name}_sessions where ${names[kpi]} is not null`,
      );
      assert.is(rows.length, failing.size);
      for (const row of rows) assert.is(failing.get(row["session_id"] as string), row["failing"], names[kpi]);
    }
  });

  test(`${name}: every pattern of one to three events is counted as SQL counts it, in all sessions and in two cohorts`, async ({
    duck,
    pool,
    loaded,
  }) => {
    const own = loaded.get(name)!;
    const evaluated = await evaluate(own, pool, false);
    const grams = await gramsOf(name, duck);
    assert.ok(grams.length > 1_000);
    const { cohorts, tally } = await countGrams(own, evaluated, grams, pool);
    const pair = cohorts.cohorts.findIndex(({ values }) => values.length === 2);
    assert.ok(pair > 1);
    for (const cohort of [0, 1, pair]) {
      const columns = evaluated.names.flatMap((kpi) => [
        `count(*) filter (${kpi} = 1) as ${kpi}_failing`,
        `count(*) filter (${kpi} = 0) as ${kpi}_normal`,
      ]);
      const rows = await duck.rows(`select to_json(gram)::varchar as gram, ${columns.join()} from ${name}_grams
        join ${name}_sessions using (session_id) where ${cohortSql(cohorts, cohort, own)} group by gram`);
      const byGram = new Map(rows.map((row) => [row["gram"] as string, row]));
      for (const [kpi, kpiName] of evaluated.names.entries()) {
        for (const failing of [true, false]) {
          const column = `${kpiName}_${failing ? "failing" : "normal"}`;
          const expected = grams.map((gram) => Number(byGram.get(JSON.stringify(gram))?.[column] ?? 0));
          sameCounts(tally.row(cohort, kpi, failing), expected, grams, column);
        }
      }
    }
  });

  test(`${name}: lifecycle conditions hold in the sessions that SQL says`, async ({ duck, pool, loaded }) => {
    const own = loaded.get(name)!;
    const conditions = {
      "session.index <= 1": "idx <= 1",
      "session.index > 1": "idx > 1",
      "session.index == 2": "idx = 2",
      "user.days_since_last > 7": "days > 7",
    };
    const { found, nodes, names } = await evaluate(own, pool, false, Object.keys(conditions));
    for (const [at, sql] of Object.values(conditions).entries()) {
      const members = found.conditions.get(nodes[at]!)![0]!;
      for (const [kpi, kpiName] of names.entries()) {
        const { state } = found.kpis[kpi]!;
        const count = (standing: number) =>
          members.filter((holds, session) => ((holds >>> kpi) & 1) === 1 && state[session] === standing).length;
        const [row] = await duck.rows(`select count(*) filter (${kpiName} = 1) as failing,
          count(*) filter (${kpiName} = 0) as normal from ${name}_sessions where ${sql}`);
        assert.equal({ failing: count(FAILING), normal: count(NORMAL) }, row, `${sql}, ${kpiName}`);
      }
    }
  });
}

/** When a session's outcome is decided, in ms: events before it are evidence. */
const decidedAt: Readonly<Record<string, readonly [service: string, kpi: string, sql: string]>> = {
  "an anchored conversion: its success, or the last start's deadline": [
    "subscription",
    "payment_conversion",
    `select session_id, coalesce(
      min(moment) filter (event = 'payment_complete' and coalesce(ts - last_buy <= interval 10 seconds, false)),
      max(moment) filter (event = 'buy_plan') + 10000) as decided from subscription group by session_id having ${has("buy_plan")}`,
  ],
  "a failing event: when it comes, else never": [
    "player",
    "global_error",
    `select session_id, coalesce(min(moment) filter (event = 'app_error'), 1e18) as decided from player group by session_id`,
  ],
};

for (const [what, [name, kpi, sql]] of Object.entries(decidedAt)) {
  test(`evidence comes before the outcome of ${what}`, async ({ duck, pool, loaded }) => {
    const own = loaded.get(name)!;
    const evaluated = await evaluate(own, pool, true);
    const grams = await gramsOf(name, duck);
    const { tally } = await countGrams(own, evaluated, grams, pool);
    const rows = await duck.rows(`select to_json(gram)::varchar as gram, count(*) filter (${kpi} = 1) as failing,
      count(*) filter (${kpi} = 0) as normal from ${name}_grams join ${name}_sessions using (session_id)
      join (${sql}) using (session_id) where done < decided group by gram`);
    const byGram = new Map(rows.map((row) => [row["gram"] as string, row]));
    const at = evaluated.names.indexOf(kpi);
    for (const failing of [true, false]) {
      const side = failing ? "failing" : "normal";
      const expected = grams.map((gram) => Number(byGram.get(JSON.stringify(gram))?.[side] ?? 0));
      sameCounts(tally.row(0, at, failing), expected, grams, kpi);
    }
    // and it makes a difference
    const [whole] = await duck.rows(`select count(*) as n from ${name}_grams join (${sql}) using (session_id)`);
    assert.ok(
      rows.reduce((sum, row) => sum + Number(row["failing"]) + Number(row["normal"]), 0) < Number(whole?.["n"]),
    );
  });
}

test("a numeric KPI's mean and its failing sessions are those of SQL", async ({ duck, folder, loaded }) => {
  const { study } = loaded.get("player")!;
  const kpis = study.kpis.filter(({ name }) => name === "rebuffering");
  const { kpis: found } = await findOpportunities({ ...study, kpis }, folder, { threads: 2 });
  const [row] = await duck.rows(`with one as (
      select coalesce(sum(ms) filter (event = 'rebuffer_end'), 0) / nullif(max(moment) - min(moment), 0) as value
      from player group by session_id having ${has("play_start")})
    select count(value) as sessions, count(*) filter (value > (select quantile_cont(value, 0.9) from one)) as failing,
    avg(value) as value from one`);
  const { sessions, failing, value } = found[0]!;
  assert.equal([sessions, failing], [row?.["sessions"], row?.["failing"]]);
  assert.ok(Math.abs(value! - (row?.["value"] as number)) < 1e-12 * value!);
});

const opportunitySql = (name: string, { hypothesis, kpi, cohort }: Result["opportunities"][number]): string => {
  const gram = parseExpression(hypothesis);
  const members =
    gram.kind === "sequence"
      ? `session_id in (select session_id from ${name}_grams where gram = [${gram.steps.map((step) => `'${step.kind === "step" ? step.event : ""}'`).join()}])`
      : hypothesis.replace("session.index", "idx").replace("user.days_since_last", "days").replace("==", "=");
  const conditions = Object.entries(cohort).map(([attribute, value]) => `${attribute} = '${value}'`);
  return `select user_id, start, stop, ${kpi} as failing, coalesce(${members}, false) as member from ${name}_sessions
    where ${[`${kpi} is not null`, ...conditions].join(" and ")}`;
};

const hypotheses: readonly StudyHypotheses[] = [
  ...[1, 2, 3].map((k) => ({ template: "event-pattern", parameters: { k } })),
  ...[1, 2, 5].map((boundary) => ({ template: "user-lifecycle", parameters: { boundary } })),
  ...[7, 30].map((inactivity) => ({ template: "user-lifecycle", parameters: { inactivity } })),
].map((use) => ({ kind: "template", ...use }));

test("what a finding tells of its sessions and users is what SQL says, user by user", async ({
  duck,
  folder,
  loaded,
}) => {
  let checked = 0;
  for (const name of ["subscription", "player"]) {
    const { study } = loaded.get(name)!;
    const kpis = study.kpis.filter(({ kind }) => kind === "binary");
    // the paper's two templates: their hypotheses are what opportunitySql can say
    const { opportunities } = await findOpportunities({ ...study, kpis, hypotheses }, folder, {
      threads: 2,
      experts: "paper",
    });
    // the kinds and cohorts that come first are not all there are
    for (const opportunity of opportunities.filter((_, at) => at % 4 === 0).slice(0, 12)) {
      const steps = opportunity.hypothesis.split("=>").length;
      if (steps > 3) continue;
      checked++;
      await duck.rows(`create or replace table finding as ${opportunitySql(name, opportunity)}`);
      const users = await duck.rows(`select sum(failing) filter (member) as y1, count(*) filter (member) as n1,
        sum(failing) filter (not member) as y0, count(*) filter (not member) as n0 from finding group by user_id`);
      const moments = new Float64Array(15);
      const sums = { members: 0, members_failing: 0, others: 0, others_failing: 0 };
      for (const row of users) {
        const [y1, n1, y0, n0] = ["y1", "n1", "y0", "n0"].map((column) => Number(row[column] ?? 0)) as [
          number,
          number,
          number,
          number,
        ];
        insertUser(moments, y1, n1, y0, n0);
        sums.members += n1;
        sums.members_failing += y1;
        sums.others += n0;
        sums.others_failing += y0;
      }
      assert.equal(opportunity.sessions, sums, opportunity.hypothesis);
      const members = users.filter((row) => Number(row["n1"]) > 0);
      assert.is(opportunity.users, members.length);
      const contrast = {
        members: sums.members,
        membersFailing: sums.members_failing,
        others: sums.others,
        othersFailing: sums.others_failing,
      };
      const own = { within: new Float64Array(7), failureWithin: new Float64Array(7), users: members.length };
      const evidence = { contrast, moments, failureMoments: moments, ...own } as Evidence;
      // the paper's prototype compares nobody with himself
      const { excessFailures, ...effect } = effectOf(evidence, 1, Number.POSITIVE_INFINITY).effect;
      const { excess_failures, ...reported } = opportunity.effect;
      assert.equal({ ...reported, excess_failures }, { ...effect, excess_failures: excessFailures });
      const [seen] = await duck.rows(`select min(start) as first, max(stop) as last from finding where member`);
      assert.equal(
        [Date.parse(opportunity.first_seen), Date.parse(opportunity.last_seen)],
        [seen?.["first"], seen?.["last"]],
      );
      const starts = opportunity.trend.map(({ from }) => Date.parse(from));
      const buckets = await duck.rows(`select count(*) filter (member) as members,
        count(*) filter (member and failing = 1) as members_failing, count(*) filter (not member) as others,
        count(*) filter (not member and failing = 1) as others_failing
        from (select bucket, lead(bucket, 1, 1e18) over (order by bucket) as until
          from (select unnest([${starts.join()}]) as bucket))
        left join finding on start >= bucket and start < until
        group by bucket order by bucket`);
      assert.equal(
        opportunity.trend.map(({ from: _, ...bucket }) => bucket),
        buckets,
      );
    }
  }
  assert.ok(checked > 8, `${checked}`);
});

test.run();
