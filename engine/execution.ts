import { quantile } from "../kernels/quantile.js";
import type { KpiPlan } from "../planner/kpi.js";
import { partitionUsers } from "../planner/partition.js";
import type { PlanNode } from "../planner/plan.js";
import type { TokenMap } from "../planner/tokens.js";
import type { Cohorts } from "./cohorts.js";
import type { CodedColumn, EventTable } from "./columns/event-table.js";
import { sharedFloat64, sharedUint8, sharedUint16, sharedUint32 } from "./columns/shared.js";
import type { TableView } from "./operators/partition.js";
import type { EvaluateOutput } from "./passes/evaluate.js";
import type { Stream } from "./passes/gather.js";
import {
  FAILING,
  KPIS_PER_GROUP,
  type KpiColumn,
  NORMAL,
  NOT_COUNTED,
  numberColumns,
  type Segments,
} from "./passes/segment.js";
import { cellsOf, type TallySubject, type Walk } from "./passes/tally.js";
import type { WorkerPool } from "./pool.js";

/** Sessions of one unit of counting: enough to be worth a fold, few enough to share out. */
const SESSIONS_PER_UNIT = 1 << 14;
/** Sessions of one task of cutting into segments. */
const SESSIONS_PER_SEGMENT_TASK = 1 << 17;

/** Events of one task of rewriting symbols. */
const EVENTS_PER_REMAP = 1 << 21;

/** A KPI over all sessions. */
export interface KpiOutcome extends KpiColumn {
  /** Float64Array(S) of a numeric KPI, NaN where it is missing or the session does not count; null for a binary one */
  readonly outcome: Float64Array | null;
  /** Numeric: sessions fail strictly beyond it. */
  readonly failingBeyond: number | null;
  /** Uint32Array(S), positions: a conversion is open from here on; null: from the session's start */
  readonly anchor: Uint32Array | null;
}

/** What a plan's evaluation gives. */
export interface Evaluated {
  readonly kpis: readonly KpiOutcome[];
  /** By node, for the conditions that were asked for: Uint8Array(S) */
  readonly conditions: ReadonlyMap<number, Uint8Array>;
}

/** How a plan is evaluated. */
export interface EvaluateOptions {
  /** Session starts in ms, half-open: others count for no KPI. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Numeric KPIs: this quantile, towards the worse, divides failing from normal sessions. */
  readonly failingQuantile: number;
  /** Only what happened before a KPI's outcome is evidence on it; else whole sessions are. */
  readonly outcomeTime: boolean;
}

/** Counts by cohort, KPI, failing or not, and cell. */
export class Tally {
  readonly #groups: readonly Uint32Array[];
  readonly #cells: number;
  readonly #kpis: number;

  constructor(groups: readonly Uint32Array[], cells: number, kpis: number) {
    this.#groups = groups;
    this.#cells = cells;
    this.#kpis = kpis;
  }

  /** Uint32Array(cells): sessions of a cohort that hold each cell's hypothesis and fail a KPI, or count and do not. A view. */
  row(cohort: number, kpi: number, failing: boolean): Uint32Array {
    const group = Math.floor(kpi / KPIS_PER_GROUP);
    const width = Math.min(KPIS_PER_GROUP, this.#kpis - group * KPIS_PER_GROUP);
    const at = (cohort * width + (kpi % KPIS_PER_GROUP)) * 2 + (failing ? 1 : 0);
    return (this.#groups[group] as Uint32Array).subarray(at * this.#cells, (at + 1) * this.#cells);
  }
}

/** Runs the passes of a plan over an event table. */
export class Execution {
  readonly table: EventTable;
  readonly pool: WorkerPool;
  readonly partitions: Uint32Array;
  readonly #view: TableView;
  readonly #tokens: TokenMap;
  #kpis: readonly KpiOutcome[] = [];
  #segments: readonly Segments[] = [];
  #streams: Stream[] = [];
  #cohorts: Cohorts | null = null;
  #cellOffsets: Uint32Array = new Uint32Array(1);

  constructor(table: EventTable, tokens: TokenMap, pool: WorkerPool) {
    this.table = table;
    this.pool = pool;
    this.#tokens = tokens;
    this.partitions = partitionUsers(table.userOffsets, table.sessionOffsets);
    this.#view = {
      time: table.time,
      name: table.name,
      sessionOffsets: table.sessionOffsets,
      userOffsets: table.userOffsets,
      columns: table.columns,
      refined: refinedColumns(table, tokens),
      filter: filterOf(table, tokens),
    };
  }

  /** Computes the KPIs and conditions of a plan for every session. */
  async evaluate(
    nodes: readonly PlanNode[],
    kpis: readonly KpiPlan[],
    conditions: readonly number[],
    options: EvaluateOptions,
  ): Promise<Evaluated> {
    const { sessions } = this.table;
    const booleans = new Map<number, { value: Uint8Array; decided: Uint32Array | null }>();
    const numbers = new Map<number, Float64Array>();
    const want = (node: number, decided: boolean): void => {
      const known = booleans.get(node);
      booleans.set(node, {
        value: known?.value ?? sharedUint8(sessions),
        decided: known?.decided ?? (decided ? sharedUint32(sessions) : null),
      });
    };
    for (const kpi of kpis) {
      if (kpi.among !== null) want(kpi.among, false);
      if (kpi.anchor !== null) want(kpi.anchor, options.outcomeTime);
      if (kpi.outcome.kind === "binary") want(kpi.outcome.node, options.outcomeTime);
      else if (!numbers.has(kpi.outcome.node)) numbers.set(kpi.outcome.node, sharedFloat64(sessions));
    }
    for (const node of conditions) want(node, false);
    const outputs: EvaluateOutput[] = [
      ...[...booleans].map(([node, { value, decided }]) => ({ kind: "boolean" as const, node, value, decided })),
      ...[...numbers].map(([node, values]) => ({ kind: "number" as const, node, values })),
    ];
    const next = sharedCounter();
    const input = { table: this.#view, nodes, partitions: this.partitions, next, outputs };
    await this.pool.runEach("evaluate", input, "the KPIs and conditions");
    const inWindow = this.#window(options.fromMs, options.toMs);
    this.#kpis = kpis.map((kpi) => {
      const among = kpi.among === null ? null : (booleans.get(kpi.among)?.value ?? null);
      if (kpi.outcome.kind === "binary") {
        const failing = booleans.get(kpi.outcome.node);
        if (failing === undefined) throw new RangeError(`missing node: ${kpi.outcome.node}`);
        const anchor = kpi.anchor === null ? null : (booleans.get(kpi.anchor)?.decided ?? null);
        return { ...binaryOutcome(failing.value, failing.decided, among, inWindow), anchor };
      }
      const values = numbers.get(kpi.outcome.node);
      if (values === undefined) throw new RangeError(`missing node: ${kpi.outcome.node}`);
      return numericOutcome(values, kpi.outcome.worse, among, inWindow, options.failingQuantile);
    });
    this.#segments = await this.#cut(this.#kpis);
    const wanted = new Map(conditions.map((node) => [node, booleans.get(node)?.value ?? sharedUint8(0)]));
    return { kpis: this.#kpis, conditions: wanted };
  }

  /** Sessions whose start lies in the window; null: all. */
  #window(fromMs: number, toMs: number): Uint8Array | null {
    const { sessions, sessionOffsets, time } = this.table;
    if (fromMs === Number.NEGATIVE_INFINITY && toMs === Number.POSITIVE_INFINITY) return null;
    const inWindow = new Uint8Array(sessions);
    for (let session = 0; session < sessions; session++) {
      const start = time[sessionOffsets[session] as number] as number;
      if (start >= fromMs && start < toMs) inWindow[session] = 1;
    }
    return inWindow;
  }

  async #cut(kpis: readonly KpiOutcome[]): Promise<Segments[]> {
    const groups: Segments[] = [];
    for (let first = 0; first < kpis.length; first += KPIS_PER_GROUP) {
      groups.push(await this.#cutGroup(kpis.slice(first, first + KPIS_PER_GROUP)));
    }
    return groups;
  }

  async #cutGroup(kpis: readonly KpiOutcome[]): Promise<Segments> {
    const { sessions, sessionOffsets } = this.table;
    const columns = kpis.map(({ state, evidenceEnd }) => ({ state, evidenceEnd }));
    const offsets = sharedUint32(sessions + 1);
    const met = sharedUint8(3 ** kpis.length);
    const startColumn = sharedUint32(sessions);
    const ranges = rangesOf(sessions, SESSIONS_PER_SEGMENT_TASK);
    const run = async (
      phase: "measure" | "fill",
      columnOf: Uint32Array,
      segmentEnd: Uint32Array,
      segmentColumn: Uint32Array,
    ): Promise<void> => {
      const shared = { phase, kpis: columns, sessionOffsets, offsets, met, columnOf, segmentEnd, segmentColumn };
      await this.pool.runAll(
        "segment",
        ranges.map((range) => ({ ...shared, ...range, startColumn })),
        (index) => `sessions from ${ranges[index]?.start ?? 0}`,
      );
    };
    const none = sharedUint32(0);
    await run("measure", none, none, none);
    for (let session = 0; session < sessions; session++) {
      offsets[session + 1] = (offsets[session + 1] as number) + (offsets[session] as number);
    }
    const segments = offsets[sessions] as number;
    const { columnOf, columns: count, standing } = numberColumns(met, kpis.length);
    const segmentEnd = sharedUint32(segments);
    const segmentColumn = sharedUint32(segments);
    await run("fill", columnOf, segmentEnd, segmentColumn);
    return { offsets, end: segmentEnd, column: segmentColumn, startColumn, columns: count, standing };
  }

  /** Symbols of all events; see `writeSymbols`. */
  async symbols(symbolOfToken: Uint16Array, skip: number): Promise<Uint16Array> {
    const { sessions, sessionOffsets, name } = this.table;
    const out = sharedUint16(this.table.events);
    const tokenOfName = Uint32Array.from(this.#tokens.ofName);
    const ignored = Uint8Array.from(this.#tokens.ignored, (each) => (each ? 1 : 0));
    const shared = {
      sessionOffsets,
      name,
      tokenOfName,
      refined: this.#view.refined,
      symbolOfToken,
      ignored,
      skip,
      out,
    };
    const ranges = rangesOf(sessions, SESSIONS_PER_SEGMENT_TASK);
    await this.pool.runAll(
      "symbols",
      ranges.map((range) => ({ ...shared, ...range })),
      (index) => `sessions from ${ranges[index]?.start ?? 0}`,
    );
    return out;
  }

  /**
   * Lays out the sessions that count for some KPI by cohort cell; `tally` walks over them.
   * @param symbols - of all events, from `symbols`; null where no pattern is counted
   */
  async layOut(cohorts: Cohorts, symbols: Uint16Array | null): Promise<void> {
    const { sessions, cellOffsets } = this.#byCell(cohorts);
    this.#cohorts = cohorts;
    this.#cellOffsets = cellOffsets;
    this.#streams = [];
    for (const segments of this.#segments) this.#streams.push(await this.#gather(sessions, symbols, segments));
  }

  /** The sessions that count for some KPI, by cohort cell; within a cell in the table's order. */
  #byCell({ cells, cellOf }: Cohorts): { readonly sessions: Uint32Array; readonly cellOffsets: Uint32Array } {
    const count = this.table.sessions;
    const wanted = new Uint8Array(count);
    for (const { state } of this.#kpis) {
      for (let session = 0; session < count; session++) if (state[session] !== NOT_COUNTED) wanted[session] = 1;
    }
    const cellOffsets = new Uint32Array(cells + 1);
    for (let session = 0; session < count; session++) {
      const at = (cellOf[session] as number) + 1;
      cellOffsets[at] = (cellOffsets[at] as number) + (wanted[session] as number);
    }
    for (let cell = 0; cell < cells; cell++) {
      cellOffsets[cell + 1] = (cellOffsets[cell + 1] as number) + (cellOffsets[cell] as number);
    }
    const sessions = sharedUint32(cellOffsets[cells] as number);
    const next = cellOffsets.slice();
    for (let session = 0; session < count; session++) {
      if (wanted[session] === 0) continue;
      const cell = cellOf[session] as number;
      sessions[next[cell] as number] = session;
      next[cell] = (next[cell] as number) + 1;
    }
    return { sessions, cellOffsets };
  }

  async #gather(sessions: Uint32Array, symbols: Uint16Array | null, segments: Segments): Promise<Stream> {
    const places = sessions.length;
    const offsets = sharedUint32(places + 1);
    const segmentOffsets = sharedUint32(places + 1);
    const none = sharedUint32(0);
    const { sessionOffsets } = this.table;
    const { columns, standing } = segments;
    const empty: Stream = {
      sessions,
      symbols: sharedUint16(0),
      offsets,
      segments: { offsets: segmentOffsets, end: none, column: none, startColumn: none, columns, standing },
    };
    const ranges = rangesOf(places, SESSIONS_PER_SEGMENT_TASK);
    const run = async (phase: "measure" | "fill", out: Stream): Promise<void> => {
      await this.pool.runAll(
        "gather",
        ranges.map((range) => ({ phase, ...range, sessionOffsets, symbols, segments, out })),
        (index) => `sessions from ${ranges[index]?.start ?? 0}`,
      );
    };
    await run("measure", empty);
    for (let place = 0; place < places; place++) {
      offsets[place + 1] = (offsets[place + 1] as number) + (offsets[place] as number);
      segmentOffsets[place + 1] = (segmentOffsets[place + 1] as number) + (segmentOffsets[place] as number);
    }
    const count = segmentOffsets[places] as number;
    const stream: Stream = {
      ...empty,
      symbols: sharedUint16(offsets[places] as number),
      segments: {
        ...empty.segments,
        end: sharedUint32(count),
        column: sharedUint32(count),
        startColumn: sharedUint32(places),
      },
    };
    await run("fill", stream);
    return stream;
  }

  /** Gives the events of the streams new symbols. */
  async remap(symbolOf: Uint16Array): Promise<void> {
    for (const { symbols } of this.#streams) {
      const ranges = rangesOf(symbols.length, EVENTS_PER_REMAP);
      await this.pool.runAll(
        "remap",
        ranges.map((range) => ({ symbols, ...range, symbolOf })),
        (index) => `events from ${ranges[index]?.start ?? 0}`,
      );
    }
  }

  /** KPIs that were evaluated. */
  get kpis(): number {
    return this.#kpis.length;
  }

  /** The sessions as they are laid out, for each group of KPIs. */
  get streams(): readonly Stream[] {
    return this.#streams;
  }

  /** Counts a subject over the places of a walk. */
  async tally(subject: TallySubject, walk: Walk, failingOnly: boolean): Promise<Tally> {
    const groups: Uint32Array[] = [];
    for (const [group, stream] of this.#streams.entries()) {
      const kpis = Math.min(KPIS_PER_GROUP, this.#kpis.length - group * KPIS_PER_GROUP);
      const input = { subject, stream, kpis, walk, next: sharedCounter(), failingOnly };
      const parts = await this.pool.runEach("tally", input, "the tallies");
      groups.push(parts.reduce(addInto));
    }
    return new Tally(groups, cellsOf(subject), this.#kpis.length);
  }

  /** All places, or those of sessions that fail some KPI; by cohort, or as one cell. */
  walk(by: "cohort" | "all", failingOnly: boolean): Walk {
    const sessions = this.#streams[0]?.sessions ?? sharedUint32(0);
    const cohorts = this.#cohorts;
    if (cohorts === null) throw new TypeError("lay out the sessions before walking over them");
    const order = sharedUint32(sessions.length);
    const units: number[] = [];
    let count = 0;
    for (let cell = 0; cell < cohorts.cells; cell++) {
      const from = count;
      const end = this.#cellOffsets[cell + 1] as number;
      for (let place = this.#cellOffsets[cell] as number; place < end; place++) {
        if (!failingOnly || this.#fails(sessions[place] as number)) order[count++] = place;
      }
      if (by === "cohort") addUnits(units, cell, from, count);
    }
    if (by === "all") addUnits(units, 0, 0, count);
    return {
      order: order.subarray(0, count),
      units: Uint32Array.from(units),
      cohortOffsets: by === "cohort" ? cohorts.cohortOffsets : Uint32Array.of(0, 1),
      cohortsOfCell: by === "cohort" ? cohorts.cohortsOfCell : Uint32Array.of(0),
      cohorts: by === "cohort" ? cohorts.cohorts.length : 1,
    };
  }

  #fails(session: number): boolean {
    for (const { state } of this.#kpis) if (state[session] === FAILING) return true;
    return false;
  }
}

function addUnits(units: number[], cell: number, from: number, to: number): void {
  for (let start = from; start < to; start += SESSIONS_PER_UNIT) {
    units.push(cell, start, Math.min(start + SESSIONS_PER_UNIT, to));
  }
}

function rangesOf(length: number, size: number): { readonly start: number; readonly end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  for (let start = 0; start < length; start += size) ranges.push({ start, end: Math.min(start + size, length) });
  return ranges;
}

/** An Int32Array(1) on shared memory from which threads draw turns. */
export function sharedCounter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

function addInto(sum: Uint32Array, part: Uint32Array): Uint32Array {
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + (part[at] as number);
  return sum;
}

function binaryOutcome(
  failing: Uint8Array,
  decided: Uint32Array | null,
  among: Uint8Array | null,
  inWindow: Uint8Array | null,
): Omit<KpiOutcome, "anchor"> {
  const state = sharedUint8(failing.length);
  for (let session = 0; session < failing.length; session++) {
    if (among?.[session] === 0 || inWindow?.[session] === 0) continue;
    state[session] = failing[session] === 1 ? FAILING : NORMAL;
  }
  return { state, evidenceEnd: decided, outcome: null, failingBeyond: null };
}

/** The worst share of the sessions that count fails; ties with the quantile do not. */
function numericOutcome(
  values: Float64Array,
  worse: "higher" | "lower",
  among: Uint8Array | null,
  inWindow: Uint8Array | null,
  failingQuantile: number,
): KpiOutcome {
  const state = sharedUint8(values.length);
  const outcome = sharedFloat64(values.length);
  const counted = new Float64Array(values.length);
  let count = 0;
  for (let session = 0; session < values.length; session++) {
    const value = values[session] as number;
    if (Number.isNaN(value) || among?.[session] === 0 || inWindow?.[session] === 0) {
      outcome[session] = Number.NaN;
      continue;
    }
    outcome[session] = value;
    counted[count++] = value;
    state[session] = NORMAL;
  }
  const bound = quantile(counted, 0, count, worse === "higher" ? failingQuantile : 1 - failingQuantile);
  for (let session = 0; session < values.length; session++) {
    const value = outcome[session] as number;
    if (worse === "higher" ? value > bound : value < bound) state[session] = FAILING;
  }
  return { state, evidenceEnd: null, outcome, failingBeyond: count === 0 ? null : bound, anchor: null };
}

function filterOf(table: EventTable, tokens: TokenMap): TableView["filter"] {
  if (!tokens.ignored.includes(true)) return null;
  const ignored = sharedUint8(tokens.ignored.length);
  ignored.set(tokens.ignored.map((each) => (each ? 1 : 0)));
  const visibleRank = sharedUint32(table.events);
  let rank = 0;
  for (let at = 0; at < table.events; at++) {
    visibleRank[at] = rank;
    if (ignored[table.name[at] as number] === 0) rank++;
  }
  return { ignored, visibleRank };
}

function refinedColumns(table: EventTable, tokens: TokenMap): TableView["refined"] {
  return tokens.refined.map((rule) => ({
    name: rule.name,
    base: rule.base,
    columns: rule.columns.map(({ name, stride }) => {
      const column = table.columns.find((each): each is CodedColumn => each.kind === "coded" && each.name === name);
      if (column === undefined) throw new RangeError(`unknown column: ${name}`);
      return { grain: column.grain, codes: column.codes, stride };
    }),
  }));
}
