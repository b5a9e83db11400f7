import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LeadlineError } from "../../index.js";
import type { Context } from "../context.js";

/** Options of `leadline bench`. */
export interface BenchCommandOptions {
  readonly size: string;
  readonly rounds: number;
}

/**
 * `leadline bench`: the main job against DuckDB on this machine. The benchmarks are a program of their own, which no part of the
 * product imports.
 * @throws LeadlineError `worker-failed` when it ends without a result, which it has said why
 */
export async function bench({ size, rounds }: BenchCommandOptions, { signal }: Context): Promise<void> {
  const program = fileURLToPath(new URL("../../bench/public.js", import.meta.url));
  const child = spawn(process.execPath, [program, "--size", size, "--rounds", String(rounds)], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  signal.addEventListener("abort", () => child.kill(), { once: true });
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (signal.aborted) throw new LeadlineError("aborted", "the benchmark was interrupted");
  if (status !== 0) throw new LeadlineError("worker-failed", "the benchmark gave no result");
}
