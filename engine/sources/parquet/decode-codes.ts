import type { CodeWidth } from "../../../kernels/wasm/hybrid.js";
import type { ByteDictionary } from "../chunk.js";
import { CodedBytes } from "../coded-bytes.js";
import { type ColumnArrays, type DecoderMemory, widthFor } from "../decoder-memory.js";
import type { ParquetColumn } from "./column-type.js";
import type { DataPage, DictionaryPage, PageSink } from "./pages.js";

/** Codes that stand in the decoders' memory: 0 = missing, else index plus one. */
export interface CodesAt {
  readonly address: number;
  /** Bytes of a code. */
  readonly width: CodeWidth;
}

/** A column chunk's values as they are stored, dictionary-coded; the codes stand until the next column chunk is decoded. */
export interface StoredCodes {
  readonly codes: CodesAt;
  /** Stored bytes; entries may repeat where the file's dictionary page repeats them. */
  readonly dictionary: ByteDictionary;
  /** Whether every entry is used: those of a dictionary page need not be. */
  readonly allUsed: boolean;
  /** Whether all entries are known to differ: those of a dictionary page need not. */
  readonly areDistinct: boolean;
}

/**
 * Codes the pages of a column chunk by their stored bytes, whatever the type: values are fixed-width or variable byte ranges.
 *
 * As long as there are only dictionary pages the page's dictionary is taken as it is, without hashing a single value, and codes are as
 * narrow as it allows. With the first other page its values go into a hash table, where those of PLAIN pages join them.
 */
export class CodesSink implements PageSink {
  private readonly memory: DecoderMemory;
  private readonly arrays: ColumnArrays;
  private readonly column: ParquetColumn;
  private readonly rows: number;
  private readonly address: number;
  /** Bytes per value, 0 = variable. */
  private readonly valueBytes: number;
  private width: CodeWidth = 4;
  private page: ByteDictionary | undefined;
  private used = 0;
  private coded: CodedBytes | undefined;
  /** Code by the page's dictionary to code by the hash table, once there is one. */
  private remap: Uint32Array | undefined;

  constructor(memory: DecoderMemory, arrays: ColumnArrays, column: ParquetColumn, rows: number) {
    this.memory = memory;
    this.arrays = arrays;
    this.column = column;
    this.rows = rows;
    this.valueBytes = storedWidth(column);
    // the widest, as later pages may have values of their own
    this.address = memory.reserve("codes", 4 * rows);
    if (column.physical === "BOOLEAN") this.usePage(booleanDictionary());
  }

  dictionary({ count, view }: DictionaryPage): void {
    if (this.column.physical === "BOOLEAN") throw new Error("a dictionary of booleans");
    const { memory, valueBytes } = this;
    const [address, length] = [view.byteOffset, view.byteLength];
    if (valueBytes > 0) {
      const size = count * valueBytes;
      if (size > length) throw new Error("a dictionary beyond its page");
      const page = this.arrays.dictionary(count, size);
      for (let i = 0; i <= count; i++) page.offsets[i] = i * valueBytes;
      page.bytes.set(memory.bytes(address, size));
      this.usePage(page);
      return;
    }
    const offsets = memory.reserve("bounds", 4 * (count + 1));
    const bytes = memory.reserve("lookup", length);
    const size = memory.kernels.splitByteArrays(address, address + length, count, offsets, bytes);
    if (size < 0) throw new Error("a dictionary beyond its page");
    const page = this.arrays.dictionary(count, size);
    page.offsets.set(memory.words(offsets, count + 1));
    page.bytes.set(memory.bytes(bytes, size));
    this.usePage(page);
  }

  data({ rows, present, levels, values }: DataPage, row: number): void {
    const { memory } = this;
    switch (values.kind) {
      case "indices":
        this.putIndices(values.view, values.start, row, present);
        break;
      case "booleans": {
        const codes = memory.bytes(this.address + row, present);
        for (let i = 0; i < present; i++) codes[i] = (values.values[i] as number) + 1;
        memory.bytes(this.used, 3).fill(1);
        break;
      }
      case "plain":
        this.putPlain(values.view, values.start, row, present);
        break;
      case "lengths":
        this.putLengths(values.view, values.start, values.lengths, row, present);
        break;
    }
    if (levels !== undefined) {
      memory.kernels.spread[this.width](this.address + this.width * row, levels, rows, present);
    }
  }

  /** The codes of all pages. */
  finish(): StoredCodes {
    const { memory, address, coded, page, rows } = this;
    if (page !== undefined && coded === undefined) {
      const size = page.offsets.length - 1;
      const allUsed = memory.bytes(this.used + 1, size).indexOf(0) === -1;
      return { codes: { address, width: this.width }, dictionary: page, allUsed, areDistinct: false };
    }
    const dictionary = (coded ?? new CodedBytes(memory)).finish();
    const width = widthFor(dictionary.offsets.length - 1);
    // in place: a narrow code stands where wide ones have been read already
    if (width < 4) memory.kernels.narrow[width](address, address, rows);
    return { codes: { address, width }, dictionary, allUsed: page === undefined, areDistinct: true };
  }

  private usePage(page: ByteDictionary): void {
    const size = page.offsets.length - 1;
    this.page = page;
    this.width = widthFor(size);
    this.used = this.memory.reserve("used", size + 1);
    this.memory.bytes(this.used, size + 1).fill(0);
  }

  private putIndices(view: DataView, start: number, row: number, present: number): void {
    const { memory, page, remap } = this;
    if (page === undefined) throw new Error("indices without a dictionary page");
    const target = { address: this.address + this.width * row, width: this.width };
    decodeIndices(memory, view, start, present, page.offsets.length - 1, target, this.used);
    if (remap === undefined) return;
    const codes = memory.words(target.address, present);
    for (let i = 0; i < present; i++) codes[i] = remap[codes[i] as number] as number;
  }

  private putPlain(view: DataView, start: number, row: number, present: number): void {
    if (present === 0) return;
    const { memory, valueBytes } = this;
    const end = view.byteLength;
    const address = memory.addressOf(view, "outside");
    const coded = this.hashed(row);
    const target = this.address + 4 * row;
    if (valueBytes === 0) {
      coded.codePrefixed(address + start, address + end, target, present);
    } else {
      if (start + present * valueBytes > end) throw new Error("values beyond their page");
      coded.codeFixed(address + start, valueBytes, target, present);
    }
  }

  private putLengths(view: DataView, start: number, lengths: Uint32Array, row: number, present: number): void {
    const { memory } = this;
    const end = view.byteLength;
    const address = memory.addressOf(view, "outside");
    const coded = this.hashed(row);
    const bounds = memory.reserve("bounds", 4 * (present + 1));
    const offsets = memory.words(bounds, present + 1);
    let position = start;
    offsets[0] = position;
    for (let i = 0; i < present; i++) {
      position += lengths[i] as number;
      if (position > end) throw new Error("values beyond their page");
      offsets[i + 1] = position;
    }
    coded.codeCells(address, { starts: bounds, ends: bounds + 4, step: 4 }, this.address + 4 * row, present, true);
  }

  /** The hash table, which begins with the values of the dictionary page. */
  private hashed(row: number): CodedBytes {
    if (this.coded !== undefined) return this.coded;
    const { memory, page } = this;
    this.coded = new CodedBytes(memory);
    if (page !== undefined) {
      const { bytes, offsets } = page;
      const size = offsets.length - 1;
      const address = memory.reserve("lookup", bytes.length);
      const bounds = memory.reserve("bounds", 4 * (size + 1));
      const target = memory.reserve("numbers", 4 * size);
      memory.bytes(address, bytes.length).set(bytes);
      memory.words(bounds, size + 1).set(offsets);
      this.coded.codeCells(address, { starts: bounds, ends: bounds + 4, step: 4 }, target, size, true);
      const remap = new Uint32Array(size + 1);
      remap.set(memory.words(target, size), 1);
      this.remap = remap;
      this.widen(row, remap);
    }
    return this.coded;
  }

  /** Makes the codes so far those of the hash table. */
  private widen(row: number, remap: Uint32Array): void {
    const narrow = this.memory.codes(this.address, row, this.width);
    const wide = this.memory.words(this.address, row);
    for (let i = row - 1; i >= 0; i--) wide[i] = remap[narrow[i] as number] as number;
    this.width = 4;
  }
}

/**
 * Decodes a page's indices into codes.
 * @param start - the byte of width
 * @param size - entries of the dictionary
 * @param used - address of a byte for each code, which becomes 1 where the code occurs
 * @throws Error where they are cut off or beyond the dictionary
 */
export function decodeIndices(
  memory: DecoderMemory,
  view: DataView,
  start: number,
  present: number,
  size: number,
  target: CodesAt,
  used: number,
): void {
  if (present === 0) return;
  const bits = view.getUint8(start);
  if (bits > 32) throw new Error(`indices of ${bits} bits`);
  const from = view.byteOffset + start + 1;
  const end = view.byteOffset + view.byteLength;
  const decoded = memory.kernels.hybrid[target.width](from, end, bits, target.address, present, size, used);
  if (decoded < 0) throw new Error(`an index beyond a dictionary of ${size}`);
  if (decoded < present) throw new Error(`need ${present} indices, have ${decoded}`);
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
  const bytes = new Uint8Array(new SharedArrayBuffer(9));
  bytes.set(new TextEncoder().encode("falsetrue"));
  const offsets = new Uint32Array(new SharedArrayBuffer(12));
  offsets.set([0, 5, 9]);
  return { bytes, offsets };
}
