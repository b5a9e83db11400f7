import { dictionaryState } from "../../kernels/wasm/layouts.js";
import type { ByteDictionary } from "./chunk.js";
import { type DecoderMemory, STATE_ADDRESS } from "./decoder-memory.js";

const INITIAL_SLOTS = 1024;
const INITIAL_VALUES_BYTES = 1 << 14;

/** Where the bounds of cells stand: addresses of the first start and end, int32s, and how many bytes the next ones are on. */
export interface CellBounds {
  readonly starts: number;
  readonly ends: number;
  readonly step: number;
}

const word = (offset: number): number => offset / 4;

/**
 * Codes byte ranges that stand in the decoders' memory in the order in which they first appear, as `ByteDictionaryBuilder` does for ranges
 * that stand elsewhere. A thread works on one at a time.
 */
export class CodedBytes {
  private readonly memory: DecoderMemory;
  private slots = INITIAL_SLOTS;

  constructor(memory: DecoderMemory) {
    this.memory = memory;
    const table = memory.reserve("table", 8 * INITIAL_SLOTS);
    const entries = memory.reserve("entries", 4 * INITIAL_SLOTS);
    const values = memory.reserve("values", INITIAL_VALUES_BYTES);
    memory.bytes(table, 8 * INITIAL_SLOTS).fill(0);
    const state = this.state();
    state[word(dictionaryState.count)] = 0;
    state[word(dictionaryState.table)] = table;
    state[word(dictionaryState.tableMask)] = INITIAL_SLOTS - 1;
    state[word(dictionaryState.entries)] = entries;
    state[word(dictionaryState.capacity)] = INITIAL_SLOTS / 2;
    state[word(dictionaryState.valuesNext)] = values;
    state[word(dictionaryState.valuesEnd)] = values + memory.roomOf("values");
  }

  /** How many distinct values there are. */
  get size(): number {
    return this.state()[word(dictionaryState.count)] as number;
  }

  /**
   * Codes values that stand one after the other, each after its length as a uint32.
   * @param start - address of the first length
   * @param end - address where the values end at the latest
   * @param target - address of the uint32 codes, from 1
   * @throws Error where a value lies beyond the end
   */
  codePrefixed(start: number, end: number, target: number, count: number): void {
    this.state()[word(dictionaryState.position)] = start;
    for (let done = 0; done < count; ) {
      const coded = this.memory.kernels.codeByteArrays(STATE_ADDRESS, end, target + 4 * done, count - done);
      if (coded < 0) throw new Error("values beyond their page");
      done += coded;
      if (done === count) return;
      const position = this.state()[word(dictionaryState.position)] as number;
      this.grow(new DataView(this.memory.buffer).getUint32(position, true));
    }
  }

  /**
   * Codes values of one length that stand one after the other.
   * @param start - address of the first
   * @param target - address of the uint32 codes, from 1
   */
  codeFixed(start: number, length: number, target: number, count: number): void {
    this.state()[word(dictionaryState.position)] = start;
    for (let done = 0; done < count; ) {
      done += this.memory.kernels.codeFixed(STATE_ADDRESS, length, target + 4 * done, count - done);
      if (done < count) this.grow(length);
    }
  }

  /**
   * Codes cells of text.
   * @param bytes - address that the bounds count from
   * @param starts - address of the first cell's start, an int32; the next is `step` bytes on
   * @param ends - address of the first cell's end
   * @param target - address of the uint32 codes
   * @param emptyIsValue - else an empty cell has code 0
   */
  codeCells(
    bytes: number,
    { starts, ends, step }: CellBounds,
    target: number,
    count: number,
    emptyIsValue: boolean,
  ): void {
    const { codeCells } = this.memory.kernels;
    for (let done = 0; done < count; ) {
      const [start, end] = [starts + step * done, ends + step * done];
      const [to, left] = [target + 4 * done, count - done];
      done += codeCells(STATE_ADDRESS, bytes, start, end, step, to, left, emptyIsValue ? 1 : 0);
      if (done === count) return;
      const view = new DataView(this.memory.buffer);
      this.grow(view.getInt32(ends + step * done, true) - view.getInt32(starts + step * done, true));
    }
  }

  /** The distinct values, in order, on SharedArrayBuffers. O(bytes). */
  finish(): ByteDictionary {
    const { memory } = this;
    const count = this.size;
    const state = this.state();
    const values = memory.reserve("values", 0);
    // padded to vectors, so never fewer than the bytes themselves
    const bytes = memory.reserve("bytes", (state[word(dictionaryState.valuesNext)] as number) - values);
    const offsets = memory.reserve("offsets", 4 * (count + 1));
    memory.kernels.writeDictionary(STATE_ADDRESS, bytes, offsets);
    const sharedOffsets = new Uint32Array(new SharedArrayBuffer(4 * (count + 1)));
    sharedOffsets.set(memory.words(offsets, count + 1));
    const size = sharedOffsets[count] as number;
    const sharedBytes = new Uint8Array(new SharedArrayBuffer(size));
    sharedBytes.set(memory.bytes(bytes, size));
    return { bytes: sharedBytes, offsets: sharedOffsets };
  }

  private state(): Uint32Array {
    return this.memory.words(STATE_ADDRESS, 8);
  }

  /** Makes room for one more value at least. */
  private grow(length: number): void {
    const { memory } = this;
    const state = this.state();
    if (2 * (this.size + 1) >= this.slots) {
      this.growTable();
      return;
    }
    const before = memory.reserve("values", 0);
    const used = (state[word(dictionaryState.valuesNext)] as number) - before;
    const values = memory.reserve("values", Math.max(2 * memory.roomOf("values"), used + length + 16));
    const moved = this.state();
    moved[word(dictionaryState.valuesNext)] = values + used;
    moved[word(dictionaryState.valuesEnd)] = values + memory.roomOf("values");
    const entries = memory.words(moved[word(dictionaryState.entries)] as number, 2 * this.size);
    for (let at = 0; at < entries.length; at += 2) entries[at] = (entries[at] as number) - before + values;
  }

  private growTable(): void {
    const { memory } = this;
    const slots = 4 * this.slots;
    const old = memory.words(memory.reserve("table", 0), 2 * this.slots).slice();
    const table = memory.reserve("table", 8 * slots);
    const entries = memory.reserve("entries", 4 * slots);
    const state = this.state();
    state[word(dictionaryState.table)] = table;
    state[word(dictionaryState.tableMask)] = slots - 1;
    state[word(dictionaryState.entries)] = entries;
    state[word(dictionaryState.capacity)] = slots / 2;
    const grown = memory.words(table, 2 * slots).fill(0);
    for (let at = 0; at < old.length; at += 2) {
      const code = old[at + 1] as number;
      if (code === 0) continue;
      const hash = old[at] as number;
      let slot = hash & (slots - 1);
      while (grown[2 * slot + 1] !== 0) slot = (slot + 1) & (slots - 1);
      grown[2 * slot] = hash;
      grown[2 * slot + 1] = code;
    }
    this.slots = slots;
  }
}
