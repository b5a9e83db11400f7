import { LeadlineError } from "../../errors.js";
import { copyBytes, equalBytes, hashBytes } from "../../kernels/byte-hash.js";
import type { ByteDictionary } from "./chunk.js";

const INITIAL_VALUES = 256;
const INITIAL_BYTES = 4096;

/** Offsets are uint32, and Node 20 makes no larger buffer either. */
const MOST_BYTES = 2 ** 32 - 1;

/** Enough loads for all of a core's line-fill buffers, few enough that they stay in the first-level cache. */
const BATCH = 64;

/** Values that a merge makes room for at first, if there can be as many: a table of 8 MiB. */
const EXPECTED_VALUES = 1 << 19;

/** From this length on, a native copy is cheaper than a loop. */
const LONG_VALUE = 64;

/**
 * Codes distinct byte ranges in the order in which they first appear: an open-addressing table over one arena of bytes, so that
 * a value costs no object and no JavaScript string.
 */
export class ByteDictionaryBuilder {
  private count = 0;
  private offsets: Uint32Array;
  private bytes: Uint8Array;
  private bytesView: DataView;
  /** Slot s is [2s] the hash and [2s + 1] the code plus one, 0 = empty; linear probing, at most half full. */
  private table: Uint32Array;
  private tableMask: number;
  /** The array that `insert` saw last and its view: sources pass the same one for thousands of values. */
  private source: Uint8Array = new Uint8Array(0);
  private sourceView: DataView = new DataView(this.source.buffer);

  private readonly occupants = new Uint32Array(BATCH);
  private readonly starts = new Uint32Array(BATCH);
  /** Kept only so that no compiler drops the loads of `touch`. */
  protected touched = 0;

  /** @param expected - a guess at the number of distinct values, which spares growing */
  constructor(expected: number = INITIAL_VALUES) {
    const slots = 2 ** Math.ceil(Math.log2(Math.max(INITIAL_VALUES, expected) * 2));
    this.table = new Uint32Array(2 * slots);
    this.tableMask = slots - 1;
    this.offsets = new Uint32Array(Math.max(INITIAL_VALUES, expected) + 1);
    this.bytes = new Uint8Array(Math.max(INITIAL_BYTES, expected * 8));
    this.bytesView = new DataView(this.bytes.buffer);
  }

  /** How many distinct values there are. */
  get size(): number {
    return this.count;
  }

  /**
   * The code of bytes [start, end), new or known. O(end - start) expected.
   * @returns index of the value among the distinct ones, from 0
   * @throws LeadlineError `unsupported` where the distinct values exceed 4 GiB
   */
  insert(bytes: Uint8Array, start: number, end: number): number {
    if (bytes !== this.source) {
      this.source = bytes;
      this.sourceView = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.insertFrom(this.sourceView, start, end);
  }

  /**
   * As `insert`, for callers that hold a view of the bytes.
   * @throws LeadlineError `unsupported` where the distinct values exceed 4 GiB
   */
  insertFrom(view: DataView, start: number, end: number): number {
    return this.insertHashed(view, start, end, hashBytes(view, start, end));
  }

  /**
   * Inserts every value of a dictionary. As one `insert` each, but several times as fast where the table is larger than the
   * caches: batches first touch the memory that they will need, so that the misses of a batch overlap.
   * @returns Uint32Array(values) on a SharedArrayBuffer, index there to code here
   * @throws LeadlineError `unsupported` where the distinct values exceed 4 GiB
   */
  insertAll({ bytes, offsets }: ByteDictionary): Uint32Array {
    const size = offsets.length - 1;
    const codes = new Uint32Array(new SharedArrayBuffer(4 * size));
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const hashes = new Uint32Array(BATCH);
    for (let start = 0; start < size; start += BATCH) {
      const end = Math.min(size, start + BATCH);
      for (let i = start; i < end; i++) {
        hashes[i - start] = hashBytes(view, offsets[i] as number, offsets[i + 1] as number);
      }
      this.touch(hashes, end - start);
      for (let i = start; i < end; i++) {
        const hash = hashes[i - start] as number;
        codes[i] = this.insertHashed(view, offsets[i] as number, offsets[i + 1] as number, hash);
      }
    }
    return codes;
  }

  private touch(hashes: Uint32Array, count: number): void {
    const { table, tableMask, offsets, bytes, occupants, starts } = this;
    for (let i = 0; i < count; i++) occupants[i] = table[2 * ((hashes[i] as number) & tableMask) + 1] as number;
    for (let i = 0; i < count; i++) starts[i] = offsets[occupants[i] as number] as number;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += (bytes[starts[i] as number] as number) | 0;
    this.touched = sum;
  }

  private insertHashed(view: DataView, start: number, end: number, hash: number): number {
    const length = end - start;
    const { table, tableMask, offsets, bytesView } = this;
    let slot = hash & tableMask;
    for (;;) {
      const occupant = table[2 * slot + 1] as number;
      if (occupant === 0) return this.add(view, start, length, hash, slot);
      if (table[2 * slot] === hash) {
        const known = offsets[occupant - 1] as number;
        if ((offsets[occupant] as number) - known === length && equalBytes(view, start, bytesView, known, length)) {
          return occupant - 1;
        }
      }
      slot = (slot + 1) & tableMask;
    }
  }

  /** The distinct values so far, in order, on SharedArrayBuffers. O(bytes); the builder can go on. */
  finish(): ByteDictionary {
    const size = this.offsets[this.count] as number;
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    bytes.set(this.bytes.subarray(0, size));
    const offsets = new Uint32Array(new SharedArrayBuffer(4 * (this.count + 1)));
    offsets.set(this.offsets.subarray(0, this.count + 1));
    return { bytes, offsets };
  }

  private add(view: DataView, start: number, length: number, hash: number, slot: number): number {
    const code = this.count;
    const from = this.offsets[code] as number;
    this.reserve(code + 2, from + length);
    if (length < LONG_VALUE) copyBytes(view, start, this.bytesView, from, length);
    else this.bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, length), from);
    this.offsets[code + 1] = from + length;
    this.table[2 * slot] = hash;
    this.table[2 * slot + 1] = code + 1;
    this.count = code + 1;
    if (2 * this.count > this.tableMask) this.growTable();
    return code;
  }

  private reserve(offsetCount: number, byteCount: number): void {
    if (offsetCount > this.offsets.length) {
      const offsets = new Uint32Array(2 * this.offsets.length);
      offsets.set(this.offsets);
      this.offsets = offsets;
    }
    if (byteCount > this.bytes.length) {
      if (byteCount > MOST_BYTES) {
        throw new LeadlineError("unsupported", "unsupported data: the distinct values of a column exceed 4 GiB");
      }
      const bytes = new Uint8Array(Math.min(MOST_BYTES, Math.max(2 * this.bytes.length, byteCount)));
      bytes.set(this.bytes);
      this.bytes = bytes;
      this.bytesView = new DataView(bytes.buffer);
    }
  }

  private growTable(): void {
    const old = this.table;
    const table = new Uint32Array(2 * old.length);
    const mask = 2 * this.tableMask + 1;
    for (let at = 0; at < old.length; at += 2) {
      const occupant = old[at + 1] as number;
      if (occupant === 0) continue;
      const hash = old[at] as number;
      let slot = hash & mask;
      while (table[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      table[2 * slot] = hash;
      table[2 * slot + 1] = occupant;
    }
    this.table = table;
    this.tableMask = mask;
  }
}

/** Dictionaries of several chunks made one. */
export interface MergedDictionaries {
  /** The distinct values of all, in the order in which they first appear. */
  readonly merged: ByteDictionary;
  /** For each dictionary: index there to index in `merged`. On SharedArrayBuffers. */
  readonly remaps: readonly Uint32Array[];
}

/**
 * Merges dictionaries in the order given, so that the result depends on that order alone. O(bytes) expected.
 * @throws LeadlineError `unsupported` where the distinct values exceed 4 GiB
 */
export function mergeDictionaries(dictionaries: readonly ByteDictionary[]): MergedDictionaries {
  let largest = 0;
  let all = 0;
  for (const { offsets } of dictionaries) {
    largest = Math.max(largest, offsets.length - 1);
    all += offsets.length - 1;
  }
  // growing by doubling from the largest would rehash everything several times where chunks share little
  const builder = new ByteDictionaryBuilder(Math.min(all, Math.max(largest, EXPECTED_VALUES)));
  const remaps = dictionaries.map((dictionary) => builder.insertAll(dictionary));
  return { merged: builder.finish(), remaps };
}
