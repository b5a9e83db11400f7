import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { parseStudy, type Study } from "../../planner/study.js";
import { readResult } from "../../report/json.js";
import { sessionParquet } from "../../report/session-files.js";
import { sessionColumns } from "../../run.js";
import { generateSample } from "../../sample/generate.js";
import { leadline } from "../cli/leadline.js";
import { type Duck, openDuck } from "../sample/duck.js";

interface Context {
  folder: string;
  duck: Duck;
  study: Study;
}

const test = suite<Context>("columns against DuckDB");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-columns-"));
  context.duck = await openDuck();
  await generateSample({ out: context.folder, users: 1500, seed: 3, format: "parquet", service: "subscription" });
  const file = join(context.folder, "subscription.yaml");
  context.study = parseStudy(await readFile(file, "utf8"), file);
  await context.duck.rows(`create table events as select *, epoch_ms(ts) as moment
    from '${join(context.folder, "subscription.parquet")}'`);
});
test.after(({ folder }) => rm(folder, { recursive: true, force: true }));

/** Expressions of every type, and what each is in SQL over the events of a session. */
const expressions: Readonly<Record<string, string>> = {
  buy_plan: "bool_or(event = 'buy_plan')",
  '"home_view" and not buy_plan': "bool_or(event = 'home_view') and not bool_or(event = 'buy_plan')",
  "buy_plan -> payment_complete":
    "coalesce(min(moment) filter (event = 'buy_plan') < max(moment) filter (event = 'payment_complete'), false)",
  "count(buy_plan)": "count(*) filter (event = 'buy_plan')::double",
  "sum(*.ms)": "coalesce(sum(ms), 0)::double",
  "session.duration": "(max(moment) - min(moment))::double",
  "session.events * 2 + 1": "count(*) * 2.0 + 1",
  "elapsed(start, buy_plan)": "(min(moment) filter (event = 'buy_plan') - min(moment))::double",
  os: "arg_min(os, moment)",
  "first(*.plan)": "arg_min(plan, moment) filter (plan is not null)",
  'os == "ios"': "coalesce(arg_min(os, moment) = 'ios', false)",
};

test("every expression has the values that SQL gives it, session by session, under its own name", async ({
  folder,
  duck,
  study,
}) => {
  const file = join(folder, "c.parquet");
  const given = Object.keys(expressions);
  const { table, warnings } = await sessionColumns(study, folder, [...given, "( os )"], { threads: 2 });
  assert.equal(warnings, []);
  writeFileSync(file, await sessionParquet(table));
  const canonical = given.map((text) => text.replaceAll('"home_view"', "home_view"));
  assert.equal(
    table.columns.map(({ name }) => name),
    ["user", "session", "start", ...canonical],
  );
  const quoted = canonical.map((name) => `"${name.replaceAll('"', '""')}"`);
  const found = await duck.rows(
    `select session, "user", epoch_ms(start) as began, ${quoted.map((name, at) => `${name} as v${at}`).join()} from '${file}' order by session`,
  );
  const sql = Object.values(expressions).map((text, at) => `${text} as v${at}`);
  const expected = await duck.rows(
    `select session_id as session, any_value(user_id) as "user", min(moment) as began, ${sql.join()} from events
      group by session_id order by session_id`,
  );
  assert.ok(found.length > 1000);
  assert.is(found.length, expected.length);
  for (const [row, own] of found.entries()) assert.equal(own, expected[row]);
});

test("the window of the study holds, and loads and sessions before are computed", async ({ folder, duck, study }) => {
  const fromMs = Date.parse("2026-10-26");
  const { table } = await sessionColumns(
    study,
    folder,
    ["session.index", "previous(os)", "load.failure_rate(payment_conversion)"],
    { threads: 1, fromMs },
  );
  const file = join(folder, "w.parquet");
  writeFileSync(file, await sessionParquet(table));
  const [counts] = await duck.rows(
    `select count(*) as rows, min(epoch_ms(start)) >= ${fromMs} as inside from '${file}'`,
  );
  const [expected] = await duck.rows(
    `select count(*) as rows from (select min(moment) as began from events group by session_id) where began >= ${fromMs}`,
  );
  assert.equal(counts, { rows: expected?.["rows"], inside: true });
  const wrong =
    await duck.value(`select count(*) from '${file}' join (select session_id, lag(os) over (partition by user_id order by began) as before
    from (select session_id, any_value(user_id) as user_id, any_value(os) as os, min(moment) as began from events group by session_id))
    on session_id = session where before is distinct from "previous(os)"`);
  assert.is(wrong, 0);
});

const mistakes: readonly (readonly [string, RegExp])[] = [
  [
    "count(buy_plann)",
    /^expression 2: unknown event: buy_plann; .*did you mean buy_plan\?\n {2}count\(buy_plann\)\n {8}\^$/,
  ],
  ["oss", /^expression 2: unknown attribute: oss; .*did you mean os\?\n {2}oss\n {2}\^$/],
  ["buy_plann", /^expression 2: unknown event: buy_plann; .*did you mean buy_plan\?/],
  ["os ==", /^expression 2: found the end; allowed: [\s\S]*\n {7}\^$/],
  ['"no such event"', /^expression 2: unknown event: no such event/],
  ["os + 1", /^expression 2: text stands where a number must/],
];
for (const [text, expected] of mistakes) {
  test(`what is wrong with ${text} is told with its place`, async ({ folder, study }) => {
    try {
      await sessionColumns(study, folder, ["os", text], { threads: 1 });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, LeadlineError);
      assert.is((error as LeadlineError).code, "expression-invalid");
      assert.match((error as LeadlineError).message, expected);
    }
  });
}

test("leadline columns writes Parquet and CSV, whole or not at all", async ({ folder, duck }) => {
  const args = ["columns", "subscription.yaml", "count(buy_plan)", "os"];
  for (const name of ["out.parquet", "out.csv"]) {
    const { code, out, err } = await leadline([...args, "--out", name], { cwd: folder });
    assert.equal([code, out], [0, ""], err);
    assert.match(err, /^Wrote out\.\w+: [\d,]+ sessions, 5 columns\.\n$/);
  }
  const rows = (file: string) =>
    duck.rows(
      `select "user", session, "count(buy_plan)"::double as n, os from '${join(folder, file)}' order by session`,
    );
  const [parquet, csv] = [await rows("out.parquet"), await rows("out.csv")];
  assert.ok(parquet.length > 1000);
  assert.equal(csv, parquet);
  const before = readFileSync(join(folder, "out.csv"));
  const failed = await leadline([...args, "oss", "--out", "out.csv"], { cwd: folder });
  assert.is(failed.code, 1);
  assert.match(failed.err, /^expression 3: unknown attribute: oss/);
  assert.equal(readFileSync(join(folder, "out.csv")), before);
});

test("--derived holds the sessions of every opportunity, as the result counts them", async ({ folder, duck }) => {
  const args = ["run", "subscription.yaml", "--derived", "d.parquet", "--json", "r.json", "--threads", "2"];
  const { code, err } = await leadline(args, { cwd: folder });
  assert.is(code, 0, err);
  assert.match(err, /^Wrote r\.json\.\nWrote d\.parquet\.\n/);
  const result = readResult(readFileSync(join(folder, "r.json"), "utf8"), "r.json");
  const file = join(folder, "d.parquet");
  assert.ok(result.opportunities.length > 0);
  const names = await duck.rows(`select name from parquet_schema('${file}') where name <> 'root'`);
  assert.equal(
    names.map(({ name }) => name),
    [
      ...["user", "session", "start"],
      ...result.kpis.map(({ name }) => name),
      ...result.opportunities.map(({ id }) => id),
    ],
  );
  assert.is(await duck.value(`select count(*) from '${file}'`), result.data.sessions);
  for (const { name, sessions, failing } of result.kpis) {
    const [row] = await duck.rows(
      `select count(${name}) as sessions, count(*) filter (${name}) as failing from '${file}'`,
    );
    assert.equal(row, { sessions, failing });
  }
  for (const { id, kpi, sessions, examples, hypothesis } of result.opportunities) {
    const [row] =
      await duck.rows(`select count(*) filter (${id}) as members, count(*) filter (${id} and ${kpi}) as members_failing,
      count(*) filter (not ${id}) as others, count(*) filter (not ${id} and ${kpi}) as others_failing from '${file}'`);
    assert.equal(row, { ...sessions });
    const listed = examples.map((session) => `'${session}'`).join();
    assert.is(
      await duck.value(`select count(*) from '${file}' where ${id} and ${kpi} and session in (${listed})`),
      examples.length,
    );
    const told = await duck.value(
      `select decode(value) from parquet_kv_metadata('${file}') where decode(key) = 'leadline:${id}'`,
    );
    assert.is(told, hypothesis);
  }
  rmSync(file);
  const refused = await leadline(["run", "subscription.yaml", "--derived", "none/d.parquet"], { cwd: folder });
  assert.equal([refused.code, refused.out], [1, ""]);
  assert.match(refused.err, /^invalid output file: none\/d\.parquet: its folder does not exist/);
});

test.run();
