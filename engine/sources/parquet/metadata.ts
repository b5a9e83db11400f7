import { ThriftReader } from "./thrift.js";

/** How values are stored. */
export type ParquetType =
  | "BOOLEAN"
  | "INT32"
  | "INT64"
  | "INT96"
  | "FLOAT"
  | "DOUBLE"
  | "BYTE_ARRAY"
  | "FIXED_LEN_BYTE_ARRAY";

/** By their number in the format (apache/parquet-format, parquet.thrift; so are the lists that follow). */
const physicalTypes: readonly ParquetType[] = [
  "BOOLEAN",
  "INT32",
  "INT64",
  "INT96",
  "FLOAT",
  "DOUBLE",
  "BYTE_ARRAY",
  "FIXED_LEN_BYTE_ARRAY",
];

const codecs = ["UNCOMPRESSED", "SNAPPY", "GZIP", "LZO", "BROTLI", "LZ4", "ZSTD", "LZ4_RAW"] as const;

/** How pages are compressed. */
export type CompressionCodec = (typeof codecs)[number];

const encodings = [
  "PLAIN",
  "GROUP_VAR_INT",
  "PLAIN_DICTIONARY",
  "RLE",
  "BIT_PACKED",
  "DELTA_BINARY_PACKED",
  "DELTA_LENGTH_BYTE_ARRAY",
  "DELTA_BYTE_ARRAY",
  "RLE_DICTIONARY",
  "BYTE_STREAM_SPLIT",
] as const;

/** How the values of a page are written. */
export type Encoding = (typeof encodings)[number];

const repetitions = ["REQUIRED", "OPTIONAL", "REPEATED"] as const;

const convertedTypes = [
  "UTF8",
  "MAP",
  "MAP_KEY_VALUE",
  "LIST",
  "ENUM",
  "DECIMAL",
  "DATE",
  "TIME_MILLIS",
  "TIME_MICROS",
  "TIMESTAMP_MILLIS",
  "TIMESTAMP_MICROS",
  "UINT_8",
  "UINT_16",
  "UINT_32",
  "UINT_64",
  "INT_8",
  "INT_16",
  "INT_32",
  "INT_64",
  "JSON",
  "BSON",
  "INTERVAL",
] as const;

/** Logical types by the field that says so. */
const logicalTypes: Readonly<Record<number, LogicalType["type"]>> = {
  1: "STRING",
  2: "MAP",
  3: "LIST",
  4: "ENUM",
  5: "DECIMAL",
  6: "DATE",
  7: "TIME",
  8: "TIMESTAMP",
  10: "INTEGER",
  11: "NULL",
  12: "JSON",
  13: "BSON",
  14: "UUID",
  15: "FLOAT16",
  16: "VARIANT",
  17: "GEOMETRY",
  18: "GEOGRAPHY",
};

const timeUnits = ["MILLIS", "MICROS", "NANOS"] as const;

/** What a column means, as newer files say it. */
export type LogicalType =
  | { readonly type: "TIME" | "TIMESTAMP"; readonly unit: (typeof timeUnits)[number] }
  | { readonly type: "INTEGER"; readonly bitWidth: number; readonly isSigned: boolean }
  | { readonly type: "DECIMAL"; readonly scale: number }
  | {
      readonly type:
        | ("STRING" | "MAP" | "LIST" | "ENUM" | "DATE" | "NULL" | "JSON" | "BSON" | "UUID" | "FLOAT16")
        | ("VARIANT" | "GEOMETRY" | "GEOGRAPHY");
    };

/** A column or a group of them, as the schema has it; what a file does not say is absent. */
export interface SchemaElement {
  readonly name: string;
  readonly type?: ParquetType;
  readonly typeLength?: number;
  readonly repetition?: (typeof repetitions)[number];
  readonly children?: number;
  readonly converted?: (typeof convertedTypes)[number];
  readonly scale?: number;
  readonly precision?: number;
  readonly logical?: LogicalType;
}

/** One column's stretch of a row group, as the footer has it. */
export interface ChunkMetadata {
  /** The file that has it; empty where it is the same. */
  readonly file: string;
  readonly isEncrypted: boolean;
  readonly type: ParquetType | undefined;
  readonly codec: CompressionCodec | undefined;
  readonly path: readonly string[];
  readonly compressedBytes: number;
  readonly dataPageAt: number;
  /** 0 where there is none, or the file does not say. */
  readonly dictionaryPageAt: number;
}

/** What of a footer is used. */
export interface FileMetadata {
  /** Depth first, the root first. */
  readonly schema: readonly SchemaElement[];
  readonly rowGroups: readonly { readonly rows: number; readonly chunks: readonly ChunkMetadata[] }[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Reads a footer; statistics and all else that is not used is passed over.
 * @param start - first byte of the metadata
 * @throws Error where they are corrupt
 */
export function readMetadata(view: DataView, start: number): FileMetadata {
  const reader = new ThriftReader(view, start);
  const schema: SchemaElement[] = [];
  const rowGroups: { rows: number; chunks: ChunkMetadata[] }[] = [];
  reader.struct((id) => {
    if (id === 2) reader.list(() => schema.push(schemaElement(reader)));
    else if (id === 4) reader.list(() => rowGroups.push(rowGroup(reader)));
    else return false;
    return true;
  });
  return { schema, rowGroups };
}

function schemaElement(reader: ThriftReader): SchemaElement {
  const element: Mutable<SchemaElement> = { name: "" };
  reader.inner((id) => {
    if (id === 1) assign(element, "type", physicalTypes[reader.integer()]);
    else if (id === 2) element.typeLength = reader.integer();
    else if (id === 3) assign(element, "repetition", repetitions[reader.integer()]);
    else if (id === 4) element.name = reader.text();
    else if (id === 5) element.children = reader.integer();
    else if (id === 6) assign(element, "converted", convertedTypes[reader.integer()]);
    else if (id === 7) element.scale = reader.integer();
    else if (id === 8) element.precision = reader.integer();
    else if (id === 10) assign(element, "logical", logicalType(reader));
    else return false;
    return true;
  });
  return element;
}

/** Gives a field its value where the file has one that is known. */
function assign<K extends keyof SchemaElement>(
  element: Mutable<SchemaElement>,
  name: K,
  value: SchemaElement[K] | undefined,
): void {
  if (value !== undefined) element[name] = value;
}

/** Undefined where the type is none that is known. */
function logicalType(reader: ThriftReader): LogicalType | undefined {
  let found: LogicalType | undefined;
  reader.inner((id) => {
    const type = logicalTypes[id];
    if (type === undefined) return false;
    found = logicalOf(reader, type);
    return true;
  });
  return found;
}

function logicalOf(reader: ThriftReader, type: LogicalType["type"]): LogicalType {
  switch (type) {
    case "TIME":
    case "TIMESTAMP": {
      let unit: (typeof timeUnits)[number] | undefined;
      reader.inner((id) => {
        if (id !== 2) return false;
        reader.inner((which) => {
          unit = timeUnits[which - 1];
          return false;
        });
        return true;
      });
      if (unit === undefined) throw new Error("a time without its unit");
      return { type, unit };
    }
    case "INTEGER": {
      const own = { bitWidth: 0, isSigned: false };
      reader.inner((id) => {
        if (id === 1) own.bitWidth = reader.integer();
        else if (id === 2) own.isSigned = reader.flag();
        else return false;
        return true;
      });
      return { type, ...own };
    }
    case "DECIMAL": {
      let scale = 0;
      reader.inner((id) => {
        if (id !== 1) return false;
        scale = reader.integer();
        return true;
      });
      return { type, scale };
    }
    default:
      reader.inner(() => false);
      return { type };
  }
}

function rowGroup(reader: ThriftReader): { rows: number; chunks: ChunkMetadata[] } {
  const group = { rows: 0, chunks: [] as ChunkMetadata[] };
  reader.inner((id) => {
    if (id === 1) reader.list(() => group.chunks.push(columnChunk(reader)));
    else if (id === 3) group.rows = reader.integer();
    else return false;
    return true;
  });
  return group;
}

function columnChunk(reader: ThriftReader): ChunkMetadata {
  let file = "";
  let hasMetadata = false;
  let isEncrypted = false;
  let type: ParquetType | undefined;
  let codec: CompressionCodec | undefined;
  let path: string[] = [];
  let [compressedBytes, dataPageAt, dictionaryPageAt] = [Number.NaN, Number.NaN, 0];
  const metadata = (id: number): boolean => {
    if (id === 1) type = physicalTypes[reader.integer()];
    else if (id === 3) reader.list(() => path.push(reader.text()));
    else if (id === 4) codec = codecs[reader.integer()];
    else if (id === 7) compressedBytes = reader.integer();
    else if (id === 9) dataPageAt = reader.integer();
    else if (id === 11) dictionaryPageAt = reader.integer();
    else return false;
    return true;
  };
  reader.inner((id) => {
    if (id === 1) file = reader.text();
    else if (id === 3) {
      hasMetadata = true;
      path = [];
      reader.inner(metadata);
    } else {
      if (id === 8) isEncrypted = true;
      return false;
    }
    return true;
  });
  isEncrypted ||= !hasMetadata;
  return { file, isEncrypted, type, codec, path, compressedBytes, dataPageAt, dictionaryPageAt };
}

/** What stands before a page. */
export interface PageHeader {
  readonly kind: "dictionary" | "data" | "data v2" | "other";
  /** Bytes of the page, and what they are when decompressed. */
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly values: number;
  readonly encoding: Encoding | undefined;
  /** Of a data page of the first version. */
  readonly levelEncoding: Encoding | undefined;
  /** Of a data page of the second version: bytes of levels, which stand before what is compressed. */
  readonly definitionBytes: number;
  readonly repetitionBytes: number;
  readonly isCompressed: boolean;
}

const pageKinds = ["data", "other", "dictionary", "data v2"] as const;

/** The fields of a page's own header that are used, by the field of the header that it is. */
const pageFields: Readonly<Record<number, Readonly<Record<number, keyof PageNumbers>>>> = {
  5: { 1: "values", 2: "encoding", 3: "levelEncoding" },
  7: { 1: "values" },
  8: { 1: "values", 4: "encoding", 5: "definitionBytes", 6: "repetitionBytes" },
};

interface PageNumbers {
  kind: number;
  bytes: number;
  compressedBytes: number;
  values: number;
  encoding: number;
  levelEncoding: number;
  definitionBytes: number;
  repetitionBytes: number;
}

/** The field of a page's header that says whether the page is compressed. */
const COMPRESSED_FIELD = 7;

/**
 * Reads a page's header.
 * @returns the header, and its bytes
 * @throws Error where it is corrupt or cut off
 */
export function readPageHeader(view: DataView): { readonly header: PageHeader; readonly size: number } {
  const reader = new ThriftReader(view);
  const found: PageNumbers = {
    kind: -1,
    bytes: -1,
    compressedBytes: -1,
    values: -1,
    encoding: -1,
    levelEncoding: -1,
    definitionBytes: -1,
    repetitionBytes: 0,
  };
  let isCompressed = true;
  reader.struct((id) => {
    if (id === 1) found.kind = reader.integer();
    else if (id === 2) found.bytes = reader.integer();
    else if (id === 3) found.compressedBytes = reader.integer();
    else {
      const fields = pageFields[id];
      if (fields === undefined) return false;
      reader.inner((own) => {
        const name = fields[own];
        if (name !== undefined) found[name] = reader.integer();
        else if (id === 8 && own === COMPRESSED_FIELD) isCompressed = reader.flag();
        else return false;
        return true;
      });
    }
    return true;
  });
  const { kind, encoding, levelEncoding, ...numbers } = found;
  const header: PageHeader = {
    ...numbers,
    kind: pageKinds[kind] ?? "other",
    encoding: encodings[encoding],
    levelEncoding: encodings[levelEncoding],
    isCompressed,
  };
  return { header, size: reader.at };
}
