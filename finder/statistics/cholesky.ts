/**
 * Systems of equations with a symmetric matrix A = L L' that is positive (semi)definite: Cholesky's factors (Golub & Van Loan, Matrix
 * Computations, 4th ed., algorithm 4.2.1). A column that the ones before it already give has no pivot; it is left out, its unknown 0.
 */

/** A pivot below this share of its diagonal element is rounding. */
const tolerance = 1e-11;

/**
 * Replaces the lower triangle of a matrix by its factor; columns that are left out get a 0 on the diagonal. O(n^3) time.
 * @param matrix - Float64Array(n n), row by row; only the lower triangle is read and written
 * @param n - rows
 * @returns columns left out
 */
export function factorise(matrix: Float64Array, n: number): number {
  let leftOut = 0;
  for (let j = 0; j < n; j++) {
    const diagonal = matrix[j * n + j] as number;
    let pivot = diagonal;
    for (let k = 0; k < j; k++) pivot -= (matrix[j * n + k] as number) ** 2;
    const root = pivot > tolerance * diagonal ? Math.sqrt(pivot) : 0;
    if (root === 0) leftOut++;
    matrix[j * n + j] = root;
    for (let i = j + 1; i < n; i++) {
      let sum = matrix[i * n + j] as number;
      for (let k = 0; k < j; k++) sum -= (matrix[i * n + k] as number) * (matrix[j * n + k] as number);
      matrix[i * n + j] = root === 0 ? 0 : sum / root;
    }
  }
  return leftOut;
}

/**
 * Solves L L' x = b in the place of b. O(n^2) time.
 * @param factor - of `factorise`
 * @param n - rows
 * @param b - Float64Array(n), overwritten with x
 */
export function solve(factor: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) {
    let sum = b[i] as number;
    for (let k = 0; k < i; k++) sum -= (factor[i * n + k] as number) * (b[k] as number);
    const root = factor[i * n + i] as number;
    b[i] = root === 0 ? 0 : sum / root;
  }
  for (let i = n - 1; i >= 0; i--) {
    let sum = b[i] as number;
    for (let k = i + 1; k < n; k++) sum -= (factor[k * n + i] as number) * (b[k] as number);
    const root = factor[i * n + i] as number;
    b[i] = root === 0 ? 0 : sum / root;
  }
}
