import { closeSync, createReadStream, fstatSync, openSync, readSync } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { LeadlineError } from "../../errors.js";
import type { DecoderMemory } from "./decoder-memory.js";
import { shownPath } from "./shown-path.js";

/**
 * Text is read in pieces of so many bytes, and a plain file is cut into stretches of as many: some 100 000 rows, so that a piece's
 * cells and dictionaries stay in the caches' reach and a 100 MB file still feeds a dozen threads. A constant: how a file is cut must
 * not depend on the machine.
 */
export const pieceBytes: number = 8 * 1024 * 1024;

/** A record longer than this is taken for a quote that never closes, so that memory stays bounded. */
const longestRecordBytes = 256 * 1024 * 1024;

/** Whether the file's name says that it is gzip-compressed. */
export function isGzip(file: string): boolean {
  return file.toLowerCase().endsWith(".gz");
}

/** Reads a text file, or a stretch of it, piece by piece, decompressing where its name ends in `.gz`; whole records are the caller's care. */
export class TextReader {
  /** The bytes at hand are `bytes[0, length)`; valid until the next call. */
  bytes: Uint8Array;
  length = 0;
  /** Whether the text ends at `length`. */
  last = false;
  readonly #file: string;
  readonly #source: AsyncIterator<Uint8Array>;
  #pending: Uint8Array | undefined;

  /**
   * @param file - path
   * @param capacityBytes - size of a piece
   * @param range - bytes of the file, half-open; the whole file where absent
   */
  constructor(file: string, capacityBytes: number, range?: { readonly start: number; readonly end: number }) {
    this.bytes = new Uint8Array(capacityBytes);
    this.#file = file;
    this.#source = openBytes(file, range)[Symbol.asyncIterator]();
  }

  /**
   * Reads until the piece is full or the text ends.
   * @throws LeadlineError `source-invalid` when the file cannot be read or is no gzip
   */
  async fill(): Promise<void> {
    while (this.length < this.bytes.length && !this.last) {
      this.#pending ??= await this.#next();
      if (this.#pending === undefined) {
        this.last = true;
        return;
      }
      const part = this.#pending.subarray(0, this.bytes.length - this.length);
      this.bytes.set(part, this.length);
      this.length += part.length;
      this.#pending = part.length < this.#pending.length ? this.#pending.subarray(part.length) : undefined;
    }
  }

  /** Drops the first `count` bytes: what was read of this piece. */
  consume(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /**
   * Doubles the piece, for a record that is longer.
   * @throws LeadlineError `source-invalid` when no record can be that long
   */
  grow(): void {
    const bytes = new Uint8Array(longerPiece(this.#file, this.bytes.length));
    bytes.set(this.bytes.subarray(0, this.length));
    this.bytes = bytes;
  }

  /** Closes the file when it is left before its end. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await this.#source.next();
      return done === true ? undefined : value;
    } catch (cause) {
      throw readError(this.#file, cause);
    }
  }
}

/**
 * Twice as many bytes, for a record that is longer than a piece.
 * @throws LeadlineError `source-invalid` when no record can be that long
 */
export function longerPiece(file: string, bytes: number): number {
  if (bytes >= longestRecordBytes)
    throw new LeadlineError(
      "source-invalid",
      `${shownPath(file)}: a record of more than ${longestRecordBytes / 1024 / 1024} MiB; is a quote left open or a line break missing?`,
    );
  return bytes * 2;
}

/** A plain file that is open for reading into the decoders' memory. */
export interface OpenFile {
  readonly sizeBytes: number;
  /**
   * Reads bytes of the file.
   * @returns their address, good until the memory's region for files is used again
   * @throws LeadlineError `source-invalid` when they cannot be read
   */
  readonly read: (memory: DecoderMemory, start: number, length: number) => number;
  readonly close: () => void;
}

/**
 * Opens a file for reading stretches of it at once.
 * @throws LeadlineError `source-invalid` when it cannot be opened
 */
export function openForReading(file: string): OpenFile {
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (cause) {
      throw readError(file, cause);
    }
  };
  const fd = guarded(() => openSync(file, "r"));
  return {
    sizeBytes: guarded(() => fstatSync(fd).size),
    read: (memory, start, length) => {
      const address = memory.reserve("file", length);
      const room = memory.bytes(address, length);
      let done = 0;
      while (done < length) {
        const got = guarded(() => readSync(fd, room, done, length - done, start + done));
        if (got === 0) {
          const message = `${shownPath(file)}: ends at byte ${start + done}, where ${start + length} were; it changed while it was read`;
          throw new LeadlineError("source-invalid", message);
        }
        done += got;
      }
      return address;
    },
    close: () => closeSync(fd),
  };
}

/** A file's bytes as a stream, decompressed where its name ends in `.gz`. */
export function openBytes(file: string, range?: { readonly start: number; readonly end: number }): Readable {
  // `end` is inclusive in Node; an empty stretch would mean the whole file.
  const raw = createReadStream(file, {
    highWaterMark: 1 << 20,
    ...(range === undefined ? {} : { start: range.start, end: range.end - 1 }),
  });
  if (!isGzip(file)) return raw;
  // An error of either ends both; the one who reads meets it, so nothing is left for the callback.
  return pipeline(raw, createGunzip({ chunkSize: 1 << 18 }), () => {});
}

/** What went wrong when reading a file, as one sentence. */
export function readError(file: string, cause: unknown): LeadlineError {
  if (cause instanceof LeadlineError) return cause;
  const { code = "", message = String(cause) } = (cause ?? {}) as { code?: string; message?: string };
  const found = code.startsWith("Z_") ? `not valid gzip (${message})` : `cannot be read (${message})`;
  return new LeadlineError("source-invalid", `${shownPath(file)}: ${found}`, { cause });
}
