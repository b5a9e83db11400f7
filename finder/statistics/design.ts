/** Covariates of cells of equal sessions, of each what is not 0: dummies leave most of a matrix empty. */
export interface Design {
  readonly columns: number;
  /** Uint32Array(cells + 1), CSR: cell c has the places [starts[c], starts[c + 1]) of the next two */
  readonly starts: Uint32Array;
  /** Uint16Array, ascending within a cell; column 0 is the constant */
  readonly column: Uint16Array;
  /** Float64Array: 1 throughout in column 0; null: 1 in all of them, as dummies are */
  readonly value: Float64Array | null;
}

/** Writes the linear predictor of each cell. O(places). */
export function predict({ starts, column, value }: Design, coefficients: Float64Array, out: Float64Array): void {
  if (value === null) predictDummies(starts, column, coefficients, out);
  else predictValues(starts, column, value, coefficients, out);
}

function predictDummies(starts: Uint32Array, column: Uint16Array, coefficients: Float64Array, out: Float64Array): void {
  for (let cell = 0; cell < out.length; cell++) {
    let sum = 0;
    const end = starts[cell + 1] as number;
    for (let at = starts[cell] as number; at < end; at++) sum += coefficients[column[at] as number] as number;
    out[cell] = sum;
  }
}

function predictValues(
  starts: Uint32Array,
  column: Uint16Array,
  value: Float64Array,
  coefficients: Float64Array,
  out: Float64Array,
): void {
  for (let cell = 0; cell < out.length; cell++) {
    let sum = 0;
    const end = starts[cell + 1] as number;
    for (let at = starts[cell] as number; at < end; at++) {
      sum += (value[at] as number) * (coefficients[column[at] as number] as number);
    }
    out[cell] = sum;
  }
}
