import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { loadavg } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { generateSample } from "../../sample/generate.js";
import { benchFolder } from "../data.js";
import { median, type Outcome } from "../harness.js";
import { type Bar, loadOf, type Row, told } from "./bar.js";

const REPEATS = 7;
/** Users of the sample that `npm start` makes. */
const START_USERS = 20_000;

/** Bar 10: from the command to the first line of help, and the run of `npm start`. */
export const startBar: Bar = {
  name: "start",
  title: "10. Start",
  async measure({ log }) {
    const cli = fileURLToPath(new URL("../../cli/main.js", import.meta.url));
    if (!existsSync(cli)) {
      log("no command line yet: bar 10 is left out");
      return { rows: [], outcomes: [] };
    }
    const sample = join(benchFolder(), "start");
    await mkdir(sample, { recursive: true });
    const study = join(sample, "subscription.yaml");
    if (!existsSync(study)) {
      await generateSample({ out: sample, users: START_USERS, seed: 1, format: "parquet", service: "subscription" });
    }
    const help = await timeCommand("--help", [cli, "--help"]);
    const run = await timeCommand("npm start's run", [cli, "run", study]);
    const bare = await timeCommand("node alone", ["-e", ""]);
    const rows: Row[] = [
      {
        bar: "10",
        what: `leadline --help (node alone: ${told(bare)})`,
        asked: "≤ 150 ms",
        came: told(help),
        met: help.minSeconds <= 0.15,
        load: loadOf(help),
      },
      {
        bar: "10",
        what: `npm start's run, ${START_USERS} users`,
        asked: "≤ 3 s",
        came: told(run),
        met: run.minSeconds <= 3,
        load: loadOf(run),
      },
    ];
    return { rows, outcomes: [help, run, bare] };
  },
};

/** Wall time of whole processes, one after another. */
async function timeCommand(name: string, args: readonly string[]): Promise<Outcome> {
  const seconds: number[] = [];
  const load: number[] = [];
  for (let repeat = -1; repeat < REPEATS; repeat++) {
    const before = loadavg()[0] ?? 0;
    const start = performance.now();
    const child = spawn(process.execPath, [...args], { stdio: ["ignore", "ignore", "inherit"] });
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    if (status !== 0) throw new Error(`${name} ended with ${status}`);
    if (repeat < 0) continue;
    seconds.push((performance.now() - start) / 1000);
    load.push(Math.round(before * 100) / 100);
  }
  return {
    name,
    minSeconds: Math.min(...seconds),
    medianSeconds: median(seconds),
    minCpuSeconds: Number.NaN,
    seconds,
    peakRssBytes: 0,
    numbers: {},
    load,
  };
}
