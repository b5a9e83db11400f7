import { type Automaton, countSessions } from "../../kernels/aho-corasick.js";
import { countMembers, memberCountsLength } from "../../kernels/count-members.js";
import { countCandidates } from "../../kernels/ngram-candidates.js";
import type { Stream } from "./gather.js";
import { NORMAL, NOT_COUNTED } from "./segment.js";

/** Sessions of which members are counted at once: their columns and kinds stay in the cache. */
const SESSIONS_AT_ONCE = 1 << 11;

/** What is counted. */
export type TallySubject =
  /** Sessions that hold each pattern of an automaton; pattern p's cell is p + 1. */
  | { readonly kind: "patterns"; readonly automaton: Automaton }
  /** Sessions that hold each candidate, from 1. */
  | {
      readonly kind: "candidates";
      readonly automaton: Automaton;
      readonly candidateAt: Int32Array;
      readonly candidates: number;
    }
  /** Member sessions, one Uint8Array(S) a condition, from cell 1; bit k is membership on what is evidence for KPI k. */
  | { readonly kind: "members"; readonly members: readonly Uint8Array[] };

/** Places of a stream to count, grouped by cohort cell. */
export interface Walk {
  /** Uint32Array, places, ascending within a cell */
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

/** A tally over a walk. */
export interface TallyInput {
  readonly subject: TallySubject;
  readonly stream: Stream;
  readonly kpis: number;
  readonly walk: Walk;
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
  const { subject, stream, kpis, walk, next, failingOnly } = input;
  const { columns, standing } = stream.segments;
  const { units, cohortOffsets, cohortsOfCell, cohorts } = walk;
  const cells = cellsOf(subject);
  const counts = new Uint32Array(subject.kind === "members" ? 0 : columns * cells);
  const rows = kpis * 2;
  const folded = new Uint32Array(rows * cells);
  const stamp = new Int32Array(cells);
  const out = new Uint32Array(new SharedArrayBuffer(Math.max(4, cohorts * rows * cells * 4)));
  const used = new Uint8Array(columns);
  const memberCounter = subject.kind === "members" ? new MemberCounter(input, subject.members) : null;
  for (;;) {
    const unit = Atomics.add(next, 0, 1);
    if (unit * 3 >= units.length) {
      memberCounter?.copySame(out);
      return out;
    }
    const cell = units[unit * 3] as number;
    const start = units[unit * 3 + 1] as number;
    const end = units[unit * 3 + 2] as number;
    if (subject.kind === "members") memberCounter?.count(start, end, folded);
    else {
      count(subject, input, start, end, stamp, counts);
      markColumns(stream, walk.order, start, end, used);
    }
    for (let column = 0; column < columns; column++) {
      if (used[column] === 0) continue;
      used[column] = 0;
      foldColumn(counts, column * cells, cells, standing, column * kpis, kpis, failingOnly, folded);
    }
    const last = cohortOffsets[cell + 1] as number;
    for (let row = 0; row < rows; row++) {
      foldRow(folded, row * cells, cells, cohortsOfCell, cohortOffsets[cell] as number, last, row, rows, out);
    }
  }
}

/** Adds a column's counts to the rows of the KPIs that it is something to, and clears it. */
function foldColumn(
  counts: Uint32Array,
  from: number,
  cells: number,
  standing: Uint8Array,
  firstStanding: number,
  kpis: number,
  failingOnly: boolean,
  folded: Uint32Array,
): void {
  for (let cell = 0; cell < cells; cell++) {
    const value = counts[from + cell] as number;
    if (value === 0) continue;
    counts[from + cell] = 0;
    for (let kpi = 0; kpi < kpis; kpi++) {
      const what = standing[firstStanding + kpi] as number;
      if (what === 0 || (failingOnly && what === 1)) continue;
      const to = (kpi * 2 + what - 1) * cells + cell;
      folded[to] = (folded[to] as number) + value;
    }
  }
}

/** Adds a KPI's row to every cohort of the unit's cell, and clears it. */
function foldRow(
  folded: Uint32Array,
  from: number,
  cells: number,
  cohortsOfCell: Uint32Array,
  first: number,
  last: number,
  row: number,
  rows: number,
  out: Uint32Array,
): void {
  for (let cell = 0; cell < cells; cell++) {
    const value = folded[from + cell] as number;
    if (value === 0) continue;
    folded[from + cell] = 0;
    for (let at = first; at < last; at++) {
      const to = ((cohortsOfCell[at] as number) * rows + row) * cells + cell;
      out[to] = (out[to] as number) + value;
    }
  }
}

/** Counts conditions' members unit by unit. */
class MemberCounter {
  readonly #input: TallyInput;
  readonly #members: readonly Uint8Array[];
  /** Cell of the first condition with the same members: populations are shared by many. */
  readonly #sameAs: readonly number[];
  readonly #sessions = new Uint32Array(SESSIONS_AT_ONCE);
  readonly #columns = new Uint32Array(SESSIONS_AT_ONCE);
  readonly #kinds = new Uint32Array(SESSIONS_AT_ONCE);
  readonly #counts: Uint32Array;

  constructor(input: TallyInput, members: readonly Uint8Array[]) {
    this.#input = input;
    this.#members = members;
    const firstOf = new Map<Uint8Array, number>();
    this.#sameAs = members.map((own, index) => {
      const first = firstOf.get(own);
      if (first === undefined) firstOf.set(own, index);
      return first ?? index;
    });
    this.#counts = new Uint32Array(memberCountsLength(input.stream.segments.columns));
  }

  /** Adds the members among some places to the rows of the KPIs. */
  count(start: number, end: number, folded: Uint32Array): void {
    for (let from = start; from < end; from += SESSIONS_AT_ONCE) {
      this.#countSome(from, Math.min(from + SESSIONS_AT_ONCE, end), folded);
    }
  }

  #countSome(start: number, end: number, folded: Uint32Array): void {
    const { stream, walk } = this.#input;
    for (let at = start; at < end; at++) {
      const place = walk.order[at] as number;
      this.#sessions[at - start] = stream.sessions[place] as number;
      this.#columns[at - start] = stream.segments.startColumn[place] as number;
    }
    for (const [index, own] of this.#members.entries()) {
      if (this.#sameAs[index] !== index) continue;
      const met = countMembers(own, this.#sessions, this.#columns, end - start, this.#counts, this.#kinds);
      for (let at = 0; at < met; at++) this.#share(this.#kinds[at] as number, index + 1, folded);
    }
  }

  /** Adds the sessions of one kind to the KPIs that they are members for, and clears them. */
  #share(kind: number, cell: number, folded: Uint32Array): void {
    const { stream, kpis, failingOnly } = this.#input;
    const sessions = this.#counts[kind] as number;
    this.#counts[kind] = 0;
    const firstStanding = (kind >>> 8) * kpis;
    const cells = this.#members.length + 1;
    for (let kpi = 0; kpi < kpis; kpi++) {
      if (((kind >>> kpi) & 1) === 0) continue;
      const what = stream.segments.standing[firstStanding + kpi] as number;
      if (what === NOT_COUNTED || (failingOnly && what === NORMAL)) continue;
      const to = (kpi * 2 + what - 1) * cells + cell;
      folded[to] = (folded[to] as number) + sessions;
    }
  }

  /** Gives conditions with the same members the same counts, in every row. */
  copySame(out: Uint32Array): void {
    const cells = this.#members.length + 1;
    for (const [index, first] of this.#sameAs.entries()) {
      if (first === index) continue;
      for (let row = 0; row < out.length; row += cells) out[row + index + 1] = out[row + first + 1] as number;
    }
  }
}

function count(
  subject: Exclude<TallySubject, { readonly kind: "members" }>,
  { stream, walk }: TallyInput,
  start: number,
  end: number,
  stamp: Int32Array,
  counts: Uint32Array,
): void {
  const { segments, symbols, offsets } = stream;
  switch (subject.kind) {
    case "patterns":
      countSessions(
        subject.automaton,
        symbols,
        offsets,
        segments.offsets,
        segments.end,
        segments.column,
        walk.order,
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
        symbols,
        offsets,
        segments.offsets,
        segments.end,
        segments.column,
        walk.order,
        start,
        end,
        stamp,
        counts,
      );
      return;
  }
}

function markColumns({ segments }: Stream, order: Uint32Array, start: number, end: number, used: Uint8Array): void {
  const { offsets, column, startColumn } = segments;
  for (let at = start; at < end; at++) {
    const place = order[at] as number;
    used[startColumn[place] as number] = 1;
    const last = offsets[place + 1] as number;
    for (let segment = offsets[place] as number; segment < last; segment++) used[column[segment] as number] = 1;
  }
}
