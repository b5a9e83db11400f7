import type { Evidence } from "./collect.js";
import type { Effect } from "./findings.js";
import { fisherMidP } from "./statistics/fisher.js";
import { type Estimate, interval, pValue, type TwoProportions, twoProportions } from "./statistics/two-proportions.js";
import { type WithinUsers, withinUsers } from "./statistics/within-users.js";

/** Confidence of the intervals. */
const LEVEL = 0.95;
/** Below this many failures in a cell the asymptotic interval means little (METHODS, 3). */
const FEW = 5;
/** Users count as independent sessions where they have fewer than this many each. */
const SESSIONS_PER_USER = 1.05;

/** An effect with what it was made of. */
export interface MeasuredEffect {
  /** As it is reported: pooled over users, or within them where that is smaller and users allow it. */
  readonly effect: Effect;
  /** Over all sessions, clustered by user. */
  readonly pooled: TwoProportions;
  /** Within users; null where too few have sessions of both kinds. */
  readonly within: WithinUsers | null;
  /** The same hypothesis over all cohorts, where too few users of this one have sessions of both kinds. */
  readonly borrowed?: { readonly within: WithinUsers; readonly pooled: TwoProportions };
  /** Interval of the pooled ratio of members' to others' KPI; null where it is unbounded */
  readonly ratioInterval: readonly [number, number] | null;
  /** The others' KPI that the reported effect is measured from. */
  readonly base: number;
  /** Whether the reported effect is that within users. */
  readonly isWithin: boolean;
  /** Factor from a standard error of independent sessions to the one clustered by user, at least 1. */
  readonly designEffect: number;
}

/**
 * How much worse members are than the others, clustered by user (METHODS, 3). The p-value is that of the log ratio; of the
 * difference where a cell is empty; exact where counts are small and sessions are users. Of the pooled size and that within
 * users the smaller is reported; the p-value is that within users where they allow one (METHODS, 4).
 * @param sign - 1 where higher is worse, −1 where lower is
 * @param leastUsers - users with sessions of both kinds that a comparison within users needs; infinite: none is made
 */
export function effectOf(evidence: Evidence, sign: 1 | -1, leastUsers: number): MeasuredEffect {
  const { contrast, moments, failureMoments, users } = evidence;
  const isBinary = moments === failureMoments;
  const pooled = twoProportions(moments, isBinary);
  const { difference, logRatio, otherRate } = pooled;
  const failures = isBinary ? pooled : twoProportions(failureMoments, true);
  const independent =
    contrast.members + contrast.others <= SESSIONS_PER_USER * pooled.users || users === contrast.members;
  const small =
    Math.min(contrast.membersFailing, contrast.othersFailing, contrast.members - contrast.membersFailing) < FEW;
  const sums = withinUsers(evidence.within, isBinary);
  const within = sums.users >= leastUsers && !Number.isNaN(sums.difference.standardError) ? sums : null;
  const isSmaller = within !== null && sign * within.difference.value < sign * difference.value;
  const pooledP =
    isBinary && small && independent
      ? fisherMidP(contrast).twoSided
      : Number.isNaN(pValue(logRatio))
        ? pValue(difference)
        : pValue(logRatio);
  // where users differ the pooled test is one of users, and a few heavy ones blur it: within them each is its own control
  const p = within === null ? pooledP : pValue(within.difference);
  const base = isSmaller ? within.otherRate : otherRate;
  const told = isSmaller ? within.difference : difference;
  const ratio = (base + told.value) / base;
  const lowFailures = Math.min(
    interval(failures.difference, LEVEL)[0],
    within === null
      ? Number.POSITIVE_INFINITY
      : interval(withinUsers(evidence.failureWithin, true).difference, LEVEL)[0],
  );
  const [low, high] = finiteInterval(interval(told, LEVEL));
  const [lowRatio, highRatio] = interval(logRatio, LEVEL).map(Math.exp) as [number, number];
  return {
    effect: {
      ratio: base === 0 || !Number.isFinite(ratio) ? null : ratio,
      difference: Number.isFinite(told.value) ? told.value : 0,
      low,
      high,
      p: Number.isNaN(p) ? 1 : p,
      q: null,
      excessFailures: Number.isFinite(lowFailures) ? Math.max(0, contrast.members * lowFailures) : 0,
    },
    pooled,
    within,
    base,
    isWithin: isSmaller,
    ratioInterval: Number.isFinite(lowRatio) && Number.isFinite(highRatio) ? [lowRatio, highRatio] : null,
    designEffect: designEffectOf(evidence, failures.difference),
  };
}

function designEffectOf({ contrast }: Evidence, { standardError }: Estimate): number {
  const { members, membersFailing, others, othersFailing } = contrast;
  const variance = (failing: number, all: number): number =>
    all === 0 ? 0 : ((failing / all) * (1 - failing / all)) / all;
  const plain = Math.sqrt(variance(membersFailing, members) + variance(othersFailing, others));
  return plain > 0 && standardError > plain ? standardError / plain : 1;
}

/** An interval without ends, as one user leaves it, tells nothing: it is given as the empty one at 0. */
function finiteInterval([low, high]: readonly [number, number]): readonly [number, number] {
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [0, 0];
}
