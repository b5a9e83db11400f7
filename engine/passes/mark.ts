import type { Automaton } from "../../kernels/aho-corasick.js";
import { markSlots } from "../../kernels/mark-slots.js";
import { scatterBits } from "../../kernels/scatter-bits.js";
import type { Stream } from "./gather.js";

/** Words of one turn: enough to be worth drawing, few enough to share out. */
const WORDS_PER_TURN = 256;

/** Patterns and columns whose sessions are wanted as sets of bits. */
export interface MarkInput {
  /** Uint32Array(32 × words): the place of each bit's session in the stream, or `EMPTY_SLOT` */
  readonly slots: Uint32Array;
  readonly stream: Stream;
  /** Of patterns, over the symbols of the stream; null: none */
  readonly automaton: Automaton | null;
  /** Uint8Array(columns of the stream): 1 where segments of it are evidence */
  readonly isOpen: Uint8Array;
  /** Uint32Array(n) each: the sessions that have a bit, ascending, and which */
  readonly listed: Uint32Array;
  readonly slotOf: Uint32Array;
  /** Of each, bit `bit` of Uint8Array(S) by session of the table. */
  readonly columns: readonly { readonly members: Uint8Array; readonly bit: number }[];
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
  /** Uint32Array((patterns + columns) × words) on shared memory, those of patterns first; threads write different words */
  readonly bits: Uint32Array;
}

/** Marks the sessions that hold each pattern, and those of each column. O(events + columns × sessions). */
export function markSets(input: MarkInput): null {
  const { slots, stream, automaton, isOpen, listed, slotOf, columns, next, bits } = input;
  const words = slots.length / 32;
  const patterns = automaton?.patterns ?? 0;
  const own = new Uint32Array(automaton?.states ?? 0);
  const patternTurns = automaton === null ? 0 : Math.ceil(words / WORDS_PER_TURN);
  const { symbols, offsets, segments } = stream;
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    if (automaton !== null && turn < patternTurns) {
      const start = turn * WORDS_PER_TURN;
      const end = Math.min(words, start + WORDS_PER_TURN);
      const { offsets: first, end: stop, column } = segments;
      markSlots(automaton, symbols, offsets, first, stop, column, isOpen, slots, start, end, words, own, bits);
      continue;
    }
    const column = columns[turn - patternTurns];
    if (column === undefined) return null;
    const at = (patterns + turn - patternTurns) * words;
    scatterBits(column.members, column.bit, listed, slotOf, bits.subarray(at, at + words));
  }
}
