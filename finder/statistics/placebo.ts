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
  const stratumOf = strata === null ? rows.pattern : rows.pattern.map((pattern) => strata[pattern] as number);
  const count = stratumOf.reduce((most, stratum) => Math.max(most, stratum + 1), 0);
  const starts = new Uint32Array(count + 1);
  for (const stratum of stratumOf) starts[stratum + 1] = (starts[stratum + 1] as number) + 1;
  for (let stratum = 0; stratum < count; stratum++) {
    starts[stratum + 1] = (starts[stratum + 1] as number) + (starts[stratum] as number);
  }
  const byStratum = new Uint32Array(length);
  const filled = starts.slice();
  for (let row = 0; row < length; row++) {
    const stratum = stratumOf[row] as number;
    byStratum[filled[stratum] as number] = row;
    filled[stratum] = (filled[stratum] as number) + 1;
  }
  const [y1, n1, y0, n0] = [0, 1, 2, 3].map(() => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let stratum = 0; stratum < count; stratum++) {
    const [start, end] = [starts[stratum] as number, starts[stratum + 1] as number];
    const givers = byStratum.slice(start, end);
    random.shuffle(givers, 0, givers.length);
    for (let at = start; at < end; at++) {
      const row = byStratum[at] as number;
      const giver = givers[at - start] as number;
      const sessions = (rows.n1[row] as number) + (rows.n0[row] as number);
      const failing = (rows.y1[row] as number) + (rows.y0[row] as number);
      const share = (rows.n1[giver] as number) / ((rows.n1[giver] as number) + (rows.n0[giver] as number));
      // rounded up as often as what is cut off says, so that the share stays what it is on the whole
      const members = Math.floor(share * sessions + random.uniform());
      const drawn =
        rows.outcome === "values" ? (failing * members) / sessions : failingAmong(members, failing, sessions, random);
      n1[row] = members;
      y1[row] = drawn;
      n0[row] = sessions - members;
      y0[row] = failing - drawn;
    }
  }
  return { ...rows, y1, n1, y0, n0 };
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
