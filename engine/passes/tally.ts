import { type Automaton, countSessions } from "../../kernels/aho-corasick.js";
import { countCandidates } from "../../kernels/ngram-candidates.js";
import { countMembers } from "../../kernels/count-members.js";
import type { Segments } from "./segment.js";

/** What is counted. */
export type TallySubject =
  /** Sessions that hold each pattern of an automaton; pattern p's cell is p + 1. */
  | { readonly kind: "patterns"; readonly automaton: Automaton; readonly symbols: Uint16Array }
  /** Sessions that hold each candidate, from 1. */
  | {
      readonly kind: "candidates";
      readonly automaton: Automaton;
      readonly candidateAt: Int32Array;
      readonly candidates: number;
      readonly symbols: Uint16Array;
    }
  /** Sessions by whether a condition holds, one Uint8Array(S) of 0 or 1 a condition, from cell 1. */
  | { readonly kind: "members"; readonly members: readonly Uint8Array[] };

/** Sessions in the order in which they are counted, grouped by cohort cell. */
export interface CellOrder {
  /** Uint32Array, sessions */
  readonly order: Uint32Array;
  /** Uint32Array(3 × units): cell, start and end in `order`; units are taken in turn by whichever thread is free */
  readonly units: Uint32Array;
  /** Uint32Array(cells + 1), CSR offsets into `cohortsOfCell` */
  readonly cohortOffsets: Uint32Array;
  /** Uint32Array, cohorts that a cell belongs to */
  readonly cohortsOfCell: Uint32Array;
  /** C */
  readonly cohorts: number;
}

/** A tally over the sessions of `cells`. */
export interface TallyInput {
  readonly subject: TallySubject;
  readonly sessionOffsets: Uint32Array;
  readonly segments: Segments;
  readonly kpis: number;
  readonly cells: CellOrder;
  /** Int32Array(1) on shared memory: the next unit. */
  readonly next: Int32Array;
  /** Failing sessions alone are folded: a normal session's count stays 0. */
  readonly failingOnly: boolean;
}

/** Cells of a subject: one more than what it counts, cell 0 meaning nothing. */
export function cellsOf(subject: TallySubject): number {
  switch (subject.kind) {
    case "patterns":
      return subject.automaton.states;
    case "candidates":
      return subject.candidates + 1;
    case "members":
      return subject.members.length + 1;
  }
}

/**
 * Counts by (cohort, KPI, failing or not, cell): `tally[((cohort × K + kpi) × 2 + failing) × cells + cell]`.
 *
 * The sessions of a cohort cell share their cohorts, so that a session costs one increment per hypothesis into a table of
 * [column][hypothesis] that stays in the cache, whatever the number of KPIs and cohorts; that table is folded once a unit.
 * Integers, so the same for any number of threads.
 */
export function tally(input: TallyInput): Uint32Array {
  const { subject, segments, kpis, cells: cellOrder, next, failingOnly } = input;
  const { units, cohortOffsets, cohortsOfCell, cohorts, order } = cellOrder;
  const cells = cellsOf(subject);
  const counts = new Uint32Array(segments.columns * cells);
  const folded = new Uint32Array(kpis * 2 * cells);
  const stamp = new Int32Array(cells);
  const out = new Uint32Array(new SharedArrayBuffer(Math.max(4, cohorts * kpis * 2 * cells * 4)));
  const usedColumns = new Uint8Array(segments.columns);
  for (;;) {
    const unit = Atomics.add(next, 0, 1);
    if (unit * 3 >= units.length) return out;
    const cell = units[unit * 3] as number;
    const start = units[unit * 3 + 1] as number;
    const end = units[unit * 3 + 2] as number;
    count(input, start, end, stamp, counts);
    markColumns(segments, order, start, end, usedColumns);
    folded.fill(0);
    for (let column = 0; column < segments.columns; column++) {
      if (usedColumns[column] === 0) continue;
      usedColumns[column] = 0;
      const row = counts.subarray(column * cells, (column + 1) * cells);
      for (let kpi = 0; kpi < kpis; kpi++) {
        const standing = segments.standing[column * kpis + kpi] as number;
        if (standing === 0 || (failingOnly && standing === 1)) continue;
        addRow(row, folded.subarray((kpi * 2 + standing - 1) * cells, (kpi * 2 + standing) * cells));
      }
      row.fill(0);
    }
    for (let at = cohortOffsets[cell] as number; at < (cohortOffsets[cell + 1] as number); at++) {
      const cohort = cohortsOfCell[at] as number;
      const size = kpis * 2 * cells;
      addRow(folded, out.subarray(cohort * size, (cohort + 1) * size));
    }
  }
}

function count(input: TallyInput, start: number, end: number, stamp: Int32Array, counts: Uint32Array): void {
  const { subject, segments, sessionOffsets } = input;
  const { order } = input.cells;
  switch (subject.kind) {
    case "patterns":
      countSessions(
        subject.automaton,
        subject.symbols,
        sessionOffsets,
        segments.offsets,
        segments.end,
        segments.column,
        order,
        start,
        end,
        stamp,
        counts,
      );
      return;
    case "candidates":
      countCandidates(
        subject.automaton,
        subject.candidateAt,
        subject.candidates,
        subject.symbols,
        sessionOffsets,
        segments.offsets,
        segments.end,
        segments.column,
        order,
        start,
        end,
        stamp,
        counts,
      );
      return;
    case "members":
      for (const [index, members] of subject.members.entries()) {
        countMembers(
          members,
          segments.startColumn,
          order,
          start,
          end,
          index + 1,
          subject.members.length + 1,
          counts,
        );
      }
      return;
  }
}

function markColumns(
  segments: Segments,
  order: Uint32Array,
  start: number,
  end: number,
  used: Uint8Array,
): void {
  const { offsets, column, startColumn } = segments;
  for (let at = start; at < end; at++) {
    const session = order[at] as number;
    used[startColumn[session] as number] = 1;
    const last = offsets[session + 1] as number;
    for (let segment = offsets[session] as number; segment < last; segment++) used[column[segment] as number] = 1;
  }
}

function addRow(from: Uint32Array, to: Uint32Array): void {
  for (let at = 0; at < from.length; at++) {
    const value = from[at] as number;
    if (value !== 0) to[at] = (to[at] as number) + value;
  }
}
