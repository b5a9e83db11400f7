import type { Slot } from "./partition.js";

/**
 * Arrays of a value per session, handed out and taken back: a plan of a thousand nodes works in the few that are alive at once, which
 * stay in the processor's cache. What an array holds when it is handed out is anything.
 */
export class SessionBuffers {
  readonly #sessions: number;
  readonly #numbers: Float64Array[] = [];
  readonly #flags: Uint8Array[] = [];
  readonly #codes: Uint32Array[] = [];

  constructor(sessions: number) {
    this.#sessions = sessions;
  }

  /** Float64Array(sessions) */
  numbers(): Float64Array {
    return this.#numbers.pop() ?? new Float64Array(this.#sessions);
  }

  /** Uint8Array(sessions) on a buffer of whole 32-bit words. */
  flags(): Uint8Array {
    return this.#flags.pop() ?? new Uint8Array(new ArrayBuffer((this.#sessions + 3) & ~3), 0, this.#sessions);
  }

  /** Uint32Array(sessions) */
  codes(): Uint32Array {
    return this.#codes.pop() ?? new Uint32Array(this.#sessions);
  }

  /** Takes back what a node yielded, which nothing reads any more. Positions are not kept. */
  release(slot: Slot): void {
    if (slot.type === "number") this.#numbers.push(slot.values);
    else if (slot.type === "boolean") this.#flags.push(slot.value);
    else if (slot.type === "text") this.#codes.push(slot.codes);
  }
}

/** The bytes of flags as 32-bit words, the last one's padding included. */
export function wordsOf(flags: Uint8Array): Uint32Array {
  return new Uint32Array(flags.buffer);
}
