import { lookUpNumbers, spreadNumbers } from "../../../kernels/codes.js";
import {
  doubleNumbers,
  floatNumbers,
  int32Numbers,
  int64Numbers,
  uint32Numbers,
  uint64Numbers,
} from "../../../kernels/plain-values.js";
import type { ParquetColumn } from "./column-type.js";
import { codeScratch, decodeIndices } from "./decode-codes.js";
import type { DataPage, DictionaryPage, PageSink } from "./pages.js";

const DAY_MS = 86_400_000;

/** Whether a column's values are stored as machine numbers, so that `NumbersSink` reads them. */
export function isStoredAsNumbers({ physical, meaning }: ParquetColumn): boolean {
  const machine = physical === "INT32" || physical === "INT64" || physical === "FLOAT" || physical === "DOUBLE";
  return machine && meaning.kind !== "unsupported";
}

/** Reads the pages of a column chunk that is stored as machine numbers. */
export class NumbersSink implements PageSink {
  /** Float64Array(rows) on a SharedArrayBuffer, NaN = missing; moments in ms since the epoch */
  readonly values: Float64Array;
  private readonly column: ParquetColumn;
  private readonly width: number;
  private readonly codes: Uint32Array;
  /** By code: NaN, then the dictionary page's values. */
  private table: Float64Array | undefined;

  constructor(column: ParquetColumn, rows: number) {
    this.column = column;
    this.width = column.physical === "INT32" || column.physical === "FLOAT" ? 4 : 8;
    this.values = new Float64Array(new SharedArrayBuffer(8 * rows));
    this.codes = codeScratch(rows);
  }

  dictionary({ count, view }: DictionaryPage): void {
    const table = new Float64Array(count + 1);
    table[0] = Number.NaN;
    this.convert(view, 0, count, table, 1);
    this.table = table;
  }

  data({ rows, present, levels, values }: DataPage, row: number): void {
    if (values.kind === "indices") {
      if (this.table === undefined) throw new Error("indices without a dictionary page");
      decodeIndices(values.view, values.start, present, this.table.length - 1, this.codes, row);
      lookUpNumbers(this.codes, row, row + present, this.table, this.values);
    } else if (values.kind === "plain") {
      this.convert(values.view, values.start, present, this.values, row);
    } else {
      throw new Error(`${values.kind} where numbers are stored`);
    }
    if (levels !== undefined) spreadNumbers(this.values, row, levels, rows, present);
  }

  private convert(view: DataView, start: number, count: number, out: Float64Array, outStart: number): void {
    if (start + count * this.width > view.byteLength) throw new Error("values beyond their page");
    const { physical, meaning } = this.column;
    const multiplier = meaning.kind === "date" ? DAY_MS : 1;
    let divisor = 1;
    if (meaning.kind === "decimal") divisor = 10 ** meaning.scale;
    if (meaning.kind === "timestamp" || meaning.kind === "time-of-day") divisor = meaning.unitsPerMs;
    const unsigned = meaning.kind === "integer" && meaning.unsigned;
    if (physical === "FLOAT") floatNumbers(view, start, count, out, outStart);
    else if (physical === "DOUBLE") doubleNumbers(view, start, count, out, outStart);
    else {
      let convert = unsigned ? uint64Numbers : int64Numbers;
      if (physical === "INT32") convert = unsigned ? uint32Numbers : int32Numbers;
      convert(view, start, count, multiplier, divisor, out, outStart);
    }
  }
}
