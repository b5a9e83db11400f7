/**
 * How many of the planted leads a budget of hypotheses finds, in one, two and three rounds and drawn at random: bench/record/rounds.json.
 *
 * node dist/bench/prompts/rounds.js [--samples 1,2,3,4,5] [--seeds 1,2,3,4,5] [--users 20000] [--budget 200] [--name rounds]
 */

import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { WorkerPool } from "../../engine/pool.js";
import { planStudy } from "../../finder/run-study.js";
import { parseStudy } from "../../planner/study.js";
import { generateSample } from "../../sample/generate.js";
import type { TruthEntry } from "../../sample/truth.js";
import { machine } from "../harness.js";
import { type PlantedService, recallOf, type Spending } from "./recall.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const { values } = parseArgs({
  options: {
    samples: { type: "string", default: "1,2,3,4,5" },
    seeds: { type: "string", default: "1,2,3,4,5" },
    users: { type: "string", default: "20000" },
    budget: { type: "string", default: "200" },
    name: { type: "string", default: "rounds" },
  },
});
const samples = values.samples.split(",").map(Number);
const seeds = values.seeds.split(",").map(Number);
const budget = Number(values.budget);

/** Found and planted, over all services and seeds; by the rounds after which it was counted. */
interface Sums {
  readonly found: number[];
  leads: number;
  tested: number;
  runs: number;
}

const variants: readonly (readonly [name: string, Omit<Spending, "seed">])[] = [
  ["everything", { budget: 0, rounds: 1, draw: "belief" }],
  ["random", { budget, rounds: 1, draw: "chance" }],
  ["1 round", { budget, rounds: 1, draw: "belief" }],
  ["2 rounds", { budget, rounds: 2, draw: "belief" }],
  ["3 rounds", { budget, rounds: 3, draw: "belief" }],
];
const sums = new Map(variants.map(([name]): [string, Sums] => [name, { found: [], leads: 0, tested: 0, runs: 0 }]));
const byService = new Map<string, { readonly found: number; readonly leads: number }>();
const pool = new WorkerPool(2);
const folder = await mkdtemp(join(tmpdir(), "leadline-rounds-"));
try {
  for (const [at, sample] of samples.entries()) {
    await measure(sample);
    await write(samples.slice(0, at + 1));
  }
} finally {
  await pool.close();
  await rm(folder, { recursive: true, force: true });
}

/** Writes what is known so far. */
async function write(measured: readonly number[]): Promise<void> {
  const rows = [...sums].map(([name, { found, leads, tested, runs }]) => ({
    name,
    recall: rounded((found.at(-1) ?? 0) / leads),
    after_each_round: found.map((count) => rounded(count / leads)),
    ...(tested === 0 ? {} : { tested: rounded(tested / runs) }),
  }));
  const record = {
    ...machine(),
    date: new Date().toISOString(),
    ...{ samples: measured, seeds, users: Number(values.users), budget },
    rows,
    by_service: Object.fromEntries(
      [...byService].map(([name, { found, leads }]) => [name, rounded(found / leads)] as const),
    ),
  };
  const path = join(root, "bench", "record", `${values.name}.json`);
  await mkdir(join(root, "bench", "record"), { recursive: true });
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`);
  // as the linter wants committed files
  spawnSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "format", "--write", path]);
  process.stderr.write(`${JSON.stringify(rows)}\n`);
}

/** All variants and seeds on one sample. */
async function measure(sample: number): Promise<void> {
  const out = join(folder, String(sample));
  const made = await generateSample({ out, users: Number(values.users), seed: sample, format: "parquet" });
  const truth = JSON.parse(await readFile(made.truth, "utf8")) as readonly TruthEntry[];
  for (const { service, study: file } of made.services) {
    const study = parseStudy(await readFile(file, "utf8"), file);
    const planned = await planStudy(study, out, pool, {});
    const leads = truth.filter((entry) => entry.service === service && !entry.decoy);
    const planted: PlantedService = { study, planned, leads };
    for (const [name, spending] of variants) {
      // where nothing is drawn a seed changes nothing
      for (const seed of spending.budget === 0 ? [0] : seeds) {
        const own = await recallOf(planted, { ...spending, seed }, pool);
        const sum = sums.get(name) as Sums;
        for (const [round, found] of own.found.entries()) sum.found[round] = (sum.found[round] ?? 0) + found;
        sum.leads += own.leads;
        sum.tested += own.tested;
        sum.runs++;
        const key = `${service}, ${name}`;
        const known = byService.get(key) ?? { found: 0, leads: 0 };
        byService.set(key, { found: known.found + (own.found.at(-1) ?? 0), leads: known.leads + own.leads });
      }
    }
    planned.close();
  }
  await rm(out, { recursive: true, force: true });
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
