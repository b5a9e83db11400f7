import { LeadlineError } from "../../../errors.js";
import { ByteDictionaryBuilder } from "../byte-dictionary.js";
import type {
  ByteDictionary,
  Chunk,
  ChunkColumn,
  CodesColumn,
  ColumnRequest,
  Keeping,
  NumbersColumn,
  SourceTask,
} from "../chunk.js";
import {
  type ColumnArrays,
  type DecoderMemory,
  decoderMemory,
  scratchArrays,
  sharedArrays,
} from "../decoder-memory.js";
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
  readonly memory: DecoderMemory;
  readonly arrays: ColumnArrays;
  readonly column: ParquetColumn;
  readonly rows: number;
  /** Reads all pages into the sink. */
  readonly into: (sink: PageSink) => void;
}

/**
 * Decodes one row group. Synchronous, for a worker thread.
 *
 * Values never become JavaScript strings, except once per distinct value where an id is not stored as text.
 * @param requests - in the order of the chunk's columns
 * @param keeping - where columns go, see `decodeTask`
 * @throws LeadlineError `source-invalid` where a column is unknown or unsupported, or a page is corrupt
 * @throws RangeError where the task is none of this file's
 */
export function decodeParquet(
  task: SourceTask,
  requests: readonly ColumnRequest[],
  time: TimeReader,
  keeping: Keeping = "shared",
): Chunk {
  const { file, rowGroup: index } = task;
  return withParquetFile(file, (fd, footer) => {
    const group = index === undefined ? undefined : footer.rowGroups[index];
    if (group === undefined || group.rows !== task.rows) {
      throw new RangeError(`invalid task: row group ${String(index)} of ${task.rows} rows in ${file}`);
    }
    const columns = requests.map((request, index) => {
      const arrays = keeping === "shared" ? sharedArrays : scratchArrays(index);
      return decodeColumn(fd, footer, group, task, request, time, arrays);
    });
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
  arrays: ColumnArrays,
): ChunkColumn {
  const { file, firstRow } = task;
  const column = footer.columns.find(({ name }) => name === request.name);
  if (column === undefined) {
    const available = footer.columns.map(({ name }) => name);
    throw unknownColumn(file, request.name, available);
  }
  const chunk = chunkOf(column, group, file);
  const { rows } = group;
  const memory = decoderMemory();
  const into = (sink: PageSink): void => {
    const layout = { ...column, physical: chunk.physical };
    readPages(memory, fd, chunk, footer.dataEnd, layout, rows, sink);
  };
  try {
    return read({ memory, arrays, column, rows, into }, request, time, file);
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

function readCodes(reading: Reading): CodesColumn {
  const { memory, arrays, column, rows } = reading;
  const stored = readStored(reading);
  const text = asText(reading, stored);
  const type = column.meaning.kind === "boolean" ? "boolean" : "text";
  if (text !== undefined) return { kind: "codes", type, ...text };
  const { address, width } = stored.codes;
  return { kind: "codes", type, codes: memory.copyCodes(address, rows, width, arrays), dictionary: stored.dictionary };
}

function readStored({ memory, arrays, column, rows, into }: Reading): StoredCodes {
  const sink = new CodesSink(memory, arrays, column, rows);
  into(sink);
  return sink.finish();
}

function readNumbers(reading: Reading, type: "number" | "time"): NumbersColumn {
  const { memory, arrays, column, rows, into } = reading;
  if (isStoredAsNumbers(column)) {
    const sink = new NumbersSink(memory, column, rows);
    into(sink);
    const values = arrays.numbers(rows);
    values.set(sink.values);
    return { kind: "numbers", type, values };
  }
  return { kind: "numbers", type, values: numbersOf(reading, readStored(reading), numberReader(column)) };
}

function readTime(reading: Reading, time: TimeReader, file: string): NumbersColumn {
  const { column, rows } = reading;
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
      const stored = readStored(reading);
      const parse = (_: DataView, start: number, end: number): number =>
        time.parseTimeBytes(stored.dictionary.bytes, start, end);
      return { kind: "numbers", type: "time", values: numbersOf(reading, stored, parse) };
    }
    default: {
      const message = `unsupported time column: ${column.name} of ${file} is ${column.detail}; moments, dates, ISO text and epoch numbers are times`;
      throw new LeadlineError("source-invalid", message);
    }
  }
}

function numbersOf(
  { memory, arrays, rows }: Reading,
  { codes, dictionary: { bytes, offsets } }: StoredCodes,
  number: (view: DataView, start: number, end: number) => number,
): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const table = memory.reserve("lookup", 8 * offsets.length);
  const target = memory.reserve("numbers", 8 * rows);
  const numbers = memory.numbers(table, offsets.length);
  numbers[0] = Number.NaN;
  for (let i = 1; i < offsets.length; i++) numbers[i] = number(view, offsets[i - 1] as number, offsets[i] as number);
  memory.kernels.lookUp[codes.width](codes.address, table, target, rows);
  const values = arrays.numbers(rows);
  values.set(memory.numbers(target, rows));
  return values;
}

/** The column with its dictionary as text, each once and used by some row; undefined where it is that already. */
function asText(
  { memory, arrays, column, rows }: Reading,
  { codes, dictionary, allUsed, areDistinct }: StoredCodes,
): Pick<CodesColumn, "codes" | "dictionary"> | undefined {
  const isText = column.meaning.kind === "text" || column.meaning.kind === "boolean";
  if (isText && allUsed && (areDistinct || !hasRepeat(memory, dictionary))) return undefined;
  const builder = new ByteDictionaryBuilder();
  const insertText = textInserter(column, builder);
  const { bytes, offsets } = dictionary;
  const stored = memory.codes(codes.address, rows, codes.width);
  const used = new Uint8Array(offsets.length);
  for (let row = 0; row < rows; row++) used[stored[row] as number] = 1;
  const insert: ValueReader<number> = insertText ?? ((from, start, end) => builder.insertFrom(from, start, end) + 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const remap = new Uint32Array(offsets.length);
  for (let code = 1; code < offsets.length; code++) {
    if (used[code] === 1) remap[code] = insert(view, offsets[code - 1] as number, offsets[code] as number);
  }
  const texts = builder.finish();
  const wide = memory.reserve("offsets", 4 * rows);
  const out = memory.words(wide, rows);
  // a view made before the memory grew is none any more
  const from = memory.codes(codes.address, rows, codes.width);
  for (let row = 0; row < rows; row++) out[row] = remap[from[row] as number] as number;
  return { codes: memory.takeCodes(wide, rows, texts.offsets.length - 1, arrays), dictionary: texts };
}

/** Whether a dictionary page has a value twice. */
function hasRepeat(memory: DecoderMemory, { bytes, offsets }: ByteDictionary): boolean {
  const count = offsets.length - 1;
  const bounds = memory.reserve("bounds", 4 * offsets.length);
  const values = memory.reserve("lookup", bytes.length);
  const slots = 2 ** Math.ceil(Math.log2(2 * count + 1));
  const table = memory.reserve("repeats", 8 * slots);
  memory.words(bounds, offsets.length).set(offsets);
  memory.bytes(values, bytes.length).set(bytes);
  return memory.kernels.hasRepeat(bounds, values, count, table, slots - 1) === 1;
}
