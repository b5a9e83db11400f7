/** Bar 4, DuckDB: the counts of the main job, and their check against ours after the clock has stopped. */

import { openDuck } from "../peers/duckdb.js";
import { checkMainJob, countMainJob } from "../peers/main-job.js";
import { serve, timed } from "./runner.js";

await serve(
  async ({ file, form, ours }: { readonly file: string; readonly form: "all" | "bounded"; readonly ours: string }) => {
    const duck = await openDuck(`${ours}-spill`);
    const phases: Record<string, number> = {};
    const { seconds, cpuSeconds, peakRssBytes } = await timed(() =>
      countMainJob(duck, file, form, (name, took) => {
        phases[`query.${name}`] = took;
      }),
    );
    const checked = await checkMainJob(duck, ours);
    duck.close();
    return {
      seconds: [seconds],
      cpuSeconds: [cpuSeconds],
      peakRssBytes,
      answer: null,
      numbers: { ...phases, ...checked },
    };
  },
);
