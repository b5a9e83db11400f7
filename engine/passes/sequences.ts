import {
  completeSequences,
  countSequences,
  distinctSubsequences,
  type PrefixSpanScratch,
  type PrefixTree,
  prefixSpanScratch,
  type SessionBlock,
  type Spacing,
} from "../../kernels/prefix-span.js";
import type { Stream } from "./gather.js";

/** Events of one block of sessions: what a prefix is projected over stays in the cache. */
const BLOCK_EVENTS = 1 << 15;

/** "No position", in an output of positions. */
export const NOWHERE = 0xffffffff;

/** Sequences to look for. */
export interface SequenceSet {
  readonly tree: PrefixTree;
  readonly sequences: number;
  readonly spacing: Spacing;
  /** Uint16Array: the tree's symbol for each symbol of the events; 0 = no step */
  readonly symbolOf: Uint16Array;
  /** Symbol of ignored events, which stand between no two others. */
  readonly skip: number;
}

/** Where events and their times are. */
export interface EventTimes {
  /** Float64Array(N), ms */
  readonly time: Float64Array;
  /** Uint32Array(S + 1), CSR: events of each session */
  readonly sessionOffsets: Uint32Array;
}

/**
 * Counts sequences as `tally` does, over slices of a walk; keeps its buffers from slice to slice. Folding the counts takes some three
 * times as long as they do. Tried and left: folding only those that a unit has touched, with the sums of a sequence's cohorts side by side (no
 * change: 4.6 against 5.2 s of processor time in the player's run, 5.6 against 5.3 in the subscription's).
 */
export class SequenceCounter {
  readonly #set: SequenceSet;
  readonly #stream: Stream;
  readonly #times: EventTimes;
  readonly #blocks: Blocks;

  constructor(set: SequenceSet, stream: Stream, times: EventTimes) {
    this.#set = set;
    this.#stream = stream;
    this.#times = times;
    this.#blocks = new Blocks(set);
  }

  /**
   * Counts the sessions of `order[start, end)` that hold each sequence, by the column in which it first completes.
   * @param counts - Uint32Array(columns × (sequences + 1)), added to; sequence p's cell is p + 1
   */
  count(order: Uint32Array, start: number, end: number, counts: Uint32Array): void {
    const { symbols, offsets, segments, sessions } = this.#stream;
    const { time, sessionOffsets } = this.#times;
    const cells = this.#set.sequences + 1;
    const blocks = this.#blocks;
    const flush = (block: SessionBlock, scratch: PrefixSpanScratch): void =>
      countSequences(this.#set.tree, this.#set.spacing, block, scratch, cells, counts);
    for (let at = start; at < end; at++) {
      const place = order[at] as number;
      const from = offsets[place] as number;
      blocks.reserve((offsets[place + 1] as number) - from, flush);
      const toTable = (sessionOffsets[sessions[place] as number] as number) - from;
      const last = segments.offsets[place + 1] as number;
      let position = from;
      for (let segment = segments.offsets[place] as number; segment < last; segment++) {
        const stop = segments.end[segment] as number;
        blocks.add(symbols, position, stop, time, toTable, segments.column[segment] as number, 0);
        position = stop;
      }
      blocks.endSession();
    }
    blocks.flush(flush);
  }
}

/**
 * Where each sequence first completes in some sessions.
 * @param symbols - Uint16Array(N) in the table's order
 * @param sessions - Uint32Array; null: the sessions [start, end)
 * @param start - of `sessions`, or the first session
 * @returns Uint32Array(sequences × (end - start)): positions in the table; `NOWHERE` where one does not hold
 */
export function completionsOf(
  set: SequenceSet,
  symbols: Uint16Array,
  { time, sessionOffsets }: EventTimes,
  sessions: Uint32Array | null,
  start: number,
  end: number,
): Uint32Array {
  const stride = end - start;
  const out = new Uint32Array(set.sequences * stride).fill(NOWHERE);
  const blocks = new Blocks(set);
  let done = 0;
  const flush = (block: SessionBlock, scratch: PrefixSpanScratch): void => {
    completeSequences(set.tree, set.spacing, block, scratch, stride, out.subarray(done));
    done += block.sessions;
  };
  for (let at = start; at < end; at++) {
    const session = sessions === null ? at : (sessions[at] as number);
    const from = sessionOffsets[session] as number;
    const to = sessionOffsets[session + 1] as number;
    blocks.reserve(to - from, flush);
    blocks.add(symbols, from, to, time, 0, 0, 1);
    blocks.endSession();
  }
  blocks.flush(flush);
  return out;
}

/** Counting the different sequences with gaps of a range of sessions. */
export interface SubsequencesInput {
  readonly symbols: Uint16Array;
  readonly sessionOffsets: Uint32Array;
  readonly skip: number;
  readonly longest: number;
  readonly start: number;
  readonly end: number;
  /** Float64Array(S × longest) on shared memory: of length j in session s at `s × longest + j − 1` */
  readonly out: Float64Array;
}

/** Counts the different sequences with gaps in each session of a range, by length. O(events × longest). */
export function countSubsequences({
  symbols,
  sessionOffsets,
  skip,
  longest,
  start,
  end,
  out,
}: SubsequencesInput): null {
  const last = new Float64Array((skip + 1) * (longest + 1));
  const own = out.subarray(start * longest, end * longest);
  distinctSubsequences(symbols, sessionOffsets, skip, longest, start, end, last, own);
  return null;
}

/** Sessions gathered until there are enough for a block; a longer session makes a block of its own. */
class Blocks {
  readonly #set: SequenceSet;
  #capacity = BLOCK_EVENTS;
  #scratch: PrefixSpanScratch;
  #symbols = new Uint16Array(BLOCK_EVENTS);
  #time = new Float64Array(BLOCK_EVENTS);
  #label = new Uint32Array(BLOCK_EVENTS);
  readonly #offsets = new Uint32Array(BLOCK_EVENTS + 1);
  #sessions = 0;
  #events = 0;

  constructor(set: SequenceSet) {
    this.#set = set;
    this.#scratch = prefixSpanScratch(set.tree, BLOCK_EVENTS);
  }

  /** Makes room for a session of so many events. */
  reserve(events: number, flush: (block: SessionBlock, scratch: PrefixSpanScratch) => void): void {
    if (this.#events + events > this.#capacity || this.#sessions === BLOCK_EVENTS) this.flush(flush);
    if (events <= this.#capacity) return;
    this.#capacity = events;
    this.#scratch = prefixSpanScratch(this.#set.tree, events);
    this.#symbols = new Uint16Array(events);
    this.#time = new Float64Array(events);
    this.#label = new Uint32Array(events);
  }

  /** Adds events of the open session, labelled `label + position × perPosition`; their times stand `toTable` further on. */
  add(
    from: Uint16Array,
    start: number,
    end: number,
    times: Float64Array,
    toTable: number,
    label: number,
    perPosition: 0 | 1,
  ): void {
    const { symbolOf, skip, spacing } = this.#set;
    const [symbols, time, labels] = [this.#symbols, this.#time, this.#label];
    const keepAll = spacing.adjacent;
    let at = this.#events;
    for (let position = start; position < end; position++) {
      const symbol = from[position] as number;
      if (symbol === skip) continue;
      const own = symbolOf[symbol] as number;
      if (own === 0 && !keepAll) continue;
      symbols[at] = own;
      time[at] = times[position + toTable] as number;
      labels[at] = label + position * perPosition;
      at++;
    }
    this.#events = at;
  }

  endSession(): void {
    this.#offsets[++this.#sessions] = this.#events;
  }

  /** Hands on what was gathered, and starts anew. */
  flush(flush: (block: SessionBlock, scratch: PrefixSpanScratch) => void): void {
    if (this.#sessions > 0) {
      const block = {
        sessions: this.#sessions,
        offsets: this.#offsets,
        symbols: this.#symbols,
        time: this.#time,
        label: this.#label,
      };
      flush(block, this.#scratch);
    }
    this.#sessions = 0;
    this.#events = 0;
  }
}
