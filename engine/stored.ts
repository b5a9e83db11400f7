import { closeSync, fstatSync, openSync, writeSync } from "node:fs";
import { type FillInput, fillPieces, readAll } from "./fill.js";
import type { WorkerPool } from "./pool.js";

/** Typed arrays start at multiples of this. */
const ALIGNMENT = 64;
/** The system writes at most 2 GiB at once. */
const MOST_BYTES_AT_ONCE = 1 << 30;
/** Bytes that one task reads: enough to be worth a message, few enough to share out. */
const BYTES_PER_TASK = 1 << 24;

type Kept = Uint8Array | Uint16Array | Uint32Array | Float64Array;

/** A typed array of a file: where its bytes stand after the header. */
interface StoredArray {
  readonly array: "Uint8Array" | "Uint16Array" | "Uint32Array" | "Float64Array";
  readonly offset: number;
  readonly length: number;
}

/**
 * Writes plain data with typed arrays in it: a header of JSON, then the arrays' bytes as they stand in memory.
 * @throws Error of the file system, also where the file exists
 */
export function writeStored(path: string, value: unknown): void {
  const arrays: Kept[] = [];
  let offset = 0;
  const stored = (part: unknown): unknown => {
    if (isKept(part)) {
      arrays.push(part);
      const place: StoredArray = { array: part.constructor.name as StoredArray["array"], offset, length: part.length };
      offset += aligned(part.byteLength);
      return place;
    }
    if (Array.isArray(part)) return part.map(stored);
    if (part !== null && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([name, own]) => [name, stored(own)]));
    }
    return part;
  };
  const header = Buffer.from(JSON.stringify(stored(value)));
  const descriptor = openSync(path, "wx");
  try {
    const size = Buffer.alloc(ALIGNMENT);
    size.writeUInt32LE(header.length);
    writeAll(descriptor, size, 0);
    writeAll(descriptor, header, ALIGNMENT);
    let at = aligned(ALIGNMENT + header.length);
    for (const array of arrays) {
      writeAll(descriptor, new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
      at += aligned(array.byteLength);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** A file of `writeStored` whose arrays are still on disk. */
export interface StoredFile {
  readonly path: string;
  readonly header: unknown;
  /** Where the arrays begin. */
  readonly start: number;
}

/**
 * Reads a file's header.
 * @returns null where the file is none, or not whole
 * @throws Error of the file system
 */
export function openStored(path: string): StoredFile | null {
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const lengths = Buffer.alloc(ALIGNMENT);
    if (readAll(descriptor, lengths, 0) < ALIGNMENT) return null;
    const length = lengths.readUInt32LE();
    if (length > size) return null;
    const bytes = Buffer.alloc(length);
    if (readAll(descriptor, bytes, ALIGNMENT) < length) return null;
    const header: unknown = JSON.parse(bytes.toString("utf8"));
    const start = aligned(ALIGNMENT + length);
    let end = start;
    forEachArray(header, (array) => {
      end = Math.max(end, start + array.offset + array.length * bytesOf(array.array));
    });
    return end > size ? null : { path, header, start };
  } catch (error) {
    // a header that broke off
    if (error instanceof SyntaxError) return null;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads all arrays of a file into shared memory, the bytes shared out among the threads.
 * @returns the data as they were written
 */
export async function readStored({ path, header, start }: StoredFile, pool: WorkerPool): Promise<unknown> {
  const pieces: { bytes: Uint8Array; position: number }[] = [];
  const restored = (part: unknown): unknown => {
    if (isStoredArray(part)) {
      const bytes = new Uint8Array(new SharedArrayBuffer(part.length * bytesOf(part.array)));
      for (let at = 0; at < bytes.length; at += BYTES_PER_TASK) {
        pieces.push({ bytes: bytes.subarray(at, at + BYTES_PER_TASK), position: start + part.offset + at });
      }
      return view(part.array, bytes.buffer as SharedArrayBuffer);
    }
    if (Array.isArray(part)) return part.map(restored);
    if (part !== null && typeof part === "object") {
      return Object.fromEntries(Object.entries(part).map(([name, own]) => [name, restored(own)]));
    }
    return part;
  };
  const value = restored(header);
  const inputs: FillInput[] = [];
  let [own, size]: [typeof pieces, number] = [[], 0];
  for (const piece of pieces) {
    own.push(piece);
    size += piece.bytes.length;
    if (size < BYTES_PER_TASK) continue;
    inputs.push({ path, pieces: own });
    [own, size] = [[], 0];
  }
  if (own.length > 0) inputs.push({ path, pieces: own });
  await pool.runAll("fill", inputs, () => path);
  return value;
}

/** Reads [start, end) of one array of a file. */
export function readRange(file: StoredFile, array: unknown, start: number, end: number): Kept {
  if (!isStoredArray(array)) throw new TypeError("not an array of the file");
  const width = bytesOf(array.array);
  const bytes = new Uint8Array(new SharedArrayBuffer((end - start) * width));
  fillPieces({ path: file.path, pieces: [{ bytes, position: file.start + array.offset + start * width }] });
  return view(array.array, bytes.buffer as SharedArrayBuffer);
}

function forEachArray(part: unknown, callback: (array: StoredArray) => void): void {
  if (isStoredArray(part)) callback(part);
  else if (part !== null && typeof part === "object")
    for (const own of Object.values(part)) forEachArray(own, callback);
}

function view(array: StoredArray["array"], buffer: SharedArrayBuffer): Kept {
  switch (array) {
    case "Uint8Array":
      return new Uint8Array(buffer);
    case "Uint16Array":
      return new Uint16Array(buffer);
    case "Uint32Array":
      return new Uint32Array(buffer);
    case "Float64Array":
      return new Float64Array(buffer);
  }
}

function bytesOf(array: StoredArray["array"]): number {
  return array === "Float64Array" ? 8 : array === "Uint32Array" ? 4 : array === "Uint16Array" ? 2 : 1;
}

function isKept(value: unknown): value is Kept {
  return (
    value instanceof Uint8Array ||
    value instanceof Uint16Array ||
    value instanceof Uint32Array ||
    value instanceof Float64Array
  );
}

function isStoredArray(value: unknown): value is StoredArray {
  return value !== null && typeof value === "object" && "array" in value && "offset" in value && "length" in value;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, Math.min(bytes.length - at, MOST_BYTES_AT_ONCE), position + at);
  }
}
