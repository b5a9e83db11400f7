import { type Automaton, countSessions } from "../../kernels/aho-corasick.js";
import { countMembers } from "../../kernels/count-members.js";
import { countCandidates } from "../../kernels/ngram-candidates.js";
import { sharedUint32 } from "../columns/shared.js";
import { foldOf } from "./fold.js";
import type { Stream } from "./gather.js";
import { FAILING, NORMAL } from "./segment.js";
import { type EventTimes, SequenceCounter, type SequenceSet } from "./sequences.js";

/** Units whose standings are written in one turn: next to nothing each. */
const UNITS_PER_TURN = 16;

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
  /** Sessions that hold each sequence of a set; sequence p's cell is p + 1. */
  | { readonly kind: "sequences"; readonly set: SequenceSet; readonly times: EventTimes }
  /** Member sessions, one Uint8Array(S) a condition, from cell 1; bit k is membership on what is evidence for KPI k. */
  | { readonly kind: "members"; readonly members: readonly Uint8Array[]; readonly standings: StandingWords };

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
    case "sequences":
      return subject.set.sequences + 1;
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
  if (subject.kind === "members") return tallyMembers(input, subject);
  const { columns } = stream.segments;
  const { units, cohortOffsets, cohortsOfCell, cohorts } = walk;
  const cells = cellsOf(subject);
  const fold = foldOf({ ...stream.segments, kpis, failingOnly, cells, cohorts });
  const stamp = new Int32Array(subject.kind === "patterns" || subject.kind === "candidates" ? cells : 0);
  const sequences = subject.kind === "sequences" ? new SequenceCounter(subject.set, stream, subject.times) : null;
  const used = new Uint8Array(columns);
  for (;;) {
    const unit = Atomics.add(next, 0, 1);
    if (unit * 3 >= units.length) return fold.result();
    const cell = units[unit * 3] as number;
    const start = units[unit * 3 + 1] as number;
    const end = units[unit * 3 + 2] as number;
    if (subject.kind === "sequences") sequences?.count(walk.order, start, end, fold.counts);
    else count(subject, input, start, end, stamp, fold.counts);
    markColumns(stream, walk.order, start, end, used);
    fold.add(used, cohortsOfCell, cohortOffsets[cell] as number, cohortOffsets[cell + 1] as number);
    used.fill(0);
  }
}

/** How the sessions of a walk stand on each KPI, 32 to a word, each unit from a word of its own: plain data on shared buffers. */
export interface StandingWords {
  /** Uint32Array(units + 1) */
  readonly unitWords: Uint32Array;
  /** Uint32Array(32 × words) */
  readonly sessions: Uint32Array;
  /** Uint32Array(kpis × words) */
  readonly normal: Uint32Array;
  readonly failing: Uint32Array;
}

/**
 * Counts conditions' members. Threads take conditions in turn, not units: a condition's column stays in the cache while its bytes are
 * picked out cell by cell.
 */
function tallyMembers(
  input: TallyInput,
  { members, standings }: Extract<TallySubject, { readonly kind: "members" }>,
): Uint32Array {
  const { kpis, walk, next } = input;
  const { cohorts } = walk;
  const cells = members.length + 1;
  const rows = kpis * 2;
  const out = new Uint32Array(new SharedArrayBuffer(Math.max(4, cohorts * rows * cells * 4)));
  const counts = new Uint32Array(rows);
  // populations are shared by many conditions
  const firstOf = new Map<Uint8Array, number>();
  for (const [index, own] of members.entries()) if (!firstOf.has(own)) firstOf.set(own, index);
  const different = [...firstOf.values()];
  const taken = new Set<number>();
  for (;;) {
    const index = different[Atomics.add(next, 0, 1)];
    if (index === undefined) break;
    taken.add(index);
    countByCohort(members[index] as Uint8Array, index + 1, input, standings, cells, counts, out);
  }
  for (const [index, own] of members.entries()) {
    const first = firstOf.get(own) as number;
    if (first !== index && taken.has(first)) copyCell(out, cells, first + 1, index + 1);
  }
  return out;
}

/** Counts one condition's members into its cell. */
function countByCohort(
  members: Uint8Array,
  ownCell: number,
  { kpis, walk: { units, cohortOffsets, cohortsOfCell } }: TallyInput,
  { unitWords, sessions, normal, failing }: StandingWords,
  cells: number,
  counts: Uint32Array,
  out: Uint32Array,
): void {
  const words = sessions.length / 32;
  for (let unit = 0; unit * 3 < units.length; unit++) {
    const [from, to] = [unitWords[unit] as number, unitWords[unit + 1] as number];
    countMembers(members, sessions, normal, failing, from, to, words, kpis, counts);
    const cell = units[unit * 3] as number;
    const last = cohortOffsets[cell + 1] as number;
    for (let at = cohortOffsets[cell] as number; at < last; at++) {
      addCounts(counts, out, (cohortsOfCell[at] as number) * counts.length * cells + ownCell, cells);
    }
  }
}

/** Adds the counts of a unit to a cell's rows, the first at `first`. */
function addCounts(counts: Uint32Array, out: Uint32Array, first: number, cells: number): void {
  for (let row = 0; row < counts.length; row++) {
    const place = first + row * cells;
    out[place] = (out[place] as number) + (counts[row] as number);
  }
}

/** Gives a cell the counts of another that counts the same. */
function copyCell(out: Uint32Array, cells: number, from: number, to: number): void {
  for (let row = 0; row < out.length; row += cells) out[row + to] = out[row + from] as number;
}

/** Standings to write, for conditions to be counted by. */
export interface StandingWordsInput extends Pick<TallyInput, "stream" | "kpis" | "walk" | "next" | "failingOnly"> {
  readonly standings: StandingWords;
}

/** The words of a walk, zeros on shared buffers; `writeStandings` writes them. */
export function emptyStandings({ units }: Walk, kpis: number): StandingWords {
  const unitWords = sharedUint32(units.length / 3 + 1);
  for (let unit = 0; unit + 1 < unitWords.length; unit++) {
    const size = (units[unit * 3 + 2] as number) - (units[unit * 3 + 1] as number);
    unitWords[unit + 1] = (unitWords[unit] as number) + Math.ceil(size / 32);
  }
  const words = unitWords.at(-1) ?? 0;
  const [normal, failing] = [sharedUint32(kpis * words), sharedUint32(kpis * words)];
  return { unitWords, sessions: sharedUint32(words * 32), normal, failing };
}

/** Writes how the sessions of the units that a thread draws stand. O(sessions). */
export function writeStandings({ stream, walk, kpis, next, failingOnly, standings }: StandingWordsInput): null {
  const { startColumn, standing } = stream.segments;
  const { unitWords, sessions, normal, failing } = standings;
  const words = sessions.length / 32;
  // by column: the KPIs that its sessions are normal on, and those that they fail
  const [normalBits, failingBits] = [bitsOfColumns(standing, kpis, NORMAL), bitsOfColumns(standing, kpis, FAILING)];
  if (failingOnly) normalBits.fill(0);
  for (;;) {
    const first = Atomics.add(next, 0, UNITS_PER_TURN);
    if (first * 3 >= walk.units.length) return null;
    for (let unit = first; unit < first + UNITS_PER_TURN && unit * 3 < walk.units.length; unit++) {
      const slot = (unitWords[unit] as number) * 32;
      const [start, end] = [walk.units[unit * 3 + 1] as number, walk.units[unit * 3 + 2] as number];
      slotSessions(stream.sessions, walk.order, start, end, slot, sessions);
      slotStandings(startColumn, normalBits, walk.order, start, end, slot, words, normal);
      slotStandings(startColumn, failingBits, walk.order, start, end, slot, words, failing);
    }
  }
}

/** Uint8Array(columns): bit k is 1 where the column's sessions stand so on KPI k. */
function bitsOfColumns(standing: Uint8Array, kpis: number, as: number): Uint8Array {
  const bits = new Uint8Array(standing.length / kpis);
  for (let at = 0; at < bits.length * kpis; at++) {
    const column = Math.floor(at / kpis);
    if (standing[at] === as) bits[column] = (bits[column] as number) | (1 << (at % kpis));
  }
  return bits;
}

function slotSessions(
  sessions: Uint32Array,
  order: Uint32Array,
  start: number,
  end: number,
  slot: number,
  out: Uint32Array,
): void {
  for (let at = start; at < end; at++) out[slot + at - start] = sessions[order[at] as number] as number;
}

function slotStandings(
  startColumn: Uint32Array,
  bitsOf: Uint8Array,
  order: Uint32Array,
  start: number,
  end: number,
  firstSlot: number,
  words: number,
  out: Uint32Array,
): void {
  for (let at = start; at < end; at++) {
    const slot = firstSlot + at - start;
    let bits = bitsOf[startColumn[order[at] as number] as number] as number;
    for (let kpi = 0; bits !== 0; kpi++, bits >>>= 1) {
      if ((bits & 1) === 0) continue;
      const word = kpi * words + (slot >>> 5);
      out[word] = (out[word] as number) | (1 << (slot & 31));
    }
  }
}

function count(
  subject: Exclude<TallySubject, { readonly kind: "members" | "sequences" }>,
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
