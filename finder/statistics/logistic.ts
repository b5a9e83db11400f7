/**
 * Logistic regression on cells of equal covariates: the coefficients that maximise
 *   sum over cells of y ln p + (n - y) ln(1 - p) - ridge / 2 sum over j >= 1 of b_j^2,   p = 1 / (1 + exp(-x b)),
 * by iteratively reweighted least squares, that is Newton's method (McCullagh & Nelder, Generalized Linear Models, 2nd ed. 1989, sections 2.5
 * and 4.4; the ridge: le Cessie & van Houwelingen, Applied Statistics 41, 1992). The ridge keeps the coefficients finite where a covariate tells the outcome
 * for certain; the constant has none. Steps that make it worse are halved.
 */

import { factorise, solve } from "./cholesky.js";
import { type Design, predict } from "./design.js";

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
export function fitLogistic(cells: LogisticCells): Logistic {
  const { columns } = cells.design;
  const { ridge } = cells;
  const filled = filledOf(cells);
  let coefficients = new Float64Array(columns);
  // where all coefficients are 0
  filled.probabilities.fill(0.5);
  let deviance = devianceAt(filled.trials, filled.successes, filled.probabilities);
  let objective = deviance + penaltyOf(coefficients, ridge);
  const gradient = new Float64Array(columns);
  const information = new Float64Array(columns * columns);
  for (let iteration = 1; iteration <= maxIterations; iteration++) {
    startScore(coefficients, ridge, gradient, information);
    addScore(filled, gradient, information);
    factorise(information, columns);
    solve(information, columns, gradient);
    let scale = 1;
    let next = stepped(coefficients, gradient, scale);
    let nextDeviance = devianceOf(filled, next);
    let nextObjective = nextDeviance + penaltyOf(next, ridge);
    while (nextObjective > objective * (1 + converged) + converged && scale > 1e-6) {
      scale /= 2;
      next = stepped(coefficients, gradient, scale);
      nextDeviance = devianceOf(filled, next);
      nextObjective = nextDeviance + penaltyOf(next, ridge);
    }
    const change = Math.abs(objective - nextObjective) / (Math.abs(nextObjective) + 0.1);
    [coefficients, deviance, objective] = [next, nextDeviance, nextObjective];
    if (change < converged) return { coefficients, deviance, iterations: iteration, converged: true };
  }
  return { coefficients, deviance, iterations: maxIterations, converged: false };
}

/** Float64Array(cells): the fitted probability of each cell of a design */
export function probabilitiesOf(design: Design, coefficients: Float64Array): Float64Array {
  const out = new Float64Array(design.starts.length - 1);
  predict(design, coefficients, out);
  makeProbabilities(out);
  return out;
}

/** Puts the probability in the place of each predictor. */
function makeProbabilities(values: Float64Array): void {
  for (let cell = 0; cell < values.length; cell++) {
    const value = Math.max(-largestPredictor, Math.min(largestPredictor, values[cell] as number));
    values[cell] = 1 / (1 + Math.exp(-value));
  }
}

/** The cells with sessions, one after the other, and their probabilities at the coefficients that were looked at last. */
interface Filled {
  readonly design: Design;
  readonly trials: Float64Array;
  readonly successes: Float64Array;
  readonly probabilities: Float64Array;
}

function filledOf({ design, trials, successes }: LogisticCells): Filled {
  const all = new Uint32Array(trials.length);
  const cells = all.subarray(0, listFilled(trials, all));
  const starts = new Uint32Array(cells.length + 1);
  addPlaces(design.starts, cells, starts);
  const places = starts[cells.length] as number;
  const column = new Uint16Array(places);
  const value = design.value === null ? null : new Float64Array(places);
  copyColumns(design.starts, cells, design.column, column);
  if (design.value !== null && value !== null) copyValues(design.starts, cells, design.value, value);
  return {
    design: { columns: design.columns, starts, column, value },
    trials: valuesAt(trials, cells),
    successes: valuesAt(successes, cells),
    probabilities: new Float64Array(cells.length),
  };
}

function listFilled(trials: Float64Array, out: Uint32Array): number {
  let count = 0;
  for (let cell = 0; cell < trials.length; cell++) if (trials[cell] !== 0) out[count++] = cell;
  return count;
}

function addPlaces(starts: Uint32Array, cells: Uint32Array, out: Uint32Array): void {
  let places = 0;
  for (let to = 0; to < cells.length; to++) {
    const cell = cells[to] as number;
    places += (starts[cell + 1] as number) - (starts[cell] as number);
    out[to + 1] = places;
  }
}

function copyColumns(starts: Uint32Array, cells: Uint32Array, from: Uint16Array, to: Uint16Array): void {
  let place = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] as number;
    const end = starts[cell + 1] as number;
    for (let at = starts[cell] as number; at < end; at++) to[place++] = from[at] as number;
  }
}

function copyValues(starts: Uint32Array, cells: Uint32Array, from: Float64Array, to: Float64Array): void {
  let place = 0;
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] as number;
    const end = starts[cell + 1] as number;
    for (let at = starts[cell] as number; at < end; at++) to[place++] = from[at] as number;
  }
}

function valuesAt(values: Float64Array, cells: Uint32Array): Float64Array {
  const out = new Float64Array(cells.length);
  for (let to = 0; to < cells.length; to++) out[to] = values[cells[to] as number] as number;
  return out;
}

/** -2 ln likelihood at some coefficients. Keeps the probabilities for the score. */
function devianceOf({ design, trials, successes, probabilities }: Filled, coefficients: Float64Array): number {
  predict(design, coefficients, probabilities);
  makeProbabilities(probabilities);
  return devianceAt(trials, successes, probabilities);
}

function devianceAt(trials: Float64Array, successes: Float64Array, probabilities: Float64Array): number {
  let sum = 0;
  for (let cell = 0; cell < trials.length; cell++) {
    const p = probabilities[cell] as number;
    const y = successes[cell] as number;
    const rest = (trials[cell] as number) - y;
    // most cells are one session, which has one of the two
    if (y === 0) sum -= 2 * (rest * Math.log1p(-p));
    else if (rest === 0) sum -= 2 * (y * Math.log(p));
    else sum -= 2 * (y * Math.log(p) + rest * Math.log1p(-p));
  }
  return sum;
}

/** The ridge's part of the score and of the information. */
function startScore(
  coefficients: Float64Array,
  ridge: number,
  gradient: Float64Array,
  information: Float64Array,
): void {
  gradient.fill(0);
  information.fill(0);
  for (let j = 1; j < gradient.length; j++) {
    gradient[j] = -ridge * (coefficients[j] as number);
    information[j * gradient.length + j] = ridge;
  }
}

/** Adds the score and the information at the coefficients that the deviance was asked of last; the lower triangle alone. */
function addScore(filled: Filled, gradient: Float64Array, information: Float64Array): void {
  const { starts, column, value, columns } = filled.design;
  const { trials, successes, probabilities } = filled;
  if (value === null) addDummies(starts, column, columns, trials, successes, probabilities, gradient, information);
  else addValues(starts, column, value, columns, trials, successes, probabilities, gradient, information);
}

function addDummies(
  starts: Uint32Array,
  column: Uint16Array,
  columns: number,
  trials: Float64Array,
  successes: Float64Array,
  probabilities: Float64Array,
  gradient: Float64Array,
  information: Float64Array,
): void {
  for (let cell = 0; cell < trials.length; cell++) {
    const n = trials[cell] as number;
    const p = probabilities[cell] as number;
    const residual = (successes[cell] as number) - n * p;
    const weight = n * p * (1 - p);
    const start = starts[cell] as number;
    const end = starts[cell + 1] as number;
    for (let a = start; a < end; a++) {
      const j = column[a] as number;
      const row = j * columns;
      gradient[j] = (gradient[j] as number) + residual;
      for (let b = start; b <= a; b++) {
        const at = row + (column[b] as number);
        information[at] = (information[at] as number) + weight;
      }
    }
  }
}

function addValues(
  starts: Uint32Array,
  column: Uint16Array,
  value: Float64Array,
  columns: number,
  trials: Float64Array,
  successes: Float64Array,
  probabilities: Float64Array,
  gradient: Float64Array,
  information: Float64Array,
): void {
  for (let cell = 0; cell < trials.length; cell++) {
    const n = trials[cell] as number;
    const p = probabilities[cell] as number;
    const residual = (successes[cell] as number) - n * p;
    const weight = n * p * (1 - p);
    const start = starts[cell] as number;
    const end = starts[cell + 1] as number;
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

function penaltyOf(coefficients: Float64Array, ridge: number): number {
  let sum = 0;
  for (let j = 1; j < coefficients.length; j++) sum += (coefficients[j] as number) ** 2;
  return ridge * sum;
}

function stepped(coefficients: Float64Array, step: Float64Array, scale: number): Float64Array<ArrayBuffer> {
  const next = new Float64Array(coefficients.length);
  for (let j = 0; j < next.length; j++) next[j] = (coefficients[j] as number) + scale * (step[j] as number);
  return next;
}
