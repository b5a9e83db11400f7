/**
 * Arithmetic on numbers that may be missing (NaN): the result is missing where an operand is, or where it is not finite. All are O(values)
 * time, no allocation, each operator a loop of its own. A number less itself is 0 only if it is finite.
 */

/** `left + right` */
export function add(left: Float64Array, right: Float64Array, out: Float64Array): void {
  for (let at = 0; at < out.length; at++) {
    const value = left[at] + right[at];
    out[at] = value - value === 0 ? value : Number.NaN;
  }
}

/** `left - right` */
export function subtract(left: Float64Array, right: Float64Array, out: Float64Array): void {
  for (let at = 0; at < out.length; at++) {
    const value = left[at] - right[at];
    out[at] = value - value === 0 ? value : Number.NaN;
  }
}

/** `left * right` */
export function multiply(left: Float64Array, right: Float64Array, out: Float64Array): void {
  for (let at = 0; at < out.length; at++) {
    const value = left[at] * right[at];
    out[at] = value - value === 0 ? value : Number.NaN;
  }
}

/** `left / right`; missing for division by 0 */
export function divide(left: Float64Array, right: Float64Array, out: Float64Array): void {
  for (let at = 0; at < out.length; at++) {
    const value = left[at] / right[at];
    out[at] = value - value === 0 ? value : Number.NaN;
  }
}
