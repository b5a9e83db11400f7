import type { Cohorts } from "../engine/cohorts.js";
import { sharedUint32 } from "../engine/columns/shared.js";
import { type Execution, type KpiOutcome, placeOfKpi } from "../engine/execution.js";
import { FAILING, type Segments } from "../engine/passes/segment.js";
import { listNonZero } from "../kernels/list-non-zero.js";
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
  const all = new Uint32Array(state.length);
  const listed = shared(all.subarray(0, listNonZero(state, all)));
  const sizes = new Uint32Array(cells);
  countByCell(listed, cellOf, sizes);
  const cellWords = sharedUint32(cells + 1);
  addWords(sizes, cellWords);
  const words = cellWords[cells] as number;
  const slots = sharedUint32(words * 32).fill(EMPTY_SLOT);
  const slotOf = sharedUint32(listed.length);
  const [counted, failing] = [sharedUint32(words), sharedUint32(words)];
  const next = cellWords.map((word) => word * 32);
  placeSessions(listed, cellOf, placeOf, state, next, slots, slotOf, failing);
  for (let cell = 0; cell < cells; cell++) {
    setFirst((cellWords[cell] as number) * 32, next[cell] as number, counted);
  }
  return { slots, sessions, listed, slotOf, cellWords, counted, failing };
}

function shared(values: Uint32Array): Uint32Array {
  const out = sharedUint32(values.length);
  out.set(values);
  return out;
}

function countByCell(listed: Uint32Array, cellOf: Uint32Array, sizes: Uint32Array): void {
  for (let at = 0; at < listed.length; at++) {
    const cell = cellOf[listed[at] as number] as number;
    sizes[cell] = (sizes[cell] as number) + 1;
  }
}

function addWords(sizes: Uint32Array, cellWords: Uint32Array): void {
  for (let cell = 0; cell < sizes.length; cell++) {
    cellWords[cell + 1] = (cellWords[cell] as number) + Math.ceil((sizes[cell] as number) / 32);
  }
}

function placeSessions(
  listed: Uint32Array,
  cellOf: Uint32Array,
  placeOf: Uint32Array,
  state: Uint8Array,
  next: Uint32Array,
  slots: Uint32Array,
  slotOf: Uint32Array,
  failing: Uint32Array,
): void {
  for (let at = 0; at < listed.length; at++) {
    const session = listed[at] as number;
    const cell = cellOf[session] as number;
    const slot = next[cell] as number;
    next[cell] = slot + 1;
    slots[slot] = placeOf[session] as number;
    slotOf[at] = slot;
    const fails = state[session] === FAILING ? 1 : 0;
    failing[slot >>> 5] = (failing[slot >>> 5] as number) | (fails << (slot & 31));
  }
}

/** Sets the bits from the first of a word up to another. */
function setFirst(first: number, end: number, bits: Uint32Array): void {
  bits.fill(0xffffffff, first >>> 5, end >>> 5);
  if ((end & 31) !== 0) bits[end >>> 5] = 2 ** (end & 31) - 1;
}
