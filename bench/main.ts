/**
 * The benchmarks of docs/BENCHMARKS.md: every bar as a ratio or a count, in one run.
 *
 * node dist/bench/main.js [bars…] [--size 10M] [--peer-size 1M] [--rounds 3] [--long] [--name NAME] [--write-docs]
 */

import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { againBar } from "./bars/again.js";
import { attributesBar } from "./bars/attributes.js";
import type { Bar, BarResult } from "./bars/bar.js";
import { csvBar } from "./bars/csv.js";
import { gramsBar } from "./bars/grams.js";
import { growthBar } from "./bars/growth.js";
import { kernelBar } from "./bars/kernel.js";
import { mainJobBar } from "./bars/main-job.js";
import { readBar } from "./bars/read.js";
import { startBar } from "./bars/start.js";
import { benchContext, root, sizeOf } from "./context.js";
import { SIZES, type SizeName } from "./data.js";
import { machine } from "./harness.js";
import { markdownTable, writeTable } from "./table.js";

const BARS: readonly Bar[] = [
  readBar,
  csvBar,
  gramsBar,
  mainJobBar,
  kernelBar,
  growthBar,
  againBar,
  startBar,
  attributesBar,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string", default: "10M" },
    "peer-size": { type: "string", default: "1M" },
    rounds: { type: "string", default: "3" },
    long: { type: "boolean", default: false },
    name: { type: "string" },
    "write-docs": { type: "boolean", default: false },
  },
});

const chosen = positionals.length === 0 ? BARS : positionals.map(barOf);
const context = benchContext({
  size: sizeOf(values.size),
  peerSize: sizeOf(values["peer-size"]),
  long: values.long,
  rounds: Number(values.rounds),
  log: (line) => console.error(line),
});
if (!Number.isInteger(context.rounds) || context.rounds < 1) throw new RangeError(`invalid rounds: ${values.rounds}`);

// all data first, so that no bar is measured in the wake of writing them
await context.data(context.size);
await context.data(context.peerSize);

const { node, cpu, cores } = machine();
const date = new Date().toISOString();
const started = performance.now();
const results: { readonly bar: string; readonly result: BarResult }[] = [];
for (const bar of chosen) {
  console.error(`${bar.title} (load ${loadavg()[0]?.toFixed(2)})`);
  results.push({ bar: bar.name, result: await bar.measure(context) });
}
const minutes = (performance.now() - started) / 60_000;
const used: readonly SizeName[] = [...new Set([context.size, context.peerSize])];
const sizes = used.map((size) => `${size}: ${SIZES[size]} users`).join(", ");
const busiest = Math.max(...results.flatMap(({ result }) => result.outcomes.flatMap(({ load }) => load)));
const busy =
  busiest > cores + 1
    ? ` The machine did other work meanwhile (load up to ${busiest.toFixed(0)} on ${cores} cores): wall times and the gain by threads suffer from it, CPU times less.`
    : "";
const heading = `Node ${node}, ${cpu}, ${cores} cores; ${date.slice(0, 10)}; ${sizes}; ${context.rounds} rounds; ${minutes.toFixed(0)} minutes.${busy}`;
const text = `${heading}\n\n${markdownTable(results.flatMap(({ result }) => result.rows))}`;

const record = join(root, "bench", "record");
await mkdir(record, { recursive: true });
const name = values.name ?? (positionals.length === 0 ? "all" : positionals.join("-"));
const path = join(record, `${date.slice(0, 10)}-${name}.json`);
await writeFile(
  path,
  `${JSON.stringify({ date, node, cpu, cores, size: context.size, peerSize: context.peerSize, results }, null, 2)}\n`,
);
// as the linter wants committed files
spawnSync(process.execPath, [join(root, "node_modules/@biomejs/biome/bin/biome"), "format", "--write", path]);
console.log(text);
console.error(`written: ${path}`);
if (values["write-docs"]) await writeTable(join(root, "docs", "BENCHMARKS.md"), text);

function barOf(name: string): Bar {
  const found = BARS.find((bar) => bar.name === name);
  if (found === undefined)
    throw new RangeError(`unknown bar: ${name}; there are ${BARS.map((bar) => bar.name).join(", ")}`);
  return found;
}
