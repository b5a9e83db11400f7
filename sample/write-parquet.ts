/**
 * Parquet by whole columns. parquetjs-lite's row path (`appendRow`) shreds each row into objects and keeps a set of
 * distinct values per column, which costs it tens of microseconds a row; its envelope writer, thrift structures and
 * compression do not. So pages are made here from typed arrays: text and per-session values as one dictionary page and
 * one page of bit-packed positions a row group (format v1, PLAIN_DICTIONARY, Snappy), times and counts as plain pages.
 */
import type { FileHandle } from "node:fs/promises";
import parquet from "parquetjs-lite";
import thrift from "parquetjs-lite/gen-nodejs/parquet_types.js";
import compression from "parquetjs-lite/lib/compression.js";
import util from "parquetjs-lite/lib/util.js";
import {
  type EventBatch,
  type EventColumns,
  type EventWriter,
  NO_NUMBER,
  sessionName,
  userName,
} from "./event-batch.js";

const { Encoding, Type } = thrift;
/** Longest text of any column, bytes: ids have 9, names of events fewer than 64. */
const MOST_TEXT_BYTES = 64;

/** One column of one row group, as the format has it. */
interface ColumnContent {
  readonly name: string;
  readonly type: number;
  readonly encoding: number;
  readonly dictionary?: { readonly bytes: Buffer; readonly count: number };
  /** Levels and values of the one data page. */
  readonly page: Buffer;
  readonly statistics?: { readonly min: Buffer; readonly max: Buffer };
}

/** Distinct values of a column in one row group and, for each value asked for, its position among them. */
interface Dictionary {
  readonly bytes: Buffer;
  readonly count: number;
  /** By session or by value, as the column has it. */
  readonly codes: Uint32Array;
}

/** A service's events as Parquet; each batch becomes one row group. */
export class ParquetWriter implements EventWriter {
  private readonly envelope: parquet.ParquetEnvelopeWriter;

  constructor(file: FileHandle, columns: EventColumns) {
    this.envelope = new parquet.ParquetEnvelopeWriter(
      schemaOf(columns),
      (section) => file.appendFile(section),
      () => file.close(),
      0,
      {},
    );
  }

  async begin(): Promise<void> {
    await this.envelope.writeHeader();
  }

  async write(batch: EventBatch, order: Uint32Array): Promise<void> {
    const { envelope } = this;
    const chunks: thrift.ColumnChunk[] = [];
    let totalBytes = 0;
    for (const content of contents(batch, order)) {
      const { sections, metaData, sizeBytes } = columnChunk(content, order.length, envelope.offset);
      chunks.push(new thrift.ColumnChunk({ file_offset: envelope.offset, meta_data: metaData }));
      totalBytes += sizeBytes;
      for (const section of sections) await envelope.writeSection(section);
    }
    envelope.rowCount += order.length;
    envelope.rowGroups.push(
      new thrift.RowGroup({ columns: chunks, total_byte_size: totalBytes, num_rows: order.length }),
    );
  }

  async end(): Promise<void> {
    await this.envelope.writeFooter({});
  }
}

function schemaOf(columns: EventColumns): parquet.ParquetSchema {
  const fields: Record<string, parquet.FieldDefinition> = {
    user_id: { type: "UTF8" },
    session_id: { type: "UTF8" },
    ts: { type: "TIMESTAMP_MILLIS" },
    event: { type: "UTF8" },
  };
  for (const { name } of columns.eventTexts) fields[name] = { type: "UTF8", optional: true };
  for (const name of columns.eventNumbers) fields[name] = { type: "INT32", optional: true };
  for (const { name } of columns.attributes) fields[name] = { type: "UTF8" };
  if (columns.history) {
    fields["first_seen"] = { type: "TIMESTAMP_MILLIS" };
    fields["visits_before"] = { type: "INT32" };
  }
  return new parquet.ParquetSchema(fields);
}

/** The columns one after another, in the schema's order, so that no more than one is held. */
function* contents(batch: EventBatch, order: Uint32Array): Generator<ColumnContent> {
  const { columns, sessions } = batch;
  const sessionOfRow = new Uint32Array(order.length);
  for (let place = 0; place < order.length; place++) {
    sessionOfRow[place] = batch.sessionOfRow[order[place] as number] as number;
  }
  const bySession = (name: string, type: number, dictionary: Dictionary): ColumnContent => {
    const codes = new Uint32Array(order.length);
    for (let place = 0; place < codes.length; place++) {
      codes[place] = dictionary.codes[sessionOfRow[place] as number] as number;
    }
    return { name, type, encoding: Encoding.PLAIN_DICTIONARY, dictionary, page: packCodes(codes, dictionary.count) };
  };

  yield bySession("user_id", Type.BYTE_ARRAY, textDictionary(batch.users.subarray(0, sessions), userName));
  const numbers = Uint32Array.from({ length: sessions }, (_, session) => batch.firstSession + session);
  yield bySession("session_id", Type.BYTE_ARRAY, textDictionary(numbers, sessionName));
  yield timesColumn(batch, order);
  yield textColumn("event", batch.events, columns.events, order, 0);
  for (const [i, { name, values }] of columns.eventTexts.entries()) {
    yield textColumn(name, batch.eventTexts[i] as Uint8Array, values, order, 1);
  }
  for (const [i, name] of columns.eventNumbers.entries()) {
    yield numbersColumn(name, batch.eventNumbers[i] as Int32Array, order);
  }
  for (const [i, { name, values }] of columns.attributes.entries()) {
    const used = (batch.attributes[i] as Uint8Array).subarray(0, sessions);
    yield bySession(
      name,
      Type.BYTE_ARRAY,
      textDictionary(used, (value) => values[value] as string),
    );
  }
  if (columns.history) {
    yield bySession("first_seen", Type.INT64, numberDictionary(batch.firstSeen.subarray(0, sessions), 8));
    yield bySession("visits_before", Type.INT32, numberDictionary(batch.visitsBefore.subarray(0, sessions), 4));
  }
}

/** Distinct texts in the order of their first appearance; equal keys are equal texts. */
function textDictionary(keys: Uint32Array | Uint8Array, textOf: (key: number) => string): Dictionary {
  const { codes, distinct } = distinctValues(keys);
  const bytes = Buffer.allocUnsafe(distinct.length * (4 + MOST_TEXT_BYTES));
  let size = 0;
  for (const key of distinct) {
    const length = bytes.write(textOf(key), size + 4, "latin1");
    bytes.writeUInt32LE(length, size);
    size += 4 + length;
  }
  return { bytes: bytes.subarray(0, size), count: distinct.length, codes };
}

function numberDictionary(values: Float64Array, width: 4 | 8): Dictionary {
  const { codes, distinct } = distinctValues(values);
  const bytes = Buffer.allocUnsafe(distinct.length * width);
  distinct.forEach((value, code) => {
    if (width === 8) writeInt64(bytes, value, code * 8);
    else bytes.writeInt32LE(value, code * 4);
  });
  return { bytes, count: distinct.length, codes };
}

function distinctValues(values: Uint32Array | Uint8Array | Float64Array): { codes: Uint32Array; distinct: number[] } {
  const codeOf = new Map<number, number>();
  const codes = new Uint32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    let code = codeOf.get(value);
    if (code === undefined) {
      code = codeOf.size;
      codeOf.set(value, code);
    }
    codes[i] = code;
  }
  return { codes, distinct: [...codeOf.keys()] };
}

/**
 * A text column of events.
 * @param missing - 1 where 0 means no value and values count from 1 (an optional column), else 0
 */
function textColumn(
  name: string,
  values: Uint8Array,
  vocabulary: readonly string[],
  order: Uint32Array,
  missing: 0 | 1,
): ColumnContent {
  const levels = new Uint32Array(missing === 1 ? order.length : 0);
  const present = new Uint8Array(order.length);
  let count = 0;
  for (let place = 0; place < order.length; place++) {
    const value = values[order[place] as number] as number;
    if (missing === 1) levels[place] = value === 0 ? 0 : 1;
    if (missing === 0 || value !== 0) present[count++] = value - missing;
  }
  const dictionary = textDictionary(present.subarray(0, count), (value) => vocabulary[value] as string);
  const packed = packCodes(dictionary.codes, dictionary.count);
  const page = missing === 1 ? Buffer.concat([packLevels(levels), packed]) : packed;
  return { name, type: Type.BYTE_ARRAY, encoding: Encoding.PLAIN_DICTIONARY, dictionary, page };
}

function numbersColumn(name: string, values: Int32Array, order: Uint32Array): ColumnContent {
  const levels = new Uint32Array(order.length);
  const bytes = Buffer.allocUnsafe(4 * order.length);
  let size = 0;
  for (let place = 0; place < order.length; place++) {
    const value = values[order[place] as number] as number;
    if (value === NO_NUMBER) continue;
    levels[place] = 1;
    size = bytes.writeInt32LE(value, size);
  }
  const page = Buffer.concat([packLevels(levels), bytes.subarray(0, size)]);
  return { name, type: Type.INT32, encoding: Encoding.PLAIN, page };
}

function timesColumn(batch: EventBatch, order: Uint32Array): ColumnContent {
  const page = Buffer.allocUnsafe(8 * order.length);
  for (let place = 0; place < order.length; place++) {
    writeInt64(page, batch.times[order[place] as number] as number, 8 * place);
  }
  // Rows are in time order: the page's ends are its extremes, and a reader can skip row groups by them.
  const statistics = { min: Buffer.from(page.subarray(0, 8)), max: Buffer.from(page.subarray(-8)) };
  return { name: "ts", type: Type.INT64, encoding: Encoding.PLAIN, page, statistics };
}

function writeInt64(bytes: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / 2 ** 32);
  bytes.writeUInt32LE(value - high * 2 ** 32, offset);
  bytes.writeInt32LE(high, offset + 4);
}

/** Positions in a dictionary: their width in bits, then one bit-packed run. */
function packCodes(codes: Uint32Array, distinct: number): Buffer {
  const width = distinct < 2 ? 0 : 32 - Math.clz32(distinct - 1);
  return Buffer.concat([Buffer.from([width]), packRun(codes, width)]);
}

/** Definition levels 0 and 1: their size in bytes, then one bit-packed run. */
function packLevels(levels: Uint32Array): Buffer {
  const run = packRun(levels, 1);
  const size = Buffer.allocUnsafe(4);
  size.writeUInt32LE(run.length);
  return Buffer.concat([size, run]);
}

/** One bit-packed run of the format's RLE hybrid: the number of groups of eight, then the values, least bit first. */
function packRun(values: Uint32Array, width: number): Buffer {
  const groups = Math.ceil(values.length / 8);
  const bytes = Buffer.alloc(5 + groups * width);
  let size = 0;
  let header = (groups << 1) | 1;
  while (header >= 0x80) {
    bytes[size++] = (header & 0x7f) | 0x80;
    header >>>= 7;
  }
  bytes[size++] = header;
  const end = size + groups * width;
  // At most 7 bits wait when a value of at most 18 bits (there are fewer rows than 2^18) is added: no overflow.
  let waiting = 0;
  let waitingBits = 0;
  for (let i = 0; i < values.length; i++) {
    waiting |= (values[i] as number) << waitingBits;
    waitingBits += width;
    while (waitingBits >= 8) {
      bytes[size++] = waiting & 0xff;
      waiting >>>= 8;
      waitingBits -= 8;
    }
  }
  if (waitingBits > 0) bytes[size] = waiting;
  return bytes.subarray(0, end);
}

/** Compressed pages with their headers, and what the footer says of them. */
function columnChunk(
  content: ColumnContent,
  rows: number,
  offset: number,
): { sections: Buffer[]; metaData: thrift.ColumnMetaData; sizeBytes: number } {
  const { dictionary, statistics } = content;
  const sections: Buffer[] = [];
  let uncompressedBytes = 0;
  const addPage = (body: Buffer, header: Partial<ConstructorParameters<typeof thrift.PageHeader>[0]>, type: number) => {
    const compressed = compression.deflate("SNAPPY", body);
    const pageHeader = util.serializeThrift(
      new thrift.PageHeader({
        ...header,
        type,
        uncompressed_page_size: body.length,
        compressed_page_size: compressed.length,
      }),
    );
    sections.push(pageHeader, compressed);
    uncompressedBytes += pageHeader.length + body.length;
  };

  if (dictionary !== undefined) {
    const header = new thrift.DictionaryPageHeader({
      num_values: dictionary.count,
      encoding: Encoding.PLAIN_DICTIONARY,
    });
    addPage(dictionary.bytes, { dictionary_page_header: header }, thrift.PageType.DICTIONARY_PAGE);
  }
  const dictionaryBytes = sections.reduce((sum, section) => sum + section.length, 0);
  const header = new thrift.DataPageHeader({
    num_values: rows,
    encoding: content.encoding,
    definition_level_encoding: Encoding.RLE,
    repetition_level_encoding: Encoding.RLE,
  });
  addPage(content.page, { data_page_header: header }, thrift.PageType.DATA_PAGE);

  const sizeBytes = sections.reduce((sum, section) => sum + section.length, 0);
  const metaData = new thrift.ColumnMetaData({
    type: content.type,
    encodings: [...new Set([Encoding.RLE, content.encoding])],
    path_in_schema: [content.name],
    codec: thrift.CompressionCodec.SNAPPY,
    num_values: rows,
    total_uncompressed_size: uncompressedBytes,
    total_compressed_size: sizeBytes,
    data_page_offset: offset + dictionaryBytes,
    ...(dictionary === undefined ? {} : { dictionary_page_offset: offset }),
    ...(statistics === undefined
      ? {}
      : {
          statistics: new thrift.Statistics({
            min: statistics.min,
            max: statistics.max,
            min_value: statistics.min,
            max_value: statistics.max,
            null_count: 0,
          }),
        }),
  });
  return { sections, metaData, sizeBytes };
}
