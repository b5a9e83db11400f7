/**
 * What docs/HONESTY.md's table is made from: how often what a run reports is so, on data in which the answers are known, and how often it reports
 * anything where there is nothing.
 *
 * node dist/bench/truth/main.js [seeds] [nulls] [mixed] [--seeds 20] [--users 20000] [--permutations 100] [--sets sample,hdfs,…] [--name NAME]
 *   [--write-docs]
 *
 * Parts that are not asked for stay as the record of that name has them. Real data sets are looked for in the folder that LEADLINE_DATA names.
 */

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { EventTable } from "../../engine/columns/event-table.js";
import type { KpiOutcome } from "../../engine/execution.js";
import { WorkerPool } from "../../engine/pool.js";
import { find } from "../../finder/find.js";
import type { Opportunity } from "../../finder/findings.js";
import { type PlannedStudy, planStudy } from "../../finder/run-study.js";
import { Random } from "../../finder/statistics/random.js";
import { parseStudy, type Study } from "../../planner/study.js";
import { generateSample } from "../../sample/generate.js";
import type { TruthEntry } from "../../sample/truth.js";
import { machine } from "../harness.js";
import { isTold, type Judgement, judgeReport, rankOf } from "./judge-report.js";
import { type NullSet, type SeedsPart, type TruthRecord, truthPage } from "./page.js";
import { type Exchange, permutedKpi } from "./permute.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "20" },
    users: { type: "string", default: "20000" },
    permutations: { type: "string", default: "100" },
    sets: { type: "string", default: "sample,helpdesk,google_jobs,hdfs,tau_bench" },
    name: { type: "string", default: "truth" },
    "write-docs": { type: "boolean", default: false },
  },
});
const parts = positionals.length === 0 ? ["seeds", "nulls", "mixed"] : positionals;
const pool = new WorkerPool(2);

/** A study with its data in memory. */
interface Loaded {
  readonly name: string;
  readonly study: Study;
  readonly planned: PlannedStudy;
  readonly truth: readonly TruthEntry[];
  readonly exchange: Exchange;
}

const file = `${values.name}.json`;
const path = join(root, "bench", "record", file);
const known = await readFile(path, "utf8").catch(() => "{}");
const record: { -readonly [K in keyof TruthRecord]: TruthRecord[K] } = { ...JSON.parse(known), ...machine() };
const folder = await mkdtemp(join(tmpdir(), "leadline-truth-"));
try {
  if (parts.includes("seeds")) await seeds(Number(values.seeds));
  if (parts.includes("nulls")) await nulls(Number(values.permutations));
  if (parts.includes("mixed")) await mixed(Number(values.permutations));
} finally {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
}
await write();
if (values["write-docs"]) await writeFile(join(root, "docs", "TRUTH.md"), truthPage(record, file));

async function write(): Promise<void> {
  await mkdir(join(root, "bench", "record"), { recursive: true });
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`);
  // as the linter wants committed files
  spawnSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "format", "--write", path]);
}

function today(): string {
  return new Date().toISOString();
}

/** The sample's services, made with a seed. */
async function sample(seed: number): Promise<Loaded[]> {
  const out = join(folder, `seed-${seed}`);
  const made = await generateSample({ out, users: Number(values.users), seed, format: "parquet" });
  const truth = JSON.parse(await readFile(made.truth, "utf8")) as TruthEntry[];
  const loaded: Loaded[] = [];
  for (const { service, study } of made.services) {
    const own = truth.filter((entry) => entry.service === service);
    loaded.push({ ...(await load(`sample ${service}`, study, out)), truth: own });
  }
  await rm(out, { recursive: true, force: true });
  return loaded;
}

async function load(name: string, file: string, base: string): Promise<Loaded> {
  const study = parseStudy(await readFile(file, "utf8"), file);
  const planned = await planStudy(study, base, pool, {});
  // the user of tau_bench is the task, which decides how hard it is: labels are exchangeable within it alone
  return { name, study, planned, truth: [], exchange: name === "tau_bench" ? "within users" : "over users" };
}

/** A run on a study that is read already, with other outcomes or its own. */
async function run(
  { study, planned }: Loaded,
  outcomes?: (kpis: readonly KpiOutcome[]) => readonly KpiOutcome[],
): Promise<readonly Opportunity[]> {
  const { store, plan, tokens, tables } = planned;
  const found = await find(store, plan, tokens, pool, {
    experts: "all",
    fromMs: study.events.fromMs ?? Number.NEGATIVE_INFINITY,
    toMs: study.events.toMs ?? Number.POSITIVE_INFINITY,
    settings: study.settings,
    timeZone: study.timeZone,
    tables,
    ...(outcomes === undefined ? {} : { outcomes }),
  });
  return found.opportunities;
}

/** Leads, decoys and precision over seeds of the sample. */
async function seeds(count: number): Promise<void> {
  const leads = new Map<string, { entry: TruthEntry; ranks: (number | null)[]; anywhere: boolean[] }>();
  const judgements: SeedsPart["notPlanted"][number][] = [];
  for (let seed = 1; seed <= count; seed++) {
    for (const loaded of await sample(seed)) {
      const { study, planned, truth, name } = loaded;
      const opportunities = await run(loaded);
      for (const entry of truth.filter(({ decoy }) => !decoy)) {
        const key = `${entry.service} ${entry.hypothesis}`;
        const lead = leads.get(key) ?? { entry, ranks: [], anywhere: [] };
        leads.set(key, lead);
        lead.ranks.push(rankOf(entry, study, opportunities));
        lead.anywhere.push(isTold(entry, study, opportunities));
      }
      const judged = await judgeReport(planned, study, opportunities, truth, pool);
      judgements.push(...judged.map((judgement) => ({ seed, service: name, ...judgement })));
    }
    const right = judgements.filter(({ is }) => is !== "wrong" && is !== "decoy").length;
    const found = [...leads.values()].map(({ ranks }) => ranks.filter((rank) => rank !== null && rank <= 5).length);
    console.error(`seed ${seed}: leads ${found.join(" ")}, right ${right} of ${judgements.length}`);
  }
  const counted = (is: Judgement["is"]): number => judgements.filter((judgement) => judgement.is === is).length;
  record.seeds = {
    date: today(),
    users: Number(values.users),
    seeds: count,
    leads: [...leads.values()].map(({ entry: { service, kpi, cohort, hypothesis }, ...own }) => ({
      service,
      kpi,
      cohort,
      hypothesis,
      ...own,
    })),
    reported: judgements.length,
    planted: counted("planted"),
    explainedByPlanted: counted("explained by planted"),
    true: counted("true"),
    decoys: counted("decoy"),
    wrong: counted("wrong"),
    notPlanted: judgements.filter(({ is }) => is !== "planted"),
  };
  await write();
}

/** How often anything is reported where outcomes are permuted. */
async function nulls(permutations: number): Promise<void> {
  for (const set of values.sets.split(",")) {
    for (const loaded of await loadedOf(set)) {
      const { name, planned, exchange, study } = loaded;
      let reporting = 0;
      const reported: NullSet["reported"][number][] = [];
      const start = performance.now();
      for (let permutation = 1; permutation <= permutations; permutation++) {
        const opportunities = await run(loaded, (kpis) =>
          kpis.map((kpi, at) => permutedKpi(tableOf(planned), kpi, exchange, permutation * 100 + at)),
        );
        if (opportunities.length > 0) reporting++;
        for (const { kpi, hypothesis } of opportunities) {
          reported.push({ permutation, kpi: study.kpis[kpi]?.name ?? "", hypothesis });
        }
      }
      const seconds = Math.round((performance.now() - start) / 1000);
      console.error(`${name}: ${reporting} of ${permutations} permutations report something (${seconds} s)`);
      const own = { date: today(), name, exchange, permutations, reporting, reported };
      record.nulls = [...(record.nulls ?? []).filter((other) => other.name !== name), own];
      await write();
    }
  }
}

/** The events of a study, which data of this size have in memory. */
function tableOf({ store }: Loaded["planned"]): EventTable {
  if (store.table === null) throw new RangeError("the table is not in memory");
  return store.table;
}

async function loadedOf(set: string): Promise<readonly Loaded[]> {
  if (set === "sample") return await sample(1);
  const data = process.env["LEADLINE_DATA"];
  if (data === undefined) {
    console.error(`${set}: left out, for LEADLINE_DATA is not set`);
    return [];
  }
  const base = join(data, set);
  return [await load(set, join(base, "study.yaml"), base)];
}

/** The false discovery rate where some KPIs keep their outcomes and some have them permuted. */
async function mixed(permutations: number): Promise<void> {
  for (const loaded of await sample(1)) {
    const { name, planned, study, truth } = loaded;
    let [sum, reported, wrongs, onPermuted] = [0, 0, 0, 0];
    for (let permutation = 1; permutation <= permutations; permutation++) {
      const random = new Random(permutation);
      const isPermuted = study.kpis.map(() => random.uniform() < 0.5);
      const opportunities = await run(loaded, (kpis) =>
        kpis.map((kpi, at) =>
          isPermuted[at] === true ? permutedKpi(tableOf(planned), kpi, "over users", permutation * 100 + at) : kpi,
        ),
      );
      const real = opportunities.filter(({ kpi }) => isPermuted[kpi] !== true);
      const judged = await judgeReport(planned, study, real, truth, pool);
      const wrong = judged.filter(({ is }) => is === "wrong" || is === "decoy").length;
      const chance = opportunities.length - real.length;
      sum += (wrong + chance) / Math.max(1, opportunities.length);
      reported += opportunities.length;
      wrongs += wrong + chance;
      onPermuted += chance;
    }
    const own = { date: today(), name, permutations, reported, false: wrongs, onPermuted, fdr: sum / permutations };
    console.error(JSON.stringify(own));
    record.mixed = [...(record.mixed ?? []).filter((other) => other.name !== name), own];
    await write();
  }
}
