/** KPIs that one set of columns can tell apart: 3^8 states fit a table, and more than five KPIs are rare. */
export const KPIS_PER_GROUP = 8;

/** What a session is to a KPI. */
export const NOT_COUNTED = 0;
/** The session counts and does not fail. */
export const NORMAL = 1;
/** The session counts and fails. */
export const FAILING = 2;

/** A session's standing on one KPI. */
export interface KpiColumn {
  /** Uint8Array(S): NOT_COUNTED, NORMAL or FAILING */
  readonly state: Uint8Array;
  /** Uint32Array(S), positions: events before it are evidence; null: all of a session's are */
  readonly evidenceEnd: Uint32Array | null;
}

/** How the sessions of a range stand on binary KPIs. */
export interface StandingInput {
  readonly start: number;
  readonly end: number;
  readonly kpis: readonly {
    /** Uint8Array(S): 1 where the KPI's failure holds, else 0 */
    readonly failing: Uint8Array;
    /** Uint8Array(S): 0 where a session does not count; null: all do */
    readonly among: Uint8Array | null;
    /** Uint8Array(S), zero before; see `KpiColumn` */
    readonly state: Uint8Array;
  }[];
  /** Uint8Array(S): 0 where a session counts for nothing; null: all may */
  readonly inWindow: Uint8Array | null;
}

/** Writes what each session is to each KPI. O(sessions × KPIs). */
export function standSessions({ start, end, kpis, inWindow }: StandingInput): null {
  for (const { failing, among, state } of kpis) {
    stand(failing, among, inWindow, start, end, state);
  }
  return null;
}

/** Without branches, which could not be predicted: who is asked about, and who fails, is what a run is about. */
function stand(
  failing: Uint8Array,
  among: Uint8Array | null,
  inWindow: Uint8Array | null,
  start: number,
  end: number,
  state: Uint8Array,
): void {
  for (let session = start; session < end; session++) state[session] = NORMAL + (failing[session] as number);
  for (const within of [among, inWindow]) if (within !== null) keepWithin(within, start, end, state);
}

/** Makes NOT_COUNTED, which is 0, of the sessions that are not in a set. */
function keepWithin(within: Uint8Array, start: number, end: number, state: Uint8Array): void {
  for (let session = start; session < end; session++) {
    state[session] = (state[session] as number) * (-(within[session] as number) >>> 31);
  }
}

/**
 * Segments of sessions: stretches of positions in which the same KPIs are open. Where a KPI's outcome is decided it drops
 * out, so that what comes after is no evidence on it (METHODS, 1). A pattern counts for the KPIs that are open when it first
 * completes: one increment serves them all.
 */
export interface Segments {
  /** Uint32Array(S + 1), CSR offsets into the two that follow */
  readonly offsets: Uint32Array;
  /** Uint32Array, positions, ascending within a session */
  readonly end: Uint32Array;
  /** Uint32Array, columns of tallies */
  readonly column: Uint32Array;
  /** Uint32Array(S): the column of all KPIs that the session counts for, for what is known when it starts */
  readonly startColumn: Uint32Array;
  /** W, number of columns; column 0 is that of sessions that count for no KPI */
  readonly columns: number;
  /** Uint8Array(W × K): what a column is to each KPI */
  readonly standing: Uint8Array;
}

/** One of two passes over a range of sessions: `measure` counts segments, `fill` writes them. */
export interface SegmentInput {
  readonly phase: "measure" | "fill";
  readonly start: number;
  readonly end: number;
  readonly kpis: readonly KpiColumn[];
  readonly sessionOffsets: Uint32Array;
  /** measure: Uint32Array(S + 1), segments of session s at s + 1; fill: CSR offsets */
  readonly offsets: Uint32Array;
  /** measure: Uint8Array(3^K), 1 where a state is met; fill: unused */
  readonly met: Uint8Array;
  /** measure: Uint8Array(S), 1 where the session counts for some KPI; fill: unused */
  readonly counted: Uint8Array;
  /** fill: Uint32Array(3^K), column of each state */
  readonly columnOf: Uint32Array;
  readonly segmentEnd: Uint32Array;
  readonly segmentColumn: Uint32Array;
  readonly startColumn: Uint32Array;
}

/** Cuts the sessions of a range into segments. O(sessions × KPIs²), KPIs at most 8. */
export function segmentSessions(input: SegmentInput): null {
  if (input.phase === "measure") measureSegments(input);
  else fillSegments(input);
  return null;
}

/** The KPIs that a session counts for, by the end of their evidence; used again from session to session. */
class OpenKpis {
  readonly ends: Float64Array;
  /** Its part of the session's state. */
  readonly weights: Float64Array;
  /** The session's state: a digit of base 3 for each KPI. */
  code = 0;
  readonly #states: readonly Uint8Array[];
  readonly #evidenceEnds: readonly (Uint32Array | null)[];

  constructor(kpis: readonly KpiColumn[]) {
    this.ends = new Float64Array(kpis.length);
    this.weights = new Float64Array(kpis.length);
    this.#states = kpis.map(({ state }) => state);
    this.#evidenceEnds = kpis.map(({ evidenceEnd }) => evidenceEnd);
  }

  /** Reads a session, which ends at `to`; returns how many KPIs there are. */
  read(session: number, to: number): number {
    const { ends, weights } = this;
    let open = 0;
    let code = 0;
    let power = 1;
    for (let kpi = 0; kpi < this.#states.length; kpi++) {
      const standing = (this.#states[kpi] as Uint8Array)[session] as number;
      if (standing !== NOT_COUNTED) {
        const evidenceEnd = this.#evidenceEnds[kpi] as Uint32Array | null;
        const end = evidenceEnd === null ? to : Math.min(to, evidenceEnd[session] as number);
        // ascending by end: an insertion sort of at most eight
        let at = open;
        while (at > 0 && (ends[at - 1] as number) > end) {
          ends[at] = ends[at - 1] as number;
          weights[at] = weights[at - 1] as number;
          at--;
        }
        ends[at] = end;
        weights[at] = standing * power;
        open++;
        code += standing * power;
      }
      power *= 3;
    }
    this.code = code;
    return open;
  }
}

function measureSegments({ kpis, sessionOffsets, offsets, met, counted, start, end }: SegmentInput): void {
  const kpisOf = new OpenKpis(kpis);
  const { ends, weights } = kpisOf;
  for (let session = start; session < end; session++) {
    const open = kpisOf.read(session, sessionOffsets[session + 1] as number);
    let { code } = kpisOf;
    met[code] = 1;
    if (open > 0) counted[session] = 1;
    let segments = 0;
    let position = sessionOffsets[session] as number;
    for (let at = 0; at < open; at++) {
      const stop = ends[at] as number;
      if (stop > position) {
        segments++;
        met[code] = 1;
        position = stop;
      }
      code -= weights[at] as number;
    }
    offsets[session + 1] = segments;
  }
}

function fillSegments(input: SegmentInput): void {
  const { kpis, sessionOffsets, offsets, columnOf, segmentEnd, segmentColumn, startColumn } = input;
  const kpisOf = new OpenKpis(kpis);
  const { ends, weights } = kpisOf;
  for (let session = input.start; session < input.end; session++) {
    const open = kpisOf.read(session, sessionOffsets[session + 1] as number);
    let { code } = kpisOf;
    startColumn[session] = columnOf[code] as number;
    let out = offsets[session] as number;
    let position = sessionOffsets[session] as number;
    for (let at = 0; at < open; at++) {
      const stop = ends[at] as number;
      if (stop > position) {
        segmentEnd[out] = stop;
        segmentColumn[out] = columnOf[code] as number;
        out++;
        position = stop;
      }
      code -= weights[at] as number;
    }
  }
}

/** Numbers the states that were met: their columns, and what each column is to each KPI. */
export function numberColumns(
  met: Uint8Array,
  kpis: number,
): { readonly columnOf: Uint32Array; readonly columns: number; readonly standing: Uint8Array } {
  const columnOf = new Uint32Array(new SharedArrayBuffer(met.length * 4));
  const states: number[] = [0];
  for (let code = 1; code < met.length; code++) {
    if (met[code] === 1) columnOf[code] = states.push(code) - 1;
  }
  const standing = new Uint8Array(new SharedArrayBuffer(Math.max(1, states.length * kpis)));
  for (const [column, code] of states.entries()) {
    let rest = code;
    for (let kpi = 0; kpi < kpis; kpi++) {
      standing[column * kpis + kpi] = rest % 3;
      rest = Math.floor(rest / 3);
    }
  }
  return { columnOf, columns: states.length, standing };
}
