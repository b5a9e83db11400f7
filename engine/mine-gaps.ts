import { buildPrefixTree, type Spacing } from "../kernels/prefix-span.js";
import type { TokenMap } from "../planner/tokens.js";
import type { Cohorts } from "./cohorts.js";
import { sharedFloat64, sharedUint16 } from "./columns/shared.js";
import type { Execution, Tally } from "./execution.js";
import { frequentFirst, leastSupport, type Scenario, Supports, type TokenSymbols } from "./mine.js";
import type { SequenceSet } from "./passes/sequences.js";
import type { Walk } from "./passes/tally.js";

/** Different tokens that sequences are made of: pairs of them still fit a table. */
const MOST_TOKENS = 1000;
/** Cells (sequence × cohort × KPI, or × column) of one tally: 16 MiB a thread. */
const MOST_CELLS_AT_ONCE = 1 << 22;
/** Candidates × cohorts × KPIs beyond which a pass over all cohorts together pays, as it thins them out. */
const CELLS_WORTH_THINNING = 1 << 18;
/** Sessions of one task of counting subsequences. */
const SESSIONS_PER_TASK = 1 << 16;

/** How the steps of a class of sequences lie. */
export interface SequenceSpacing {
  /** `gap`: anything may lie between two steps; `next`: nothing but ignored events. */
  readonly adjacency: "next" | "gap";
  /** ms from the first step to the last; null: no bound */
  readonly withinMs: number | null;
}

/** What to mine. */
export interface MineGapsRequest extends SequenceSpacing {
  /** Steps of the longest sequence. */
  readonly longest: number;
  /** Whether a sequence of tokens is a hypothesis itself, and not only a part of longer ones. */
  readonly isAsked: (tokens: readonly number[]) => boolean;
  readonly scenarios: readonly Scenario[];
  /** Share of a scenario's failing sessions that must hold a sequence. */
  readonly minSupport: number;
  /** Per token: bit k is set where KPI k may not use it. */
  readonly barredTokens: Uint32Array;
  readonly cohorts: Cohorts;
  /** Sequences of one length that are followed and counted, at most. */
  readonly most: number;
}

/** Where the budget ended the search. */
export interface MiningCut {
  readonly length: number;
  /** Sequences of this length, made of those that were followed, that some scenario may let through, and how many of them were followed. */
  readonly found: number;
  readonly followed: number;
  /** Share of the failing sessions of some scenario that hold the least frequent one followed; null: of events, by all sessions. */
  readonly share: number | null;
}

/** The sequences asked for that some scenario may let through. */
export interface MinedSequences extends SequenceSpacing {
  /** Token codes. */
  readonly patterns: readonly (readonly number[])[];
  /** Bit k: KPI k may not use the pattern, since it holds an event that tells of the outcome. */
  readonly barred: readonly number[];
  /** Sequences asked for that were counted in the failing sessions. */
  readonly looked: number;
  readonly cuts: readonly MiningCut[];
  readonly alphabet: Alphabet;
}

/** The tokens that sequences are made of. */
interface Alphabet {
  /** Uint16Array(tokens + 2), by symbol of `symboliseTokens`: 0 = no step */
  readonly symbolOf: Uint16Array;
  readonly tokenOfSymbol: readonly number[];
  readonly skip: number;
}

/** A sequence as symbols of the alphabet, with the KPIs that may not use it and how far beyond the least support it is. */
interface Sequence {
  readonly steps: readonly number[];
  readonly barred: number;
  readonly strength: number;
}

/**
 * Finds the sequences, with gaps or within some time, that at least `minSupport` of the failing sessions of some scenario hold:
 * length by length, by prefix projection over the failing sessions (`kernels/prefix-span.ts`). A sequence can only be frequent where all
 * that is left of it without one of its steps is (without its first or last one, where nothing may lie between): Srikant &
 * Agrawal, "Mining sequential patterns: generalizations and performance improvements", EDBT 1996. Exact up to `most` sequences of a
 * length; beyond, the most frequent are followed, which does not depend on the number of threads.
 *
 * The sessions must be laid out with the symbols of `symboliseTokens`.
 * @param tokenTally - from `tallyTokens`
 */
export async function mineGaps(
  execution: Execution,
  tokens: TokenMap,
  symbols: TokenSymbols,
  request: MineGapsRequest,
  tokenTally: Tally,
): Promise<MinedSequences> {
  const { scenarios, minSupport, barredTokens, longest, isAsked, adjacency, most } = request;
  const support = new Supports(scenarios, minSupport);
  const frequent = frequentFirst(tokens.tokens.length, tokenTally, support, barredTokens);
  const tokenOfSymbol = [-1, ...frequent.slice(0, MOST_TOKENS)];
  const symbolOf = sharedUint16(symbols.skip + 1);
  for (const [symbol, token] of tokenOfSymbol.entries()) if (symbol > 0) symbolOf[token + 1] = symbol;
  const alphabet = { symbolOf, tokenOfSymbol, skip: symbols.skip };
  const tokensOf = (steps: readonly number[]): number[] => steps.map((symbol) => tokenOfSymbol[symbol] as number);
  const walks = { any: execution.walk("all", true), byCohort: execution.walk("cohort", true) };
  const judgedKpis = scenarios.reduce((bits, { kpi }) => bits | (1 << kpi), 0);

  const asked: Sequence[] = [];
  const cuts: MiningCut[] = [];
  let looked = 0;
  let level: readonly Sequence[] = [];
  for (let length = 1; length <= longest; length++) {
    const barredOf = (steps: readonly number[]): number =>
      tokensOf(steps).reduce((bits, token) => bits | (barredTokens[token] as number), 0);
    const isWanted = (steps: readonly number[]): boolean =>
      (barredOf(steps) & judgedKpis) !== judgedKpis && (length < longest || isAsked(tokensOf(steps)));
    const candidates = length === 1 ? tokenOfSymbol.slice(1).map((_, at) => [at + 1]) : joined(level, adjacency);
    let followed: readonly Sequence[] = [];
    let found = 0;
    for (const batch of inBatches(candidates, isWanted, batchSize(execution))) {
      looked += batch.filter((steps) => isAsked(tokensOf(steps))).length;
      const frequentOnes = await frequentOf(execution, alphabet, request, walks, batch, barredOf);
      found += frequentOnes.length;
      followed = strongest([...followed, ...frequentOnes], most);
    }
    const unnumbered = length === 1 ? frequent.length - (tokenOfSymbol.length - 1) : 0;
    if (followed.length < found + unnumbered) {
      const weakest = followed.reduce((least, { strength }) => Math.min(least, strength), Number.POSITIVE_INFINITY);
      const share = unnumbered > 0 ? null : weakest * minSupport;
      cuts.push({ length, found: found + unnumbered, followed: followed.length, share });
    }
    level = followed;
    for (const sequence of level) if (isAsked(tokensOf(sequence.steps))) asked.push(sequence);
    if (level.length === 0) break;
  }
  return {
    adjacency,
    withinMs: request.withinMs,
    patterns: asked.map(({ steps }) => tokensOf(steps)),
    barred: asked.map(({ barred }) => barred),
    looked,
    cuts,
    alphabet,
  };
}

/** Counts of some of the mined sequences: sequence `first + i` is cell i + 1 of the tally. */
export interface SequenceCounts {
  readonly first: number;
  readonly count: number;
  readonly tally: Tally;
}

/** Counts every mined sequence in the sessions of a walk. The sessions must be laid out as for `mineGaps`. */
export async function countMined(execution: Execution, mined: MinedSequences, walk: Walk): Promise<SequenceCounts[]> {
  const counts: SequenceCounts[] = [];
  const size = Math.max(1, Math.floor(MOST_CELLS_AT_ONCE / (walk.cohorts * execution.kpis)));
  for (let first = 0; first < mined.patterns.length; first += size) {
    const count = Math.min(size, mined.patterns.length - first);
    const chosen = Array.from({ length: count }, (_, at) => first + at);
    const set = sequenceSetOf(mined, chosen);
    counts.push({ first, count, tally: await tallyOf(execution, set, walk, false) });
  }
  return counts;
}

/** Some of the mined sequences as a set, in the order given. */
export function sequenceSetOf(mined: MinedSequences, chosen: readonly number[]): SequenceSet {
  const { symbolOf } = mined.alphabet;
  const steps = chosen.map((index) => (mined.patterns[index] ?? []).map((token) => symbolOf[token + 1] as number));
  return setOf(steps, mined.alphabet, mined);
}

/**
 * How many different sequences with gaps each session holds, by length.
 * @returns Float64Array(S × longest): of length j in session s at `s × longest + j − 1`
 */
export async function subsequencesOf(
  { table, pool }: Execution,
  { symbols, skip }: TokenSymbols,
  longest: number,
): Promise<Float64Array> {
  const { sessions, sessionOffsets } = table;
  const out = sharedFloat64(sessions * longest);
  const inputs = Array.from({ length: Math.ceil(sessions / SESSIONS_PER_TASK) }, (_, at) => ({
    symbols,
    sessionOffsets,
    skip,
    longest,
    start: at * SESSIONS_PER_TASK,
    end: Math.min(sessions, (at + 1) * SESSIONS_PER_TASK),
    out,
  }));
  await pool.runAll("subsequences", inputs, (index) => `sessions from ${inputs[index]?.start ?? 0}`);
  return out;
}

function setOf(
  sequences: readonly (readonly number[])[],
  { symbolOf, tokenOfSymbol, skip }: Alphabet,
  { adjacency, withinMs }: SequenceSpacing,
): SequenceSet {
  const order = [...sequences.keys()].sort((a, b) =>
    lexicographic(sequences[a] as readonly number[], sequences[b] as readonly number[]),
  );
  const offsets = new Uint32Array(sequences.length + 1);
  for (const [at, index] of order.entries()) {
    offsets[at + 1] = (offsets[at] as number) + (sequences[index]?.length ?? 0);
  }
  const steps = new Uint16Array(offsets[sequences.length] as number);
  for (const [at, index] of order.entries()) steps.set(sequences[index] ?? [], offsets[at] as number);
  const tree = buildPrefixTree(steps, offsets, tokenOfSymbol.length);
  const { cell } = tree;
  for (let node = 0; node < cell.length; node++) {
    const at = cell[node] as number;
    if (at > 0) cell[node] = (order[at - 1] as number) + 1;
  }
  const spacing: Spacing = { adjacent: adjacency === "next", withinMs: withinMs ?? Number.POSITIVE_INFINITY };
  return { tree, sequences: sequences.length, spacing, symbolOf, skip };
}

function lexicographic(a: readonly number[], b: readonly number[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    if (a[at] !== b[at]) return (a[at] as number) - (b[at] as number);
  }
  return a.length - b.length;
}

async function tallyOf(execution: Execution, set: SequenceSet, walk: Walk, failingOnly: boolean): Promise<Tally> {
  return execution.tally({ kind: "sequences", set, times: await execution.times() }, walk, failingOnly);
}

/** Sequences of one tally over all cohorts together: a row of counts a column, and two a KPI. */
function batchSize({ streams, kpis }: Execution): number {
  const columns = Math.max(1, ...streams.map(({ segments }) => segments.columns));
  return Math.max(1, Math.floor(MOST_CELLS_AT_ONCE / (columns + 4 * kpis)));
}

function* inBatches(
  candidates: Iterable<readonly number[]>,
  isWanted: (steps: readonly number[]) => boolean,
  size: number,
): Generator<readonly (readonly number[])[]> {
  let batch: (readonly number[])[] = [];
  for (const steps of candidates) {
    if (!isWanted(steps)) continue;
    batch.push(steps);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

interface PrefixNode {
  readonly children: Map<number, PrefixNode>;
}

/**
 * Sequences of one step more that may be frequent: two that overlap in all but their ends, where all that is left without a step
 * in the middle is frequent too.
 */
function* joined(level: readonly Sequence[], adjacency: "next" | "gap"): Generator<readonly number[]> {
  const root: PrefixNode = { children: new Map() };
  for (const { steps } of level) {
    let node = root;
    for (const symbol of steps) {
      let child = node.children.get(symbol);
      if (child === undefined) {
        child = { children: new Map() };
        node.children.set(symbol, child);
      }
      node = child;
    }
  }
  const reach = (steps: readonly number[], without: number): PrefixNode | null => {
    let node: PrefixNode | undefined = root;
    for (let at = 0; at < steps.length && node !== undefined; at++) {
      if (at !== without) node = node.children.get(steps[at] as number);
    }
    return node ?? null;
  };
  for (const { steps } of level) {
    const middles = adjacency === "next" ? [] : steps.slice(1).map((_, at) => reach(steps, at + 1));
    for (const symbol of reach(steps, 0)?.children.keys() ?? []) {
      if (middles.every((node) => node?.children.has(symbol) === true)) yield [...steps, symbol];
    }
  }
}

/** Of some candidates those that some scenario may let through. */
async function frequentOf(
  execution: Execution,
  alphabet: Alphabet,
  request: MineGapsRequest,
  walks: { readonly any: Walk; readonly byCohort: Walk },
  candidates: readonly (readonly number[])[],
  barredOf: (steps: readonly number[]) => number,
): Promise<Sequence[]> {
  const { cohorts, scenarios, minSupport } = request;
  let open = candidates;
  const perSequence = cohorts.cohorts.length * execution.kpis;
  const isOne = cohorts.cohorts.length === 1;
  if (!isOne && open.length * perSequence > CELLS_WORTH_THINNING) {
    // many are first thinned out over all cohorts together
    const support = new Supports(scenarios, minSupport);
    const tally = await tallyOf(execution, setOf(open, alphabet, request), walks.any, true);
    const keep = support.keep(tally, false, open.map(barredOf));
    open = open.filter((_, at) => keep[at + 1] === 1);
  }
  const walk = isOne ? walks.any : walks.byCohort;
  const size = Math.max(1, Math.floor(MOST_CELLS_AT_ONCE / perSequence));
  const frequent: Sequence[] = [];
  for (let first = 0; first < open.length; first += size) {
    const batch = open.slice(first, first + size);
    const tally = await tallyOf(execution, setOf(batch, alphabet, request), walk, true);
    const barred = batch.map(barredOf);
    const strength = new Float64Array(batch.length);
    for (const { cohort, kpi, failing } of scenarios) {
      const row = tally.row(cohort, kpi, true);
      const least = leastSupport(failing, minSupport);
      for (let at = 0; at < batch.length; at++) {
        if (((barred[at] as number) & (1 << kpi)) !== 0) continue;
        strength[at] = Math.max(strength[at] as number, (row[at + 1] as number) / least);
      }
    }
    for (const [at, steps] of batch.entries()) {
      if ((strength[at] as number) >= 1) {
        frequent.push({ steps, barred: barred[at] as number, strength: strength[at] as number });
      }
    }
  }
  return frequent;
}

/** The sequences furthest beyond the least support, in their old order. */
function strongest(sequences: readonly Sequence[], most: number): readonly Sequence[] {
  if (sequences.length <= most) return sequences;
  const order = [...sequences.keys()].sort(
    (a, b) => (sequences[b]?.strength ?? 0) - (sequences[a]?.strength ?? 0) || a - b,
  );
  const chosen = order.slice(0, most).sort((a, b) => a - b);
  return chosen.map((at) => sequences[at] as Sequence);
}
