import type { Automaton } from "../../kernels/aho-corasick.js";
import { bucketsOf } from "../../kernels/buckets-of.js";
import { completionMasks, markCompletions, patternsAtOnce } from "../../kernels/mark-completions.js";
import { numberUsers } from "../../kernels/number-users.js";
import { insertUser, removeOthers, userMomentsLength } from "../../kernels/user-moments.js";
import { PartitionError } from "./partition-error.js";
import { FAILING, type KpiColumn, NOT_COUNTED } from "./segment.js";
import { completionsOf, NOWHERE, type SequenceSet } from "./sequences.js";

/** Member sessions that evidence is wanted of: those of a pattern or of a condition, on one KPI. */
export interface EvidenceRow {
  /** A pattern of the automaton, a sequence of a set, or a condition. */
  readonly subject:
    | { readonly pattern: number }
    | { readonly set: number; readonly sequence: number }
    /** Uint8Array(S): bit `bit` is 1 for members. */
    | { readonly members: Uint8Array; readonly bit: number };
  readonly kpi: number;
}

/** A row in a cohort. */
export interface EvidenceEntry {
  readonly row: number;
  /** Index into `totals`. */
  readonly total: number;
}

/** A KPI in a cohort and a population: what members are compared with. */
export interface EvidenceTotal {
  readonly kpi: number;
  /** Uint8Array(cells): 1 where the cell belongs to the cohort */
  readonly inCohort: Uint8Array;
  /** Uint8Array(S): 1 for sessions that are compared; null: all */
  readonly population: Uint8Array | null;
}

/** What evidence is collected from. */
export interface EvidenceInput {
  /** Float64Array(S) each, ms: the first and the last event of each session */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  readonly sessionOffsets: Uint32Array;
  readonly userOffsets: Uint32Array;
  readonly partitions: Uint32Array;
  readonly next: Int32Array;
  readonly cellOf: Uint32Array;
  /** `outcome`: Float64Array(S) of a numeric KPI, NaN = missing; null: 1 where it fails, else 0 */
  readonly kpis: readonly (KpiColumn & { readonly outcome: Float64Array | null })[];
  /** Null without patterns. */
  readonly automaton: Automaton | null;
  readonly sequences: readonly SequenceSet[];
  readonly symbols: Uint16Array;
  /** Float64Array(N), ms: when the events were, which sequences within some time go by */
  readonly time: Float64Array;
  readonly rows: readonly EvidenceRow[];
  readonly entries: readonly EvidenceEntry[];
  readonly totals: readonly EvidenceTotal[];
  /** Uint32Array(P + 1): partition p has the words [wordOffsets[p], wordOffsets[p + 1]) of each row of bits */
  readonly wordOffsets: Uint32Array;
  /** Uint32Array(entries × words): bit i of a partition's words is its i-th session; members of each entry */
  readonly memberBits: Uint32Array;
  /** Uint32Array(totals × words): the sessions of each total */
  readonly totalBits: Uint32Array;
  /** Uint32Array(kpis × words): failing sessions */
  readonly failingBits: Uint32Array;
  /** Ascending starts of the trend's buckets, ms; the first is at or before every session's start. */
  readonly buckets: Float64Array;
}

/**
 * Sums of an entry: the moments of `insertUser` by which those of a total, which counts every user as having no members, differ
 * where the entry's members are told apart; then sums over users who have members and others, d being the difference of
 * the user's means and w its weight n1 n0 / (n1 + n0) (METHODS, 4); users with members, members of the user who has most, and
 * when members start first and end last, ms.
 */
export const ENTRY: {
  readonly within: number;
  readonly users: number;
  readonly largest: number;
  readonly first: number;
  readonly last: number;
  readonly length: number;
} = {
  within: userMomentsLength,
  users: userMomentsLength + 7,
  largest: userMomentsLength + 8,
  first: userMomentsLength + 9,
  last: userMomentsLength + 10,
  length: userMomentsLength + 11,
};

/** What one thread has collected: a list of partitions with their sums, to be added in partition order. */
export interface EvidenceOutput {
  readonly parts: readonly {
    readonly partition: number;
    /** Float64Array(totals × 15): moments of `insertUser`, all sessions counted as others */
    readonly totals: Float64Array;
    /** Float64Array(entries × ENTRY.length) */
    readonly entries: Float64Array;
  }[];
  /** Uint32Array(totals × buckets × 2): sessions, failing */
  readonly totalTrend: Uint32Array;
  /** Uint32Array(entries × buckets × 2): members, failing */
  readonly entryTrend: Uint32Array;
}

/** What is the same for all partitions. */
interface Work {
  readonly entriesOfTotal: readonly (readonly number[])[];
  readonly rowsOfKpi: readonly KpiRows[];
  readonly totalsOfKpi: readonly (readonly number[])[];
  readonly narrowOfKpi: readonly Narrow[];
  /** Words of a set of sessions. */
  readonly words: number;
  readonly scratch: Scratch;
}

/** Rows of a KPI by what they are of; those of sequences are made for all KPIs at once. */
interface KpiRows {
  readonly patterns: readonly PatternRows[];
  readonly conditions: readonly { readonly row: number; readonly members: Uint8Array; readonly bit: number }[];
}

/** Rows of patterns that are marked in one walk. */
interface PatternRows {
  /** Uint32Array(states), see `completionMasks` */
  readonly masks: Uint32Array;
  /** Uint32Array: where their bits begin in `Scratch.rows` */
  readonly places: Uint32Array;
}

/** Arrays of a thread that hold one partition after the other, as wide as the largest. */
class Scratch {
  /** Uint32Array(sessions): users numbered from 0 */
  readonly userOf: Uint32Array;
  /** Uint16Array(sessions): the trend's bucket in which each starts */
  readonly bucketOf: Uint16Array;
  /** Uint32Array(sessions): those that count for a KPI, ascending; those of a population among these */
  readonly listed: Uint32Array;
  readonly within: Uint32Array;
  /** Uint8Array(sessions): 1 where a session fails the KPI */
  readonly fails: Uint8Array;
  /** Float64Array(sessions): the KPI's outcome */
  readonly outcome: Float64Array;
  /** Float64Array(users) each: sessions that are compared, and their outcomes; of users without such what was there before */
  readonly userN: Float64Array;
  readonly userY: Float64Array;
  /** Uint32Array(rows × width): members of each row as bits, `width` words a row */
  readonly rows: Uint32Array;
  readonly width: number;
  /** Lists of the sessions of narrower cohorts, as long as they have had to be. */
  lists: Uint32Array<ArrayBuffer> = new Uint32Array(0);

  constructor(userOffsets: Uint32Array, partitions: Uint32Array, rows: number) {
    let [sessions, users] = [0, 0];
    for (let part = 0; part + 1 < partitions.length; part++) {
      const [start, end] = [partitions[part] as number, partitions[part + 1] as number];
      users = Math.max(users, end - start);
      sessions = Math.max(sessions, (userOffsets[end] as number) - (userOffsets[start] as number));
    }
    this.userOf = new Uint32Array(sessions);
    this.bucketOf = new Uint16Array(sessions);
    this.listed = new Uint32Array(sessions);
    this.within = new Uint32Array(sessions);
    this.fails = new Uint8Array(sessions);
    this.outcome = new Float64Array(sessions);
    this.userN = new Float64Array(users);
    this.userY = new Float64Array(users);
    this.width = Math.ceil(sessions / 32);
    this.rows = new Uint32Array(rows * this.width);
  }
}

/**
 * Collects, for a few hypotheses, which sessions are members, the moments by user from which clustered intervals follow
 * (METHODS, 3), when they were seen and how they spread over time. O(sessions + totals × sessions that count + members).
 */
export function collectEvidence(input: EvidenceInput): EvidenceOutput {
  const { partitions, next, totals, entries, buckets, kpis, rows, wordOffsets } = input;
  const totalTrend = new Uint32Array(totals.length * buckets.length * 2);
  const entryTrend = new Uint32Array(entries.length * buckets.length * 2);
  const totalsOfKpi = groupBy(totals, kpis.length, ({ kpi }) => kpi);
  const scratch = new Scratch(input.userOffsets, partitions, rows.length);
  const work: Work = {
    entriesOfTotal: groupBy(entries, totals.length, ({ total }) => total),
    rowsOfKpi: groupBy(rows, kpis.length, ({ kpi }) => kpi).map((own) => kpiRows(input, own, scratch.width)),
    totalsOfKpi,
    narrowOfKpi: totalsOfKpi.map((own) => new Narrow(own.map((index) => totals[index] as EvidenceTotal))),
    words: wordOffsets[wordOffsets.length - 1] as number,
    scratch,
  };
  const parts: { partition: number; totals: Float64Array; entries: Float64Array }[] = [];
  for (;;) {
    const partition = Atomics.add(next, 0, 1);
    if (partition + 1 >= partitions.length) return { parts, totalTrend, entryTrend };
    try {
      parts.push({ partition, ...collectPartition(input, work, partition, totalTrend, entryTrend) });
    } catch (error) {
      throw new PartitionError(partition, partitions.length - 1, error);
    }
  }
}

/** Indices of items by the group that each is in. */
function groupBy<T>(items: readonly T[], groups: number, groupOf: (item: T) => number): number[][] {
  const lists = Array.from({ length: groups }, (): number[] => []);
  for (const [index, item] of items.entries()) lists[groupOf(item)]?.push(index);
  return lists;
}

function kpiRows({ rows, automaton }: EvidenceInput, own: readonly number[], width: number): KpiRows {
  const subjects = own.map((row) => ({ row, subject: (rows[row] as EvidenceRow).subject }));
  const ofPatterns = subjects.flatMap(({ row, subject }) =>
    "pattern" in subject ? [{ row, pattern: subject.pattern }] : [],
  );
  const patterns: PatternRows[] = [];
  for (let first = 0; automaton !== null && first < ofPatterns.length; first += patternsAtOnce) {
    const some = ofPatterns.slice(first, first + patternsAtOnce);
    const masks = new Uint32Array(automaton.states);
    completionMasks(
      automaton,
      Uint32Array.from(some, ({ pattern }) => pattern),
      masks,
    );
    patterns.push({ masks, places: Uint32Array.from(some, ({ row }) => row * width) });
  }
  return {
    patterns,
    conditions: subjects.flatMap(({ row, subject }) => ("members" in subject ? [{ row, ...subject }] : [])),
  };
}

/** Loops are functions of their own, here and below: V8 optimises those well, and a function of many again and again. */
function collectPartition(
  input: EvidenceInput,
  work: Work,
  partition: number,
  totalTrend: Uint32Array,
  entryTrend: Uint32Array,
): { totals: Float64Array; entries: Float64Array } {
  const { starts, userOffsets, partitions, buckets, totals, entries, kpis, failingBits } = input;
  const { scratch, words } = work;
  const { userOf, bucketOf, listed, within, width } = scratch;
  const userStart = partitions[partition] as number;
  const userEnd = partitions[partition + 1] as number;
  const start = userOffsets[userStart] as number;
  const end = userOffsets[userEnd] as number;
  numberUsers(userOffsets, userStart, userEnd, userOf);
  bucketsOf(buckets, starts, start, end, bucketOf);
  const own = Math.ceil((end - start) / 32);
  const base = input.wordOffsets[partition] as number;
  const totalSums = new Float64Array(totals.length * userMomentsLength);
  const entrySums = new Float64Array(entries.length * ENTRY.length);
  const trendWidth = buckets.length * 2;
  scratch.rows.fill(0);
  for (const set of input.sequences.keys()) markSequences(input, set, start, end, scratch);
  for (const kpi of kpis.keys()) {
    if (work.totalsOfKpi[kpi]?.length === 0) continue;
    const { state, outcome } = kpis[kpi] as EvidenceInput["kpis"][number];
    const count = listCounted(state, start, end, listed, scratch.fails, scratch.outcome);
    const counted = listed.subarray(0, count);
    if (outcome !== null) takeOutcomes(outcome, start, counted, scratch.outcome);
    addListed(counted, scratch.fails, failingBits, kpi * words + base);
    const narrow = work.narrowOfKpi[kpi] as Narrow;
    // the failing sessions of a numeric KPI are a KPI of their own, and take the rows of it
    markRows(input, work, kpi, start, end, narrow.any(input.cellOf, start, counted, within));
    const listOf = narrow.lists(input.cellOf, start, counted, scratch);
    for (const index of work.totalsOfKpi[kpi] ?? []) {
      const { inCohort, population } = totals[index] as EvidenceTotal;
      const cohort = listOf.get(inCohort) ?? counted;
      const list = population === null ? cohort : within.subarray(0, keepWithin(population, start, cohort, within));
      const bits = index * words + base;
      addTotal(
        list,
        scratch,
        input.totalBits,
        bits,
        totalTrend,
        index * trendWidth,
        totalSums,
        index * userMomentsLength,
      );
      for (const at of work.entriesOfTotal[index] ?? []) {
        const row = (entries[at] as EvidenceEntry).row * width;
        const sums = entrySums.subarray(at * ENTRY.length, (at + 1) * ENTRY.length);
        addEntry(input, row, bits, at * words + base, own, start, scratch, entryTrend, at * trendWidth, sums);
      }
    }
  }
  return { totals: totalSums, entries: entrySums };
}

/** Lists the sessions that count, and tells which fail, as flags and as outcomes. Returns how many count. */
function listCounted(
  state: Uint8Array,
  start: number,
  end: number,
  listed: Uint32Array,
  fails: Uint8Array,
  outcome: Float64Array,
): number {
  let count = 0;
  for (let at = 0; at < end - start; at++) {
    const standing = state[start + at] as number;
    listed[count] = at;
    // without a branch, which could not be predicted
    count += -(standing ^ NOT_COUNTED) >>> 31;
    const failing = 1 - (-(standing ^ FAILING) >>> 31);
    fails[at] = failing;
    outcome[at] = failing;
  }
  return count;
}

function takeOutcomes(values: Float64Array, start: number, listed: Uint32Array, outcome: Float64Array): void {
  for (let i = 0; i < listed.length; i++) {
    const session = listed[i] as number;
    outcome[session] = values[start + session] as number;
  }
}

/** Adds those of a list to a set for which a flag is 1. */
function addListed(listed: Uint32Array, flags: Uint8Array, bits: Uint32Array, base: number): void {
  for (let i = 0; i < listed.length; i++) {
    const session = listed[i] as number;
    const word = base + (session >>> 5);
    bits[word] = (bits[word] as number) | ((flags[session] as number) << (session & 31));
  }
}

function keepWithin(population: Uint8Array, start: number, list: Uint32Array, out: Uint32Array): number {
  let count = 0;
  for (let i = 0; i < list.length; i++) {
    const session = list[i] as number;
    out[count] = session;
    count += population[start + session] === 0 ? 0 : 1;
  }
  return count;
}

/** The narrower cohorts that totals of a KPI ask for: most hold a small share of the sessions, and need not be looked for among all. */
class Narrow {
  readonly #cohorts: readonly Uint8Array[];
  /** CSR: the cohorts of each cell. */
  readonly #offsets: Uint32Array;
  readonly #cohortsOf: Uint32Array;
  /** Whether some total asks for all sessions. */
  readonly #asksForAll: boolean;

  constructor(totals: readonly EvidenceTotal[]) {
    this.#asksForAll = totals.some(({ inCohort }) => !inCohort.includes(0));
    this.#cohorts = [...new Set(totals.map(({ inCohort }) => inCohort))].filter((inCohort) => inCohort.includes(0));
    const cells = this.#cohorts[0]?.length ?? 0;
    this.#offsets = new Uint32Array(cells + 1);
    for (const inCohort of this.#cohorts) addCells(inCohort, this.#offsets.subarray(1));
    addUp(this.#offsets);
    this.#cohortsOf = new Uint32Array(this.#offsets[cells] as number);
    const next = this.#offsets.slice();
    for (const [cohort, inCohort] of this.#cohorts.entries()) putCells(inCohort, cohort, next, this.#cohortsOf);
  }

  /** The sessions of any total: most KPIs are asked about in some cohorts alone. `out` is written. */
  any(cellOf: Uint32Array, start: number, counted: Uint32Array, out: Uint32Array): Uint32Array {
    if (this.#asksForAll) return counted;
    return out.subarray(0, keepInCohorts(cellOf, start, counted, this.#offsets, out));
  }

  /** The sessions of each, listed in one walk; valid up to the next call. */
  lists(cellOf: Uint32Array, start: number, counted: Uint32Array, scratch: Scratch): Map<Uint8Array, Uint32Array> {
    if (this.#cohorts.length === 0) return new Map();
    const ends = new Uint32Array(this.#cohorts.length + 1);
    countByCohort(cellOf, start, counted, this.#offsets, this.#cohortsOf, ends.subarray(1));
    addUp(ends);
    const most = ends[ends.length - 1] as number;
    if (scratch.lists.length < most) scratch.lists = new Uint32Array(most * 2);
    const all = scratch.lists;
    listByCohort(cellOf, start, counted, this.#offsets, this.#cohortsOf, ends.slice(), all);
    return new Map(this.#cohorts.map((inCohort, at) => [inCohort, all.subarray(ends[at], ends[at + 1])]));
  }
}

function addCells(inCohort: Uint8Array, counts: Uint32Array): void {
  for (let cell = 0; cell < inCohort.length; cell++)
    counts[cell] = (counts[cell] as number) + (inCohort[cell] as number);
}

function putCells(inCohort: Uint8Array, cohort: number, next: Uint32Array, cohortsOf: Uint32Array): void {
  for (let cell = 0; cell < inCohort.length; cell++) {
    if (inCohort[cell] === 0) continue;
    const to = next[cell] as number;
    next[cell] = to + 1;
    cohortsOf[to] = cohort;
  }
}

/** Makes counts from place 1 on, 0 at place 0, into offsets. */
function addUp(counts: Uint32Array): void {
  for (let at = 1; at < counts.length; at++) counts[at] = (counts[at] as number) + (counts[at - 1] as number);
}

function keepInCohorts(
  cellOf: Uint32Array,
  start: number,
  counted: Uint32Array,
  offsets: Uint32Array,
  out: Uint32Array,
): number {
  let count = 0;
  for (let i = 0; i < counted.length; i++) {
    const session = counted[i] as number;
    const cell = cellOf[start + session] as number;
    out[count] = session;
    count += offsets[cell] === offsets[cell + 1] ? 0 : 1;
  }
  return count;
}

function countByCohort(
  cellOf: Uint32Array,
  start: number,
  counted: Uint32Array,
  offsets: Uint32Array,
  cohortsOf: Uint32Array,
  counts: Uint32Array,
): void {
  for (let i = 0; i < counted.length; i++) {
    const cell = cellOf[start + (counted[i] as number)] as number;
    const stop = offsets[cell + 1] as number;
    for (let n = offsets[cell] as number; n < stop; n++) {
      const cohort = cohortsOf[n] as number;
      counts[cohort] = (counts[cohort] as number) + 1;
    }
  }
}

function listByCohort(
  cellOf: Uint32Array,
  start: number,
  counted: Uint32Array,
  offsets: Uint32Array,
  cohortsOf: Uint32Array,
  next: Uint32Array,
  out: Uint32Array,
): void {
  for (let i = 0; i < counted.length; i++) {
    const session = counted[i] as number;
    const cell = cellOf[start + session] as number;
    const stop = offsets[cell + 1] as number;
    for (let n = offsets[cell] as number; n < stop; n++) {
      const cohort = cohortsOf[n] as number;
      const to = next[cohort] as number;
      next[cohort] = to + 1;
      out[to] = session;
    }
  }
}

/** Adds the sessions of a total to its set and its trend, and its users to its sums; keeps what each of these has. */
function addTotal(
  list: Uint32Array,
  { userOf, bucketOf, fails, outcome, userN, userY }: Scratch,
  bits: Uint32Array,
  base: number,
  trend: Uint32Array,
  trendAt: number,
  sums: Float64Array,
  at: number,
): void {
  let [user, users, n, y] = [-1, 0, 0, 0];
  let [sumY, sumN, yy, yn, nn] = [0, 0, 0, 0, 0];
  for (let i = 0; i <= list.length; i++) {
    const session = i < list.length ? (list[i] as number) : -1;
    const own = session < 0 ? -1 : (userOf[session] as number);
    // sessions of a user stand together
    if (own !== user) {
      if (user >= 0) {
        userN[user] = n;
        userY[user] = y;
        users++;
        sumY += y;
        sumN += n;
        yy += y * y;
        yn += y * n;
        nn += n * n;
      }
      user = own;
      n = 0;
      y = 0;
    }
    if (session < 0) break;
    n++;
    y += outcome[session] as number;
    const word = base + (session >>> 5);
    bits[word] = (bits[word] as number) | (1 << (session & 31));
    const bucket = trendAt + (bucketOf[session] as number) * 2;
    trend[bucket] = (trend[bucket] as number) + 1;
    trend[bucket + 1] = (trend[bucket + 1] as number) + (fails[session] as number);
  }
  sums[at] = users;
  sums[at + 3] = sumY;
  sums[at + 4] = sumN;
  sums[at + 12] = yy;
  sums[at + 13] = yn;
  sums[at + 14] = nn;
}

/** Makes the members of a KPI's rows, as bits: sessions that count for it and complete within its evidence. */
function markRows(
  { kpis, automaton, symbols, sessionOffsets }: EvidenceInput,
  { rowsOfKpi, scratch }: Work,
  kpi: number,
  start: number,
  end: number,
  counted: Uint32Array,
): void {
  const { patterns, conditions } = rowsOfKpi[kpi] as KpiRows;
  const { rows, width } = scratch;
  if (patterns.length > 0 && automaton !== null) {
    const offsets = sessionOffsets.subarray(start, end + 1);
    const { evidenceEnd } = kpis[kpi] as EvidenceInput["kpis"][number];
    const decided = evidenceEnd === null ? offsets.subarray(1) : evidenceEnd.subarray(start, end);
    for (const { masks, places } of patterns) {
      markCompletions(automaton, masks, symbols, offsets, decided, counted, places, rows);
    }
  }
  for (const { row, members, bit } of conditions) addHolding(counted, members, start, bit, rows, row * width);
}

function addHolding(
  counted: Uint32Array,
  members: Uint8Array,
  start: number,
  bit: number,
  bits: Uint32Array,
  base: number,
): void {
  for (let i = 0; i < counted.length; i++) {
    const session = counted[i] as number;
    const holds = ((members[start + session] as number) >>> bit) & 1;
    const word = base + (session >>> 5);
    bits[word] = (bits[word] as number) | (holds << (session & 31));
  }
}

/** Sessions whose completions of all sequences are held at once. */
const SESSIONS_AT_ONCE = 1 << 12;

/**
 * Makes the members of the rows of a set of sequences, as `markRows` does those of a KPI: one walk over the events serves all
 * KPIs, as a sequence that completes within the evidence of one does so at its first completion.
 */
function markSequences(
  input: EvidenceInput,
  setIndex: number,
  start: number,
  end: number,
  { rows: out, width }: Scratch,
): void {
  const { rows, kpis, sequences, symbols, sessionOffsets, time } = input;
  const set = sequences[setIndex] as SequenceSet;
  const wanted = [...rows.entries()].flatMap(([row, { subject, kpi }]) =>
    "set" in subject && subject.set === setIndex ? [{ row, sequence: subject.sequence, kpi }] : [],
  );
  for (let from = start; from < end; from += SESSIONS_AT_ONCE) {
    const to = Math.min(end, from + SESSIONS_AT_ONCE);
    const completed = completionsOf(set, symbols, { time, sessionOffsets }, null, from, to);
    for (const { row, sequence, kpi } of wanted) {
      const { state, evidenceEnd } = kpis[kpi] as EvidenceInput["kpis"][number];
      const base = row * width;
      const first = sequence * (to - from) - from;
      for (let session = from; session < to; session++) {
        const position = completed[first + session] as number;
        if (position === NOWHERE || state[session] === NOT_COUNTED) continue;
        if (evidenceEnd !== null && position >= (evidenceEnd[session] as number)) continue;
        const at = session - start;
        const word = base + (at >>> 5);
        out[word] = (out[word] as number) | (1 << (at & 31));
      }
    }
  }
}

/**
 * Makes the members of an entry, which are in its row and in its total; adds them to its trend, and their users to its sums; and when they
 * start first and end last.
 */
function addEntry(
  { totalBits, memberBits, starts, ends }: EvidenceInput,
  row: number,
  total: number,
  members: number,
  words: number,
  start: number,
  { rows, userOf, bucketOf, fails, outcome, userN, userY }: Scratch,
  trend: Uint32Array,
  trendAt: number,
  sums: Float64Array,
): void {
  let [first, last] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // starts are looked up where the bucket does not tell that they are no new extreme
  let firstBucket = 0xffff;
  let [user, n, y] = [-1, 0, 0];
  for (let word = 0; word < words; word++) {
    const both = (rows[row + word] as number) & (totalBits[total + word] as number);
    if (both === 0) continue;
    memberBits[members + word] = both;
    for (let rest = both; rest !== 0; rest &= rest - 1) {
      const session = (word << 5) + 31 - Math.clz32(rest & -rest);
      const own = userOf[session] as number;
      if (own !== user) {
        if (user >= 0) addUser(y, n, userY[user] as number, userN[user] as number, sums);
        user = own;
        n = 0;
        y = 0;
      }
      n++;
      y += outcome[session] as number;
      const bucket = bucketOf[session] as number;
      const to = trendAt + bucket * 2;
      trend[to] = (trend[to] as number) + 1;
      trend[to + 1] = (trend[to + 1] as number) + (fails[session] as number);
      const ended = ends[start + session] as number;
      if (ended > last) last = ended;
      if (bucket > firstBucket) continue;
      firstBucket = bucket;
      first = Math.min(first, starts[start + session] as number);
    }
  }
  if (user >= 0) addUser(y, n, userY[user] as number, userN[user] as number, sums);
  sums[ENTRY.first] = first;
  sums[ENTRY.last] = last;
}

/** Adds a user with members to an entry's sums. */
function addUser(y1: number, n1: number, yt: number, nt: number, sums: Float64Array): void {
  const n0 = nt - n1;
  const y0 = yt - y1;
  insertUser(sums, y1, n1, y0, n0);
  removeOthers(sums, yt, nt);
  sums[ENTRY.users] = (sums[ENTRY.users] as number) + 1;
  if (n1 > (sums[ENTRY.largest] as number)) sums[ENTRY.largest] = n1;
  if (n0 === 0) return;
  const w = (n1 * n0) / nt;
  const mean0 = y0 / n0;
  const d = y1 / n1 - mean0;
  const at = ENTRY.within;
  sums[at] = (sums[at] as number) + 1;
  sums[at + 1] = (sums[at + 1] as number) + w;
  sums[at + 2] = (sums[at + 2] as number) + w * mean0;
  sums[at + 3] = (sums[at + 3] as number) + w * d;
  sums[at + 4] = (sums[at + 4] as number) + w * w;
  sums[at + 5] = (sums[at + 5] as number) + w * w * d;
  sums[at + 6] = (sums[at + 6] as number) + w * w * d * d;
}
