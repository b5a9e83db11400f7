/**
 * Difference and ratio of two rates within strata, so that what the strata differ in cannot make the effect: the Mantel–Haenszel
 * estimators (Mantel & Haenszel, JNCI 22, 1959; for rates Greenland & Robins, Biometrics 41, 1985). With Y and N the failures (or sums)
 * and sessions of members (1) and others (0) in stratum k, N_k = N1k + N0k, and
 *   A1 = sum Y1k N0k / N_k,   A0 = sum Y0k N1k / N_k,   W = sum N1k N0k / N_k:   d = (A1 - A0) / W,   r = A1 / A0.
 *
 * Clustered by user u, by Taylor linearisation (Woodruff, JASA 66, 1971): the derivatives by the stratum's totals come to
 *   psi_u = sum_k N0k / N_k (Y1ku - R1k N1ku) / s1 - sum_k N1k / N_k (Y0ku - R0k N0ku) / s0
 * with the rates of the stratum as a common effect fits them, and s1, s0 = W, W for d, A1, A0 for ln r:
 *   d: R1k = (Y_k + d N0k) / N_k, R0k = (Y_k - d N1k) / N_k;   ln r: R1k = (Y1k + r Y0k) / N_k, R0k = R1k / r.
 * Var = U / (U - 1) sum f_u psi_u^2. A stratum's own rate is fitted too, which in small strata takes much of each psi_u: with independent
 * sessions as the working model psi_u has sum_k (lambda_ku - c_ku^2 / N_k) in the place of sum_k lambda_ku, where
 *   c_ku = N0k / N_k N1ku - N1k / N_k N0ku,   lambda_ku = (N0k / N_k)^2 N1ku + (N1k / N_k)^2 N0ku;
 * f_u is the latter over the former (in the manner of Bell & McCaffrey, Survey Methodology 28, 2002). In one large stratum all of this is
 * `twoProportions`, degrees of freedom included. The totals come first, then the squares: both are sums, so both merge.
 *
 * Where each session counts as independent: Var(ln r) of Greenland & Robins and Var(d) of Sato, Biometrics 45, 1989, which
 * holds for few large strata and many small ones alike, as the former does.
 */

import { insertStratum, stratumSumsLength } from "../../kernels/stratum-sums.js";
import type { Estimate } from "./two-proportions.js";
import { welch } from "./welch.js";

/** Numbers a stratum has in the totals: y1, n1, y0, n0 (member failures, members, failures of others, others). */
export const stratumLength = 4;

/** Numbers a stratum has in the factors of a fit. */
const factorsLength = 7;

/** Numbers in the squares: users; f_u times the residuals of d: 1 1, 0 0, 1 0; of ln r the same; lambda1, its square, lambda0, its square. */
export const squaresLength = 11;

/** A rate of members against that of others in the same stratum. */
export interface Stratified {
  /** Strata that hold both members and others: only these tell anything. */
  readonly strata: number;
  /** Members in such strata. */
  readonly members: number;
  readonly others: number;
  readonly difference: Estimate;
  /** Of ln(rate of members / rate of others); NaN where a side has no failure. */
  readonly logRatio: Estimate;
}

/** The common effect of all strata, by the totals of all users. */
export interface CommonEffect {
  readonly difference: number;
  readonly ratio: number;
  /** W, A1, A0 of the head of this file. */
  readonly weight: number;
  readonly memberScale: number;
  readonly otherScale: number;
  readonly strata: number;
  readonly members: number;
  readonly others: number;
}

/** What a user's sums are multiplied by. */
export interface StratumFit extends CommonEffect {
  /** Float64Array(7 strata): N0k / N_k, N1k / N_k, R1k and R0k as d fits them, R1k and R0k as r does, 1 / N_k; 0 where a side is empty. */
  readonly factors: Float64Array;
}

/** Sessions with what they are judged by. */
export interface StratifiedSessions {
  /** Uint32Array(U + 1): sessions of user u are [userOffsets[u], userOffsets[u + 1]) */
  readonly userOffsets: Uint32Array;
  /** Uint32Array(S): below `strata`; any other number leaves the session out */
  readonly stratum: Uint32Array;
  readonly strata: number;
  /** Uint8Array(S): 1 for members, 0 for others */
  readonly member: Uint8Array;
  /** Float64Array(S): 1 failing, 0 normal, or a value; NaN leaves the session out */
  readonly outcome: Float64Array;
}

/**
 * The common effect. O(strata) time, no allocation by stratum.
 * @param totals - Float64Array(4 strata), y1, n1, y0, n0 of each
 */
export function commonEffect(totals: Float64Array): CommonEffect {
  return effectOfSums(sumsOf(totals));
}

function sumsOf(totals: Float64Array): Float64Array {
  const sums = new Float64Array(stratumSumsLength);
  for (let at = 0; at < totals.length; at += stratumLength) {
    insertStratum(
      sums,
      totals[at] as number,
      totals[at + 1] as number,
      totals[at + 2] as number,
      totals[at + 3] as number,
    );
  }
  return sums;
}

function effectOfSums(sums: Float64Array): CommonEffect {
  const [memberScale = 0, otherScale = 0, weight = 0] = sums;
  const [strata = 0, members = 0, others = 0] = sums.subarray(6);
  const difference = (memberScale - otherScale) / weight;
  return { difference, ratio: memberScale / otherScale, weight, memberScale, otherScale, strata, members, others };
}

/**
 * The common effect, and what it makes of each stratum. O(strata) time.
 * @param totals - Float64Array(4 strata), y1, n1, y0, n0 of each
 */
export function fitStrata(totals: Float64Array): StratumFit {
  const effect = commonEffect(totals);
  const { difference, ratio } = effect;
  const factors = new Float64Array((totals.length / stratumLength) * factorsLength);
  for (let at = 0, to = 0; at < totals.length; at += stratumLength, to += factorsLength) {
    const y1 = totals[at] as number;
    const n1 = totals[at + 1] as number;
    const y0 = totals[at + 2] as number;
    const n0 = totals[at + 3] as number;
    if (n1 === 0 || n0 === 0) continue;
    const n = n1 + n0;
    factors[to] = n0 / n;
    factors[to + 1] = n1 / n;
    factors[to + 2] = (y1 + y0 + difference * n0) / n;
    factors[to + 3] = (y1 + y0 - difference * n1) / n;
    factors[to + 4] = (y1 + ratio * y0) / n;
    factors[to + 5] = (y1 / ratio + y0) / n;
    factors[to + 6] = 1 / n;
  }
  return { ...effect, factors };
}

/**
 * Adds the sessions of some users to the totals. O(sessions) time, no allocation.
 * @param start - first user
 * @param end - after the last
 * @param totals - Float64Array(4 strata), zero at first
 */
export function insertTotals(sessions: StratifiedSessions, start: number, end: number, totals: Float64Array): void {
  const { userOffsets, stratum, strata, member, outcome } = sessions;
  const last = userOffsets[end] as number;
  for (let session = userOffsets[start] as number; session < last; session++) {
    const k = stratum[session] as number;
    const y = outcome[session] as number;
    if (k >= strata || Number.isNaN(y)) continue;
    const at = k * stratumLength + (member[session] === 1 ? 0 : 2);
    totals[at] = (totals[at] as number) + y;
    totals[at + 1] = (totals[at + 1] as number) + 1;
  }
}

/**
 * Adds some users to the squares. O(sessions) time, O(strata) memory. Users with nothing in a stratum of both sides do not count.
 * @param fit - of the totals of all users
 * @param start - first user
 * @param end - after the last
 * @param squares - Float64Array(11), zero at first
 */
export function insertSquares(
  sessions: StratifiedSessions,
  fit: StratumFit,
  start: number,
  end: number,
  squares: Float64Array,
): void {
  const { userOffsets, stratum, strata, member, outcome } = sessions;
  const { factors } = fit;
  // c of the user's strata, which these are, and who had a stratum last (the user's index and 1)
  const balance = new Float64Array(strata);
  const touched = new Uint32Array(strata);
  const lastIn = new Uint32Array(strata);
  for (let user = start; user < end; user++) {
    const last = userOffsets[user + 1] as number;
    let d1 = 0;
    let d0 = 0;
    let r1 = 0;
    let r0 = 0;
    let lambda1 = 0;
    let lambda0 = 0;
    let count = 0;
    for (let session = userOffsets[user] as number; session < last; session++) {
      const k = stratum[session] as number;
      const y = outcome[session] as number;
      if (k >= strata || Number.isNaN(y)) continue;
      const at = k * factorsLength;
      if (lastIn[k] !== user + 1) {
        lastIn[k] = user + 1;
        balance[k] = 0;
        touched[count++] = k;
      }
      if (member[session] === 1) {
        const g = factors[at] as number;
        balance[k] = (balance[k] as number) + g;
        d1 += g * (y - (factors[at + 2] as number));
        r1 += g * (y - (factors[at + 4] as number));
        lambda1 += g * g;
      } else {
        const g = factors[at + 1] as number;
        balance[k] = (balance[k] as number) - g;
        d0 += g * (y - (factors[at + 3] as number));
        r0 += g * (y - (factors[at + 5] as number));
        lambda0 += g * g;
      }
    }
    const lambda = lambda1 + lambda0;
    // in strata of both sides every session weighs something
    if (lambda === 0) continue;
    let left = lambda;
    for (let i = 0; i < count; i++) {
      const k = touched[i] as number;
      const c = balance[k] as number;
      left -= c * c * (factors[k * factorsLength + 6] as number);
    }
    const f = lambda / left;
    squares[0] = (squares[0] as number) + 1;
    squares[1] = (squares[1] as number) + f * d1 * d1;
    squares[2] = (squares[2] as number) + f * d0 * d0;
    squares[3] = (squares[3] as number) + f * d1 * d0;
    squares[4] = (squares[4] as number) + f * r1 * r1;
    squares[5] = (squares[5] as number) + f * r0 * r0;
    squares[6] = (squares[6] as number) + f * r1 * r0;
    squares[7] = (squares[7] as number) + lambda1;
    squares[8] = (squares[8] as number) + lambda1 * lambda1;
    squares[9] = (squares[9] as number) + lambda0;
    squares[10] = (squares[10] as number) + lambda0 * lambda0;
  }
}

/**
 * Merges sums of other users, be they totals or squares.
 * @param into - Float64Array
 * @param from - Float64Array of the same length
 */
export function combineSums(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (from[i] as number);
}

/**
 * Estimates with variance clustered by user.
 * @param fit - of the totals of all users
 * @param squares - Float64Array(11), of all users by that same fit
 */
export function mantelHaenszel(fit: StratumFit, squares: Float64Array): Stratified {
  const [users = 0, d11 = 0, d00 = 0, d10 = 0, r11 = 0, r00 = 0, r10 = 0] = squares;
  const [sum1 = 0, square1 = 0, sum0 = 0, square0 = 0] = squares.subarray(7);
  const df1 = (sum1 * sum1) / square1 - 1;
  const df0 = (sum0 * sum0) / square0 - 1;
  const estimate = (
    value: number,
    [e11, e00, e10]: readonly [number, number, number],
    s1: number,
    s0: number,
  ): Estimate => {
    const v1 = e11 / (s1 * s1);
    const v0 = e00 / (s0 * s0);
    const variance = (users / (users - 1)) * Math.max(0, v1 + v0 - (2 * e10) / (s1 * s0));
    return finite(value, variance, welch(v1, df1, v0, df0));
  };
  const { weight, memberScale, otherScale } = fit;
  return {
    strata: fit.strata,
    members: fit.members,
    others: fit.others,
    difference: estimate(fit.difference, [d11, d00, d10], weight, weight),
    logRatio: estimate(Math.log(fit.ratio), [r11, r00, r10], memberScale, otherScale),
  };
}

/**
 * The same with every session on its own: no users, or a quick look. O(strata) time.
 * @param totals - Float64Array(4 strata), y1, n1, y0, n0 of each; failures, not sums of values
 */
export function plainMantelHaenszel(totals: Float64Array): Stratified {
  return plainOfSums(sumsOf(totals));
}

/**
 * The same from the sums over strata.
 * @param sums - Float64Array(9), of `insertStratum`
 */
export function plainOfSums(sums: Float64Array): Stratified {
  const { difference, ratio, weight, memberScale, otherScale, strata, members, others } = effectOfSums(sums);
  const [p = 0, q = 0, ofRatio = 0] = sums.subarray(3);
  return {
    strata,
    members,
    others,
    difference: finite(difference, (difference * p + q) / (weight * weight), Number.POSITIVE_INFINITY),
    logRatio: finite(Math.log(ratio), ofRatio / (memberScale * otherScale), Number.POSITIVE_INFINITY),
  };
}

/** Estimates from sessions, clustered by user: the totals, then the squares. O(sessions) time, O(strata) memory. */
export function mantelHaenszelOfSessions(sessions: StratifiedSessions): Stratified {
  const users = sessions.userOffsets.length - 1;
  const totals = new Float64Array(sessions.strata * stratumLength);
  insertTotals(sessions, 0, users, totals);
  const fit = fitStrata(totals);
  const squares = new Float64Array(squaresLength);
  insertSquares(sessions, fit, 0, users, squares);
  return mantelHaenszel(fit, squares);
}

function finite(value: number, variance: number, degreesOfFreedom: number): Estimate {
  if (!Number.isFinite(value) || !Number.isFinite(variance)) {
    return { value: Number.NaN, standardError: Number.NaN, degreesOfFreedom: Number.NaN };
  }
  return { value, standardError: Math.sqrt(Math.max(0, variance)), degreesOfFreedom };
}
