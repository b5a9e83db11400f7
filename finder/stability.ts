import type { Evidence } from "./collect.js";
import type { Explained } from "./findings.js";

const WEEK_MS = 7 * 86_400_000;
/** A stretch of time with fewer members or others tells no sign. */
const FEWEST = 5;

/** Whether an effect keeps its sign over the period. */
export interface Stability {
  readonly isStable: boolean;
  readonly evidence: Explained["evidence"];
}

/**
 * Stability (METHODS, 6): the failure rate of members is above that of others in both halves of the period, and, from four
 * weeks on, in three of four quarters. Stretches with hardly any members or others do not count: an effect may have begun
 * in the middle.
 */
export function judgeStability(trend: Evidence["trend"]): Stability {
  const halves = differences(trend, 2);
  const quarters = differences(trend, 4);
  const first = trend[0]?.fromMs ?? 0;
  const last = trend[trend.length - 1]?.fromMs ?? 0;
  const width = trend.length > 1 ? (trend[1]?.fromMs ?? 0) - first : 0;
  const against = (of: readonly (number | null)[]): number => of.filter((d) => d !== null && d <= 0).length;
  const isLong = last + width - first >= 4 * WEEK_MS;
  return {
    isStable: against(halves) === 0 && (!isLong || against(quarters) <= 1),
    evidence: Object.fromEntries(halves.map((d, half) => [`difference_half_${half + 1}`, d])),
  };
}

/** Differences of failure rates in equal parts of the period; null where too few sessions tell. */
function differences(trend: Evidence["trend"], parts: number): (number | null)[] {
  if (trend.length < parts) return [];
  return Array.from({ length: parts }, (_, part) => {
    const buckets = trend.slice(
      Math.round((part * trend.length) / parts),
      Math.round(((part + 1) * trend.length) / parts),
    );
    const sum = (of: (bucket: (typeof trend)[number]) => number): number =>
      buckets.reduce((total, bucket) => total + of(bucket), 0);
    const members = sum((bucket) => bucket.members);
    const others = sum((bucket) => bucket.others);
    if (members < FEWEST || others < FEWEST) return null;
    return sum((bucket) => bucket.membersFailing) / members - sum((bucket) => bucket.othersFailing) / others;
  });
}
