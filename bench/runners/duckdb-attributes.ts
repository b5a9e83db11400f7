/** Derived attributes, DuckDB: one query each on resident tables. */

import { benchAttributes } from "../attributes.js";
import { type AttributeAnswer, attributeAnswer, attributeTables } from "../peers/attributes.js";
import { openDuck } from "../peers/duckdb.js";
import { serve, timed } from "./runner.js";

await serve(
  async ({
    file,
    seed,
    count,
    repeats,
  }: {
    readonly file: string;
    readonly seed: number;
    readonly count: number;
    readonly repeats: number;
  }) => {
    const duck = await openDuck();
    await attributeTables(duck, file);
    const attributes = benchAttributes(count, seed);
    const slowest: Record<string, number> = {};
    const runs = [];
    for (let repeat = -1; repeat < repeats; repeat++) {
      const run = await timed(async () => {
        const answers: AttributeAnswer[] = [];
        for (const attribute of attributes) {
          const start = performance.now();
          answers.push(await attributeAnswer(duck, attribute));
          slowest[attribute.construct] = (performance.now() - start) / 1000;
        }
        return answers;
      });
      if (repeat >= 0) runs.push(run);
    }
    duck.close();
    return {
      seconds: runs.map(({ seconds }) => seconds),
      cpuSeconds: runs.map(({ cpuSeconds }) => cpuSeconds),
      peakRssBytes: Math.max(...runs.map(({ peakRssBytes }) => peakRssBytes)),
      answer: runs[0]?.result ?? [],
      numbers: slowest,
    };
  },
);
