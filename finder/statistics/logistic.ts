/**
 * Logistic regression on cells of equal covariates: the coefficients that maximise
 *   sum over cells of y ln p + (n - y) ln(1 - p) - ridge / 2 sum over j >= 1 of b_j^2,   p = 1 / (1 + exp(-x b)),
 * by iteratively reweighted least squares, that is Newton's method (McCullagh & Nelder, Generalized Linear Models, 2nd ed. 1989, sections 2.5
 * and 4.4; the ridge: le Cessie & van Houwelingen, Applied Statistics 41, 1992). The ridge keeps the coefficients finite where a covariate tells the outcome
 * for certain; the constant has none. Steps that make it worse are halved.
 */

import { factorise, solve } from "./cholesky.js";

const maxIterations = 50;
/** Relative change of the deviance. */
const converged = 1e-13;
/** Beyond, a probability is 0 or 1 to the last digit that matters, and its weight would be nothing. */
const largestPredictor = 30;

/** What is fitted. */
export interface LogisticCells {
  /** Float64Array(cells columns), row by row; column 0 is the constant: 1 throughout */
  readonly design: Float64Array;
  readonly columns: number;
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
export function fitLogistic({ design, columns, trials, successes, ridge }: LogisticCells): Logistic {
  const cells = sparseCells(design, columns, trials, successes);
  const { starts, column, value } = cells;
  let coefficients = new Float64Array(columns);
  let deviance = devianceOf(cells, coefficients);
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
    for (let cell = 0; cell + 1 < starts.length; cell++) {
      const n = cells.trials[cell] as number;
      const p = sparseProbability(cells, cell, coefficients);
      const residual = (cells.successes[cell] as number) - n * p;
      const weight = n * p * (1 - p);
      const [start, end] = [starts[cell] as number, starts[cell + 1] as number];
      for (let a = start; a < end; a++) {
        const j = column[a] as number;
        const x = value[a] as number;
        gradient[j] = (gradient[j] as number) + residual * x;
        for (let b = start; b <= a; b++) {
          const at = j * columns + (column[b] as number);
          information[at] = (information[at] as number) + weight * x * (value[b] as number);
        }
      }
    }
    factorise(information, columns);
    solve(information, columns, gradient);
    let scale = 1;
    let next = stepped(coefficients, gradient, scale);
    let nextDeviance = devianceOf(cells, next);
    let nextObjective = nextDeviance + penaltyOf(next, ridge);
    while (nextObjective > objective * (1 + converged) + converged && scale > 1e-6) {
      scale /= 2;
      next = stepped(coefficients, gradient, scale);
      nextDeviance = devianceOf(cells, next);
      nextObjective = nextDeviance + penaltyOf(next, ridge);
    }
    const change = Math.abs(objective - nextObjective) / (Math.abs(nextObjective) + 0.1);
    [coefficients, deviance, objective] = [next, nextDeviance, nextObjective];
    if (change < converged) return { coefficients, deviance, iterations: iteration, converged: true };
  }
  return { coefficients, deviance, iterations: maxIterations, converged: false };
}

/**
 * The fitted probability of a row.
 * @param design - Float64Array, row by row
 * @param row - where the row starts
 * @param coefficients - Float64Array(columns)
 */
export function probability(design: Float64Array, row: number, coefficients: Float64Array): number {
  let predictor = 0;
  for (let j = 0; j < coefficients.length; j++) predictor += (design[row + j] as number) * (coefficients[j] as number);
  return 1 / (1 + Math.exp(-Math.max(-largestPredictor, Math.min(largestPredictor, predictor))));
}

/** Cells with sessions, row by row, what is not 0: dummies leave most of a design empty. */
interface SparseCells {
  /** Uint32Array(cells + 1) */
  readonly starts: Uint32Array;
  readonly column: Uint32Array;
  readonly value: Float64Array;
  readonly trials: Float64Array;
  readonly successes: Float64Array;
}

function sparseCells(
  design: Float64Array,
  columns: number,
  trials: Float64Array,
  successes: Float64Array,
): SparseCells {
  const filled = trials.reduce((count, n) => count + (n > 0 ? 1 : 0), 0);
  const starts = new Uint32Array(filled + 1);
  const kept = { trials: new Float64Array(filled), successes: new Float64Array(filled) };
  const column: number[] = [];
  const value: number[] = [];
  let at = 0;
  for (let cell = 0; cell < trials.length; cell++) {
    if (trials[cell] === 0) continue;
    for (let j = 0; j < columns; j++) {
      const x = design[cell * columns + j] as number;
      if (x === 0) continue;
      column.push(j);
      value.push(x);
    }
    kept.trials[at] = trials[cell] as number;
    kept.successes[at] = successes[cell] as number;
    starts[++at] = column.length;
  }
  return { starts, column: Uint32Array.from(column), value: Float64Array.from(value), ...kept };
}

function sparseProbability({ starts, column, value }: SparseCells, cell: number, coefficients: Float64Array): number {
  let predictor = 0;
  for (let a = starts[cell] as number; a < (starts[cell + 1] as number); a++) {
    predictor += (value[a] as number) * (coefficients[column[a] as number] as number);
  }
  return 1 / (1 + Math.exp(-Math.max(-largestPredictor, Math.min(largestPredictor, predictor))));
}

function devianceOf(cells: SparseCells, coefficients: Float64Array): number {
  let sum = 0;
  for (let cell = 0; cell < cells.trials.length; cell++) {
    const n = cells.trials[cell] as number;
    const p = sparseProbability(cells, cell, coefficients);
    const y = cells.successes[cell] as number;
    sum -= 2 * (y * Math.log(p) + (n - y) * Math.log1p(-p));
  }
  return sum;
}

function penaltyOf(coefficients: Float64Array, ridge: number): number {
  let sum = 0;
  for (let j = 1; j < coefficients.length; j++) sum += (coefficients[j] as number) ** 2;
  return ridge * sum;
}

function stepped(coefficients: Float64Array, step: Float64Array, scale: number): Float64Array<ArrayBuffer> {
  return Float64Array.from(coefficients, (coefficient, j) => coefficient + scale * (step[j] as number));
}
