import { sharedUint32 } from "../engine/columns/shared.js";
import { type KpiOutcome, placeOfKpi, sharedCounter } from "../engine/execution.js";
import { laidOutAutomatonOf, type MinedPatterns, type Scenario } from "../engine/mine.js";
import type { MarkInput } from "../engine/passes/mark.js";
import { NOT_COUNTED } from "../engine/passes/segment.js";
import type { Candidate } from "./candidates.js";
import { type CellLayout, standingsOn } from "./cell-layout.js";
import { CellSets, intersect } from "./cell-sets.js";
import type { ConditionMembers } from "./conditions.js";
import type { Context } from "./context.js";
import { type CountedCross, type CrossInput, type CrossScenario, NEARLY_Z } from "./cross-count.js";
import type { CrossQueue, MinedCounts, Pair, Part } from "./cross-parts.js";
import { finderThreads } from "./tasks.js";

/** Patterns of a KPI whose sessions are kept as sets. */
const MOST_PATTERNS = 256;
/** Share of the budget for crosses of three parts. */
const TRIPLES = 0.2;
/** Crosses of two parts that a third is tried with. */
const MOST_EXTENDED = 20;

/** A cross in a scenario that an expert lets through, by its counts. */
export interface FoundCross extends CrossScenario {
  readonly parts: readonly Part[];
}

/** What a search came to. */
export interface SearchedCrosses {
  readonly found: readonly FoundCross[];
  /** Crosses that were counted, and pairs among them. */
  readonly counted: number;
  readonly countedPairs: number;
  /** Of crosses that are found (their `found` entries share the parts): counts over all cohorts. */
  readonly everywhere: ReadonlyMap<readonly Part[], Candidate>;
  /** Calls back with the sessions of a cross, over all cohorts. */
  readonly sessionsOf: (parts: readonly Part[], callback: (session: number) => void) => void;
}

/**
 * Counts crosses of one KPI, best first, until the budget is spent, on all threads.
 * @param scenarios - of the KPI; the first is that of all cohorts
 * @param layout - of the KPI
 */
export async function searchCrosses(
  context: Context,
  kpi: number,
  scenarios: readonly Scenario[],
  members: readonly ConditionMembers[],
  queue: CrossQueue,
  patterns: MinedCounts | null,
  layout: CellLayout,
): Promise<SearchedCrosses> {
  const { settings, execution } = context;
  const budget = settings.cross_budget;
  const { pairs, parts } = withinBudget(queue, Math.ceil(budget * (1 - TRIPLES)));
  const marked = await markParts(context, kpi, parts, members, patterns?.mined ?? null, layout);
  const outcome = context.kpis[kpi] as KpiOutcome;
  const planned = context.plan.kpis[kpi]?.outcome;
  const threads = finderThreads(execution.pool);
  const partAt = new Map(parts.map((part, at) => [part, at]));
  const count = async (crosses: readonly (readonly Part[])[], width: CrossInput["width"]): Promise<CountedCross[]> => {
    if (crosses.length === 0) return [];
    const input: CrossInput = {
      layout,
      cohorts: context.cohorts,
      scenarios,
      outcome: outcome.outcome,
      sign: planned?.kind === "numeric" && planned.worse === "lower" ? -1 : 1,
      settings,
      parts: parts.map(({ kind, population }) => {
        return { isPattern: kind === "pattern", among: marked.amongOf(population) };
      }),
      bits: marked.bits,
      amongs: marked.amongs,
      crosses: Uint32Array.from(crosses.flatMap((own) => own.map((part) => partAt.get(part) as number))),
      width,
      next: sharedCounter(),
    };
    const told = await threads.runEach("crosses", input, "the crosses");
    return told.flat().sort((a, b) => a.cross - b.cross);
  };
  const found: FoundCross[] = [];
  const everywhere = new Map<readonly Part[], Candidate>();
  const keep = (crosses: readonly (readonly Part[])[], told: readonly CountedCross[]): void => {
    for (const { cross, found: own, everywhere: whole } of told) {
      const of = crosses[cross] as readonly Part[];
      for (const scenario of own) found.push({ ...scenario, parts: of });
      if (own.length > 0 && whole !== null) everywhere.set(of, whole);
    }
  };
  const two = pairs.map((pair): readonly Part[] => pair.parts);
  const toldOfTwo = await count(two, 2);
  keep(two, toldOfTwo);
  const near = toldOfTwo
    .filter(({ bestZ }) => bestZ >= NEARLY_Z / 2)
    .sort((a, b) => b.bestZ - a.bestZ || a.cross - b.cross)
    .slice(0, MOST_EXTENDED);
  const three = extended(
    near.map(({ cross }) => two[cross] as readonly Part[]),
    queue.conditions,
    budget - pairs.length,
  );
  keep(three, await count(three, 3));
  const sets = new CellSets(layout, context.cohorts);
  const bitsOf = (part: Part): Uint32Array => marked.bits[partAt.get(part) as number] as Uint32Array;
  const sessionsOf: SearchedCrosses["sessionsOf"] = (own, callback) =>
    sets.forEach(own.map(bitsOf).reduce(intersect), callback);
  return { found, counted: two.length + three.length, countedPairs: two.length, everywhere, sessionsOf };
}

/** The first pairs of as many patterns as can be kept, and the parts that they and a third may be of. */
function withinBudget(
  { pairs: queued, conditions }: CrossQueue,
  budget: number,
): { readonly pairs: readonly Pair[]; readonly parts: readonly Part[] } {
  const patterns = new Set<Part>();
  const pairs: Pair[] = [];
  for (const pair of queued) {
    if (pairs.length >= budget) break;
    const pattern = pair.parts.find(({ kind }) => kind === "pattern");
    if (pattern !== undefined && !patterns.has(pattern)) {
      if (patterns.size >= MOST_PATTERNS) continue;
      patterns.add(pattern);
    }
    pairs.push(pair);
  }
  return { pairs, parts: [...patterns, ...conditions] };
}

/** Crosses with a condition more, each once, from the first on until the budget is spent. */
function extended(near: readonly (readonly Part[])[], conditions: readonly Part[], budget: number): Part[][] {
  const made: Part[][] = [];
  const tried = new Set<string>();
  for (const parts of near) {
    for (const third of conditions) {
      if (made.length >= budget || parts.some(({ template }) => template === third.template)) continue;
      const all = [...parts, third];
      const key = all
        .map(({ kind, index }) => `${kind}${index}`)
        .sort()
        .join();
      if (tried.has(key)) continue;
      tried.add(key);
      made.push(all);
    }
  }
  return made;
}

/** The sessions of parts, and those that they are compared in, as sets of the layout. */
interface MarkedParts {
  /** By part: Uint32Array(words) */
  readonly bits: readonly Uint32Array[];
  readonly amongs: readonly Uint32Array[];
  /** Index into `amongs` of a population, by its node; null: all that count */
  readonly amongOf: (population: number | null) => number | null;
}

/** Marks the sessions of each part on what is evidence for the KPI. One pass over the events of those that count. */
async function markParts(
  { execution }: Context,
  kpi: number,
  parts: readonly Part[],
  members: readonly ConditionMembers[],
  mined: MinedPatterns | null,
  { slots, listed, slotOf }: CellLayout,
): Promise<MarkedParts> {
  const { group, bit } = placeOfKpi(kpi);
  const stream = execution.streams[group] as MarkInput["stream"];
  const words = slots.length / 32;
  // patterns come first
  const patterns = parts.filter(({ kind }) => kind === "pattern").map(({ index }) => index);
  const conditions = parts.slice(patterns.length).map(({ index }) => members[index] as ConditionMembers);
  const populations = new Map<number, Uint8Array>();
  for (const { population, index } of parts.slice(patterns.length)) {
    const column = members[index]?.population ?? null;
    if (population !== null && column !== null) populations.set(population, column);
  }
  const columns = [
    ...conditions.map((own) => ({ members: own.members[group] as Uint8Array, bit })),
    ...[...populations.values()].map((column) => ({ members: column, bit: 0 })),
  ];
  const sets = patterns.length + columns.length;
  const bits = sharedUint32(sets * words);
  const input: MarkInput = {
    slots,
    stream,
    automaton: mined === null || patterns.length === 0 ? null : laidOutAutomatonOf(mined, patterns),
    isOpen: standingsOn(stream.segments, kpi).map((standing) => (standing === NOT_COUNTED ? 0 : 1)),
    listed,
    slotOf,
    columns,
    next: sharedCounter(),
    bits,
  };
  if (words > 0) await execution.pool.runEach("mark", input, "the parts of crosses");
  const setOf = (at: number): Uint32Array => bits.subarray(at * words, (at + 1) * words);
  const nodes = [...populations.keys()];
  return {
    bits: parts.map((_, at) => setOf(at)),
    amongs: nodes.map((_, at) => setOf(parts.length + at)),
    amongOf: (population) => (population !== null && populations.has(population) ? nodes.indexOf(population) : null),
  };
}
