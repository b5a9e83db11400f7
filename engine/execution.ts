import { addCounts } from "../kernels/add-counts.js";
import { quantile } from "../kernels/quantile.js";
import { knownAtStart } from "../planner/known.js";
import type { KpiPlan } from "../planner/kpi.js";
import { partitionUsers } from "../planner/partition.js";
import type { PlanNode } from "../planner/plan.js";
import type { TokenMap } from "../planner/tokens.js";
import type { Cohorts } from "./cohorts.js";
import type { AuxiliaryTable } from "./columns/auxiliary-table.js";
import type { CodedColumn, EventTable, Value } from "./columns/event-table.js";
import { sharedFloat64, sharedUint8, sharedUint16, sharedUint32 } from "./columns/shared.js";
import {
  type ColumnInfo,
  type EventPart,
  type EventStore,
  type PartRange,
  type SessionTable,
  storeOf,
} from "./event-store.js";
import { type LoadWindows, loadWindows } from "./load-windows.js";
import type { KpiEvidence } from "./operators/evidence-part.js";
import type { TableView } from "./operators/partition.js";
import type { EvaluateInput, EvaluateOutput, EvaluatePass } from "./passes/evaluate.js";
import type { ExposureInput, ExposureOutput } from "./passes/exposure.js";
import type { Stream } from "./passes/gather.js";
import type { LoadInput } from "./passes/load.js";
import {
  FAILING,
  KPIS_PER_GROUP,
  type KpiColumn,
  NORMAL,
  numberColumns,
  type Segments,
  type StandingInput,
} from "./passes/segment.js";
import type { EventTimes } from "./passes/sequences.js";
import { cellsOf, emptyStandings, type TallyInput, type TallySubject, type Walk } from "./passes/tally.js";
import type { WorkerPool } from "./pool.js";

/** Sessions of one unit of counting: enough to be worth a fold, few enough to share out. */
const SESSIONS_PER_UNIT = 1 << 14;
/** Sessions of one task of cutting into segments. */
const SESSIONS_PER_SEGMENT_TASK = 1 << 17;

/** Cells of all ranges of sessions together: each has arrays of them. */
const MOST_RANGE_CELLS = 1 << 22;

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

/** A condition whose member sessions are wanted. */
export interface ConditionRequest {
  readonly node: number;
  /** By KPI: whether members are wanted for it. */
  readonly forKpi: readonly boolean[];
}

/**
 * Member sessions of a condition: Uint8Array(S) for every eight KPIs; bit k is 1 where the condition holds on what is evidence
 * for the k-th of them.
 */
export type Members = readonly Uint8Array[];

/** Where a KPI's bit of `Members` is. */
export function placeOfKpi(kpi: number): { readonly group: number; readonly bit: number } {
  return { group: Math.floor(kpi / KPIS_PER_GROUP), bit: kpi % KPIS_PER_GROUP };
}

/** What a plan's evaluation gives. */
export interface Evaluated {
  readonly kpis: readonly KpiOutcome[];
  /** Uint8Array(S) on shared memory: 1 where the session counts for some KPI */
  readonly counted: Uint8Array;
  /** By node, for the conditions that were asked for. */
  readonly conditions: ReadonlyMap<number, Members>;
}

/** What is counted: as the tally's own subjects, but for members, which come for all KPIs. */
export type Subject =
  | Exclude<TallySubject, { readonly kind: "members" }>
  | { readonly kind: "members"; readonly members: readonly Members[] };

/** A node's values in all sessions. */
export type NodeValues =
  /** Uint8Array(S): 0 or 1 */
  | { readonly type: "boolean"; readonly value: Uint8Array }
  /** Float64Array(S), NaN = missing */
  | { readonly type: "number"; readonly values: Float64Array }
  /** Uint32Array(S), 0 = missing, else index into `dictionary` plus one */
  | { readonly type: "text"; readonly codes: Uint32Array; readonly dictionary: readonly Value[] };

/** How a plan is evaluated. */
export interface EvaluateOptions {
  /** Session starts in ms, half-open: others count for no KPI. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Numeric KPIs: this quantile, towards the worse, divides failing from normal sessions. */
  readonly failingQuantile: number;
  /** Only what happened before a KPI's outcome is evidence on it; else whole sessions are. */
  readonly outcomeTime: boolean;
  /** Other outcomes in the place of the KPIs' own, before anything is made of them. @default their own */
  readonly outcomes?: (kpis: readonly KpiOutcome[]) => readonly KpiOutcome[];
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

  /** Cohorts that are told apart. */
  get cohorts(): number {
    const width = Math.min(KPIS_PER_GROUP, this.#kpis);
    return Math.floor((this.#groups[0]?.length ?? 0) / (width * 2 * this.#cells));
  }

  /** Uint32Array(cells): sessions of a cohort that hold each cell's hypothesis and fail a KPI, or count and do not. A view. */
  row(cohort: number, kpi: number, failing: boolean): Uint32Array {
    const group = Math.floor(kpi / KPIS_PER_GROUP);
    const width = Math.min(KPIS_PER_GROUP, this.#kpis - group * KPIS_PER_GROUP);
    const at = (cohort * width + (kpi % KPIS_PER_GROUP)) * 2 + (failing ? 1 : 0);
    return (this.#groups[group] as Uint32Array).subarray(at * this.#cells, (at + 1) * this.#cells);
  }

  /** The counts of some cells alone: those of `cells[i]` are in cell i + 1. */
  only(cells: readonly number[]): Tally {
    const width = cells.length + 1;
    const groups = this.#groups.map((counts) => {
      const own = new Uint32Array((counts.length / this.#cells) * width);
      for (let row = 0; row * width < own.length; row++)
        copyCells(counts, row * this.#cells, cells, own, row * width + 1);
      return own;
    });
    return new Tally(groups, width, this.#kpis);
  }
}

/** Runs the passes of a plan over an event table. */
export class Execution {
  readonly table: SessionTable;
  readonly pool: WorkerPool;
  readonly partitions: Uint32Array;
  readonly #store: EventStore;
  readonly #tables: readonly AuxiliaryTable[];
  #whole: TableView | null = null;
  /** The part that was looked at last. */
  #view: { readonly index: number; readonly view: TableView; readonly partitions: Uint32Array } | null = null;
  readonly #tokens: TokenMap;
  #kpis: readonly KpiOutcome[] = [];
  #given: EvaluateInput["given"] = [];
  #counted: Uint8Array = sharedUint8(0);
  #segments: readonly Segments[] = [];
  #streams: Stream[] = [];
  #eventsOfCells: Uint32Array[] = [];
  #cohorts: Cohorts | null = null;
  #cellOffsets: Uint32Array = new Uint32Array(1);
  #placeOf: Uint32Array = new Uint32Array(0);
  #all: Places | null = null;
  #failing: Places | null = null;

  constructor(
    data: EventTable | EventStore,
    tokens: TokenMap,
    pool: WorkerPool,
    tables: readonly AuxiliaryTable[] = [],
  ) {
    this.#store = storeOf(data);
    this.table = this.#store.sessions;
    this.pool = pool;
    this.#tokens = tokens;
    this.#tables = tables;
    this.partitions = partitionUsers(this.table.userOffsets, this.table.sessionOffsets);
  }

  /**
   * Computes the KPIs and conditions of a plan for every session. KPIs that read how others fail on another KPI come after
   * it; conditions after all KPIs, each on the evidence of every KPI that it is wanted for.
   */
  async evaluate(
    nodes: readonly PlanNode[],
    kpis: readonly KpiPlan[],
    conditions: readonly ConditionRequest[],
    options: EvaluateOptions,
  ): Promise<Evaluated> {
    const inWindow = this.#window(options.fromMs, options.toMs);
    const outcomes: KpiOutcome[] = [];
    const given: { node: number; values: Float64Array }[] = [];
    this.#given = given;
    const loads = nodes.flatMap(({ id, operation }) => (operation.op === "load" ? [{ id, kpi: operation.kpi }] : []));
    let windows: LoadWindows | null = null;
    const give = async (known: readonly (number | null)[]): Promise<void> => {
      const asked = loads.filter(({ kpi }) => known.includes(kpi));
      if (asked.length === 0) return;
      windows ??= await loadWindows(this.table.starts, this.pool);
      const shared = windows;
      const inputs = asked.map(({ kpi }) => ({
        windows: shared,
        state: kpi === null ? null : (outcomes[kpi] as KpiOutcome).state,
        values: sharedFloat64(this.table.sessions),
      }));
      await this.pool.runAll("load", inputs, () => "the load");
      given.push(...asked.map(({ id }, at) => ({ node: id, values: (inputs[at] as LoadInput).values })));
    };
    await give([null]);
    const stages = stagesOf(nodes, kpis);
    for (const [at, stage] of stages.entries()) {
      await this.#evaluateKpis(nodes, given, kpis, stage, inWindow, options, outcomes);
      if (at + 1 < stages.length) await give(stage);
    }
    this.#kpis = options.outcomes?.(outcomes) ?? outcomes;
    this.#counted = sharedUint8(this.table.sessions);
    // what only conditions read is found beside
    [this.#segments] = await Promise.all([this.#cut(this.#kpis), give(stages.at(-1) ?? [])]);
    return {
      kpis: this.#kpis,
      counted: this.#counted,
      conditions: await this.#evaluateConditions(nodes, given, conditions),
    };
  }

  /** Adds the outcomes of some KPIs to those that are known. */
  async #evaluateKpis(
    nodes: readonly PlanNode[],
    given: EvaluateInput["given"],
    kpis: readonly KpiPlan[],
    stage: readonly number[],
    inWindow: Uint8Array | null,
    options: EvaluateOptions,
    outcomes: KpiOutcome[],
  ): Promise<void> {
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
    for (const index of stage) {
      const { among, outcome, anchor } = kpis[index] as KpiPlan;
      if (among !== null) want(among, false);
      if (anchor !== null) want(anchor, options.outcomeTime);
      if (outcome.kind === "binary") want(outcome.node, options.outcomeTime);
      else if (!numbers.has(outcome.node)) numbers.set(outcome.node, sharedFloat64(sessions));
    }
    const outputs: EvaluateOutput[] = [
      ...[...booleans].map(([node, own]) => ({ kind: "boolean" as const, node, ...own, masks: [1] })),
      ...[...numbers].map(([node, values]) => ({ kind: "number" as const, node, values })),
    ];
    await this.#evaluateParts(nodes, given, [{ evidence: null, outputs }]);
    const binary: StandingInput["kpis"][number][] = [];
    for (const index of stage) {
      const kpi = kpis[index] as KpiPlan;
      const among = kpi.among === null ? null : (booleans.get(kpi.among)?.value ?? null);
      if (kpi.outcome.kind === "binary") {
        const failing = booleans.get(kpi.outcome.node);
        if (failing === undefined) throw new RangeError(`missing node: ${kpi.outcome.node}`);
        const anchor = kpi.anchor === null ? null : (booleans.get(kpi.anchor)?.decided ?? null);
        const state = sharedUint8(sessions);
        binary.push({ failing: failing.value, among, state });
        outcomes[index] = { state, evidenceEnd: failing.decided, outcome: null, failingBeyond: null, anchor };
        continue;
      }
      const values = numbers.get(kpi.outcome.node);
      if (values === undefined) throw new RangeError(`missing node: ${kpi.outcome.node}`);
      outcomes[index] = numericOutcome(values, kpi.outcome.worse, among, inWindow, options.failingQuantile);
    }
    if (binary.length === 0) return;
    const ranges = rangesOf(sessions, SESSIONS_PER_SEGMENT_TASK);
    await this.pool.runAll(
      "stand",
      ranges.map((range) => ({ ...range, kpis: binary, inWindow })),
      (index) => `sessions from ${ranges[index]?.start ?? 0}`,
    );
  }

  /** Whole sessions serve the KPIs without a moment of outcome and what is known at the start; the others have evidence of their own. */
  async #evaluateConditions(
    nodes: readonly PlanNode[],
    given: EvaluateInput["given"],
    conditions: readonly ConditionRequest[],
  ): Promise<Map<number, Members>> {
    const { sessions } = this.table;
    const atStart = knownAtStart(nodes);
    const members = new Map<number, Uint8Array[]>();
    const whole: EvaluateOutput[] = [];
    const groups = Array.from({ length: Math.ceil(this.#kpis.length / KPIS_PER_GROUP) }, (_, group) => {
      const kpis: (KpiEvidence & { readonly bit: number })[] = [];
      const first = group * KPIS_PER_GROUP;
      for (const [bit, { evidenceEnd: end, state }] of this.#kpis.slice(first, first + KPIS_PER_GROUP).entries()) {
        if (end !== null) kpis.push({ end, state, bit });
      }
      return { kpis, outputs: [] as EvaluateOutput[] };
    });
    for (const { node, forKpi } of conditions) {
      const columns = members.get(node) ?? groups.map(() => sharedUint8(sessions));
      members.set(node, columns);
      for (const [group, { kpis, outputs }] of groups.entries()) {
        const value = columns[group] as Uint8Array;
        const own = forKpi.slice(group * KPIS_PER_GROUP, (group + 1) * KPIS_PER_GROUP);
        const onEvidence = kpis.map(({ bit }) => (atStart[node] !== true && own[bit] === true ? 1 << bit : 0));
        const apart = onEvidence.reduce((sum, mask) => sum | mask, 0);
        const together = own.reduce((sum, is, bit) => (is ? sum | (1 << bit) : sum), 0) & ~apart;
        const common = { kind: "boolean", node, value, decided: null } as const;
        if (together !== 0) whole.push({ ...common, masks: [together] });
        if (apart !== 0) outputs.push({ ...common, masks: onEvidence });
      }
    }
    const passes: EvaluatePass[] = whole.length === 0 ? [] : [{ evidence: null, outputs: whole }];
    for (const { kpis, outputs } of groups) {
      if (outputs.length > 0) passes.push({ evidence: { kpis, atStart }, outputs });
    }
    await this.#evaluateParts(nodes, given, passes);
    return members;
  }

  /**
   * Values of some nodes of the plan that was evaluated, over whole sessions.
   * @throws RangeError for a node that yields no value per session
   */
  async values(nodes: readonly PlanNode[], wanted: readonly number[]): Promise<Map<number, NodeValues>> {
    const { sessions } = this.table;
    const found = new Map<number, NodeValues>();
    const outputs: EvaluateOutput[] = [];
    for (const node of new Set(wanted)) {
      const type = nodes[node]?.type;
      if (type === "boolean") {
        const value = sharedUint8(sessions);
        found.set(node, { type, value });
        outputs.push({ kind: type, node, value, masks: [1], decided: null });
      } else if (type === "number") {
        const values = sharedFloat64(sessions);
        found.set(node, { type, values });
        outputs.push({ kind: type, node, values });
      } else if (type === "text") {
        const codes = sharedUint32(sessions);
        const { columns } = this.table;
        found.set(node, { type, codes, dictionary: dictionaryOf(nodes, node, { columns, tables: this.#tables }) });
        outputs.push({ kind: type, node, codes });
      } else throw new RangeError(`invalid node: ${node} has no value per session`);
    }
    if (outputs.length > 0) await this.#evaluateParts(nodes, this.#given, [{ evidence: null, outputs }]);
    return found;
  }

  /** Runs passes over the events, all of them over a partition before the next. */
  async #evaluateParts(
    nodes: readonly PlanNode[],
    given: EvaluateInput["given"],
    passes: readonly EvaluatePass[],
  ): Promise<void> {
    if (passes.length === 0) return;
    for (const [index, range] of this.#store.parts.entries()) {
      const { view, partitions } = await this.#part(index);
      const input = { table: view, nodes, ...inPart({ given, passes }, range), partitions, next: sharedCounter() };
      await this.pool.runEach("evaluate", input, "the KPIs and conditions");
      for (const { outputs } of input.passes) fromPart(outputs, range);
    }
  }

  /** When all events were. */
  async times(): Promise<EventTimes> {
    const { time, sessionOffsets } = await this.#wholeView();
    return { time, sessionOffsets };
  }

  /** What passes see of all events; brought into memory where they are not. */
  async #wholeView(): Promise<TableView> {
    if (this.#store.parts.length === 1) return (await this.#part(0)).view;
    this.#whole ??= this.#viewOf(await this.#store.whole());
    return this.#whole;
  }

  #viewOf(part: EventPart): TableView {
    return {
      time: part.time,
      name: part.name,
      sessionOffsets: part.sessionOffsets,
      userOffsets: part.userOffsets,
      columns: part.columns,
      tables: this.#tables,
      refined: refinedColumns(part, this.#tokens),
      filter: filterOf(part, this.#tokens),
    };
  }

  /** What passes see of a part, and its partitions. */
  async #part(index: number): Promise<{ readonly view: TableView; readonly partitions: Uint32Array }> {
    if (this.#view?.index !== index) {
      this.#view = null;
      const part = await this.#store.part(index);
      this.#view = {
        index,
        view: this.#viewOf(part),
        partitions: partitionUsers(part.userOffsets, part.sessionOffsets),
      };
    }
    return this.#view;
  }

  /** Sessions whose start lies in the window; null: all. */
  #window(fromMs: number, toMs: number): Uint8Array | null {
    const { sessions, starts } = this.table;
    if (fromMs === Number.NEGATIVE_INFINITY && toMs === Number.POSITIVE_INFINITY) return null;
    const inWindow = sharedUint8(sessions);
    for (let session = 0; session < sessions; session++) {
      const start = starts[session] as number;
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
      const counted = this.#counted;
      const shared = {
        phase,
        kpis: columns,
        sessionOffsets,
        offsets,
        met,
        counted,
        columnOf,
        segmentEnd,
        segmentColumn,
      };
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

  /** Counts who is at risk and who is decided at each age, with and without some hypotheses; see `countExposure`. */
  async exposure(request: Omit<ExposureInput, "table" | "given" | "partitions" | "next">): Promise<ExposureOutput> {
    const table = await this.#wholeView();
    const own = { table, given: this.#given, partitions: this.partitions, next: sharedCounter() };
    const outputs = await this.pool.runEach("exposure", { ...request, ...own }, "the comparison at the same age");
    return outputs.reduce((sum, part) => ({
      decided: addCounts(sum.decided, part.decided),
      switched: addCounts(sum.switched, part.switched),
      decidedOn: addCounts(sum.decidedOn, part.decidedOn),
      equalTime: addCounts(sum.equalTime, part.equalTime),
      timeless: sum.timeless.map((is, subject) => is || part.timeless[subject] === true),
    }));
  }

  /** Symbols of all events; see `writeSymbols`. */
  async symbols(symbolOfToken: Uint16Array, skip: number): Promise<Uint16Array> {
    const out = sharedUint16(this.table.events);
    const tokenOfName = Uint32Array.from(this.#tokens.ofName);
    const ignored = Uint8Array.from(this.#tokens.ignored, (each) => (each ? 1 : 0));
    for (const [index, { sessionStart, sessionEnd, eventStart, eventEnd }] of this.#store.parts.entries()) {
      const { sessionOffsets, name, refined } = (await this.#part(index)).view;
      const shared = {
        sessionOffsets,
        name,
        tokenOfName,
        refined,
        symbolOfToken,
        ignored,
        skip,
        out: out.subarray(eventStart, eventEnd),
      };
      const ranges = rangesOf(sessionEnd - sessionStart, SESSIONS_PER_SEGMENT_TASK);
      await this.pool.runAll(
        "symbols",
        ranges.map((range) => ({ ...shared, ...range })),
        (range) => `sessions from ${sessionStart + (ranges[range]?.start ?? 0)}`,
      );
    }
    return out;
  }

  /**
   * Lays out the sessions that count for some KPI by cohort cell, within a cell in the table's order; `tally` walks over them.
   * @param symbols - of all events, from `symbols`; null where no pattern is counted
   */
  async layOut(cohorts: Cohorts, symbols: Uint16Array | null): Promise<void> {
    this.#cohorts = cohorts;
    this.#all = null;
    this.#failing = null;
    this.#placeOf = sharedUint32(this.table.sessions);
    this.#streams = [];
    this.#eventsOfCells = [];
    for (const [group, segments] of this.#segments.entries()) await this.#gather(cohorts, symbols, segments, group);
  }

  /** Measures what each range has of each cell, so that every one knows its places, and copies. */
  async #gather(cohorts: Cohorts, symbols: Uint16Array | null, segments: Segments, group: number): Promise<void> {
    const { cells, cellOf } = cohorts;
    const { sessionOffsets } = this.table;
    const counted = this.#counted;
    const states = this.#kpis.slice(group * KPIS_PER_GROUP, (group + 1) * KPIS_PER_GROUP).map(({ state }) => state);
    const ranges = rangesOf(
      cellOf.length,
      Math.max(SESSIONS_PER_SEGMENT_TASK, Math.ceil((cellOf.length * cells) / MOST_RANGE_CELLS)),
    );
    const label = (index: number): string => `sessions from ${ranges[index]?.start ?? 0}`;
    const measured = ranges.map((range) => ({
      ...{ phase: "measure" as const, ...range, cellOf, counted, sessionOffsets, symbols, segments, states },
      cells: { sessions: sharedUint32(cells), events: sharedUint32(cells), segments: sharedUint32(cells) },
      events: states.map(() => sharedUint32(cells)),
    }));
    await this.pool.runAll("gather", measured, label);
    const cellOffsets = new Uint32Array(cells + 1);
    const sizes = measured.map((range) => range.cells);
    const events = toStarts(sizes.map((own) => own.events));
    const count = toStarts(sizes.map((own) => own.segments));
    const places = toStarts(
      sizes.map((own) => own.sessions),
      cellOffsets,
    );
    const { columns, standing } = segments;
    const out: Stream = {
      sessions: sharedUint32(places),
      symbols: sharedUint16(events),
      offsets: sharedUint32(places + 1),
      segments: {
        offsets: sharedUint32(places + 1),
        end: sharedUint32(count),
        column: sharedUint32(count),
        startColumn: sharedUint32(places),
        ...{ columns, standing },
      },
    };
    out.offsets[places] = events;
    out.segments.offsets[places] = count;
    const filled = measured.map((range) => ({ ...range, phase: "fill" as const, placeOf: this.#placeOf, out }));
    const filling = this.pool.runAll("gather", filled, label);
    // while threads copy
    for (const kpi of states.keys()) {
      this.#eventsOfCells.push(measured.map((range) => range.events[kpi] as Uint32Array).reduce(addCounts));
    }
    this.#cellOffsets = cellOffsets;
    this.#all ??= { order: ascending(places), cellOffsets };
    await filling;
    this.#streams.push(out);
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

  /** By KPI, Uint32Array(cells of the cohorts): events, before and after the outcome, of the sessions that count for it. */
  get eventsOfCells(): readonly Uint32Array[] {
    return this.#eventsOfCells;
  }

  /** Uint32Array(S): place of each session in the streams, `noPlace` for those that count for nothing */
  get placeOf(): Uint32Array {
    return this.#placeOf;
  }

  /** Counts a subject over the places of a walk. */
  async tally(subject: Subject, walk: Walk, failingOnly: boolean): Promise<Tally> {
    const groups: Uint32Array[] = [];
    for (const [group, stream] of this.#streams.entries()) {
      const kpis = Math.min(KPIS_PER_GROUP, this.#kpis.length - group * KPIS_PER_GROUP);
      const shared = { stream, kpis, walk, failingOnly };
      // nothing to wait for but where there is: whoever asks for a tally goes on with other things while threads are at it
      const own = subject.kind === "members" ? await this.#membersOf(subject.members, group, shared) : subject;
      const input = { subject: own, ...shared, next: sharedCounter() };
      const parts = await this.pool.runEach("tally", input, "the tallies");
      groups.push(parts.reduce(addCounts));
    }
    return new Tally(
      groups,
      subject.kind === "members" ? subject.members.length + 1 : cellsOf(subject),
      this.#kpis.length,
    );
  }

  /** Conditions as a group of KPIs counts them. */
  async #membersOf(
    members: readonly Members[],
    group: number,
    shared: Pick<TallyInput, "stream" | "kpis" | "walk" | "failingOnly">,
  ): Promise<TallySubject> {
    const standings = emptyStandings(shared.walk, shared.kpis);
    await this.pool.runEach("standings", { ...shared, next: sharedCounter(), standings }, "how sessions stand");
    return { kind: "members", members: members.map((columns) => columns[group] as Uint8Array), standings };
  }

  /** All places, or those of sessions that fail some KPI; by cohort, or as one cell. */
  walk(by: "cohort" | "all", failingOnly: boolean): Walk {
    const cohorts = this.#cohorts;
    if (cohorts === null) throw new TypeError("lay out the sessions before walking over them");
    const { order, cellOffsets } = failingOnly ? this.#failingPlaces() : (this.#all ?? noPlaces);
    const units: number[] = [];
    if (by === "cohort") {
      for (let cell = 0; cell < cohorts.cells; cell++) {
        addUnits(units, cell, cellOffsets[cell] as number, cellOffsets[cell + 1] as number);
      }
    } else addUnits(units, 0, 0, order.length);
    return {
      order,
      units: Uint32Array.from(units),
      cohortOffsets: by === "cohort" ? cohorts.cohortOffsets : Uint32Array.of(0, 1),
      cohortsOfCell: by === "cohort" ? cohorts.cohortsOfCell : Uint32Array.of(0),
      cohorts: by === "cohort" ? cohorts.cohorts.length : 1,
    };
  }

  /** Those of sessions that fail some KPI: they are walked over by cohort and as one, length after length. */
  #failingPlaces(): Places {
    this.#failing ??= this.#findFailingPlaces();
    return this.#failing;
  }

  #findFailingPlaces(): Places {
    const fails = this.#streams.map(({ segments: { standing, columns, startColumn } }) => ({
      startColumn,
      isFailing: Uint8Array.from({ length: columns }, (_, column) => {
        const width = standing.length / columns;
        return standing.subarray(column * width, (column + 1) * width).includes(FAILING) ? 1 : 0;
      }),
    }));
    const all = sharedUint32(this.#streams[0]?.sessions.length ?? 0);
    const cellOffsets = new Uint32Array(this.#cellOffsets.length);
    let count = 0;
    for (let cell = 0; cell + 1 < cellOffsets.length; cell++) {
      const end = this.#cellOffsets[cell + 1] as number;
      for (let place = this.#cellOffsets[cell] as number; place < end; place++) {
        let failing = 0;
        for (const { startColumn, isFailing } of fails) failing |= isFailing[startColumn[place] as number] as number;
        all[count] = place;
        count += failing;
      }
      cellOffsets[cell + 1] = count;
    }
    return { order: all.subarray(0, count), cellOffsets };
  }
}

/** Places in the order of the streams, and where each cohort cell's begin. */
interface Places {
  readonly order: Uint32Array;
  /** Uint32Array(cells + 1), offsets into `order` */
  readonly cellOffsets: Uint32Array;
}

/** The values that a text node's codes stand for: those of the column that it is made of. */
function dictionaryOf(
  nodes: readonly PlanNode[],
  node: number,
  { columns, tables }: { readonly columns: readonly ColumnInfo[]; readonly tables: readonly AuxiliaryTable[] },
): readonly Value[] {
  const { operation, inputs } = nodes[node] as PlanNode;
  switch (operation.op) {
    case "column":
    case "pick": {
      const column = columns.find(({ name }) => name === operation.column);
      return column?.kind === "coded" ? column.dictionary : [];
    }
    case "table-column": {
      const table = tables.find(({ name }) => name === operation.table);
      const column = table?.columns.find(({ name }) => name === operation.column);
      return column?.kind === "coded" ? column.dictionary : [];
    }
    case "previous":
      return dictionaryOf(nodes, inputs[0] as number, { columns, tables });
    default:
      throw new RangeError(`invalid node: ${node} yields no text`);
  }
}

/**
 * KPIs in the order in which they can be computed: each after those whose failure rate among others it reads. The study has
 * refused circles.
 */
function stagesOf(nodes: readonly PlanNode[], kpis: readonly KpiPlan[]): number[][] {
  const levels: number[] = [];
  const levelOfNode = (id: number): number => {
    const { operation, inputs } = nodes[id] as PlanNode;
    if (operation.op === "load" && operation.kpi !== null) return 1 + levelOfKpi(operation.kpi);
    return Math.max(0, ...inputs.map(levelOfNode));
  };
  const levelOfKpi = (kpi: number): number => {
    const { among, outcome } = kpis[kpi] as KpiPlan;
    return Math.max(among === null ? 0 : levelOfNode(among), levelOfNode(outcome.node));
  };
  for (const kpi of kpis.keys()) levels.push(levelOfKpi(kpi));
  return Array.from({ length: Math.max(-1, ...levels) + 1 }, (_, level) =>
    [...kpis.keys()].filter((kpi) => levels[kpi] === level),
  );
}

function copyCells(from: Uint32Array, first: number, cells: readonly number[], to: Uint32Array, start: number): void {
  for (let at = 0; at < cells.length; at++) to[start + at] = from[first + (cells[at] as number)] as number;
}

/** No place of any cell. */
const noPlaces: Places = { order: new Uint32Array(0), cellOffsets: new Uint32Array(1) };

/**
 * Makes of sizes, by range and cell, where each begins: cell by cell, in each the ranges in their order.
 * @param cellOffsets - Uint32Array(cells + 1), written: where each cell begins
 * @returns the sum of all sizes
 */
function toStarts(ranges: readonly Uint32Array[], cellOffsets?: Uint32Array): number {
  const cells = ranges[0]?.length ?? 0;
  let start = 0;
  for (let cell = 0; cell < cells; cell++) {
    for (const sizes of ranges) {
      const size = sizes[cell] as number;
      sizes[cell] = start;
      start += size;
    }
    if (cellOffsets !== undefined) cellOffsets[cell + 1] = start;
  }
  return start;
}

/** Uint32Array(length) on shared memory: 0, 1, 2 … */
function ascending(length: number): Uint32Array {
  const order = sharedUint32(length);
  for (let at = 0; at < length; at++) order[at] = at;
  return order;
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

/** What passes read and write of all sessions, as it stands in a part: sessions and events counted from the part's first. */
function inPart(
  { given, passes }: Pick<EvaluateInput, "given" | "passes">,
  { sessionStart, sessionEnd, eventStart }: PartRange,
): Pick<EvaluateInput, "given" | "passes"> {
  // several conditions are written into one array
  const known = new Map<Uint8Array, Uint8Array>();
  const bytesOf = (all: Uint8Array): Uint8Array => {
    const own = known.get(all) ?? all.subarray(sessionStart, sessionEnd);
    known.set(all, own);
    return own;
  };
  const outputIn = (output: EvaluateOutput): EvaluateOutput => {
    if (output.kind === "number") return { ...output, values: output.values.subarray(sessionStart, sessionEnd) };
    if (output.kind === "text") return { ...output, codes: output.codes.subarray(sessionStart, sessionEnd) };
    const decided = output.decided?.subarray(sessionStart, sessionEnd) ?? null;
    return { ...output, value: bytesOf(output.value), decided };
  };
  return {
    given: given.map(({ node, values }) => ({ node, values: values.subarray(sessionStart, sessionEnd) })),
    passes: passes.map(({ evidence, outputs }) => ({
      evidence:
        evidence === null
          ? null
          : {
              ...evidence,
              kpis: evidence.kpis.map(({ end, state }) => ({
                end: shifted(end.subarray(sessionStart, sessionEnd), eventStart),
                state: bytesOf(state),
              })),
            },
      outputs: outputs.map(outputIn),
    })),
  };
}

/** Positions in a part, of positions in the table. */
function shifted(positions: Uint32Array, eventStart: number): Uint32Array {
  if (eventStart === 0) return positions;
  const out = sharedUint32(positions.length);
  for (let at = 0; at < out.length; at++) out[at] = (positions[at] as number) - eventStart;
  return out;
}

/** Makes the positions that a pass wrote positions in the table. */
function fromPart(outputs: readonly EvaluateOutput[], { eventStart }: PartRange): void {
  if (eventStart === 0) return;
  for (const output of outputs) {
    if (output.kind !== "boolean" || output.decided === null) continue;
    for (let at = 0; at < output.decided.length; at++) {
      output.decided[at] = (output.decided[at] as number) + eventStart;
    }
  }
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

function filterOf(part: EventPart, tokens: TokenMap): TableView["filter"] {
  if (!tokens.ignored.includes(true)) return null;
  const ignored = sharedUint8(tokens.ignored.length);
  ignored.set(tokens.ignored.map((each) => (each ? 1 : 0)));
  const visibleRank = sharedUint32(part.name.length);
  let rank = 0;
  for (let at = 0; at < visibleRank.length; at++) {
    visibleRank[at] = rank;
    if (ignored[part.name[at] as number] === 0) rank++;
  }
  return { ignored, visibleRank };
}

function refinedColumns(part: EventPart, tokens: TokenMap): TableView["refined"] {
  return tokens.refined.map((rule) => ({
    name: rule.name,
    base: rule.base,
    columns: rule.columns.map(({ name, stride }) => {
      const column = part.columns.find((each): each is CodedColumn => each.kind === "coded" && each.name === name);
      if (column === undefined) throw new RangeError(`unknown column: ${name}`);
      return { grain: column.grain, codes: column.codes, stride };
    }),
  }));
}
