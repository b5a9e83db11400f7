import type { SourceColumnType } from "../chunk.js";
import type { ParquetType, SchemaElement } from "./metadata.js";

/** What the values of a flat column mean, whatever bytes they are stored as. */
export type Meaning =
  | { readonly kind: "text" }
  /** Bytes without any annotation but a fixed length: shown in hexadecimal. */
  | { readonly kind: "hex" }
  | { readonly kind: "uuid" }
  | { readonly kind: "boolean" }
  | { readonly kind: "integer"; readonly unsigned: boolean }
  | { readonly kind: "float" }
  | { readonly kind: "decimal"; readonly scale: number }
  | { readonly kind: "date" }
  | { readonly kind: "time-of-day"; readonly unitsPerMs: number }
  | { readonly kind: "timestamp"; readonly unitsPerMs: number }
  | { readonly kind: "unsupported"; readonly reason: string };

/** A top-level column of a Parquet file. */
export interface ParquetColumn {
  readonly name: string;
  readonly meaning: Meaning;
  /** The type as the file writes it, for people: `INT64 TIMESTAMP(MICROS)`. */
  readonly detail: string;
  /** Position of its column chunk in every row group; of the first one for a nested column. */
  readonly leaf: number;
  readonly optional: boolean;
  /** Absent for a nested column. */
  readonly physical?: ParquetType;
  /** Bytes of a FIXED_LEN_BYTE_ARRAY. */
  readonly typeLength: number;
}

const UNITS_PER_MS = { MILLIS: 1, MICROS: 1000, NANOS: 1_000_000 } as const;

/**
 * The top-level columns of a schema, in its order.
 * @param schema - elements in depth-first order, the root first, as the footer has them
 */
export function parquetColumns(schema: readonly SchemaElement[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  let leaf = 0;
  for (let at = 1; at < schema.length; ) {
    const element = schema[at] as SchemaElement;
    let leaves = 0;
    // A group's descendants follow it: walk until as many elements as were promised have been seen.
    let pending = 1;
    for (; pending > 0 && at < schema.length; at++) {
      const children = schema[at]?.children ?? 0;
      pending += children - 1;
      if (children === 0) leaves++;
    }
    columns.push({
      name: element.name,
      meaning: meaningOf(element),
      detail: detailOf(element),
      leaf,
      optional: element.repetition === "OPTIONAL",
      ...(element.type === undefined ? {} : { physical: element.type }),
      typeLength: element.typeLength ?? 0,
    });
    leaf += leaves;
  }
  return columns;
}

/** The type of a column by its own meaning. */
export function sourceTypeOf(meaning: Meaning): SourceColumnType {
  switch (meaning.kind) {
    case "text":
    case "hex":
    case "uuid":
      return "text";
    case "boolean":
      return "boolean";
    case "integer":
    case "float":
    case "decimal":
    case "time-of-day":
      return "number";
    case "date":
    case "timestamp":
      return "time";
    case "unsupported":
      return "unsupported";
  }
}

function meaningOf(element: SchemaElement): Meaning {
  const { type, repetition } = element;
  if (repetition === "REPEATED") return { kind: "unsupported", reason: "repeated" };
  return type === undefined ? { kind: "unsupported", reason: "nested" } : storedMeaning(type, element);
}

function storedMeaning(type: ParquetType, element: SchemaElement): Meaning {
  const annotation = element.logical?.type ?? element.converted;
  switch (type) {
    case "BOOLEAN":
      return { kind: "boolean" };
    case "FLOAT":
    case "DOUBLE":
      return { kind: "float" };
    case "INT96":
      return { kind: "timestamp", unitsPerMs: UNITS_PER_MS.NANOS };
    case "INT32":
    case "INT64":
      return integerMeaning(element);
    case "BYTE_ARRAY":
      if (annotation === "DECIMAL") return decimalMeaning(element);
      if (annotation === undefined || ["STRING", "UTF8", "ENUM", "JSON"].includes(annotation)) return { kind: "text" };
      return { kind: "unsupported", reason: annotation };
    case "FIXED_LEN_BYTE_ARRAY":
      if (annotation === "DECIMAL") return decimalMeaning(element);
      if (annotation === "FLOAT16") return { kind: "float" };
      if (annotation === "UUID") return { kind: "uuid" };
      if (annotation === undefined) return { kind: "hex" };
      if (["STRING", "UTF8", "ENUM", "JSON"].includes(annotation)) return { kind: "text" };
      return { kind: "unsupported", reason: annotation };
  }
}

function integerMeaning(element: SchemaElement): Meaning {
  const { converted, logical } = element;
  switch (logical?.type) {
    case "TIMESTAMP":
      return { kind: "timestamp", unitsPerMs: UNITS_PER_MS[logical.unit] };
    case "TIME":
      return { kind: "time-of-day", unitsPerMs: UNITS_PER_MS[logical.unit] };
    case "DATE":
      return { kind: "date" };
    case "DECIMAL":
      return decimalMeaning(element);
    case "INTEGER":
      return { kind: "integer", unsigned: !logical.isSigned };
    default:
  }
  switch (converted) {
    case "TIMESTAMP_MILLIS":
      return { kind: "timestamp", unitsPerMs: UNITS_PER_MS.MILLIS };
    case "TIMESTAMP_MICROS":
      return { kind: "timestamp", unitsPerMs: UNITS_PER_MS.MICROS };
    case "TIME_MILLIS":
      return { kind: "time-of-day", unitsPerMs: UNITS_PER_MS.MILLIS };
    case "TIME_MICROS":
      return { kind: "time-of-day", unitsPerMs: UNITS_PER_MS.MICROS };
    case "DATE":
      return { kind: "date" };
    case "DECIMAL":
      return decimalMeaning(element);
    default:
      return { kind: "integer", unsigned: converted?.startsWith("UINT_") === true };
  }
}

function decimalMeaning({ scale, logical }: SchemaElement): Meaning {
  return { kind: "decimal", scale: logical?.type === "DECIMAL" ? logical.scale : (scale ?? 0) };
}

function detailOf({ type, typeLength: length, children, ...element }: SchemaElement): string {
  const { logical, converted } = element;
  const physical = type === undefined ? `group of ${children ?? 0}` : length ? `${type}(${length})` : type;
  const repeated = element.repetition === "REPEATED" ? "repeated " : "";
  let annotation: string | undefined = logical?.type ?? converted;
  if (logical?.type === "TIMESTAMP" || logical?.type === "TIME") annotation = `${logical.type}(${logical.unit})`;
  if (logical?.type === "INTEGER") annotation = `${logical.isSigned ? "INT" : "UINT"}_${logical.bitWidth}`;
  if (annotation === "DECIMAL") annotation = `DECIMAL(${element.precision ?? "?"}, ${element.scale ?? 0})`;
  return `${repeated}${physical}${annotation === undefined ? "" : ` ${annotation}`}`;
}
