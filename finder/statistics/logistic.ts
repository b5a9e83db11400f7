/**
 * Logistic regression on cells of equal covariates: the coefficients that maximise
 *   sum over cells of y ln p + (n - y) ln(1 - p) - ridge / 2 sum over j >= 1 of b_j^2,   p = 1 / (1 + exp(-x b)),
 * by iteratively reweighted least squares, that is Newton's method (McCullagh & Nelder, Generalized Linear Models, 2nd ed. 1989, sections 2.5
 * and 4.4; the ridge: le Cessie & van Houwelingen, Applied Statistics 41, 1992). The ridge keeps the coefficients finite where a covariate tells the outcome
 * for certain; the constant has none. Steps that make it worse are halved.
 */

import { factorise, solve } from "./cholesky.js";
import { type Design, predictor } from "./design.js";

const maxIterations = 50;
/** Relative change of the deviance. */
const converged = 1e-13;
/** Beyond, a probability is 0 or 1 to the last digit that matters, and its weight would be nothing. */
const largestPredictor = 30;

/** What is fitted. */
export interface LogisticCells {
  readonly design: Design;
  /** Float64Array(cells): sessions; cells of 0 do not matter */
  readonly trials: Float64Array;
  /** Float64Array(cells): 0 .. trials, fractions allowed */
  readonly successes: Float64Array;
  /** At least 0. */
  readonly ridge: number;
}

/** A fitted model. */
export interface Logistic {
  /** Float64Array(columns); 0 where a column is given by those before it */
  readonly coefficients: Float64Array;
  /** -2 ln likelihood, without the ridge. */
  readonly deviance: number;
  readonly iterations: number;
  readonly converged: boolean;
}

/** Fits the model. O(cells k^2 + columns^3) time an iteration, with k covariates of a cell that are not 0. */
export function fitLogistic({ design, trials, successes, ridge }: LogisticCells): Logistic {
  const { columns } = design;
  const filled = Filled.of(design, trials, successes);
  let coefficients = new Float64Array(columns);
  let deviance = filled.devianceOf(coefficients);
  let objective = deviance + penaltyOf(coefficients, ridge);
  const gradient = new Float64Array(columns);
  const information = new Float64Array(columns * columns);
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    gradient.fill(0);
    information.fill(0);
    for (let j = 1; j < columns; j++) {
      gradient[j] = -ridge * (coefficients[j] as number);
      information[j * columns + j] = ridge;
    }
    filled.addScore(gradient, information);
    factorise(information, columns);
    solve(information, columns, gradient);
    let scale = 1;
    let next = stepped(coefficients, gradient, scale);
    let nextDeviance = filled.devianceOf(next);
    let nextObjective = nextDeviance + penaltyOf(next, ridge);
    while (nextObjective > objective * (1 + converged) + converged && scale > 1e-6) {
      scale /= 2;
      next = stepped(coefficients, gradient, scale);
      nextDeviance = filled.devianceOf(next);
      nextObjective = nextDeviance + penaltyOf(next, ridge);
    }
    const change = Math.abs(objective - nextObjective) / (Math.abs(nextObjective) + 0.1);
    [coefficients, deviance, objective] = [next, nextDeviance, nextObjective];
    if (change < converged) return { coefficients, deviance, iterations: iteration, converged: true };
  }
  return { coefficients, deviance, iterations: maxIterations, converged: false };
}

/** The fitted probability of a cell. */
export function probability(design: Design, cell: number, coefficients: Float64Array): number {
  return logistic(predictor(design, cell, coefficients));
}

function logistic(value: number): number {
  return 1 / (1 + Math.exp(-Math.max(-largestPredictor, Math.min(largestPredictor, value))));
}

/** The cells with sessions, one after the other, and their probabilities at the coefficients that were looked at last. */
class Filled {
  readonly #design: Design;
  readonly #trials: Float64Array;
  readonly #successes: Float64Array;
  readonly #probabilities: Float64Array;

  private constructor(design: Design, trials: Float64Array, successes: Float64Array) {
    this.#design = design;
    this.#trials = trials;
    this.#successes = successes;
    this.#probabilities = new Float64Array(trials.length);
  }

  static of(design: Design, trials: Float64Array, successes: Float64Array): Filled {
    const { columns, starts, column, value } = design;
    let [cells, places] = [0, 0];
    for (let cell = 0; cell < trials.length; cell++) {
      if (trials[cell] === 0) continue;
      cells++;
      places += (starts[cell + 1] as number) - (starts[cell] as number);
    }
    const kept = {
      columns,
      starts: new Uint32Array(cells + 1),
      column: new Uint16Array(places),
      value: new Float64Array(places),
    };
    const [ownTrials, ownSuccesses] = [new Float64Array(cells), new Float64Array(cells)];
    let [to, place] = [0, 0];
    for (let cell = 0; cell < trials.length; cell++) {
      if (trials[cell] === 0) continue;
      ownTrials[to] = trials[cell] as number;
      ownSuccesses[to] = successes[cell] as number;
      const end = starts[cell + 1] as number;
      for (let at = starts[cell] as number; at < end; at++, place++) {
        kept.column[place] = column[at] as number;
        kept.value[place] = value[at] as number;
      }
      kept.starts[++to] = place;
    }
    return new Filled(kept, ownTrials, ownSuccesses);
  }

  /** -2 ln likelihood at some coefficients. */
  devianceOf(coefficients: Float64Array): number {
    const probabilities = this.#probabilities;
    const trials = this.#trials;
    const successes = this.#successes;
    let sum = 0;
    for (let cell = 0; cell < trials.length; cell++) {
      const p = probability(this.#design, cell, coefficients);
      probabilities[cell] = p;
      const y = successes[cell] as number;
      const rest = (trials[cell] as number) - y;
      // most cells are one session, which has one of the two
      if (y === 0) sum -= 2 * (rest * Math.log1p(-p));
      else if (rest === 0) sum -= 2 * (y * Math.log(p));
      else sum -= 2 * (y * Math.log(p) + rest * Math.log1p(-p));
    }
    return sum;
  }

  /** Adds the score and the information at the coefficients that the deviance was asked of last; the lower triangle alone. */
  addScore(gradient: Float64Array, information: Float64Array): void {
    const { starts, column, value, columns } = this.#design;
    const probabilities = this.#probabilities;
    const trials = this.#trials;
    const successes = this.#successes;
    for (let cell = 0; cell < trials.length; cell++) {
      const n = trials[cell] as number;
      const p = probabilities[cell] as number;
      const residual = (successes[cell] as number) - n * p;
      const weight = n * p * (1 - p);
      const [start, end] = [starts[cell] as number, starts[cell + 1] as number];
      for (let a = start; a < end; a++) {
        const j = column[a] as number;
        const row = j * columns;
        const x = value[a] as number;
        gradient[j] = (gradient[j] as number) + residual * x;
        for (let b = start; b <= a; b++) {
          const at = row + (column[b] as number);
          information[at] = (information[at] as number) + weight * x * (value[b] as number);
        }
      }
    }
  }
}

function penaltyOf(coefficients: Float64Array, ridge: number): number {
  let sum = 0;
  for (let j = 1; j < coefficients.length; j++) sum += (coefficients[j] as number) ** 2;
  return ridge * sum;
}

function stepped(coefficients: Float64Array, step: Float64Array, scale: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(coefficients, (coefficient, j) => coefficient + scale * (step[j] as number));
}
