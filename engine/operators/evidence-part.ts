import { attributesOf } from "../../planner/expression/walk.js";
import type { PlanNode } from "../../planner/plan.js";
import type { TableColumn } from "../columns/event-table.js";
import type { Partition, TableView } from "./partition.js";

/**
 * What of a partition's sessions happened before a KPI's outcomes (METHODS, 1): the same sessions with fewer events, some with
 * none, so that every operator computes on evidence alone and need not know of outcomes. Users and sessions are numbered
 * from 0. O(events + sessions × columns).
 * @param evidenceEnd - Uint32Array(S), positions: events of a session before it are evidence
 * @param columns - names of the columns that operators will read
 */
export function evidencePart(partition: Partition, evidenceEnd: Uint32Array, columns: ReadonlySet<string>): Partition {
  const { table, userStart, userEnd, sessionStart, sessionEnd } = partition;
  const sessions = sessionEnd - sessionStart;
  const sessionOffsets = new Uint32Array(sessions + 1);
  const horizonMs = new Float64Array(sessions).fill(Number.POSITIVE_INFINITY);
  for (let at = 0; at < sessions; at++) {
    const from = table.sessionOffsets[sessionStart + at] as number;
    const end = table.sessionOffsets[sessionStart + at + 1] as number;
    const to = Math.max(from, Math.min(end, evidenceEnd[sessionStart + at] as number));
    sessionOffsets[at + 1] = (sessionOffsets[at] as number) + (to - from);
    if (to < end) horizonMs[at] = table.time[to] as number;
  }
  const events = sessionOffsets[sessions] as number;
  const positions = new Uint32Array(events);
  for (let at = 0, to = 0; at < sessions; at++) {
    const stop = sessionOffsets[at + 1] as number;
    for (let position = table.sessionOffsets[sessionStart + at] as number; to < stop; position++)
      positions[to++] = position;
  }
  const filter =
    table.filter === null
      ? null
      : { ...table.filter, visibleRank: picked(table.filter.visibleRank, positions, new Uint32Array(events)) };
  const view: TableView = {
    time: picked(table.time, positions, new Float64Array(events)),
    name: picked(table.name, positions, new Uint32Array(events)),
    sessionOffsets,
    userOffsets: table.userOffsets.slice(userStart, userEnd + 1).map((session) => session - sessionStart),
    columns: table.columns.flatMap((column) =>
      columns.has(column.name) ? [columnPart(column, positions, sessionStart, sessionEnd)] : [],
    ),
    tables: table.tables,
    filter,
    refined: table.refined.map((rule) => ({
      ...rule,
      columns: rule.columns.map((column) => ({
        ...column,
        codes:
          column.grain === "session"
            ? column.codes.subarray(sessionStart, sessionEnd)
            : picked(column.codes, positions, new Uint32Array(events)),
      })),
    })),
  };
  return {
    table: view,
    userStart: 0,
    userEnd: userEnd - userStart,
    sessionStart: 0,
    sessionEnd: sessions,
    eventStart: 0,
    eventEnd: events,
    horizonMs,
    buffers: partition.buffers,
  };
}

/** The columns that nodes read, those that join auxiliary tables among them. */
export function columnsOf(nodes: readonly PlanNode[], tables: TableView["tables"]): Set<string> {
  const names = new Set<string>();
  for (const { operation } of nodes) {
    if (operation.op === "step" && operation.predicate !== null) {
      for (const name of attributesOf(operation.predicate)) names.add(name);
    }
    if (operation.op === "aggregate" || operation.op === "pick") names.add(operation.column);
  }
  for (const { on } of tables) for (const { attribute } of on) names.add(attribute);
  return names;
}

function columnPart(
  column: TableColumn,
  positions: Uint32Array,
  sessionStart: number,
  sessionEnd: number,
): TableColumn {
  if (column.grain === "session") {
    return column.kind === "coded"
      ? { ...column, codes: column.codes.subarray(sessionStart, sessionEnd) }
      : { ...column, values: column.values.subarray(sessionStart, sessionEnd) };
  }
  return column.kind === "coded"
    ? { ...column, codes: picked(column.codes, positions, new Uint32Array(positions.length)) }
    : { ...column, values: picked(column.values, positions, new Float64Array(positions.length)) };
}

function picked<T extends Float64Array | Uint32Array>(
  from: Float64Array | Uint32Array | Uint16Array | Uint8Array,
  positions: Uint32Array,
  out: T,
): T {
  for (let at = 0; at < positions.length; at++) out[at] = from[positions[at] as number] as number;
  return out;
}
