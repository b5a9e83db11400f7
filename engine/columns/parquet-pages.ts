/**
 * Parquet's pages from typed arrays. parquetjs-lite's row path (`appendRow`) shreds each row into objects and keeps a set of
 * distinct values per column, which costs it tens of microseconds a row; its envelope writer, thrift structures and
 * compression do not, so they write what is made here: format v1, Snappy, a dictionary page and one data page a column and row
 * group.
 */
import thrift from "parquetjs-lite/gen-nodejs/parquet_types.js";
import compression from "parquetjs-lite/lib/compression.js";
import util from "parquetjs-lite/lib/util.js";

const { Encoding } = thrift;

/** One column of one row group, as the format has it. */
export interface ColumnContent {
  readonly name: string;
  readonly type: number;
  readonly encoding: number;
  readonly dictionary?: { readonly bytes: Buffer; readonly count: number };
  /** Levels and values of the one data page. */
  readonly page: Buffer;
  readonly statistics?: { readonly min: Buffer; readonly max: Buffer };
}

/** Writes a whole number of at most 53 bits as 64. */
export function writeInt64(bytes: Buffer, value: number, offset: number): void {
  const high = Math.floor(value / 2 ** 32);
  bytes.writeUInt32LE(value - high * 2 ** 32, offset);
  bytes.writeInt32LE(high, offset + 4);
}

/** Positions in a dictionary: their width in bits, then one bit-packed run. */
export function packCodes(codes: Uint32Array, distinct: number): Buffer {
  const width = distinct < 2 ? 0 : 32 - Math.clz32(distinct - 1);
  return Buffer.concat([Buffer.from([width]), packRun(codes, width)]);
}

/** Definition levels 0 and 1: their size in bytes, then one bit-packed run. */
export function packLevels(levels: Uint32Array): Buffer {
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
export function columnChunk(
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
