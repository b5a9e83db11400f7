import type { Cohorts } from "../engine/cohorts.js";
import { sharedUint32 } from "../engine/columns/shared.js";
import { type Execution, type KpiOutcome, placeOfKpi } from "../engine/execution.js";
import { FAILING, NOT_COUNTED, type Segments } from "../engine/passes/segment.js";
import { countBoth } from "../kernels/count-both.js";
import { EMPTY_SLOT } from "../kernels/mark-slots.js";

/** Sessions and failing ones among them, by cohort. */
export interface CohortCounts {
  readonly sessions: Uint32Array;
  readonly failing: Uint32Array;
}

/** Where the sessions that count for one KPI have their bits: plain data on shared buffers. */
export interface CellLayout {
  /** Uint32Array(32 × words): place of each bit's session in the stream of the KPI, or `EMPTY_SLOT` */
  readonly slots: Uint32Array;
  /** Uint32Array(T): session of the table at each place */
  readonly sessions: Uint32Array;
  /** Uint32Array(n) each: the sessions that count, ascending, and the bit of each */
  readonly listed: Uint32Array;
  readonly slotOf: Uint32Array;
  /** Uint32Array(cells + 1): cell c has the words [cellWords[c], cellWords[c + 1]) */
  readonly cellWords: Uint32Array;
  /** Uint32Array(words): all that count, and those that fail */
  readonly counted: Uint32Array;
  readonly failing: Uint32Array;
}

/** What each column of the segments is to a KPI. */
export function standingsOn({ standing, columns }: Segments, kpi: number): Uint8Array {
  const width = standing.length / columns;
  const { bit } = placeOfKpi(kpi);
  return Uint8Array.from({ length: columns }, (_, column) => standing[column * width + bit] as number);
}

/** Gives the sessions that count for a KPI their bits, each cohort cell from a word of its own. O(sessions). */
export function layOutCells(
  { streams, placeOf }: Pick<Execution, "streams" | "placeOf">,
  { cells, cellOf }: Cohorts,
  { state }: Pick<KpiOutcome, "state">,
  kpi: number,
): CellLayout {
  const { sessions } = streams[placeOfKpi(kpi).group] as Execution["streams"][number];
  const sizes = new Uint32Array(cells);
  let count = 0;
  for (let session = 0; session < state.length; session++) {
    if (state[session] === NOT_COUNTED) continue;
    const cell = cellOf[session] as number;
    sizes[cell] = (sizes[cell] as number) + 1;
    count++;
  }
  const cellWords = sharedUint32(cells + 1);
  for (let cell = 0; cell < cells; cell++) {
    cellWords[cell + 1] = (cellWords[cell] as number) + Math.ceil((sizes[cell] as number) / 32);
  }
  const words = cellWords[cells] as number;
  const slots = sharedUint32(words * 32).fill(EMPTY_SLOT);
  const [listed, slotOf] = [sharedUint32(count), sharedUint32(count)];
  const [counted, failing] = [sharedUint32(words), sharedUint32(words)];
  const next = cellWords.map((word) => word * 32);
  let at = 0;
  for (let session = 0; session < state.length; session++) {
    const standing = state[session] as number;
    if (standing === NOT_COUNTED) continue;
    const cell = cellOf[session] as number;
    const slot = next[cell] as number;
    next[cell] = slot + 1;
    slots[slot] = placeOf[session] as number;
    listed[at] = session;
    slotOf[at++] = slot;
    const word = slot >>> 5;
    const bit = 1 << (slot & 31);
    counted[word] = (counted[word] as number) | bit;
    if (standing === FAILING) failing[word] = (failing[word] as number) | bit;
  }
  return { slots, sessions, listed, slotOf, cellWords, counted, failing };
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
