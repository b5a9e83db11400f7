import { writeDecimal } from "../../../kernels/decimal-text.js";
import type { ByteDictionaryBuilder } from "../byte-dictionary.js";
import type { ParquetColumn } from "./column-type.js";

const DAY_MS = 86_400_000;

/** The Julian day of 1970-01-01, from which INT96 counts. */
const EPOCH_JULIAN_DAY = 2_440_588;

/** Longer texts than this are rare: wide decimals and hexadecimal. */
const SHORT_TEXT_BYTES = 128;

const encoder = new TextEncoder();

/** Reads the bytes of one value, [start, end) of a view. */
export type ValueReader<T> = (view: DataView, start: number, end: number) => T;

/**
 * How the text of a value's stored bytes goes into a dictionary; undefined where the bytes are the text.
 *
 * Numbers become their shortest decimal text, exact beyond 2^53 too; dates `2026-11-23`; moments ISO 8601 in UTC with
 * milliseconds, or with micro- or nanoseconds where they are not 0.
 * @returns a function from a value's bytes to its code, 0 where it counts as missing, else index plus one
 */
export function textInserter(column: ParquetColumn, into: ByteDictionaryBuilder): ValueReader<number> | undefined {
  const text = textReader(column);
  if (text === undefined) return undefined;
  const scratch = new Uint8Array(SHORT_TEXT_BYTES);
  const insertText: ValueReader<number> = (view, start, end) => {
    const value = text(view, start, end);
    if (value === undefined) return 0;
    const { read, written } = encoder.encodeInto(value, scratch);
    if (read === value.length) return into.insert(scratch, 0, written) + 1;
    const long = encoder.encode(value);
    return into.insert(long, 0, long.length) + 1;
  };
  if (column.meaning.kind !== "integer") return insertText;
  // Ids are often integers, and many: those that are exact as numbers need neither BigInt nor string.
  const wide = column.physical === "INT64";
  const { unsigned } = column.meaning;
  return (view, start, end) => {
    const high = start + (wide ? 4 : 0);
    let value = unsigned ? view.getUint32(high, true) : view.getInt32(high, true);
    if (wide) value = value * 4294967296 + view.getUint32(start, true);
    if (!Number.isSafeInteger(value)) return insertText(view, start, end);
    return into.insert(scratch, 0, writeDecimal(value, scratch)) + 1;
  };
}

/** The text of a value; undefined where it is missing, no reader at all where the bytes are the text. */
function textReader(column: ParquetColumn): ValueReader<string | undefined> | undefined {
  const { meaning } = column;
  switch (meaning.kind) {
    case "text":
    case "boolean":
      return undefined;
    case "hex":
      return hexText;
    case "uuid":
      return uuidText;
    case "integer":
    case "decimal": {
      const integer = integerReader(column);
      const scale = meaning.kind === "decimal" ? meaning.scale : 0;
      return (view, start, end) => decimalText(integer(view, start, end), scale);
    }
    case "float": {
      const number = numberReader(column);
      return (view, start, end) => {
        const value = number(view, start, end);
        return Number.isNaN(value) ? undefined : String(value);
      };
    }
    case "date":
      return (view, start) => dateText(view.getInt32(start, true));
    case "time-of-day":
    case "timestamp": {
      const integer = integerReader(column);
      const { unitsPerMs, kind } = meaning;
      return (view, start, end) => momentText(integer(view, start, end), unitsPerMs, kind === "time-of-day");
    }
    case "unsupported":
      throw new TypeError(`unsupported column: ${column.name}`);
  }
}

/**
 * How the stored bytes of a value become a number, for types that `NumbersSink` does not read: moments in ms since the epoch.
 * @throws TypeError where the column has no numbers of that kind
 */
export function numberReader(column: ParquetColumn): ValueReader<number> {
  const { meaning, physical } = column;
  switch (meaning.kind) {
    case "float":
      if (physical === "FLOAT") return (view, start) => view.getFloat32(start, true);
      if (physical === "DOUBLE") return (view, start) => view.getFloat64(start, true);
      return halfFloat;
    case "decimal": {
      const text = textReader(column);
      return (view, start, end) => Number(text?.(view, start, end));
    }
    case "timestamp": {
      const integer = integerReader(column);
      const { unitsPerMs } = meaning;
      return (view, start, end) => Number(integer(view, start, end)) / unitsPerMs;
    }
    default:
      throw new TypeError(`no numbers: ${column.name}`);
  }
}

/** The integer that a value is stored as. */
function integerReader({ physical, meaning }: ParquetColumn): ValueReader<bigint> {
  const unsigned = meaning.kind === "integer" && meaning.unsigned;
  switch (physical) {
    case "INT32":
      return (view, start) => BigInt(unsigned ? view.getUint32(start, true) : view.getInt32(start, true));
    case "INT64":
      return (view, start) => (unsigned ? view.getBigUint64(start, true) : view.getBigInt64(start, true));
    case "INT96":
      return (view, start) => {
        const days = view.getInt32(start + 8, true) - EPOCH_JULIAN_DAY;
        return BigInt(days) * BigInt(DAY_MS) * 1_000_000n + view.getBigUint64(start, true);
      };
    default:
      return bigEndianInteger;
  }
}

/** Two's complement, most significant byte first. */
function bigEndianInteger(view: DataView, start: number, end: number): bigint {
  let value = 0n;
  for (let at = start; at < end; at++) value = (value << 8n) | BigInt(view.getUint8(at));
  return BigInt.asIntN(8 * (end - start), value);
}

function decimalText(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const fraction = digits.slice(-scale).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -scale)}${fraction === "" ? "" : `.${fraction}`}`;
}

function dateText(days: number): string {
  const date = new Date(days * DAY_MS);
  // Beyond the dates of JavaScript lie the infinities of databases.
  return Number.isNaN(date.getTime()) ? String(days) : (date.toISOString().split("T")[0] as string);
}

function momentText(units: bigint, unitsPerMs: number, timeOfDay: boolean): string {
  const perMs = BigInt(unitsPerMs);
  const fraction = ((units % perMs) + perMs) % perMs;
  const date = new Date(Number((units - fraction) / perMs));
  if (Number.isNaN(date.getTime())) return String(units);
  const iso = date.toISOString().slice(0, -1);
  let digits = fraction === 0n ? "" : String(fraction).padStart(String(unitsPerMs).length - 1, "0");
  if (digits.length === 6 && digits.endsWith("000")) digits = digits.slice(0, 3);
  return timeOfDay ? `${iso.split("T")[1]}${digits}` : `${iso}${digits}Z`;
}

function hexText(view: DataView, start: number, end: number): string {
  return Buffer.from(view.buffer, view.byteOffset + start, end - start).toString("hex");
}

function uuidText(view: DataView, start: number, end: number): string {
  const hex = hexText(view, start, end);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** IEEE 754 binary16. */
function halfFloat(view: DataView, start: number, end: number): number {
  if (end - start !== 2) return Number.NaN;
  const bits = view.getUint16(start, true);
  const sign = bits >> 15 === 0 ? 1 : -1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024);
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
