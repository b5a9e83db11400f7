/** Bits of a float's mantissa that a table tells apart: 32 cells from one power of two to the next. */
const MANTISSA_BITS = 5;
const SHIFT = 23 - MANTISSA_BITS;

/**
 * Finds the bin of an age. Bounds are quantiles of ages, many among the short ones and few among the long, so that a table is made of
 * the first digits of a number and its power of two: few bounds are left to be compared.
 */
export class AgeBins {
  readonly #bounds: Float64Array;
  /** Uint16Array: by the first bits of an age, the bin of the least such age */
  readonly #first: Uint16Array;
  readonly #float = new Float32Array(1);
  readonly #bits: Int32Array;

  /** @param bounds - Float64Array(n), ascending starts of the bins, n at most 65,535; the first is 0 */
  constructor(bounds: Float64Array) {
    this.#bounds = bounds;
    this.#bits = new Int32Array(this.#float.buffer);
    this.#first = new Uint16Array((0x7f800000 >>> SHIFT) + 1);
    let bin = 0;
    for (let cell = 0; cell < this.#first.length; cell++) {
      this.#bits[0] = cell << SHIFT;
      const least = this.#float[0] as number;
      while (bin + 1 < bounds.length && (bounds[bin + 1] as number) <= least) bin++;
      this.#first[cell] = bin;
    }
  }

  /** Index of the last bound at or below an age of 0 or more, infinite ones too. */
  of(age: number): number {
    const bounds = this.#bounds;
    this.#float[0] = age;
    let bin = this.#first[(this.#bits[0] as number) >>> SHIFT] as number;
    // the age was rounded, upwards too
    while (bin > 0 && (bounds[bin] as number) > age) bin--;
    while (bin + 1 < bounds.length && (bounds[bin + 1] as number) <= age) bin++;
    return bin;
  }

  /** The bin of each of some ages: `out[listed[i]]` is that of `ages[i]`, for i below `count`. */
  ofListed(ages: Float64Array, listed: Uint32Array, count: number, out: Uint16Array): void {
    for (let i = 0; i < count; i++) out[listed[i] as number] = this.of(ages[i] as number);
  }
}
