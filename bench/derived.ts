/** Derived attributes over the sample's subscription service, ours: read, parsed, planned and evaluated over all sessions. */

import { dirname } from "node:path";
import { type EventTable, idText } from "../engine/columns/event-table.js";
import { sharedUint8 } from "../engine/columns/shared.js";
import { sharedCounter } from "../engine/execution.js";
import type { EvaluateOutput } from "../engine/passes/evaluate.js";
import type { WorkerPool } from "../engine/pool.js";
import { planStudy } from "../finder/run-study.js";
import { compileBoolean } from "../planner/compile.js";
import { parseExpression } from "../planner/expression/parse.js";
import { partitionUsers } from "../planner/partition.js";
import { PlanBuilder } from "../planner/plan.js";
import type { DataStatistics } from "../planner/statistics.js";
import { parseStudy } from "../planner/study.js";
import type { AttributeAnswer } from "./peers/attributes.js";

/** Members of eight attributes fit the bits of a byte a session. */
const BITS = 8;

/** A table in memory, with what the planner knows of it. */
export interface Resident {
  readonly table: EventTable;
  readonly data: DataStatistics;
  readonly partitions: Uint32Array;
}

/** The sessions in which attributes hold. */
export interface Derived {
  /** Uint8Array(S) for every eight attributes, a bit each */
  readonly members: readonly Uint8Array[];
  readonly plan: PlanBuilder;
  readonly planSeconds: number;
}

/** Reads a file of the subscription service with all columns that attributes need. */
export async function readResident(file: string, pool: WorkerPool): Promise<Resident> {
  const options = { memoryBytes: Number.POSITIVE_INFINITY };
  const { store, data } = await planStudy(parseStudy(study(file), "attributes.yaml"), dirname(file), pool, options);
  const { table } = store;
  if (table === null) throw new RangeError("the table is not in memory");
  return { table, data, partitions: partitionUsers(table.userOffsets, table.sessionOffsets) };
}

/** Plans and computes conditions over all sessions. */
export async function deriveAttributes(
  { table, data, partitions }: Resident,
  texts: readonly string[],
  pool: WorkerPool,
): Promise<Derived> {
  const start = performance.now();
  const plan = new PlanBuilder();
  const nodes = texts.map((text) =>
    compileBoolean({ expression: parseExpression(text), text, where: "bench" }, plan, data),
  );
  const planSeconds = (performance.now() - start) / 1000;
  const members = Array.from({ length: Math.ceil(texts.length / BITS) }, () => sharedUint8(table.sessions));
  const outputs = nodes.map((node, at): EvaluateOutput => {
    const value = members[Math.floor(at / BITS)] as Uint8Array;
    return { kind: "boolean", node, value, masks: [1 << (at % BITS)], decided: null };
  });
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
  const input = { table: view, nodes: plan.nodes, given: [], passes: [{ evidence: null, outputs }], partitions };
  await pool.runEach("evaluate", { ...input, next: sharedCounter() }, "the attributes");
  return { members, plan, planSeconds };
}

/** By attribute: its sessions, and the sum of their ids, which the sample writes as `s` and eight hexadecimal digits. */
export function answersOf({ table }: Resident, { members }: Derived, count: number): AttributeAnswer[] {
  const { sessionIds, sessions } = table;
  if (sessionIds === null) throw new TypeError("the sample's files have session ids");
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

/** A study that has the columns read that the attributes need. */
function study(file: string): string {
  const columns = ["ui", "status", "plan", "os", "country", "channel", "browser"];
  const failure = `home_view[${columns.map((name) => `${name} == ""`).join(" or ")} or ms > 0]`;
  return `title: Derived attributes
events:
  files: [${JSON.stringify(file)}]
  columns: { user: user_id, session: session_id, time: ts, event: event }
  history: { first_seen: first_seen, sessions: visits_before }
kpis: [{ name: any, failure: '${failure}' }]
hypotheses: [{ template: event-pattern, k: 1 }]
`;
}
