/** The eight leads of the paper, planted in the sample data, are found. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseStudy } from "../../planner/study.js";
import type { Result } from "../../report/result.js";
import { findOpportunities } from "../../run.js";
import { generateSample } from "../../sample/generate.js";
import type { TruthEntry } from "../../sample/truth.js";
import { canonical } from "../data-sets.js";

const MOST = 5;

interface Context {
  folder: string;
  truth: TruthEntry[];
  results: Map<string, Result>;
}

const test = suite<Context>("sample leads");

test.before(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-leads-"));
  const summary = await generateSample({ out: context.folder, users: 20_000, seed: 1, format: "parquet" });
  context.truth = JSON.parse(await readFile(summary.truth, "utf8"));
  context.results = new Map();
  for (const { service, study: file } of summary.services) {
    const study = parseStudy(await readFile(file, "utf8"), file);
    context.results.set(service, await findOpportunities(study, context.folder, { threads: 2 }));
  }
});

test.after(({ folder }) => rm(folder, { recursive: true, force: true }));

test("every lead is among the first five of its scenario, or folded under one of them", ({ truth, results }) => {
  const leads = truth.filter(({ decoy }) => !decoy);
  assert.is(leads.length, 8);
  for (const { service, kpi, cohort, hypothesis, alternatives } of leads) {
    const first = results
      .get(service)!
      .opportunities.filter((own) => own.kpi === kpi && JSON.stringify(own.cohort) === JSON.stringify(cohort))
      .slice(0, MOST);
    const texts = [hypothesis, ...alternatives].map(canonical);
    assert.ok(
      first.some((own) => texts.some((text) => own.hypothesis === text || own.folded.includes(text))),
      `${service}, ${kpi} in ${JSON.stringify(cohort)}: ${hypothesis} is not among ${first.map((own) => own.hypothesis)}`,
    );
  }
});

test("no scenario has more than five, and they are ranked by what is recoverable", ({ results }) => {
  for (const { opportunities } of results.values()) {
    for (const { kpi, cohort } of opportunities) {
      const same = opportunities.filter(
        (own) => own.kpi === kpi && JSON.stringify(own.cohort) === JSON.stringify(cohort),
      );
      assert.ok(same.length <= MOST);
    }
    for (const [at, { rank, effect }] of opportunities.entries()) {
      assert.is(rank, at + 1);
      assert.ok(at === 0 || effect.excess_failures <= opportunities[at - 1]!.effect.excess_failures);
    }
    assert.is(new Set(opportunities.map(({ id }) => id)).size, opportunities.length);
  }
});

test("what only tells of the outcome, noise, and what one heavy user does are no opportunities", ({
  truth,
  results,
}) => {
  const decoys = truth.filter(({ decoy, why }) => decoy && /^(Outcome|Noise|One heavy user):/.test(why));
  assert.is(decoys.length, 6);
  for (const { service, kpi, hypothesis } of decoys) {
    const own = results.get(service)!.opportunities.filter((opportunity) => opportunity.kpi === kpi);
    const text = canonical(hypothesis);
    assert.not(
      own.some((opportunity) => opportunity.hypothesis === text || opportunity.folded.includes(text)),
      text,
    );
  }
});

test.run();
