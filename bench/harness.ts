/**
 * Runs variants against each other: each in a process of its own, interleaved, after a round to warm up, with their answers
 * checked equal before any time is told.
 */

import { spawn } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";

/** What a runner answers. */
export interface Measured {
  /** Seconds of the timed part, one for each time it was done. */
  readonly seconds: readonly number[];
  /** Seconds of processor time of all threads, for each of them: what a busy machine stretches least. */
  readonly cpuSeconds: readonly number[];
  /** Largest resident set of the process until the timed part was done, bytes. */
  readonly peakRssBytes: number;
  /** What variants of one comparison must agree on; null: nothing to compare. */
  readonly answer: unknown;
  /** More numbers, by name; of several rounds those of the fastest are kept. */
  readonly numbers: Readonly<Record<string, number>>;
}

/** One way to do something. */
export interface Variant {
  readonly name: string;
  /** Name of a file of `runners/`, without its extension. */
  readonly runner: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** A variant's numbers over all rounds. */
export interface Outcome {
  readonly name: string;
  readonly minSeconds: number;
  readonly medianSeconds: number;
  /** Least processor time of all threads. */
  readonly minCpuSeconds: number;
  readonly seconds: readonly number[];
  readonly peakRssBytes: number;
  readonly numbers: Readonly<Record<string, number>>;
  /** Load average of the last minute before each round. */
  readonly load: readonly number[];
}

/** How often. */
export interface Rounds {
  /** Rounds that are timed. @default 3 */
  readonly rounds?: number;
  /** Rounds before them. @default 1 */
  readonly warmups?: number;
}

/** The machine, for records. */
export interface Machine {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
}

/** The machine that this process runs on. */
export function machine(): Machine {
  return { node: process.version, cpu: cpus()[0]?.model.trim() ?? "unknown", cores: cpus().length };
}

/**
 * Runs variants round by round, A B A B, and checks that all answers of all rounds are equal.
 * @throws Error when a runner fails or two answers differ: then no time means anything
 */
export async function compare(
  variants: readonly Variant[],
  log: (line: string) => void,
  { rounds = 3, warmups = 1 }: Rounds = {},
): Promise<readonly Outcome[]> {
  const all = variants.map((): { measured: Measured; load: number }[] => []);
  let expected: { readonly name: string; readonly answer: unknown } | null = null;
  for (let round = -warmups; round < rounds; round++) {
    for (const [index, variant] of variants.entries()) {
      const load = loadavg()[0] ?? 0;
      const measured = await runOnce(variant);
      if (measured.answer !== null) {
        if (expected === null) expected = { name: variant.name, answer: measured.answer };
        else if (!isDeepStrictEqual(expected.answer, measured.answer)) {
          throw new Error(
            `answers differ: ${expected.name} says ${JSON.stringify(expected.answer)}, ${variant.name} ${JSON.stringify(measured.answer)}`,
          );
        }
      }
      if (round >= 0) all[index]?.push({ measured, load });
      log(
        `  ${round < 0 ? "warm-up" : `round ${round + 1}`}: ${variant.name}: ${Math.min(...measured.seconds).toFixed(3)} s`,
      );
    }
  }
  return variants.map(({ name }, index) => summarise(name, all[index] ?? []));
}

/** The one outcome of a name. */
export function outcomeOf(outcomes: readonly Outcome[], name: string): Outcome {
  const found = outcomes.find((outcome) => outcome.name === name);
  if (found === undefined) throw new RangeError(`unknown variant: ${name}`);
  return found;
}

/** Runs a variant's process and reads what it measured from the last line that it prints. */
export async function runOnce({ name, runner, args }: Variant): Promise<Measured> {
  const path = fileURLToPath(new URL(`./runners/${runner}.js`, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(args)], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    output += text;
  });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (status !== 0) throw new Error(`${name}: runner ${runner} ended with ${status}`);
  return JSON.parse(output.trim().split("\n").at(-1) ?? "") as Measured;
}

/** The middle of values; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}

function summarise(name: string, runs: readonly { readonly measured: Measured; readonly load: number }[]): Outcome {
  const seconds = runs.flatMap(({ measured }) => measured.seconds);
  const least = Math.min(...seconds);
  const fastest = runs.find(({ measured }) => measured.seconds.includes(least));
  return {
    name,
    minSeconds: least,
    medianSeconds: median(seconds),
    minCpuSeconds: Math.min(...runs.flatMap(({ measured }) => measured.cpuSeconds)),
    seconds,
    peakRssBytes: Math.max(...runs.map(({ measured }) => measured.peakRssBytes)),
    numbers: fastest?.measured.numbers ?? {},
    load: runs.map(({ load }) => Math.round(load * 100) / 100),
  };
}
