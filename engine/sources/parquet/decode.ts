import { LeadlineError } from "../../../errors.js";
import { lookUpNumbers, markUsed, remapCodes } from "../../../kernels/codes.js";
import { ByteDictionaryBuilder } from "../byte-dictionary.js";
import type { Chunk, ChunkColumn, CodesColumn, ColumnRequest, NumbersColumn, SourceTask } from "../chunk.js";
import { unknownColumn } from "../unknown-column.js";
import { type ParquetColumn, sourceTypeOf } from "./column-type.js";
import { CodesSink, type StoredCodes } from "./decode-codes.js";
import { isStoredAsNumbers, NumbersSink } from "./decode-numbers.js";
import { type ColumnChunk, type Footer, type RowGroup, withParquetFile } from "./footer.js";
import { type PageSink, readPages } from "./pages.js";
import { numberReader, textInserter, type ValueReader } from "./values.js";

/** How texts and bare numbers become moments; the same for every format. */
export interface TimeReader {
  /** ms since the epoch of the text in bytes [start, end), NaN where it is no time */
  readonly parseTimeBytes: (bytes: Uint8Array, start: number, end: number) => number;
  /** The factor from epoch numbers to ms, told by their magnitude. */
  readonly epochUnit: (values: Float64Array) => number;
}

/** What the pages of one column chunk are read with. */
interface Reading {
  readonly column: ParquetColumn;
  readonly rows: number;
  /** Reads all pages into the sink. */
  readonly into: (sink: PageSink) => void;
}

/**
 * Decodes one row group. Synchronous, for a worker thread; all arrays are on SharedArrayBuffers.
 *
 * Values never become JavaScript strings, except once per distinct value where an id is not stored as text.
 * @param requests - in the order of the chunk's columns
 * @throws LeadlineError `source-invalid` where a column is unknown or unsupported, or a page is corrupt
 * @throws RangeError where the task is none of this file's
 */
export function decodeParquet(task: SourceTask, requests: readonly ColumnRequest[], time: TimeReader): Chunk {
  const { file, rowGroup: index } = task;
  return withParquetFile(file, (fd, footer) => {
    const group = index === undefined ? undefined : footer.rowGroups[index];
    if (group === undefined || group.rows !== task.rows) {
      throw new RangeError(`invalid task: row group ${String(index)} of ${task.rows} rows in ${file}`);
    }
    const columns = requests.map((request) => decodeColumn(fd, footer, group, task, request, time));
    return { rows: group.rows, columns };
  });
}

function decodeColumn(
  fd: number,
  footer: Footer,
  group: RowGroup,
  task: SourceTask,
  request: ColumnRequest,
  time: TimeReader,
): ChunkColumn {
  const { file, firstRow } = task;
  const column = footer.columns.find(({ name }) => name === request.name);
  if (column === undefined) {
    const available = footer.columns.map(({ name }) => name);
    throw unknownColumn(file, request.name, available);
  }
  const chunk = chunkOf(column, group, file);
  const { rows } = group;
  const into = (sink: PageSink): void => {
    const layout = { ...column, physical: chunk.physical };
    readPages(fd, chunk, footer.dataEnd, layout, rows, sink);
  };
  try {
    return read({ column, rows, into }, request, time, file);
  } catch (cause) {
    if (cause instanceof LeadlineError) throw cause;
    const where = `column ${column.name}, rows ${firstRow} to ${firstRow + rows - 1} of ${file}`;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError("source-invalid", `invalid Parquet page: ${where}: ${what}`, { cause });
  }
}

/** Where a column lies in a row group, if it can be read at all. */
function chunkOf(column: ParquetColumn, group: RowGroup, file: string): ColumnChunk {
  const { name, meaning, detail, leaf, physical } = column;
  if (meaning.kind === "unsupported") {
    const message = `unsupported column: ${name} of ${file} is ${meaning.reason} (${detail}); flat columns can be read`;
    throw new LeadlineError("source-invalid", message);
  }
  const chunk = group.chunks[leaf];
  if (typeof chunk === "string") {
    throw new LeadlineError("source-invalid", `unsupported column: ${name} of ${file} is ${chunk}`);
  }
  if (chunk === undefined || chunk.physical !== physical) {
    const message = `invalid Parquet file: in ${file} the schema and the data of column ${name} disagree`;
    throw new LeadlineError("source-invalid", message);
  }
  return chunk;
}

function read(reading: Reading, request: ColumnRequest, time: TimeReader, file: string): ChunkColumn {
  const { column } = reading;
  const type = sourceTypeOf(column.meaning);
  switch (request.as) {
    case "id":
      return readCodes(reading);
    case "own":
    case "label":
      return type === "number" || type === "time" ? readNumbers(reading, type) : readCodes(reading);
    case "time":
      return readTime(reading, time, file);
  }
}

function readCodes({ column, rows, into }: Reading): CodesColumn {
  const sink = new CodesSink(column, rows);
  into(sink);
  const { codes, dictionary } = asText(sink.finish(), column, rows);
  const type = column.meaning.kind === "boolean" ? "boolean" : "text";
  return { kind: "codes", type, codes: narrowed(codes, rows, dictionary.offsets.length - 1), dictionary };
}

function readNumbers({ column, rows, into }: Reading, type: "number" | "time"): NumbersColumn {
  if (isStoredAsNumbers(column)) {
    const sink = new NumbersSink(column, rows);
    into(sink);
    return { kind: "numbers", type, values: sink.values };
  }
  const sink = new CodesSink(column, rows);
  into(sink);
  return { kind: "numbers", type, values: numbersOf(sink.finish(), rows, numberReader(column)) };
}

function readTime(reading: Reading, time: TimeReader, file: string): NumbersColumn {
  const { column, rows, into } = reading;
  switch (column.meaning.kind) {
    case "timestamp":
    case "date":
      return readNumbers(reading, "time");
    case "integer":
    case "float":
    case "decimal": {
      const { values } = readNumbers(reading, "time");
      const factor = time.epochUnit(values);
      for (let row = 0; row < rows; row++) values[row] = (values[row] as number) * factor;
      return { kind: "numbers", type: "time", values };
    }
    case "text": {
      const sink = new CodesSink(column, rows);
      into(sink);
      const stored = sink.finish();
      const parse = (_: DataView, start: number, end: number): number =>
        time.parseTimeBytes(stored.dictionary.bytes, start, end);
      return { kind: "numbers", type: "time", values: numbersOf(stored, rows, parse) };
    }
    default: {
      const message = `unsupported time column: ${column.name} of ${file} is ${column.detail}; moments, dates, ISO text and epoch numbers are times`;
      throw new LeadlineError("source-invalid", message);
    }
  }
}

function numbersOf(
  { codes, dictionary: { bytes, offsets } }: StoredCodes,
  rows: number,
  number: (view: DataView, start: number, end: number) => number,
): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = new Float64Array(offsets.length);
  table[0] = Number.NaN;
  for (let i = 1; i < offsets.length; i++) table[i] = number(view, offsets[i - 1] as number, offsets[i] as number);
  const values = new Float64Array(new SharedArrayBuffer(8 * rows));
  lookUpNumbers(codes, 0, rows, table, values);
  return values;
}

/** The dictionary as text and without entries that no row uses; codes are replaced in place. */
function asText(stored: StoredCodes, column: ParquetColumn, rows: number): StoredCodes {
  const { codes, dictionary, allUsed } = stored;
  const { bytes, offsets } = dictionary;
  const builder = new ByteDictionaryBuilder();
  const insertText = textInserter(column, builder);
  if (insertText === undefined && allUsed) return stored;
  const used = new Uint8Array(offsets.length);
  markUsed(codes, rows, used);
  const shared = bytes.buffer instanceof SharedArrayBuffer && offsets.buffer instanceof SharedArrayBuffer;
  if (insertText === undefined && shared && used.indexOf(0, 1) === -1) return stored;
  const insert: ValueReader<number> = insertText ?? ((from, start, end) => builder.insertFrom(from, start, end) + 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const remap = new Uint32Array(offsets.length);
  for (let code = 1; code < offsets.length; code++) {
    if (used[code] === 1) remap[code] = insert(view, offsets[code - 1] as number, offsets[code] as number);
  }
  remapCodes(codes, 0, rows, remap);
  return { codes, dictionary: builder.finish(), allUsed: true };
}

/** A copy in the narrowest type, on a SharedArrayBuffer. */
function narrowed(codes: Uint32Array, rows: number, values: number): CodesColumn["codes"] {
  const source = codes.subarray(0, rows);
  if (values <= 0xff) {
    const narrow = new Uint8Array(new SharedArrayBuffer(rows));
    narrow.set(source);
    return narrow;
  }
  if (values <= 0xffff) {
    const narrow = new Uint16Array(new SharedArrayBuffer(2 * rows));
    narrow.set(source);
    return narrow;
  }
  const wide = new Uint32Array(new SharedArrayBuffer(4 * rows));
  wide.set(source);
  return wide;
}
