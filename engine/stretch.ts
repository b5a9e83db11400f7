import { type ChunkRoles, prepareChunk } from "./columns/prepare.js";
import { sharedFloat64, sharedUint8, sharedUint32 } from "./columns/shared.js";
import { type SpilledChunk, spillChunk } from "./columns/spill.js";
import type { ByteDictionary, Chunk, ChunkColumn, ColumnRequest, NumbersColumn, SourceTask } from "./sources/chunk.js";
import { decodeTask } from "./sources/decode-task.js";

/** What all chunks have agreed that a column is. */
export interface ColumnTarget {
  readonly kind: ChunkColumn["kind"];
  readonly type: ChunkColumn["type"];
  /** From the numbers of the file to ms. */
  readonly factor: number;
}

/** A stretch to be decoded, prepared and written to disk. */
export interface SpillInput {
  readonly task: SourceTask;
  readonly requests: readonly ColumnRequest[];
  readonly roles: ChunkRoles;
  /** By chunk and column; null where chunks agree as they are decoded. */
  readonly targets: readonly (readonly ColumnTarget[])[] | null;
  /** The chunks' files begin with it. */
  readonly path: string;
}

/** A chunk with of each column only what chunks are made to agree by; epoch numbers, which vote on their unit, as they are. */
export function summaryOf({ rows, columns }: Chunk, requests: readonly ColumnRequest[]): Chunk {
  return {
    rows,
    columns: columns.map((column, at): ChunkColumn => {
      if (column.kind === "codes") return { ...textSummary(isEmpty(column)), type: column.type };
      const isEpoch = requests[at]?.as === "time" && column.type === "number";
      return isEpoch ? column : { ...column, values: sharedFloat64(isEmpty(column) ? 0 : 1) };
    }),
  };
}

/** A column of texts that tells no more than whether there are any. */
export function textSummary(empty: boolean): ChunkColumn & { readonly kind: "codes" } {
  const dictionary: ByteDictionary = { bytes: sharedUint8(0), offsets: sharedUint32(empty ? 1 : 2) };
  return { kind: "codes", type: "text", codes: sharedUint8(0), dictionary };
}

/** Whether a column has no value. */
export function isEmpty(column: ChunkColumn): boolean {
  return column.kind === "codes" ? column.dictionary.offsets.length === 1 : column.values.every(Number.isNaN);
}

/**
 * Decodes a stretch, prepares its chunks and writes each to a file; for a worker thread.
 * @throws LeadlineError `source-invalid`, `output-invalid`
 */
export async function spillStretch({ task, requests, roles, targets, path }: SpillInput): Promise<SpilledChunk[]> {
  const spilled: SpilledChunk[] = [];
  for await (const chunk of decodeTask(task, requests, "scratch")) {
    const own = targets?.[spilled.length];
    const columns =
      own === undefined ? chunk.columns : chunk.columns.map((column, at) => as(column, own[at], chunk.rows));
    spilled.push(spillChunk(prepareChunk({ rows: chunk.rows, columns }, roles), `${path}-${spilled.length}`));
  }
  return spilled;
}

/** A column as all chunks have agreed; one of another kind has no values. */
function as(column: ChunkColumn, target: ColumnTarget | undefined, rows: number): ChunkColumn {
  if (target === undefined) return column;
  if (target.kind === "codes") {
    const type = target.type as "text" | "boolean";
    if (column.kind === "codes") return { ...column, type };
    return { ...textSummary(true), type, codes: sharedUint8(rows) };
  }
  const type = target.type as NumbersColumn["type"];
  if (column.kind === "codes") return { kind: "numbers", type, values: sharedFloat64(rows).fill(Number.NaN) };
  if (column.type === "number" && target.type === "time") {
    for (let row = 0; row < rows; row++) column.values[row] = (column.values[row] as number) * target.factor;
  }
  return { ...column, type };
}
