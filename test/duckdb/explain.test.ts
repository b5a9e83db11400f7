import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import type { SideComparison } from "../../finder/compare-sides.js";
import { studentQuantile } from "../../finder/statistics/distributions.js";
import { parseStudy, type Study } from "../../planner/study.js";
import { type ExpressionExplanation, explainExpression } from "../../run.js";
import { generateSample } from "../../sample/generate.js";
import { type Duck, openDuck, type Row } from "../sample/duck.js";

interface Context {
  folder: string;
  duck: Duck;
  study: Study;
}

const test = suite<Context>("explain EXPR against DuckDB");

/** Session starts in ms. */
const fromMs = Date.parse("2026-10-21");
const toMs = Date.parse("2026-11-10T12:00:00Z");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-explain-"));
  context.duck = await openDuck();
  await generateSample({ out: context.folder, users: 1500, seed: 3, format: "parquet", service: "subscription" });
  context.study = parseStudy(
    `title: t
events: {files: [subscription.parquet], columns: {user: user_id, session: session_id, time: ts, event: event}}
kpis:
  - {name: trailer, among: trailer_play, failure: trailer_error}
  - {name: length, value: session.duration, worse: higher}
`,
    "t.yaml",
  );
  await context.duck.rows(`
    create table events as select *, epoch_ms(ts) as moment, row_number() over (order by epoch_ms(ts), file_row_number) as place
      from read_parquet('${join(context.folder, "subscription.parquet")}', file_row_number = true);
    create table sessions as select session_id, any_value(user_id) as user_id, min(moment) as began, count(*) as events,
      (max(moment) - min(moment))::double as duration, arg_min(os, place) as os,
      bool_or(event = 'trailer_play') as counts, bool_or(event = 'trailer_error') as fails,
      coalesce(min(place) filter (event = 'trailer_error'), 9e18) as decided,
      count(*) filter (event = 'search_open') as searches from events group by session_id;
    create table early as select session_id, count(*) filter (event = 'search_open' and place < decided) as before
      from events join sessions using (session_id) group by session_id`);
});
test.after(({ folder }) => rm(folder, { recursive: true, force: true }));

/** Sessions in the window with what holds, what fails, and what counts, as a query. */
function sides(holds: string, y: string, fails: string, counts: string): string {
  return `select user_id, (${holds}) as h, (${y})::double as y, (${fails}) as f from sessions join early using (session_id)
    where began >= ${fromMs} and began < ${toMs} and (${counts})`;
}

/** The comparison by its definition: Taylor linearisation over users, and Satterthwaite's degrees of freedom. */
async function comparison(duck: Duck, query: string): Promise<Omit<SideComparison, "within_users">> {
  const side = (row: Row | undefined, name: string) => ({
    sessions: row?.[`n_${name}`] as number,
    users: row?.[`u_${name}`] as number,
    failing: row?.[`f_${name}`] as number,
    value: row?.[`v_${name}`] as number,
  });
  const [row] = await duck.rows(`with s as (${query}), v as (
      select avg(y) filter (h) as r1, avg(y) filter (not h) as r0, count(*) filter (h) as n1, count(*) filter (not h) as n0 from s),
    u as (select user_id, coalesce(sum(y) filter (h), 0) as y1, count(*) filter (h) as n1, coalesce(sum(y) filter (not h), 0) as y0,
      count(*) filter (not h) as n0 from s group by user_id),
    p as (select (u.y1 - r1 * u.n1) / v.n1 as a, (u.y0 - r0 * u.n0) / v.n0 as b, u.n1 as n1, u.n0 as n0 from u, v)
    select (select count(*) from s where h) as n_in, (select count(*) from s where not h) as n_out,
      (select count(distinct user_id) from s where h) as u_in, (select count(distinct user_id) from s where not h) as u_out,
      (select count(*) from s where h and f) as f_in, (select count(*) from s where not h and f) as f_out,
      any_value(r1) as v_in, any_value(r0) as v_out,
      count(*) / (count(*) - 1) * sum((a - b) ** 2) as variance, sum(a ** 2) as v1, sum(b ** 2) as v0,
      sum(p.n1) ** 2 / sum(p.n1 ** 2) - 1 as df1, sum(p.n0) ** 2 / sum(p.n0 ** 2) - 1 as df0 from p, v`);
  const [v1, v0, df1, df0] = ["v1", "v0", "df1", "df0"].map((name) => row?.[name] as number) as [
    number,
    number,
    number,
    number,
  ];
  const [members, others] = [side(row, "in"), side(row, "out")];
  const difference = members.value - others.value;
  const degrees = (v1 + v0) ** 2 / (v1 ** 2 / df1 + v0 ** 2 / df0);
  const reach = studentQuantile(0.025, degrees) * Math.sqrt(row?.["variance"] as number);
  return { members, others, difference, low: difference - reach, high: difference + reach };
}

function assertClose(found: SideComparison | null | undefined, expected: Omit<SideComparison, "within_users">): void {
  const rounded = (object: unknown): unknown =>
    JSON.parse(
      JSON.stringify(object, (_, value) => (typeof value === "number" ? Number(value.toPrecision(9)) : value)),
    );
  const { within_users: _, ...own } = found ?? ({} as SideComparison);
  assert.equal(rounded(own), rounded(expected));
}

test("a condition: sessions, users, events, and both sides of every KPI with clustered intervals", async ({
  folder,
  duck,
  study,
}) => {
  const explain = (threads: number): Promise<ExpressionExplanation> =>
    explainExpression(study, folder, "count(search_open) >= 1", { threads, fromMs, toMs });
  const found = await explain(1);
  assert.equal(await explain(2), found);
  assert.is(found.expression, "count(search_open) >= 1");
  assert.equal([found.type, found.known_at_start, found.values], ["condition", false, null]);
  const window = `began >= ${fromMs} and began < ${toMs}`;
  const [all] = await duck.rows(
    `select sum(events) as events, count(*) as sessions, count(distinct user_id) as users from sessions where ${window}`,
  );
  const [holds] = await duck.rows(
    `select count(*) as sessions, count(distinct user_id) as users, sum(events) as events from sessions where ${window} and searches > 0`,
  );
  const [group] = found.groups;
  assert.equal([found.data.events, found.data.sessions, found.data.users], Object.values(all ?? {}).map(Number));
  assert.equal([group?.sessions, group?.users, group?.events], Object.values(holds ?? {}).map(Number));
  const [trailer, length] = group?.kpis ?? [];
  assertClose(trailer?.whole, await comparison(duck, sides("searches > 0", "fails::int", "fails", "counts")));
  assertClose(trailer?.before_outcome, await comparison(duck, sides("before > 0", "fails::int", "fails", "counts")));
  assert.ok((trailer?.whole.members.sessions ?? 0) > (trailer?.before_outcome?.members.sessions ?? 0));
  const worst = `select quantile_cont(duration, 0.9) from sessions where ${window}`;
  assertClose(
    length?.whole,
    await comparison(duck, sides("searches > 0", "duration", `duration > (${worst})`, "true")),
  );
  assert.is(length?.before_outcome, null);
  assert.equal([trailer?.reads_outcome, length?.reads_outcome], [false, false]);
  assert.is(new Set(found.examples.map(({ user }) => user)).size, 5);
  for (const { session, user, start } of found.examples) {
    const [row] = await duck.rows(`select user_id, began, searches from sessions where session_id = '${session}'`);
    assert.equal([row?.["user_id"], row?.["began"]], [user, Date.parse(start)]);
    assert.ok((row?.["searches"] as number) > 0);
  }
});

test("within users: the difference of users who have sessions of both kinds", async ({ folder, duck, study }) => {
  const found = await explainExpression(study, folder, "search_open", { threads: 1, fromMs, toMs });
  const within = found.groups[0]?.kpis[1]?.whole.within_users;
  const [row] = await duck.rows(`with s as (${sides("searches > 0", "duration", "false", "true")}), u as (
      select avg(y) filter (h) - avg(y) filter (not h) as d, count(*) filter (h) as n1, count(*) filter (not h) as n0 from s group by user_id)
    select count(*) as users, sum(d * n1 * n0 / (n1 + n0)) / sum(n1 * n0 / (n1 + n0)) as d from u where n1 > 0 and n0 > 0`);
  assert.is(within?.users, row?.["users"]);
  assert.is(within?.difference.toPrecision(9), Number(row?.["d"]).toPrecision(9));
  assert.ok(
    within !== null && within !== undefined && within.low < within.difference && within.difference < within.high,
  );
});

test("a number: quantiles, and quarters that hold every session once", async ({ folder, duck, study }) => {
  const found = await explainExpression(study, folder, "session.duration", { threads: 1, fromMs, toMs });
  assert.equal([found.type, found.unit], ["number", "ms"]);
  const quantile = (share: number): string => `quantile_cont(duration, ${share})`;
  const shares = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1];
  const [row] = await duck.rows(
    `select ${shares.map((share, at) => `${quantile(share)} as q${at}`).join()}, avg(duration) as mean, count(*) as present
      from sessions where began >= ${fromMs} and began < ${toMs}`,
  );
  const { mean, present, ...quantiles } = row ?? {};
  assert.equal(
    found.values?.quantiles?.map(({ value }) => value.toPrecision(9)),
    Object.values(quantiles).map((value) => (value as number).toPrecision(9)),
  );
  assert.is(found.values?.mean?.toPrecision(9), (mean as number).toPrecision(9));
  assert.equal([found.values?.present, found.values?.missing], [present, 0]);
  assert.is(
    found.groups.reduce((sum, { sessions }) => sum + sessions, 0),
    present,
  );
  for (const { expression, sessions, above, up_to: upTo } of found.groups) {
    const where = [
      `began >= ${fromMs} and began < ${toMs}`,
      above == null ? "" : `duration > ${above}`,
      upTo == null ? "" : `duration <= ${upTo}`,
    ];
    assert.is(
      sessions,
      await duck.value(`select count(*) from sessions where ${where.filter(Boolean).join(" and ")}`),
      expression,
    );
  }
  // it is what the KPI measures
  assert.equal(found.groups[0]?.kpis[1]?.reads_outcome, true);
});

test("a text: its values by how frequent they are, each a condition", async ({ folder, duck, study }) => {
  const found = await explainExpression(study, folder, "os", { threads: 1, fromMs, toMs });
  assert.equal([found.type, found.known_at_start], ["text", true]);
  const rows = await duck.rows(
    `select os as value, count(*) as sessions from sessions where began >= ${fromMs} and began < ${toMs} group by os order by 2 desc limit 5`,
  );
  assert.equal(found.values?.frequent, rows);
  for (const group of found.groups) {
    const whole = group.kpis[0]?.whole;
    assert.is(group.kpis[0]?.before_outcome, null);
    assertClose(whole, await comparison(duck, sides(`os = '${group.is}'`, "fails::int", "fails", "counts")));
  }
});

test("what the KPI is made of is named as such, and an empty side has no difference", async ({ folder, study }) => {
  const error = await explainExpression(study, folder, "trailer_error", { threads: 1 });
  assert.is(error.groups[0]?.kpis[0]?.reads_outcome, true);
  const none = await explainExpression(study, folder, "false", { threads: 1 });
  const [side] = none.groups[0]?.kpis ?? [];
  assert.equal([none.groups[0]?.sessions, side?.whole.members.value, side?.whole.difference], [0, null, null]);
  assert.equal([side?.whole.low, side?.whole.high, none.examples], [null, null, []]);
  assert.not.match(JSON.stringify(none), /NaN|Infinity/);
});

test("mistakes are told with their place", async ({ folder, study }) => {
  for (const [text, expected] of [
    ["a ->", /^the expression: found the end/],
    ["serch_open", /^the expression: unknown event: serch_open; .*did you mean search_open\?/],
    ["os > 3", /^the expression: text compares with == and != alone/],
  ] as const) {
    try {
      await explainExpression(study, folder, text, { threads: 1 });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, LeadlineError);
      assert.is((error as LeadlineError).code, "expression-invalid");
      assert.match((error as LeadlineError).message, expected);
    }
  }
});

test.run();
