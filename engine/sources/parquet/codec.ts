import { createRequire } from "node:module";
import { brotliDecompressSync, unzipSync } from "node:zlib";
import type { Compressors } from "hyparquet";
import type { DecoderMemory } from "../decoder-memory.js";
import type { CompressionCodec } from "./metadata.js";

/** zlib refuses a smaller chunk. */
const LEAST_CHUNK_BYTES = 64;

/** No Snappy block grows more: a copy of 64 bytes is 3 bytes at least. */
const MOST_SNAPPY_GROWTH = 24;

/**
 * Decompresses the bytes of one page, which stand in the decoders' memory. Snappy is a kernel of ours (measured: 2 to 3 times as fast as
 * hysnappy's WebAssembly, whose copies in and out alone took as long), gzip and brotli are Node's own zlib.
 * @param address - of the page's `length` bytes
 * @param size - uncompressed size that the page header states, bytes
 * @returns address of exactly `size` bytes: the same where nothing is compressed, else in the memory's region for pages
 * @throws Error of any kind where the bytes are corrupt; the caller knows which page it is
 */
export function decompress(
  memory: DecoderMemory,
  codec: CompressionCodec,
  address: number,
  length: number,
  size: number,
): number {
  if (codec === "UNCOMPRESSED") {
    if (length !== size) throw new Error(`need ${size} bytes of page, have ${length}`);
    return address;
  }
  if (size === 0) return address;
  if (codec === "SNAPPY") {
    if (snappySize(memory.bytes(address, length)) !== size || size > length * MOST_SNAPPY_GROWTH) {
      throw new Error("a Snappy block of another size than its page");
    }
    const page = memory.reserve("page", size);
    if (memory.kernels.snappy(address, address + length, page, page + size) !== size) {
      throw new Error("a malformed Snappy block");
    }
    return page;
  }
  const bytes = sized(decompressOutside(codec, memory.bytes(address, length), size), size);
  const page = memory.reserve("page", size);
  memory.bytes(page, size).set(bytes);
  return page;
}

function decompressOutside(codec: CompressionCodec, input: Uint8Array, size: number): Uint8Array {
  switch (codec) {
    case "GZIP":
      return unzipSync(input, zlibOptions(size));
    case "BROTLI":
      return brotliDecompressSync(input, zlibOptions(size));
    case "ZSTD":
    case "LZ4":
    case "LZ4_RAW":
      return fromCompressors(codec, input, size);
    default:
      throw new Error(`unsupported compression codec: ${codec}`);
  }
}

function fromCompressors(codec: "ZSTD" | "LZ4" | "LZ4_RAW", input: Uint8Array, size: number): Uint8Array {
  const uncompress = rareCompressors()[codec];
  if (uncompress === undefined) throw new Error(`unsupported compression codec: ${codec}`);
  return uncompress(input, size);
}

let compressors: Compressors | undefined;

/** Loaded when a page first needs them: 20 ms of processor time in every thread, for codecs that few files have. */
function rareCompressors(): Compressors {
  compressors ??= (createRequire(import.meta.url)("hyparquet-compressors") as { compressors: Compressors }).compressors;
  return compressors;
}

/** One output chunk of the right size, and no more than that: a corrupt page cannot fill the memory. */
function zlibOptions(size: number): { chunkSize: number; maxOutputLength: number } {
  return { chunkSize: Math.max(LEAST_CHUNK_BYTES, size), maxOutputLength: size };
}

function sized(bytes: Uint8Array, size: number): Uint8Array {
  if (bytes.length !== size) throw new Error(`need ${size} bytes of page, have ${bytes.length}`);
  return bytes;
}

/** The varint at a Snappy block's head, or -1 where there is none. */
function snappySize(input: Uint8Array): number {
  let size = 0;
  for (let position = 0; position < Math.min(5, input.length); position++) {
    const byte = input[position] as number;
    size += (byte & 0x7f) * 2 ** (7 * position);
    if (byte < 0x80) return size;
  }
  return -1;
}
