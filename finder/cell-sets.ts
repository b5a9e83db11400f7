import type { Cohorts } from "../engine/cohorts.js";
import { sharedUint32 } from "../engine/columns/shared.js";
import { type KpiOutcome, sharedCounter } from "../engine/execution.js";
import { automatonOf, type MinedPatterns, type TokenSymbols } from "../engine/mine.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import { countBoth } from "../kernels/count-both.js";
import { EMPTY_SLOT } from "../kernels/mark-slots.js";
import type { Context } from "./context.js";

/** Sessions and failing ones among them, by cohort. */
export interface CohortCounts {
  readonly sessions: Uint32Array;
  readonly failing: Uint32Array;
}

/**
 * Sets of the sessions that count for one KPI, as bits in the order of cohort cells, each cell from a word of its own: so the
 * members of two sets together are counted, for every cohort at once, by a pass over words.
 */
export class CellSets {
  /** Uint32Array(words) */
  readonly counted: Uint32Array;
  readonly #cohorts: Cohorts;
  readonly #slots: Uint32Array;
  readonly #cellWords: Uint32Array;
  readonly #failing: Uint32Array;
  readonly #cellCounts: Uint32Array;

  constructor({ state }: Pick<KpiOutcome, "state">, cohorts: Cohorts) {
    this.#cohorts = cohorts;
    const sizes = new Uint32Array(cohorts.cells);
    for (let session = 0; session < state.length; session++) {
      const cell = cohorts.cellOf[session] as number;
      if (state[session] !== NOT_COUNTED) sizes[cell] = (sizes[cell] as number) + 1;
    }
    this.#cellWords = new Uint32Array(cohorts.cells + 1);
    for (let cell = 0; cell < cohorts.cells; cell++) {
      this.#cellWords[cell + 1] = (this.#cellWords[cell] as number) + Math.ceil((sizes[cell] as number) / 32);
    }
    const words = this.#cellWords[cohorts.cells] as number;
    this.#slots = sharedUint32(words * 32).fill(EMPTY_SLOT);
    this.counted = new Uint32Array(words);
    this.#failing = new Uint32Array(words);
    this.#cellCounts = new Uint32Array(cohorts.cells * 2);
    const next = this.#cellWords.map((word) => word * 32);
    for (let session = 0; session < state.length; session++) {
      if (state[session] === NOT_COUNTED) continue;
      const cell = cohorts.cellOf[session] as number;
      const slot = next[cell] as number;
      next[cell] = slot + 1;
      this.#slots[slot] = session;
      setBit(this.counted, slot);
      if (state[session] === FAILING) setBit(this.#failing, slot);
    }
  }

  /** The sessions for which a column's bit is 1. */
  ofColumn(column: Uint8Array, bit: number): Uint32Array {
    const bits = new Uint32Array(this.counted.length);
    for (let word = 0; word < bits.length; word++) {
      let own = 0;
      for (let at = 0; at < 32; at++) {
        const session = this.#slots[word * 32 + at] as number;
        // a cell's last word alone has empty slots
        if (session === EMPTY_SLOT) break;
        own |= (((column[session] as number) >>> bit) & 1) << at;
      }
      bits[word] = own;
    }
    return bits;
  }

  /** The sessions that hold each of some patterns on what is evidence for a KPI. One pass over the events, on all threads. */
  async ofPatterns(
    { execution, table }: Pick<Context, "execution" | "table">,
    { evidenceEnd }: Pick<KpiOutcome, "evidenceEnd">,
    mined: MinedPatterns,
    symbols: TokenSymbols,
    patterns: readonly number[],
  ): Promise<Uint32Array[]> {
    const words = this.counted.length;
    if (patterns.length === 0 || words === 0) return patterns.map(() => new Uint32Array(words));
    const bits = sharedUint32(patterns.length * words);
    const input = {
      automaton: automatonOf(mined, patterns, symbols),
      symbols: symbols.symbols,
      sessionOffsets: table.sessionOffsets,
      // without a moment of outcome the whole session is evidence: a session ends where the next one begins
      evidenceEnd: evidenceEnd ?? table.sessionOffsets.subarray(1),
      slots: this.#slots,
      next: sharedCounter(),
      bits,
    };
    await execution.pool.runEach("mark", input, "the patterns of crosses");
    return patterns.map((_, at) => bits.subarray(at * words, (at + 1) * words));
  }

  /** Counts the sessions that are in all three sets. O(words + cells × cohorts of a cell). */
  count(a: Uint32Array, b: Uint32Array, among: Uint32Array): CohortCounts {
    const { cohortOffsets, cohortsOfCell, cohorts, cells } = this.#cohorts;
    countBoth(a, b, among, this.#failing, this.#cellWords, this.#cellCounts);
    const sessions = new Uint32Array(cohorts.length);
    const failing = new Uint32Array(cohorts.length);
    for (let cell = 0; cell < cells; cell++) {
      const all = this.#cellCounts[2 * cell] as number;
      if (all === 0) continue;
      const fails = this.#cellCounts[2 * cell + 1] as number;
      const end = cohortOffsets[cell + 1] as number;
      for (let at = cohortOffsets[cell] as number; at < end; at++) {
        const cohort = cohortsOfCell[at] as number;
        sessions[cohort] = (sessions[cohort] as number) + all;
        failing[cohort] = (failing[cohort] as number) + fails;
      }
    }
    return { sessions, failing };
  }

  /** Calls back with the sessions of a set. */
  forEach(bits: Uint32Array, callback: (session: number) => void): void {
    for (let word = 0; word < bits.length; word++) {
      for (let rest = bits[word] as number; rest !== 0; rest &= rest - 1) {
        callback(this.#slots[word * 32 + 31 - Math.clz32(rest & -rest)] as number);
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

function setBit(bits: Uint32Array, at: number): void {
  bits[at >>> 5] = (bits[at >>> 5] as number) | (1 << (at & 31));
}
