/** First appearances in the burn-in are this many times denser than later ones where they are of older users. */
const OLDER_USERS_RATIO = 1.5;

/** From when on a user's first session in the data is likely his first of all. */
export interface LifecycleStart {
  /** ms; users first seen at or after it are compared; null: all users */
  readonly startMs: number | null;
  /** Why, for the reader. */
  readonly reason: string;
}

/**
 * Decides which users' beginnings are in the data. In a window of a running service the users of its first days are mostly
 * older ones, met again: first appearances are dense at first and thin out. Where they are, users first seen within the
 * burn-in are left out.
 * @param firstStarts - ms, start of each user's first session in the data
 * @param burnIn - share of the period
 */
export function lifecycleStart(firstStarts: Float64Array, from: number, to: number, burnIn: number): LifecycleStart {
  if (burnIn === 0 || !(to > from)) return { startMs: null, reason: "every user counts as new when first seen" };
  const startMs = from + burnIn * (to - from);
  let early = 0;
  for (const start of firstStarts) if (start < startMs) early++;
  const rateEarly = early / burnIn;
  const rateLate = (firstStarts.length - early) / (1 - burnIn);
  if (rateEarly <= OLDER_USERS_RATIO * rateLate) {
    return {
      startMs: null,
      reason: "users appear at an even rate, so a first session in the data counts as the first",
    };
  }
  return {
    startMs,
    reason:
      `users first seen before ${new Date(startMs).toISOString().slice(0, 16).replace("T", " ")} UTC may be older than the data ` +
      `(${early} of ${firstStarts.length} appear in the first ${Math.round(burnIn * 100)} % of the period) and are left out`,
  };
}
