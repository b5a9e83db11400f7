import { addWordsModule, wordsAtOnce } from "../../kernels/wasm/add-words.js";
import { sharedUint32 } from "../columns/shared.js";
import { FAILING, NORMAL, type Segments } from "./segment.js";

/** What is folded: sessions by column and cell of a subject, into those by cohort and KPI. */
export interface FoldInput extends Pick<Segments, "columns" | "standing"> {
  readonly kpis: number;
  /** Failing sessions alone are folded. */
  readonly failingOnly: boolean;
  /** Of the subject. */
  readonly cells: number;
  readonly cohorts: number;
}

/** Counts of sessions that share their cohorts, unit by unit, and what comes of them. */
export interface Fold {
  /** Uint32Array(columns × cells), for a unit to be counted in; `add` leaves zeros */
  readonly counts: Uint32Array;
  /**
   * Adds a unit's counts to every cohort of its sessions.
   * @param used - Uint8Array(columns): 0 where a column has no counts
   * @param cohorts - its cohorts are [first, last) of it
   */
  add(used: Uint8Array, cohorts: Uint32Array, first: number, last: number): void;
  /** Uint32Array(cohorts × KPIs × 2 × cells) on shared memory, as `tally` gives it */
  result(): Uint32Array;
}

/** Most bytes that a thread keeps for folds of WebAssembly. */
const MOST_BYTES = 1 << 28;
const PAGE_BYTES = 1 << 16;

/** A fold: by WebAssembly unless it is too large. */
export function foldOf(input: FoldInput): Fold {
  const fold = new VectorFold(input);
  return fold.bytes <= MOST_BYTES ? fold.begin() : new PlainFold(input);
}

/** A thread's memory for folds, and what adds in it. */
interface FoldMemory {
  readonly memory: WebAssembly.Memory;
  readonly addWords: (from: number, to: number, end: number) => number;
}

let own: FoldMemory | null = null;

/**
 * Memory of at least so many bytes. What has become too small is left, and not grown: to grow takes the buffer from under the arrays on it, and
 * once that has happened V8 looks at every access to any typed array of the thread whether it has, which makes kernels a fourth slower.
 */
function foldMemory(bytes: number): FoldMemory {
  if (own === null || own.memory.buffer.byteLength < bytes) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const module = new WebAssembly.Module(addWordsModule().slice());
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    own = { memory, addWords: exports["addWords"] as FoldMemory["addWords"] };
  }
  return own;
}

/**
 * Adds 16 counts at a time, zeros too: whether one is 0 cannot be predicted. A thread folds once at a time: the memory is that of all its folds.
 * Of the rows of KPIs there are those alone that are asked for; rows are padded.
 */
class VectorFold implements Fold {
  readonly bytes: number;
  counts: Uint32Array = new Uint32Array(0);
  readonly #input: FoldInput;
  /** By column, the rows that its sessions count in. */
  readonly #rowsOf: readonly (readonly number[])[];
  readonly #rows: number;
  /** Bytes of a column, a padded row, and all rows. */
  readonly #columnBytes: number;
  readonly #rowBytes: number;
  readonly #allBytes: number;
  /** Where the unit's rows are, and those of the first cohort. */
  readonly #folded: number;
  readonly #out: number;
  #memory: FoldMemory | null = null;
  #words: Uint32Array = new Uint32Array(0);

  constructor(input: FoldInput) {
    const { columns, cells, cohorts, kpis, failingOnly } = input;
    this.#input = input;
    this.#rowsOf = rowsOfColumns(input);
    this.#rows = failingOnly ? kpis : kpis * 2;
    this.#columnBytes = cells * 4;
    this.#rowBytes = Math.ceil(cells / wordsAtOnce) * wordsAtOnce * 4;
    this.#allBytes = this.#rows * this.#rowBytes;
    // from a multiple of 64 on, so that no vector is in two lines of the cache
    this.#folded = Math.ceil((columns * this.#columnBytes) / 64) * 64;
    this.#out = this.#folded + this.#allBytes;
    this.bytes = this.#out + cohorts * this.#allBytes;
  }

  /** Takes the thread's memory. */
  begin(): this {
    const { columns, cells } = this.#input;
    this.#memory = foldMemory(this.bytes);
    this.#words = new Uint32Array(this.#memory.memory.buffer, 0, this.bytes / 4).fill(0);
    this.counts = this.#words.subarray(0, columns * cells);
    return this;
  }

  add(used: Uint8Array, cohorts: Uint32Array, first: number, last: number): void {
    for (let column = 0; column < used.length; column++) if (used[column] !== 0) this.#addColumn(column);
    for (let at = first; at < last; at++) this.#addTo(cohorts[at] as number);
    this.#words.fill(0, this.#folded / 4, this.#out / 4);
  }

  #addColumn(column: number): void {
    const { cells } = this.#input;
    const rows = this.#rowsOf[column] as readonly number[];
    for (let at = 0; at < rows.length; at++) {
      const to = this.#folded + (rows[at] as number) * this.#rowBytes;
      // what follows the column comes into the padding, which nobody reads
      this.#memory?.addWords(column * this.#columnBytes, to, to + this.#rowBytes);
    }
    this.counts.fill(0, column * cells, (column + 1) * cells);
  }

  #addTo(cohort: number): void {
    const to = this.#out + cohort * this.#allBytes;
    this.#memory?.addWords(this.#folded, to, to + this.#allBytes);
  }

  result(): Uint32Array {
    const { cohorts, cells, kpis, failingOnly } = this.#input;
    const out = sharedUint32(Math.max(1, cohorts * kpis * 2 * cells));
    for (let row = 0; row < cohorts * this.#rows; row++) {
      const from = (this.#out + row * this.#rowBytes) / 4;
      out.set(this.#words.subarray(from, from + cells), (failingOnly ? row * 2 + 1 : row) * cells);
    }
    return out;
  }
}

/** By column, its rows among those of the fold. */
function rowsOfColumns({ columns, standing, kpis, failingOnly }: FoldInput): number[][] {
  const all = Array.from({ length: kpis }, (_, kpi) => kpi);
  return Array.from({ length: columns }, (_, column) =>
    all.flatMap((kpi) => {
      const what = standing[column * kpis + kpi] as number;
      if (failingOnly) return what === FAILING ? [kpi] : [];
      return what < NORMAL ? [] : [kpi * 2 + what - 1];
    }),
  );
}

/** The same without WebAssembly, in memory of its own size. */
export class PlainFold implements Fold {
  readonly counts: Uint32Array;
  readonly #input: FoldInput;
  readonly #folded: Uint32Array;
  readonly #out: Uint32Array;

  /** @param input - of any size */
  constructor(input: FoldInput) {
    const { columns, cells, cohorts, kpis } = input;
    this.#input = input;
    this.counts = new Uint32Array(columns * cells);
    this.#folded = new Uint32Array(kpis * 2 * cells);
    this.#out = sharedUint32(Math.max(1, cohorts * kpis * 2 * cells));
  }

  /** Adds a unit's counts to every cohort of its sessions. */
  add(used: Uint8Array, cohorts: Uint32Array, first: number, last: number): void {
    const { cells, standing, kpis, failingOnly } = this.#input;
    const least = failingOnly ? FAILING : NORMAL;
    for (let column = 0; column < used.length; column++) {
      if (used[column] === 0) continue;
      foldColumn(this.counts, column * cells, cells, standing, column * kpis, kpis, least, this.#folded);
    }
    const rows = kpis * 2;
    for (let row = 0; row < rows; row++) {
      foldRow(this.#folded, row * cells, cells, cohorts, first, last, row, rows, this.#out);
    }
  }

  /** What all units came to. */
  result(): Uint32Array {
    return this.#out;
  }
}

/**
 * Adds a column's counts to the rows of the KPIs that it is something to, and clears it.
 * @param least - what it must be: normal, or failing
 */
function foldColumn(
  counts: Uint32Array,
  from: number,
  cells: number,
  standing: Uint8Array,
  firstStanding: number,
  kpis: number,
  least: number,
  folded: Uint32Array,
): void {
  for (let cell = 0; cell < cells; cell++) {
    const value = counts[from + cell] as number;
    if (value === 0) continue;
    counts[from + cell] = 0;
    for (let kpi = 0; kpi < kpis; kpi++) {
      const what = standing[firstStanding + kpi] as number;
      if (what < least) continue;
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
