/** Bar 1, ours: Parquet to the sorted event table. */

import { WorkerPool } from "../../engine/pool.js";
import { serve, timed } from "./runner.js";
import { readFour, residentBytes, tableAnswer } from "./tables.js";

await serve(async ({ file, threads }: { readonly file: string; readonly threads: number }) => {
  const pool = new WorkerPool(threads);
  const { result: table, seconds, cpuSeconds, peakRssBytes } = await timed(() => readFour(file, pool));
  await pool.close();
  return {
    seconds: [seconds],
    cpuSeconds: [cpuSeconds],
    peakRssBytes,
    answer: tableAnswer(table),
    numbers: { residentBytesPerEvent: residentBytes(table) / table.events },
  };
});
