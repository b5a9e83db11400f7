import type { Slot } from "./partition.js";

/** Conditions on sessions as bytes of 0 and 1. */
export interface Flags {
  /** Uint8Array(sessions) */
  readonly value: Uint8Array;
  /** The same bytes and the padding after them, four at a time. */
  readonly words: Uint32Array;
}

/**
 * Arrays of a value per session, handed out and taken back: a plan of a thousand nodes works in the few that are alive at once, which
 * stay in the processor's cache. What an array holds when it is handed out is anything.
 */
export class SessionBuffers {
  readonly #sessions: number;
  readonly #numbers: Float64Array[] = [];
  readonly #flags: Flags[] = [];
  readonly #codes: Uint32Array[] = [];

  constructor(sessions: number) {
    this.#sessions = sessions;
  }

  /** Float64Array(sessions) */
  numbers(): Float64Array {
    return this.#numbers.pop() ?? new Float64Array(this.#sessions);
  }

  /** Flags of each session. */
  flags(): Flags {
    const known = this.#flags.pop();
    if (known !== undefined) return known;
    const words = new Uint32Array((this.#sessions + 3) >>> 2);
    return { value: new Uint8Array(words.buffer, 0, this.#sessions), words };
  }

  /** Uint32Array(sessions) */
  codes(): Uint32Array {
    return this.#codes.pop() ?? new Uint32Array(this.#sessions);
  }

  /** Takes back what a node yielded, which nothing reads any more. Positions are not kept. */
  release(slot: Slot): void {
    if (slot.type === "number") this.#numbers.push(slot.values);
    else if (slot.type === "boolean") this.#flags.push(slot);
    else if (slot.type === "text") this.#codes.push(slot.codes);
  }
}
