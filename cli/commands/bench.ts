import { benchmark } from "../../index.js";
import { type Context, print } from "../context.js";

/** Options of `leadline bench`. */
export interface BenchCommandOptions {
  readonly size: "100k" | "1M" | "10M";
  readonly rounds: number;
}

/** `leadline bench`: the main job against DuckDB on this machine. */
export async function bench({ size, rounds }: BenchCommandOptions, { signal }: Context): Promise<void> {
  print(await benchmark({ size, rounds, signal, onProgress: (text) => process.stderr.write(text) }));
}
