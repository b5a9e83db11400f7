const TO_UNIT = 2 ** -32;
const QUANTILES = 1024;

/** Quantiles of the log-logistic law with median 1 and shape 2: most values near 1, a tail up to 45. */
const HEAVY_TAIL: Float64Array = Float64Array.from({ length: QUANTILES }, (_, i) => {
  const u = (i + 0.5) / QUANTILES;
  return Math.sqrt(u / (1 - u));
});

/**
 * A seeded stream of random numbers: sfc32 (Chris Doty-Humphrey's Small Fast Counting generator) on 32-bit integers.
 * One object serves many streams through `reseed`, so simulating a session allocates nothing.
 */
export class Random {
  private a = 0;
  private b = 0;
  private c = 0;
  private counter = 1;

  /**
   * Starts the stream that belongs to these four integers; equal integers give equal streams.
   * @param seed - the run's seed
   * @param stream - what the stream serves (a service, a purpose)
   * @param owner - whose it is (a user)
   * @param part - which of the owner's (a session)
   */
  reseed(seed: number, stream: number, owner: number, part: number): void {
    this.a = mix32(seed ^ 0x9e3779b9);
    this.b = mix32((this.a + stream) | 0);
    this.c = mix32((this.b ^ owner) | 0);
    this.counter = mix32((this.c + part) | 0);
    // Nearby seeds differ in few bits: these rounds spread them over the whole state.
    for (let round = 0; round < 6; round++) this.bits();
  }

  /** 32 random bits as a signed integer. */
  bits(): number {
    const mixed = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + mixed) | 0;
    return mixed;
  }

  /** A number in [0, 1). */
  uniform(): number {
    return (this.bits() >>> 0) * TO_UNIT;
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return (this.bits() >>> 0) * TO_UNIT < probability;
  }

  /** An integer in [0, limit); `limit` far below 2^32, so that the bias is nothing. */
  below(limit: number): number {
    return Math.floor(this.uniform() * limit);
  }

  /** An exponential waiting time of this mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** A heavy-tailed positive number of this median (log-logistic, shape 2; its mean is 1.57 medians). */
  heavyTailed(median: number): number {
    return median * (HEAVY_TAIL[this.bits() & (QUANTILES - 1)] as number);
  }
}

/**
 * A weighted choice among a few alternatives by one table look-up; weights are kept to 1/1024.
 */
export class Choice {
  private readonly table = new Uint8Array(QUANTILES);

  /** @param weights - at most 255 alternatives; any scale */
  constructor(weights: readonly number[]) {
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    let reached = 0;
    let start = 0;
    weights.forEach((weight, alternative) => {
      reached += weight;
      const end = Math.round((reached / total) * QUANTILES);
      this.table.fill(alternative, start, end);
      start = end;
    });
  }

  /** The index of one alternative. */
  pick(random: Random): number {
    return this.table[random.bits() & (QUANTILES - 1)] as number;
  }
}

/**
 * A bijection of the 32-bit integers that looks random (the finaliser of MurmurHash3), so ids made by it never collide.
 */
export function mix32(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
