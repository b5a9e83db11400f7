import { format } from "fast-csv";
import parquet from "parquetjs-lite";
import thrift from "parquetjs-lite/gen-nodejs/parquet_types.js";
import { type DerivedTable, MISSING, type SessionColumn, TRUE } from "../engine/columns/derived-table.js";
import { type ColumnContent, columnChunk, packCodes, packLevels, writeInt64 } from "../engine/columns/parquet-pages.js";

const { Encoding, Type } = thrift;

/** Rows of a row group: positions in its dictionaries have at most 16 bits. */
const ROWS_PER_GROUP = 1 << 16;
/** Rows of one piece of CSV text. */
const ROWS_PER_PIECE = 1 << 12;

/**
 * A table of sessions as a Parquet file: texts as strings, numbers as doubles, moments as timestamps, all of them nullable. Names
 * are kept as they are.
 * @param metadata - texts that the file's footer holds by key
 */
export async function sessionParquet(
  { rows, columns }: DerivedTable,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Uint8Array> {
  const sections: Buffer[] = [];
  const envelope = new parquet.ParquetEnvelopeWriter(
    schemaOf(columns),
    async (section) => {
      sections.push(section);
    },
    async () => {},
    0,
    {},
  );
  await envelope.writeHeader();
  for (let start = 0; start < rows; start += ROWS_PER_GROUP) {
    const end = Math.min(rows, start + ROWS_PER_GROUP);
    const chunks: thrift.ColumnChunk[] = [];
    let totalBytes = 0;
    for (const column of columns) {
      const chunk = columnChunk(contentOf(column, start, end), end - start, envelope.offset);
      chunks.push(new thrift.ColumnChunk({ file_offset: envelope.offset, meta_data: chunk.metaData }));
      totalBytes += chunk.sizeBytes;
      for (const section of chunk.sections) await envelope.writeSection(section);
    }
    envelope.rowCount += end - start;
    envelope.rowGroups.push(
      new thrift.RowGroup({ columns: chunks, total_byte_size: totalBytes, num_rows: end - start }),
    );
  }
  await envelope.writeFooter(metadata);
  return Buffer.concat(sections);
}

/**
 * A table of sessions as CSV: a row of names, then a row a session; moments as ISO 8601 in UTC, what is missing as nothing. Texts
 * are kept as they are, quoted where they must be: who opens the file in a spreadsheet should import them as text.
 */
export async function sessionCsv({ rows, columns }: DerivedTable): Promise<Uint8Array> {
  const stream = format({
    headers: columns.map(({ name }) => name),
    alwaysWriteHeaders: true,
    includeEndRowDelimiter: true,
  });
  const pieces: Buffer[] = [];
  const done = (async () => {
    for await (const piece of stream) pieces.push(Buffer.from(piece));
  })();
  for (let row = 0; row < rows; row++) {
    stream.write(columns.map((column) => cellOf(column, row)));
    // lets the reader above take what was written, so that no more than a piece waits
    if (row % ROWS_PER_PIECE === 0) await new Promise(setImmediate);
  }
  stream.end();
  await done;
  return Buffer.concat(pieces);
}

function cellOf(column: SessionColumn, row: number): string {
  switch (column.kind) {
    case "text": {
      const code = column.codes[row] as number;
      return code === 0 ? "" : column.text(code);
    }
    case "number":
    case "time": {
      const value = column.values[row] as number;
      if (Number.isNaN(value)) return "";
      return column.kind === "time" ? new Date(value).toISOString() : String(value);
    }
    case "boolean": {
      const value = column.values[row] as number;
      return value === MISSING ? "" : String(value === TRUE);
    }
  }
}

/** Names stand in for the real ones while the schema is made: as keys of an object some would be moved or lost. */
function schemaOf(columns: readonly SessionColumn[]): parquet.ParquetSchema {
  const types = { text: "UTF8", number: "DOUBLE", time: "TIMESTAMP_MILLIS", boolean: "BOOLEAN" } as const;
  const schema = new parquet.ParquetSchema(
    Object.fromEntries(columns.map(({ kind }, index) => [`c${index}`, { type: types[kind], optional: true }])),
  );
  for (const [index, field] of schema.fieldList.entries()) field.name = columns[index]?.name ?? "";
  return schema;
}

function contentOf(column: SessionColumn, start: number, end: number): ColumnContent {
  switch (column.kind) {
    case "text":
      return textContent(column.name, column.codes.subarray(start, end), column.text);
    case "number":
    case "time":
      return numberContent(column.name, column.kind, column.values.subarray(start, end));
    case "boolean":
      return booleanContent(column.name, column.values.subarray(start, end));
  }
}

function textContent(
  name: string,
  codes: Iterable<number> & { readonly length: number },
  text: (code: number) => string,
): ColumnContent {
  const places = new Map<number, number>();
  const levels = new Uint32Array(codes.length);
  const present = new Uint32Array(codes.length);
  const values: Buffer[] = [];
  let [row, count] = [0, 0];
  for (const code of codes) {
    if (code !== 0) {
      let place = places.get(code);
      if (place === undefined) {
        place = places.size;
        places.set(code, place);
        const bytes = Buffer.from(text(code), "utf8");
        const length = Buffer.allocUnsafe(4);
        length.writeUInt32LE(bytes.length);
        values.push(length, bytes);
      }
      levels[row] = 1;
      present[count++] = place;
    }
    row++;
  }
  const dictionary = { bytes: Buffer.concat(values), count: places.size };
  const page = Buffer.concat([packLevels(levels), packCodes(present.subarray(0, count), places.size)]);
  return { name, type: Type.BYTE_ARRAY, encoding: Encoding.PLAIN_DICTIONARY, dictionary, page };
}

function numberContent(name: string, kind: "number" | "time", values: Float64Array): ColumnContent {
  const levels = new Uint32Array(values.length);
  const bytes = Buffer.allocUnsafe(8 * values.length);
  let size = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (Number.isNaN(value)) continue;
    levels[row] = 1;
    if (kind === "time") writeInt64(bytes, value, size);
    else bytes.writeDoubleLE(value, size);
    size += 8;
  }
  const page = Buffer.concat([packLevels(levels), bytes.subarray(0, size)]);
  return { name, type: kind === "time" ? Type.INT64 : Type.DOUBLE, encoding: Encoding.PLAIN, page };
}

function booleanContent(name: string, values: Uint8Array): ColumnContent {
  const levels = new Uint32Array(values.length);
  const bytes = Buffer.alloc(Math.ceil(values.length / 8));
  let count = 0;
  for (let row = 0; row < values.length; row++) {
    if (values[row] === MISSING) continue;
    levels[row] = 1;
    if (values[row] === TRUE) bytes[count >>> 3] = (bytes[count >>> 3] as number) | (1 << (count & 7));
    count++;
  }
  const page = Buffer.concat([packLevels(levels), bytes.subarray(0, Math.ceil(count / 8))]);
  return { name, type: Type.BOOLEAN, encoding: Encoding.PLAIN, page };
}
