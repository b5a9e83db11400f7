import type { Codes } from "../columns/event-table.js";

/** Keys, each of a cell and values, up to which they are looked up in a table instead of hashed. */
export const MOST_TABLED_KEYS: number = 1 << 24;

/** Sessions whose keys stay in the cache from attribute to attribute. */
const SESSIONS_AT_ONCE = 1 << 12;

/** An attribute that tells cells apart. */
export interface CellAttribute {
  readonly codes: Codes;
  /** Uint32Array(dictionary + 1): 0 for all values that are no cohort, else their numbers from 1 */
  readonly keptOf: Uint32Array;
  /** Numbers, 0 included. */
  readonly width: number;
}

/** Splitting the cells of a range of sessions by the values of some attributes. */
export interface SplitCellsInput {
  readonly start: number;
  readonly end: number;
  /** Uint32Array(S): numbers that `found` knows before; the range's own numbers of its cells after */
  readonly cellOf: Uint32Array;
  /** Uint32Array: the cell of each number; null: all sessions are in cell 0 */
  readonly found: Uint32Array | null;
  readonly cells: number;
  readonly attributes: readonly CellAttribute[];
}

/**
 * Gives the sessions of a range numbers by cell and values, as they appear. O(sessions × attributes).
 * @returns Float64Array: the key of each number, the cell and then the values as digits
 */
export function splitCells({ start, end, cellOf, found, cells, attributes }: SplitCellsInput): Float64Array {
  const different = attributes.reduce((product, { width }) => product * width, cells);
  const table = different <= MOST_TABLED_KEYS ? new Uint32Array(different) : null;
  const numberOf = new Map<number, number>();
  const met: number[] = [];
  const keys = new Float64Array(SESSIONS_AT_ONCE);
  for (let from = start; from < end; from += SESSIONS_AT_ONCE) {
    const numbers = cellOf.subarray(from, Math.min(end, from + SESSIONS_AT_ONCE));
    for (let at = 0; at < numbers.length; at++)
      keys[at] = found === null ? 0 : (found[numbers[at] as number] as number);
    for (const { codes, keptOf, width } of attributes) addValues(keys, numbers.length, codes, from, keptOf, width);
    if (table !== null) numberByTable(keys, table, met, numbers);
    else numberByHash(keys, numberOf, met, numbers);
  }
  return Float64Array.from(met);
}

/** Makes each key `key × width + value`. */
function addValues(
  keys: Float64Array,
  count: number,
  codes: Codes,
  start: number,
  keptOf: Uint32Array,
  width: number,
): void {
  for (let at = 0; at < count; at++) {
    keys[at] = (keys[at] as number) * width + (keptOf[codes[start + at] as number] as number);
  }
}

/** @param table - Uint32Array(keys): one more than the number of each key that was met, written */
function numberByTable(keys: Float64Array, table: Uint32Array, met: number[], numbers: Uint32Array): void {
  for (let at = 0; at < numbers.length; at++) {
    const key = keys[at] as number;
    if (table[key] === 0) table[key] = met.push(key);
    numbers[at] = (table[key] as number) - 1;
  }
}

function numberByHash(keys: Float64Array, numberOf: Map<number, number>, met: number[], numbers: Uint32Array): void {
  for (let at = 0; at < numbers.length; at++) {
    const key = keys[at] as number;
    let number = numberOf.get(key);
    if (number === undefined) {
      number = met.push(key) - 1;
      numberOf.set(key, number);
    }
    numbers[at] = number;
  }
}

/** Two attributes, whose pairs of values are groups. */
export interface PairedAttributes {
  /** Among the attributes that tell cells apart. */
  readonly first: number;
  readonly second: number;
  /** Numbers of the second. */
  readonly width: number;
  /** Group of a pair of values: `offset + first × width + second` */
  readonly offset: number;
}

/** Naming the cells of a range of users, and counting them. */
export interface CountCellsInput {
  readonly userOffsets: Uint32Array;
  readonly userStart: number;
  readonly userEnd: number;
  /** Uint8Array(S): 1 for sessions that count */
  readonly counted: Uint8Array;
  /** Uint32Array(S): the range's own numbers before, cells after */
  readonly cellOf: Uint32Array;
  /** Uint32Array: the cell of each number; null: all sessions are in cell 0 */
  readonly found: Uint32Array | null;
  readonly cells: number;
  /** Uint32Array(cells × attributes): the values of each cell */
  readonly values: Uint32Array;
  readonly pairs: readonly PairedAttributes[];
  /** Of all pairs. */
  readonly groups: number;
}

/** Sizes of cells and groups. */
export interface CellCounts {
  /** Uint32Array(cells) */
  readonly sessions: Uint32Array;
  /** Uint32Array(cells): users whose first session that counts is in it */
  readonly firstUsers: Uint32Array;
  /** Uint32Array(groups): users who have sessions in it, but not their first one */
  readonly laterUsers: Uint32Array;
}

/**
 * Counts sessions by cell, and users by group. Most users stay in one cell: for the first of a user's cells it is enough to note the
 * cell, and the groups are looked at for each further one. O(sessions + cells of users × pairs).
 */
export function countCells(input: CountCellsInput): CellCounts {
  const { userOffsets, userStart, userEnd, counted, cellOf, found, cells, groups } = input;
  const counts = {
    sessions: new Uint32Array(cells),
    firstUsers: new Uint32Array(cells),
    laterUsers: new Uint32Array(groups),
  };
  if (found !== null) nameCells(cellOf, userOffsets[userStart] as number, userOffsets[userEnd] as number, found);
  // one more than the last user met in each
  const userOfCell = new Uint32Array(cells);
  const userOfGroup = new Uint32Array(groups);
  for (let user = userStart; user < userEnd; user++) {
    const end = userOffsets[user + 1] as number;
    let first = -1;
    let isMarked = false;
    for (let session = userOffsets[user] as number; session < end; session++) {
      if (counted[session] === 0) continue;
      const cell = cellOf[session] as number;
      counts.sessions[cell] = (counts.sessions[cell] as number) + 1;
      if (userOfCell[cell] === user + 1) continue;
      userOfCell[cell] = user + 1;
      if (first === -1) {
        first = cell;
        counts.firstUsers[cell] = (counts.firstUsers[cell] as number) + 1;
        continue;
      }
      if (!isMarked) meetGroups(input, first, user, userOfGroup, null);
      isMarked = true;
      meetGroups(input, cell, user, userOfGroup, counts.laterUsers);
    }
  }
  return counts;
}

function nameCells(cellOf: Uint32Array, start: number, end: number, found: Uint32Array): void {
  for (let session = start; session < end; session++) cellOf[session] = found[cellOf[session] as number] as number;
}

/** Notes that a user was met in a cell's groups, and counts those where for the first time. */
function meetGroups(
  { values, pairs, cells }: CountCellsInput,
  cell: number,
  user: number,
  userOfGroup: Uint32Array,
  users: Uint32Array | null,
): void {
  const own = cell * (values.length / cells);
  for (let pair = 0; pair < pairs.length; pair++) {
    const { first, second, width, offset } = pairs[pair] as PairedAttributes;
    const group = offset + (values[own + first] as number) * width + (values[own + second] as number);
    if (userOfGroup[group] === user + 1) continue;
    userOfGroup[group] = user + 1;
    if (users !== null) users[group] = (users[group] as number) + 1;
  }
}
