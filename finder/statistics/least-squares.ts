/**
 * Linear regression on cells of equal covariates: the coefficients that minimise sum over sessions of (y - x b)^2 + ridge sum over j >= 1 of
 * b_j^2, by the normal equations (Hoerl & Kennard, Technometrics 12, 1970). The ridge counts in sessions, whatever the scale of y.
 */

import { factorise, solve } from "./cholesky.js";
import type { Design } from "./design.js";

/**
 * Fits the model. O(cells k^2 + columns^3) time, with k covariates of a cell that are not 0.
 * @param sessions - Float64Array(cells)
 * @param sums - Float64Array(cells): of y over the cell's sessions
 * @param ridge - at least 0
 * @returns Float64Array(columns); 0 where a column is given by those before it
 */
export function fitLeastSquares(
  { columns, starts, column, value }: Design,
  sessions: Float64Array,
  sums: Float64Array,
  ridge: number,
): Float64Array {
  const matrix = new Float64Array(columns * columns);
  const coefficients = new Float64Array(columns);
  for (let j = 1; j < columns; j++) matrix[j * columns + j] = ridge;
  for (let cell = 0; cell < sessions.length; cell++) {
    const n = sessions[cell] as number;
    if (n === 0) continue;
    const [start, end] = [starts[cell] as number, starts[cell + 1] as number];
    for (let a = start; a < end; a++) {
      const j = column[a] as number;
      const x = value === null ? 1 : (value[a] as number);
      coefficients[j] = (coefficients[j] as number) + (sums[cell] as number) * x;
      for (let b = start; b <= a; b++) {
        const at = j * columns + (column[b] as number);
        matrix[at] = (matrix[at] as number) + n * x * (value === null ? 1 : (value[b] as number));
      }
    }
  }
  factorise(matrix, columns);
  solve(matrix, columns, coefficients);
  return coefficients;
}
