import { sharedUint32 } from "../engine/columns/shared.js";
import type { Execution } from "../engine/execution.js";
import { countBits, listBits } from "../kernels/bits.js";

/** Sets of sessions as bits: partition by partition, each from a word of its own, so that threads never share a word. */
export class SessionSets {
  readonly #sessionStarts: Uint32Array;
  readonly #wordOffsets: Uint32Array;

  /** See the properties of these names. */
  constructor(sessionStarts: Uint32Array, wordOffsets: Uint32Array) {
    this.#sessionStarts = sessionStarts;
    this.#wordOffsets = wordOffsets;
  }

  /** Sets by the partitions of an execution; all threads can read where its words are. */
  static of({ partitions, table }: Execution): SessionSets {
    const sessionStarts = sharedUint32(partitions.length);
    sessionStarts.set(partitions.map((user) => table.userOffsets[user] as number));
    const wordOffsets = sharedUint32(partitions.length);
    for (let part = 0; part + 1 < partitions.length; part++) {
      const sessions = (sessionStarts[part + 1] as number) - (sessionStarts[part] as number);
      wordOffsets[part + 1] = (wordOffsets[part] as number) + Math.ceil(sessions / 32);
    }
    return new SessionSets(sessionStarts, wordOffsets);
  }

  /** Uint32Array(P + 1): partition p has sessions [sessionStarts[p], sessionStarts[p + 1]) */
  get sessionStarts(): Uint32Array {
    return this.#sessionStarts;
  }

  /** Uint32Array(P + 1): and words [wordOffsets[p], wordOffsets[p + 1]) */
  get wordOffsets(): Uint32Array {
    return this.#wordOffsets;
  }

  /** Words of a set. */
  get words(): number {
    return this.#wordOffsets[this.#wordOffsets.length - 1] ?? 0;
  }

  /** The set of sessions that count for a KPI, by their states; on shared memory. O(sessions). */
  ofStates(state: Uint8Array): Uint32Array {
    const bits = sharedUint32(this.words);
    for (let part = 0; part + 1 < this.#wordOffsets.length; part++) {
      const words = bits.subarray(this.#wordOffsets[part], this.#wordOffsets[part + 1]);
      addCounted(state.subarray(this.#sessionStarts[part], this.#sessionStarts[part + 1]), words);
    }
    return bits;
  }

  /** Uint32Array, ascending: the sessions of a set */
  sessionsOf(bits: Uint32Array): Uint32Array {
    const out = new Uint32Array(countBits(bits));
    let count = 0;
    for (let part = 0; part + 1 < this.#wordOffsets.length; part++) {
      const [first, end] = [this.#wordOffsets[part] as number, this.#wordOffsets[part + 1] as number];
      count = listBits(bits, first, end, this.#sessionStarts[part] as number, out, count);
    }
    return out;
  }

  /** Uint32Array, ascending: the first sessions of a set, at most so many. */
  firstOf(bits: Uint32Array, most: number): Uint32Array {
    const out = new Uint32Array(most);
    let count = 0;
    this.forEach(bits, (session) => {
      out[count++] = session;
      return count < most;
    });
    return out.subarray(0, count);
  }

  /** Whether a session is in a set. O(log partitions). */
  has(bits: Uint32Array, session: number): boolean {
    let [low, high] = [0, this.#sessionStarts.length - 1];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if ((this.#sessionStarts[middle] as number) <= session) low = middle;
      else high = middle;
    }
    const at = session - (this.#sessionStarts[low] as number);
    return (((bits[(this.#wordOffsets[low] as number) + (at >>> 5)] as number) >>> (at & 31)) & 1) === 1;
  }

  /** Calls back with the sessions of a set, ascending, until the callback returns false. */
  forEach(bits: Uint32Array, callback: (session: number) => boolean): void {
    this.forEachOfBoth(bits, bits, callback);
  }

  /** The same of the sessions that are in both of two sets. */
  forEachOfBoth(a: Uint32Array, b: Uint32Array, callback: (session: number) => boolean): void {
    for (let part = 0; part + 1 < this.#wordOffsets.length; part++) {
      const start = this.#sessionStarts[part] as number;
      const base = this.#wordOffsets[part] as number;
      const end = this.#wordOffsets[part + 1] as number;
      for (let word = base; word < end; word++) {
        for (let rest = (a[word] as number) & (b[word] as number); rest !== 0; rest &= rest - 1) {
          const bit = 31 - Math.clz32(rest & -rest);
          if (!callback(start + (word - base) * 32 + bit)) return;
        }
      }
    }
  }
}

function addCounted(state: Uint8Array, words: Uint32Array): void {
  for (let word = 0; word < words.length; word++) {
    const end = Math.min(state.length, (word + 1) << 5);
    let bits = 0;
    // the sign of what is less than 0, which all states but NOT_COUNTED are when they are turned round
    for (let at = word << 5; at < end; at++) bits |= (-(state[at] as number) >>> 31) << (at & 31);
    words[word] = bits;
  }
}
