import { addEmpty, type CutSessions, cutSessions } from "../../kernels/cut-sessions.js";
import { cutPostings, type Postings } from "../../kernels/postings.js";
import type { PlanNode } from "../../planner/plan.js";
import type { TableColumn } from "../columns/event-table.js";
import { type Partition, type PositionsSlot, positionsSlot, type Slot, type TableView, viewOf } from "./partition.js";
import type { SessionBuffers } from "./session-buffers.js";

/** What is evidence on a KPI. */
export interface KpiEvidence {
  /** Uint32Array(S), positions: events of a session before it are evidence */
  readonly end: Uint32Array;
  /** Uint8Array(S): what each session is to the KPI */
  readonly state: Uint8Array;
}

/** Arrays that evidence is laid out in, kept by each thread and grown as needed: a thread works on one partition at a time. */
let work: CutSessions | null = null;
let listed: Postings = { positions: new Uint32Array(0), sessions: new Uint32Array(0) };

/** Drops what the thread keeps for the next part. */
export function releaseEvidence(): void {
  work = null;
  listed = { positions: new Uint32Array(0), sessions: new Uint32Array(0) };
}

function workOf(sessions: number, events: number): CutSessions {
  if (work !== null && work.ends.length >= sessions && work.time.length >= events) return work;
  work = {
    offsets: new Uint32Array(sessions + 1),
    ends: new Uint32Array(sessions),
    shift: new Uint32Array(sessions),
    horizonMs: new Float64Array(sessions),
    time: new Float64Array(events),
  };
  return work;
}

/**
 * What of a partition's sessions happened before the outcomes of some KPIs (METHODS, 1): its sessions once for each KPI, one KPI after the
 * other, with fewer events, so that every operator computes on evidence alone, need not know of outcomes, and is called once for all of them.
 * A session that does not count for a KPI has no event there, since nobody asks what it holds. Where events stand, and what is known when a session
 * starts, is computed on the partition and projected. Valid until the next one is made in the thread.
 */
export class EvidencePart {
  /** Users are not told apart in it: what is computed from other sessions of a user is known at the start. */
  readonly partition: Partition;
  /** Words of bits of each KPI's sessions, which begin with a word. */
  readonly words: number;
  readonly #whole: Partition;
  readonly #kpis: number;
  readonly #cut: CutSessions;
  #listed = 0;

  /**
   * O(events that are evidence + sessions × KPIs).
   * @param columns - names of the columns that operators will read
   * @param buffers - of a part that nothing is asked of any more
   */
  constructor(whole: Partition, kpis: readonly KpiEvidence[], columns: ReadonlySet<string>, buffers: SessionBuffers) {
    const { table, sessionStart, sessionEnd, eventStart, eventEnd } = whole;
    this.words = (sessionEnd - sessionStart + 31) >>> 5;
    this.#whole = whole;
    this.#kpis = kpis.length;
    const width = this.words * 32;
    const sessions = width * kpis.length;
    buffers.resize(sessions);
    const cut = workOf(sessions, (eventEnd - eventStart) * kpis.length);
    this.#cut = cut;
    cut.offsets[0] = 0;
    for (const [index, { state, end }] of kpis.entries()) {
      const first = index * width;
      cutSessions(table.sessionOffsets, table.time, state, end, sessionStart, sessionEnd, first, cut);
      addEmpty(first + sessionEnd - sessionStart, first + width, cut);
    }
    const events = cut.offsets[sessions] as number;
    const picked = <T extends Float64Array | Uint32Array>(from: PickedFrom, out: T): T =>
      pickEvents(from, cut, sessions, out);
    const view: TableView = {
      time: cut.time.subarray(0, events),
      // only what the study ignores is known by its name
      name: table.filter === null ? new Uint8Array(0) : picked(table.name, new Uint32Array(events)),
      sessionOffsets: cut.offsets.subarray(0, sessions + 1),
      userOffsets: new Uint32Array(1),
      columns: table.columns.flatMap((column) =>
        columns.has(column.name) ? [this.#columnPart(column, events, picked)] : [],
      ),
      tables: table.tables,
      refined: [],
      filter:
        table.filter === null
          ? null
          : { ...table.filter, visibleRank: picked(table.filter.visibleRank, new Uint32Array(events)) },
    };
    this.partition = {
      table: viewOf(view),
      userStart: 0,
      userEnd: 0,
      sessionStart: 0,
      sessionEnd: sessions,
      eventStart: 0,
      eventEnd: events,
      horizonMs: cut.horizonMs.subarray(0, sessions),
      buffers,
    };
  }

  /** Values of the partition in its sessions once for each KPI. O(sessions × KPIs), of positions O(listed events × KPIs). */
  project(slot: Slot): Slot {
    if (slot.type === "positions")
      return slot.from === null ? this.#projectEvents(slot) : this.#projectRuns(slot, slot.from);
    const { buffers } = this.partition;
    const width = this.words * 32;
    if (slot.type === "boolean") {
      const bits = buffers.bits();
      for (let kpi = 0; kpi < this.#kpis; kpi++) bits.set(slot.bits, kpi * this.words);
      return { type: "boolean", bits, decided: null };
    }
    if (slot.type === "number") {
      const values = buffers.numbers();
      for (let kpi = 0; kpi < this.#kpis; kpi++) values.set(slot.values, kpi * width);
      return { type: "number", values, listed: null };
    }
    const codes = buffers.codes();
    for (let kpi = 0; kpi < this.#kpis; kpi++) codes.set(slot.codes, kpi * width);
    return { ...slot, codes };
  }

  #projectEvents(events: PositionsSlot): PositionsSlot {
    const { ends, shift } = this.#cut;
    const most = events.positions.length * this.#kpis + 1;
    if (this.#listed + most > listed.positions.length) {
      const size = Math.max(most, listed.positions.length * 2);
      listed = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
      this.#listed = 0;
    }
    const from = this.#listed;
    for (let kpi = 0; kpi < this.#kpis; kpi++) {
      this.#listed = cutPostings(events, kpi * this.words * 32, ends, shift, this.#listed, listed);
    }
    return positionsSlot({
      positions: listed.positions.subarray(from, this.#listed),
      sessions: listed.sessions.subarray(from, this.#listed),
    });
  }

  /** As events; a run begins in the session in which it ends. */
  #projectRuns({ positions, sessions }: PositionsSlot, from: Uint32Array): PositionsSlot {
    const { ends, shift } = this.#cut;
    const most = positions.length * this.#kpis;
    const out = { positions: new Uint32Array(most), sessions: new Uint32Array(most), from: new Uint32Array(most) };
    let count = 0;
    for (let kpi = 0; kpi < this.#kpis; kpi++) {
      for (let at = 0; at < positions.length; at++) {
        const session = kpi * this.words * 32 + (sessions[at] as number);
        if ((positions[at] as number) >= (ends[session] as number)) continue;
        out.positions[count] = (positions[at] as number) + (shift[session] as number);
        out.from[count] = (from[at] as number) + (shift[session] as number);
        out.sessions[count++] = session;
      }
    }
    return positionsSlot(
      { positions: out.positions.subarray(0, count), sessions: out.sessions.subarray(0, count) },
      out.from.subarray(0, count),
    );
  }

  #columnPart(
    column: TableColumn,
    events: number,
    picked: <T extends Float64Array | Uint32Array>(from: PickedFrom, out: T) => T,
  ): TableColumn {
    const { sessionStart, sessionEnd } = this.#whole;
    const width = this.words * 32;
    const size = column.grain === "session" ? width * this.#kpis : events;
    if (column.kind === "coded") {
      const codes = new Uint32Array(size);
      if (column.grain === "event") return { ...column, codes: picked(column.codes, codes) };
      for (let kpi = 0; kpi < this.#kpis; kpi++)
        codes.set(column.codes.subarray(sessionStart, sessionEnd), kpi * width);
      return { ...column, codes };
    }
    const values = new Float64Array(size);
    if (column.grain === "event") return { ...column, values: picked(column.values, values) };
    for (let kpi = 0; kpi < this.#kpis; kpi++)
      values.set(column.values.subarray(sessionStart, sessionEnd), kpi * width);
    return { ...column, values };
  }
}

/** The columns whose values nodes read of events, once these are found. */
export function columnsOf(nodes: readonly PlanNode[]): Set<string> {
  return new Set(
    nodes.flatMap(({ operation }) =>
      operation.op === "aggregate" || operation.op === "pick" ? [operation.column] : [],
    ),
  );
}

type PickedFrom = Float64Array | Uint32Array | Uint16Array | Uint8Array;

/** Values of the events that are left. O(events). */
function pickEvents<T extends Float64Array | Uint32Array>(
  from: PickedFrom,
  { offsets, shift }: CutSessions,
  sessions: number,
  out: T,
): T {
  for (let session = 0; session < sessions; session++) {
    const stop = offsets[session + 1] as number;
    const back = shift[session] as number;
    for (let at = offsets[session] as number; at < stop; at++) out[at] = from[(at - back) >>> 0] as number;
  }
  return out;
}
