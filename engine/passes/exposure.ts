import type { Automaton } from "../../kernels/aho-corasick.js";
import { completionMasks, listCompletions, patternsAtOnce } from "../../kernels/mark-completions.js";
import type { PlanNode } from "../../planner/plan.js";
import { scheduleNodes } from "../../planner/schedule.js";
import { type Partition, partitionOf, type TableView } from "../operators/partition.js";
import { type Stretches, stretchesOf } from "../operators/stretches.js";
import { AgeBins } from "./age-bins.js";
import { type EvaluateInput, evaluateAll } from "./evaluate.js";
import { PartitionError } from "./partition-error.js";
import { FAILING, NOT_COUNTED } from "./segment.js";
import { completionsOf, NOWHERE, type SequenceSet } from "./sequences.js";

/** A KPI whose sessions are decided at a moment. */
export interface ExposureKpi {
  readonly state: Uint8Array;
  /** Uint32Array(S), positions */
  readonly evidenceEnd: Uint32Array;
  /** Uint32Array(S), positions: age begins there; null: at the session's start */
  readonly anchor: Uint32Array | null;
  /** A conversion that fails is at risk for so long, ms; null: up to the moment of its outcome */
  readonly deadlineMs: number | null;
  /** Float64Array, ms, ascending starts of the bins of age; the first is 0 */
  readonly bounds: Float64Array;
  /** ms from where age begins: the same stretch of every session */
  readonly horizonMs: number;
}

/** What is exposed: the sessions of a pattern, of a sequence of a set, or of a condition that arises within the session. */
export type ExposureSubject =
  | { readonly pattern: number }
  | { readonly set: number; readonly sequence: number }
  | { readonly node: number };

/** What is counted at each age. */
export interface ExposureInput {
  readonly table: TableView;
  /** By id, inputs before those that use them. */
  readonly nodes: readonly PlanNode[];
  /** By id: known when the session starts. */
  readonly atStart: readonly boolean[];
  readonly given: EvaluateInput["given"];
  /** Uint32Array(P + 1), users */
  readonly partitions: Uint32Array;
  /** Int32Array(1) on shared memory: the next partition. */
  readonly next: Int32Array;
  readonly kpis: readonly ExposureKpi[];
  /** Of the patterns that are exposed; null: none is */
  readonly automaton: Automaton | null;
  readonly sequences: readonly SequenceSet[];
  readonly symbols: Uint16Array;
  readonly subjects: readonly ExposureSubject[];
  /** Sessions that are compared; `compared`: Uint32Array(words), a set of sessions */
  readonly totals: readonly { readonly kpi: number; readonly compared: Uint32Array }[];
  readonly entries: readonly { readonly subject: number; readonly total: number }[];
  /** Uint32Array(P + 1): words of each partition in a set */
  readonly wordOffsets: Uint32Array;
  /** Bins of the KPI that has most. */
  readonly bins: number;
}

/** Counts of sessions; they add over partitions. `kind` is 0 normal, 1 failing. */
export interface ExposureOutput {
  /** Uint32Array(totals × 2 × bins): [total][kind][bin] are decided there */
  readonly decided: Uint32Array;
  /** Uint32Array(entries × (bins + 1)), modulo 2³²: sessions that switch on at the bin's start, less those that switch off */
  readonly switched: Uint32Array;
  /** Uint32Array(entries × 2 × bins): [entry][kind][bin] are decided there while on */
  readonly decidedOn: Uint32Array;
  /** Uint32Array(entries × 2): sessions that are on at the horizon, failing ones among them; looks beyond the outcome */
  readonly equalTime: Uint32Array;
  /** By subject: a condition that comes and goes in a way that is not known, so that nothing of it was counted. */
  readonly timeless: readonly boolean[];
}

/**
 * Counts, by age, how many sessions are at risk and how many are decided, and the same of those in which a hypothesis holds at the
 * start of the bin (METHODS, 2: membership that switches on in time). O(events + totals × sessions + sessions that switch on).
 */
export function countExposure(input: ExposureInput): ExposureOutput {
  const { partitions, next, totals, entries, bins, subjects, nodes, given, kpis, automaton } = input;
  const wanted = subjects.flatMap((subject) => ("node" in subject ? [subject.node] : []));
  const { nodes: needed } = scheduleNodes(nodes, wanted, new Set(given.map(({ node }) => node)));
  const output = {
    decided: new Uint32Array(totals.length * 2 * bins),
    switched: new Uint32Array(entries.length * (bins + 1)),
    decidedOn: new Uint32Array(entries.length * 2 * bins),
    equalTime: new Uint32Array(entries.length * 2),
    timeless: subjects.map(() => false),
  };
  const scratch = new Scratch(input.table, partitions, kpis, automaton);
  const entriesOf = subjects.map((_, subject) =>
    kpis.map((__, kpi) =>
      [...entries.keys()].filter((at) => {
        const entry = entries[at] as ExposureInput["entries"][number];
        return entry.subject === subject && totals[entry.total]?.kpi === kpi;
      }),
    ),
  );
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    if (turn + 1 >= partitions.length) return output;
    try {
      countPartition(input, turn, needed, entriesOf, scratch, output);
    } catch (error) {
      throw new PartitionError(turn, partitions.length - 1, error);
    }
  }
}

/** Sessions of a partition in which a hypothesis holds at some moment. */
interface Held {
  /** Uint32Array, ascending */
  readonly sessions: Uint32Array;
  /** Float64Array, ms: from then on; -infinite: from the start */
  readonly from: Float64Array;
  /** Float64Array, ms: up to then; infinite: to the end */
  readonly until: Float64Array;
}

/** Those of them in which it touches what is looked at, and in which bins of age: from the start of `onIn` to that of `offIn`. */
interface Switches {
  readonly sessions: Uint32Array;
  readonly onIn: Uint16Array;
  readonly offIn: Uint16Array;
  /** Uint8Array: 1 where it holds at the horizon */
  readonly inTime: Uint8Array;
}

/** The sessions of a partition that count for a KPI, and when they are decided. */
interface Decided {
  readonly ages: AgeBins;
  /** Float64Array(sessions), ms: where age begins */
  readonly origin: Float64Array;
  /** Uint16Array(sessions): bin of age */
  readonly bin: Uint16Array;
  /** Uint8Array(sessions): 0 normal, 1 failing, 2 not counted */
  readonly kind: Uint8Array;
}

/** Where exposed patterns first complete in the sessions that are wanted; see `listCompletions`. */
interface Completions {
  /** Sessions that a pattern's row has room for. */
  readonly width: number;
  /** What completes in each state, of every 32 patterns. */
  readonly masks: readonly Uint32Array[];
  readonly counts: Uint32Array;
  readonly sessions: Uint32Array;
  readonly positions: Uint32Array;
}

/** Arrays of a thread that hold one partition after the other, as wide as the largest. */
class Scratch {
  readonly decided: readonly Decided[];
  /** Uint32Array(sessions): those at risk; Float64Array(sessions), ms: the age of each */
  readonly listed: Uint32Array;
  readonly age: Float64Array;
  readonly completions: Completions;
  readonly held: Held;
  readonly switches: Switches;

  constructor(
    { userOffsets }: TableView,
    partitions: Uint32Array,
    kpis: readonly ExposureKpi[],
    automaton: Automaton | null,
  ) {
    let most = 0;
    for (let turn = 0; turn + 1 < partitions.length; turn++) {
      const [start, end] = [partitions[turn] as number, partitions[turn + 1] as number];
      most = Math.max(most, (userOffsets[end] as number) - (userOffsets[start] as number));
    }
    this.decided = kpis.map(({ bounds }) => ({
      ages: new AgeBins(bounds),
      origin: new Float64Array(most),
      bin: new Uint16Array(most),
      kind: new Uint8Array(most),
    }));
    this.listed = new Uint32Array(most);
    this.age = new Float64Array(most);
    const patterns = automaton?.patterns ?? 0;
    this.completions = {
      width: most,
      masks: automaton === null ? [] : masksOf(automaton),
      counts: new Uint32Array(patterns),
      sessions: new Uint32Array(patterns * most),
      positions: new Uint32Array(patterns * most),
    };
    this.held = { sessions: new Uint32Array(most), from: new Float64Array(most), until: new Float64Array(most) };
    this.switches = {
      sessions: new Uint32Array(most),
      onIn: new Uint16Array(most),
      offIn: new Uint16Array(most),
      inTime: new Uint8Array(most),
    };
  }
}

function masksOf(automaton: Automaton): Uint32Array[] {
  return Array.from({ length: Math.ceil(automaton.patterns / patternsAtOnce) }, (_, group) => {
    const first = group * patternsAtOnce;
    const own = Math.min(patternsAtOnce, automaton.patterns - first);
    const masks = new Uint32Array(automaton.states);
    completionMasks(
      automaton,
      Uint32Array.from({ length: own }, (__, at) => first + at),
      masks,
    );
    return masks;
  });
}

const NOT_AT_RISK = 2;

/** Loops are functions of their own, here and below: V8 optimises those well, and a function of many again and again. */
function countPartition(
  input: ExposureInput,
  turn: number,
  needed: readonly PlanNode[],
  entriesOf: readonly (readonly (readonly number[])[])[],
  scratch: Scratch,
  output: ExposureOutput & { readonly timeless: boolean[] },
): void {
  const { table, partitions, kpis, totals, entries, bins, subjects, wordOffsets, given, nodes, atStart } = input;
  const partition = partitionOf(table, partitions[turn] as number, partitions[turn + 1] as number);
  const { sessionStart, sessionEnd } = partition;
  const sessions = sessionEnd - sessionStart;
  const base = wordOffsets[turn] as number;
  const words = (wordOffsets[turn + 1] as number) - base;
  const wanted = new Uint32Array(words);
  for (const { compared } of totals) addBits(wanted, compared.subarray(base, base + words));
  const { decided, held: on, switches } = scratch;
  for (const [index, kpi] of kpis.entries()) decideIn(kpi, partition, wanted, scratch, decided[index] as Decided);
  for (const [index, { kpi, compared }] of totals.entries()) {
    const at = index * 2 * bins;
    addDecided(
      compared.subarray(base, base + words),
      decided[kpi] as Decided,
      output.decided.subarray(at, at + 2 * bins),
    );
  }
  const completed = completionsIn(input, partition, wanted, scratch.completions);
  const completedOfSet = input.sequences.map((set) =>
    completionsOf(set, input.symbols, table, null, sessionStart, sessionEnd),
  );
  const slots = needed.length === 0 ? [] : evaluateAll(partition, needed, given, nodes.length);
  for (const [index, subject] of subjects.entries()) {
    let held: number;
    if ("node" in subject) {
      const stretches = stretchesOf(subject.node, { partition, nodes, slots, atStart });
      if (stretches === null) {
        output.timeless[index] = true;
        continue;
      }
      held = heldOfStretches(stretches, on);
    } else if ("pattern" in subject) {
      held = heldOfPattern(completed, subject.pattern, table.time, on);
    } else {
      const at = (completedOfSet[subject.set] as Uint32Array).subarray(subject.sequence * sessions);
      held = heldOfSequence(at, sessions, table.time, on);
    }
    for (const [kpi, own] of decided.entries()) {
      const at = entriesOf[index]?.[kpi] ?? [];
      if (at.length === 0) continue;
      const count = switchesIn(kpis[kpi] as ExposureKpi, own, on, held, switches);
      for (const entry of at) {
        const { compared } = totals[entries[entry]?.total ?? 0] as ExposureInput["totals"][number];
        addEntry(entry, bins, compared.subarray(base), own, switches, count, output);
      }
    }
  }
}

function addBits(to: Uint32Array, bits: Uint32Array): void {
  for (let word = 0; word < to.length; word++) to[word] = (to[word] as number) | (bits[word] as number);
}

/** Adds the sessions of a set to the bins in which they are decided; `decided`: Uint32Array(2 × bins). */
function addDecided(set: Uint32Array, { bin, kind }: Decided, decided: Uint32Array): void {
  const bins = decided.length >>> 1;
  for (let word = 0; word < set.length; word++) {
    for (let rest = set[word] as number; rest !== 0; rest &= rest - 1) {
      const session = (word << 5) + 31 - Math.clz32(rest & -rest);
      const to = (kind[session] as number) * bins + (bin[session] as number);
      decided[to] = (decided[to] as number) + 1;
    }
  }
}

/**
 * When sessions are decided, in bins of age, of those that are wanted. Ages first and bins after: which bin it is is not to be predicted, and
 * looked up at once each session would wait for its events' times by itself.
 */
function decideIn(
  kpi: ExposureKpi,
  { table, sessionStart, sessionEnd }: Partition,
  wanted: Uint32Array,
  { listed, age }: Scratch,
  { ages, origin, bin, kind }: Decided,
): void {
  const count = listAtRisk(kpi.state, wanted, sessionStart, sessionEnd, kind, listed);
  agesIn(kpi, table, sessionStart, listed, count, origin, age);
  ages.ofListed(age, listed, count, bin);
}

/** What each session of a partition is at risk of; lists those that are. Returns how many they are. */
function listAtRisk(
  state: Uint8Array,
  wanted: Uint32Array,
  start: number,
  end: number,
  kind: Uint8Array,
  listed: Uint32Array,
): number {
  let count = 0;
  for (let at = 0; at < end - start; at++) {
    const standing = state[start + at] as number;
    const isWanted = ((wanted[at >>> 5] as number) >>> (at & 31)) & 1;
    // without a branch, which could not be predicted
    const isAtRisk = isWanted & (-(standing ^ NOT_COUNTED) >>> 31);
    const fails = 1 - (-(standing ^ FAILING) >>> 31);
    kind[at] = isAtRisk * fails + (1 - isAtRisk) * NOT_AT_RISK;
    listed[count] = at;
    count += isAtRisk;
  }
  return count;
}

function agesIn(
  kpi: ExposureKpi,
  table: TableView,
  start: number,
  listed: Uint32Array,
  count: number,
  origin: Float64Array,
  age: Float64Array,
): void {
  for (let i = 0; i < count; i++) {
    const at = listed[i] as number;
    const originMs = originOf(kpi, table, start + at);
    origin[at] = originMs;
    age[i] = ageOf(kpi, table, start + at, originMs);
  }
}

/** ms since the epoch: where a session's age begins. */
export function originOf(
  { anchor }: Pick<ExposureKpi, "anchor">,
  { time, sessionOffsets }: Pick<TableView, "time" | "sessionOffsets">,
  session: number,
): number {
  const last = (sessionOffsets[session + 1] as number) - 1;
  const at = anchor === null ? (sessionOffsets[session] as number) : Math.min(anchor[session] as number, last);
  return time[at] as number;
}

/** ms: age at which a session is decided, or ends undecided. */
export function ageOf(
  { state, evidenceEnd, deadlineMs }: Pick<ExposureKpi, "state" | "evidenceEnd" | "deadlineMs">,
  { time, sessionOffsets }: Pick<TableView, "time" | "sessionOffsets">,
  session: number,
  originMs: number,
): number {
  const last = (sessionOffsets[session + 1] as number) - 1;
  const seenMs = Math.max(0, (time[Math.min(evidenceEnd[session] as number, last)] as number) - originMs);
  // a conversion with a deadline that fails does not succeed up to the deadline, also where its events end before it: left
  // out from its last event on, what comes last would never be seen to keep anyone from succeeding
  return state[session] === FAILING && deadlineMs !== null ? Math.max(seenMs, deadlineMs) : seenMs;
}

function completionsIn(
  { automaton, symbols, table }: ExposureInput,
  { sessionStart, sessionEnd }: Partition,
  wanted: Uint32Array,
  out: Completions,
): Completions {
  if (automaton === null) return out;
  const { width, masks, counts, sessions, positions } = out;
  counts.fill(0);
  const { sessionOffsets } = table;
  for (const [group, own] of masks.entries()) {
    const first = group * patternsAtOnce;
    listCompletions(
      automaton,
      own,
      symbols,
      sessionOffsets,
      wanted,
      sessionStart,
      sessionEnd,
      first,
      width,
      counts,
      sessions,
      positions,
    );
  }
  return out;
}

function heldOfPattern(
  { width, counts, sessions, positions }: Completions,
  pattern: number,
  time: Float64Array,
  held: Held,
): number {
  const count = counts[pattern] as number;
  const from = pattern * width;
  held.sessions.set(sessions.subarray(from, from + count));
  timesAt(positions.subarray(from, from + count), time, held.from);
  held.until.fill(Number.POSITIVE_INFINITY, 0, count);
  return count;
}

function timesAt(positions: Uint32Array, time: Float64Array, out: Float64Array): void {
  for (let i = 0; i < positions.length; i++) out[i] = time[positions[i] as number] as number;
}

function heldOfSequence(completedAt: Uint32Array, sessions: number, time: Float64Array, held: Held): number {
  let count = 0;
  for (let at = 0; at < sessions; at++) {
    const completed = completedAt[at] as number;
    if (completed === NOWHERE) continue;
    held.sessions[count] = at;
    held.from[count] = time[completed] as number;
    held.until[count++] = Number.POSITIVE_INFINITY;
  }
  return count;
}

function heldOfStretches({ from, until }: Stretches, held: Held): number {
  let count = 0;
  for (let at = 0; at < from.length; at++) {
    const begins = from[at] as number;
    if (begins === Number.POSITIVE_INFINITY) continue;
    held.sessions[count] = at;
    held.from[count] = begins;
    held.until[count++] = until[at] as number;
  }
  return count;
}

/** What switches and is decided within one bin counts as what it was when the bin began. */
function switchesIn(
  { bounds, horizonMs }: ExposureKpi,
  { ages, origin, bin, kind }: Decided,
  held: Held,
  heldCount: number,
  { sessions, onIn, offIn, inTime }: Switches,
): number {
  let count = 0;
  for (let i = 0; i < heldCount; i++) {
    const at = held.sessions[i] as number;
    if (kind[at] === NOT_AT_RISK) continue;
    const after = (bin[at] as number) + 1;
    const begins = (held.from[i] as number) - (origin[at] as number);
    const ends = (held.until[i] as number) - (origin[at] as number);
    // most that begin at all begin after the outcome, and need no search
    const isLate = begins >= (bounds[bin[at] as number] as number);
    const on = begins <= 0 ? 0 : isLate ? after : ages.of(begins) + 1;
    const off = ends === Number.POSITIVE_INFINITY ? after : ends <= 0 ? 0 : Math.min(after, ages.of(ends) + 1);
    const isInTime = begins <= horizonMs && ends > horizonMs;
    if (on >= off && !isInTime) continue;
    sessions[count] = at;
    onIn[count] = on;
    offIn[count] = off;
    inTime[count++] = isInTime ? 1 : 0;
  }
  return count;
}

function addEntry(
  entry: number,
  bins: number,
  compared: Uint32Array,
  { bin, kind }: Decided,
  { sessions, onIn, offIn, inTime }: Switches,
  count: number,
  { switched, decidedOn, equalTime }: ExposureOutput,
): void {
  const switchedAt = entry * (bins + 1);
  const decidedAt = entry * 2 * bins;
  for (let i = 0; i < count; i++) {
    const at = sessions[i] as number;
    if ((((compared[at >>> 5] as number) >>> (at & 31)) & 1) === 0) continue;
    const fails = kind[at] as number;
    if (inTime[i] === 1) {
      equalTime[entry * 2] = (equalTime[entry * 2] as number) + 1;
      equalTime[entry * 2 + 1] = (equalTime[entry * 2 + 1] as number) + fails;
    }
    const [on, off] = [switchedAt + (onIn[i] as number), switchedAt + (offIn[i] as number)];
    if (on >= off) continue;
    switched[on] = (switched[on] as number) + 1;
    switched[off] = (switched[off] as number) - 1;
    if ((offIn[i] as number) <= (bin[at] as number)) continue;
    const to = decidedAt + fails * bins + (bin[at] as number);
    decidedOn[to] = (decidedOn[to] as number) + 1;
  }
}
