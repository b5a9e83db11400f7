import type { Automaton } from "../../kernels/aho-corasick.js";
import { gatherBits } from "../../kernels/gather-bits.js";
import { EMPTY_SLOT, markSlots } from "../../kernels/mark-slots.js";
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
  /** Of each, bit `bit` of Uint8Array(S) by session of the table. */
  readonly columns: readonly { readonly members: Uint8Array; readonly bit: number }[];
  /** Int32Array(1) on shared memory: the next turn. */
  readonly next: Int32Array;
  /** Uint32Array((patterns + columns) × words) on shared memory, those of patterns first; threads write different words */
  readonly bits: Uint32Array;
}

/** Marks the sessions that hold each pattern, and those of each column. O(events + columns × sessions). */
export function markSets({ slots, stream, automaton, isOpen, columns, next, bits }: MarkInput): null {
  const words = slots.length / 32;
  const patterns = automaton?.patterns ?? 0;
  const stamp = new Uint32Array(patterns + 1);
  const sessions = new Uint32Array(WORDS_PER_TURN * 32);
  const { symbols, offsets, segments } = stream;
  for (;;) {
    const start = Atomics.add(next, 0, 1) * WORDS_PER_TURN;
    if (start >= words) return null;
    const end = Math.min(words, start + WORDS_PER_TURN);
    if (automaton !== null) {
      const { offsets: first, end: stop, column } = segments;
      markSlots(automaton, symbols, offsets, first, stop, column, isOpen, slots, start, end, words, stamp, bits);
    }
    for (let slot = start * 32; slot < end * 32; slot++) {
      const place = slots[slot] as number;
      sessions[slot - start * 32] = place === EMPTY_SLOT ? EMPTY_SLOT : (stream.sessions[place] as number);
    }
    for (const [at, { members, bit }] of columns.entries()) {
      gatherBits(members, bit, sessions, end - start, EMPTY_SLOT, bits, (patterns + at) * words + start);
    }
  }
}
