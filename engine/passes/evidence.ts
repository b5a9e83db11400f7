import { type Automaton, markSessions } from "../../kernels/aho-corasick.js";
import { bucketsOf } from "../../kernels/buckets-of.js";
import { insertOthers, insertUser, removeOthers, userMomentsLength } from "../../kernels/user-moments.js";
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
  readonly rowsOfKpi: readonly (readonly number[])[];
  readonly totalsOfKpi: readonly (readonly number[])[];
  readonly narrowOfKpi: readonly Narrow[];
  /** Words of a set of sessions. */
  readonly words: number;
}

/** Sessions of a partition that count for a KPI, in order. */
interface Counted extends CountedList {
  readonly numbers: null;
  /** Uint32Array: number of the session in the partition */
  readonly at: Uint32Array;
  /** Uint32Array: cohort cell */
  readonly cell: Uint32Array;
  /** Uint8Array: 1 where it fails */
  readonly fails: Uint8Array;
  /** Float64Array: the outcome; 1 or 0 for a binary KPI */
  readonly y: Float64Array;
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
  const work: Work = {
    entriesOfTotal: groupBy(entries, totals.length, ({ total }) => total),
    rowsOfKpi: groupBy(rows, kpis.length, ({ kpi }) => kpi),
    totalsOfKpi,
    narrowOfKpi: totalsOfKpi.map((own) => new Narrow(own.map((index) => totals[index] as EvidenceTotal))),
    words: wordOffsets[wordOffsets.length - 1] as number,
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

function collectPartition(
  input: EvidenceInput,
  work: Work,
  partition: number,
  totalTrend: Uint32Array,
  entryTrend: Uint32Array,
): { totals: Float64Array; entries: Float64Array } {
  const { starts, userOffsets, partitions, buckets, totals, entries, kpis } = input;
  const userStart = partitions[partition] as number;
  const userEnd = partitions[partition + 1] as number;
  const start = userOffsets[userStart] as number;
  const end = userOffsets[userEnd] as number;
  const userOf = new Uint32Array(end - start);
  for (let user = userStart; user < userEnd; user++) {
    userOf.fill(user - userStart, (userOffsets[user] as number) - start, (userOffsets[user + 1] as number) - start);
  }
  const bucketOf = new Uint16Array(end - start);
  bucketsOf(buckets, starts, start, end, bucketOf);
  const lastBucketOf = new Uint16Array(end - start);
  bucketsOf(buckets, input.ends, start, end, lastBucketOf);
  const base = input.wordOffsets[partition] as number;
  const place: Place = { start, end, base, userOf, bucketOf, lastBucketOf };
  const totalSums = new Float64Array(totals.length * userMomentsLength);
  const entrySums = new Float64Array(entries.length * ENTRY.length);
  const userN = new Float64Array(userEnd - userStart);
  const userY = new Float64Array(userEnd - userStart);
  const width = buckets.length * 2;
  // the failing sessions of a numeric KPI are a KPI of their own, and take the rows of it
  const bitsOfRow = new Map<number, Uint32Array>();
  for (const set of input.sequences.keys()) markSequences(input, set, place, bitsOfRow);
  for (const kpi of kpis.keys()) {
    if (work.totalsOfKpi[kpi]?.length === 0) continue;
    const counted = countedIn(input, kpi, place);
    markRows(input, work, kpi, place, counted, bitsOfRow);
    const failing = input.failingBits.subarray(kpi * work.words + base);
    const listOf = (work.narrowOfKpi[kpi] as Narrow).lists(counted);
    for (const index of work.totalsOfKpi[kpi] ?? []) {
      const total = totals[index] as EvidenceTotal;
      userN.fill(0);
      userY.fill(0);
      const bits = input.totalBits.subarray(index * work.words + place.base, (index + 1) * work.words);
      const list = listOf.get(total.inCohort) ?? counted;
      addSessions(total, counted, list, place, userN, userY, totalTrend.subarray(index * width), bits);
      insertOthers(totalSums, userY, userN, index * userMomentsLength);
      for (const at of work.entriesOfTotal[index] ?? []) {
        const row = bitsOfRow.get((entries[at] as EvidenceEntry).row) as Uint32Array;
        const members = input.memberBits.subarray(at * work.words + place.base, (at + 1) * work.words);
        for (let word = 0; word < row.length; word++) {
          members[word] = (row[word] as number) & (bits[word] as number);
        }
        const sums = entrySums.subarray(at * ENTRY.length, (at + 1) * ENTRY.length);
        const trend = entryTrend.subarray(at * width);
        addEntry(input, kpi, place, members, failing, row.length, userN, userY, sums, trend);
      }
    }
  }
  return { totals: totalSums, entries: entrySums };
}

/** Where a partition is. */
interface Place {
  /** Sessions [start, end) */
  readonly start: number;
  readonly end: number;
  /** First of its words. */
  readonly base: number;
  /** Uint32Array(sessions): users numbered from 0 */
  readonly userOf: Uint32Array;
  /** Uint16Array(sessions): the trend's bucket in which each starts, and in which it ends */
  readonly bucketOf: Uint16Array;
  readonly lastBucketOf: Uint16Array;
}

function countedIn({ kpis, cellOf }: EvidenceInput, kpi: number, { start, end }: Place): Counted {
  const { state, outcome } = kpis[kpi] as EvidenceInput["kpis"][number];
  const at = new Uint32Array(end - start);
  let length = 0;
  for (let session = start; session < end; session++) {
    at[length] = session - start;
    length += state[session] === NOT_COUNTED ? 0 : 1;
  }
  const cell = new Uint32Array(length);
  const fails = new Uint8Array(length);
  const y = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const session = start + (at[i] as number);
    cell[i] = cellOf[session] as number;
    fails[i] = state[session] === FAILING ? 1 : 0;
    y[i] = outcome === null ? (fails[i] as number) : (outcome[session] as number);
  }
  return { numbers: null, length, at, cell, fails, y };
}

/** Some of the sessions that count, by their numbers among these; null: all. */
interface CountedList {
  readonly numbers: Uint32Array | null;
  readonly length: number;
}

/** The narrower cohorts that totals of a KPI ask for: most hold a small share of the sessions, and need not be looked for among all. */
class Narrow {
  readonly #cohorts: readonly Uint8Array[];
  /** CSR: the cohorts of each cell. */
  readonly #offsets: Uint32Array;
  readonly #cohortsOf: Uint32Array;

  constructor(totals: readonly EvidenceTotal[]) {
    this.#cohorts = [...new Set(totals.map(({ inCohort }) => inCohort))].filter((inCohort) => inCohort.includes(0));
    const cells = this.#cohorts[0]?.length ?? 0;
    this.#offsets = new Uint32Array(cells + 1);
    const cohortsOf: number[] = [];
    for (let cell = 0; cell < cells; cell++) {
      for (const [index, inCohort] of this.#cohorts.entries()) if (inCohort[cell] === 1) cohortsOf.push(index);
      this.#offsets[cell + 1] = cohortsOf.length;
    }
    this.#cohortsOf = Uint32Array.from(cohortsOf);
  }

  /** The sessions of each, listed in one walk. */
  lists({ length, cell }: Counted): Map<Uint8Array, CountedList> {
    if (this.#cohorts.length === 0) return new Map();
    const offsets = this.#offsets;
    const cohortsOf = this.#cohortsOf;
    const ends = new Uint32Array(this.#cohorts.length + 1);
    for (let i = 0; i < length; i++) {
      const stop = offsets[(cell[i] as number) + 1] as number;
      for (let n = offsets[cell[i] as number] as number; n < stop; n++) {
        const cohort = (cohortsOf[n] as number) + 1;
        ends[cohort] = (ends[cohort] as number) + 1;
      }
    }
    for (let cohort = 1; cohort < ends.length; cohort++) {
      ends[cohort] = (ends[cohort] as number) + (ends[cohort - 1] as number);
    }
    const all = new Uint32Array(ends[ends.length - 1] as number);
    const next = ends.slice();
    for (let i = 0; i < length; i++) {
      const stop = offsets[(cell[i] as number) + 1] as number;
      for (let n = offsets[cell[i] as number] as number; n < stop; n++) {
        const cohort = cohortsOf[n] as number;
        const to = next[cohort] as number;
        next[cohort] = to + 1;
        all[to] = i;
      }
    }
    return new Map(
      this.#cohorts.map((inCohort, at) => {
        const numbers = all.subarray(ends[at], ends[at + 1]);
        return [inCohort, { numbers, length: numbers.length }];
      }),
    );
  }
}

/** Adds the sessions of a total to their users' sums, the trend and the set. */
function addSessions(
  { population }: EvidenceTotal,
  { at, fails, y }: Counted,
  { numbers, length }: CountedList,
  { start, userOf, bucketOf }: Place,
  userN: Float64Array,
  userY: Float64Array,
  trend: Uint32Array,
  bits: Uint32Array,
): void {
  for (let n = 0; n < length; n++) {
    const i = numbers === null ? n : (numbers[n] as number);
    const session = at[i] as number;
    if (population !== null && population[start + session] === 0) continue;
    const user = userOf[session] as number;
    userN[user] = (userN[user] as number) + 1;
    userY[user] = (userY[user] as number) + (y[i] as number);
    const bucket = (bucketOf[session] as number) * 2;
    trend[bucket] = (trend[bucket] as number) + 1;
    trend[bucket + 1] = (trend[bucket + 1] as number) + (fails[i] as number);
    bits[session >>> 5] = (bits[session >>> 5] as number) | (1 << (session & 31));
  }
}

/** Makes the members of a KPI's rows, as bits: sessions that count for it and complete within its evidence; and the failing ones. */
function markRows(
  { rows, kpis, automaton, symbols, sessionOffsets, failingBits }: EvidenceInput,
  { rowsOfKpi, words }: Work,
  kpi: number,
  { start, end, base }: Place,
  { length, at, fails }: Counted,
  bits: Map<number, Uint32Array>,
): void {
  const { evidenceEnd: decided } = kpis[kpi] as EvidenceInput["kpis"][number];
  const own = Math.ceil((end - start) / 32);
  // a session that does not count has no evidence, which spares reading its events
  const evidenceEnd = new Uint32Array(end - start);
  const failing = failingBits.subarray(kpi * words + base, kpi * words + base + own);
  for (let i = 0; i < length; i++) {
    const session = at[i] as number;
    const bit = 1 << (session & 31);
    if (fails[i] === 1) failing[session >>> 5] = (failing[session >>> 5] as number) | bit;
    const stop = sessionOffsets[start + session + 1] as number;
    evidenceEnd[session] = decided === null ? stop : Math.min(stop, decided[start + session] as number);
  }
  const wanted = rowsOfKpi[kpi] ?? [];
  const hasPatterns = wanted.some((row) => "pattern" in (rows[row] as EvidenceRow).subject);
  const marked = new Uint32Array(hasPatterns && automaton !== null ? automaton.patterns * own : 0);
  if (hasPatterns && automaton !== null) {
    markSessions(automaton, symbols, sessionOffsets.subarray(start), evidenceEnd, 0, end - start, marked);
  }
  for (const row of wanted) {
    const { subject } = rows[row] as EvidenceRow;
    if ("pattern" in subject) {
      bits.set(row, marked.subarray(subject.pattern * own, (subject.pattern + 1) * own));
      continue;
    }
    if ("sequence" in subject) continue;
    const { members, bit } = subject;
    const set = new Uint32Array(own);
    for (let i = 0; i < length; i++) {
      const session = at[i] as number;
      const holds = ((members[start + session] as number) >>> bit) & 1;
      set[session >>> 5] = (set[session >>> 5] as number) | (holds << (session & 31));
    }
    bits.set(row, set);
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
  { start, end }: Place,
  bits: Map<number, Uint32Array>,
): void {
  const { rows, kpis, sequences, symbols, sessionOffsets, time } = input;
  const set = sequences[setIndex] as SequenceSet;
  const wanted = [...rows.entries()].flatMap(([row, { subject, kpi }]) =>
    "set" in subject && subject.set === setIndex ? [{ row, sequence: subject.sequence, kpi }] : [],
  );
  for (const { row } of wanted) bits.set(row, new Uint32Array(Math.ceil((end - start) / 32)));
  for (let from = start; from < end; from += SESSIONS_AT_ONCE) {
    const to = Math.min(end, from + SESSIONS_AT_ONCE);
    const completed = completionsOf(set, symbols, { time, sessionOffsets }, null, from, to);
    for (const { row, sequence, kpi } of wanted) {
      const { state, evidenceEnd } = kpis[kpi] as EvidenceInput["kpis"][number];
      const out = bits.get(row) as Uint32Array;
      const first = sequence * (to - from) - from;
      for (let session = from; session < to; session++) {
        const position = completed[first + session] as number;
        if (position === NOWHERE || state[session] === NOT_COUNTED) continue;
        if (evidenceEnd !== null && position >= (evidenceEnd[session] as number)) continue;
        const at = session - start;
        out[at >>> 5] = (out[at >>> 5] as number) | (1 << (at & 31));
      }
    }
  }
}

function addEntry(
  { kpis, starts, ends }: EvidenceInput,
  kpi: number,
  { start, userOf, bucketOf, lastBucketOf }: Place,
  members: Uint32Array,
  failing: Uint32Array,
  words: number,
  userN: Float64Array,
  userY: Float64Array,
  sums: Float64Array,
  trend: Uint32Array,
): void {
  const { outcome } = kpis[kpi] as EvidenceInput["kpis"][number];
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  // the moments are looked up where the bucket does not tell that they are no new extreme
  let firstBucket = 0xffff;
  let lastBucket = 0;
  let user = -1;
  let n1 = 0;
  let y1 = 0;
  for (let word = 0; word < words; word++) {
    const failed = failing[word] as number;
    for (let rest = members[word] as number; rest !== 0; rest &= rest - 1) {
      const bit = 31 - Math.clz32(rest & -rest);
      const at = (word << 5) + bit;
      if (userOf[at] !== user) {
        if (n1 > 0) addUser(y1, n1, userY[user] as number, userN[user] as number, sums);
        user = userOf[at] as number;
        n1 = 0;
        y1 = 0;
      }
      const fails = (failed >>> bit) & 1;
      n1++;
      y1 += outcome === null ? fails : (outcome[start + at] as number);
      const bucket = bucketOf[at] as number;
      if (bucket <= firstBucket) {
        firstBucket = bucket;
        first = Math.min(first, starts[start + at] as number);
      }
      const ended = lastBucketOf[at] as number;
      if (ended >= lastBucket) {
        lastBucket = ended;
        last = Math.max(last, ends[start + at] as number);
      }
      trend[bucket * 2] = (trend[bucket * 2] as number) + 1;
      trend[bucket * 2 + 1] = (trend[bucket * 2 + 1] as number) + fails;
    }
  }
  if (n1 > 0) addUser(y1, n1, userY[user] as number, userN[user] as number, sums);
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
