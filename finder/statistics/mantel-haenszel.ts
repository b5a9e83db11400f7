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
 * Var = U / (U - 1) sum psi_u^2. In one stratum all of this is `twoProportions`, degrees of freedom included; lambda_u there becomes
 * sum_k (N0k / N_k)^2 N1ku. The totals come first, then the squares: both are sums, so both merge.
 *
 * Where each session counts as independent: Var(ln r) of Greenland & Robins and Var(d) of Sato, Biometrics 45, 1989, which
 * holds for few large strata and many small ones alike, as the former does.
 */

import type { Estimate } from "./two-proportions.js";
import { welch } from "./welch.js";

/** Numbers a stratum has in the totals: y1, n1, y0, n0 (member failures, members, failures of others, others). */
export const stratumLength = 4;

/** Numbers in the squares: users; residuals of d: 1 1, 0 0, 1 0; of ln r the same; lambda1, its square, lambda0, its square. */
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

/** What a user's sums are multiplied by; made once from the totals of all users. */
export interface StratumFit {
  readonly difference: number;
  readonly ratio: number;
  /** W, A1, A0 of the head of this file. */
  readonly weight: number;
  readonly memberScale: number;
  readonly otherScale: number;
  readonly strata: number;
  readonly members: number;
  readonly others: number;
  /** Float64Array(6 strata): N0k / N_k, N1k / N_k, R1k and R0k as d fits them, R1k and R0k as r does. */
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
 * Fits the common effect to the totals. O(strata) time.
 * @param totals - Float64Array(4 strata), y1, n1, y0, n0 of each
 */
export function fitStrata(totals: Float64Array): StratumFit {
  const all = totals.length / stratumLength;
  let [memberScale, otherScale, weight, strata, members, others] = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < all; k++) {
    const [y1 = 0, n1 = 0, y0 = 0, n0 = 0] = totals.subarray(k * stratumLength, (k + 1) * stratumLength);
    if (n1 === 0 || n0 === 0) continue;
    const n = n1 + n0;
    memberScale += (y1 * n0) / n;
    otherScale += (y0 * n1) / n;
    weight += (n1 * n0) / n;
    strata++;
    members += n1;
    others += n0;
  }
  const difference = (memberScale - otherScale) / weight;
  const ratio = memberScale / otherScale;
  const factors = new Float64Array(all * 6);
  for (let k = 0; k < all; k++) {
    const [y1 = 0, n1 = 0, y0 = 0, n0 = 0] = totals.subarray(k * stratumLength, (k + 1) * stratumLength);
    // a stratum with one side keeps zeros: it has nothing to say
    if (n1 === 0 || n0 === 0) continue;
    const n = n1 + n0;
    factors.set(
      [
        n0 / n,
        n1 / n,
        (y1 + y0 + difference * n0) / n,
        (y1 + y0 - difference * n1) / n,
        (y1 + ratio * y0) / n,
        (y1 / ratio + y0) / n,
      ],
      k * 6,
    );
  }
  return { difference, ratio, weight, memberScale, otherScale, strata, members, others, factors };
}

/**
 * Adds one user's sums to the squares. O(rows) time. Users with nothing in a stratum of both sides do not count.
 * @param squares - Float64Array(11), zero at first
 * @param strata - Uint32Array: the strata of the user's rows in [0, rows)
 * @param rows - Float64Array: y1, n1, y0, n0 of each; a stratum may come more than once
 * @param length - rows of this user
 */
export function insertUserStrata(
  squares: Float64Array,
  fit: StratumFit,
  strata: Uint32Array,
  rows: Float64Array,
  length: number,
): void {
  const { factors } = fit;
  let [d1, d0, r1, r0, lambda1, lambda0] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < length; row++) {
    const at = (strata[row] as number) * 6;
    const from = row * stratumLength;
    const y1 = rows[from] as number;
    const n1 = rows[from + 1] as number;
    const y0 = rows[from + 2] as number;
    const n0 = rows[from + 3] as number;
    const g1 = factors[at] as number;
    const g0 = factors[at + 1] as number;
    d1 += g1 * (y1 - (factors[at + 2] as number) * n1);
    d0 += g0 * (y0 - (factors[at + 3] as number) * n0);
    r1 += g1 * (y1 - (factors[at + 4] as number) * n1);
    r0 += g0 * (y0 - (factors[at + 5] as number) * n0);
    lambda1 += g1 * g1 * n1;
    lambda0 += g0 * g0 * n0;
  }
  if (lambda1 + lambda0 === 0) return;
  const sums = [
    1,
    d1 * d1,
    d0 * d0,
    d1 * d0,
    r1 * r1,
    r0 * r0,
    r1 * r0,
    lambda1,
    lambda1 * lambda1,
    lambda0,
    lambda0 * lambda0,
  ];
  for (let i = 0; i < squaresLength; i++) squares[i] = (squares[i] as number) + (sums[i] as number);
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
  const fit = fitStrata(totals);
  const { difference, ratio, weight, memberScale, otherScale } = fit;
  let [p, q, ofRatio] = [0, 0, 0];
  for (let k = 0; k < totals.length; k += stratumLength) {
    const [y1 = 0, n1 = 0, y0 = 0, n0 = 0] = totals.subarray(k, k + stratumLength);
    if (n1 === 0 || n0 === 0) continue;
    const n = n1 + n0;
    p += (n1 * n1 * y0 - n0 * n0 * y1 + (n1 * n0 * (n0 - n1)) / 2) / (n * n);
    q += (y1 * (n0 - y0) + y0 * (n1 - y1)) / (2 * n);
    ofRatio += (n1 * n0 * (y1 + y0) - y1 * y0 * n) / (n * n);
  }
  return {
    strata: fit.strata,
    members: fit.members,
    others: fit.others,
    difference: finite(difference, (difference * p + q) / (weight * weight), Number.POSITIVE_INFINITY),
    logRatio: finite(Math.log(ratio), ofRatio / (memberScale * otherScale), Number.POSITIVE_INFINITY),
  };
}

/** Estimates from sessions, clustered by user: the totals, then the squares. O(sessions) time, O(strata) memory. */
export function mantelHaenszelOfSessions(sessions: StratifiedSessions): Stratified {
  const totals = new Float64Array(sessions.strata * stratumLength);
  forEachUser(sessions, (strata, rows, length) => {
    for (let row = 0; row < length; row++) {
      const at = (strata[row] as number) * stratumLength;
      for (let i = 0; i < stratumLength; i++) {
        totals[at + i] = (totals[at + i] as number) + (rows[row * stratumLength + i] as number);
      }
    }
  });
  const fit = fitStrata(totals);
  const squares = new Float64Array(squaresLength);
  forEachUser(sessions, (strata, rows, length) => insertUserStrata(squares, fit, strata, rows, length));
  return mantelHaenszel(fit, squares);
}

/** Calls back with each user's rows; the arrays are used again for the next one. */
function forEachUser(
  { userOffsets, stratum, strata, member, outcome }: StratifiedSessions,
  callback: (strata: Uint32Array, rows: Float64Array, length: number) => void,
): void {
  let most = 0;
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    most = Math.max(most, (userOffsets[user + 1] as number) - (userOffsets[user] as number));
  }
  const strataOfRows = new Uint32Array(most);
  const rows = new Float64Array(most * stratumLength);
  for (let user = 0; user + 1 < userOffsets.length; user++) {
    const end = userOffsets[user + 1] as number;
    let length = 0;
    for (let session = userOffsets[user] as number; session < end; session++) {
      const k = stratum[session] as number;
      const y = outcome[session] as number;
      if (k >= strata || Number.isNaN(y)) continue;
      // neighbours in time are mostly of one stratum: one row serves them
      if (length === 0 || strataOfRows[length - 1] !== k) {
        strataOfRows[length] = k;
        rows.fill(0, length * stratumLength, (length + 1) * stratumLength);
        length++;
      }
      const at = (length - 1) * stratumLength + (member[session] === 1 ? 0 : 2);
      rows[at] = (rows[at] as number) + y;
      rows[at + 1] = (rows[at + 1] as number) + 1;
    }
    if (length > 0) callback(strataOfRows, rows, length);
  }
}

function finite(value: number, variance: number, degreesOfFreedom: number): Estimate {
  if (!Number.isFinite(value) || !Number.isFinite(variance)) {
    return { value: Number.NaN, standardError: Number.NaN, degreesOfFreedom: Number.NaN };
  }
  return { value, standardError: Math.sqrt(Math.max(0, variance)), degreesOfFreedom };
}
