import type { Measured } from "../harness.js";

/** Time and memory of the part of a run that counts. */
export interface Timed<T> {
  readonly result: T;
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

/** Runs a runner's work on the arguments that the harness gave, and prints what it measured. */
export async function serve<A>(work: (args: A) => Promise<Measured>): Promise<void> {
  const measured = await work(JSON.parse(process.argv[2] ?? "{}") as A);
  process.stdout.write(`${JSON.stringify(measured)}\n`);
}

/** Times a piece of work; the peak is the process's own since its start, Node included. */
export async function timed<T>(work: () => Promise<T>): Promise<Timed<T>> {
  const start = performance.now();
  const cpuStart = process.cpuUsage();
  const result = await work();
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpuStart);
  return { result, seconds, cpuSeconds: (user + system) / 1e6, peakRssBytes: peakRssBytes() };
}

/** The largest resident set of this process so far. */
export function peakRssBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}
