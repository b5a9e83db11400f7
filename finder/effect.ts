import type { Evidence } from "./collect.js";
import type { Effect } from "./findings.js";
import { fisherMidP } from "./statistics/fisher.js";
import { interval, pValue, twoProportions } from "./statistics/two-proportions.js";

/** Confidence of the intervals. */
const LEVEL = 0.95;
/** Below this many failures in a cell the asymptotic interval means little (METHODS, 3). */
const FEW = 5;
/** Users count as independent sessions where they have fewer than this many each. */
const SESSIONS_PER_USER = 1.05;

/**
 * How much worse members are than the others, clustered by user (METHODS, 3). The p-value is that of the log ratio; of the
 * difference where a cell is empty; exact where counts are small and sessions are users.
 */
export function effectOf(evidence: Evidence): Effect {
  const { contrast, moments, failureMoments, users } = evidence;
  const estimates = twoProportions(moments);
  const { difference, logRatio, memberRate, otherRate } = estimates;
  const [low, high] = finiteInterval(interval(difference, LEVEL));
  const failures = moments === failureMoments ? estimates : twoProportions(failureMoments);
  const [lowFailures] = interval(failures.difference, LEVEL);
  const independent =
    contrast.members + contrast.others <= SESSIONS_PER_USER * estimates.users || users === contrast.members;
  const small =
    Math.min(contrast.membersFailing, contrast.othersFailing, contrast.members - contrast.membersFailing) < FEW;
  const p =
    moments === failureMoments && small && independent
      ? fisherMidP(contrast).twoSided
      : Number.isNaN(pValue(logRatio))
        ? pValue(difference)
        : pValue(logRatio);
  return {
    ratio: otherRate === 0 || !Number.isFinite(memberRate / otherRate) ? null : memberRate / otherRate,
    difference: Number.isFinite(difference.value) ? difference.value : 0,
    low,
    high,
    p: Number.isNaN(p) ? 1 : p,
    excessFailures: Number.isFinite(lowFailures) ? Math.max(0, contrast.members * lowFailures) : 0,
  };
}

/** An interval without ends, as one user leaves it, tells nothing: it is given as the empty one at 0. */
function finiteInterval([low, high]: readonly [number, number]): readonly [number, number] {
  return Number.isFinite(low) && Number.isFinite(high) ? [low, high] : [0, 0];
}
