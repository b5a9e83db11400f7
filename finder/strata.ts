import type { Codes } from "../engine/columns/event-table.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "../engine/columns/shared.js";
import { sharedCounter } from "../engine/execution.js";
import { NOT_COUNTED } from "../engine/passes/segment.js";
import type { StrataCodes, StrataInput, StrataTotal } from "../engine/passes/strata.js";
import { stratumSumsLength } from "../kernels/stratum-sums.js";
import type { Evidence } from "./collect.js";
import type { Context } from "./context.js";
import { leavesOutcome, MOST_TAKEN } from "./outcome-share.js";
import type { SessionSets } from "./session-sets.js";
import { plainOfSums } from "./statistics/mantel-haenszel.js";
import type { Estimate } from "./statistics/two-proportions.js";

const DAY_MS = 86_400_000;
/** Bins of session length. */
const LENGTH_BINS = 10;
/** Attributes whose pairs are strata; more would cost more than they tell. */
const MOST_PAIRED = 8;
/** A table of more strata would take longer to walk than the sessions. */
const MOST_LEVELS = 1 << 16;
/** An effect within strata nearer to zero, in standard errors, is chance: two-sided 5 %. */
const CHANCE_Z = 1.96;
/** Share of the members that must lie in strata with others, or the strata tell nothing of them. */
const LEAST_COMPARABLE = 0.5;

/** An effect within strata. */
export interface WithinStrata {
  /** What explains an effect that vanishes within these strata, in words. */
  readonly name: string;
  readonly difference: Estimate;
  /** Ratio of the members' KPI to the others' in the same strata; null where unbounded */
  readonly ratio: number | null;
  /** Share of the members in strata that hold others too. */
  readonly comparable: number;
}

/** A hypothesis to be compared within strata. */
export interface StrataRequest {
  readonly kpi: number;
  readonly evidence: Evidence;
  /** Whether the KPI is decided at a moment. */
  readonly hasMoment: boolean;
  /** Factor from a standard error of independent sessions to one clustered by user. */
  readonly designEffect: number;
}

interface Stratification extends StrataCodes {
  readonly name: string;
}

/**
 * Effects within strata (METHODS, 5): by each static attribute, each pair, the entry event, the day, and the session's length
 * where the outcome has no moment. Nothing that the KPI reads, and no attribute that is its outcome by another name.
 */
export class Strata {
  readonly #context: Context;
  readonly #sets: SessionSets;
  readonly #known = new Map<string, number>();
  readonly #all: Stratification[] = [];
  readonly #ofKpi = new Map<number, readonly number[]>();

  constructor(context: Context, sets: SessionSets) {
    this.#context = context;
    this.#sets = sets;
  }

  /** Makes what all hypotheses are stratified by, while threads are at something else. O(sessions). */
  prepare(): void {
    this.#atStart();
  }

  /** The effects of each hypothesis, by every stratification of its KPI. O(stratifications × (compared + members)) on all threads. */
  async effects(requests: readonly StrataRequest[]): Promise<WithinStrata[][]> {
    await this.#stratify(requests);
    const byCompared = new Map<Uint32Array, { kpi: number; compared: Uint32Array; at: number[] }>();
    for (const [at, { kpi, evidence }] of requests.entries()) {
      const known = byCompared.get(evidence.compared) ?? { kpi, compared: evidence.compared, at: [] };
      byCompared.set(evidence.compared, known);
      known.at.push(at);
    }
    const groups = [...byCompared.values()];
    const totals = groups.map(({ kpi, compared, at }) => ({
      kpi,
      compared,
      by: this.#ofKpi.get(kpi) ?? [],
      members: at.map((index) => (requests[index] as StrataRequest).evidence.members),
    }));
    const { sums } = await this.#sum(totals);
    const effects = requests.map((): WithinStrata[] => []);
    let start = 0;
    for (const [group, { by }] of totals.entries()) {
      for (const index of by) {
        for (const at of groups[group]?.at ?? []) {
          const request = requests[at] as StrataRequest;
          effects[at]?.push(this.#effect(index, request, sums.subarray(start, start + stratumSumsLength)));
          start += stratumSumsLength;
        }
      }
    }
    return effects;
  }

  #effect(index: number, { kpi, evidence, designEffect }: StrataRequest, sums: Float64Array): WithinStrata {
    const { difference } = plainOfSums(sums);
    const [memberScale = 0, otherScale = 0, weight = 0] = sums;
    const ratio = memberScale / otherScale;
    const isBinary = this.#context.kpis[kpi]?.outcome === null;
    return {
      name: (this.#all[index] as Stratification).name,
      difference: {
        value: (memberScale - otherScale) / weight,
        // of means, the counts tell no variance
        standardError: isBinary ? difference.standardError * designEffect : Number.NaN,
        degreesOfFreedom: difference.degreesOfFreedom,
      },
      ratio: Number.isFinite(ratio) ? ratio : null,
      comparable: (sums[7] as number) / evidence.contrast.members,
    };
  }

  /** Chooses what the hypotheses of each KPI are stratified by. */
  async #stratify(requests: readonly StrataRequest[]): Promise<void> {
    const { table, plan, kpis } = this.#context;
    const open = new Map<number, boolean>();
    for (const { kpi, hasMoment } of requests) if (!this.#ofKpi.has(kpi)) open.set(kpi, hasMoment);
    const chosen = [...open.keys()].map((kpi) => {
      const barred = plan.kpis[kpi]?.barredColumns ?? [];
      const by = table.attributes.flatMap(({ name, codes, dictionary }, attribute) => {
        const levels = dictionary.length + 1;
        if (barred.includes(name) || levels <= 2 || levels > MOST_LEVELS) return [];
        const index = this.#add({ name, codes, second: null, levels });
        return [{ index, isSure: leavesOutcome(this.#context, kpi, attribute) }];
      });
      return { kpi, by };
    });
    const unsure = chosen.flatMap(({ kpi, by }): StrataTotal[] => {
      const own = by.flatMap(({ index, isSure }) => (isSure ? [] : [index]));
      if (own.length === 0) return [];
      const compared = this.#sets.ofStates((kpis[kpi] as Context["kpis"][number]).state);
      return [{ kpi, by: own, compared, members: [] }];
    });
    const { taken } = await this.#sum(unsure);
    let at = 0;
    for (const { kpi, by } of chosen) {
      const attributes = by.flatMap(({ index, isSure }) =>
        isSure || (taken[at++] as number) < MOST_TAKEN ? [index] : [],
      );
      const paired = attributes.slice(0, MOST_PAIRED).map((index) => this.#all[index] as Stratification);
      const all = [
        ...attributes,
        ...paired.flatMap((a, first) => paired.slice(first + 1).flatMap((b) => this.#pair(a, b))),
        ...this.#atStart(),
      ];
      if (open.get(kpi) === false && plan.kpis[kpi]?.readsLength !== true) all.push(this.#length(kpi));
      this.#ofKpi.set(kpi, all);
    }
  }

  #pair(a: Stratification, b: Stratification): number[] {
    const levels = a.levels * b.levels;
    if (levels > MOST_LEVELS) return [];
    const second = { codes: b.codes, width: b.levels };
    return [this.#add({ name: `${a.name} and ${b.name}`, codes: a.codes, second, levels })];
  }

  /** The entry event and the day, which are the same for all KPIs. */
  #atStart(): number[] {
    const { table, firstStartMs, lastStartMs } = this.#context;
    const { starts, sessions, entry: codes, names } = table;
    const firstDay = Math.floor(firstStartMs / DAY_MS);
    const days = Math.floor(lastStartMs / DAY_MS) - firstDay + 1;
    const entry = (): Stratification => {
      return { name: "the event that a session starts with", codes, second: null, levels: names.length };
    };
    const day = (): Stratification => {
      const dayOf = sharedCodes(sessions, days - 1);
      putDays(starts, firstStartMs, lastStartMs, dayOf);
      return { name: "the day", codes: dayOf, second: null, levels: days };
    };
    return [
      ...(names.length > 1 && names.length <= MOST_LEVELS ? [this.#once("entry", entry)] : []),
      ...(days > 1 && days <= MOST_LEVELS ? [this.#once("day", day)] : []),
    ];
  }

  #length(kpi: number): number {
    return this.#once(`length ${kpi}`, () => lengthBins(this.#context, kpi));
  }

  #add(stratification: Stratification): number {
    return this.#once(`by ${stratification.name}`, () => stratification);
  }

  #once(key: string, make: () => Stratification): number {
    const index = this.#known.get(key) ?? this.#all.push(make()) - 1;
    this.#known.set(key, index);
    return index;
  }

  async #sum(totals: readonly StrataTotal[]): Promise<{ readonly taken: Float64Array; readonly sums: Float64Array }> {
    const pairs = totals.reduce((count, { by }) => count + by.length, 0);
    const members = totals.reduce((count, total) => count + total.by.length * total.members.length, 0);
    const taken = sharedFloat64(pairs);
    const sums = sharedFloat64(members * stratumSumsLength);
    if (pairs === 0) return { taken, sums };
    const { execution, kpis } = this.#context;
    const { sessionStarts, wordOffsets } = this.#sets;
    const input: StrataInput = {
      kpis: kpis.map(({ state, outcome }) => ({ state, outcome })),
      stratifications: this.#all.map(({ codes, second, levels }) => ({ codes, second, levels })),
      totals,
      sessionStarts,
      wordOffsets,
      next: sharedCounter(),
      taken,
      sums,
    };
    await execution.pool.runEach("strata", input, "the comparison within strata");
    return { taken, sums };
  }
}

/** Why strata explain an effect away; null where they do not. */
export function explainedWithin(
  within: WithinStrata,
  pooled: number,
  sign: 1 | -1,
  isBinary: boolean,
  { floor_ratio: floorRatio, floor_difference: floorDifference }: Context["settings"],
): string | null {
  const { difference, ratio, comparable } = within;
  const value = sign * difference.value;
  if (!(comparable >= LEAST_COMPARABLE) || Number.isNaN(value)) return null;
  if (value <= 0) return "reverses";
  const worse = ratio === null ? null : sign === 1 ? ratio : 1 / ratio;
  const isSmall = (worse === null ? !isBinary : worse < floorRatio) && (!isBinary || value < floorDifference);
  if (worse !== null && isSmall) return "shrinks below the effect floor";
  const isSmaller = value < sign * pooled;
  // NaN, of means, is no chance
  return isSmaller && value < CHANCE_Z * difference.standardError ? "is no longer clear of chance" : null;
}

/** Days of the period. Sessions that do not count may lie outside, and are brought to its ends. */
function putDays(starts: Float64Array, firstMs: number, lastMs: number, dayOf: Codes): void {
  const firstDay = Math.floor(firstMs / DAY_MS);
  for (let session = 0; session < dayOf.length; session++) {
    const start = starts[session] as number;
    dayOf[session] = Math.floor(Math.min(lastMs, Math.max(firstMs, start)) / DAY_MS) - firstDay;
  }
}

/** Deciles of the number of events of the sessions that count. */
function lengthBins({ kpis, table }: Context, kpi: number): Stratification {
  const { state } = kpis[kpi] as Context["kpis"][number];
  const { sessions, sessionOffsets } = table;
  const lengths = Float64Array.from(
    { length: sessions },
    (_, session) => (sessionOffsets[session + 1] as number) - (sessionOffsets[session] as number),
  );
  const counted = lengths.filter((_, session) => state[session] !== NOT_COUNTED).sort();
  const bounds = Float64Array.from(
    { length: LENGTH_BINS - 1 },
    (_, bin) => counted[Math.floor(((bin + 1) * counted.length) / LENGTH_BINS)] ?? 0,
  );
  const codes = sharedUint32(sessions);
  for (let session = 0; session < sessions; session++) {
    let bin = 0;
    while (bin < bounds.length && (bounds[bin] as number) < (lengths[session] as number)) bin++;
    codes[session] = bin;
  }
  return { name: "the length of the session", codes, second: null, levels: LENGTH_BINS };
}
