/**
 * The difference that membership makes, adjusted twice: by a model of who is a member, e(x), and by models of the outcome of members and
 * of others, m1(x) and m0(x). Either right is enough (augmented inverse probability weighting: Robins, Rotnitzky & Zhao, JASA 89, 1994). With
 * a = 1 for members and y the failure of a session,
 *   over all:      d = 1/N  sum of m1 - m0 + a (y - m1) / e - (1 - a) (y - m0) / (1 - e)
 *   over members:  d = 1/N1 sum of (a - (1 - a) e / (1 - e)) (y - m0)
 * (the latter as in Moodie, Saarela & Stephens, Stat 7, 2018): what members would be spared if they failed like others of their kind.
 *
 * Models are logistic, on cells of equal covariates, and fitted on users other than those they are applied to (cross-fitting:
 * Chernozhukov et al., Econometrics Journal 21, 2018). Over all, propensities are held within [0.02, 0.98] (Crump et al., Biometrika 96, 2009, on why); over
 * members only below 0.98, for they need others alike, not the others members alike (Heckman, Ichimura & Todd, Review of Economic Studies 64, 1997): of
 * rare members every propensity is small, and holding them up would weigh all others alike. Of means the models of the outcome are linear. Variance: that
 * of the influence, the term of the sum less d (of a member, over members), summed by user, U / (U - 1) sum psi_u^2. Degrees of freedom: Kish's
 * effective number of users, on the side that has fewer, less one, sessions counting by the square of their weight.
 */

import { type Design, predict } from "./design.js";
import { fitLeastSquares } from "./least-squares.js";
import { fitLogistic, probabilitiesOf } from "./logistic.js";
import type { Estimate } from "./two-proportions.js";

const leastPropensity = 0.02;

/** Sessions by user and by what is adjusted for. */
export interface AdjustedRows {
  /** Covariates of each pattern. */
  readonly design: Design;
  /** Uint8Array(U): the fold of each user */
  readonly fold: Uint8Array;
  /** At least 2. */
  readonly folds: number;
  /** Uint32Array(rows): one row for each pattern of a user; users ascending */
  readonly user: Uint32Array;
  /** Uint32Array(rows) */
  readonly pattern: Uint32Array;
  /** What y is a sum of: failures, or any values. @default "failures" */
  readonly outcome?: "failures" | "values";
  /** Float64Array(rows): outcomes of member sessions, member sessions; of others, others */
  readonly y1: Float64Array;
  readonly n1: Float64Array;
  readonly y0: Float64Array;
  readonly n0: Float64Array;
}

/** Of members, how they differ from what they would be if they were none. */
export interface MembersDifference {
  readonly ofMembers: Estimate;
  /** Share of member sessions whose propensity was held below: with hardly any others alike. */
  readonly trimmedMembers: number;
  /** Float64Array(patterns): of membership, the mean of the folds' models; empty without an estimate */
  readonly propensity: Float64Array;
}

/** Adjusted differences of members from others. */
export interface AdjustedDifference extends MembersDifference {
  /** If all sessions were members, against if none were. */
  readonly overall: Estimate;
  /** Share of sessions whose propensity was held, over all. */
  readonly trimmedShare: number;
}

/**
 * Estimates both. O(rows + folds · fits) time.
 * @param rows - counts, or counts multiplied by what each user stands for
 * @param ridge - of the models, see `fitLogistic`
 * @returns NaN estimates where the other folds of one lack members or others
 */
export function aipw(rows: AdjustedRows, ridge: number): AdjustedDifference {
  const models = fitByFold(rows, ridge, true);
  if (models === null) return { overall: missing, trimmedShare: Number.NaN, ...missingOfMembers };
  const overall = new InfluenceSums(rows);
  const trimmed = insertOverall(rows, models, overall);
  return { overall: overall.estimate(), trimmedShare: trimmed / overall.size, ...differenceOfMembers(rows, models) };
}

/** The difference of members alone, which takes no model of their outcome; see `aipw`. */
export function aipwOfMembers(rows: AdjustedRows, ridge: number): MembersDifference {
  const models = fitByFold(rows, ridge, false);
  return models === null ? missingOfMembers : differenceOfMembers(rows, models);
}

function differenceOfMembers(rows: AdjustedRows, models: readonly FoldModel[]): MembersDifference {
  const sums = new InfluenceSums(rows);
  const trimmed = insertOfMembers(rows, models, sums);
  const propensity = new Float64Array((models[0] as FoldModel).propensity.length);
  for (const model of models) addAll(propensity, model.propensity);
  divideAll(propensity, models.length);
  return { ofMembers: sums.estimate(), trimmedMembers: trimmed / sums.size, propensity };
}

function addAll(to: Float64Array, values: Float64Array): void {
  for (let at = 0; at < to.length; at++) to[at] = (to[at] as number) + (values[at] as number);
}

function divideAll(values: Float64Array, by: number): void {
  for (let at = 0; at < values.length; at++) values[at] = (values[at] as number) / by;
}

/** Inserts the influence of each row over all; returns the sessions whose propensity was held. */
function insertOverall(rows: AdjustedRows, models: readonly FoldModel[], sums: InfluenceSums): number {
  const { user, pattern, y1, n1, y0, n0, fold } = rows;
  let trimmed = 0;
  for (let row = 0; row < user.length; row++) {
    const { propensity, member, other } = models[fold[user[row] as number] as number] as FoldModel;
    const at = pattern[row] as number;
    const fitted = propensity[at] as number;
    const e = Math.max(leastPropensity, Math.min(1 - leastPropensity, fitted));
    const m1 = member[at] as number;
    const m0 = other[at] as number;
    const members = n1[row] as number;
    const others = n0[row] as number;
    if (e !== fitted) trimmed += members + others;
    const memberResidual = (y1[row] as number) - members * m1;
    const otherResidual = (y0[row] as number) - others * m0;
    sums.insert(
      row,
      (members + others) * (m1 - m0) + memberResidual / e - otherResidual / (1 - e),
      members + others,
      members / (e * e),
      others / ((1 - e) * (1 - e)),
    );
  }
  return trimmed;
}

/** Inserts the influence of each row over members; returns the member sessions whose propensity was held below. */
function insertOfMembers(rows: AdjustedRows, models: readonly FoldModel[], sums: InfluenceSums): number {
  const { user, pattern, y1, n1, y0, n0, fold } = rows;
  let trimmed = 0;
  for (let row = 0; row < user.length; row++) {
    const { propensity, other } = models[fold[user[row] as number] as number] as FoldModel;
    const at = pattern[row] as number;
    const fitted = propensity[at] as number;
    const below = Math.min(1 - leastPropensity, fitted);
    const m0 = other[at] as number;
    const members = n1[row] as number;
    const others = n0[row] as number;
    if (below !== fitted) trimmed += members;
    const otherResidual = (y0[row] as number) - others * m0;
    const odds = below / (1 - below);
    sums.insert(row, (y1[row] as number) - members * m0 - odds * otherResidual, members, members, others * odds * odds);
  }
  return trimmed;
}

/** Fitted values by pattern, for the users of one fold. */
interface FoldModel {
  readonly propensity: Float64Array;
  /** Of the outcome of members, empty where that is not asked for, and of others. */
  readonly member: Float64Array;
  readonly other: Float64Array;
}

function fitByFold(rows: AdjustedRows, ridge: number, hasMember: boolean): FoldModel[] | null {
  const { design, folds } = rows;
  const models: FoldModel[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const [y1, n1, y0, n0] = [rows.y1, rows.n1, rows.y0, rows.n0].map((counts) =>
      othersByPattern(rows, counts, fold),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    if (!n1.some((n) => n > 0) || !n0.some((n) => n > 0)) return null;
    const fitted = (trials: Float64Array, successes: Float64Array): Float64Array =>
      probabilitiesOf(design, fitLogistic({ design, trials, successes, ridge }).coefficients);
    const outcomes = (sessions: Float64Array, sums: Float64Array): Float64Array => {
      if (rows.outcome !== "values") return fitted(sessions, sums);
      const means = new Float64Array(sessions.length);
      predict(design, fitLeastSquares(design, sessions, sums, ridge), means);
      return means;
    };
    const all = n1.slice();
    addAll(all, n0);
    models.push({
      propensity: fitted(all, n1),
      member: hasMember ? outcomes(n1, y1) : new Float64Array(0),
      other: outcomes(n0, y0),
    });
  }
  return models;
}

/** Sums by pattern over the users of the other folds. */
function othersByPattern(
  { design, fold: foldOf, user, pattern }: AdjustedRows,
  counts: Float64Array,
  fold: number,
): Float64Array {
  const sums = new Float64Array(design.starts.length - 1);
  addOthers(counts, user, pattern, foldOf, fold, sums);
  return sums;
}

function addOthers(
  counts: Float64Array,
  user: Uint32Array,
  pattern: Uint32Array,
  foldOf: Uint8Array,
  fold: number,
  sums: Float64Array,
): void {
  for (let row = 0; row < counts.length; row++) {
    if (foldOf[user[row] as number] === fold) continue;
    const at = pattern[row] as number;
    sums[at] = (sums[at] as number) + (counts[row] as number);
  }
}

/** A ratio of sums over users, and what each user has in it. */
class InfluenceSums {
  readonly #users: Uint32Array;
  readonly #terms: Float64Array;
  readonly #sizes: Float64Array;
  readonly #member: Float64Array;
  readonly #other: Float64Array;
  size = 0;
  #sum = 0;

  constructor({ user, fold }: AdjustedRows) {
    this.#users = user;
    this.#terms = new Float64Array(fold.length);
    this.#sizes = new Float64Array(fold.length);
    this.#member = new Float64Array(fold.length);
    this.#other = new Float64Array(fold.length);
  }

  insert(row: number, term: number, size: number, memberWeight: number, otherWeight: number): void {
    const user = this.#users[row] as number;
    this.#terms[user] = (this.#terms[user] as number) + term;
    this.#sizes[user] = (this.#sizes[user] as number) + size;
    this.#member[user] = (this.#member[user] as number) + memberWeight;
    this.#other[user] = (this.#other[user] as number) + otherWeight;
    this.#sum += term;
    this.size += size;
  }

  estimate(): Estimate {
    const value = this.#sum / this.size;
    const users = countWeighted(this.#member, this.#other);
    const squares = sumOfSquares(this.#terms, this.#sizes, this.#member, this.#other, value, this.size);
    const variance = (users / (users - 1)) * squares;
    if (!Number.isFinite(value) || !Number.isFinite(variance)) return missing;
    return {
      value,
      standardError: Math.sqrt(variance),
      degreesOfFreedom: Math.max(0, Math.min(effective(this.#member), effective(this.#other)) - 1),
    };
  }
}

function countWeighted(member: Float64Array, other: Float64Array): number {
  let users = 0;
  for (let user = 0; user < member.length; user++) {
    if ((member[user] as number) + (other[user] as number) !== 0) users++;
  }
  return users;
}

function sumOfSquares(
  terms: Float64Array,
  sizes: Float64Array,
  member: Float64Array,
  other: Float64Array,
  value: number,
  size: number,
): number {
  let squares = 0;
  for (let user = 0; user < terms.length; user++) {
    if ((member[user] as number) + (other[user] as number) === 0) continue;
    squares += (((terms[user] as number) - value * (sizes[user] as number)) / size) ** 2;
  }
  return squares;
}

const missing: Estimate = { value: Number.NaN, standardError: Number.NaN, degreesOfFreedom: Number.NaN };
const missingOfMembers: MembersDifference = {
  ofMembers: missing,
  trimmedMembers: Number.NaN,
  propensity: new Float64Array(0),
};

/** Kish's effective number of users with these weights. */
function effective(weights: Float64Array): number {
  const sum = sumOf(weights);
  const squares = squaresOf(weights);
  return squares === 0 ? 0 : (sum * sum) / squares;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return sum;
}

function squaresOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += (values[at] as number) * (values[at] as number);
  return sum;
}
