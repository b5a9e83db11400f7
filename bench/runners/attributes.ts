/** Derived attributes, ours: parsed, planned and evaluated over all sessions of a resident table. */

import { dirname } from "node:path";
import { type EventTable, idText } from "../../engine/columns/event-table.js";
import { sharedUint8 } from "../../engine/columns/shared.js";
import { sharedCounter } from "../../engine/execution.js";
import type { EvaluateOutput } from "../../engine/passes/evaluate.js";
import { WorkerPool } from "../../engine/pool.js";
import { planStudy } from "../../finder/run-study.js";
import { compileBoolean } from "../../planner/compile.js";
import { estimateWork } from "../../planner/cost.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { partitionUsers } from "../../planner/partition.js";
import { PlanBuilder } from "../../planner/plan.js";
import { parseStudy } from "../../planner/study.js";
import { benchAttributes } from "../attributes.js";
import type { AttributeAnswer } from "../peers/attributes.js";
import { serve, timed } from "./runner.js";

/** Members of eight attributes fit the bits of a byte a session. */
const BITS = 8;

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
    const { table, data } = await planStudy(parseStudy(study(file), "attributes.yaml"), dirname(file), pool, {});
    const texts = benchAttributes(count, seed).map(({ expression }) => expression);
    const partitions = partitionUsers(table.userOffsets, table.sessionOffsets);
    const view = {
      time: table.time,
      name: table.name,
      sessionOffsets: table.sessionOffsets,
      userOffsets: table.userOffsets,
      columns: table.columns,
      tables: [],
      refined: [],
      filter: null,
    };
    const evaluateAll = async () => {
      const plan = new PlanBuilder();
      const nodes = texts.map((text) =>
        compileBoolean({ expression: parseExpression(text), text, where: "bench" }, plan, data),
      );
      const planned = performance.now();
      const members = Array.from({ length: Math.ceil(count / BITS) }, () => sharedUint8(table.sessions));
      const outputs = nodes.map(
        (node, at): EvaluateOutput => ({
          kind: "boolean",
          node,
          value: members[Math.floor(at / BITS)] as Uint8Array,
          mask: 1 << (at % BITS),
          decided: null,
        }),
      );
      const input = { table: view, nodes: plan.nodes, given: [], evidence: null, partitions, outputs };
      await pool.runEach("evaluate", { ...input, next: sharedCounter() }, "the attributes");
      return { members, plan, planned };
    };
    const runs = [];
    for (let repeat = -1; repeat < repeats; repeat++) {
      const start = performance.now();
      const run = await timed(evaluateAll);
      if (repeat >= 0) runs.push({ ...run, planSeconds: (run.result.planned - start) / 1000 });
    }
    await pool.close();
    const last = runs.at(-1);
    if (last === undefined) throw new RangeError(`invalid repeats: ${repeats}`);
    const { members, plan } = last.result;
    const work = estimateWork(plan.nodes, data);
    return {
      seconds: runs.map(({ seconds }) => seconds),
      cpuSeconds: runs.map(({ cpuSeconds }) => cpuSeconds),
      peakRssBytes: last.peakRssBytes,
      answer: answersOf(table, members, Math.min(checked, count)),
      numbers: {
        planSeconds: Math.min(...runs.map(({ planSeconds }) => planSeconds)),
        nodesBefore: plan.requested,
        nodesAfter: plan.nodes.length,
        workBefore: plan.asked.reduce((sum, times, id) => sum + times * (work[id] ?? 0), 0),
        workAfter: work.reduce((sum, each) => sum + each, 0),
        partitions: partitions.length - 1,
        sessions: table.sessions,
        memberBytes: members.length * table.sessions,
      },
    };
  },
);

/** A study that has the columns read that the attributes need. */
function study(file: string): string {
  return `title: Derived attributes
events:
  files: [${JSON.stringify(file)}]
  columns: { user: user_id, session: session_id, time: ts, event: event }
  attributes: [country, os, device, browser, channel]
  history: { first_seen: first_seen, sessions: visits_before }
kpis: [{ name: any, failure: 'home_view[ui == "" or status == "" or plan == "" or ms > 0 or os == "" or country == "" or channel == "" or browser == ""]' }]
hypotheses: [{ template: event-pattern, k: 1 }]
`;
}

/** By attribute: its sessions, and the sum of their ids, which the sample writes as `s` and eight hexadecimal digits. */
function answersOf(
  { sessionIds, sessions }: EventTable,
  members: readonly Uint8Array[],
  count: number,
): AttributeAnswer[] {
  if (sessionIds === null) throw new TypeError("the bench's files have session ids");
  const ids = Float64Array.from({ length: sessions }, (_, session) =>
    Number.parseInt(idText(sessionIds, session).slice(1), 16),
  );
  return Array.from({ length: count }, (_, at): AttributeAnswer => {
    const column = members[Math.floor(at / BITS)] as Uint8Array;
    let [holding, sum] = [0, 0];
    for (let session = 0; session < sessions; session++) {
      if (((column[session] as number) & (1 << (at % BITS))) === 0) continue;
      holding++;
      sum += ids[session] as number;
    }
    return [holding, sum];
  });
}
