import type { ByteDictionary } from "../sources/chunk.js";
import type { Codes } from "./event-table.js";

/**
 * Bytes of a slab: more than malloc ever keeps to itself (32 MiB), so that the system has them back as soon as the last array
 * on it is dropped. What is not written to costs nothing.
 */
const SLAB_BYTES = 48 << 20;
const ALIGNMENT = 8;

/**
 * Arrays on shared memory that live and die together, cut from few large buffers. Thousands of buffers of their own, between
 * others that come and go, leave holes that nothing fits into: half as much again as the arrays hold.
 */
export class Slab {
  readonly #bytes: number;
  #buffer: SharedArrayBuffer = new SharedArrayBuffer(0);
  #used = 0;

  /** @param bytes - of each buffer; 0: one for every array */
  constructor(bytes: number = SLAB_BYTES) {
    this.#bytes = bytes;
  }

  /** A Float64Array(length), zeroed. */
  float64(length: number): Float64Array {
    const at = this.#take(length * 8);
    return new Float64Array(this.#buffer, at, length);
  }

  /** A Uint32Array(length), zeroed. */
  uint32(length: number): Uint32Array {
    const at = this.#take(length * 4);
    return new Uint32Array(this.#buffer, at, length);
  }

  /** A Uint8Array(length), zeroed. */
  bytes(length: number): Uint8Array {
    const at = this.#take(length);
    return new Uint8Array(this.#buffer, at, length);
  }

  /** The narrowest unsigned array that holds codes up to `largest`, zeroed. */
  codes(length: number, largest: number): Codes {
    if (largest >= 1 << 16) return this.uint32(length);
    if (largest < 1 << 8) return this.bytes(length);
    const at = this.#take(length * 2);
    return new Uint16Array(this.#buffer, at, length);
  }

  /** A copy of a dictionary. O(bytes). */
  dictionary({ bytes, offsets }: ByteDictionary): ByteDictionary {
    const ownBytes = this.bytes(bytes.length);
    ownBytes.set(bytes);
    const ownOffsets = this.uint32(offsets.length);
    ownOffsets.set(offsets);
    return { bytes: ownBytes, offsets: ownOffsets };
  }

  /**
   * Lets go of the buffer, which then lives as long as its arrays; the next array begins another.
   * @returns whether there was one
   */
  release(): boolean {
    const had = this.#buffer.byteLength > 0;
    this.#buffer = new SharedArrayBuffer(0);
    this.#used = 0;
    return had;
  }

  /** Where so many bytes start in `#buffer`. */
  #take(bytes: number): number {
    const at = Math.ceil(this.#used / ALIGNMENT) * ALIGNMENT;
    if (at + bytes <= this.#buffer.byteLength) {
      this.#used = at + bytes;
      return at;
    }
    this.#buffer = new SharedArrayBuffer(Math.max(bytes, this.#bytes));
    this.#used = bytes;
    return 0;
  }
}
