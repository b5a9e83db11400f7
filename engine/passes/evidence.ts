import { type Automaton, markSessions } from "../../kernels/aho-corasick.js";
import { PartitionError } from "./evaluate.js";
import { FAILING, type KpiColumn, NOT_COUNTED } from "./segment.js";

/** Member sessions that evidence is wanted of: those of a pattern or of a condition, on one KPI. */
export interface EvidenceRow {
  /** A pattern of the automaton, or a condition. */
  readonly subject:
    | { readonly pattern: number }
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
  readonly symbols: Uint16Array;
  readonly rows: readonly EvidenceRow[];
  readonly entries: readonly EvidenceEntry[];
  readonly totals: readonly EvidenceTotal[];
  /** Uint32Array(P + 1): partition p has the words [wordOffsets[p], wordOffsets[p + 1]) of each row of bits */
  readonly wordOffsets: Uint32Array;
  /** Uint32Array(rows × words): bit i of a partition's words is its i-th session; members of each row */
  readonly bits: Uint32Array;
  /** Uint32Array(totals × words): the sessions of each total */
  readonly totalBits: Uint32Array;
  /** Uint32Array(kpis × words): failing sessions */
  readonly failingBits: Uint32Array;
  /** Ascending starts of the trend's buckets, ms; the first is at or before every session's start. */
  readonly buckets: Float64Array;
}

/** Sums over users in a total, or over the users who have members in an entry; Y is the outcome, N sessions. */
export const TOTAL_SUMS = ["users", "n", "y", "yy", "yn", "nn"] as const;
/**
 * 1: the user's members, 0: his others, t: all of his. The sums with `t` are over users with members, so that what
 * the others of users without members add follows from the total's sums. From `both` on the sums are over users who have
 * members and others: d is the difference of the user's means, w its weight n1 n0 / (n1 + n0) (METHODS, 4).
 */
export const ENTRY_SUMS = [
  "users",
  "n1",
  "y1",
  "y1y1",
  "y1n1",
  "n1n1",
  "y1y0",
  "y1n0",
  "n1y0",
  "n1n0",
  "y0y0",
  "y0n0",
  "n0n0",
  "ytyt",
  "ytnt",
  "ntnt",
  "both",
  "w",
  "wy0",
  "wd",
  "ww",
  "wwd",
  "wwdd",
  "largest",
  "first",
  "last",
] as const;

/** What one thread has collected: a list of partitions with their sums, to be added in partition order. */
export interface EvidenceOutput {
  readonly parts: readonly {
    readonly partition: number;
    /** Float64Array(totals × TOTAL_SUMS.length) */
    readonly totals: Float64Array;
    /** Float64Array(entries × ENTRY_SUMS.length) */
    readonly entries: Float64Array;
  }[];
  /** Uint32Array(totals × buckets × 2): sessions, failing */
  readonly totalTrend: Uint32Array;
  /** Uint32Array(entries × buckets × 2): members, failing */
  readonly entryTrend: Uint32Array;
}

/**
 * Collects, for a few hypotheses, which sessions are members, the moments by user from which clustered intervals follow
 * (METHODS, 3), when they were seen and how they spread over time. O(totals × sessions + members).
 */
export function collectEvidence(input: EvidenceInput): EvidenceOutput {
  const { partitions, next, totals, entries, buckets } = input;
  const totalTrend = new Uint32Array(totals.length * buckets.length * 2);
  const entryTrend = new Uint32Array(entries.length * buckets.length * 2);
  const parts: { partition: number; totals: Float64Array; entries: Float64Array }[] = [];
  for (;;) {
    const partition = Atomics.add(next, 0, 1);
    if (partition + 1 >= partitions.length) return { parts, totalTrend, entryTrend };
    try {
      parts.push({ partition, ...collectPartition(input, partition, totalTrend, entryTrend) });
    } catch (error) {
      throw new PartitionError(partition, partitions.length - 1, error);
    }
  }
}

function collectPartition(
  input: EvidenceInput,
  partition: number,
  totalTrend: Uint32Array,
  entryTrend: Uint32Array,
): { totals: Float64Array; entries: Float64Array } {
  const { starts, userOffsets, partitions, buckets, totals, entries, kpis } = input;
  const userStart = partitions[partition] as number;
  const userEnd = partitions[partition + 1] as number;
  const start = userOffsets[userStart] as number;
  const end = userOffsets[userEnd] as number;
  markRows(input, partition, start, end);

  const userOf = new Uint32Array(end - start);
  for (let user = userStart; user < userEnd; user++) {
    userOf.fill(user - userStart, (userOffsets[user] as number) - start, (userOffsets[user + 1] as number) - start);
  }
  const bucketOf = new Uint32Array(end - start);
  for (let session = start; session < end; session++) {
    bucketOf[session - start] = lastAtMost(buckets, starts[session] as number);
  }

  const totalSums = new Float64Array(totals.length * TOTAL_SUMS.length);
  const entrySums = new Float64Array(entries.length * ENTRY_SUMS.length);
  const userN = new Float64Array(userEnd - userStart);
  const userY = new Float64Array(userEnd - userStart);
  const ofTotal = totals.map((_, index) => entries.flatMap((entry, at) => (entry.total === index ? [at] : [])));
  const words = rowWordsOf(input);
  const base = input.wordOffsets[partition] as number;
  for (const [index, total] of totals.entries()) {
    userN.fill(0);
    userY.fill(0);
    const kpi = kpis[total.kpi] as EvidenceInput["kpis"][number];
    const trend = totalTrend.subarray(index * buckets.length * 2, (index + 1) * buckets.length * 2);
    const bits = input.totalBits.subarray(index * words + base, (index + 1) * words);
    addSessions(input, total, kpi, start, end, userOf, bucketOf, userN, userY, trend, bits);
    addTotals(userN, userY, totalSums.subarray(index * TOTAL_SUMS.length, (index + 1) * TOTAL_SUMS.length));
    for (const at of ofTotal[index] ?? []) {
      const entry = entries[at] as EvidenceEntry;
      const sums = entrySums.subarray(at * ENTRY_SUMS.length, (at + 1) * ENTRY_SUMS.length);
      const entryBuckets = entryTrend.subarray(at * buckets.length * 2, (at + 1) * buckets.length * 2);
      addEntry(input, partition, entry, start, end, userOf, bucketOf, userN, userY, sums, entryBuckets);
    }
  }
  return { totals: totalSums, entries: entrySums };
}

function rowWordsOf({ wordOffsets }: EvidenceInput): number {
  return wordOffsets[wordOffsets.length - 1] as number;
}

/** Adds the sessions of a total to their users' sums, the trend and the set. */
function addSessions(
  { cellOf }: EvidenceInput,
  { inCohort, population }: EvidenceTotal,
  { state, outcome }: EvidenceInput["kpis"][number],
  start: number,
  end: number,
  userOf: Uint32Array,
  bucketOf: Uint32Array,
  userN: Float64Array,
  userY: Float64Array,
  trend: Uint32Array,
  bits: Uint32Array,
): void {
  for (let at = 0; at < end - start; at++) {
    const session = start + at;
    const standing = state[session] as number;
    if (standing === NOT_COUNTED || inCohort[cellOf[session] as number] === 0) continue;
    if (population !== null && population[session] === 0) continue;
    const fails = standing === FAILING ? 1 : 0;
    const user = userOf[at] as number;
    userN[user] = (userN[user] as number) + 1;
    userY[user] = (userY[user] as number) + (outcome === null ? fails : (outcome[session] as number));
    const bucket = (bucketOf[at] as number) * 2;
    trend[bucket] = (trend[bucket] as number) + 1;
    trend[bucket + 1] = (trend[bucket + 1] as number) + fails;
    bits[at >>> 5] = (bits[at >>> 5] as number) | (1 << (at & 31));
  }
}

/** Sets the bits of every row: members that count for the row's KPI and complete within its evidence. */
function markRows(input: EvidenceInput, partition: number, start: number, end: number): void {
  const { rows, kpis, automaton, symbols, sessionOffsets, wordOffsets, bits, failingBits } = input;
  const words = Math.ceil((end - start) / 32);
  const rowWords = rowWordsOf(input);
  const base = wordOffsets[partition] as number;
  for (const [kpiIndex, kpi] of kpis.entries()) {
    const wanted = rows.map((row, index) => ({ row, index })).filter(({ row }) => row.kpi === kpiIndex);
    if (wanted.length === 0) continue;
    const counted = new Uint32Array(words);
    // a session that does not count has no evidence, which spares reading its events
    const evidenceEnd = new Uint32Array(end - start);
    const failing = failingBits.subarray(kpiIndex * rowWords + base, kpiIndex * rowWords + base + words);
    for (let session = start; session < end; session++) {
      const standing = kpi.state[session] as number;
      if (standing === NOT_COUNTED) continue;
      const at = session - start;
      const bit = 1 << (at & 31);
      counted[at >>> 5] = (counted[at >>> 5] as number) | bit;
      if (standing === FAILING) failing[at >>> 5] = (failing[at >>> 5] as number) | bit;
      const stop = sessionOffsets[session + 1] as number;
      evidenceEnd[at] = kpi.evidenceEnd === null ? stop : Math.min(stop, kpi.evidenceEnd[session] as number);
    }
    const hasPatterns = wanted.some(({ row }) => "pattern" in row.subject);
    const marked = new Uint32Array(hasPatterns && automaton !== null ? automaton.patterns * words : 0);
    if (hasPatterns && automaton !== null) {
      markSessions(automaton, symbols, sessionOffsets.subarray(start), evidenceEnd, 0, end - start, marked);
    }
    for (const { row, index } of wanted) {
      const out = bits.subarray(index * rowWords + base, index * rowWords + base + words);
      if ("pattern" in row.subject) {
        out.set(marked.subarray(row.subject.pattern * words, (row.subject.pattern + 1) * words));
      } else {
        const { members, bit } = row.subject;
        for (let at = 0; at < end - start; at++) {
          if ((((members[start + at] as number) >>> bit) & 1) === 1)
            out[at >>> 5] = (out[at >>> 5] as number) | (1 << (at & 31));
        }
      }
      for (let word = 0; word < words; word++) out[word] = (out[word] as number) & (counted[word] as number);
    }
  }
}

function addTotals(userN: Float64Array, userY: Float64Array, sums: Float64Array): void {
  for (let user = 0; user < userN.length; user++) {
    const n = userN[user] as number;
    if (n === 0) continue;
    const y = userY[user] as number;
    const values = [1, n, y, y * y, y * n, n * n];
    for (let at = 0; at < values.length; at++) sums[at] = (sums[at] as number) + (values[at] as number);
  }
}

function addEntry(
  input: EvidenceInput,
  partition: number,
  entry: EvidenceEntry,
  start: number,
  end: number,
  userOf: Uint32Array,
  bucketOf: Uint32Array,
  userN: Float64Array,
  userY: Float64Array,
  sums: Float64Array,
  trend: Uint32Array,
): void {
  const total = input.totals[entry.total] as EvidenceTotal;
  const kpi = input.kpis[total.kpi] as EvidenceInput["kpis"][number];
  const { wordOffsets, bits, totalBits, starts, ends } = input;
  const rowWords = rowWordsOf(input);
  const base = entry.row * rowWords + (wordOffsets[partition] as number);
  const totalBase = entry.total * rowWords + (wordOffsets[partition] as number);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let user = -1;
  let n1 = 0;
  let y1 = 0;
  const closeUser = (): void => {
    if (n1 === 0) return;
    const nt = userN[user] as number;
    const yt = userY[user] as number;
    const n0 = nt - n1;
    const y0 = yt - y1;
    const both = n0 > 0 ? 1 : 0;
    const w = (n1 * n0) / nt;
    const mean0 = n0 > 0 ? y0 / n0 : 0;
    const d = both * (y1 / n1 - mean0);
    const values = [
      1,
      n1,
      y1,
      y1 * y1,
      y1 * n1,
      n1 * n1,
      y1 * y0,
      y1 * n0,
      n1 * y0,
      n1 * n0,
      y0 * y0,
      y0 * n0,
      n0 * n0,
      yt * yt,
      yt * nt,
      nt * nt,
      both,
      w,
      w * mean0,
      w * d,
      w * w,
      w * w * d,
      w * w * d * d,
    ];
    for (let at = 0; at < values.length; at++) sums[at] = (sums[at] as number) + (values[at] as number);
    const largest = ENTRY_SUMS.indexOf("largest");
    sums[largest] = Math.max(sums[largest] as number, n1);
  };
  for (let at = 0; at < end - start; at++) {
    const word = (bits[base + (at >>> 5)] as number) & (totalBits[totalBase + (at >>> 5)] as number);
    if (word === 0) {
      at |= 31;
      continue;
    }
    if ((word & (1 << (at & 31))) === 0) continue;
    const session = start + at;
    if (userOf[at] !== user) {
      closeUser();
      user = userOf[at] as number;
      n1 = 0;
      y1 = 0;
    }
    const fails = kpi.state[session] === FAILING ? 1 : 0;
    n1++;
    y1 += kpi.outcome === null ? fails : (kpi.outcome[session] as number);
    const from = starts[session] as number;
    const to = ends[session] as number;
    if (from < first) first = from;
    if (to > last) last = to;
    const bucket = (bucketOf[at] as number) * 2;
    trend[bucket] = (trend[bucket] as number) + 1;
    trend[bucket + 1] = (trend[bucket + 1] as number) + fails;
  }
  closeUser();
  sums[ENTRY_SUMS.indexOf("first")] = first;
  sums[ENTRY_SUMS.indexOf("last")] = last;
}

/** Index of the last value at or below `bound`; 0 where none is. */
function lastAtMost(ascending: Float64Array, bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] as number) <= bound) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
