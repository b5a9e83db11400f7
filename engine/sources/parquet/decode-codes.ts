import { equalBytes } from "../../../kernels/byte-hash.js";
import { indicesToCodes, remapCodes, spreadCodes } from "../../../kernels/codes.js";
import { byteArrayOffsets, copyByteArrays } from "../../../kernels/plain-values.js";
import { decodeRleBitPacked } from "../../../kernels/rle-bit-packed.js";
import { ByteDictionaryBuilder } from "../byte-dictionary.js";
import type { ByteDictionary } from "../chunk.js";
import type { ParquetColumn } from "./column-type.js";
import type { DataPage, DictionaryPage, PageSink } from "./pages.js";

/** A column chunk's values as they are stored, dictionary-coded. */
export interface StoredCodes {
  /** Uint32Array(at least rows), a buffer that the next column chunk overwrites; 0 = missing, else index plus one */
  readonly codes: Uint32Array;
  /** Stored bytes; entries may repeat where the file's dictionary page repeats them. */
  readonly dictionary: ByteDictionary;
  /** Whether every entry is sure to be used: those of a dictionary page need not be. */
  readonly allUsed: boolean;
}

/**
 * Codes the pages of a column chunk by their stored bytes, whatever the type: values are fixed-width or variable byte ranges.
 *
 * As long as there are only dictionary pages the page's dictionary is taken as it is, without hashing a single value. With the
 * first other page its values go into a hash table, where those of PLAIN pages join them.
 */
export class CodesSink implements PageSink {
  private readonly column: ParquetColumn;
  private readonly codes: Uint32Array;
  /** Bytes per value, 0 = variable. */
  private readonly width: number;
  private page: ByteDictionary | undefined;
  private builder: ByteDictionaryBuilder | undefined;
  /** Code by the page's dictionary to code by the builder, where they differ. */
  private remap: Uint32Array | undefined;

  constructor(column: ParquetColumn, rows: number) {
    this.column = column;
    this.width = storedWidth(column);
    this.codes = codeScratch(rows);
    if (column.physical === "BOOLEAN") this.page = booleanDictionary();
  }

  dictionary({ count, view }: DictionaryPage): void {
    if (this.column.physical === "BOOLEAN") throw new Error("a dictionary of booleans");
    if (this.width > 0) {
      const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
      if (count * this.width > bytes.length) throw new Error("a dictionary beyond its page");
      this.page = { bytes, offsets: Uint32Array.from({ length: count + 1 }, (_, i) => i * this.width) };
      return;
    }
    // Where every value is used, as nearly always, these become the chunk's own.
    const offsets = new Uint32Array(new SharedArrayBuffer(4 * (count + 1)));
    if (!byteArrayOffsets(view, 0, view.byteLength, count, offsets)) throw new Error("a dictionary beyond its page");
    const bytes = new Uint8Array(new SharedArrayBuffer(offsets[count] as number));
    copyByteArrays(view, 0, count, offsets, new DataView(bytes.buffer));
    this.page = { bytes, offsets };
  }

  data({ rows, present, levels, values }: DataPage, row: number): void {
    switch (values.kind) {
      case "indices":
        this.putIndices(values.view, values.start, row, present);
        break;
      case "booleans":
        for (let i = 0; i < present; i++) this.codes[row + i] = (values.values[i] as number) + 1;
        break;
      case "plain":
        if (this.width > 0) this.putFixed(values.view, values.start, row, present);
        else this.putPrefixed(values.view, values.start, row, present);
        break;
      case "lengths":
        this.putLengths(values.view, values.start, values.lengths, row, present);
        break;
    }
    if (levels !== undefined) spreadCodes(this.codes, row, levels, rows, present);
  }

  /** The codes of all pages. */
  finish(): StoredCodes {
    const { codes, builder, page } = this;
    const dictionary = builder?.finish() ?? page ?? new ByteDictionaryBuilder().finish();
    return { codes, dictionary, allUsed: page === undefined };
  }

  private putIndices(view: DataView, start: number, row: number, present: number): void {
    if (this.page === undefined) throw new Error("indices without a dictionary page");
    const size = this.page.offsets.length - 1;
    decodeIndices(view, start, present, size, this.codes, row);
    if (this.remap !== undefined) remapCodes(this.codes, row, row + present, this.remap);
  }

  private putFixed(view: DataView, start: number, row: number, present: number): void {
    if (present === 0) return;
    const { codes, width } = this;
    const builder = this.hashed(row);
    if (start + present * width > view.byteLength) throw new Error("values beyond their page");
    let last = builder.insertFrom(view, start, start + width) + 1;
    codes[row] = last;
    for (let i = 1; i < present; i++) {
      const at = start + i * width;
      if (!equalBytes(view, at, view, at - width, width)) last = builder.insertFrom(view, at, at + width) + 1;
      codes[row + i] = last;
    }
  }

  private putPrefixed(view: DataView, start: number, row: number, present: number): void {
    if (present === 0) return;
    const { codes } = this;
    const builder = this.hashed(row);
    const end = view.byteLength;
    let position = start;
    // Events of a session stand together, so its id is often that of the row before.
    let lastAt = 0;
    let lastLength = -1;
    let last = 0;
    for (let i = 0; i < present; i++) {
      if (position + 4 > end) throw new Error("values beyond their page");
      const length = view.getUint32(position, true);
      const at = position + 4;
      position = at + length;
      if (position > end) throw new Error("values beyond their page");
      if (length !== lastLength || !equalBytes(view, at, view, lastAt, length)) {
        last = builder.insertFrom(view, at, position) + 1;
        lastLength = length;
      }
      lastAt = at;
      codes[row + i] = last;
    }
  }

  private putLengths(view: DataView, start: number, lengths: Uint32Array, row: number, present: number): void {
    const { codes } = this;
    const builder = this.hashed(row);
    let position = start;
    for (let i = 0; i < present; i++) {
      const length = lengths[i] as number;
      if (position + length > view.byteLength) throw new Error("values beyond their page");
      codes[row + i] = builder.insertFrom(view, position, position + length) + 1;
      position += length;
    }
  }

  /** The hash table, which begins with the values of the dictionary page. */
  private hashed(row: number): ByteDictionaryBuilder {
    if (this.builder !== undefined) return this.builder;
    this.builder = new ByteDictionaryBuilder(this.page === undefined ? undefined : this.page.offsets.length);
    if (this.page !== undefined) {
      const { bytes, offsets } = this.page;
      const size = offsets.length - 1;
      const remap = new Uint32Array(size + 1);
      for (let i = 0; i < size; i++) {
        remap[i + 1] = this.builder.insert(bytes, offsets[i] as number, offsets[i + 1] as number) + 1;
      }
      if (this.builder.size < size) {
        this.remap = remap;
        remapCodes(this.codes, 0, row, remap);
      }
    }
    return this.builder;
  }
}

/**
 * Decodes a page's indices into codes.
 * @param start - the byte of width
 * @param size - entries of the dictionary
 * @throws Error where they are cut off or beyond the dictionary
 */
export function decodeIndices(
  view: DataView,
  start: number,
  present: number,
  size: number,
  codes: Uint32Array,
  row: number,
): void {
  const width = view.getUint8(start);
  if (width > 32) throw new Error(`indices of ${width} bits`);
  const decoded = decodeRleBitPacked(view, start + 1, view.byteLength, width, codes, row, present);
  if (decoded < present) throw new Error(`need ${present} indices, have ${decoded}`);
  if (!indicesToCodes(codes, row, row + present, size)) throw new Error(`an index beyond a dictionary of ${size}`);
}

/** Bytes of a stored value, 0 = variable. */
function storedWidth({ physical, typeLength, name }: ParquetColumn): number {
  switch (physical) {
    case "INT32":
    case "FLOAT":
      return 4;
    case "INT64":
    case "DOUBLE":
      return 8;
    case "INT96":
      return 12;
    case "FIXED_LEN_BYTE_ARRAY":
      if (typeLength <= 0) throw new Error(`values of ${typeLength} bytes in ${name}`);
      return typeLength;
    default:
      return 0;
  }
}

function booleanDictionary(): ByteDictionary {
  return { bytes: new TextEncoder().encode("falsetrue"), offsets: Uint32Array.of(0, 5, 9) };
}

let scratch = new Uint32Array(0);

/** A buffer for the codes of one column chunk: a thread decodes one at a time. */
export function codeScratch(rows: number): Uint32Array {
  if (scratch.length < rows) scratch = new Uint32Array(rows);
  return scratch;
}
