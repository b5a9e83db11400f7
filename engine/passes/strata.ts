import { insertStratum, stratumSumsLength } from "../../kernels/stratum-sums.js";
import type { Codes } from "../columns/event-table.js";
import { PartitionError } from "./evaluate.js";
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
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    const pair = pairs[turn];
    if (pair === undefined) return null;
    try {
      sumPair(input, pair.total, pair.by, turn, sumsAt[turn] as number, all, own, touched);
    } catch (error) {
      throw new PartitionError(turn, pairs.length, error);
    }
  }
}

function sumPair(
  input: StrataInput,
  { kpi, compared, members }: StrataTotal,
  by: number,
  turn: number,
  sumsAt: number,
  all: Float64Array,
  own: Float64Array,
  touched: Uint32Array,
): void {
  const { kpis, stratifications, taken, sums } = input;
  const { state, outcome } = kpis[kpi] as StrataInput["kpis"][number];
  const strata = stratifications[by] as StrataCodes;
  all.fill(0, 0, strata.levels * WIDTH);
  addSessions(input, compared, strata, state, outcome, all, touched);
  if (members.length === 0) taken[turn] = shareTaken(input, compared, strata, outcome, all);
  for (const [index, set] of members.entries()) {
    const count = addSessions(input, set, strata, state, outcome, own, touched);
    const at = sumsAt + index * stratumSumsLength;
    for (let i = 0; i < count; i++) {
      const level = (touched[i] as number) * WIDTH;
      const y1 = own[level] as number;
      const n1 = own[level + 1] as number;
      insertStratum(sums, y1, n1, (all[level] as number) - y1, (all[level + 1] as number) - n1, at);
      own[level] = 0;
      own[level + 1] = 0;
    }
  }
}

/** Adds y and n of sessions to their strata; the strata that were empty, in order of appearance, go to `touched`. */
function addSessions(
  { sessionStarts, wordOffsets }: StrataInput,
  set: Uint32Array,
  { codes, second }: StrataCodes,
  state: Uint8Array,
  outcome: Float64Array | null,
  table: Float64Array,
  touched: Uint32Array,
): number {
  let count = 0;
  for (let part = 0; part + 1 < wordOffsets.length; part++) {
    const base = wordOffsets[part] as number;
    const end = wordOffsets[part + 1] as number;
    for (let word = base; word < end; word++) {
      const start = (sessionStarts[part] as number) + ((word - base) << 5);
      for (let rest = set[word] as number; rest !== 0; rest &= rest - 1) {
        const session = start + 31 - Math.clz32(rest & -rest);
        const first = codes[session] as number;
        const level = second === null ? first : first * second.width + (second.codes[session] as number);
        const y = outcome === null ? (state[session] === FAILING ? 1 : 0) : (outcome[session] as number);
        const at = level * WIDTH;
        if (table[at + 1] === 0) touched[count++] = level;
        table[at] = (table[at] as number) + y;
        table[at + 1] = (table[at + 1] as number) + 1;
      }
    }
  }
  return count;
}

/** Share of the variance of the outcome that lies between strata; 0 where it has none. */
function shareTaken(
  { sessionStarts, wordOffsets }: StrataInput,
  set: Uint32Array,
  { levels }: StrataCodes,
  outcome: Float64Array | null,
  table: Float64Array,
): number {
  let [n, y, yy, between] = [0, 0, 0, 0];
  for (let at = 0; at < levels * WIDTH; at += WIDTH) {
    const count = table[at + 1] as number;
    if (count === 0) continue;
    const sum = table[at] as number;
    n += count;
    y += sum;
    between += (sum * sum) / count;
  }
  if (outcome === null) yy = y;
  else {
    for (let part = 0; part + 1 < wordOffsets.length; part++) {
      const base = wordOffsets[part] as number;
      const end = wordOffsets[part + 1] as number;
      for (let word = base; word < end; word++) {
        const start = (sessionStarts[part] as number) + ((word - base) << 5);
        for (let rest = set[word] as number; rest !== 0; rest &= rest - 1) {
          const value = outcome[start + 31 - Math.clz32(rest & -rest)] as number;
          yy += value * value;
        }
      }
    }
  }
  const variance = yy - (y * y) / n;
  return variance > 0 ? (between - (y * y) / n) / variance : 0;
}
