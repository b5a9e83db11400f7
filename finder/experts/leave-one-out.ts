import type { Opinion } from "../findings.js";
import { type Estimate, interval, twoProportions } from "../statistics/two-proportions.js";
import { withinUsers } from "../statistics/within-users.js";
import type { Contributor } from "./contrasts.js";

const LEVEL = 0.95;

/**
 * Whether an effect stands without the user that it owes most to (METHODS, 3; deletion diagnostics: Cook, Technometrics 19, 1977): an interval
 * that then reaches zero is carried by that user.
 * @param moments - Float64Array(15) of `twoProportions`, all users
 * @param within - Float64Array(7) of `withinUsers` where the effect is that within users, else null
 * @param largest - that user's sums
 * @param sign - 1 where higher is worse, −1 where lower is
 */
export function judgeWithoutLargest(
  moments: Float64Array,
  within: Float64Array | null,
  { y1, n1, y0, n0 }: Contributor,
  sign: 1 | -1,
): Opinion {
  const own = [
    1,
    y1,
    n1,
    y0,
    n0,
    y1 * y1,
    y1 * n1,
    y1 * y0,
    y1 * n0,
    n1 * n1,
    n1 * y0,
    n1 * n0,
    y0 * y0,
    y0 * n0,
    n0 * n0,
  ];
  const left = within === null ? without(moments, own) : withoutWithin(within, y1, n1, y0, n0);
  const [low, high] = interval(left, LEVEL);
  const near = sign === 1 ? low : -high;
  return {
    name: "without-largest-user",
    says: near > 0 ? "opportunity" : "no opportunity",
    evidence: {
      sessions_of_largest: n1,
      difference: finite(left.value),
      low: finite(low),
      high: finite(high),
    },
  };
}

function without(moments: Float64Array, own: readonly number[]): Estimate {
  return twoProportions(moments.map((sum, at) => sum - (own[at] as number))).difference;
}

function withoutWithin(within: Float64Array, y1: number, n1: number, y0: number, n0: number): Estimate {
  if (n1 === 0 || n0 === 0) return withinUsers(within).difference;
  const w = (n1 * n0) / (n1 + n0);
  const d = y1 / n1 - y0 / n0;
  const own = [1, w, (w * y0) / n0, w * d, w * w, w * w * d, w * w * d * d];
  return withinUsers(within.map((sum, at) => sum - (own[at] as number))).difference;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
