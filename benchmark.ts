import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LeadlineError } from "./errors.js";

/** How the machine is measured. */
export interface BenchmarkOptions {
  /**
   * Events, about.
   * @default "1M"
   */
  readonly size?: "100k" | "1M" | "10M";
  /**
   * Rounds that are timed.
   * @default 2
   */
  readonly rounds?: number;
  /** Ends it with a `LeadlineError` of code `aborted`. */
  readonly signal?: AbortSignal;
  /** Called with what it says of its progress, piece by piece. @default unheard */
  readonly onProgress?: (text: string) => void;
}

/**
 * Measures the main job against DuckDB on this machine, with sample data, as `leadline bench` does. Needs the package `@duckdb/node-api`
 * beside leadline. The benchmarks are a program of their own, which no part of the product imports.
 * @returns what it prints: the machine, and a line for each time
 * @throws LeadlineError `worker-failed` when it ends without a result, of which it told `onProgress`; `aborted`
 * @throws RangeError for another size, or rounds that are no whole number from 1
 */
export async function benchmark(options: BenchmarkOptions = {}): Promise<string> {
  const { size = "1M", rounds = 2, signal, onProgress } = options;
  if (!["100k", "1M", "10M"].includes(size))
    throw new RangeError(`invalid size: ${String(size)}; allowed: 100k, 1M, 10M`);
  if (!Number.isInteger(rounds) || rounds < 1) throw new RangeError(`invalid rounds: ${String(rounds)}; 1 or more`);
  assertOngoing(signal);
  const program = fileURLToPath(new URL("./bench/public.js", import.meta.url));
  const child = spawn(process.execPath, [program, "--size", size, "--rounds", String(rounds)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const kill = (): void => {
    child.kill();
  };
  signal?.addEventListener("abort", kill, { once: true });
  try {
    let out = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => onProgress?.(text));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    assertOngoing(signal);
    if (status !== 0) throw new LeadlineError("worker-failed", "the benchmark gave no result");
    return out;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

function assertOngoing(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new LeadlineError("aborted", "the benchmark was interrupted");
}
