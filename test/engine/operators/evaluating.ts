import type { AuxiliaryTable } from "../../../engine/columns/auxiliary-table.js";
import { sharedFloat64, sharedUint8 } from "../../../engine/columns/shared.js";
import type { TableView } from "../../../engine/operators/partition.js";
import { type EvaluateOutput, evaluate } from "../../../engine/passes/evaluate.js";
import { compileBoolean, compileNumber } from "../../../planner/compile.js";
import { parseExpression } from "../../../planner/expression/parse.js";
import { knownAtStart } from "../../../planner/known.js";
import { PlanBuilder } from "../../../planner/plan.js";
import type { DataStatistics } from "../../../planner/statistics.js";

/** An event of a small world: what happened when, with attributes. */
export interface SmallEvent {
  readonly user: string;
  readonly session: string;
  /** ms */
  readonly time: number;
  readonly name: string;
  readonly os: string | null;
  readonly ms: number | null;
}

/** A small world as the engine sees it. */
export interface SmallTable {
  readonly view: TableView;
  readonly data: DataStatistics;
  /** Ids of the sessions in the table's order, and the events of each. */
  readonly sessions: readonly { readonly id: string; readonly events: readonly SmallEvent[] }[];
}

/** Lays events out as the event table does. */
export function smallTable(
  events: readonly SmallEvent[],
  options: { ignore?: readonly string[]; timeZone?: string; tables?: readonly AuxiliaryTable[] } = {},
): SmallTable {
  const byUser = grouped(events, ({ user }) => user);
  const users = [...byUser.values()].map((own) =>
    [...grouped(own, ({ session }) => session)]
      .map(([id, rows]) => ({ id, events: [...rows].sort((a, b) => a.time - b.time) }))
      .sort((a, b) => a.events[0]!.time - b.events[0]!.time),
  );
  const sessions = users.flat();
  const rows = sessions.flatMap(({ events: own }) => own);
  const names = [...new Set(rows.map(({ name }) => name))].sort();
  const oses = [...new Set(rows.flatMap(({ os }) => (os === null ? [] : [os])))].sort();
  const ignored = names.map((name) => options.ignore?.includes(name) === true);
  const rank = new Uint32Array(rows.length);
  for (let at = 1; at < rows.length; at++) {
    rank[at] = rank[at - 1]! + (ignored[names.indexOf(rows[at - 1]!.name)] ? 0 : 1);
  }
  const tables = options.tables ?? [];
  const view: TableView = {
    time: Float64Array.from(rows, ({ time }) => time),
    name: Uint8Array.from(rows, ({ name }) => names.indexOf(name)),
    sessionOffsets: offsetsOf(sessions.map(({ events: own }) => own.length)),
    userOffsets: offsetsOf(users.map((own) => own.length)),
    columns: [
      {
        kind: "coded",
        name: "os",
        grain: "event",
        codes: Uint8Array.from(rows, ({ os }) => (os === null ? 0 : oses.indexOf(os) + 1)),
        dictionary: oses,
      },
      {
        kind: "numeric",
        name: "ms",
        grain: "event",
        type: "number",
        values: Float64Array.from(rows, ({ ms }) => ms ?? Number.NaN),
      },
    ],
    tables,
    refined: [],
    filter: ignored.includes(true)
      ? { ignored: Uint8Array.from(ignored, (is) => (is ? 1 : 0)), visibleRank: rank }
      : null,
  };
  const data = {
    events: rows.length,
    sessions: sessions.length,
    users: users.length,
    hasUsers: true,
    names,
    tokens: names.map((name, code) => ({ text: name, names: [code] })),
    columns: [
      { kind: "coded", name: "os", grain: "event", dictionary: oses },
      { kind: "numeric", name: "ms", grain: "event", type: "number" },
    ],
    tables: tables.map(({ name, columns }) => ({
      name,
      columns: columns.map((column) =>
        column.kind === "coded"
          ? { kind: "coded", name: column.name, grain: "event", dictionary: column.dictionary }
          : { kind: "numeric", name: column.name, grain: "event", type: column.type },
      ),
    })),
    kpis: ["k"],
    timeZone: options.timeZone ?? "UTC",
    attributes: ["os"],
    history: { firstSeen: null, sessions: null },
    from: 0,
    to: 0,
  } as unknown as DataStatistics;
  return { view, data, sessions };
}

/** The value of an expression in every session: 0 or 1 of a condition; `evidenceEnd` cuts sessions. */
export function valuesOf(
  { view, data }: SmallTable,
  text: string,
  position: "boolean" | "value",
  evidenceEnd?: readonly number[],
): number[] {
  const plan = new PlanBuilder();
  const source = { expression: parseExpression(text, { position }), text, where: "test" };
  const node = position === "boolean" ? compileBoolean(source, plan, data) : compileNumber(source, plan, data);
  const sessions = data.sessions;
  const value = sharedUint8(sessions);
  const values = sharedFloat64(sessions);
  evaluate({
    table: view,
    nodes: plan.nodes,
    given: [],
    passes: [
      {
        evidence:
          evidenceEnd === undefined
            ? null
            : {
                kpis: [{ end: Uint32Array.from(evidenceEnd), state: new Uint8Array(sessions).fill(1) }],
                atStart: knownAtStart(plan.nodes),
              },
        outputs: [
          position === "boolean"
            ? { kind: "boolean", node, value, masks: [1], decided: null }
            : { kind: "number", node, values },
        ],
      },
    ],
    // two partitions, where there are users enough: what they give must not depend on it
    partitions: data.users < 2 ? Uint32Array.of(0, data.users) : Uint32Array.of(0, data.users >> 1, data.users),
    next: new Int32Array(new SharedArrayBuffer(4)),
  });
  return position === "boolean" ? [...value] : [...values];
}

/** What is evidence on a KPI: by session, the position where it ends, and whether the session counts. */
export interface SmallEvidence {
  readonly ends: readonly number[];
  readonly counts: readonly boolean[];
}

/**
 * Conditions on whole sessions, and on the evidence of several KPIs, all computed at once: by condition a byte a session, bit k of it that of KPI k,
 * bit 7 that of the whole session.
 * @param isWanted - whether a condition is asked for on a KPI's evidence; elsewhere its bit stays 0
 */
export function bytesOf(
  { view, data }: SmallTable,
  texts: readonly string[],
  kpis: readonly SmallEvidence[],
  isWanted: (text: number, kpi: number) => boolean,
): Uint8Array[] {
  const plan = new PlanBuilder();
  const nodes = texts.map((text) =>
    compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data),
  );
  const bytes = texts.map(() => sharedUint8(data.sessions));
  const outputs = (masks: (text: number) => readonly number[]): EvaluateOutput[] =>
    nodes.map((node, at) => ({ kind: "boolean", node, value: bytes[at]!, masks: masks(at), decided: null }));
  evaluate({
    table: view,
    nodes: plan.nodes,
    given: [],
    passes: [
      { evidence: null, outputs: outputs(() => [128]) },
      {
        evidence: {
          kpis: kpis.map(({ ends, counts }) => ({
            end: Uint32Array.from(ends),
            state: Uint8Array.from(counts, (is) => (is ? 1 : 0)),
          })),
          atStart: knownAtStart(plan.nodes),
        },
        outputs: outputs((text) => kpis.map((_, kpi) => (isWanted(text, kpi) ? 1 << kpi : 0))),
      },
    ],
    partitions: data.users < 2 ? Uint32Array.of(0, data.users) : Uint32Array.of(0, data.users >> 1, data.users),
    next: new Int32Array(new SharedArrayBuffer(4)),
  });
  return bytes;
}

function offsetsOf(lengths: readonly number[]): Uint32Array {
  const offsets = new Uint32Array(lengths.length + 1);
  lengths.forEach((length, at) => {
    offsets[at + 1] = offsets[at]! + length;
  });
  return offsets;
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
