import { LeadlineError } from "../errors.js";
import { type Automaton, buildAutomaton } from "../kernels/aho-corasick.js";
import { countBits } from "../kernels/bits.js";
import { combineSketches, estimateDistinct, gramBitmapLength } from "../kernels/distinct-grams.js";
import { candidateGrams, candidateParts } from "../kernels/ngram-candidates.js";
import type { TokenMap } from "../planner/tokens.js";
import type { Cohorts } from "./cohorts.js";
import type { Execution, Tally } from "./execution.js";
import type { Walk } from "./passes/tally.js";

/** One KPI in one cohort. */
export interface Scenario {
  readonly cohort: number;
  readonly kpi: number;
  readonly failing: number;
  readonly normal: number;
}

/** Symbols are 16 bits, and two are taken: "of no pattern" and "ignored". */
const MOST_TOKENS = 65_533;

/** Cells (candidate × cohort × KPI) of one tally: more cost more to add up than a pass over the sessions that thins them out. */
const MOST_CELLS_AT_ONCE = 1 << 18;

/** Entries of an automaton's rows up to which a core's own cache holds them: 256 KiB. */
const MOST_CACHED_ENTRIES = 1 << 16;

/** Every token as a symbol: token + 1, and `skip` for ignored events. */
export interface TokenSymbols {
  readonly symbols: Uint16Array;
  readonly skip: number;
  /** Those of the events that stand in sequences, and CSR offsets of sessions into them; the same array where no event is ignored. */
  readonly kept: { readonly symbols: Uint16Array; readonly offsets: Uint32Array };
}

/**
 * Writes every event's token as a symbol.
 * @throws LeadlineError `study-invalid` when there are more tokens than symbols
 */
export async function symboliseTokens(execution: Execution, tokens: TokenMap): Promise<TokenSymbols> {
  const count = tokens.tokens.length;
  if (count > MOST_TOKENS) {
    throw new LeadlineError(
      "study-invalid",
      `too many event names: ${count}; patterns take at most ${MOST_TOKENS}, so group them with events.tokens`,
    );
  }
  const skip = count + 1;
  const symbolOfToken = Uint16Array.from({ length: count }, (_, token) => token + 1);
  const symbols = await execution.symbols(symbolOfToken, skip);
  const offsets = execution.table.sessionOffsets;
  const kept = tokens.ignored.includes(true) ? withoutSkipped(symbols, offsets, skip) : { symbols, offsets };
  return { symbols, skip, kept };
}

/**
 * Counts, for every token, the sessions that hold it: cell token + 1 of the tally.
 * @param walk - over all sessions; cohorts are not told apart where that is too much to add up
 */
export async function tallyTokens(execution: Execution, { skip }: TokenSymbols, walk: Walk): Promise<Tally> {
  const automaton = steppingOver(buildAutomaton(new Uint16Array(0), Uint32Array.of(0), skip + 1), skip);
  const candidateAt = sharedInt32(automaton.states << automaton.shift);
  for (let symbol = 1; symbol < skip; symbol++) candidateAt[symbol] = symbol;
  const subject = { kind: "candidates" as const, automaton, candidateAt, candidates: skip - 1 };
  const isMuch = skip * walk.cohorts * execution.kpis > MOST_CELLS_AT_ONCE;
  return await execution.tally(subject, isMuch ? execution.walk("all", false) : walk, false);
}

/** The patterns that some scenario may let through. */
export interface MinedPatterns {
  /** Token codes of each pattern; pattern p is pattern p of the automaton. */
  readonly patterns: readonly (readonly number[])[];
  /** Bit k: KPI k may not use the pattern, since it holds an event that tells of the outcome. */
  readonly barred: readonly number[];
  /** Uint16Array(tokens + 2): by symbol of `symboliseTokens`, that with which the sessions are laid out now */
  readonly symbolOf: Uint16Array;
  readonly automaton: Automaton;
  /** All sessions by cohort, cell p + 1 being pattern p's, where mining has counted them; else null. */
  readonly counted: Tally | null;
}

/** A sequence whose failing sessions were counted, and are fewer in every scenario than it takes. */
export interface RareSequence {
  readonly tokens: readonly number[];
  /** Bit k: KPI k may not use it. */
  readonly barred: number;
  /** Whether it was counted in every cohort; else over all sessions. */
  readonly byCohort: boolean;
}

/** What to mine. */
export interface MineRequest {
  /** Longest pattern. */
  readonly longest: number;
  readonly scenarios: readonly Scenario[];
  /** Share of a scenario's failing sessions that must hold a pattern. */
  readonly minSupport: number;
  /** Per token: bit k is set where KPI k may not use it. */
  readonly barredTokens: Uint32Array;
  readonly cohorts: Cohorts;
  /** Told once of each sequence that failing sessions hold, and too few of them. */
  readonly onRare: (rare: RareSequence) => void;
  /** Sequences of several lengths that are counted in one pass, at most. @default as many as a core's cache and one tally hold */
  readonly mostAhead?: number;
}

/**
 * Finds every sequence of adjacent tokens that at least `minSupport` of the failing sessions of some scenario hold, level
 * by level in the failing sessions alone: a k-gram can only be frequent where both its (k − 1)-grams are (Agrawal & Srikant
 * 1994). Exact: no sampling. Patterns of every length up to the longest, with all their parts.
 *
 * Once few candidates are left, those of all lengths to come are counted ahead in one pass (Agrawal & Srikant 1994, 2.1.1, the
 * variation), and in all sessions, which the patterns among them need anyway.
 * The sessions must be laid out with the symbols of `symboliseTokens`; their events get those of the patterns.
 * @param tokenTally - from `tallyTokens`
 */
export async function minePatterns(
  execution: Execution,
  tokens: TokenMap,
  request: MineRequest,
  tokenTally: Tally,
): Promise<MinedPatterns> {
  const { longest, scenarios, minSupport, cohorts, barredTokens, onRare, mostAhead } = request;
  const support = new Supports(scenarios, minSupport);
  const isByCohort = tokenTally.cohorts === cohorts.cohorts.length;
  const heldTokens = frequentFirst(tokens.tokens.length, tokenTally, support, barredTokens);
  // tokens that are counted by cohort are thinned out at once: the fewer there are, the more of an automaton's rows a cache holds
  const frequent = support.keep(tokenTally, isByCohort && cohorts.cohorts.length > 1, [...barredTokens]);
  const frequentTokens = heldTokens.filter((token) => frequent[token + 1] === 1);
  const tokenOfSymbol = [-1, ...frequentTokens];
  const alphabetSize = frequentTokens.length + 1;
  const skip = alphabetSize;
  // from token + 1, and the skip of `symboliseTokens`
  const symbolOf = new Uint16Array(tokens.tokens.length + 2);
  for (const [index, token] of frequentTokens.entries()) symbolOf[token + 1] = index + 1;
  symbolOf[tokens.tokens.length + 1] = skip;
  await execution.remap(symbolOf);

  const everyCohort = execution.walk("cohort", true);
  const anyCohort = execution.walk("all", true);
  const grams: number[][] = [];
  const barred: number[] = [];
  const codesOf = (gram: readonly number[]): number[] => gram.map((symbol) => tokenOfSymbol[symbol] as number);
  /** Uint8Array(cells): 1 where some session that fails holds a cell's hypothesis */
  const heldCells = (tally: Tally): Uint8Array => {
    const held = new Uint8Array(tally.row(0, 0, true).length);
    for (let kpi = 0; kpi < execution.kpis; kpi++) {
      for (const [cell, sessions] of tally.row(0, kpi, true).entries()) if (sessions > 0) held[cell] = 1;
    }
    return held;
  };
  const isTokenHeld = heldCells(tokenTally);
  for (const token of longest === 0 ? [] : heldTokens) {
    if (frequent[token + 1] === 1 || isTokenHeld[token + 1] === 0) continue;
    onRare({ tokens: [token], barred: barredTokens[token] as number, byCohort: tokenTally.cohorts > 1 });
  }
  const keptOf = (
    parts: readonly CandidatePart[],
    keep: Uint8Array,
    tally: Tally,
    cells?: number[],
  ): CandidatePart[] => {
    const isHeld = heldCells(tally);
    return parts.filter(({ symbols, barred: bars }, index) => {
      if (keep[index + 1] === 1) return true;
      if (isHeld[cells?.[index] ?? index + 1] === 1) {
        onRare({ tokens: codesOf(symbols), barred: bars, byCohort: tally.cohorts > 1 });
      }
      return false;
    });
  };
  let automaton = build(grams, skip);
  let ahead: CountedAhead | null = null;
  for (let length = 1; length <= longest; length++) {
    const candidateAt = sharedInt32(automaton.states << automaton.shift);
    let candidates = candidateGrams({ ...automaton, alphabetSize }, length, candidateAt);
    if (candidates === 0) break;
    let parts = candidatesOf(automaton, candidateAt, candidates, grams, tokenOfSymbol, barredTokens);
    // few candidates are told apart by cohort at once; many are first thinned out over all cohorts together
    const isMany = candidates * cohorts.cohorts.length * execution.kpis > MOST_CELLS_AT_ONCE;
    const walks = cohorts.cohorts.length === 1 ? [anyCohort] : isMany ? [anyCohort, everyCohort] : [everyCohort];
    const areTokens = length === 1 && isByCohort;
    if (!areTokens) ahead ??= await countAhead(execution, cohorts, grams, parts, longest, skip, mostAhead);
    if (areTokens || ahead !== null) {
      // counted already
      const tally = ahead?.tally ?? tokenTally;
      const cells =
        ahead?.cellsOf(parts.map(({ symbols }) => symbols)) ??
        parts.map(({ symbols: [symbol = 0] }) => (tokenOfSymbol[symbol] as number) + 1);
      const barredParts = parts.map((part) => part.barred);
      const keep = support.keep(tally, cohorts.cohorts.length > 1, barredParts, cells);
      candidates = renumber(candidateAt, keep);
      parts = keptOf(parts, keep, tally, cells);
    } else {
      for (const walk of walks) {
        const subject = { kind: "candidates" as const, automaton, candidateAt, candidates };
        const tally = await execution.tally(subject, walk, true);
        const keep = support.keep(
          tally,
          walk.cohorts > 1,
          parts.map((part) => part.barred),
        );
        candidates = renumber(candidateAt, keep);
        parts = keptOf(parts, keep, tally);
      }
    }
    if (candidates === 0) break;
    for (const part of parts) {
      grams.push(part.symbols);
      barred.push(part.barred);
    }
    automaton = build(grams, skip);
  }
  return {
    patterns: grams.map(codesOf),
    barred,
    symbolOf,
    automaton,
    counted: ahead?.tally.only(ahead.cellsOf(grams)) ?? null,
  };
}

/** Sequences of several lengths, counted in all sessions by cohort. */
interface CountedAhead {
  readonly tally: Tally;
  /** The cells of some of them, each given by its symbols. */
  readonly cellsOf: (grams: readonly (readonly number[])[]) => number[];
}

/** Counts what is kept and every sequence that it may still grow to; null where that is too much for one pass. */
async function countAhead(
  execution: Execution,
  cohorts: Cohorts,
  kept: readonly (readonly number[])[],
  candidates: readonly CandidatePart[],
  longest: number,
  skip: number,
  mostAhead = Math.min(
    MOST_CELLS_AT_ONCE / (cohorts.cohorts.length * execution.kpis),
    MOST_CACHED_ENTRIES / (skip + 1),
  ),
): Promise<CountedAhead | null> {
  const most = mostAhead - kept.length;
  const grown = growAll(
    candidates.map(({ symbols }) => symbols),
    longest,
    most,
  );
  if (grown === null) return null;
  const grams = [...kept, ...grown];
  const cellOf = new Map(grams.map((gram, index) => [gram.join(), index + 1]));
  const subject = { kind: "patterns" as const, automaton: build(grams, skip) };
  return {
    tally: await execution.tally(subject, execution.walk("cohort", false), false),
    cellsOf: (wanted) => wanted.map((gram) => cellOf.get(gram.join()) as number),
  };
}

/** Sequences of one length, and all longer ones whose parts of that length are among them; null where they are more than `most`. */
function growAll(grams: readonly (readonly number[])[], longest: number, most: number): (readonly number[])[] | null {
  const all = [...grams];
  let level = grams;
  while (level.length > 0 && all.length <= most && (level[0]?.length ?? 0) < longest) {
    const byPrefix = new Map<string, (readonly number[])[]>();
    for (const gram of level) {
      const prefix = gram.slice(0, -1).join();
      byPrefix.set(prefix, [...(byPrefix.get(prefix) ?? []), gram]);
    }
    const longer: number[][] = [];
    for (const gram of level) {
      for (const end of byPrefix.get(gram.slice(1).join()) ?? []) longer.push([...gram, end.at(-1) as number]);
      if (all.length + longer.length > most) return null;
    }
    all.push(...longer);
    level = longer;
  }
  return all.length <= most ? all : null;
}

/** Failing sessions of a scenario that must hold a pattern. */
export function leastSupport(failing: number, minSupport: number): number {
  // a hair below the product, lest its rounding turn away a pattern that holds the exact share
  return Math.max(1, Math.ceil(failing * minSupport * (1 - 1e-12)));
}

/** The least numbers of failing sessions that a pattern needs. */
export class Supports {
  readonly #scenarios: readonly { readonly cohort: number; readonly kpi: number; readonly least: number }[];
  /** Per KPI, the least over its scenarios: what a pattern needs in all sessions to be frequent in any cohort. */
  readonly #leastOfKpi = new Map<number, number>();

  constructor(scenarios: readonly Scenario[], minSupport: number) {
    this.#scenarios = scenarios.map(({ cohort, kpi, failing }) => ({
      cohort,
      kpi,
      least: leastSupport(failing, minSupport),
    }));
    for (const { kpi, least } of this.#scenarios) {
      this.#leastOfKpi.set(kpi, Math.min(least, this.#leastOfKpi.get(kpi) ?? Number.POSITIVE_INFINITY));
    }
  }

  /**
   * Uint8Array(patterns + 1): 1 where some scenario may let a pattern through, from 1 on.
   * @param barred - by pattern
   * @param cells - by pattern: its cell of the tally; one more than its index unless said
   */
  keep(tally: Tally, byCohort: boolean, barred: readonly number[], cells?: readonly number[]): Uint8Array {
    const keep = new Uint8Array(barred.length + 1);
    const mark = (row: Uint32Array, kpi: number, least: number): void => {
      for (let pattern = 0; pattern < barred.length; pattern++) {
        const cell = cells === undefined ? pattern + 1 : (cells[pattern] as number);
        if ((row[cell] as number) >= least && ((barred[pattern] as number) & (1 << kpi)) === 0) keep[pattern + 1] = 1;
      }
    };
    if (byCohort) {
      for (const { cohort, kpi, least } of this.#scenarios) mark(tally.row(cohort, kpi, true), kpi, least);
    } else {
      for (const [kpi, least] of this.#leastOfKpi) mark(tally.row(0, kpi, true), kpi, least);
    }
    return keep;
  }
}

/** Tokens that can be part of a pattern, the most frequent first, so that hot entries of an automaton's row share lines. */
export function frequentFirst(count: number, tally: Tally, support: Supports, barredTokens: Uint32Array): number[] {
  const keep = support.keep(tally, false, [...barredTokens]);
  const sessions = new Float64Array(count);
  for (const failing of [false, true]) {
    const row = tally.row(0, 0, failing);
    for (let token = 0; token < count; token++) {
      sessions[token] = (sessions[token] as number) + (row[token + 1] as number);
    }
  }
  return Array.from({ length: count }, (_, token) => token)
    .filter((token) => keep[token + 1] === 1)
    .sort((a, b) => (sessions[b] as number) - (sessions[a] as number) || a - b);
}

interface CandidatePart {
  readonly symbols: number[];
  readonly barred: number;
}

function candidatesOf(
  automaton: Automaton,
  candidateAt: Int32Array,
  candidates: number,
  grams: readonly (readonly number[])[],
  tokenOfSymbol: readonly number[],
  barredTokens: Uint32Array,
): CandidatePart[] {
  const prefixState = new Int32Array(candidates + 1);
  const lastSymbol = new Uint16Array(candidates + 1);
  candidateParts(automaton, candidateAt, prefixState, lastSymbol);
  const parts: CandidatePart[] = [];
  for (let candidate = 1; candidate <= candidates; candidate++) {
    const state = prefixState[candidate] as number;
    const symbols = [...(state === 0 ? [] : (grams[state - 1] ?? [])), lastSymbol[candidate] as number];
    const barred = symbols.reduce(
      (bits, symbol) => bits | (barredTokens[tokenOfSymbol[symbol] as number] as number),
      0,
    );
    parts.push({ symbols, barred });
  }
  return parts;
}

/** Numbers the kept candidates anew, from 1 in their old order. Returns how many there are. */
function renumber(candidateAt: Int32Array, keep: Uint8Array): number {
  const to = new Int32Array(keep.length);
  let kept = 0;
  for (let candidate = 1; candidate < keep.length; candidate++) if (keep[candidate] === 1) to[candidate] = ++kept;
  for (let at = 0; at < candidateAt.length; at++) candidateAt[at] = to[candidateAt[at] as number] as number;
  return kept;
}

function build(grams: readonly (readonly number[])[], skip: number): Automaton {
  const offsets = new Uint32Array(grams.length + 1);
  for (const [index, gram] of grams.entries()) offsets[index + 1] = (offsets[index] as number) + gram.length;
  return steppingOver(buildAutomaton(Uint16Array.from(grams.flat()), offsets, skip + 1), skip);
}

/** Makes a symbol leave every state as it is: an ignored event stands between no two others. */
function steppingOver(automaton: Automaton, skip: number): Automaton {
  const { next, states, shift } = automaton;
  for (let state = 0; state < states; state++) next[(state << shift) + skip] = state << shift;
  return automaton;
}

function sharedInt32(length: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(length * 4));
}

/** An automaton of some of the mined patterns over the symbols of `symboliseTokens`, in the order given. */
export function automatonOf(
  mined: Pick<MinedPatterns, "patterns">,
  chosen: readonly number[],
  { skip }: TokenSymbols,
): Automaton {
  return build(
    chosen.map((pattern) => (mined.patterns[pattern] ?? []).map((token) => token + 1)),
    skip,
  );
}

/** The same over the symbols with which the sessions are laid out since they were mined. */
export function laidOutAutomatonOf(
  { patterns, symbolOf }: Pick<MinedPatterns, "patterns" | "symbolOf">,
  chosen: readonly number[],
): Automaton {
  return build(
    chosen.map((pattern) => (patterns[pattern] ?? []).map((token) => symbolOf[token + 1] as number)),
    symbolOf[symbolOf.length - 1] as number,
  );
}

/** How many different sequences of each length the data hold. */
export interface DistinctGrams {
  readonly length: number;
  readonly count: number;
  /** False where the number is an estimate (HyperLogLog, standard error 0.8 %). */
  readonly exact: boolean;
}

/** Counts the different sequences of adjacent tokens, ignored events left out. O(events × lengths). */
export async function countDistinct(
  execution: Execution,
  { skip, kept }: TokenSymbols,
  lengths: readonly number[],
): Promise<DistinctGrams[]> {
  const { table, pool } = execution;
  const alphabetSize = skip;
  const bitmapWords = lengths.map((length) => gramBitmapLength(alphabetSize, length));
  const shared = {
    symbols: kept.symbols,
    sessionOffsets: kept.offsets,
    alphabetSize,
    lengths,
    bitmapWords,
  };
  const share = Math.ceil(table.sessions / pool.threads);
  const inputs = Array.from({ length: pool.threads }, (_, thread) => ({
    ...shared,
    start: Math.min(table.sessions, thread * share),
    end: Math.min(table.sessions, (thread + 1) * share),
  }));
  const parts = await pool.runAll("distinct", inputs, (index) => `sessions from ${inputs[index]?.start ?? 0}`);
  return lengths.map((length, index) => {
    const outputs = parts.map((part) => part[index]);
    const first = outputs[0];
    if (first instanceof Uint32Array) {
      for (const other of outputs.slice(1)) {
        for (let word = 0; word < first.length; word++) first[word] = (first[word] as number) | (other?.[word] ?? 0);
      }
      return { length, count: countBits(first), exact: true };
    }
    if (!(first instanceof Uint8Array)) throw new TypeError("missing sketch");
    for (const other of outputs.slice(1)) if (other instanceof Uint8Array) combineSketches(first, other);
    return { length, count: Math.round(estimateDistinct(first)), exact: false };
  });
}

/** The events that stand in sequences. */
function withoutSkipped(symbols: Uint16Array, sessionOffsets: Uint32Array, skip: number): TokenSymbols["kept"] {
  const out = new Uint16Array(new SharedArrayBuffer(symbols.length * 2));
  const offsets = new Uint32Array(new SharedArrayBuffer(sessionOffsets.length * 4));
  let kept = 0;
  for (let session = 0; session + 1 < sessionOffsets.length; session++) {
    const end = sessionOffsets[session + 1] as number;
    for (let at = sessionOffsets[session] as number; at < end; at++) {
      if (symbols[at] !== skip) out[kept++] = symbols[at] as number;
    }
    offsets[session + 1] = kept;
  }
  return { symbols: out, offsets };
}
