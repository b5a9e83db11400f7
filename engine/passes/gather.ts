import type { Segments } from "./segment.js";

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

/** One of two passes over a range of sessions: `measure` writes lengths, `fill` copies. */
export interface GatherInput {
  readonly phase: "measure" | "fill";
  /** Sessions of the table. */
  readonly start: number;
  readonly end: number;
  /** Uint32Array(S): place of each session; `noPlace` for those that count for nothing */
  readonly placeOf: Uint32Array;
  readonly sessionOffsets: Uint32Array;
  /** Uint16Array(N) in the table's order; null where nothing reads symbols */
  readonly symbols: Uint16Array | null;
  readonly segments: Segments;
  /** What is laid out; `measure` writes the length and the number of segments of the session at place i to i + 1 of the two offsets. */
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
  const { phase, start, end, placeOf, sessionOffsets, symbols, segments, out } = input;
  for (let session = start; session < end; session++) {
    const place = placeOf[session] as number;
    if (place === noPlace) continue;
    const first = segments.offsets[session] as number;
    const last = segments.offsets[session + 1] as number;
    const from = sessionOffsets[session] as number;
    if (phase === "measure") {
      const stop = symbols === null || last === first ? from : (segments.end[last - 1] as number);
      out.offsets[place + 1] = stop - from;
      out.segments.offsets[place + 1] = last - first;
      continue;
    }
    out.segments.startColumn[place] = segments.startColumn[session] as number;
    const to = out.offsets[place] as number;
    let segment = out.segments.offsets[place] as number;
    for (let at = first; at < last; at++, segment++) {
      out.segments.end[segment] = to + (segments.end[at] as number) - from;
      out.segments.column[segment] = segments.column[at] as number;
    }
    if (symbols === null) continue;
    const length = (out.offsets[place + 1] as number) - to;
    for (let at = 0; at < length; at++) out.symbols[to + at] = symbols[from + at] as number;
  }
  return null;
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
