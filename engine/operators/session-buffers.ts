/**
 * Arrays of a value per session, handed out and taken back: a plan of a thousand nodes works in the few that are alive at once, which
 * stay in the processor's cache. What an array holds when it is handed out is anything.
 */
export class SessionBuffers {
  readonly #sessions: number;
  readonly #numbers: Float64Array[] = [];
  readonly #bits: Uint32Array[] = [];
  readonly #codes: Uint32Array[] = [];

  constructor(sessions: number) {
    this.#sessions = sessions;
  }

  /** Float64Array(sessions) */
  numbers(): Float64Array {
    return this.#numbers.pop() ?? new Float64Array(this.#sessions);
  }

  /** Uint32Array(sessions / 32), a bit a session */
  bits(): Uint32Array {
    return this.#bits.pop() ?? new Uint32Array((this.#sessions + 31) >>> 5);
  }

  /** Uint32Array(sessions) */
  codes(): Uint32Array {
    return this.#codes.pop() ?? new Uint32Array(this.#sessions);
  }

  /** Takes back numbers that nothing reads any more. */
  returnNumbers(values: Float64Array): void {
    this.#numbers.push(values);
  }

  /** Takes back bits that nothing reads any more. */
  returnBits(bits: Uint32Array): void {
    this.#bits.push(bits);
  }

  /** Takes back codes that nothing reads any more. */
  returnCodes(codes: Uint32Array): void {
    this.#codes.push(codes);
  }
}
