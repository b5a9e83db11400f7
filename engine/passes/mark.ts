import type { Automaton } from "../../kernels/aho-corasick.js";
import { markSlots } from "../../kernels/mark-slots.js";

/** Words of one turn: enough to be worth drawing, few enough to share out. */
const WORDS_PER_TURN = 256;

/** Patterns whose sessions are wanted as sets of bits. */
export interface MarkInput {
  readonly automaton: Automaton;
  /** Uint16Array(n), of the whole table */
  readonly symbols: Uint16Array;
  readonly sessionOffsets: Uint32Array;
  /** Uint32Array(S), positions: events before it are evidence */
  readonly evidenceEnd: Uint32Array;
  /** Uint32Array(32 × words): the session of each bit, or `EMPTY_SLOT` */
  readonly slots: Uint32Array;
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
  /** Uint32Array(patterns × words) on shared memory; threads write different words. */
  readonly bits: Uint32Array;
}

/** Marks the sessions that hold each pattern. O(events). */
export function markPatterns(input: MarkInput): null {
  const { automaton, symbols, sessionOffsets, evidenceEnd, slots, next, bits } = input;
  const words = slots.length / 32;
  for (;;) {
    const start = Atomics.add(next, 0, 1) * WORDS_PER_TURN;
    if (start >= words) return null;
    const end = Math.min(words, start + WORDS_PER_TURN);
    markSlots(automaton, symbols, sessionOffsets, evidenceEnd, slots, start, end, words, bits);
  }
}
