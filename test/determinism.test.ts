/** The same study of the same events gives the same result, however it is run and however the events are stored. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { idText } from "../engine/columns/event-table.js";
import { Execution } from "../engine/execution.js";
import { NOT_COUNTED } from "../engine/passes/segment.js";
import { WorkerPool } from "../engine/pool.js";
import { type PlannedStudy, planStudy } from "../finder/run-study.js";
import { compileBoolean } from "../planner/compile.js";
import { parseExpression } from "../planner/expression/parse.js";
import { compileKpi } from "../planner/kpi.js";
import { PlanBuilder } from "../planner/plan.js";
import { parseStudy, type Study } from "../planner/study.js";
import type { Result } from "../report/result.js";
import { type FindOpportunitiesOptions, findOpportunities } from "../run.js";
import { generateSample } from "../sample/generate.js";
import { mix32 } from "../sample/random.js";

const USERS = 1_000;
const names = ["subscription", "player", "shop"] as const;

interface Context {
  folder: string;
  pool: WorkerPool;
  studies: Record<(typeof names)[number], Study>;
}

const test = suite<Context>("determinism");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-determinism-"));
  context.pool = new WorkerPool(2);
  const studies: Partial<Context["studies"]> = {};
  for (const format of ["csv", "parquet"] as const) {
    await generateSample({ out: context.folder, users: USERS, seed: 5, format });
    for (const name of names) {
      const file = join(context.folder, `${name}.yaml`);
      studies[name] = parseStudy(await readFile(file, "utf8"), file);
    }
  }
  context.studies = studies as Context["studies"];
});

test.after(async ({ folder, pool }) => {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

/** A study of another file. */
function of(study: Study, file: string): Study {
  return { ...study, events: { ...study.events, files: [file] } };
}

/** A result as text, but for how it was run. */
async function resultOf(study: Study, folder: string, options: FindOpportunitiesOptions): Promise<string> {
  const { run, ...rest }: Result = await findOpportunities(study, folder, options);
  const { seconds: _seconds, threads: _threads, phases: _phases, ...told } = run;
  return JSON.stringify({ run: told, ...rest }, null, 1);
}

for (const name of names) {
  test(`${name}: one thread or two, Parquet or CSV, rows in any order and in several files give the same result`, async ({
    folder,
    studies,
  }) => {
    const study = studies[name];
    const expected = await resultOf(study, folder, { threads: 1 });
    const told: Result = JSON.parse(expected);
    // a thousand users are few, and the rules strict: of one service all that would pass is explained away
    assert.ok(told.opportunities.length + told.explained.length > 0);
    assert.ok(told.run.hypotheses > 0);
    assert.ok((await resultOf(study, folder, { threads: 2 })) === expected, "two threads");
    assert.ok((await resultOf(of(study, `${name}.csv`), folder, { threads: 1 })) === expected, "CSV");
    // no two events of a session, and no two sessions of a user, have one time: so any order is the same data
    const [header, ...rows] = (await readFile(join(folder, `${name}.csv`), "utf8")).trimEnd().split("\n");
    const shuffled = rows
      .map((row, at) => [mix32(at), row] as const)
      .sort(([a], [b]) => a - b)
      .map(([, row]) => row);
    const third = Math.ceil(shuffled.length / 3);
    for (let part = 0; part < 3; part++) {
      const lines = [header, ...shuffled.slice(part * third, (part + 1) * third)];
      await writeFile(join(folder, `shuffled-${name}-${part}.csv`), `${lines.join("\n")}\n`);
    }
    assert.ok((await resultOf(of(study, `shuffled-${name}-*.csv`), folder, { threads: 1 })) === expected, "shuffled");
  });
}

test("seven threads give what two do, and so do they for the experts of the paper", async ({ folder, studies }) => {
  const two = await resultOf(studies.player, folder, { threads: 2 });
  assert.ok((await resultOf(studies.player, folder, { threads: 7 })) === two);
  const paper = await resultOf(studies.player, folder, { threads: 1, experts: "paper" });
  assert.ok((await resultOf(studies.player, folder, { threads: 2, experts: "paper" })) === paper);
  assert.ok(paper !== two);
});

const usersOf = ({ store, table }: PlannedStudy): string[] =>
  Array.from({ length: table.users }, (_, user) => idText(store.table!.userIds, user));
const sessionsOf = ({ table }: PlannedStudy): string[] =>
  Array.from({ length: table.sessions }, (_, session) => table.idOf(session));

test("a sample is whole users, as many as it takes, and a larger one holds every smaller one", async ({
  folder,
  studies,
  pool,
}) => {
  const all = await planStudy(studies.shop, folder, pool, {});
  let before: string[] = [];
  for (const sample of [1, 100, 101, 1_000]) {
    const part = await planStudy(studies.shop, folder, pool, { sample });
    const users = usersOf(part);
    assert.equal(users, usersOf(all).slice(0, users.length));
    assert.equal(users.slice(0, before.length), before);
    before = users;
    assert.ok(part.table.sessions >= sample);
    assert.ok(part.table.userOffsets[users.length - 1]! < sample, "one user fewer would not do");
    // all sessions of each
    assert.equal(sessionsOf(part), sessionsOf(all).slice(0, part.table.sessions));
    assert.is(part.table.sessions, all.table.userOffsets[users.length]);
    assert.is(part.sampledShare, users.length / all.table.users);
  }
  const shuffled = await planStudy(of(studies.shop, "shuffled-shop-*.csv"), folder, pool, { sample: 1_000 });
  assert.equal(usersOf(shuffled), before);
  const more = await planStudy(studies.shop, folder, pool, { sample: 1e9 });
  assert.is(more.table.users, all.table.users);
  assert.is(more.sampledShare, 1);
});

test("a sample's counts are those of its sessions, never scaled up", async ({ folder, studies }) => {
  const { data, kpis } = await findOpportunities(studies.shop, folder, { threads: 2, sample: 500 });
  assert.is(data.sampled?.sessions_asked, 500);
  assert.ok(data.sessions >= 500 && data.sessions < 600);
  assert.ok(kpis.every(({ sessions }) => sessions <= data.sessions));
});

test("a window counts sessions by their start, and earlier ones still count for a session's index", async ({
  folder,
  studies,
  pool,
}) => {
  const study = studies.shop;
  const planned = await planStudy(study, folder, pool, {});
  const { store, table, tokens, data } = planned;
  const starts = Array.from({ length: table.sessions }, (_, session) => table.starts[session]!);
  const sorted = [...starts].sort((a, b) => a - b);
  // bounds that are starts themselves: the first is in, the second is not
  const [fromMs, toMs] = [sorted[Math.floor(sorted.length / 2)]!, sorted[Math.floor(sorted.length * 0.8)]!];
  const inWindow = starts.map((start) => start >= fromMs && start < toMs);
  const result = await findOpportunities(study, folder, { threads: 2, fromMs, toMs });
  assert.is(result.data.sessions, inWindow.filter(Boolean).length);
  assert.is(result.data.from, new Date(fromMs).toISOString());
  const inEvents = inWindow.reduce(
    (sum, is, session) => sum + (is ? table.sessionOffsets[session + 1]! - table.sessionOffsets[session]! : 0),
    0,
  );
  assert.is(result.data.events, inEvents);

  const plan = new PlanBuilder();
  const kpis = study.kpis.map((kpi, index) => compileKpi(kpi, index, plan, data));
  const text = "session.index > 1";
  const node = compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data);
  const options = { failingQuantile: 0.9, outcomeTime: true };
  const execution = new Execution(store, tokens, pool);
  const whole = await execution.evaluate(plan.nodes, kpis, [{ node, forKpi: kpis.map(() => true) }], {
    ...options,
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
  });
  const part = await execution.evaluate(plan.nodes, kpis, [{ node, forKpi: kpis.map(() => true) }], {
    ...options,
    fromMs,
    toMs,
  });
  assert.equal([...part.conditions.get(node)![0]!], [...whole.conditions.get(node)![0]!]);
  let later = 0;
  for (let user = 0; user < table.users; user++) {
    for (let session = table.userOffsets[user]!; session < table.userOffsets[user + 1]!; session++) {
      const isLater = session > table.userOffsets[user]!;
      assert.is(part.conditions.get(node)![0]![session]! & 1, isLater ? 1 : 0);
      if (isLater && inWindow[session] && !inWindow[session - 1]) later++;
    }
  }
  assert.ok(later > 50, "some sessions in the window come after one before it");
  for (const [kpi, { state }] of part.kpis.entries()) {
    for (const [session, standing] of state.entries()) {
      assert.is(standing, inWindow[session] ? whole.kpis[kpi]!.state[session] : NOT_COUNTED);
    }
    const counted = state.filter((standing) => standing !== NOT_COUNTED).length;
    assert.is(result.kpis[kpi]?.sessions, counted);
  }
});

test.run();
