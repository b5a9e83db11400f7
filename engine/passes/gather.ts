import { NOT_COUNTED, type Segments } from "./segment.js";

/**
 * Sessions laid out one after the other in the order in which they are counted: by cohort cell. In the table's order their
 * parts lie apart, and counting would wait for memory several times a session; here every pass over them reads on.
 */
export interface Stream {
  /** Uint32Array(T), session of the table at each place */
  readonly sessions: Uint32Array;
  /** Uint16Array, symbols of the events up to each session's last evidence */
  readonly symbols: Uint16Array;
  /** Uint32Array(T + 1), CSR offsets into `symbols` */
  readonly offsets: Uint32Array;
  /** Segments by place, ends being positions in `symbols` */
  readonly segments: Segments;
}

/** One of two passes over a range of sessions: `measure` counts what each cell gets, `fill` copies. */
export type GatherInput = MeasureInput | FillInput;

interface GatheredSessions {
  /** Sessions of the table. */
  readonly start: number;
  readonly end: number;
  /** Uint32Array(S): cohort cell of each session */
  readonly cellOf: Uint32Array;
  /** Uint8Array(S): 0 for sessions that count for nothing, which are not laid out */
  readonly counted: Uint8Array;
  readonly sessionOffsets: Uint32Array;
  /** Uint16Array(N) in the table's order; null where nothing reads symbols */
  readonly symbols: Uint16Array | null;
  readonly segments: Segments;
  readonly cells: CellSizes;
}

/** By cell, what a range has of it; and then where that begins, which moves on as the range is laid out. */
export interface CellSizes {
  /** Uint32Array(cells) each */
  readonly sessions: Uint32Array;
  /** Up to each session's last evidence. */
  readonly events: Uint32Array;
  readonly segments: Uint32Array;
}

interface MeasureInput extends GatheredSessions {
  readonly phase: "measure";
  /** By KPI, Uint8Array(S): how sessions stand on it */
  readonly states: readonly Uint8Array[];
  /** By KPI, Uint32Array(cells), written: all events of the sessions that count for it */
  readonly events: readonly Uint32Array[];
}

interface FillInput extends GatheredSessions {
  readonly phase: "fill";
  /** Uint32Array(S), written: place of each session; `noPlace` for those that count for nothing */
  readonly placeOf: Uint32Array;
  /** Written, but for the last entries of both offsets. */
  readonly out: Stream;
}

/** The place of sessions that are not laid out. */
export const noPlace = 0xffffffff;

/**
 * Lays out the sessions of a range. O(events of their evidence).
 *
 * Reads in the table's order and writes to as many places as there are cohort cells, each of which is written from front to back: the
 * lines in writing stay in the cache, where reading in the order of the places waits for memory five times a session.
 */
export function gather(input: GatherInput): null {
  if (input.phase === "fill") fill(input);
  else {
    measure(input);
    for (const [kpi, state] of input.states.entries()) addEvents(input, state, input.events[kpi] as Uint32Array);
  }
  return null;
}

function measure({ start, end, cellOf, counted, sessionOffsets, symbols, segments, cells }: MeasureInput): void {
  const { sessions, events, segments: parts } = cells;
  for (let session = start; session < end; session++) {
    if (counted[session] === 0) continue;
    const cell = cellOf[session] as number;
    const first = segments.offsets[session] as number;
    const last = segments.offsets[session + 1] as number;
    sessions[cell] = (sessions[cell] as number) + 1;
    parts[cell] = (parts[cell] as number) + last - first;
    if (symbols === null || last === first) continue;
    events[cell] = (events[cell] as number) + (segments.end[last - 1] as number) - (sessionOffsets[session] as number);
  }
}

/** Adds the events of the sessions that count for a KPI. */
function addEvents({ start, end, cellOf, sessionOffsets }: MeasureInput, state: Uint8Array, events: Uint32Array): void {
  let from = sessionOffsets[start] as number;
  for (let session = start; session < end; session++) {
    const to = sessionOffsets[session + 1] as number;
    // without a branch, which could not be predicted
    const isCounted = -((state[session] as number) ^ NOT_COUNTED) >>> 31;
    const cell = cellOf[session] as number;
    events[cell] = (events[cell] as number) + isCounted * (to - from);
    from = to;
  }
}

function fill(input: FillInput): void {
  const { start, end, cellOf, counted, sessionOffsets, symbols, segments, cells, placeOf, out } = input;
  const { sessions, events, segments: parts } = cells;
  for (let session = start; session < end; session++) {
    if (counted[session] === 0) {
      placeOf[session] = noPlace;
      continue;
    }
    const cell = cellOf[session] as number;
    const place = sessions[cell] as number;
    const to = events[cell] as number;
    let segment = parts[cell] as number;
    sessions[cell] = place + 1;
    placeOf[session] = place;
    out.sessions[place] = session;
    out.offsets[place] = to;
    out.segments.offsets[place] = segment;
    out.segments.startColumn[place] = segments.startColumn[session] as number;
    const from = sessionOffsets[session] as number;
    const last = segments.offsets[session + 1] as number;
    let stop = from;
    for (let at = segments.offsets[session] as number; at < last; at++, segment++) {
      stop = segments.end[at] as number;
      out.segments.end[segment] = to + stop - from;
      out.segments.column[segment] = segments.column[at] as number;
    }
    parts[cell] = segment;
    if (symbols === null) continue;
    for (let at = from; at < stop; at++) out.symbols[to + at - from] = symbols[at] as number;
    events[cell] = to + stop - from;
  }
}

/** Rewriting the symbols of a stream. */
export interface RemapInput {
  /** Uint16Array, rewritten from `start` to `end` */
  readonly symbols: Uint16Array;
  readonly start: number;
  readonly end: number;
  /** Uint16Array: new symbol of each old one */
  readonly symbolOf: Uint16Array;
}

/** Gives every event of a range its new symbol. O(events). */
export function remapSymbols({ symbols, start, end, symbolOf }: RemapInput): null {
  for (let at = start; at < end; at++) symbols[at] = symbolOf[symbols[at] as number] as number;
  return null;
}
