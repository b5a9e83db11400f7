/** Bar 1, DuckDB: Parquet to a sorted table in its memory. */

import { openDuck } from "../peers/duckdb.js";
import { CODED_ANSWER, codedTables, sortedTexts } from "../peers/read.js";
import { serve, timed } from "./runner.js";

await serve(async ({ file, form }: { readonly file: string; readonly form: "coded" | "texts" }) => {
  const duck = await openDuck();
  const { seconds, cpuSeconds, peakRssBytes } = await timed(async () => {
    for (const sql of form === "coded" ? codedTables(file) : sortedTexts(file)) await duck.run(sql);
  });
  const answer = form === "coded" ? ((await duck.rows(CODED_ANSWER))[0] ?? null) : null;
  duck.close();
  return { seconds: [seconds], cpuSeconds: [cpuSeconds], peakRssBytes, answer, numbers: {} };
});
