import type { KpiOutcome } from "../engine/execution.js";
import { placeOfKpi } from "../engine/execution.js";
import type { Scenario } from "../engine/mine.js";
import { type Candidate, FLOOR_RATIO } from "./candidates.js";
import { CellSets, type CohortCounts, intersect } from "./cell-sets.js";
import type { ConditionMembers } from "./conditions.js";
import type { Context } from "./context.js";
import type { CrossQueue, MinedCounts, Pair, Part } from "./cross-parts.js";
import { judgeCohortDifference } from "./experts/cohort-difference.js";
import { judgeSequenceRate } from "./experts/sequence-rate.js";
import type { Opinion } from "./findings.js";
import { isLeak } from "./leaks.js";
import { countsP } from "./significance.js";
import { normalUpper } from "./statistics/distributions.js";
import { type Cell, interaction } from "./statistics/interaction.js";

/** Patterns of a KPI whose sessions are kept as sets. */
const MOST_PATTERNS = 256;
/** Share of the budget for crosses of three parts. */
const TRIPLES = 0.2;
/** Crosses of two parts that a third is tried with, and how clear of chance they must be for it. */
const MOST_EXTENDED = 20;
const NEARLY_Z = 1.96;

/** A cross in a scenario that an expert lets through, by its counts. */
export interface FoundCross {
  readonly parts: readonly Part[];
  /** Its subject is to be numbered. */
  readonly candidate: Candidate;
  readonly opinion: Opinion;
  /** The larger of: chance that members fail as often; chance that the parts explain it. */
  readonly p: number;
}

/** What a search came to. */
export interface SearchedCrosses {
  readonly found: readonly FoundCross[];
  /** Crosses that were counted, and pairs among them. */
  readonly counted: number;
  readonly countedPairs: number;
  /** By cross (its `found` entries share the parts): counts over all cohorts. */
  readonly everywhere: ReadonlyMap<readonly Part[], Candidate>;
  /** Calls back with the sessions of a cross, over all cohorts. */
  readonly sessionsOf: (parts: readonly Part[], callback: (session: number) => void) => void;
}

/** Counts crosses of one KPI, best first, until the budget is spent. */
export async function searchCrosses(
  context: Context,
  kpi: number,
  scenarios: readonly Scenario[],
  members: readonly ConditionMembers[],
  queue: CrossQueue,
  patterns: MinedCounts | null,
): Promise<SearchedCrosses> {
  const budget = context.settings.cross_budget;
  const { pairs, chosen } = withinBudget(queue.pairs, Math.ceil(budget * (1 - TRIPLES)));
  const outcome = context.kpis[kpi] as KpiOutcome;
  const sets = new CellSets(outcome, context.cohorts);
  const marked =
    patterns === null ? [] : await sets.ofPatterns(context, outcome, patterns.mined, patterns.symbols, chosen);
  const counter = new Counter(context, kpi, scenarios, sets, (part) => {
    if (part.kind === "pattern") return marked[chosen.indexOf(part.index)] as Uint32Array;
    const { group, bit } = placeOfKpi(kpi);
    return sets.ofColumn(members[part.index]?.members[group] as Uint8Array, bit);
  });
  const populationOf = (part: Part): Uint8Array | null => members[part.index]?.population ?? null;
  for (const { parts } of pairs) counter.add(parts, populationOf);
  const near = [...counter.near].sort((a, b) => b.z - a.z).slice(0, MOST_EXTENDED);
  const tried = new Set<string>();
  for (const { parts } of near) {
    for (const third of queue.conditions) {
      if (counter.counted >= budget || parts.some(({ template }) => template === third.template)) continue;
      const all = [...parts, third];
      const key = all
        .map(({ kind, index }) => `${kind}${index}`)
        .sort()
        .join();
      if (tried.has(key)) continue;
      tried.add(key);
      counter.add(all, populationOf);
    }
  }
  const { found, counted, everywhere } = counter;
  const sessionsOf: SearchedCrosses["sessionsOf"] = (parts, callback) => sets.forEach(counter.bitsOf(parts), callback);
  return { found, counted, countedPairs: pairs.length, everywhere, sessionsOf };
}

/** The first pairs of as many patterns as can be kept. */
function withinBudget(
  queued: readonly Pair[],
  budget: number,
): { readonly pairs: readonly Pair[]; readonly chosen: readonly number[] } {
  const chosen = new Set<number>();
  const pairs: Pair[] = [];
  for (const pair of queued) {
    if (pairs.length >= budget) break;
    const pattern = pair.parts.find(({ kind }) => kind === "pattern");
    if (pattern !== undefined && !chosen.has(pattern.index)) {
      if (chosen.size >= MOST_PATTERNS) continue;
      chosen.add(pattern.index);
    }
    pairs.push(pair);
  }
  return { pairs, chosen: [...chosen] };
}

/** Counts the sessions of crosses and of their parts, and lets the experts judge. */
class Counter {
  readonly found: FoundCross[] = [];
  readonly near: { readonly parts: readonly Part[]; readonly z: number }[] = [];
  readonly everywhere = new Map<readonly Part[], Candidate>();
  counted = 0;
  readonly #context: Context;
  readonly #kpi: number;
  readonly #scenarios: readonly Scenario[];
  readonly #sets: CellSets;
  readonly #setOf: (part: Part) => Uint32Array;
  readonly #bits = new Map<Part, Uint32Array>();
  readonly #among = new Map<number | null, Uint32Array>();
  readonly #counts = new Map<string, CohortCounts>();

  constructor(
    context: Context,
    kpi: number,
    scenarios: readonly Scenario[],
    sets: CellSets,
    setOf: (part: Part) => Uint32Array,
  ) {
    this.#context = context;
    this.#kpi = kpi;
    this.#scenarios = scenarios;
    this.#sets = sets;
    this.#setOf = setOf;
  }

  add(parts: readonly Part[], populationOf: (part: Part) => Uint8Array | null): void {
    this.counted++;
    const limited = parts.find(({ population }) => population !== null);
    const population = limited?.population ?? null;
    let among = this.#among.get(population);
    if (among === undefined) {
      const column = limited === undefined ? null : populationOf(limited);
      among = column === null ? this.#sets.counted : this.#sets.ofColumn(column, 0);
      this.#among.set(population, among);
    }
    const within = among;
    const all = this.#countsOf([], population, within);
    const own = this.#countsOf(parts, population, within);
    // every way to take one part from the others
    const ways = parts.slice(parts.length === 2 ? 1 : 0).map((part) => ({
      rest: this.#countsOf(
        parts.filter((other) => other !== part),
        population,
        within,
      ),
      part: this.#countsOf([part], population, within),
    }));
    let best = Number.NEGATIVE_INFINITY;
    for (const scenario of this.#scenarios) {
      const { cohort } = scenario;
      const whole = cellOf(own, cohort);
      const total = cellOf(all, cohort);
      const candidate: Candidate = {
        subject: { kind: "condition", index: -1 },
        scenario,
        membersFailing: whole.failing,
        membersNormal: whole.sessions - whole.failing,
        failing: total.failing,
        normal: total.sessions - total.failing,
        folded: [],
      };
      if (cohort === 0) this.everywhere.set(parts, candidate);
      if (whole.failing === 0 || whole.sessions === total.sessions) continue;
      let [z, ratio] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (const { rest, part } of ways) {
        const first = cellOf(rest, cohort);
        const second = cellOf(part, cohort);
        const none = minus(minus(total, first), minus(second, whole));
        const result = interaction(whole, minus(first, whole), minus(second, whole), none);
        z = Math.min(z, result.z);
        ratio = Math.min(ratio, result.ratio);
      }
      best = Math.max(best, z);
      if (z < NEARLY_Z || ratio < FLOOR_RATIO) continue;
      this.#judge(parts, { ...candidate, interactionZ: z });
    }
    if (parts.length === 2 && best >= NEARLY_Z / 2) this.near.push({ parts, z: best });
  }

  #judge(parts: readonly Part[], candidate: Candidate): void {
    const { settings } = this.#context;
    const { membersFailing, membersNormal, failing, normal } = candidate;
    if (isLeak(membersFailing, membersNormal, failing, normal, settings)) return;
    const opinion = parts.some(({ kind }) => kind === "pattern")
      ? judgeSequenceRate(membersFailing, membersNormal, failing, normal, settings)
      : this.#cohortDifference(parts, candidate);
    if (opinion.says !== "opportunity") return;
    const chance = countsP(membersFailing, membersFailing + membersNormal, failing, failing + normal);
    const p = Math.max(chance, normalUpper(candidate.interactionZ ?? 0));
    if (p <= settings.fdr) this.found.push({ parts, candidate, opinion, p });
  }

  #cohortDifference(parts: readonly Part[], candidate: Candidate): Opinion {
    const { settings, plan, kpis, cohorts } = this.#context;
    const { membersFailing, membersNormal, failing, normal, scenario } = candidate;
    const { outcome } = kpis[this.#kpi] as KpiOutcome;
    if (outcome === null) {
      const rate = membersFailing / (membersFailing + membersNormal);
      return judgeCohortDifference(rate, failing / (failing + normal), 1, null, settings);
    }
    const planned = plan.kpis[this.#kpi]?.outcome;
    const sign = planned?.kind === "numeric" && planned.worse === "lower" ? -1 : 1;
    const population = parts.find((part) => part.population !== null)?.population ?? null;
    const meanOf = (set: Uint32Array): number => {
      let [sum, count] = [0, 0];
      this.#sets.forEach(set, (session) => {
        const cell = cohorts.cellOf[session] as number;
        const own = cohorts.cohortsOfCell.subarray(cohorts.cohortOffsets[cell], cohorts.cohortOffsets[cell + 1]);
        if (!own.includes(scenario.cohort)) return;
        sum += outcome[session] as number;
        count++;
      });
      return sum / count;
    };
    const among = this.#among.get(population) as Uint32Array;
    return judgeCohortDifference(meanOf(intersect(this.bitsOf(parts), among)), meanOf(among), sign, null, settings);
  }

  /** Counts of the sessions in which all of some parts hold, each combination once. */
  #countsOf(parts: readonly Part[], population: number | null, among: Uint32Array): CohortCounts {
    const names = parts.map(({ kind, index }) => `${kind}${index}`).sort();
    const key = `${population}:${names.join()}`;
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      const [first = among, second = among, ...others] = parts.map((part) => this.#bitsOfPart(part));
      counts = this.#sets.count(others.reduce(intersect, first), second, among);
      this.#counts.set(key, counts);
    }
    return counts;
  }

  /** The sessions in which all of some parts hold. */
  bitsOf(parts: readonly Part[]): Uint32Array {
    return parts.map((part) => this.#bitsOfPart(part)).reduce(intersect);
  }

  #bitsOfPart(part: Part): Uint32Array {
    let bits = this.#bits.get(part);
    if (bits === undefined) {
      bits = this.#setOf(part);
      this.#bits.set(part, bits);
    }
    return bits;
  }
}

function cellOf({ sessions, failing }: CohortCounts, cohort: number): Cell {
  return { sessions: sessions[cohort] as number, failing: failing[cohort] as number };
}

function minus(a: Cell, b: Cell): Cell {
  return { sessions: a.sessions - b.sessions, failing: a.failing - b.failing };
}
