/** Bar 11, ours: derived attributes, planned and evaluated over all sessions of a resident table. */

import { WorkerPool } from "../../engine/pool.js";
import { estimateWork } from "../../planner/cost.js";
import { benchAttributes } from "../attributes.js";
import { answersOf, deriveAttributes, readResident } from "../derived.js";
import { serve, timed } from "./runner.js";

await serve(
  async ({
    file,
    seed,
    threads,
    count,
    checked,
    repeats,
  }: {
    readonly file: string;
    readonly seed: number;
    readonly threads: number;
    /** Attributes that are computed. */
    readonly count: number;
    /** Of how many of them the answer is told. */
    readonly checked: number;
    readonly repeats: number;
  }) => {
    const pool = new WorkerPool(threads);
    const resident = await readResident(file, pool);
    const texts = benchAttributes(count, seed).map(({ expression }) => expression);
    const runs = [];
    for (let repeat = -1; repeat < repeats; repeat++) {
      const run = await timed(() => deriveAttributes(resident, texts, pool));
      if (repeat >= 0) runs.push(run);
    }
    await pool.close();
    const last = runs.at(-1);
    if (last === undefined) throw new RangeError(`invalid repeats: ${repeats}`);
    const { plan, members } = last.result;
    const work = estimateWork(plan.nodes, resident.data);
    return {
      seconds: runs.map(({ seconds }) => seconds),
      cpuSeconds: runs.map(({ cpuSeconds }) => cpuSeconds),
      peakRssBytes: last.peakRssBytes,
      answer: checked === 0 ? null : answersOf(resident, last.result, Math.min(checked, count)),
      numbers: {
        planSeconds: Math.min(...runs.map(({ result }) => result.planSeconds)),
        nodesBefore: plan.requested,
        nodesAfter: plan.nodes.length,
        workBefore: plan.asked.reduce((sum, times, id) => sum + times * (work[id] ?? 0), 0),
        workAfter: work.reduce((sum, each) => sum + each, 0),
        partitions: resident.partitions.length - 1,
        memberBytes: members.length * resident.table.sessions,
      },
    };
  },
);
