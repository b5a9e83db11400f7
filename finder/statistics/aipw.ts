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

import { type Design, predictor } from "./design.js";
import { fitLeastSquares } from "./least-squares.js";
import { fitLogistic, probability } from "./logistic.js";
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

/** Adjusted differences of members from others. */
export interface AdjustedDifference {
  /** If all sessions were members, against if none were. */
  readonly overall: Estimate;
  /** Of members, against if they were not. */
  readonly ofMembers: Estimate;
  /** Share of sessions whose propensity was held, over all. */
  readonly trimmedShare: number;
  /** Share of member sessions whose propensity was held below: with hardly any others alike. */
  readonly trimmedMembers: number;
  /** Float64Array(patterns): of membership, the mean of the folds' models; empty without an estimate */
  readonly propensity: Float64Array;
}

/**
 * Estimates both. O(rows + folds · fits) time.
 * @param rows - counts, or counts multiplied by what each user stands for
 * @param ridge - of the models, see `fitLogistic`
 * @returns NaN estimates where the other folds of one lack members or others
 */
export function aipw(rows: AdjustedRows, ridge: number): AdjustedDifference {
  const models = fitByFold(rows, ridge);
  if (models === null) {
    return {
      overall: missing,
      ofMembers: missing,
      trimmedShare: Number.NaN,
      trimmedMembers: Number.NaN,
      propensity: new Float64Array(0),
    };
  }
  const { user, pattern, y1, n1, y0, n0, fold } = rows;
  const overall = new InfluenceSums(rows);
  const ofMembers = new InfluenceSums(rows);
  let [trimmed, trimmedMembers] = [0, 0];
  for (let row = 0; row < user.length; row++) {
    const { propensity, member, other } = models[fold[user[row] as number] as number] as FoldModel;
    const at = pattern[row] as number;
    const fitted = propensity[at] as number;
    const below = Math.min(1 - leastPropensity, fitted);
    const e = Math.max(leastPropensity, below);
    const [m1, m0] = [member[at] as number, other[at] as number];
    const [members, others] = [n1[row] as number, n0[row] as number];
    if (e !== fitted) trimmed += members + others;
    if (below !== fitted) trimmedMembers += members;
    const memberResidual = (y1[row] as number) - members * m1;
    const otherResidual = (y0[row] as number) - others * m0;
    overall.insert(
      row,
      (members + others) * (m1 - m0) + memberResidual / e - otherResidual / (1 - e),
      members + others,
      members / (e * e),
      others / ((1 - e) * (1 - e)),
    );
    const odds = below / (1 - below);
    ofMembers.insert(
      row,
      (y1[row] as number) - members * m0 - odds * otherResidual,
      members,
      members,
      others * odds * odds,
    );
  }
  return {
    overall: overall.estimate(),
    ofMembers: ofMembers.estimate(),
    trimmedShare: trimmed / overall.size,
    trimmedMembers: trimmedMembers / ofMembers.size,
    propensity: (models[0] as FoldModel).propensity.map(
      (_, at) => models.reduce((sum, { propensity }) => sum + (propensity[at] as number), 0) / models.length,
    ),
  };
}

/** Fitted values by pattern, for the users of one fold. */
interface FoldModel {
  readonly propensity: Float64Array;
  readonly member: Float64Array;
  readonly other: Float64Array;
}

function fitByFold(rows: AdjustedRows, ridge: number): FoldModel[] | null {
  const { design, folds } = rows;
  const models: FoldModel[] = [];
  for (let fold = 0; fold < folds; fold++) {
    const [y1, n1, y0, n0] = [rows.y1, rows.n1, rows.y0, rows.n0].map((counts) =>
      othersByPattern(rows, counts, fold),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    if (!n1.some((n) => n > 0) || !n0.some((n) => n > 0)) return null;
    const fitted = (trials: Float64Array, successes: Float64Array): Float64Array => {
      const { coefficients } = fitLogistic({ design, trials, successes, ridge });
      return trials.map((_, at) => probability(design, at, coefficients));
    };
    const outcomes = (sessions: Float64Array, sums: Float64Array): Float64Array => {
      if (rows.outcome !== "values") return fitted(sessions, sums);
      const coefficients = fitLeastSquares(design, sessions, sums, ridge);
      return sessions.map((_, at) => predictor(design, at, coefficients));
    };
    models.push({
      propensity: fitted(
        n1.map((n, at) => n + (n0[at] as number)),
        n1,
      ),
      member: outcomes(n1, y1),
      other: outcomes(n0, y0),
    });
  }
  return models;
}

/** Sums by pattern over the users of the other folds. */
function othersByPattern(rows: AdjustedRows, counts: Float64Array, fold: number): Float64Array {
  const sums = new Float64Array(rows.design.starts.length - 1);
  for (let row = 0; row < counts.length; row++) {
    if (rows.fold[rows.user[row] as number] === fold) continue;
    const at = rows.pattern[row] as number;
    sums[at] = (sums[at] as number) + (counts[row] as number);
  }
  return sums;
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
    let [users, squares] = [0, 0];
    for (let user = 0; user < this.#terms.length; user++) {
      if ((this.#member[user] as number) + (this.#other[user] as number) === 0) continue;
      users++;
      squares += (((this.#terms[user] as number) - value * (this.#sizes[user] as number)) / this.size) ** 2;
    }
    const variance = (users / (users - 1)) * squares;
    if (!Number.isFinite(value) || !Number.isFinite(variance)) return missing;
    return {
      value,
      standardError: Math.sqrt(variance),
      degreesOfFreedom: Math.max(0, Math.min(effective(this.#member), effective(this.#other)) - 1),
    };
  }
}

const missing: Estimate = { value: Number.NaN, standardError: Number.NaN, degreesOfFreedom: Number.NaN };

/** Kish's effective number of users with these weights. */
function effective(weights: Float64Array): number {
  let [sum, squares] = [0, 0];
  for (const weight of weights) {
    sum += weight;
    squares += weight * weight;
  }
  return squares === 0 ? 0 : (sum * sum) / squares;
}
