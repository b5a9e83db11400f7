import fc from "fast-check";
import * as assert from "uvu/assert";
import type { SessionValues } from "../../kernels/pair-measures.js";

/** Rows one after the other, as CSR. */
export function flat(rows: readonly (readonly number[])[]): { values: number[]; offsets: Uint32Array } {
  const offsets = new Uint32Array(rows.length + 1);
  rows.forEach((row, i) => {
    offsets[i + 1] = offsets[i]! + row.length;
  });
  return { values: rows.flat(), offsets };
}

/** The values of all sessions, of those that a kernel lists and what the others have; it lists them in order, each once. */
export function ofAll(sessions: number, rest: number, list: (out: SessionValues) => number): number[] {
  const out = { sessions: new Uint32Array(sessions), values: new Float64Array(sessions) };
  const count = list(out);
  const listed = [...out.sessions.subarray(0, count)];
  assert.equal(
    listed,
    [...new Set(listed)].sort((a, b) => a - b),
  );
  const all = new Array<number>(sessions).fill(rest);
  for (const [at, session] of listed.entries()) all[session] = out.values[at]!;
  return all;
}

/** Sessions of symbols, each with segments that may end early, and an order that walks some of them. */
export interface SegmentedSessions {
  readonly sessions: readonly (readonly number[])[];
  /** Ends of segments within each session, ascending. */
  readonly ends: readonly (readonly number[])[];
  readonly order: readonly number[];
}

export const columns = 3;

/** The column of a segment: any fixed rule will do. */
export const columnOf = (session: number, segment: number): number => (session * 2 + segment) % columns;

/** Random segmented sessions over symbols 0 .. alphabetSize - 1. */
export function segmentedSessions(alphabetSize: number): fc.Arbitrary<SegmentedSessions> {
  const session = fc.array(fc.nat(alphabetSize - 1), { maxLength: 14 });
  return fc
    .array(fc.tuple(session, fc.array(fc.nat(14), { maxLength: 3 })), { minLength: 1, maxLength: 8 })
    .chain((rows) =>
      fc.shuffledSubarray(rows.map((_, i) => i)).map((order) => ({
        sessions: rows.map(([symbols]) => symbols),
        ends: rows.map(([symbols, cuts]) => cuts.map((cut) => Math.min(cut, symbols.length)).sort((a, b) => a - b)),
        order,
      })),
    );
}

/** The arrays that the counting kernels take. */
export function arraysOf({ sessions, ends, order }: SegmentedSessions): {
  symbols: Uint16Array;
  sessionOffsets: Uint32Array;
  segmentOffsets: Uint32Array;
  segmentEnd: Uint32Array;
  segmentColumn: Uint32Array;
  order: Uint32Array;
} {
  const { values, offsets } = flat(sessions);
  const segments = flat(ends.map((row, session) => row.map((stop) => offsets[session]! + stop)));
  return {
    symbols: Uint16Array.from(values),
    sessionOffsets: offsets,
    segmentOffsets: segments.offsets,
    segmentEnd: Uint32Array.from(segments.values),
    segmentColumn: Uint32Array.from(
      ends.flatMap((row, session) => row.map((_, segment) => columnOf(session, segment))),
    ),
    order: Uint32Array.from(order),
  };
}

/** The definition: sessions by pattern and column of the segment in which the pattern first completes. */
export function countByDefinition(
  { sessions, ends, order }: SegmentedSessions,
  patterns: readonly (readonly number[])[],
): number[][] {
  return patterns.map((pattern) => {
    const counts = new Array<number>(columns).fill(0);
    for (const session of order) {
      const completed = firstCompletion(sessions[session]!, pattern);
      const segment = ends[session]!.findIndex((stop) => completed < stop);
      if (completed >= 0 && segment >= 0) counts[columnOf(session, segment)]!++;
    }
    return counts;
  });
}

/** Position of the last symbol of the first occurrence, or -1. */
export function firstCompletion(symbols: readonly number[], pattern: readonly number[]): number {
  for (let i = 0; i + pattern.length <= symbols.length; i++) {
    if (pattern.every((symbol, j) => symbols[i + j] === symbol)) return i + pattern.length - 1;
  }
  return -1;
}
