/**
 * Membership that means nothing: permuted among users of the same pattern, so that whatever effect is found in it, the method made
 * (a placebo test: Imbens & Rubin, Causal Inference, 2015; permutation within strata: Rosenbaum, JASA 79, 1984).
 */

import type { AdjustedRows } from "./aipw.js";
import { Random } from "./random.js";

/**
 * The same sessions with other members: within a pattern users exchange the share of their sessions that are members, so that members
 * stay together where users are wholly one or the other. O(rows + sessions) time; the same seed gives the same answer.
 * @param rows - whole counts
 * @param seed - a 32-bit integer
 */
export function permutedMembership(rows: AdjustedRows, seed: number): AdjustedRows {
  const random = new Random(seed);
  const length = rows.user.length;
  const patterns = rows.design.length / rows.columns;
  const starts = new Uint32Array(patterns + 1);
  for (const pattern of rows.pattern) starts[pattern + 1] = (starts[pattern + 1] as number) + 1;
  for (let pattern = 0; pattern < patterns; pattern++) {
    starts[pattern + 1] = (starts[pattern + 1] as number) + (starts[pattern] as number);
  }
  const byPattern = new Uint32Array(length);
  const filled = starts.slice();
  for (let row = 0; row < length; row++) {
    const pattern = rows.pattern[row] as number;
    byPattern[filled[pattern] as number] = row;
    filled[pattern] = (filled[pattern] as number) + 1;
  }
  const [y1, n1, y0, n0] = [0, 1, 2, 3].map(() => new Float64Array(length)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let pattern = 0; pattern < patterns; pattern++) {
    const [start, end] = [starts[pattern] as number, starts[pattern + 1] as number];
    const givers = byPattern.slice(start, end);
    random.shuffle(givers, 0, givers.length);
    for (let at = start; at < end; at++) {
      const row = byPattern[at] as number;
      const giver = givers[at - start] as number;
      const sessions = (rows.n1[row] as number) + (rows.n0[row] as number);
      const failing = (rows.y1[row] as number) + (rows.y0[row] as number);
      const share = (rows.n1[giver] as number) / ((rows.n1[giver] as number) + (rows.n0[giver] as number));
      // rounded up as often as what is cut off says, so that the share stays what it is on the whole
      const members = Math.floor(share * sessions + random.uniform());
      const drawn = failingAmong(members, failing, sessions, random);
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
