import type { AdjustedRows } from "../statistics/aipw.js";
import type { SessionRows } from "./modelled-sessions.js";

/** Levels of a covariate with a coefficient of their own; the rest share one. */
const MOST_LEVELS = 32;
const FOLDS = 2;

/** A covariate of sessions, as codes. */
export interface Covariate {
  readonly name: string;
  readonly levels: number;
  /** Uint32Array: those of some sessions */
  readonly codesOf: (sessions: Uint32Array) => Uint32Array;
}

/**
 * Collapses sessions to rows of equal user and covariates. O(sessions × covariates).
 * @param users - how many are modelled
 * @param isBinary - whether outcomes are failures
 * @param outcomes - Float64Array: those of the sessions
 */
export function adjustedRows(
  covariates: readonly Covariate[],
  users: number,
  isBinary: boolean,
  sessions: SessionRows,
  outcomes: Float64Array,
): {
  readonly rows: AdjustedRows;
  /** Names of the covariates with more than one level. */
  readonly used: readonly string[];
} {
  const { session: own } = sessions;
  const patternOf = new Uint32Array(own.length);
  const used: string[] = [];
  let patterns = Math.min(1, own.length);
  const columnsOf: { readonly codes: Uint32Array; readonly first: number }[] = [];
  let columns = 1;
  for (const { name, codesOf, levels } of covariates) {
    const codes = codesOf(own);
    const kept = keepFrequent(codes, levels);
    if (kept < 2) continue;
    used.push(name);
    patterns = refine(patternOf, codes, kept);
    columnsOf.push({ codes, first: columns });
    // level 0, the most frequent, is what the others are compared with
    columns += kept - 1;
  }
  const first = new Uint32Array(patterns);
  findFirst(patternOf, first);
  // the constant, then the covariates, so that columns ascend within a pattern
  const widths = new Uint32Array(patterns + 1).fill(1, 1);
  for (const { codes } of columnsOf) addWidths(codes, first, widths);
  const starts = widths;
  addUp(starts);
  const column = new Uint16Array(starts[patterns] as number);
  const next = starts.slice(0, patterns);
  addOnes(next);
  for (const { codes, first: firstColumn } of columnsOf) putColumns(codes, first, firstColumn, next, column);
  const design = { columns, starts, column, value: null };
  const fold = Uint8Array.from({ length: users }, (_, user) => user % FOLDS);
  const sums = sumRows(sessions, outcomes, patternOf, patterns);
  return { rows: { design, folds: FOLDS, fold, outcome: isBinary ? "failures" : "values", ...sums }, used };
}

function sumRows(
  sessions: SessionRows,
  outcomes: Float64Array,
  patternOf: Uint32Array,
  patterns: number,
): Pick<AdjustedRows, "user" | "pattern" | "y1" | "n1" | "y0" | "n0"> {
  const most = patternOf.length;
  const [user, pattern] = [new Uint32Array(most), new Uint32Array(most)];
  const [y1, n1, y0, n0] = [0, 1, 2, 3].map(() => new Float64Array(most)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const rows = collapse(sessions, outcomes, patternOf, patterns, { user, pattern, y1, n1, y0, n0 });
  return {
    user: user.slice(0, rows),
    pattern: pattern.slice(0, rows),
    y1: y1.slice(0, rows),
    n1: n1.slice(0, rows),
    y0: y0.slice(0, rows),
    n0: n0.slice(0, rows),
  };
}

/** The first session of each pattern. */
function findFirst(patternOf: Uint32Array, first: Uint32Array): void {
  for (let at = patternOf.length - 1; at >= 0; at--) first[patternOf[at] as number] = at;
}

function addWidths(codes: Uint32Array, first: Uint32Array, widths: Uint32Array): void {
  for (let pattern = 0; pattern < first.length; pattern++) {
    const isColumn = (codes[first[pattern] as number] as number) > 0 ? 1 : 0;
    widths[pattern + 1] = (widths[pattern + 1] as number) + isColumn;
  }
}

function addUp(counts: Uint32Array): void {
  for (let at = 1; at < counts.length; at++) counts[at] = (counts[at] as number) + (counts[at - 1] as number);
}

function addOnes(places: Uint32Array): void {
  for (let at = 0; at < places.length; at++) places[at] = (places[at] as number) + 1;
}

function putColumns(
  codes: Uint32Array,
  first: Uint32Array,
  firstColumn: number,
  next: Uint32Array,
  column: Uint16Array,
): void {
  for (let pattern = 0; pattern < first.length; pattern++) {
    const level = codes[first[pattern] as number] as number;
    if (level === 0) continue;
    const to = next[pattern] as number;
    next[pattern] = to + 1;
    column[to] = firstColumn + level - 1;
  }
}

/** Sums sessions by user and pattern, users ascending. Returns how many rows there are. */
function collapse(
  { user: users, member, weight: weights }: SessionRows,
  outcomes: Float64Array,
  patternOf: Uint32Array,
  patterns: number,
  { user, pattern, y1, n1, y0, n0 }: Pick<AdjustedRows, "user" | "pattern" | "y1" | "n1" | "y0" | "n0">,
): number {
  // the row that a pattern had last, which is that of the user or of one before
  const rowOf = new Uint32Array(patterns);
  let rows = 0;
  for (let at = 0; at < patternOf.length; at++) {
    const own = patternOf[at] as number;
    const ownUser = users[at] as number;
    let row = rowOf[own] as number;
    if (row >= rows || pattern[row] !== own || user[row] !== ownUser) {
      row = rows++;
      rowOf[own] = row;
      user[row] = ownUser;
      pattern[row] = own;
    }
    const weight = weights[at] as number;
    const y = weight * (outcomes[at] as number);
    if (member[at] === 1) {
      y1[row] = (y1[row] as number) + y;
      n1[row] = (n1[row] as number) + weight;
    } else {
      y0[row] = (y0[row] as number) + y;
      n0[row] = (n0[row] as number) + weight;
    }
  }
  return rows;
}

/** Puts in place of codes how many others are more frequent, the rare sharing the last; returns how many are left. */
function keepFrequent(codes: Uint32Array, levels: number): number {
  const counts = new Float64Array(levels);
  countCodes(codes, counts);
  const order = Uint32Array.from(counts, (_, level) => level)
    .filter((level) => (counts[level] as number) > 0)
    .sort((a, b) => (counts[b] as number) - (counts[a] as number) || a - b);
  const levelOf = new Uint32Array(levels);
  for (const [place, level] of order.entries()) levelOf[level] = Math.min(place, MOST_LEVELS - 1);
  replaceCodes(codes, levelOf);
  return Math.min(order.length, MOST_LEVELS);
}

function countCodes(codes: Uint32Array, counts: Float64Array): void {
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    counts[code] = (counts[code] as number) + 1;
  }
}

function replaceCodes(codes: Uint32Array, levelOf: Uint32Array): void {
  for (let at = 0; at < codes.length; at++) codes[at] = levelOf[codes[at] as number] as number;
}

/** Tells patterns apart by a further covariate, numbered as they first appear; returns how many there are. */
function refine(patternOf: Uint32Array, codes: Uint32Array, levels: number): number {
  const bits = 33 - Math.clz32(patternOf.length);
  const mask = (1 << bits) - 1;
  const keys = new Int32Array(mask + 1).fill(-1);
  const ids = new Uint32Array(mask + 1);
  let count = 0;
  for (let at = 0; at < patternOf.length; at++) {
    const key = (patternOf[at] as number) * levels + (codes[at] as number);
    let slot = Math.imul(key, 0x9e3779b1) >>> (32 - bits);
    while (keys[slot] !== key && keys[slot] !== -1) slot = (slot + 1) & mask;
    if (keys[slot] === -1) {
      keys[slot] = key;
      ids[slot] = count++;
    }
    patternOf[at] = ids[slot] as number;
  }
  return count;
}
