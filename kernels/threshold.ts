/**
 * Comparison of the first numbers of an array with one bound, to bits: value i is bit `i % 32` of word `i / 32`. Each operator is a loop of its own, so that
 * none is chosen per value, and a comparison is used as a number, since a branch on it costs more. A missing value (NaN) satisfies none, `!=` among them. All are O(count) time, no allocation.
 */

/** `value > bound` */
export function above(values: Float64Array, count: number, bound: number, out: Uint32Array): void {
  for (let at = 0, word = 0; at < count; word++) {
    const end = Math.min(at + 32, count);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const value = values[at];
      bits |= Number(value > bound) << bit;
    }
    out[word] = bits;
  }
}

/** `value >= bound` */
export function atLeast(values: Float64Array, count: number, bound: number, out: Uint32Array): void {
  for (let at = 0, word = 0; at < count; word++) {
    const end = Math.min(at + 32, count);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const value = values[at];
      bits |= Number(value >= bound) << bit;
    }
    out[word] = bits;
  }
}

/** `value < bound` */
export function below(values: Float64Array, count: number, bound: number, out: Uint32Array): void {
  for (let at = 0, word = 0; at < count; word++) {
    const end = Math.min(at + 32, count);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const value = values[at];
      bits |= Number(value < bound) << bit;
    }
    out[word] = bits;
  }
}

/** `value <= bound` */
export function atMost(values: Float64Array, count: number, bound: number, out: Uint32Array): void {
  for (let at = 0, word = 0; at < count; word++) {
    const end = Math.min(at + 32, count);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const value = values[at];
      bits |= Number(value <= bound) << bit;
    }
    out[word] = bits;
  }
}

/** `value == bound` */
export function equal(values: Float64Array, count: number, bound: number, out: Uint32Array): void {
  for (let at = 0, word = 0; at < count; word++) {
    const end = Math.min(at + 32, count);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const value = values[at];
      bits |= Number(value === bound) << bit;
    }
    out[word] = bits;
  }
}

/** `value != bound` */
export function unequal(values: Float64Array, count: number, bound: number, out: Uint32Array): void {
  for (let at = 0, word = 0; at < count; word++) {
    const end = Math.min(at + 32, count);
    let bits = 0;
    for (let bit = 0; at < end; at++, bit++) {
      const value = values[at];
      bits |= Number(value < bound || value > bound) << bit;
    }
    out[word] = bits;
  }
}
