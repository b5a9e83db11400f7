/**
 * Selection in two levels: Benjamini & Bogomolov, "Selective inference on multiple families of hypotheses", JRSS B 76(1), 2014,
 * theorem 1. Families are selected first, here by Benjamini–Hochberg over their Simes p-values (the smallest adjusted p-value of a
 * family); within each selected family hypotheses are then tested at the rate times the share of families selected. The average
 * false discovery proportion over the selected families stays at or below the rate.
 */

import { benjaminiHochberg, yekutieliFactor } from "./benjamini-hochberg.js";

/** A family of hypotheses. */
export interface Family {
  /** P-values that were computed; those of the other tests count as 1. */
  readonly pValues: Float64Array;
  /** Hypotheses of the family; at least as many as `pValues` */
  readonly tests: number;
}

/** What a family came to. */
export interface FamilyResult {
  /** Adjusted p-values, in the order given: a hypothesis is accepted where its own is at most the rate. */
  readonly adjusted: Float64Array;
  readonly selected: boolean;
}

/**
 * Adjusts the p-values of all families. O(n log n) time.
 * @param rate - false discovery rate, such as 0.05
 * @param dependence - `positive`: independent or positively dependent hypotheses (PRDS); `any`: any dependence, at the price of Yekutieli's factor
 */
export function benjaminiBogomolov(
  families: readonly Family[],
  rate: number,
  dependence: "positive" | "any",
): FamilyResult[] {
  const factorOf = (tests: number): number => (dependence === "any" ? yekutieliFactor(tests) : 1);
  const within = families.map(({ pValues, tests }) => benjaminiHochberg(pValues, tests, factorOf(tests)));
  const familyP = Float64Array.from(within, (adjusted) => adjusted.reduce((least, p) => Math.min(least, p), 1));
  const between = benjaminiHochberg(familyP, families.length, factorOf(families.length));
  const selected = between.reduce((count, p) => count + (p <= rate ? 1 : 0), 0);
  // where no family is selected, no hypothesis can be accepted: `between` alone keeps them above the rate
  const penalty = families.length / Math.max(1, selected);
  return within.map((adjusted, family) => {
    const own = between[family] as number;
    return { adjusted: adjusted.map((p) => Math.min(1, Math.max(own, p * penalty))), selected: own <= rate };
  });
}
