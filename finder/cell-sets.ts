import type { Cohorts } from "../engine/cohorts.js";
import { countBoth } from "../kernels/count-both.js";
import type { CellLayout } from "./cell-layout.js";

/** Sessions and failing ones among them, by cohort. */
export interface CohortCounts {
  readonly sessions: Uint32Array;
  readonly failing: Uint32Array;
}

/**
 * Sets of the sessions that count for one KPI, as bits in the order of cohort cells: so the members of two sets together are
 * counted, for every cohort at once, by a pass over words.
 */
export class CellSets {
  readonly #layout: CellLayout;
  readonly #cellCounts: Uint32Array;
  /** CSR: the cells of each cohort. */
  readonly #cellOffsets: Uint32Array;
  readonly #cellsOf: Uint32Array;

  constructor(layout: CellLayout, { cohorts, cells, cohortOffsets, cohortsOfCell }: Cohorts) {
    this.#layout = layout;
    this.#cellCounts = new Uint32Array(cells * 2);
    this.#cellOffsets = new Uint32Array(cohorts.length + 1);
    this.#cellsOf = new Uint32Array(cohortsOfCell.length);
    countCells(cohortsOfCell, this.#cellOffsets.subarray(1));
    addUp(this.#cellOffsets);
    listCells(cells, cohortOffsets, cohortsOfCell, this.#cellOffsets.slice(), this.#cellsOf);
  }

  /** Counts the sessions that are in all three sets. O(words + cells of all cohorts). */
  count(a: Uint32Array, b: Uint32Array, among: Uint32Array): CohortCounts {
    const { failing: fails, cellWords } = this.#layout;
    countBoth(a, b, among, fails, cellWords, this.#cellCounts);
    const cohorts = this.#cellOffsets.length - 1;
    const [sessions, failing] = [new Uint32Array(cohorts), new Uint32Array(cohorts)];
    addCells(this.#cellCounts, this.#cellOffsets, this.#cellsOf, sessions, failing);
    return { sessions, failing };
  }

  /** Calls back with the sessions of a set. */
  forEach(bits: Uint32Array, callback: (session: number) => void): void {
    const { slots, sessions } = this.#layout;
    for (let word = 0; word < bits.length; word++) {
      for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) {
        callback(sessions[slots[word * 32 + 31 - Math.clz32(rest & -rest)] as number] as number);
      }
    }
  }
}

/** The sessions of both sets. */
export function intersect(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length);
  for (let word = 0; word < both.length; word++) both[word] = (a[word] as number) & (b[word] as number);
  return both;
}

/** Counts the cells of each cohort. */
function countCells(cohortsOfCell: Uint32Array, counts: Uint32Array): void {
  for (let at = 0; at < cohortsOfCell.length; at++) {
    const cohort = cohortsOfCell[at] as number;
    counts[cohort] = (counts[cohort] as number) + 1;
  }
}

function addUp(counts: Uint32Array): void {
  for (let at = 1; at < counts.length; at++) counts[at] = (counts[at] as number) + (counts[at - 1] as number);
}

function listCells(
  cells: number,
  cohortOffsets: Uint32Array,
  cohortsOfCell: Uint32Array,
  next: Uint32Array,
  out: Uint32Array,
): void {
  for (let cell = 0; cell < cells; cell++) {
    const end = cohortOffsets[cell + 1] as number;
    for (let at = cohortOffsets[cell] as number; at < end; at++) {
      const cohort = cohortsOfCell[at] as number;
      const to = next[cohort] as number;
      next[cohort] = to + 1;
      out[to] = cell;
    }
  }
}

/** Cohort by cohort, as sums in registers: cell by cell, each cell would be added to a score of sums in memory. */
function addCells(
  counts: Uint32Array,
  offsets: Uint32Array,
  cellsOf: Uint32Array,
  sessions: Uint32Array,
  failing: Uint32Array,
): void {
  for (let cohort = 0; cohort < sessions.length; cohort++) {
    const end = offsets[cohort + 1] as number;
    let all = 0;
    let failed = 0;
    for (let at = offsets[cohort] as number; at < end; at++) {
      const place = 2 * (cellsOf[at] as number);
      all += counts[place] as number;
      failed += counts[place + 1] as number;
    }
    sessions[cohort] = all;
    failing[cohort] = failed;
  }
}
