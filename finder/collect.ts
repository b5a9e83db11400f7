import type { Cohorts } from "../engine/cohorts.js";
import { sharedUint32 } from "../engine/columns/shared.js";
import { type Execution, type KpiOutcome, placeOfKpi, sharedCounter } from "../engine/execution.js";
import { automatonOf, type MinedPatterns, type TokenSymbols } from "../engine/mine.js";
import {
  ENTRY,
  type EvidenceEntry,
  type EvidenceInput,
  type EvidenceRow,
  type EvidenceTotal,
} from "../engine/passes/evidence.js";
import { addCounts } from "../kernels/add-counts.js";
import { userMomentsLength } from "../kernels/user-moments.js";
import type { Candidate } from "./candidates.js";
import type { ConditionMembers } from "./conditions.js";
import type { Contrast } from "./findings.js";
import { type GappedTallies, SequenceSets } from "./gaps.js";
import type { SessionSets } from "./session-sets.js";
import { combineUsers } from "./statistics/two-proportions.js";

/** What was collected of one candidate. */
export interface Evidence {
  readonly contrast: Contrast;
  /** Float64Array(15), see `twoProportions`: of the KPI's outcome */
  readonly moments: Float64Array;
  /** The same of failing or not; equal to `moments` for a binary KPI. */
  readonly failureMoments: Float64Array;
  /** Float64Array(7), see `withinUsers`: of the KPI's outcome */
  readonly within: Float64Array;
  /** The same of failing or not; equal to `within` for a binary KPI. */
  readonly failureWithin: Float64Array;
  readonly users: number;
  /** Member sessions of the user who has most. */
  readonly largestUser: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly trend: readonly ({ readonly fromMs: number } & Contrast)[];
  /** Uint32Array(words): the sessions that are members, in the layout of `SessionSets`; on shared memory, as are the next two */
  readonly members: Uint32Array;
  /** Uint32Array(words): all sessions that are compared; the same array for all that are compared in the same sessions */
  readonly compared: Uint32Array;
  /** Uint32Array(words): failing sessions of the KPI */
  readonly failing: Uint32Array;
}

/** The patterns that candidates name, and the symbols of events. */
export interface NamedPatterns {
  readonly mined: MinedPatterns;
  readonly gapped: Pick<GappedTallies, "patterns">;
  readonly symbols: TokenSymbols;
}

/** What candidates are made of. */
export interface CollectRequest {
  readonly candidates: readonly Candidate[];
  /** Null without patterns. */
  readonly patterns: NamedPatterns | null;
  /** Each condition's members, and the population it is compared in. */
  readonly conditions: readonly ConditionMembers[];
  readonly kpis: readonly KpiOutcome[];
  readonly cohorts: Cohorts;
  /** Ascending starts of the trend's buckets, ms */
  readonly buckets: Float64Array;
  readonly sets: SessionSets;
  /** Float64Array(N), ms: when the events were */
  readonly time: Float64Array;
}

/** Collects the evidence of each candidate, in one pass over all partitions. */
export async function collectAll(execution: Execution, request: CollectRequest): Promise<Evidence[]> {
  const { candidates, kpis, buckets, sets } = request;
  if (candidates.length === 0) return [];
  const { table, pool, partitions } = execution;
  const layout = layOutEntries(request);
  const { rows, entries, totals, patterns } = layout;
  const { words } = sets;
  const memberBits = sharedUint32(entries.length * words);
  const totalBits = sharedUint32(totals.length * words);
  const failingBits = sharedUint32(kpis.length * 2 * words);
  const input: EvidenceInput = {
    starts: table.starts,
    ends: table.ends,
    sessionOffsets: table.sessionOffsets,
    userOffsets: table.userOffsets,
    partitions,
    next: sharedCounter(),
    cellOf: request.cohorts.cellOf,
    // after each numeric KPI's means come its failing sessions, as if it were binary
    kpis: [...kpis, ...kpis.map((kpi) => ({ ...kpi, outcome: null }))].map(({ state, evidenceEnd, outcome }) => ({
      state,
      evidenceEnd,
      outcome,
    })),
    automaton:
      request.patterns === null || patterns.length === 0
        ? null
        : automatonOf(request.patterns.mined, patterns, request.patterns.symbols),
    sequences: layout.sequences.made(),
    symbols: request.patterns?.symbols.symbols ?? new Uint16Array(0),
    time: request.time,
    rows,
    entries,
    totals,
    wordOffsets: sets.wordOffsets,
    memberBits,
    totalBits,
    failingBits,
    buckets,
  };
  const outputs = await pool.runEach("evidence", input, "the evidence");
  const totalSums = new Float64Array(totals.length * userMomentsLength);
  const entrySums = new Float64Array(entries.length * ENTRY.length);
  const parts = outputs.flatMap((output) => output.parts).sort((a, b) => a.partition - b.partition);
  for (const part of parts) {
    combineUsers(totalSums, part.totals);
    for (let entry = 0; entry < entries.length; entry++) mergeEntry(entrySums, part.entries, entry * ENTRY.length);
  }
  const totalTrend = outputs.map((output) => output.totalTrend).reduce(addCounts);
  const entryTrend = outputs.map((output) => output.entryTrend).reduce(addCounts);

  const compared = totals.map((_, total) => totalBits.subarray(total * words, (total + 1) * words));

  return candidates.map((candidate, index) => {
    const { entry, failureEntry } = layout.ofCandidate[index] as CandidateEntries;
    const ofEntry = (at: number): Float64Array => {
      const moments = entrySums.slice(at * ENTRY.length, at * ENTRY.length + userMomentsLength);
      const total = (entries[at] as EvidenceEntry).total * userMomentsLength;
      combineUsers(moments, totalSums.subarray(total, total + userMomentsLength));
      return moments;
    };
    const sum = (place: number): number => entrySums[entry * ENTRY.length + place] as number;
    const { total } = entries[entry] as EvidenceEntry;
    const { kpi } = candidate.scenario;
    const { membersFailing, membersNormal, failing, normal } = candidate;
    const moments = ofEntry(entry);
    const within = withinOf(entrySums, entry);
    return {
      contrast: {
        members: membersFailing + membersNormal,
        membersFailing,
        others: failing + normal - membersFailing - membersNormal,
        othersFailing: failing - membersFailing,
      },
      moments,
      failureMoments: failureEntry === entry ? moments : ofEntry(failureEntry),
      within,
      failureWithin: failureEntry === entry ? within : withinOf(entrySums, failureEntry),
      users: sum(ENTRY.users),
      largestUser: sum(ENTRY.largest),
      firstSeenMs: sum(ENTRY.first),
      lastSeenMs: sum(ENTRY.last),
      trend: trendOf(
        buckets,
        entryTrend.subarray(entry * buckets.length * 2, (entry + 1) * buckets.length * 2),
        totalTrend.subarray(total * buckets.length * 2, (total + 1) * buckets.length * 2),
      ),
      members: memberBits.subarray(entry * words, (entry + 1) * words),
      compared: compared[total] as Uint32Array,
      failing: failingBits.subarray(kpi * words, (kpi + 1) * words),
    };
  });
}

interface CandidateEntries {
  readonly entry: number;
  readonly failureEntry: number;
}

/** Rows, totals and entries, each made once. */
function layOutEntries(request: CollectRequest): {
  readonly rows: EvidenceRow[];
  readonly entries: EvidenceEntry[];
  readonly totals: EvidenceTotal[];
  readonly patterns: number[];
  readonly sequences: SequenceSets;
  readonly ofCandidate: CandidateEntries[];
} {
  const { candidates, conditions, kpis, cohorts } = request;
  const rows: EvidenceRow[] = [];
  const entries: EvidenceEntry[] = [];
  const totals: EvidenceTotal[] = [];
  const patterns: number[] = [];
  const sequences = new SequenceSets();
  const rowAt = new Map<string, number>();
  const totalAt = new Map<string, number>();
  const patternAt = new Map<number, number>();
  const cells = new Map<number, Uint8Array>();
  const cellsOf = (cohort: number): Uint8Array => {
    const own = cells.get(cohort) ?? cellsOfCohort(cohorts, cohort);
    cells.set(cohort, own);
    return own;
  };
  const ofCandidate = candidates.map(({ subject, scenario }) => {
    const { kpi, cohort } = scenario;
    const condition = subject.kind === "condition" ? conditions[subject.index] : undefined;
    const row = known(rowAt, `${subject.kind}:${subject.index}:${kpi}`, () => {
      if (condition !== undefined) {
        const { group, bit } = placeOfKpi(kpi);
        return rows.push({ subject: { members: condition.members[group] as Uint8Array, bit }, kpi }) - 1;
      }
      const gapped = subject.kind === "gapped" ? request.patterns?.gapped.patterns[subject.index] : undefined;
      if (gapped !== undefined) return rows.push({ subject: sequences.add(gapped), kpi }) - 1;
      const pattern = known(patternAt, subject.index, () => patterns.push(subject.index) - 1);
      return rows.push({ subject: { pattern }, kpi }) - 1;
    });
    const population = condition?.population ?? null;
    const totalOf = (kpiIndex: number): number => {
      // a population belongs to its condition, so the condition names it
      const key = `${kpiIndex}:${cohort}:${population === null ? "" : subject.index}`;
      return known(totalAt, key, () => totals.push({ kpi: kpiIndex, inCohort: cellsOf(cohort), population }) - 1);
    };
    const entry = entries.push({ row, total: totalOf(kpi) }) - 1;
    const numeric = kpis[kpi]?.outcome !== null;
    const failureEntry = numeric ? entries.push({ row, total: totalOf(kpi + kpis.length) }) - 1 : entry;
    return { entry, failureEntry };
  });
  return { rows, entries, totals, patterns, sequences, ofCandidate };
}

function known<K>(at: Map<K, number>, key: K, make: () => number): number {
  let index = at.get(key);
  if (index === undefined) {
    index = make();
    at.set(key, index);
  }
  return index;
}

function cellsOfCohort(cohorts: Cohorts, cohort: number): Uint8Array {
  const cells = new Uint8Array(cohorts.cells);
  for (let cell = 0; cell < cohorts.cells; cell++) {
    const end = cohorts.cohortOffsets[cell + 1] as number;
    for (let at = cohorts.cohortOffsets[cell] as number; at < end; at++) {
      if (cohorts.cohortsOfCell[at] === cohort) cells[cell] = 1;
    }
  }
  return cells;
}

/** All sums add, but for the largest user and the times, which are extremes. Partitions without members have none. */
function mergeEntry(into: Float64Array, from: Float64Array, start: number): void {
  if (from[start + ENTRY.users] === 0) return;
  const isFirst = into[start + ENTRY.users] === 0;
  const [largest, first, last] = [start + ENTRY.largest, start + ENTRY.first, start + ENTRY.last];
  for (let place = start; place < largest; place++) {
    into[place] = (into[place] as number) + (from[place] as number);
  }
  into[largest] = Math.max(into[largest] as number, from[largest] as number);
  into[first] = isFirst ? (from[first] as number) : Math.min(into[first] as number, from[first] as number);
  into[last] = isFirst ? (from[last] as number) : Math.max(into[last] as number, from[last] as number);
}

/** The sums of `withinUsers`, which stand together. */
function withinOf(entrySums: Float64Array, entry: number): Float64Array {
  const at = entry * ENTRY.length + ENTRY.within;
  return entrySums.slice(at, at + 7);
}

function trendOf(
  buckets: Float64Array,
  members: Uint32Array,
  all: Uint32Array,
): ({ readonly fromMs: number } & Contrast)[] {
  return Array.from(buckets, (fromMs, bucket) => {
    const [inside, insideFailing] = [members[bucket * 2] as number, members[bucket * 2 + 1] as number];
    return {
      fromMs,
      members: inside,
      membersFailing: insideFailing,
      others: (all[bucket * 2] as number) - inside,
      othersFailing: (all[bucket * 2 + 1] as number) - insideFailing,
    };
  });
}
