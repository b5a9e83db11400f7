/** Bar 3, DuckDB: all 3-grams, from tables in memory or from the file. */

import { openDuck } from "../peers/duckdb.js";
import { countSql, fromFileSql, GRAMS_ANSWER, residentTables } from "../peers/grams.js";
import { peakRssBytes, serve, timed } from "./runner.js";

await serve(
  async ({
    file,
    from,
    repeats,
  }: {
    readonly file: string;
    readonly from: "events" | "lists" | "file";
    readonly repeats: number;
  }) => {
    const duck = await openDuck();
    if (from !== "file") for (const sql of residentTables(file)) await duck.run(sql);
    const seconds: number[] = [];
    const cpuSeconds: number[] = [];
    for (let repeat = from === "file" ? 0 : -1; repeat < repeats; repeat++) {
      const run = await timed(async () => {
        for (const sql of from === "file" ? fromFileSql(file) : [countSql(from)]) await duck.run(sql);
      });
      if (repeat < 0) continue;
      seconds.push(run.seconds);
      cpuSeconds.push(run.cpuSeconds);
    }
    const peak = peakRssBytes();
    const [answer] = await duck.rows(GRAMS_ANSWER);
    duck.close();
    return { seconds, cpuSeconds, peakRssBytes: peak, answer: answer ?? null, numbers: {} };
  },
);
