/**
 * A difference within users: every user who has sessions of both kinds is its own control.
 *   d = sum w_u (y1_u - y0_u) / sum w_u,   w_u = n1_u n0_u / (n1_u + n0_u),
 * with y1_u, y0_u the user's means over member and other sessions: the weights of Mantel & Haenszel (JNCI 22, 1959) with users as
 * strata. Its variance is taken over users, m / (m - 1) * sum w_u^2 (d_u - d)^2 / (sum w_u)^2, so that sessions of one user need
 * not be independent. Degrees of freedom: Kish's effective number of users less one.
 *
 * Where all users differ by the same, as where all their members fail and no others do, that variance is 0. A difference of rates lies between -1
 * and 1; (1 + d) / 2 as a share then has the variance of Agresti & Caffo (The American Statistician 54, 2000), as in two-proportions.ts.
 */

import type { Estimate } from "./two-proportions.js";

/** Squares that small beside the weights' are rounding. */
const ALIKE = 1e-12;

/** A difference within users. */
export interface WithinUsers {
  /** Users with sessions of both kinds. */
  readonly users: number;
  readonly difference: Estimate;
  /** Mean of the others' sessions, weighted alike; NaN without users. */
  readonly otherRate: number;
}

/**
 * Estimates from the sums.
 * @param sums - Float64Array(7), over users with sessions of both kinds: users, w, w y0, w d, w², w² d, w² d²
 * @param areRates - whether they are of failures, so that users who are all alike get the variance of few
 */
export function withinUsers(sums: Float64Array, areRates = false): WithinUsers {
  const [users = 0, w = 0, wy0 = 0, wd = 0, ww = 0, wwd = 0, wwdd = 0] = sums;
  const value = wd / w;
  const squares = Math.max(0, wwdd - 2 * value * wwd + value * value * ww);
  const isAllAlike = areRates && squares <= ALIKE * ww;
  const variance = isAllAlike ? varianceOfFew(value, (w * w) / ww) : ((users / (users - 1)) * squares) / (w * w);
  const known = users > 1 && Number.isFinite(variance);
  return {
    users,
    difference: {
      value,
      standardError: known ? Math.sqrt(variance) : Number.NaN,
      degreesOfFreedom: known ? Math.max(0, (w * w) / ww - 1) : 0,
    },
    otherRate: wy0 / w,
  };
}

/** Variance of a difference of rates that all users share. */
function varianceOfFew(difference: number, users: number): number {
  const p = (((1 + difference) / 2) * users + 1) / (users + 2);
  return (4 * p * (1 - p)) / (users + 2);
}
