/** Covariates of cells of equal sessions, of each what is not 0: dummies leave most of a matrix empty. */
export interface Design {
  readonly columns: number;
  /** Uint32Array(cells + 1), CSR: cell c has the places [starts[c], starts[c + 1]) of the next two */
  readonly starts: Uint32Array;
  /** Uint16Array, ascending within a cell; column 0 is the constant */
  readonly column: Uint16Array;
  /** Float64Array: 1 throughout in column 0 */
  readonly value: Float64Array;
}

/** The linear predictor of a cell. */
export function predictor({ starts, column, value }: Design, cell: number, coefficients: Float64Array): number {
  let sum = 0;
  const end = starts[cell + 1] as number;
  for (let at = starts[cell] as number; at < end; at++) {
    sum += (value[at] as number) * (coefficients[column[at] as number] as number);
  }
  return sum;
}
