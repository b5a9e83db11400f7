/**
 * Fisher's exact test in its mid-p form: Lancaster, "Significance tests in discrete distributions", JASA 56, 1961; for two by
 * two tables Hirji, "Exact Analysis of Discrete Data", 2006, section 2.5. Fisher's own p is conservative for small counts: half of the
 * probability of the table itself is taken off.
 */

import { hypergeometric, hypergeometricUpper } from "./distributions.js";

/** A table of counts, two by two. */
export interface TwoByTwo {
  readonly membersFailing: number;
  readonly members: number;
  readonly othersFailing: number;
  readonly others: number;
}

/** P-values of the exact test. */
export interface FisherMidP {
  /** Of members failing more than others. */
  readonly greater: number;
  /** Of members failing less. */
  readonly less: number;
  /** Twice the smaller, at most 1. */
  readonly twoSided: number;
}

/**
 * Exact mid-p of a difference between two rates, given both totals. O(smallest margin) time.
 * @param table - whole numbers; every session its own, so only where users have about one each
 */
export function fisherMidP({ membersFailing, members, othersFailing, others }: TwoByTwo): FisherMidP {
  const failing = membersFailing + othersFailing;
  const total = members + others;
  const half = 0.5 * hypergeometric(membersFailing, members, failing, total);
  const greater = half + hypergeometricUpper(membersFailing + 1, members, failing, total);
  // The lower tail of the members is the upper tail of the others.
  const less = half + hypergeometricUpper(othersFailing + 1, others, failing, total);
  return { greater, less, twoSided: Math.min(1, 2 * Math.min(greater, less)) };
}
