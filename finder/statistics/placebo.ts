/**
 * Membership that means nothing: permuted among users of the same pattern, so that whatever effect is found in it, the method made
 * (a placebo test: Imbens & Rubin, Causal Inference, 2015; permutation within strata: Rosenbaum, JASA 79, 1984).
 */

import type { AdjustedRows } from "./aipw.js";
import { Random } from "./random.js";

/**
 * The same sessions with other members: within a pattern users exchange the share of their sessions that are members, so that members
 * stay together where users are wholly one or the other. O(rows + sessions) time; the same seed gives the same answer.
 * @param rows - whole counts; of values a user's members get their share of the sum
 * @param seed - a 32-bit integer
 * @param strata - Uint32Array(patterns): patterns whose users exchange, such as those of like propensity where most patterns have one user
 * (Rosenbaum & Rubin, JASA 79, 1984); null: each pattern is its own
 */
export function permutedMembership(rows: AdjustedRows, seed: number, strata: Uint32Array | null = null): AdjustedRows {
  const random = new Random(seed);
  const length = rows.user.length;
  const stratumOf = strata === null ? rows.pattern : new Uint32Array(length);
  if (strata !== null) lookUp(rows.pattern, strata, stratumOf);
  const starts = startsOf(stratumOf);
  const byStratum = new Uint32Array(length);
  fillStrata(stratumOf, starts.slice(), byStratum);
  const [y1, n1, y0, n0] = [0, 1, 2, 3].map(() => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const permuted = { ...rows, y1, n1, y0, n0 };
  for (let stratum = 0; stratum + 1 < starts.length; stratum++) {
    const takers = byStratum.subarray(starts[stratum], starts[stratum + 1]);
    const givers = takers.slice();
    random.shuffle(givers, 0, givers.length);
    exchange(rows, takers, givers, random, permuted);
  }
  return permuted;
}

function lookUp(pattern: Uint32Array, strata: Uint32Array, out: Uint32Array): void {
  for (let row = 0; row < out.length; row++) out[row] = strata[pattern[row] as number] as number;
}

/** Uint32Array(strata + 1): where the rows of each begin, if they stand by stratum */
function startsOf(stratumOf: Uint32Array): Uint32Array {
  const starts = new Uint32Array(mostOf(stratumOf) + 2);
  addSizes(stratumOf, starts);
  for (let at = 1; at < starts.length; at++) starts[at] = (starts[at] as number) + (starts[at - 1] as number);
  return starts;
}

function mostOf(values: Uint32Array): number {
  let most = -1;
  for (let at = 0; at < values.length; at++) most = Math.max(most, values[at] as number);
  return most;
}

function addSizes(stratumOf: Uint32Array, starts: Uint32Array): void {
  for (let row = 0; row < stratumOf.length; row++) {
    const at = (stratumOf[row] as number) + 1;
    starts[at] = (starts[at] as number) + 1;
  }
}

function fillStrata(stratumOf: Uint32Array, next: Uint32Array, out: Uint32Array): void {
  for (let row = 0; row < stratumOf.length; row++) {
    const stratum = stratumOf[row] as number;
    const to = next[stratum] as number;
    out[to] = row;
    next[stratum] = to + 1;
  }
}

/** Gives each row of a stratum the share of another's sessions that are members. */
function exchange(
  rows: AdjustedRows,
  takers: Uint32Array,
  givers: Uint32Array,
  random: Random,
  { y1, n1, y0, n0 }: Pick<AdjustedRows, "y1" | "n1" | "y0" | "n0">,
): void {
  const isValues = rows.outcome === "values";
  for (let at = 0; at < takers.length; at++) {
    const row = takers[at] as number;
    const giver = givers[at] as number;
    const sessions = (rows.n1[row] as number) + (rows.n0[row] as number);
    const failing = (rows.y1[row] as number) + (rows.y0[row] as number);
    const share = (rows.n1[giver] as number) / ((rows.n1[giver] as number) + (rows.n0[giver] as number));
    // rounded up as often as what is cut off says, so that the share stays what it is on the whole
    const members = Math.floor(share * sessions + random.uniform());
    const drawn = isValues ? (failing * members) / sessions : failingAmong(members, failing, sessions, random);
    n1[row] = members;
    y1[row] = drawn;
    n0[row] = sessions - members;
    y0[row] = failing - drawn;
  }
}

/** Failing sessions among some drawn at random without putting back. */
function failingAmong(drawn: number, failing: number, sessions: number, random: Random): number {
  let [left, failingLeft, found] = [sessions, failing, 0];
  for (let i = 0; i < drawn; i++) {
    if (random.uniform() * left < failingLeft) {
      found++;
      failingLeft--;
    }
    left--;
  }
  return found;
}
