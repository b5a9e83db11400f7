import type { Contrast } from "../findings.js";

/** How much worse members were than others as time went by. */
export interface RateDifferences {
  /** Float64Array(n), ms: starts of the first bucket of each bin that holds members */
  readonly fromMs: Float64Array;
  /** Float64Array(n), ms: mean time of the bin's members, by their buckets' starts */
  readonly atMs: Float64Array;
  /** Float64Array(n): failure rate of members less that of others; that of members where there are no others */
  readonly values: Float64Array;
  /** Float64Array(n): of the values, above 0 */
  readonly variances: Float64Array;
  /** Float64Array(n) */
  readonly members: Float64Array;
  /** Float64Array(n) */
  readonly membersFailing: Float64Array;
  readonly hasOthers: boolean;
}

/**
 * The series of differences. Buckets join their successors until both sides have enough sessions; what is left at the end joins the last bin.
 * Variances are those of equal rates throughout, so that they tell of a bin's size alone: by its own rate a bin that happens to have few
 * failures would weigh more. A success and a failure more on each side (Agresti & Caffo, The American Statistician 54, 2000) keep them above 0.
 * @param trend - counts by bucket, ascending
 * @param fewest - sessions of each side in a bin
 */
export function rateDifferences(
  trend: readonly ({ readonly fromMs: number } & Contrast)[],
  fewest: number,
): RateDifferences {
  const hasOthers = trend.some(({ others }) => others > 0);
  const bins: Bin[] = [];
  let open: Bin | null = null;
  for (const bucket of trend) {
    open = added(open ?? empty, bucket);
    if (open.members < fewest || (hasOthers && open.others < fewest)) continue;
    bins.push(open);
    open = null;
  }
  const last = bins.at(-1);
  if (open !== null && last !== undefined) bins[bins.length - 1] = merged(last, open);
  const column = (of: (bin: Bin) => number): Float64Array => Float64Array.from(bins, of);
  const total = bins.reduce(merged, empty);
  const ofMember = varianceOfSession(total.membersFailing, total.members);
  const ofOther = varianceOfSession(total.othersFailing, total.others);
  return {
    fromMs: column((bin) => bin.fromMs),
    atMs: column((bin) => bin.timeMs / bin.members),
    values: column((bin) => bin.membersFailing / bin.members - (hasOthers ? bin.othersFailing / bin.others : 0)),
    variances: column((bin) => ofMember / bin.members + (hasOthers ? ofOther / bin.others : 0)),
    members: column((bin) => bin.members),
    membersFailing: column((bin) => bin.membersFailing),
    hasOthers,
  };
}

interface Bin extends Contrast {
  readonly fromMs: number;
  /** Sum over members. */
  readonly timeMs: number;
}

const empty: Bin = { fromMs: Number.NaN, timeMs: 0, members: 0, membersFailing: 0, others: 0, othersFailing: 0 };

function added(bin: Bin, bucket: { readonly fromMs: number } & Contrast): Bin {
  return merged(bin, { ...bucket, timeMs: bucket.members * bucket.fromMs });
}

function merged(a: Bin, b: Bin): Bin {
  return {
    fromMs: a.members > 0 ? a.fromMs : b.fromMs,
    timeMs: a.timeMs + b.timeMs,
    members: a.members + b.members,
    membersFailing: a.membersFailing + b.membersFailing,
    others: a.others + b.others,
    othersFailing: a.othersFailing + b.othersFailing,
  };
}

function varianceOfSession(failing: number, sessions: number): number {
  const rate = (failing + 1) / (sessions + 2);
  return rate * (1 - rate);
}
