/** What a process costs before it does anything: Node, the engine's modules and two threads. */

import { WorkerPool } from "../../engine/pool.js";
import { readEvents } from "../../engine/read.js";
import { serve, timed } from "./runner.js";

await serve(async ({ threads }: { readonly threads: number }) => {
  const { seconds, cpuSeconds, peakRssBytes } = await timed(async () => {
    const pool = new WorkerPool(threads);
    if (typeof readEvents !== "function") throw new TypeError("missing readEvents");
    // an empty task makes each thread load its modules
    await Promise.all(Array.from({ length: threads }, () => pool.runAll("decode", [], () => "")));
    await pool.close();
  });
  return { seconds: [seconds], cpuSeconds: [cpuSeconds], peakRssBytes, answer: null, numbers: {} };
});
