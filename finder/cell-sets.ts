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
  readonly #cohorts: Cohorts;
  readonly #cellCounts: Uint32Array;

  constructor(layout: CellLayout, cohorts: Cohorts) {
    this.#layout = layout;
    this.#cohorts = cohorts;
    this.#cellCounts = new Uint32Array(cohorts.cells * 2);
  }

  /** Counts the sessions that are in all three sets. O(words + cells × cohorts of a cell). */
  count(a: Uint32Array, b: Uint32Array, among: Uint32Array): CohortCounts {
    const { cohortOffsets, cohortsOfCell, cohorts, cells } = this.#cohorts;
    const { failing: fails, cellWords } = this.#layout;
    const counts = this.#cellCounts;
    countBoth(a, b, among, fails, cellWords, counts);
    const sessions = new Uint32Array(cohorts.length);
    const failing = new Uint32Array(cohorts.length);
    for (let cell = 0; cell < cells; cell++) {
      const all = counts[2 * cell] as number;
      if (all === 0) continue;
      const failed = counts[2 * cell + 1] as number;
      const end = cohortOffsets[cell + 1] as number;
      for (let at = cohortOffsets[cell] as number; at < end; at++) {
        const cohort = cohortsOfCell[at] as number;
        sessions[cohort] = (sessions[cohort] as number) + all;
        failing[cohort] = (failing[cohort] as number) + failed;
      }
    }
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
