/** What became of an opportunity that an earlier run reported as well. */
export type Status = "ongoing" | "worse" | "better";

/** A difference with its interval (95 %). */
export interface Interval {
  readonly difference: number;
  readonly low: number;
  readonly high: number;
}

/** How much larger a difference is than it was. */
export interface Change extends Interval {
  readonly status: Status;
}

/**
 * Compares a difference with that of an earlier run: worse or better only where the interval of the change does not hold zero, not where one
 * number is larger than the other (Gelman & Stern, The American Statistician 60, 2006). Variances add as those of independent data; runs that share
 * data are more alike than that, so the interval is too wide rather than too narrow.
 * @param now - of an opportunity: its sign is that of worse
 * @returns `ongoing` where an interval has no width, for then it is not known
 */
export function changeSince(now: Interval, before: Interval): Change {
  const difference = now.difference - before.difference;
  const [a, b] = [now, before].map(({ low, high }) => high - low) as [number, number];
  const reach = Math.hypot(a, b) / 2;
  const [low, high] = [difference - reach, difference + reach];
  const sign = now.difference < 0 ? -1 : 1;
  const isKnown = a > 0 && b > 0;
  const [near, far] = sign === 1 ? [low, high] : [-high, -low];
  return { status: isKnown && near > 0 ? "worse" : isKnown && far < 0 ? "better" : "ongoing", difference, low, high };
}
