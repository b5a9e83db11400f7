/**
 * Linear regression on cells of equal covariates: the coefficients that minimise sum over sessions of (y - x b)^2 + ridge sum over j >= 1 of
 * b_j^2, by the normal equations (Hoerl & Kennard, Technometrics 12, 1970). The ridge counts in sessions, whatever the scale of y.
 */

import { factorise, solve } from "./cholesky.js";

/**
 * Fits the model. O(cells k^2 + columns^3) time, with k covariates of a cell that are not 0.
 * @param design - Float64Array(cells columns), row by row; column 0 is the constant: 1 throughout
 * @param sessions - Float64Array(cells)
 * @param sums - Float64Array(cells): of y over the cell's sessions
 * @param ridge - at least 0
 * @returns Float64Array(columns); 0 where a column is given by those before it
 */
export function fitLeastSquares(
  design: Float64Array,
  columns: number,
  sessions: Float64Array,
  sums: Float64Array,
  ridge: number,
): Float64Array {
  const matrix = new Float64Array(columns * columns);
  const coefficients = new Float64Array(columns);
  const present = new Uint32Array(columns);
  for (let j = 1; j < columns; j++) matrix[j * columns + j] = ridge;
  for (let cell = 0; cell < sessions.length; cell++) {
    const n = sessions[cell] as number;
    if (n === 0) continue;
    const row = cell * columns;
    let count = 0;
    for (let j = 0; j < columns; j++) if (design[row + j] !== 0) present[count++] = j;
    for (let a = 0; a < count; a++) {
      const j = present[a] as number;
      const x = design[row + j] as number;
      coefficients[j] = (coefficients[j] as number) + (sums[cell] as number) * x;
      for (let b = 0; b <= a; b++) {
        const k = present[b] as number;
        matrix[j * columns + k] = (matrix[j * columns + k] as number) + n * x * (design[row + k] as number);
      }
    }
  }
  factorise(matrix, columns);
  solve(matrix, columns, coefficients);
  return coefficients;
}

/**
 * The fitted mean of a row.
 * @param design - Float64Array, row by row
 * @param row - where the row starts
 * @param coefficients - Float64Array(columns)
 */
export function predicted(design: Float64Array, row: number, coefficients: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < coefficients.length; j++) sum += (design[row + j] as number) * (coefficients[j] as number);
  return sum;
}
