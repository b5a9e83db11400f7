/**
 * Difference and ratio of two rates (or means), with the user as the unit: sessions of one user are not independent.
 *
 * With Y and N the failures (or sums) and sessions of members (1) and others (0), and u a user, the linearised influences are
 *   psi_u(d) = (Y1u - R1 N1u) / N1 - (Y0u - R0 N0u) / N0,   psi_u(ln r) = (Y1u - R1 N1u) / Y1 - (Y0u - R0 N0u) / Y0,
 * and Var = U / (U - 1) * sum of psi_u^2 (Taylor linearisation of ratio means over clusters: Woodruff, JASA 66, 1971;
 * Cochran, Sampling Techniques, 3rd ed., section 6.3). Each psi is linear in (Y1u, N1u, Y0u, N0u), so its sum of squares is a
 * quadratic form in the ten sums of products of these four: one mergeable pass serves both.
 *
 * Degrees of freedom, by Satterthwaite (Biometrics Bulletin 2, 1946) in the manner of Bell & McCaffrey (Survey Methodology 28, 2002): a
 * variance estimated from squares with expectations lambda_u has (sum lambda)^2 / sum lambda^2 degrees. With independent sessions as the
 * working model lambda_u is proportional to N_gu, which gives (sum N_gu)^2 / sum N_gu^2 (Kish's effective number of users), less one
 * for the rate that is estimated; the two sides combine as in Welch's test: (V1 + V0)^2 / (V1^2 / df1 + V0^2 / df0). Few users, or one
 * heavy user, make the interval wide.
 *
 * Where all of a side fail, or none do, the squares are 0, and an interval made of them would claim to know its rate to the last digit. A side of
 * rates then has the variance of Agresti & Caffo (The American Statistician 54, 2000), p (1 - p) / (m + 2) with p = (R m + 1) / (m + 2), and m the
 * effective number of users, not of sessions (Korn & Graubard, Survey Methodology 24, 1998). The estimate itself stays what it is.
 */

import { studentQuantile, studentUpper } from "./distributions.js";
import { welch } from "./welch.js";

/** Squares of residuals that small beside those of sessions are rounding. */
const ALIKE = 1e-12;

/** A rate of members against that of others. */
export interface TwoProportions {
  readonly users: number;
  /** Rate, or mean, of members; NaN without members. */
  readonly memberRate: number;
  readonly otherRate: number;
  readonly difference: Estimate;
  /** Of ln(memberRate / otherRate); NaN where a rate is 0 (or, of means, not positive). */
  readonly logRatio: Estimate;
}

/** An estimate with its uncertainty; NaN throughout where it cannot be computed. */
export interface Estimate {
  readonly value: number;
  readonly standardError: number;
  /** Effective degrees of freedom; 0 where one user is all there is on a side, and the interval has no end. */
  readonly degreesOfFreedom: number;
}

/**
 * Merges moments of other users, made by `insertUser` of kernels/user-moments.ts.
 * @param into - Float64Array, of one hypothesis or of several, one after the other
 * @param from - Float64Array of the same length
 */
export function combineUsers(into: Float64Array, from: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] as number) + (from[i] as number);
}

/**
 * Estimates from the moments.
 * @param moments - Float64Array(15)
 * @param areRates - whether they are of failures, so that a side without variance gets that of few; means know no such bound
 */
export function twoProportions(moments: Float64Array, areRates = false): TwoProportions {
  const [users = 0, y1 = 0, n1 = 0, y0 = 0, n0 = 0] = moments;
  const [y1y1 = 0, y1n1 = 0, y1y0 = 0, y1n0 = 0, n1n1 = 0, n1y0 = 0, n1n0 = 0, y0y0 = 0, y0n0 = 0, n0n0 = 0] =
    moments.subarray(5);
  const memberRate = y1 / n1;
  const otherRate = y0 / n0;
  // Sums of squares and the cross product of the users' residuals Y_gu - R_g N_gu; rounding must not make a square negative.
  const ofMembers = Math.max(0, y1y1 - 2 * memberRate * y1n1 + memberRate * memberRate * n1n1);
  const ofOthers = Math.max(0, y0y0 - 2 * otherRate * y0n0 + otherRate * otherRate * n0n0);
  const members = areRates && isAllAlike(ofMembers, n1n1) ? n1 * n1 * varianceOfFew(memberRate, n1, n1n1) : ofMembers;
  const others = areRates && isAllAlike(ofOthers, n0n0) ? n0 * n0 * varianceOfFew(otherRate, n0, n0n0) : ofOthers;
  const both = y1y0 - otherRate * y1n0 - memberRate * n1y0 + memberRate * otherRate * n1n0;
  const df1 = (n1 * n1) / n1n1 - 1;
  const df0 = (n0 * n0) / n0n0 - 1;
  const estimate = (value: number, scale1: number, scale0: number): Estimate => {
    const v1 = members / (scale1 * scale1);
    const v0 = others / (scale0 * scale0);
    const variance = (users / (users - 1)) * Math.max(0, v1 + v0 - (2 * both) / (scale1 * scale0));
    if (!Number.isFinite(value) || !Number.isFinite(variance)) return missing;
    return { value, standardError: Math.sqrt(variance), degreesOfFreedom: welch(v1, df1, v0, df0) };
  };
  return {
    users,
    memberRate,
    otherRate,
    difference: estimate(memberRate - otherRate, n1, n0),
    logRatio: estimate(Math.log(memberRate / otherRate), y1, y0),
  };
}

/** Whether users do not differ at all, but for rounding. */
function isAllAlike(squares: number, nn: number): boolean {
  return squares <= ALIKE * nn;
}

/** Variance of a rate that no user departs from. */
function varianceOfFew(rate: number, n: number, nn: number): number {
  const users = (n * n) / nn;
  const p = (rate * users + 1) / (users + 2);
  return (p * (1 - p)) / (users + 2);
}

/**
 * The interval of an estimate.
 * @param level - of confidence, such as 0.95
 * @returns [low, high], infinite without degrees of freedom, NaN where the estimate is
 */
export function interval({ value, standardError, degreesOfFreedom }: Estimate, level: number): [number, number] {
  if (degreesOfFreedom === 0) return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (Number.isNaN(value)) return [Number.NaN, Number.NaN];
  const reach = standardError === 0 ? 0 : studentQuantile((1 - level) / 2, degreesOfFreedom) * standardError;
  return [value - reach, value + reach];
}

/**
 * Two-sided p-value of an estimate being 0; 1 without degrees of freedom, NaN where the estimate is.
 * @param estimate - with its standard error
 */
export function pValue({ value, standardError, degreesOfFreedom }: Estimate): number {
  if (Number.isNaN(value)) return Number.NaN;
  if (degreesOfFreedom === 0 || value === 0) return 1;
  return standardError === 0 ? 0 : 2 * studentUpper(Math.abs(value) / standardError, degreesOfFreedom);
}

const missing: Estimate = { value: Number.NaN, standardError: Number.NaN, degreesOfFreedom: Number.NaN };
