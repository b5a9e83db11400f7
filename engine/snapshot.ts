import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { EventTable } from "./columns/event-table.js";
import type { ReadOutcome } from "./read.js";

/** Changes whenever what a snapshot holds does, so that an older one is not taken for a newer. */
const VERSION = "leadline/snapshot@1";
/** Typed arrays start at multiples of this. */
const ALIGNMENT = 64;
/** Bytes at the end of a source file that go into the key: a Parquet file's footer, or the last lines. */
const FOOTER_BYTES = 1 << 16;
/** The system writes and reads at most 2 GiB at once. */
const MOST_BYTES_AT_ONCE = 1 << 30;

/** A typed array of a snapshot: where its bytes stand after the header. */
interface StoredArray {
  readonly array: "Uint8Array" | "Uint16Array" | "Uint32Array" | "Float64Array";
  readonly offset: number;
  readonly length: number;
}

/** What a snapshot tells of the read besides the table. */
type Outcome = Pick<ReadOutcome, "roles" | "dropped" | "warnings">;

/**
 * The key of a read: it changes with the source files' paths, sizes, times and footers, and with what was asked for.
 * @param files - absolute paths
 * @param request - plain data that decides what the table holds
 */
export function snapshotKey(files: readonly string[], request: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify([VERSION, request]));
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(JSON.stringify([file, size, mtimeMs]));
    const descriptor = openSync(file, "r");
    try {
      const footer = Buffer.alloc(Math.min(size, FOOTER_BYTES));
      readSync(descriptor, footer, 0, footer.length, size - footer.length);
      hash.update(footer);
    } finally {
      closeSync(descriptor);
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** Where a key's snapshot is kept. */
export function snapshotPath(folder: string, key: string): string {
  return join(folder, `${key}.snapshot`);
}

/**
 * Keeps an event table as it stands in memory: a header of plain data, then the arrays' bytes. Written whole or not at all.
 * @throws Error of the file system
 */
export function writeSnapshot(folder: string, key: string, table: EventTable, outcome: Outcome): void {
  mkdirSync(folder, { recursive: true });
  const arrays: (Uint8Array | Uint16Array | Uint32Array | Float64Array)[] = [];
  let offset = 0;
  const stored = (value: unknown): unknown => {
    if (
      value instanceof Uint8Array ||
      value instanceof Uint16Array ||
      value instanceof Uint32Array ||
      value instanceof Float64Array
    ) {
      arrays.push(value);
      const place: StoredArray = {
        array: value.constructor.name as StoredArray["array"],
        offset,
        length: value.length,
      };
      offset += aligned(value.byteLength);
      return place;
    }
    if (Array.isArray(value)) return value.map(stored);
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, stored(part)]));
    }
    return value;
  };
  const header = Buffer.from(JSON.stringify({ version: VERSION, table: stored(table), outcome }));
  const partial = join(folder, `.${key}.${process.pid}.partial`);
  try {
    const descriptor = openSync(partial, "wx");
    try {
      const size = Buffer.alloc(ALIGNMENT);
      size.writeUInt32LE(header.length);
      const start = aligned(ALIGNMENT + header.length);
      writeAll(descriptor, size, 0);
      writeAll(descriptor, header, ALIGNMENT);
      let at = start;
      for (const array of arrays) {
        writeAll(descriptor, new Uint8Array(array.buffer, array.byteOffset, array.byteLength), at);
        at += aligned(array.byteLength);
      }
    } finally {
      closeSync(descriptor);
    }
    renameSync(partial, snapshotPath(folder, key));
  } finally {
    rmSync(partial, { force: true });
  }
}

/** The table that a key's snapshot holds, on shared memory; null where there is none, or none that is whole. */
export function readSnapshot(
  folder: string,
  key: string,
): { readonly table: EventTable; readonly outcome: Outcome } | null {
  const path = snapshotPath(folder, key);
  if (!existsSync(path)) return null;
  const descriptor = openSync(path, "r");
  try {
    const { size } = fstatSync(descriptor);
    const lengths = Buffer.alloc(ALIGNMENT);
    if (readAll(descriptor, lengths, 0) < ALIGNMENT) return null;
    const header = Buffer.alloc(lengths.readUInt32LE());
    if (readAll(descriptor, header, ALIGNMENT) < header.length) return null;
    const parsed: unknown = JSON.parse(header.toString("utf8"));
    if (!isHeader(parsed)) return null;
    const start = aligned(ALIGNMENT + header.length);
    const restored = (value: unknown): unknown => {
      if (isStoredArray(value)) {
        const bytesEach =
          value.array === "Float64Array"
            ? 8
            : value.array === "Uint32Array"
              ? 4
              : value.array === "Uint16Array"
                ? 2
                : 1;
        const bytes = new Uint8Array(new SharedArrayBuffer(value.length * bytesEach));
        if (
          start + value.offset + bytes.length > size ||
          readAll(descriptor, bytes, start + value.offset) < bytes.length
        ) {
          throw new RangeError("truncated snapshot");
        }
        return view(value.array, bytes.buffer as SharedArrayBuffer);
      }
      if (Array.isArray(value)) return value.map(restored);
      if (value !== null && typeof value === "object") {
        return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, restored(part)]));
      }
      return value;
    };
    return { table: restored(parsed.table) as EventTable, outcome: parsed.outcome };
  } catch (error) {
    // a snapshot that broke off is as good as none: the sources are read again
    if (error instanceof RangeError || error instanceof SyntaxError) return null;
    throw error;
  } finally {
    closeSync(descriptor);
  }
}

function view(
  array: StoredArray["array"],
  buffer: SharedArrayBuffer,
): Uint8Array | Uint16Array | Uint32Array | Float64Array {
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

function isHeader(value: unknown): value is { readonly table: unknown; readonly outcome: Outcome } {
  return value !== null && typeof value === "object" && "version" in value && value.version === VERSION;
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

/** Bytes read: fewer than asked for at the end of the file. */
function readAll(descriptor: number, bytes: Uint8Array, position: number): number {
  let at = 0;
  while (at < bytes.length) {
    const read = readSync(descriptor, bytes, at, Math.min(bytes.length - at, MOST_BYTES_AT_ONCE), position + at);
    if (read === 0) break;
    at += read;
  }
  return at;
}
