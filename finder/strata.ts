import { sharedUint32 } from "../engine/columns/shared.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import type { Context } from "./context.js";
import { fitStrata, plainMantelHaenszel, stratumLength } from "./statistics/mantel-haenszel.js";
import type { Estimate } from "./statistics/two-proportions.js";

const DAY_MS = 86_400_000;
/** Bins of session length. */
const LENGTH_BINS = 10;
/** Attributes whose pairs are strata; more would cost more than they tell. */
const MOST_PAIRED = 8;
/** A table of more strata would take longer to walk than the sessions. */
const MOST_LEVELS = 1 << 16;
/** Share of the variance of the outcome that an attribute may take: one that takes more is the outcome by another name. */
const MOST_TAKEN = 0.9;
/** An effect within strata nearer to zero, in standard errors, is chance: two-sided 5 %. */
const CHANCE_Z = 1.96;
/** Share of the members that must lie in strata with others, or the strata tell nothing of them. */
const LEAST_COMPARABLE = 0.5;

/** A way to divide sessions into strata. */
export interface Stratification {
  /** What explains an effect that vanishes within the strata, in words. */
  readonly name: string;
  /** (S), below `levels` */
  readonly codes: Uint8Array | Uint16Array | Uint32Array;
  /** Null: `codes` alone; else a stratum is `codes × width + second`. */
  readonly second: { readonly codes: Uint8Array | Uint16Array | Uint32Array; readonly width: number } | null;
  readonly levels: number;
}

/** An effect within strata. */
export interface WithinStrata {
  readonly difference: Estimate;
  /** Ratio of the members' KPI to the others' in the same strata; null where unbounded */
  readonly ratio: number | null;
  /** Share of the members in strata that hold others too. */
  readonly comparable: number;
}

/**
 * What a KPI's hypotheses are stratified by (METHODS, 5): each static attribute, each pair, the entry event, the day, and the
 * session's length where the outcome has no moment. Nothing that the KPI reads, and no attribute that is its outcome by another name.
 * @param hasMoment - whether the outcome is decided at a moment
 */
export function stratificationsOf(context: Context, kpi: number, hasMoment: boolean): Stratification[] {
  const { table, plan, firstStartMs, lastStartMs } = context;
  const { starts, sessions, entry: entryName, names } = table;
  const barred = plan.kpis[kpi]?.barredColumns ?? [];
  const attributes = table.attributes
    .filter((attribute) => !barred.includes(attribute.name))
    .map(
      (attribute): Stratification => ({
        name: attribute.name,
        codes: attribute.codes,
        second: null,
        levels: attribute.dictionary.length + 1,
      }),
    )
    .filter((stratification) => stratification.levels > 2 && !takesOutcome(context, kpi, stratification));
  const paired = attributes.slice(0, MOST_PAIRED);
  const pairs = paired
    .flatMap((a, at) =>
      paired.slice(at + 1).map(
        (b): Stratification => ({
          name: `${a.name} and ${b.name}`,
          codes: a.codes,
          second: { codes: b.codes, width: b.levels },
          levels: a.levels * b.levels,
        }),
      ),
    )
    .filter(({ levels }) => levels <= MOST_LEVELS);
  const entry = sharedUint32(sessions);
  const day = sharedUint32(sessions);
  for (let session = 0; session < sessions; session++) {
    entry[session] = entryName[session] as number;
    const start = Math.min(lastStartMs, Math.max(firstStartMs, starts[session] as number));
    day[session] = Math.floor(start / DAY_MS) - Math.floor(firstStartMs / DAY_MS);
  }
  const days = Math.floor(lastStartMs / DAY_MS) - Math.floor(firstStartMs / DAY_MS) + 1;
  const all = [
    ...attributes,
    ...pairs,
    { name: "the event that a session starts with", codes: entry, second: null, levels: names.length },
    { name: "the day", codes: day, second: null, levels: days },
  ];
  if (!hasMoment && plan.kpis[kpi]?.readsLength !== true) all.push(lengthBins(context, kpi));
  return all.filter(({ levels }) => levels > 1 && levels <= MOST_LEVELS);
}

/** Effects of candidates of one KPI within strata. The totals of what is compared are kept from one candidate to the next. */
export class StratifiedEffects {
  readonly #context: Context;
  readonly #kpi: number;
  readonly #all = new Map<string, Float64Array>();

  constructor(context: Context, kpi: number) {
    this.#context = context;
    this.#kpi = kpi;
  }

  /**
   * O(members + strata), and O(sessions) the first time that a set is compared.
   * @param members - the candidate's sessions
   * @param compared - the sessions that are compared, members included; called only where their totals are not known
   * @param key - names what is compared
   * @param designEffect - factor from a standard error of independent sessions to one clustered by user
   */
  effect(
    stratification: Stratification,
    members: Uint32Array,
    compared: () => Uint32Array,
    key: string,
    designEffect: number,
  ): WithinStrata {
    const { name, levels } = stratification;
    const totalKey = `${key}|${name}`;
    let all = this.#all.get(totalKey);
    if (all === undefined) {
      all = this.#sums(stratification, compared());
      this.#all.set(totalKey, all);
    }
    const own = this.#sums(stratification, members);
    // strata of one side have nothing to say, and most are: those with both are brought together first
    const tables = new Float64Array(Math.min(levels, members.length) * stratumLength);
    let [comparable, filled] = [0, 0];
    for (let level = 0; level < levels; level++) {
      const n1 = own[level * 2 + 1] as number;
      const n0 = (all[level * 2 + 1] as number) - n1;
      if (n1 === 0 || n0 === 0) continue;
      const y1 = own[level * 2] as number;
      tables[filled++] = y1;
      tables[filled++] = n1;
      tables[filled++] = (all[level * 2] as number) - y1;
      tables[filled++] = n0;
      comparable += n1;
    }
    const strata = tables.subarray(0, filled);
    const fit = fitStrata(strata);
    const { difference } = plainMantelHaenszel(strata);
    const isBinary = this.#context.kpis[this.#kpi]?.outcome === null;
    return {
      difference: {
        value: fit.difference,
        // of means, the counts tell no variance
        standardError: isBinary ? difference.standardError * designEffect : Number.NaN,
        degreesOfFreedom: difference.degreesOfFreedom,
      },
      ratio: Number.isFinite(fit.ratio) ? fit.ratio : null,
      comparable: comparable / members.length,
    };
  }

  /** y and n of each stratum. */
  #sums({ codes, second, levels }: Stratification, sessions: Uint32Array): Float64Array {
    const { state, outcome } = this.#context.kpis[this.#kpi] as Context["kpis"][number];
    const sums = new Float64Array(levels * 2);
    for (let at = 0; at < sessions.length; at++) {
      const session = sessions[at] as number;
      const first = codes[session] as number;
      const level = second === null ? first : first * second.width + (second.codes[session] as number);
      const y = outcome === null ? (state[session] === FAILING ? 1 : 0) : (outcome[session] as number);
      sums[level * 2] = (sums[level * 2] as number) + y;
      sums[level * 2 + 1] = (sums[level * 2 + 1] as number) + 1;
    }
    return sums;
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

/** Whether strata of equal values leave hardly any variance of the outcome: then they are the outcome. */
function takesOutcome({ kpis, table }: Context, kpi: number, { codes, levels }: Stratification): boolean {
  const { state, outcome } = kpis[kpi] as Context["kpis"][number];
  const sums = new Float64Array(levels * 2);
  let [n, y, yy] = [0, 0, 0];
  for (let session = 0; session < table.sessions; session++) {
    if (state[session] === NOT_COUNTED) continue;
    const value = outcome === null ? (state[session] === FAILING ? 1 : 0) : (outcome[session] as number);
    const at = (codes[session] as number) * 2;
    sums[at] = (sums[at] as number) + value;
    sums[at + 1] = (sums[at + 1] as number) + 1;
    n++;
    y += value;
    yy += value * value;
  }
  let between = 0;
  for (let at = 0; at < sums.length; at += 2) {
    if ((sums[at + 1] as number) > 0) between += (sums[at] as number) ** 2 / (sums[at + 1] as number);
  }
  const variance = yy - (y * y) / n;
  return variance > 0 && between - (y * y) / n >= MOST_TAKEN * variance;
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
