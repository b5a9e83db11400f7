import { readSync } from "node:fs";
import { decodeDelta } from "../../../kernels/delta-binary-packed.js";
import { booleanBits } from "../../../kernels/plain-values.js";
import { decodeLevels } from "../../../kernels/rle-bit-packed.js";
import type { DecoderMemory } from "../decoder-memory.js";
import { decompress } from "./codec.js";
import type { ColumnChunk } from "./footer.js";
import { type CompressionCodec, type Encoding, type PageHeader, type ParquetType, readPageHeader } from "./metadata.js";

/** Read ahead by so much: few calls, and it stays in the second-level cache. */
const WINDOW_BYTES = 1 << 20;

/** A page header is some dozens of bytes, unless it holds long statistics. */
const HEADER_BYTES = 1 << 12;

/** How the values of a page lie in its bytes. */
export type PageValues =
  /** A byte of width, then the hybrid stream of indices into the dictionary page. */
  | { readonly kind: "indices"; readonly view: DataView; readonly start: number }
  /** As PLAIN. */
  | { readonly kind: "plain"; readonly view: DataView; readonly start: number }
  /** Byte arrays without prefixes, their lengths beside. */
  | { readonly kind: "lengths"; readonly view: DataView; readonly start: number; readonly lengths: Uint32Array }
  /** Uint8Array(at least present): 0 or 1. */
  | { readonly kind: "booleans"; readonly values: Uint8Array };

/** A data page, whose bytes are the reader's own: valid until the next one, and its views until the decoders' memory grows. */
export interface DataPage {
  readonly rows: number;
  /** Values that are not missing. */
  readonly present: number;
  /** Address of a byte for each row, 1 = present; absent where no value is missing. */
  readonly levels?: number;
  readonly values: PageValues;
}

/** The dictionary page: PLAIN values, valid until the next page. */
export interface DictionaryPage {
  readonly count: number;
  readonly view: DataView;
}

/** What a decoder does with the pages of a column chunk, in order. */
export interface PageSink {
  /** At most once, before any data page that has indices. */
  dictionary(page: DictionaryPage): void;
  /** @param row - the page's first row, from 0 within the row group */
  data(page: DataPage, row: number): void;
}

/** What tells how pages are to be read. */
export interface PageLayout {
  readonly physical: ParquetType;
  readonly typeLength: number;
  readonly optional: boolean;
}

/**
 * Reads the pages of one column chunk of a flat column into `sink`, until its `rows` are complete.
 * @param dataEnd - where the last page of the file ends at the latest: old writers understate the size of a chunk
 * @throws Error of any kind where a page is corrupt; the caller knows which column and rows it is
 */
export function readPages(
  memory: DecoderMemory,
  fd: number,
  chunk: ColumnChunk,
  dataEnd: number,
  layout: PageLayout,
  rows: number,
  sink: PageSink,
): void {
  const window = new FileWindow(memory, fd, chunk.start, chunk.end, dataEnd);
  let row = 0;
  let dictionarySeen = false;
  while (row < rows) {
    const header = readHeader(window);
    const { compressedBytes: compressedSize, bytes: size } = header;
    if (!(compressedSize >= 0 && size >= 0)) throw new Error("a page of negative size");
    const address = window.take(compressedSize);
    if (header.kind === "dictionary") {
      if (dictionarySeen) throw new Error("a second dictionary page");
      dictionarySeen = true;
      const count = header.values;
      if (!(count >= 0 && count <= size * 8)) throw new Error(`a dictionary of ${count} values in ${size} bytes`);
      const page = decompress(memory, chunk.codec, address, compressedSize, size);
      sink.dictionary({ count, view: new DataView(memory.buffer, page, size) });
    } else if (header.kind !== "other") {
      const page = dataPage(memory, header, address, chunk.codec, layout, rows - row);
      sink.data(page, row);
      row += page.rows;
    }
  }
}

function readHeader(window: FileWindow): PageHeader {
  for (let bytes = HEADER_BYTES; ; bytes *= 16) {
    const view = window.peek(bytes);
    try {
      const { header, size } = readPageHeader(view);
      window.skip(size);
      return header;
    } catch (cause) {
      // Perhaps the header is only longer than what was peeked.
      if (view.byteLength < bytes) throw cause;
    }
  }
}

function dataPage(
  memory: DecoderMemory,
  header: PageHeader,
  address: number,
  codec: CompressionCodec,
  layout: PageLayout,
  rowsLeft: number,
): DataPage {
  const { compressedBytes: compressedSize, bytes: size, encoding, values: rows } = header;
  if (encoding === undefined) throw new Error("a data page without its header, or of an unknown encoding");
  if (!(rows >= 0 && rows <= rowsLeft)) throw new Error(`a page of ${rows} values where ${rowsLeft} rows are left`);
  if (rows === 0) return { rows, present: 0, values: { kind: "plain", view: new DataView(memory.buffer), start: 0 } };
  // before any view is made
  const levels = layout.optional ? memory.reserve("levels", rows) : 0;
  if (header.kind === "data v2") {
    const { repetitionBytes } = header;
    const levelsEnd = repetitionBytes + header.definitionBytes;
    if (!(repetitionBytes >= 0 && levelsEnd >= repetitionBytes && levelsEnd <= compressedSize)) {
      throw new Error("levels beyond their page");
    }
    let present = rows;
    if (layout.optional) {
      present = readLevels(memory, address + repetitionBytes, address + levelsEnd, levels, rows);
    }
    const valuesCodec = header.isCompressed ? codec : "UNCOMPRESSED";
    const values = decompress(memory, valuesCodec, address + levelsEnd, compressedSize - levelsEnd, size - levelsEnd);
    const view = new DataView(memory.buffer, values, size - levelsEnd);
    return withValues(rows, present, levels, encoding, layout, view, 0);
  }
  const page = decompress(memory, codec, address, compressedSize, size);
  const view = new DataView(memory.buffer, page, size);
  if (!layout.optional) return withValues(rows, rows, levels, encoding, layout, view, 0);
  if (header.levelEncoding !== "RLE") {
    throw new Error(`unsupported encoding of levels: ${String(header.levelEncoding)}`);
  }
  const start = 4 + view.getUint32(0, true);
  if (start > view.byteLength) throw new Error("levels beyond their page");
  const present = readLevels(memory, page + 4, page + start, levels, rows);
  return withValues(rows, present, levels, encoding, layout, view, start);
}

/** How many values are present. */
function readLevels(memory: DecoderMemory, start: number, end: number, levels: number, rows: number): number {
  const present = memory.kernels.levels(start, end, levels, rows);
  if (present < 0) throw new Error("too few levels");
  return present;
}

function withValues(
  rows: number,
  present: number,
  levels: number,
  encoding: Encoding,
  layout: PageLayout,
  view: DataView,
  start: number,
): DataPage {
  const values = pageValues(encoding, layout, view, start, present);
  return present === rows ? { rows, present, values } : { rows, present, levels, values };
}

/** The rarer encodings become one of the shapes that the fast paths know. */
function pageValues(
  encoding: Encoding,
  { physical, typeLength }: PageLayout,
  view: DataView,
  start: number,
  present: number,
): PageValues {
  if (present === 0) return { kind: "plain", view, start };
  switch (encoding) {
    case "PLAIN":
      if (physical !== "BOOLEAN") return { kind: "plain", view, start };
      if (start + Math.ceil(present / 8) > view.byteLength) throw new Error("values beyond their page");
      booleanScratch = grown(booleanScratch, present);
      booleanBits(view, start, present, booleanScratch);
      return { kind: "booleans", values: booleanScratch };
    case "RLE":
      if (physical !== "BOOLEAN") break;
      booleanScratch = grown(booleanScratch, present);
      if (decodeLevels(view, start + 4, view.byteLength, booleanScratch, present) < 0)
        throw new Error("too few values");
      return { kind: "booleans", values: booleanScratch };
    case "PLAIN_DICTIONARY":
    case "RLE_DICTIONARY":
      return { kind: "indices", view, start };
    case "DELTA_BINARY_PACKED": {
      if (physical !== "INT32" && physical !== "INT64") break;
      const { values } = readDelta(view, start, present, physical === "INT64");
      return { kind: "plain", view: viewOf(values), start: 0 };
    }
    case "DELTA_LENGTH_BYTE_ARRAY": {
      if (physical !== "BYTE_ARRAY") break;
      const { values: lengths, end } = readDelta(view, start, present, false);
      return { kind: "lengths", view, start: end, lengths };
    }
    case "DELTA_BYTE_ARRAY": {
      if (physical !== "BYTE_ARRAY" && physical !== "FIXED_LEN_BYTE_ARRAY") break;
      const { bytes, lengths } = withPrefixes(view, start, present);
      if (physical === "BYTE_ARRAY") return { kind: "lengths", view: viewOf(bytes), start: 0, lengths };
      if (lengths.some((length) => length !== typeLength))
        throw new Error(`values that are not of ${typeLength} bytes`);
      return { kind: "plain", view: viewOf(bytes), start: 0 };
    }
    case "BYTE_STREAM_SPLIT": {
      const width = splitWidth(physical, typeLength);
      if (width === 0) break;
      return { kind: "plain", view: viewOf(joined(view, start, present, width)), start: 0 };
    }
    default:
  }
  throw new Error(`unsupported encoding: ${encoding} of ${physical}`);
}

/** Bytes of a value whose bytes may stand apart; 0 where they do not. */
function splitWidth(physical: ParquetType, typeLength: number): number {
  switch (physical) {
    case "INT32":
    case "FLOAT":
      return 4;
    case "INT64":
    case "DOUBLE":
      return 8;
    case "FIXED_LEN_BYTE_ARRAY":
      return typeLength;
    default:
      return 0;
  }
}

/** BYTE_STREAM_SPLIT: the first bytes of all values, then all second ones. */
function joined(view: DataView, start: number, count: number, width: number): Uint8Array {
  if (start + count * width > view.byteLength) throw new Error("values beyond their page");
  const out = new Uint8Array(count * width);
  for (let byte = 0; byte < width; byte++) {
    for (let index = 0; index < count; index++) {
      out[index * width + byte] = view.getUint8(start + byte * count + index);
    }
  }
  return out;
}

function readDelta(
  view: DataView,
  start: number,
  present: number,
  wide: boolean,
): { values: Uint32Array; end: number } {
  const values = new Uint32Array(wide ? 2 * present : present);
  const end = decodeDelta(view, start, view.byteLength, present, wide, values);
  if (end < 0) throw new Error("deltas that are cut off or malformed");
  return { values, end };
}

/** DELTA_BYTE_ARRAY: how much of the value before each begins with, then the rests. */
function withPrefixes(view: DataView, start: number, present: number): { bytes: Uint8Array; lengths: Uint32Array } {
  const { values: prefixes, end: prefixesEnd } = readDelta(view, start, present, false);
  const { values: suffixes, end } = readDelta(view, prefixesEnd, present, false);
  const lengths = new Uint32Array(present);
  let size = 0;
  let suffixSize = 0;
  for (let i = 0; i < present; i++) {
    const prefix = prefixes[i] as number;
    const suffix = suffixes[i] as number;
    if (prefix > (i === 0 ? 0 : (lengths[i - 1] as number))) throw new Error("a prefix longer than the value before");
    lengths[i] = prefix + suffix;
    size += prefix + suffix;
    suffixSize += suffix;
    if (end + suffixSize > view.byteLength) throw new Error("values beyond their page");
  }
  const page = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const bytes = new Uint8Array(size);
  let from = end;
  let at = 0;
  for (let i = 0; i < present; i++) {
    const prefix = prefixes[i] as number;
    const suffix = suffixes[i] as number;
    const before = at - (i === 0 ? 0 : (lengths[i - 1] as number));
    bytes.copyWithin(at, before, before + prefix);
    bytes.set(page.subarray(from, from + suffix), at + prefix);
    from += suffix;
    at += prefix + suffix;
  }
  return { bytes, lengths };
}

/** Moves over a file's bytes, holding a stretch of them in the decoders' memory. */
class FileWindow {
  private readonly memory: DecoderMemory;
  private readonly fd: number;
  private readonly softEnd: number;
  private readonly hardEnd: number;
  /** Position in the file of the first byte at hand, and how many there are; `offset` is the next byte to take. */
  private position: number;
  private filled = 0;
  private offset = 0;

  constructor(memory: DecoderMemory, fd: number, start: number, softEnd: number, hardEnd: number) {
    this.memory = memory;
    this.fd = fd;
    this.position = start;
    this.softEnd = softEnd;
    this.hardEnd = hardEnd;
  }

  /** A view of up to `bytes` next bytes: fewer at the end of the data. */
  peek(bytes: number): DataView {
    const start = this.fill(bytes);
    const available = Math.min(bytes, this.filled - this.offset);
    return new DataView(this.memory.buffer, start + this.offset, available);
  }

  skip(bytes: number): void {
    this.offset += bytes;
  }

  /** The address of the next `bytes` bytes, valid until the next call. */
  take(bytes: number): number {
    const start = this.fill(bytes);
    if (this.filled - this.offset < bytes) {
      throw new Error(`a page needs ${bytes} bytes, the data have ${this.filled - this.offset}`);
    }
    const taken = start + this.offset;
    this.offset += bytes;
    return taken;
  }

  /** Reads on where fewer than `bytes` bytes are at hand. Returns the address of the first byte at hand. */
  private fill(bytes: number): number {
    const { memory } = this;
    if (this.filled - this.offset >= bytes) return memory.reserve("file", 0);
    const start = this.position + this.offset;
    const rest = this.filled - this.offset;
    const wanted = Math.min(this.hardEnd - start, Math.max(bytes, Math.min(WINDOW_BYTES, this.softEnd - start)));
    const address = memory.reserve("file", Math.max(WINDOW_BYTES, wanted));
    const room = memory.bytes(address, memory.roomOf("file"));
    room.copyWithin(0, this.offset, this.offset + rest);
    this.position = start;
    this.offset = 0;
    this.filled = rest;
    while (this.filled < wanted) {
      const got = readSync(this.fd, room, this.filled, wanted - this.filled, start + this.filled);
      if (got === 0) break;
      this.filled += got;
    }
    return address;
  }
}

// A thread decodes one column chunk at a time, so this is reused from page to page.
let booleanScratch: Uint8Array<ArrayBuffer> = new Uint8Array(0);

/** The same array where it is long enough, else a new one with room to spare, its contents lost. */
function grown(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  return bytes.length >= length ? bytes : new Uint8Array(Math.ceil(length * 1.25));
}

function viewOf(bytes: ArrayBufferView): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
