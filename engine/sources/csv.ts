import { statSync } from "node:fs";
import { pipeline } from "node:stream";
import { LeadlineError } from "../../errors.js";
import {
  csvAfterQuote,
  csvFull,
  csvRagged,
  csvUnterminated,
  scanCsvRecords,
  unescapeCells,
} from "../../kernels/csv-scan.js";
import { type Cells, cellsColumn, MemoryCells } from "./cells.js";
import type { Chunk, ColumnRequest, SourceSchema, SourceTask } from "./chunk.js";
import { type CsvDialect, readCsvDialect } from "./csv-dialect.js";
import { type DecoderMemory, decoderMemory } from "./decoder-memory.js";
import { shownPath } from "./shown-path.js";
import { isGzip, longerPiece, openBytes, openForReading, pieceBytes, readError, TextReader } from "./text-reader.js";
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
 * in a dialect that only fast-csv reads, is one stretch. Reads an uncompressed file once, for its quotes and line breaks alone: which rows
 * a stretch holds is an estimate.
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

async function cutPlain(file: string, dialect: CsvDialect): Promise<readonly SourceTask[]> {
  const { delimiter, headerBytes, recordBytes } = dialect;
  const memory = decoderMemory();
  const inQuotes = memory.reserve("out", 4);
  const tasks: SourceTask[] = [];
  let start = headerBytes;
  let firstRow = 1;
  let capacity = pieceBytes;
  const bytes = openForReading(file);
  try {
    while (start < bytes.sizeBytes) {
      const length = Math.min(capacity, bytes.sizeBytes - start);
      const text = bytes.read(memory, start, length);
      const isLast = start + length === bytes.sizeBytes;
      const cut = memory.kernels.csvCut(text, text + length, delimiter.charCodeAt(0), inQuotes);
      if (isLast && memory.words(inQuotes, 1)[0] === 1) {
        throw unterminated(file, 1 + (await countRecords(file, dialect, start + cut - text)));
      }
      const consumed = isLast ? length : cut - text;
      if (consumed === 0) {
        capacity = longerPiece(file, capacity);
        continue;
      }
      const rows = Math.max(1, Math.round(consumed / recordBytes));
      tasks.push({ format: "csv", file, firstRow, rows, bytes: { start, end: start + consumed } });
      start += consumed;
      firstRow += rows;
      capacity = pieceBytes;
    }
  } finally {
    bytes.close();
  }
  return tasks;
}

/** How many whole records stand between the header and a byte of the file. */
async function countRecords(file: string, { delimiter, headerBytes, names }: CsvDialect, end: number): Promise<number> {
  if (end <= headerBytes) return 0;
  const reader = new TextReader(file, pieceBytes, { start: headerBytes, end });
  const out = new Int32Array(2);
  let records = 0;
  try {
    for (;;) {
      await reader.fill();
      const { bytes, length, last } = reader;
      if (length === 0) return records;
      scanCsvRecords(bytes, 0, length, last, delimiter.charCodeAt(0), names.length, true, out);
      const [found = 0, consumed = 0] = out;
      records += found;
      if (last) return records;
      if (consumed === 0) reader.grow();
      else reader.consume(consumed);
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
  if (dialect.kind !== "plain") yield* decodeOther(task, dialect, table);
  else if (task.bytes === undefined) yield* decodeStream(task, dialect, table);
  else yield* decodeStretch(task, task.bytes, dialect, table);
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

/** One chunk: the whole stretch. */
async function* decodeStretch(
  task: SourceTask,
  { start, end }: { readonly start: number; readonly end: number },
  dialect: CsvDialect,
  table: Table,
): AsyncGenerator<Chunk> {
  const { file } = task;
  const memory = decoderMemory();
  const source = openForReading(file);
  try {
    const text = { address: source.read(memory, start, end - start), length: end - start, last: true };
    let chunk: Chunk | undefined;
    try {
      chunk = decodePiece(memory, text, dialect, table, file, task.firstRow).chunk;
    } catch (error) {
      if (!(error instanceof LeadlineError)) throw error;
      // the same again, now that it matters which rows these are
      const firstRow = 1 + (await countRecords(file, dialect, start));
      text.address = source.read(memory, start, end - start);
      decodePiece(memory, text, dialect, table, file, firstRow);
      throw error;
    }
    if (chunk !== undefined) yield chunk;
  } finally {
    source.close();
  }
}

/** A compressed file: a chunk for each piece of its text. */
async function* decodeStream(task: SourceTask, dialect: CsvDialect, table: Table): AsyncGenerator<Chunk> {
  const { file } = task;
  const memory = decoderMemory();
  const reader = new TextReader(file, pieceBytes);
  let { firstRow } = task;
  let skip = dialect.headerBytes;
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
      const address = memory.reserve("file", length);
      memory.bytes(address, length).set(bytes.subarray(0, length));
      const { chunk, consumed } = decodePiece(memory, { address, length, last }, dialect, table, file, firstRow);
      if (consumed === 0) {
        reader.grow();
        continue;
      }
      reader.consume(consumed);
      if (chunk === undefined) continue;
      firstRow += chunk.rows;
      yield chunk;
    }
  } finally {
    await reader.close();
  }
}

/** Text in the decoders' memory; `last`: it ends there, else a record may go on. */
interface Piece {
  readonly address: number;
  readonly length: number;
  readonly last: boolean;
}

/** The whole records of a piece of text, if there are any, and the bytes that they take. */
function decodePiece(
  memory: DecoderMemory,
  { address, length, last }: Piece,
  dialect: CsvDialect,
  table: Table,
  file: string,
  firstRow: number,
): { readonly chunk: Chunk | undefined; readonly consumed: number } {
  const { slots, stride } = table;
  const columns = dialect.names.length;
  const slotsAt = memory.reserve("slots", 4 * columns);
  const out = memory.reserve("out", 16);
  memory.bytes(out, 16).fill(0);
  new Int32Array(memory.buffer, slotsAt, columns).set(slots);
  let maxRows = Math.ceil((length / dialect.recordBytes) * 1.1) + 1;
  let status = csvFull;
  let starts = 0;
  let ends = 0;
  for (let from = address; status === csvFull; maxRows *= 2) {
    starts = memory.reserve("starts", 4 * maxRows * stride);
    ends = memory.reserve("ends", 4 * maxRows * stride);
    status = memory.kernels.csvCells(
      from,
      address + length,
      last ? 1 : 0,
      dialect.delimiter.charCodeAt(0),
      columns,
      slotsAt,
      stride,
      starts,
      ends,
      maxRows,
      out,
    );
    from = memory.words(out, 2)[1] as number;
  }
  const [rows = 0, end = 0, found = 0, escaped = 0] = memory.words(out, 4);
  const row = firstRow + rows;
  if (status === csvRagged) throw ragged(file, row, found, columns);
  if (status === csvUnterminated) throw unterminated(file, row);
  if (status === csvAfterQuote)
    throw new LeadlineError(
      "source-invalid",
      `${shownPath(file)}, row ${row}: text follows the closing quote of ${dialect.names[found] ?? `cell ${found + 1}`}; quotes inside a quoted cell are written twice`,
    );
  const cells = new MemoryCells(memory, starts, ends, stride, rows);
  if (escaped > 0) unescapeCells(cells.bytes, cells.starts, cells.ends, rows * stride);
  return { chunk: rows > 0 ? chunkOf(cells, table, file, firstRow) : undefined, consumed: end - address };
}

/** The dialects that our scanner does not know, through fast-csv; its cells become bytes again, so that columns are read in one way. */
async function* decodeOther(task: SourceTask, dialect: CsvDialect, table: Table): AsyncGenerator<Chunk> {
  const { file } = task;
  const { slots, stride } = table;
  const columns = dialect.names.length;
  // a third of what a thread loads before its first task, and hardly any file needs it
  const { parse } = await import("fast-csv");
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
        yield chunkOf({ bytes, starts, ends, stride, rows }, table, file, firstRow);
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
  if (rows > 0) yield chunkOf({ bytes, starts, ends, stride, rows }, table, file, firstRow);
}

function chunkOf(cells: Cells, { requests, slotOf }: Table, file: string, firstRow: number): Chunk {
  const columns = requests.map((request, at) => cellsColumn(cells, slotOf[at] as number, request, { file, firstRow }));
  return { rows: cells.rows, columns };
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
