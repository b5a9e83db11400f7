import { writeFileSync } from "node:fs";

/** A value of Thrift's compact protocol, as far as Parquet's metadata need it. */
type Thrift = boolean | number | bigint | string | readonly Thrift[] | Struct;
/** Fields by id: a number is an i32, a bigint an i64, a string binary. */
interface Struct {
  readonly [field: number]: Thrift | undefined;
}

/** A page as it will stand in the file. */
export interface Page {
  readonly header: Struct;
  readonly body: Uint8Array;
}

/** One column, made of pages by hand. */
export interface PagesFile {
  readonly physical: keyof typeof PHYSICAL;
  readonly typeLength?: number;
  readonly converted?: keyof typeof CONVERTED;
  readonly float16?: boolean;
  readonly scale?: number;
  readonly optional?: boolean;
  readonly codec?: number;
  readonly rows: number;
  readonly pages: readonly Page[];
  readonly encrypted?: boolean;
}

const PHYSICAL = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  INT96: 3,
  FLOAT: 4,
  DOUBLE: 5,
  BYTE_ARRAY: 6,
  FIXED_LEN_BYTE_ARRAY: 7,
} as const;
const CONVERTED = {
  UTF8: 0,
  DECIMAL: 5,
  DATE: 6,
  TIME_MILLIS: 7,
  TIMESTAMP_MILLIS: 9,
  TIMESTAMP_MICROS: 10,
  UINT_32: 13,
  UINT_64: 14,
  BSON: 20,
} as const;
/** Encodings by their number in the format. */
export const PLAIN = 0;
export const RLE = 3;
export const BIT_PACKED = 4;
export const DELTA_BYTE_ARRAY = 7;
export const RLE_DICTIONARY = 8;
export const BYTE_STREAM_SPLIT = 9;

/** Writes a file of one column, `c`. */
export function writePages(file: string, column: PagesFile): string {
  const bodies = column.pages.map(({ header, body }) => [...struct(header), ...body]);
  const data = bodies.flat();
  const isDictionary = column.pages[0]?.header[1] === 2;
  const firstData = 4n + BigInt(isDictionary ? (bodies[0]?.length ?? 0) : 0);
  const size = BigInt(data.length);
  const chunk: Struct = {
    1: PHYSICAL[column.physical],
    2: [PLAIN],
    3: ["c"],
    4: column.codec ?? 0,
    5: BigInt(column.rows),
    6: size,
    7: size,
    9: firstData,
    11: isDictionary ? 4n : undefined,
  };
  const element: Struct = {
    1: PHYSICAL[column.physical],
    2: column.typeLength,
    3: column.optional ? 1 : 0,
    4: "c",
    6: column.converted === undefined ? undefined : CONVERTED[column.converted],
    7: column.scale,
    8: column.scale === undefined ? undefined : 9,
    10: column.float16 ? { 15: {} } : undefined,
  };
  const columnChunk: Struct = { 2: 4n, 3: chunk, 8: column.encrypted ? { 1: {} } : undefined };
  const metadata = struct({
    1: 1,
    2: [{ 4: "root", 5: 1 }, element],
    3: BigInt(column.rows),
    4: [{ 1: [columnChunk], 2: size, 3: BigInt(column.rows) }],
  });
  const magic = [...Buffer.from("PAR1")];
  const length = [...new Uint8Array(Uint32Array.of(metadata.length).buffer)];
  writeFileSync(file, Uint8Array.from([...magic, ...data, ...metadata, ...length, ...magic]));
  return file;
}

/** @param size - uncompressed size, where the body is compressed */
export function dictionaryPage(count: number, body: Uint8Array, size: number = body.length): Page {
  return { header: { 1: 2, 2: size, 3: body.length, 7: { 1: count, 2: PLAIN } }, body };
}

/** A data page of the first form, levels included in the body. */
export function dataPage(rows: number, encoding: number, body: Uint8Array, levelEncoding: number = RLE): Page {
  return {
    header: { 1: 0, 2: body.length, 3: body.length, 5: { 1: rows, 2: encoding, 3: levelEncoding, 4: RLE } },
    body,
  };
}

/** A data page of the second form, whose values are not compressed whatever the column's codec. */
export function plainPageV2(
  rows: number,
  missing: number,
  encoding: number,
  levels: Uint8Array,
  values: Uint8Array,
): Page {
  const body = bytes(levels, values);
  const header = { 1: rows, 2: missing, 3: rows, 4: encoding, 5: levels.length, 6: 0, 7: false };
  return { header: { 1: 3, 2: body.length, 3: body.length, 8: header }, body };
}

/** One after the other. */
export function bytes(...parts: readonly (ArrayBufferView | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) =>
      ArrayBuffer.isView(part) ? [...new Uint8Array(part.buffer, part.byteOffset, part.byteLength)] : [...part],
    ),
  );
}

/** Byte arrays after their lengths. */
export function plainTexts(...texts: readonly string[]): Uint8Array {
  return bytes(...texts.flatMap((text) => [Uint32Array.of(Buffer.byteLength(text)), Buffer.from(text)]));
}

/** Up to 8 small values as one bit-packed run of the hybrid. */
export function packed(width: number, ...values: readonly number[]): Uint8Array {
  let bits = 0n;
  for (const [i, value] of values.entries()) bits |= BigInt(value) << BigInt(i * width);
  return Uint8Array.from([3, ...Array.from({ length: width }, (_, i) => Number((bits >> BigInt(8 * i)) & 0xffn))]);
}

/** Levels of a data page of the first form: their length, then the run. */
export function levelsV1(...levels: readonly number[]): Uint8Array {
  const run = packed(1, ...levels);
  return bytes(Uint32Array.of(run.length), run);
}

function varint(value: bigint): number[] {
  return value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)];
}

function typeOf(value: Thrift): number {
  if (value === true) return 1;
  if (value === false) return 2;
  if (typeof value === "number") return 5;
  if (typeof value === "bigint") return 6;
  if (typeof value === "string") return 8;
  return Array.isArray(value) ? 9 : 12;
}

function element(value: Thrift): number[] {
  if (typeof value === "boolean") return [];
  if (typeof value === "number" || typeof value === "bigint") {
    const integer = BigInt(value);
    return varint(BigInt.asUintN(64, (integer << 1n) ^ (integer >> 63n)));
  }
  if (typeof value === "string") return [...varint(BigInt(value.length)), ...Buffer.from(value)];
  if (!Array.isArray(value)) return struct(value as Struct);
  const list = value as readonly Thrift[];
  return [(list.length << 4) | typeOf(list[0] ?? 0), ...list.flatMap(element)];
}

function struct(fields: Struct): number[] {
  const written: number[] = [];
  let last = 0;
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    written.push(((Number(key) - last) << 4) | typeOf(value), ...element(value));
    last = Number(key);
  }
  return [...written, 0];
}
