/**
 * Arrays of a value per session, handed out and taken back: a plan of a thousand nodes works in the few that are alive at once, which
 * stay in the processor's cache. What an array holds when it is handed out is anything. Kept from partition to partition: memory that is
 * new is cleared and mapped first, and lists that begin empty have what takes from them compiled twice.
 */
export class SessionBuffers {
  #sessions = 0;
  readonly #numbers: Float64Array[] = [new Float64Array(0)];
  readonly #bits: Uint32Array[] = [new Uint32Array(0)];
  readonly #codes: Uint32Array[] = [new Uint32Array(0)];

  /** Goes on with another number of sessions; what is still out is not taken back any more. */
  resize(sessions: number): void {
    this.#sessions = sessions;
    const words = (sessions + 31) >>> 5;
    refit(this.#numbers, sessions * 8, (buffer) => new Float64Array(buffer, 0, sessions));
    refit(this.#bits, words * 4, (buffer) => new Uint32Array(buffer, 0, words));
    refit(this.#codes, sessions * 4, (buffer) => new Uint32Array(buffer, 0, sessions));
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

/** Makes arrays anew on the memory of those that have enough, and forgets the others. */
function refit<T extends Float64Array | Uint32Array>(
  arrays: T[],
  sizeBytes: number,
  make: (buffer: T["buffer"]) => T,
): void {
  let kept = 0;
  for (const { buffer } of arrays) if (buffer.byteLength >= sizeBytes) arrays[kept++] = make(buffer);
  arrays.length = kept;
}
