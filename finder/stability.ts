import type { Evidence } from "./collect.js";
import type { Explained } from "./findings.js";

/** A stretch of time with fewer members or others tells no sign. */
const FEWEST = 5;

/** Whether an effect keeps its sign over the period. */
export interface Stability {
  readonly isStable: boolean;
  readonly evidence: Explained["evidence"];
}

/**
 * Stability (METHODS, 6): the failure rate of members is above that of others in both halves of the period, and, from four
 * weeks on, in three of four quarters, all of whole calendar weeks: weekends and nights then weigh alike in each. A shorter period is halved by its
 * buckets. Stretches with hardly any members or others do not count: an effect may have begun in the middle.
 * @param weeks - Float64Array, ms: Mondays of the calendar weeks; empty below four
 */
export function judgeStability(trend: Evidence["trend"], weeks: Float64Array): Stability {
  const isLong = weeks.length > 0;
  const halves = differences(trend, cuts(trend, weeks, 2));
  const quarters = isLong ? differences(trend, cuts(trend, weeks, 4)) : [];
  const against = (of: readonly (number | null)[]): number => of.filter((d) => d !== null && d <= 0).length;
  return {
    isStable: against(halves) === 0 && against(quarters) <= 1,
    evidence: {
      parts: isLong ? "calendar weeks" : "equal parts",
      ...Object.fromEntries(halves.map((d, half) => [`difference_half_${half + 1}`, d])),
    },
  };
}

/** Indices at which parts of the trend begin, and its length: each at the bucket nearest to an equal part, or its Monday. */
function cuts(trend: Evidence["trend"], weeks: Float64Array, parts: number): number[] {
  const equal = Array.from({ length: parts + 1 }, (_, part) => Math.round((part * trend.length) / parts));
  const mondays = [...trend.keys()].filter((at) => at > 0 && weeks.includes(trend[at]?.fromMs ?? Number.NaN));
  if (mondays.length < parts - 1) return equal;
  const inner = equal
    .slice(1, -1)
    .map((at) => mondays.reduce((best, monday) => (Math.abs(monday - at) < Math.abs(best - at) ? monday : best)));
  return [0, ...inner, trend.length];
}

/** Differences of failure rates in parts of the period; null where too few sessions tell. */
function differences(trend: Evidence["trend"], at: readonly number[]): (number | null)[] {
  if (trend.length < at.length - 1) return [];
  return at.slice(1).map((end, part) => {
    const buckets = trend.slice(at[part], end);
    const sum = (of: (bucket: (typeof trend)[number]) => number): number =>
      buckets.reduce((total, bucket) => total + of(bucket), 0);
    const members = sum((bucket) => bucket.members);
    const others = sum((bucket) => bucket.others);
    if (members < FEWEST || others < FEWEST) return null;
    return sum((bucket) => bucket.membersFailing) / members - sum((bucket) => bucket.othersFailing) / others;
  });
}
