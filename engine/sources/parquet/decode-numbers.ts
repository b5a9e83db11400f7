import { type DecoderMemory, widthFor } from "../decoder-memory.js";
import type { ParquetColumn } from "./column-type.js";
import { decodeIndices } from "./decode-codes.js";
import type { DataPage, DictionaryPage, PageSink } from "./pages.js";

const DAY_MS = 86_400_000;

/** Whether a column's values are stored as machine numbers, so that `NumbersSink` reads them. */
export function isStoredAsNumbers({ physical, meaning }: ParquetColumn): boolean {
  const machine = physical === "INT32" || physical === "INT64" || physical === "FLOAT" || physical === "DOUBLE";
  return machine && meaning.kind !== "unsupported";
}

/** Reads the pages of a column chunk that is stored as machine numbers. */
export class NumbersSink implements PageSink {
  private readonly memory: DecoderMemory;
  private readonly column: ParquetColumn;
  private readonly rows: number;
  private readonly width: number;
  private readonly codes: number;
  private readonly address: number;
  /** Entries of the dictionary page, -1 where there is none; its numbers by code, and which are used, stand in the memory. */
  private size = -1;
  private table = 0;
  private used = 0;

  constructor(memory: DecoderMemory, column: ParquetColumn, rows: number) {
    this.memory = memory;
    this.column = column;
    this.rows = rows;
    this.width = column.physical === "INT32" || column.physical === "FLOAT" ? 4 : 8;
    this.codes = memory.reserve("codes", 4 * rows);
    this.address = memory.reserve("numbers", 8 * rows);
  }

  /** Float64Array(rows), NaN = missing; moments in ms since the epoch; stands until the next column chunk is decoded */
  get values(): Float64Array {
    return this.memory.numbers(this.address, this.rows);
  }

  dictionary({ count, view }: DictionaryPage): void {
    const { memory } = this;
    const address = view.byteOffset;
    if (count * this.width > view.byteLength) throw new Error("values beyond their page");
    this.table = memory.reserve("lookup", 8 * (count + 1));
    this.used = memory.reserve("used", count + 1);
    this.size = count;
    memory.numbers(this.table, 1)[0] = Number.NaN;
    this.convert(address, count, this.table + 8);
  }

  data({ rows, present, levels, values }: DataPage, row: number): void {
    const { memory, size } = this;
    const target = this.address + 8 * row;
    if (values.kind === "indices") {
      if (size < 0) throw new Error("indices without a dictionary page");
      const codes = { address: this.codes, width: widthFor(size) };
      decodeIndices(memory, values.view, values.start, present, size, codes, this.used);
      memory.kernels.lookUp[codes.width](codes.address, this.table, target, present);
    } else if (values.kind === "plain") {
      const { view, start } = values;
      if (start + present * this.width > view.byteLength) throw new Error("values beyond their page");
      this.convert(memory.addressOf(view, "outside") + start, present, target);
    } else {
      throw new Error(`${values.kind} where numbers are stored`);
    }
    if (levels !== undefined) memory.kernels.spreadNumbers(target, levels, rows, present);
  }

  private convert(source: number, count: number, target: number): void {
    const { physical, meaning } = this.column;
    const { numbers } = this.memory.kernels;
    if (physical === "FLOAT") numbers.float(source, target, count, 1, 1);
    else if (physical === "DOUBLE") numbers.double(source, target, count, 1, 1);
    else {
      const multiplier = meaning.kind === "date" ? DAY_MS : 1;
      let divisor = 1;
      if (meaning.kind === "decimal") divisor = 10 ** meaning.scale;
      if (meaning.kind === "timestamp" || meaning.kind === "time-of-day") divisor = meaning.unitsPerMs;
      const unsigned = meaning.kind === "integer" && meaning.unsigned;
      let convert = unsigned ? numbers.uint64 : numbers.int64;
      if (physical === "INT32") convert = unsigned ? numbers.uint32 : numbers.int32;
      convert(source, target, count, multiplier, divisor);
    }
  }
}
