/**
 * Parquet by whole columns: text and per-session values as one dictionary page and one page of bit-packed positions a row
 * group, times and counts as plain pages.
 */
import type { FileHandle } from "node:fs/promises";
import parquet from "parquetjs-lite";
import thrift from "parquetjs-lite/gen-nodejs/parquet_types.js";
import { type ColumnContent, columnChunk, packCodes, packLevels, writeInt64 } from "../engine/columns/parquet-pages.js";
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
