import { statSync } from "node:fs";
import { pipeline } from "node:stream";
import { parse } from "fast-csv";
import { LeadlineError } from "../../errors.js";
import {
  csvAfterQuote,
  csvFull,
  csvRagged,
  csvUnterminated,
  scanCsvCells,
  scanCsvRecords,
  unescapeCells,
} from "../../kernels/csv-scan.js";
import { cellsColumn } from "./cells.js";
import type { Chunk, ColumnRequest, SourceSchema, SourceTask } from "./chunk.js";
import { type CsvDialect, readCsvDialect } from "./csv-dialect.js";
import { isGzip, openBytes, pieceBytes, readError, shownPath, TextReader } from "./text-reader.js";
import { unknownColumn } from "./unknown-column.js";

/** How much smaller gzip makes event logs, for estimates of rows. */
const usualGzipRatio = 6;

/** A file's columns and the stretches that can be decoded by themselves, in row order. */
export interface SourcePlan {
  readonly schema: SourceSchema;
  readonly tasks: readonly SourceTask[];
}

/**
 * The columns of a CSV file, from its header row. Cells have no types before they are read.
 * @throws LeadlineError `source-invalid` when the file is empty or its header is no header
 */
export async function csvSchema(file: string): Promise<SourceSchema> {
  return schemaOf(await readCsvDialect(file));
}

/**
 * Cuts a CSV file at record boundaries into stretches of some 8 MiB; how it is cut depends on its bytes alone. A compressed file, and one
 * in a dialect that only fast-csv reads, is one stretch. Reads an uncompressed file once.
 *
 * Rows count from 1 without the header; blank lines of a file with more than one column are no rows.
 * @throws LeadlineError `source-invalid` when the file is empty, its header is no header, or a quote never closes
 */
export async function planCsv(file: string): Promise<SourcePlan> {
  const dialect = await readCsvDialect(file);
  const schema = schemaOf(dialect);
  if (isGzip(file) || dialect.kind !== "plain") {
    const rows = Math.ceil((statSync(file).size * (isGzip(file) ? usualGzipRatio : 1)) / dialect.recordBytes);
    return { schema, tasks: [{ format: "csv", file, firstRow: 1, rows }] };
  }
  return { schema, tasks: await cutPlain(file, dialect) };
}

async function cutPlain(file: string, { delimiter, headerBytes, names }: CsvDialect): Promise<readonly SourceTask[]> {
  const sizeBytes = statSync(file).size;
  if (sizeBytes <= headerBytes) return [];
  const reader = new TextReader(file, pieceBytes, { start: headerBytes, end: sizeBytes });
  const out = new Int32Array(2);
  const tasks: SourceTask[] = [];
  let start = headerBytes;
  let firstRow = 1;
  try {
    for (;;) {
      await reader.fill();
      const { bytes, length, last } = reader;
      if (length === 0) return tasks;
      const hasQuotes = Buffer.from(bytes.buffer, 0, length).includes('"');
      const status = scanCsvRecords(bytes, 0, length, last, delimiter.charCodeAt(0), names.length, hasQuotes, out);
      const [rows = 0, consumed = 0] = out;
      if (status === csvUnterminated) throw unterminated(file, firstRow + rows);
      if (consumed === 0) {
        reader.grow();
        continue;
      }
      if (rows > 0) tasks.push({ format: "csv", file, firstRow, rows, bytes: { start, end: start + consumed } });
      reader.consume(consumed);
      start += consumed;
      firstRow += rows;
    }
  } finally {
    await reader.close();
  }
}

function schemaOf(dialect: CsvDialect): SourceSchema {
  return { columns: dialect.names.map((name) => ({ name, type: "unknown", detail: "CSV" })) };
}

/**
 * Decodes a stretch of a CSV file: one chunk for a stretch of a plain file, else a chunk for each 8 MiB of text. Types are those of the
 * chunk's own values: `unifyColumns` makes the chunks of all files agree.
 * @param requests - columns in the order wanted
 * @throws LeadlineError `source-invalid`, with file and row, when a column is missing, a row has too few or too many cells, a quote never
 * closes, a time cell is no time, or the file is no gzip
 */
export async function* decodeCsv(task: SourceTask, requests: readonly ColumnRequest[]): AsyncGenerator<Chunk> {
  const dialect = await readCsvDialect(task.file);
  const slots = new Int32Array(dialect.names.length).fill(-1);
  let stride = 0;
  const slotOf = requests.map(({ name }) => {
    const column = dialect.names.indexOf(name);
    if (column < 0) throw unknownColumn(shownPath(task.file), name, dialect.names);
    if (slots[column] === -1) slots[column] = stride++;
    return slots[column] as number;
  });
  const table: Table = { requests, slotOf, slots, stride };
  if (dialect.kind === "plain") yield* decodePlain(task, dialect, table);
  else yield* decodeOther(task, dialect, table);
}

/** What is wanted of each row. */
interface Table {
  readonly requests: readonly ColumnRequest[];
  /** The place of each request's cell among the wanted cells of a row. */
  readonly slotOf: readonly number[];
  /** Int32Array(columns of the file), place among the wanted cells, -1 = not wanted. */
  readonly slots: Int32Array;
  readonly stride: number;
}

async function* decodePlain(task: SourceTask, dialect: CsvDialect, table: Table): AsyncGenerator<Chunk> {
  const { file } = task;
  const { slots, stride } = table;
  const delimiter = dialect.delimiter.charCodeAt(0);
  const columns = dialect.names.length;
  const reader = new TextReader(file, pieceBytes, task.bytes);
  const out = new Int32Array(4);
  let maxRows = Math.ceil((pieceBytes / dialect.recordBytes) * 1.1);
  let starts = new Int32Array(maxRows * stride);
  let ends = new Int32Array(maxRows * stride);
  let firstRow = task.firstRow;
  let skip = task.bytes === undefined ? dialect.headerBytes : 0;
  try {
    for (;;) {
      await reader.fill();
      while (skip > 0) {
        const count = Math.min(skip, reader.length);
        reader.consume(count);
        skip -= count;
        await reader.fill();
      }
      const { bytes, length, last } = reader;
      if (length === 0) return;
      out.fill(0);
      let status = scanCsvCells(bytes, 0, length, last, delimiter, columns, slots, stride, starts, ends, maxRows, out);
      while (status === csvFull) {
        maxRows *= 2;
        starts = widened(starts, maxRows * stride);
        ends = widened(ends, maxRows * stride);
        const at = out[1] ?? 0;
        status = scanCsvCells(bytes, at, length, last, delimiter, columns, slots, stride, starts, ends, maxRows, out);
      }
      const [rows = 0, consumed = 0, found = 0, escaped = 0] = out;
      const row = firstRow + rows;
      if (status === csvRagged) throw ragged(file, row, found, columns);
      if (status === csvUnterminated) throw unterminated(file, row);
      if (status === csvAfterQuote)
        throw new LeadlineError(
          "source-invalid",
          `${shownPath(file)}, row ${row}: text follows the closing quote of ${dialect.names[found] ?? `cell ${found + 1}`}; quotes inside a quoted cell are written twice`,
        );
      if (consumed === 0) {
        reader.grow();
        continue;
      }
      if (escaped > 0) unescapeCells(bytes, starts, ends, rows * stride);
      if (rows > 0) yield chunkOf(bytes, starts, ends, rows, table, file, firstRow);
      reader.consume(consumed);
      firstRow += rows;
    }
  } finally {
    await reader.close();
  }
}

/** The dialects that our scanner does not know, through fast-csv; its cells become bytes again, so that columns are read in one way. */
async function* decodeOther(task: SourceTask, dialect: CsvDialect, table: Table): AsyncGenerator<Chunk> {
  const { file } = task;
  const { slots, stride } = table;
  const columns = dialect.names.length;
  const parser = parse({
    headers: false,
    delimiter: dialect.delimiter,
    encoding: dialect.kind === "utf16" ? "utf16le" : "utf8",
    ...(dialect.kind === "backslash" ? { escape: "\\" } : {}),
  });
  const records: AsyncIterable<readonly string[]> = pipeline(openBytes(file), parser, () => {});
  let bytes = Buffer.alloc(pieceBytes * 2);
  let length = 0;
  let rows = 0;
  let firstRow = 1;
  let starts = new Int32Array(1024 * stride);
  let ends = new Int32Array(1024 * stride);
  let isHeader = true;
  try {
    for await (const record of records) {
      if (columns > 1 && record.length <= 1 && (record[0] ?? "") === "") continue;
      if (isHeader) {
        isHeader = false;
        continue;
      }
      if (record.length !== columns) throw ragged(file, firstRow + rows, record.length, columns);
      if ((rows + 1) * stride > starts.length) {
        starts = widened(starts, starts.length * 2);
        ends = widened(ends, ends.length * 2);
      }
      for (let column = 0; column < columns; column++) {
        const slot = slots[column] as number;
        if (slot < 0) continue;
        const text = record[column] as string;
        // A UTF-16 unit takes at most three bytes of UTF-8.
        if (length + text.length * 3 > bytes.length)
          bytes = Buffer.concat([bytes, Buffer.alloc(bytes.length + text.length * 3)]);
        starts[rows * stride + slot] = length;
        length += bytes.write(text, length);
        ends[rows * stride + slot] = length;
      }
      rows++;
      if (length >= pieceBytes) {
        yield chunkOf(bytes, starts, ends, rows, table, file, firstRow);
        firstRow += rows;
        rows = 0;
        length = 0;
      }
    }
  } catch (cause) {
    if (cause instanceof Error && cause.message.startsWith("Parse Error"))
      throw new LeadlineError("source-invalid", `${shownPath(file)}, row ${firstRow + rows}: ${cause.message}`, {
        cause,
      });
    throw readError(file, cause);
  }
  if (rows > 0) yield chunkOf(bytes, starts, ends, rows, table, file, firstRow);
}

function chunkOf(
  bytes: Uint8Array,
  starts: Int32Array,
  ends: Int32Array,
  rows: number,
  { requests, slotOf, stride }: Table,
  file: string,
  firstRow: number,
): Chunk {
  const cells = { bytes, starts, ends, stride, rows };
  const columns = requests.map((request, at) => cellsColumn(cells, slotOf[at] as number, request, { file, firstRow }));
  return { rows, columns };
}

function widened(array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> {
  const wide = new Int32Array(length);
  wide.set(array);
  return wide;
}

function ragged(file: string, row: number, found: number, columns: number): LeadlineError {
  return new LeadlineError(
    "source-invalid",
    `${shownPath(file)}, row ${row}: ${found} ${found === 1 ? "cell" : "cells"} where the header has ${columns}`,
  );
}

function unterminated(file: string, row: number): LeadlineError {
  return new LeadlineError("source-invalid", `${shownPath(file)}, row ${row}: a quoted cell never ends`);
}
