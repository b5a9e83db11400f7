import { LeadlineError } from "../errors.js";
import { didYouMean } from "../planner/expression/suggest.js";
import type { AuxiliaryColumn, AuxiliaryTable } from "./columns/auxiliary-table.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "./columns/shared.js";
import type { WorkerPool } from "./pool.js";
import type { ByteDictionary, Chunk, ChunkColumn, ColumnRequest, SourceTask } from "./sources/chunk.js";
import { decoderBytes } from "./sources/decoder-module.js";
import { openSources } from "./sources/source.js";
import { unifyColumns } from "./sources/unify-columns.js";

/** An auxiliary table to read. */
export interface TableRequest {
  readonly name: string;
  /** Relative to `base`. */
  readonly file: string;
  readonly base: string;
  readonly time: string;
  /** The events' attribute, and the table's column that it is looked up in. */
  readonly on: readonly { readonly attribute: string; readonly column: string }[];
  readonly columns: readonly string[];
  /** ms; null: rows of any age hold */
  readonly withinMs: number | null;
}

/** Distinct values and each row's place among them, -1 where it is missing. */
interface Keys {
  readonly dictionary: readonly string[];
  readonly places: Int32Array;
}

/**
 * Reads an auxiliary table and sorts it by key and time; rows without a time or a key are left out. O(rows log rows).
 * @throws LeadlineError `source-invalid` when the file cannot be read or lacks a column
 */
export async function readTable(request: TableRequest, pool: WorkerPool): Promise<AuxiliaryTable> {
  const { name, on, columns, withinMs } = request;
  const requests: ColumnRequest[] = [
    { name: request.time, as: "time" },
    ...on.map(({ column }) => ({ name: column, as: "id" as const })),
    ...columns.map((column) => ({ name: column, as: "own" as const })),
  ];
  const chunks = await readChunks(request, requests, pool);
  const rows = chunks.reduce((sum, chunk) => sum + chunk.rows, 0);
  const columnAt = (index: number): ChunkColumn[] => chunks.map((chunk) => chunk.columns[index] as ChunkColumn);
  const time = numbersOf(columnAt(0), rows);
  const keyed = on.map(({ attribute }, index) => ({ attribute, ...keysOf(columnAt(1 + index), rows) }));

  const key = new Float64Array(rows);
  const usable: number[] = [];
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    for (const { dictionary, places } of keyed) {
      const place = places[row] as number;
      sum = place < 0 ? Number.NaN : sum * dictionary.length + place;
    }
    key[row] = sum;
    if (!Number.isNaN(sum) && !Number.isNaN(time[row] as number)) usable.push(row);
  }
  // by key, then time, then place in the file, which the sort keeps
  const order = Uint32Array.from(usable).sort(
    (a, b) => (key[a] as number) - (key[b] as number) || (time[a] as number) - (time[b] as number) || a - b,
  );
  const starts: number[] = [];
  for (let at = 0; at < order.length; at++) {
    if (at === 0 || key[order[at] as number] !== key[order[at - 1] as number]) starts.push(at);
  }
  const keys = sharedFloat64(starts.length);
  const keyOffsets = sharedUint32(starts.length + 1);
  for (const [index, start] of starts.entries()) {
    keys[index] = key[order[start] as number] as number;
    keyOffsets[index] = start;
  }
  keyOffsets[starts.length] = order.length;
  return {
    name,
    rows: order.length,
    on: keyed.map(({ attribute, dictionary }) => ({ attribute, dictionary })),
    withinMs: withinMs ?? Number.POSITIVE_INFINITY,
    keys,
    keyOffsets,
    time: ordered(time, order),
    columns: columns.map((column, index) => auxiliaryColumn(column, columnAt(1 + on.length + index), rows, order)),
  };
}

async function readChunks(
  { name, file, base }: TableRequest,
  requests: readonly ColumnRequest[],
  pool: WorkerPool,
): Promise<readonly Chunk[]> {
  const sources = await openSources([file], base);
  const known = sources.schema.columns.map((column) => column.name);
  for (const { name: column } of requests) {
    if (known.includes(column)) continue;
    throw new LeadlineError(
      "source-invalid",
      `tables.${name}: ${file}: missing column: ${column};${didYouMean(column, known)} it has ${known.join(", ")}`,
    );
  }
  const decode = (task: SourceTask, wanted: readonly ColumnRequest[]): Promise<readonly Chunk[]> =>
    pool.run("decode", { task, requests: wanted, decoder: decoderBytes() }, `${task.file}, rows from ${task.firstRow}`);
  const decoded = await Promise.all(
    sources.tasks.map(async (task) => ({ task, chunks: await decode(task, requests) })),
  );
  return await unifyColumns(requests, decoded, decode);
}

function numbersOf(columns: readonly ChunkColumn[], rows: number): Float64Array {
  const values = new Float64Array(rows);
  let from = 0;
  for (const column of columns) {
    if (column.kind !== "numbers") throw new TypeError("numbers were asked for");
    values.set(column.values, from);
    from += column.values.length;
  }
  return values;
}

/** The values of all chunks as one ascending dictionary. */
function keysOf(columns: readonly ChunkColumn[], rows: number): Keys {
  const texts = columns.map((column) => {
    if (column.kind !== "codes") throw new TypeError("codes were asked for");
    return textsOf(column.dictionary);
  });
  const dictionary = [...new Set(texts.flat())].sort();
  const placeOf = new Map(dictionary.map((text, place) => [text, place]));
  const places = new Int32Array(rows);
  let from = 0;
  for (const [index, column] of columns.entries()) {
    if (column.kind !== "codes") continue;
    const own = Int32Array.from([-1, ...(texts[index] ?? []).map((text) => placeOf.get(text) ?? -1)]);
    for (let row = 0; row < column.codes.length; row++) places[from + row] = own[column.codes[row] as number] as number;
    from += column.codes.length;
  }
  return { dictionary, places };
}

function textsOf({ bytes, offsets }: ByteDictionary): string[] {
  return Array.from({ length: offsets.length - 1 }, (_, index) =>
    Buffer.from(bytes.slice(offsets[index], offsets[index + 1])).toString("utf8"),
  );
}

function auxiliaryColumn(
  name: string,
  columns: readonly ChunkColumn[],
  rows: number,
  order: Uint32Array,
): AuxiliaryColumn {
  const [first] = columns;
  if (first === undefined || first.kind === "numbers") {
    return { kind: "numeric", name, type: first?.type ?? "number", values: ordered(numbersOf(columns, rows), order) };
  }
  const { dictionary, places } = keysOf(columns, rows);
  const codes = sharedCodes(order.length, dictionary.length);
  for (let at = 0; at < order.length; at++) codes[at] = (places[order[at] as number] as number) + 1;
  const values = first.type === "boolean" ? dictionary.map((text) => text === "true") : dictionary;
  return { kind: "coded", name, codes, dictionary: values };
}

function ordered(values: Float64Array, order: Uint32Array): Float64Array {
  const out = sharedFloat64(order.length);
  for (let at = 0; at < order.length; at++) out[at] = values[order[at] as number] as number;
  return out;
}
