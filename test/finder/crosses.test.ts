import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import type { Findings } from "../../finder/findings.js";
import { runStudy } from "../../finder/run-study.js";
import { parseStudy } from "../../planner/study.js";
import { Random } from "../../sample/random.js";
import { temporaryFolder } from "../engine/sources/chunk-values.js";
import { openDuck } from "../sample/duck.js";

const test = suite("crosses");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const DAY_MS = 86_400_000;
const START_MS = Date.UTC(2026, 9, 5);

/** Share of the sessions that fail, by whether they hold the pattern and are of a user who was here before. */
type Rates = (hasPattern: boolean, isLater: boolean) => number;

/** 1,500 users with 4 sessions each; in half of the sessions a slow page is what comes right after buying. */
function write(seed: number, rates: Rates, errors = false): void {
  const random = new Random();
  random.reseed(seed, 4, 5, 6);
  const chance = (): number => random.bits() / 2 ** 32 + 0.5;
  const lines = ["user_id,session_id,ts,name,country,failed"];
  for (let user = 0; user < 1500; user++) {
    for (let turn = 0; turn < 4; turn++) {
      const start = START_MS + (turn * 6 + chance() * 5) * DAY_MS;
      const hasPattern = chance() < 0.5;
      const fails = chance() < rates(hasPattern, turn > 0);
      const names = ["open", "look", "buy", ...(hasPattern ? ["slow"] : ["look", "slow"]), "look"];
      // what comes after the outcome is no evidence
      if (errors && fails) names.push("error", "buy", "slow");
      for (const [at, name] of names.entries()) {
        const time = new Date(start + at * 3000).toISOString();
        lines.push(`u${user},u${user}s${turn},${time},${name},${user % 3 === 0 ? "no" : "se"},${fails ? 1 : 0}`);
      }
    }
  }
  folder.write("events.csv", lines.join("\n"));
}

async function run(failure: string, hypotheses: string, settings = ""): Promise<Findings> {
  const study = `
title: A case
events: {files: [events.csv], columns: {user: user_id, session: session_id, time: ts, event: name}, attributes: [country]}
hypotheses: [${hypotheses}]
kpis: [{name: bad, failure: '${failure}'}]
settings: {burn_in: 0${settings}}`;
  return await runStudy(parseStudy(study, "study.yaml"), folder.path, pool, {});
}

const parts =
  "{template: event-pattern, k: 1}, {template: event-pattern, k: 2}, {template: user-lifecycle, boundary: 1}";
const cross = "session.index > 1 and buy => slow";
const told = ({ opportunities }: Findings) => opportunities.map(({ hypothesis }) => hypothesis);

test("what fails only where a pattern and a state hold together is one finding", async () => {
  write(1, (hasPattern, isLater) => (hasPattern && isLater ? 0.3 : 0.1));
  const found = await run("failed == 1", parts);
  assert.equal(told(found), [cross]);
  const alone = await run("failed == 1", parts, ", cross_budget: 0");
  assert.is(alone.crosses, null);
  assert.not.ok(told(alone).includes(cross));
});

test("a cross counts the sessions that the evaluator and SQL count, on what is evidence", async () => {
  const duck = await openDuck();
  for (const [failure, own, evidence] of [
    ["failed == 1", "max(failed) = 1", "true"],
    ["count(error) >= 1", "count(*) filter (name = 'error') > 0", "(decided is null or line + 1 < decided)"],
  ] as const) {
    write(2, (hasPattern, isLater) => (hasPattern && isLater ? 0.35 : 0.08), failure !== "failed == 1");
    const [found] = (await run(failure, parts)).opportunities;
    assert.is(found?.hypothesis, cross);
    const expression = `{name: both, expression: "session.index > 1 and buy => slow"}`;
    const [evaluated] = (await run(failure, expression)).opportunities;
    assert.equal(found?.contrast, evaluated?.contrast);
    assert.equal(found?.users, evaluated?.users);
    const [row] = await duck.rows(`
      with numbered as (
        select *, row_number() over () as line from read_csv('${folder.path}/events.csv')),
      chained as (
        select *, lead(name) over (partition by session_id order by ts, line) as following,
          min(case when name = 'error' then line end) over (partition by session_id) as decided from numbered),
      sessions as (
        select user_id, session_id, min(ts) as start, ${own} as fails,
          count(*) filter (name = 'buy' and following = 'slow' and ${evidence}) > 0 as held
        from chained group by all),
      indexed as (select *, row_number() over (partition by user_id order by start) as index from sessions)
      select count(*) filter (held and index > 1) as members, count(*) filter (held and index > 1 and fails) as failing
      from indexed`);
    assert.equal([found?.contrast.members, found?.contrast.membersFailing], [row?.["members"], row?.["failing"]]);
  }
});

test("two that each make it worse, and no more together than their rates multiply to, are no cross", async () => {
  write(3, (hasPattern, isLater) => 0.1 * (hasPattern ? 2 : 1) * (isLater ? 2 : 1));
  assert.not.ok(told(await run("failed == 1", parts)).some((text) => text.includes(" and ")));
});

test("with outcomes that nothing makes worse there is no cross", async () => {
  for (const seed of [4, 5, 6]) {
    write(seed, () => 0.2);
    assert.equal(told(await run("failed == 1", parts)), []);
  }
});

test("what the budget leaves out is told, and counts among all that is looked at", async () => {
  write(1, (hasPattern, isLater) => (hasPattern && isLater ? 0.3 : 0.1));
  const all = await run("failed == 1", parts);
  const one = await run("failed == 1", parts, ", cross_budget: 1");
  const sum = ({ crosses }: Findings) => (crosses === null ? 0 : crosses.counted + crosses.ruledOut + crosses.left);
  assert.is(one.crosses?.counted, 1);
  assert.is(one.crosses?.budget, 1);
  assert.is(sum(one), sum(all));
  assert.is(one.guarantee, all.guarantee);
});

test.run();
