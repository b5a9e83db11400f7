import type { Opinion } from "../findings.js";
import { jensenShannon } from "../statistics/jensen-shannon.js";
import { categoricalDifference } from "../statistics/standardised-difference.js";

/**
 * Expert 7: whether members and others are alike in the static attributes, so that the difference between them is not that of their
 * make-up. By chance alone the square of a standardised difference over k values is about (k − 1)(1/n1 + 1/n0): that is taken off, else small cohorts
 * would never be alike.
 */
export interface CohortSimilaritySettings {
  /** Standardised difference. @default 0.25 */
  readonly similarity_max_difference: number;
}

/** How an attribute's values are spread. */
export interface AttributeSpread {
  readonly attribute: string;
  /** Float64Array(values): member sessions */
  readonly members: Float64Array;
  /** Float64Array(values): other sessions */
  readonly others: Float64Array;
  /** Users (or, without users, sessions) of each side: as many are independent. */
  readonly memberUnits: number;
  readonly otherUnits: number;
}

/** The largest number an infinite difference is given as: nothing in common. */
const APART = 99;

/**
 * What the expert says: an opportunity if members and others are alike in every attribute; the evidence names the one they differ in most.
 * @param spreads - of the attributes that the hypothesis and its cohort do not read
 */
export function judgeCohortSimilarity(
  spreads: readonly AttributeSpread[],
  settings: CohortSimilaritySettings,
): Opinion {
  let attribute: string | null = null;
  let largest = 0;
  let divergence: number | null = null;
  let unlike = 0;
  for (const spread of spreads) {
    const beyondChance = differenceBeyondChance(spread);
    if (Number.isNaN(beyondChance)) continue;
    if (beyondChance > settings.similarity_max_difference) unlike++;
    if (attribute !== null && beyondChance <= largest) continue;
    attribute = spread.attribute;
    largest = beyondChance;
    divergence = jensenShannon(spread.members, spread.others);
  }
  return {
    name: "cohort-similarity",
    says: attribute !== null && unlike === 0 ? "opportunity" : "no opportunity",
    evidence: {
      attributes: spreads.length,
      unlike,
      most_different: attribute,
      standardised_difference: attribute === null ? null : largest,
      jensen_shannon_bits: divergence,
    },
  };
}

function differenceBeyondChance({ members, others, memberUnits, otherUnits }: AttributeSpread): number {
  const difference = categoricalDifference(members, others);
  if (difference === Number.POSITIVE_INFINITY) return APART;
  const values = members.reduce(
    (count, sessions, value) => count + (sessions + (others[value] as number) > 0 ? 1 : 0),
    0,
  );
  const chance = (values - 1) * (1 / memberUnits + 1 / otherUnits);
  return Math.min(APART, Math.sqrt(Math.max(0, difference * difference - chance)));
}
