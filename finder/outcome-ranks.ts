import type { Evidence } from "./collect.js";
import type { Context } from "./context.js";
import { isLeak, type LeakSettings } from "./leaks.js";
import type { SessionSets } from "./session-sets.js";

/** Bounds that are tried: a condition is rarely known more finely than by thousandths of the sessions. */
const MOST_BOUNDS = 1024;
/** Sessions whose values make the bounds, at most: every so many-th. */
const MOST_VALUES = 1 << 16;

/**
 * The values of a numeric KPI in order, to tell conditions that as good as say "beyond this value": leaks (METHODS, 1) of a KPI whose failing
 * sessions could be divided from normal ones anywhere.
 */
export class OutcomeRanks {
  readonly #outcome: Float64Array;
  readonly #bounds: Float64Array;
  readonly #sets: SessionSets;
  readonly #all = new WeakMap<Uint32Array, Float64Array>();

  constructor({ kpis, table }: Context, kpi: number, sets: SessionSets) {
    this.#outcome = kpis[kpi]?.outcome ?? new Float64Array(table.sessions).fill(Number.NaN);
    this.#sets = sets;
    const known = this.#outcome.filter((value) => !Number.isNaN(value));
    const every = Math.max(1, Math.ceil(known.length / MOST_VALUES));
    const sorted = known.filter((_, at) => at % every === 0).sort();
    const bounds = new Set<number>();
    for (let bound = 0; bound < MOST_BOUNDS; bound++) {
      const value = sorted[Math.floor((bound * sorted.length) / MOST_BOUNDS)];
      if (value !== undefined) bounds.add(value);
    }
    this.#bounds = Float64Array.from(bounds);
  }

  /** A value from which on the sessions are as good as the members, or as good as the others; null: there is none. O(members). */
  leakFrom({ members, compared }: Evidence, settings: LeakSettings): number | null {
    const own = this.#counts(members);
    const all = this.#all.get(compared) ?? this.#counts(compared);
    this.#all.set(compared, all);
    const total = { members: sum(own), all: sum(all) };
    let [insideBelow, below] = [0, 0];
    for (let bound = 1; bound < this.#bounds.length; bound++) {
      insideBelow += own[bound - 1] as number;
      below += all[bound - 1] as number;
      const beyond = total.all - below;
      if (isLeak(total.members - insideBelow, insideBelow, beyond, below, settings))
        return this.#bounds[bound] as number;
    }
    return null;
  }

  /** Sessions of a set by the last bound at or below their value. */
  #counts(set: Uint32Array): Float64Array {
    const bounds = this.#bounds;
    const counts = new Float64Array(bounds.length);
    this.#sets.forEach(set, (session) => {
      const value = this.#outcome[session] as number;
      let low = 0;
      let high = bounds.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((bounds[middle] as number) <= value) low = middle + 1;
        else high = middle;
      }
      const at = Math.max(0, low - 1);
      counts[at] = (counts[at] as number) + 1;
      return true;
    });
    return counts;
  }
}

function sum(counts: Float64Array): number {
  return counts.reduce((total, count) => total + count, 0);
}
