import { LeadlineError } from "../../errors.js";
import { jsonShape } from "../../kernels/json-shape.js";
import { codesColumn, dictionaryOf, invalidTime, sharedFloats } from "./cells.js";
import type { Chunk, ChunkColumn, ColumnRequest, SourceColumnType, SourceSchema, SourceTask } from "./chunk.js";
import type { SourcePlan } from "./csv.js";
import { missingColumn } from "./missing-column.js";
import { shownPath } from "./shown-path.js";
import { isGzip, pieceBytes, TextReader } from "./text-reader.js";
import { parseTime } from "./time.js";

/** The lines whose values tell a column's type in the schema; keys are taken from all lines. */
const typedRows = 1000;

/** What a cell holds: a JSON scalar, an integer that a double cannot hold, or an array's text. */
type Cell = string | number | boolean | BigInteger | undefined;

/** An integer beyond 2^53 - 1, as it is written: a double would make neighbouring ids equal. */
class BigInteger {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type JsonObject = { readonly [key: string]: unknown };

/**
 * The columns of an NDJSON file: every key of any line, nested ones joined by dots, in the order of their first appearance. Types are
 * those of the first 1000 rows and of the first row with each further set of keys. Reads the whole file.
 * @throws LeadlineError `source-invalid` when the file is empty or one of those lines is no JSON object
 */
export async function ndjsonSchema(file: string): Promise<SourceSchema> {
  return (await planNdjson(file)).schema;
}

/**
 * Reads an NDJSON file once for its columns, and cuts it after line ends into stretches of some 8 MiB; a compressed file is one stretch.
 * Rows count from 1; blank lines are no rows.
 * @throws LeadlineError `source-invalid` when the file is empty or a line that it reads for its keys is no JSON object
 */
export async function planNdjson(file: string): Promise<SourcePlan> {
  const columns = new Map<string, SeenColumn>();
  const shapes = new Set<number>();
  const tasks: SourceTask[] = [];
  let rows = 0;
  let offset = 0;
  for await (const block of lineBlocks(file)) {
    const firstRow = rows + 1;
    for (const { start, end } of lines(block)) {
      rows++;
      const shape = jsonShape(block, start, end);
      if (rows > typedRows && shapes.has(shape)) continue;
      shapes.add(shape);
      seeColumns(parseLine(block, start, end, file, rows), "", columns);
    }
    const bytes = { start: offset, end: offset + block.length };
    if (rows >= firstRow) tasks.push({ format: "ndjson", file, firstRow, rows: rows - firstRow + 1, bytes });
    offset += block.length;
  }
  if (rows === 0)
    throw new LeadlineError(
      "source-invalid",
      `${shownPath(file)}: the file is empty; one JSON object a line is required`,
    );
  // What is an object in some lines and null in others is a missing object, not a column.
  const names = [...columns.keys()];
  const isMissingObject = (name: string): boolean => names.some((other) => other.startsWith(`${name}.`));
  const kept = [...columns].filter(([name, { kinds }]) => kinds.size > 0 || !isMissingObject(name));
  const schema = { columns: kept.map(([name, seen]) => ({ name, ...typeOf(seen) })) };
  return { schema, tasks: isGzip(file) ? [{ format: "ndjson", file, firstRow: 1, rows }] : tasks };
}

/**
 * Decodes a stretch of an NDJSON file: one chunk for a stretch of a plain file, else a chunk for each 8 MiB of text.
 *
 * `null` and absent keys are missing values; arrays are kept as JSON text. Types are those of the chunk's own values: `unifyColumns` makes
 * the chunks of all files agree. A column that no line has is missing throughout.
 * @throws LeadlineError `source-invalid`, with file and row, when a line is no JSON object, a time is none, or the file is no gzip
 */
export async function* decodeNdjson(task: SourceTask, requests: readonly ColumnRequest[]): AsyncGenerator<Chunk> {
  const { file } = task;
  let row = task.firstRow;
  for await (const block of lineBlocks(file, task.bytes)) {
    const cells = requests.map((): Cell[] => []);
    const firstRow = row;
    for (const { start, end } of lines(block)) {
      const object = parseLine(block, start, end, file, row++);
      for (const [at, { name }] of requests.entries()) cells[at]?.push(cellOf(lookUp(object, name)));
    }
    const rows = row - firstRow;
    if (rows === 0) continue;
    yield { rows, columns: requests.map((request, at) => columnOf(cells[at] ?? [], request, file, firstRow)) };
  }
}

/** Whole lines, some 8 MiB at a time; valid until the next. */
async function* lineBlocks(
  file: string,
  range?: { readonly start: number; readonly end: number },
): AsyncGenerator<Buffer> {
  const reader = new TextReader(file, pieceBytes, range);
  try {
    for (;;) {
      await reader.fill();
      const { bytes, length, last } = reader;
      if (length === 0) return;
      const whole = last ? length : bytes.subarray(0, length).lastIndexOf(10) + 1;
      if (whole === 0) {
        reader.grow();
        continue;
      }
      yield Buffer.from(bytes.buffer, bytes.byteOffset, whole);
      reader.consume(whole);
    }
  } finally {
    await reader.close();
  }
}

/** The bounds of the lines that are not blank, without their ends and a byte-order mark. */
function* lines(bytes: Buffer): Generator<{ readonly start: number; readonly end: number }> {
  const { length } = bytes;
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < length) {
    const feed = bytes.indexOf(10, at);
    const next = feed < 0 ? length : feed;
    let start = at;
    let end = next;
    while (start < end && isBlank(bytes[start] as number)) start++;
    while (end > start && isBlank(bytes[end - 1] as number)) end--;
    if (start < end) yield { start, end };
    at = next + 1;
  }
}

function isBlank(byte: number): boolean {
  return byte === 32 || byte === 9 || byte === 13;
}

/** A number token of 16 digits or more, which may be an integer that a double cannot hold. */
const maybeBig = /\d{16}/;
/** Strings, which are left alone, or numbers. */
const stringsAndNumbers = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
/** What a marked integer starts with: no text of a telemetry file is expected to start with a NUL. */
const bigMark = "\u0000big:";

function parseLine(bytes: Buffer, start: number, end: number, file: string, row: number): JsonObject {
  const text = bytes.toString("utf8", start, end);
  let value: unknown;
  try {
    value = JSON.parse(maybeBig.test(text) ? markBigIntegers(text) : text);
  } catch (cause) {
    throw new LeadlineError(
      "source-invalid",
      `${shownPath(file)}, row ${row}: the line is no JSON (${(cause as Error).message})`,
      { cause },
    );
  }
  if (isObject(value)) return value;
  throw new LeadlineError(
    "source-invalid",
    `${shownPath(file)}, row ${row}: the line is no JSON object but ${nameOf(value)}`,
  );
}

function markBigIntegers(text: string): string {
  return text.replace(stringsAndNumbers, (token) =>
    /^-?\d{16,}$/.test(token) && !Number.isSafeInteger(Number(token)) ? JSON.stringify(bigMark + token) : token,
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : `a ${typeof value}`;
}

/** The value of a flattened name: the key itself, else inside the object that a part of the name up to a dot is the key of. */
function lookUp(object: JsonObject, name: string): unknown {
  if (Object.hasOwn(object, name)) {
    const value = object[name];
    if (!isObject(value)) return value;
  }
  for (let dot = name.indexOf("."); dot >= 0; dot = name.indexOf(".", dot + 1)) {
    const head = name.slice(0, dot);
    const inner = Object.hasOwn(object, head) ? object[head] : undefined;
    if (!isObject(inner)) continue;
    const value = lookUp(inner, name.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function cellOf(value: unknown): Cell {
  switch (typeof value) {
    case "string":
      return value.startsWith(bigMark) ? new BigInteger(value.slice(bigMark.length)) : value;
    case "number":
      // JSON can write numbers that no double holds.
      return Number.isFinite(value) ? value : undefined;
    case "boolean":
      return value;
    case "object":
      return Array.isArray(value) ? arrayText(value) : undefined;
    default:
      return undefined;
  }
}

function arrayText(value: readonly unknown[]): string {
  return JSON.stringify(value).replace(/"\\u0000big:(-?\d+)"/g, "$1");
}

function columnOf(cells: readonly Cell[], request: ColumnRequest, file: string, firstRow: number): ChunkColumn {
  const rows = cells.length;
  if (cells.every((cell) => cell === undefined)) return missingColumn(rows, request);
  switch (request.as) {
    case "id":
      return textColumn(cells);
    case "own":
    case "label": {
      if (cells.every((cell) => cell === undefined || typeof cell === "number"))
        return { kind: "numbers", type: "number", values: sharedFloatsOf(cells) };
      const type = cells.every((cell) => cell === undefined || typeof cell === "boolean") ? "boolean" : "text";
      return { ...textColumn(cells), type };
    }
    case "time":
      return timesOf(cells, request.name, file, firstRow);
  }
}

function sharedFloatsOf(cells: readonly Cell[]): Float64Array {
  const values = sharedFloats(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    values[row] = cell === undefined ? Number.NaN : Number(cell instanceof BigInteger ? cell.text : cell);
  }
  return values;
}

function textColumn(cells: readonly Cell[]): Extract<ChunkColumn, { kind: "codes" }> {
  const codes = new Map<string, number>();
  const wide = new Uint32Array(cells.length);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === undefined) continue;
    const text = cell instanceof BigInteger ? cell.text : typeof cell === "string" ? cell : String(cell);
    let code = codes.get(text);
    if (code === undefined) {
      code = codes.size + 1;
      codes.set(text, code);
    }
    wide[row] = code;
  }
  return codesColumn(wide, dictionaryOf([...codes.keys()]), false) as Extract<ChunkColumn, { kind: "codes" }>;
}

/** Dates as ms, or epoch numbers as they stand; a text of digits is a number. */
function timesOf(cells: readonly Cell[], name: string, file: string, firstRow: number): ChunkColumn {
  const values = sharedFloats(cells.length).fill(Number.NaN);
  let type: "time" | "number" | undefined;
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row];
    if (cell === undefined || cell === "") continue;
    const text = cell instanceof BigInteger ? cell.text : String(cell);
    const moment = typeof cell === "string" ? parseTime(cell) : Number.NaN;
    const isDate = !Number.isNaN(moment);
    const value = isDate
      ? moment
      : /^-?\d+(\.\d+)?$/.test(text) || typeof cell === "number"
        ? Number(text)
        : Number.NaN;
    type ??= isDate ? "time" : "number";
    if (Number.isNaN(value) || (type === "time") !== isDate) throw invalidTime(file, firstRow + row, name, text);
    values[row] = value;
  }
  return { kind: "numbers", type: type ?? "time", values };
}

interface SeenColumn {
  readonly kinds: Set<"text" | "number" | "boolean" | "array">;
}

function seeColumns(object: JsonObject, prefix: string, columns: Map<string, SeenColumn>): void {
  for (const [key, value] of Object.entries(object)) {
    const name = prefix + key;
    if (isObject(value)) {
      seeColumns(value, `${name}.`, columns);
      continue;
    }
    let seen = columns.get(name);
    if (seen === undefined) {
      seen = { kinds: new Set() };
      columns.set(name, seen);
    }
    const cell = cellOf(value);
    if (Array.isArray(value)) seen.kinds.add("array");
    else if (typeof cell === "number") seen.kinds.add("number");
    else if (typeof cell === "boolean") seen.kinds.add("boolean");
    else if (cell !== undefined) seen.kinds.add("text");
  }
}

function typeOf({ kinds }: SeenColumn): { readonly type: SourceColumnType; readonly detail: string } {
  const detail = kinds.size === 0 ? "JSON null" : `JSON ${[...kinds].join(" or ")}`;
  const [kind] = kinds;
  if (kind === undefined) return { type: "unknown", detail };
  return { type: kinds.size > 1 || kind === "array" ? "text" : kind, detail };
}
