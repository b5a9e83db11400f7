import type { Codes } from "./event-table.js";

/** A Float64Array(length) on shared memory, zeroed. */
export function sharedFloat64(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8));
}

/** A Uint32Array(length) on shared memory, zeroed. */
export function sharedUint32(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4));
}

/** A Uint16Array(length) on shared memory, zeroed. */
export function sharedUint16(length: number): Uint16Array {
  return new Uint16Array(new SharedArrayBuffer(length * 2));
}

/** A Uint8Array(length) on shared memory, zeroed. */
export function sharedUint8(length: number): Uint8Array {
  return new Uint8Array(new SharedArrayBuffer(length));
}

/** The narrowest unsigned array on shared memory that holds codes up to `largest`, zeroed. */
export function sharedCodes(length: number, largest: number): Codes {
  if (largest < 1 << 8) return sharedUint8(length);
  if (largest < 1 << 16) return sharedUint16(length);
  return sharedUint32(length);
}
