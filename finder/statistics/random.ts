/**
 * Seeded random numbers: mulberry32 (Ettinger, 2017), 2^32 numbers before it repeats; enough for a shuffle, not for a simulation.
 */

/** A stream of random numbers; equal seeds give equal streams. */
export class Random {
  #state: number;

  /** @param seed - a 32-bit integer */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** A number in [0, 1). */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** An integer in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /**
   * Puts the values in [start, end) into random order (Fisher & Yates; Durstenfeld, CACM 7, 1964).
   * @param values - Uint32Array, reordered
   */
  shuffle(values: Uint32Array, start: number, end: number): void {
    for (let last = end - 1; last > start; last--) {
      const other = start + this.below(last - start + 1);
      const value = values[last] as number;
      values[last] = values[other] as number;
      values[other] = value;
    }
  }
}
