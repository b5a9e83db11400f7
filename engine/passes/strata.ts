import { countBits } from "../../kernels/bits.js";
import { insertStratum, stratumSumsLength } from "../../kernels/stratum-sums.js";
import type { Codes } from "../columns/event-table.js";
import { PartitionError } from "./partition-error.js";
import { FAILING } from "./segment.js";

/** A way to divide sessions into strata. */
export interface StrataCodes {
  /** (S), below `levels` */
  readonly codes: Codes;
  /** Null: `codes` alone; else a stratum is `codes × width + second`. */
  readonly second: { readonly codes: Codes; readonly width: number } | null;
  readonly levels: number;
}

/** Sessions that are compared, the ways in which they are stratified, and the hypotheses that are. */
export interface StrataTotal {
  readonly kpi: number;
  /** Uint32Array(words) */
  readonly compared: Uint32Array;
  /** Indices of `stratifications`. */
  readonly by: readonly number[];
  /** Uint32Array(words) each: members, all of them compared */
  readonly members: readonly Uint32Array[];
}

/** What is summed within strata. */
export interface StrataInput {
  /** `outcome`: Float64Array(S) of a numeric KPI; null: 1 where it fails, else 0 */
  readonly kpis: readonly { readonly state: Uint8Array; readonly outcome: Float64Array | null }[];
  readonly stratifications: readonly StrataCodes[];
  readonly totals: readonly StrataTotal[];
  /** Uint32Array(P + 1): partition p has sessions [sessionStarts[p], sessionStarts[p + 1]) */
  readonly sessionStarts: Uint32Array;
  /** Uint32Array(P + 1): and words [wordOffsets[p], wordOffsets[p + 1]) of each set */
  readonly wordOffsets: Uint32Array;
  /** Int32Array(1) on shared memory: the next pair of a total and one of its stratifications. */
  readonly next: Int32Array;
  /** Float64Array(pairs), by total, then stratification: share of the outcome's variance that the strata take, of totals without members */
  readonly taken: Float64Array;
  /** Float64Array(pairs and their members × 9), by total, stratification, then members: sums of `insertStratum` */
  readonly sums: Float64Array;
}

/** Numbers of a level in a table: y, n. */
const WIDTH = 2;

/**
 * Sums outcomes of members and others within strata, a pair of a total and a stratification at a time, so that all that is in
 * flight is one table of strata a thread, and every sum is made by one thread in the order of sessions. O(compared + members)
 * for each pair.
 */
export function sumStrata(input: StrataInput): null {
  const { totals, next, stratifications } = input;
  const most = Math.max(0, ...stratifications.map(({ levels }) => levels));
  const all = new Float64Array(most * WIDTH);
  const own = new Float64Array(most * WIDTH);
  const touched = new Uint32Array(most);
  const pairs = totals.flatMap((total) => total.by.map((by) => ({ total, by })));
  const sumsAt = new Uint32Array(pairs.length + 1);
  for (const [at, { total }] of pairs.entries()) {
    sumsAt[at + 1] = (sumsAt[at] as number) + total.members.length * stratumSumsLength;
  }
  let gathered: Gathered | undefined;
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    const pair = pairs[turn];
    if (pair === undefined) return null;
    try {
      // turns go from total to total, so that a thread meets each once
      if (gathered?.total !== pair.total) gathered = new Gathered(input, pair.total);
      const strata = stratifications[pair.by] as StrataCodes;
      all.fill(0, 0, strata.levels * WIDTH);
      addLevels(gathered.compared, gathered.levelsOf(strata, gathered.compared), all, touched);
      if (pair.total.members.length === 0) input.taken[turn] = shareTaken(gathered.compared, strata.levels, all);
      for (const [index, members] of gathered.members.entries()) {
        const count = addLevels(members, gathered.levelsOf(strata, members), own, touched);
        sumTouched(touched, count, own, all, input.sums, (sumsAt[turn] as number) + index * stratumSumsLength);
      }
    } catch (error) {
      throw new PartitionError(turn, pairs.length, error);
    }
  }
}

/** Sessions of a set, in order, with their outcomes. */
interface SessionList {
  readonly sessions: Uint32Array;
  readonly y: Float64Array;
}

/** What a total's pairs share: its sessions as lists, and the levels of one stratification at a time. */
class Gathered {
  readonly total: StrataTotal;
  readonly compared: SessionList;
  readonly members: readonly SessionList[];
  readonly #levels: Uint32Array;

  constructor(input: StrataInput, total: StrataTotal) {
    this.total = total;
    this.compared = listOf(input, total.kpi, total.compared);
    this.members = total.members.map((set) => listOf(input, total.kpi, set));
    this.#levels = new Uint32Array(this.compared.sessions.length);
  }

  /** Uint32Array, as long as the list at the least: valid up to the next call */
  levelsOf({ codes, second }: StrataCodes, { sessions }: SessionList): Uint32Array {
    const levels = this.#levels;
    copyCodes(codes, sessions, levels);
    if (second !== null) addCodes(second.codes, second.width, sessions, levels);
    return levels;
  }
}

function listOf({ kpis, sessionStarts, wordOffsets }: StrataInput, kpi: number, set: Uint32Array): SessionList {
  const { state, outcome } = kpis[kpi] as StrataInput["kpis"][number];
  const sessions = new Uint32Array(countBits(set));
  let count = 0;
  for (let part = 0; part + 1 < wordOffsets.length; part++) {
    const base = wordOffsets[part] as number;
    const end = wordOffsets[part + 1] as number;
    for (let word = base; word < end; word++) {
      const start = (sessionStarts[part] as number) + ((word - base) << 5);
      for (let rest = set[word] as number; rest !== 0; rest &= rest - 1) {
        sessions[count++] = start + 31 - Math.clz32(rest & -rest);
      }
    }
  }
  const y = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    const session = sessions[at] as number;
    y[at] = outcome === null ? (state[session] === FAILING ? 1 : 0) : (outcome[session] as number);
  }
  return { sessions, y };
}

/** Adds y and n to strata; the strata that were empty, in order of appearance, go to `touched`. */
function addLevels({ y }: SessionList, levels: Uint32Array, table: Float64Array, touched: Uint32Array): number {
  let count = 0;
  for (let at = 0; at < y.length; at++) {
    const place = (levels[at] as number) * WIDTH;
    if (table[place + 1] === 0) touched[count++] = levels[at] as number;
    table[place] = (table[place] as number) + (y[at] as number);
    table[place + 1] = (table[place + 1] as number) + 1;
  }
  return count;
}

/** Brings the strata of members together, and empties their table for the next. */
function sumTouched(
  touched: Uint32Array,
  count: number,
  own: Float64Array,
  all: Float64Array,
  sums: Float64Array,
  at: number,
): void {
  for (let i = 0; i < count; i++) {
    const level = (touched[i] as number) * WIDTH;
    const y1 = own[level] as number;
    const n1 = own[level + 1] as number;
    insertStratum(sums, y1, n1, (all[level] as number) - y1, (all[level + 1] as number) - n1, at);
    own[level] = 0;
    own[level + 1] = 0;
  }
}

/** Share of the variance of the outcome that lies between strata; 0 where it has none. */
function shareTaken({ y: values }: SessionList, levels: number, table: Float64Array): number {
  let [n, y, yy, between] = [0, 0, 0, 0];
  for (let at = 0; at < levels * WIDTH; at += WIDTH) {
    const count = table[at + 1] as number;
    if (count === 0) continue;
    const sum = table[at] as number;
    n += count;
    y += sum;
    between += (sum * sum) / count;
  }
  for (let at = 0; at < values.length; at++) yy += (values[at] as number) ** 2;
  const variance = yy - (y * y) / n;
  return variance > 0 ? (between - (y * y) / n) / variance : 0;
}

// a loop for each class of array: one for all of them would be slow in every one

function copyCodes(codes: Codes, sessions: Uint32Array, levels: Uint32Array): void {
  if (codes instanceof Uint8Array)
    for (let at = 0; at < sessions.length; at++) levels[at] = codes[sessions[at] as number] as number;
  else if (codes instanceof Uint16Array)
    for (let at = 0; at < sessions.length; at++) levels[at] = codes[sessions[at] as number] as number;
  else for (let at = 0; at < sessions.length; at++) levels[at] = codes[sessions[at] as number] as number;
}

function addCodes(codes: Codes, width: number, sessions: Uint32Array, levels: Uint32Array): void {
  if (codes instanceof Uint8Array) {
    for (let at = 0; at < sessions.length; at++) {
      levels[at] = (levels[at] as number) * width + (codes[sessions[at] as number] as number);
    }
  } else if (codes instanceof Uint16Array) {
    for (let at = 0; at < sessions.length; at++) {
      levels[at] = (levels[at] as number) * width + (codes[sessions[at] as number] as number);
    }
  } else {
    for (let at = 0; at < sessions.length; at++) {
      levels[at] = (levels[at] as number) * width + (codes[sessions[at] as number] as number);
    }
  }
}
