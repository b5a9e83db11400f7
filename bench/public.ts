/**
 * `leadline bench`: the main job on this machine, and DuckDB doing the same counts where it is installed.
 *
 * node dist/bench/public.js [--size 1M] [--rounds 2]
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { machine } from "./harness.js";

const { values } = parseArgs({
  options: { size: { type: "string", default: "1M" }, rounds: { type: "string", default: "2" } },
});

try {
  await measure();
} catch (error) {
  console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function measure(): Promise<void> {
  // what makes the data and does the counting again is no dependency of the product
  if (!(await hasDuckDb())) {
    throw new Error("missing package: @duckdb/node-api, the peer that is measured against; install it beside leadline");
  }
  const { benchContext, sizeOf } = await import("./context.js");
  const { againstDuck } = await import("./bars/main-job.js");
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`invalid rounds: ${values.rounds}; 1 or more`);
  const size = sizeOf(values.size);
  const log = (line: string): void => console.error(line);
  const context = benchContext({ size, peerSize: size, long: false, rounds, log });
  const { rows } = await againstDuck(context, size, ["bounded", "all"]);
  const { node, cpu, cores } = machine();
  console.log(
    `Node ${node}, ${cpu}, ${cores} cores, ${availableParallelism()} of them for this process; the counts were checked equal.`,
  );
  for (const { what, came } of rows) console.log(`${came}: ${what}`);
}

async function hasDuckDb(): Promise<boolean> {
  try {
    await import("@duckdb/node-api");
    return true;
  } catch {
    return false;
  }
}
