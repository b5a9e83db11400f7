import type { Cohorts } from "../engine/cohorts.js";
import { sharedUint32 } from "../engine/columns/shared.js";
import { type Execution, type KpiOutcome, placeOfKpi } from "../engine/execution.js";
import { FAILING, NOT_COUNTED, type Segments } from "../engine/passes/segment.js";
import { EMPTY_SLOT } from "../kernels/mark-slots.js";

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
