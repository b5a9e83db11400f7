/** Rounds of choosing and testing: honest as one run over their union, within a budget, the same for any number of threads. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import { type Counted, type Found, find } from "../../finder/find.js";
import type { FoundBudget } from "../../finder/findings.js";
import { liftsOf, strengthsOf } from "../../finder/lifts.js";
import { runRounds } from "../../finder/rounds.js";
import { type PlannedStudy, planStudy } from "../../finder/run-study.js";
import type { Verdict } from "../../finder/verdicts.js";
import type { RoundReport } from "../../llm/rounds.js";
import { parseStudy, type Study } from "../../planner/study.js";
import { generateSample } from "../../sample/generate.js";

interface Context {
  folder: string;
  pool: WorkerPool;
  study: Study;
  planned: PlannedStudy;
  /** One round without a budget. */
  all: Told;
}

const test = suite<Context>("rounds");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-rounds-"));
  context.pool = new WorkerPool(2);
  const made = await generateSample({ out: context.folder, users: 1500, seed: 7, format: "parquet", service: "shop" });
  const file = made.services[0]!.study;
  context.study = parseStudy(await readFile(file, "utf8"), file);
  context.planned = await planStudy(context.study, context.folder, context.pool, {});
  context.all = await inRounds(context, 1);
});

test.after(async ({ folder, pool, planned }) => {
  planned.close();
  await pool.close();
  await rm(folder, { recursive: true, force: true });
});

interface Told {
  readonly found: Found;
  readonly history: readonly RoundReport[];
  readonly budget: FoundBudget | null;
  /** What was counted for the last round. */
  readonly counted: Counted;
}

async function inRounds(
  { study, planned, pool }: Context,
  rounds: number,
  settings: Partial<Study["settings"]> = {},
  more: { readonly seed?: number; readonly pool?: WorkerPool; readonly verdicts?: readonly Verdict[] } = {},
): Promise<Told> {
  const { store, tokens, data, library, lifecycleStartMs, choice, plan } = planned;
  const own = { ...study, settings: { ...study.settings, cross_budget: 0, ...settings } };
  let counted: Counted | null = null;
  const { found, history, budget } = await runRounds(
    {
      ...{ study: own, store, tokens, data, library, lifecycleStartMs, choice, plan, rounds },
      ...{ proposer: null, verdicts: more.verdicts ?? [], seed: more.seed ?? 1, draw: "belief" },
    },
    more.pool ?? pool,
    {
      ...{ experts: "all", settings: own.settings, timeZone: "UTC", fromMs: -Infinity, toMs: Infinity },
      onCounted: (what) => {
        counted = what;
      },
    },
  );
  return { found, history, budget, counted: counted! };
}

/** Distinct expressions on a KPI that a plan tests. */
function hypothesesOf({ context }: Counted): number {
  const { plan, kpis } = context;
  const names = new Set<string>();
  for (const { text, barred } of plan.conditions) {
    for (const kpi of kpis.keys()) if (barred[kpi] !== true) names.add(`${kpi} ${text}`);
  }
  for (const { k, adjacency, withinMs, only } of plan.patterns) {
    for (const [sequence, bits] of only ?? []) {
      for (const kpi of kpis.keys()) {
        if ((bits & (1 << kpi)) !== 0) names.add(`${kpi} ${k} ${adjacency} ${withinMs} ${sequence}`);
      }
    }
  }
  return names.size;
}

const told = ({ found: { phases: _, ...found }, history, budget }: Told): string =>
  JSON.stringify({ found: { ...found, outcomes: [...found.outcomes.byHypothesis] }, history, budget });

test("one round without a budget is one run of the plan", async (context) => {
  const { study, planned, pool } = context;
  const { found, history, budget } = context.all;
  const plain = await find(planned.store, planned.plan, planned.tokens, pool, {
    ...{ experts: "all", timeZone: "UTC", fromMs: -Infinity, toMs: Infinity },
    settings: { ...study.settings, cross_budget: 0 },
  });
  assert.is(told({ found, history, budget } as Told), told({ found: plain, history, budget } as Told));
  assert.is(budget, null);
  assert.equal(history[0]?.classes.length, planned.plan.classes.length);
});

test("a budget is spent to the last hypothesis and no further, in any number of rounds", async (context) => {
  for (const [hypothesis_budget, rounds] of [
    [1, 1],
    [37, 3],
  ] as const) {
    const { budget, counted, history } = await inRounds(context, rounds, { hypothesis_budget });
    assert.is(hypothesesOf(counted), budget?.tested, `${hypothesis_budget} in ${rounds}`);
    assert.is(budget?.tested, hypothesis_budget);
    assert.is(history.length, rounds);
  }
});

test("a budget beyond all there is tests all of it, and finds what the whole grid finds", async (context) => {
  const { budget, found } = await inRounds(context, 1, { hypothesis_budget: 1_000_000 });
  assert.is(budget?.left, 0);
  const { all } = context;
  const texts = (each: Told["found"]) => each.opportunities.map(({ kpi, hypothesis }) => `${kpi} ${hypothesis}`);
  assert.equal(texts(found), texts(all.found));
});

test("what a budget leaves counts among all that was looked at: the family of a small budget is that of the whole grid", async (context) => {
  const { all } = context;
  const some = await inRounds(context, 1, { hypothesis_budget: 20 });
  assert.is(some.found.guarantee, all.found.guarantee);
  const later = await inRounds(context, 2, { hypothesis_budget: 20 });
  const total = ({ guarantee }: Found): number => Number(/with (\d+) hypotheses/.exec(guarantee ?? "")?.[1]);
  assert.ok(total(later.found) >= total(all.found));
});

test("rounds without a budget add what lies near what was found, at most as many classes as are set", async (context) => {
  const first = context.all;
  const { found, history, counted } = await inRounds(context, 2, { round_classes: 7 });
  const added = found.classes.filter(({ round }) => round > 1 && counted.context.plan.classes.length > 0);
  assert.ok(added.length > 0 && added.every(({ chosenBy }) => chosenBy === "feedback"));
  assert.ok(added.length <= 7);
  assert.ok(added.every(({ why }) => /^near .*, which round \d+ reported$/.test(why ?? "")));
  assert.equal(
    history.map(({ round }) => round),
    [1, 2],
  );
  // what was judged in the first round is judged again among all, never by itself
  const total = ({ guarantee }: Found): number => Number(/with (\d+) hypotheses/.exec(guarantee ?? "")?.[1]);
  assert.ok(total(found) > total(first.found));
  assert.ok(found.tested > first.found.tested);
});

test("the same seed gives the same rounds for any number of threads, another seed others", async (context) => {
  const settings = { hypothesis_budget: 60 };
  const one = new WorkerPool(1);
  const three = new WorkerPool(3);
  try {
    const alone = told(await inRounds(context, 2, settings, { pool: one }));
    assert.is(told(await inRounds(context, 2, settings, { pool: three })), alone);
    assert.is.not(told(await inRounds(context, 2, settings, { pool: one, seed: 2 })), alone);
  } finally {
    await Promise.all([one.close(), three.close()]);
  }
});

test("what all events have in common where sessions fail is no sign: at most half of them are lifted on a KPI", ({
  all,
}) => {
  const lifts = liftsOf(all.counted);
  for (const { name } of all.counted.context.plan.kpis) {
    const own = [...lifts].filter(([key]) => key.startsWith("event:") && key.endsWith(` on ${name}`));
    const lifted = own.filter(([, lift]) => lift > 0).length;
    assert.ok(own.length > 10 && 2 * lifted <= own.length, `${name}: ${lifted} of ${own.length}`);
    assert.ok(own.every(([, lift]) => lift >= 0 && lift <= 1));
  }
});

test("strengths of a run of everything single out what is reported", ({ all }) => {
  const strengths = strengthsOf(all.counted);
  const values = [...strengths.values()].sort((a, b) => a - b);
  assert.is(values[values.length >> 1], 0);
  for (const [key, stage] of all.found.outcomes.byHypothesis) {
    if (stage === "reported") assert.ok((strengths.get(key) ?? 0) > 0, key);
  }
});

test("people's verdicts weigh in what a budget is spent on", async (context) => {
  const about = { cohort: {}, hypothesis: "", effect: { difference: 0, low: 0, high: 0 } };
  const verdicts = (word: Verdict["verdict"]): readonly Verdict[] => [
    { id: "k1", verdict: word, kpi: "checkout", template: "change", parameters: { attribute: "os" }, ...about },
  ];
  const drawnOf = async (word: Verdict["verdict"]): Promise<number> => {
    const { found } = await inRounds(context, 1, { hypothesis_budget: 40 }, { verdicts: verdicts(word) });
    return found.classes.filter(({ template }) => template === "change").length;
  };
  const [useful, noise] = [await drawnOf("useful"), await drawnOf("noise")];
  assert.ok(useful > noise, `${useful} of useful, ${noise} of noise`);
});

test.run();
