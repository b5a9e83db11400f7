/** Bar 4 and others, ours: from the files to the result file, as a user runs it. */

import { readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseStudy } from "../../planner/study.js";
import { findOpportunities } from "../../run.js";
import { serve, timed } from "./runner.js";

await serve(
  async ({
    study: path,
    threads,
    experts,
    cache = false,
    memoryBytes,
  }: {
    readonly study: string;
    readonly threads: number;
    readonly experts: "all" | "paper";
    /** Keep the event table beside the study, or read the one that is kept. */
    readonly cache?: boolean;
    /** What the run may use. */
    readonly memoryBytes?: number;
  }) => {
    const out = join(dirname(path), `result-${process.pid}.json`);
    const { result, seconds, cpuSeconds, peakRssBytes } = await timed(async () => {
      const study = parseStudy(await readFile(path, "utf8"), path);
      const found = await findOpportunities(study, dirname(path), {
        threads,
        experts,
        ...(memoryBytes === undefined ? {} : { memoryBytes }),
        ...(cache ? { cacheFolder: join(dirname(path), ".leadline") } : {}),
      });
      await writeFile(out, JSON.stringify(found, null, 2));
      return found;
    });
    await rm(out);
    const { run, opportunities, explained, kpis } = result;
    const phases = Object.fromEntries(run.phases.map((phase) => [`phase.${phase.name}`, phase.seconds]));
    const read = phases["phase.read"] ?? 0;
    return {
      seconds: [seconds],
      cpuSeconds: [cpuSeconds],
      peakRssBytes,
      // times and threads aside the same study and data give the same result, whatever the number of threads
      answer: { kpis, opportunities, explained },
      numbers: {
        ...phases,
        // reading and planning aside
        compute: Object.values(phases).reduce((sum, phase) => sum + phase, 0) - read,
        hypotheses: run.hypotheses,
        rare: run.hypotheses_rare ?? 0,
        bounded: run.hypotheses_bounded ?? 0,
        opportunities: opportunities.length,
      },
    };
  },
);
