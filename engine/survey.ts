import { join } from "node:path";
import type { SpilledChunk } from "./columns/spill.js";
import type { WorkerPool } from "./pool.js";
import { labelOf, type ReadPlan } from "./read.js";
import type { Chunk, ChunkColumn, ColumnRequest, SourceTask } from "./sources/chunk.js";
import { epochUnit } from "./sources/time.js";
import { unifyColumns } from "./sources/unify-columns.js";
import { type ColumnTarget, isEmpty, type SpillInput, textSummary } from "./stretch.js";

/**
 * Decodes every stretch and writes its chunks to a folder, so that no more than a stretch a thread is in memory. Files that do not
 * tell their columns' types are decoded twice: first to see what all of them hold.
 * @throws LeadlineError as `readEvents`; `output-invalid` where the folder cannot be written to
 */
export async function spillAll(
  { tasks, requests, chunkRoles, isSettled }: ReadPlan,
  folder: string,
  pool: WorkerPool,
  onProgress: ((rows: number) => void) | undefined,
): Promise<SpilledChunk[]> {
  const surveyed = isSettled ? null : await surveyAll(tasks, requests, pool);
  const inputs = tasks.map((task, index): SpillInput => {
    const own = surveyed?.[index];
    return {
      task,
      requests: own?.requests ?? requests,
      roles: chunkRoles,
      targets: own?.targets ?? null,
      path: join(folder, `stretch-${index}`),
    };
  });
  const spilled = await pool.runAll(
    "spill",
    inputs,
    (index) => labelOf(tasks[index]),
    (index) => onProgress?.(tasks[index]?.rows ?? 0),
  );
  return spilled.flat();
}

interface Surveyed {
  readonly requests: readonly ColumnRequest[];
  readonly targets: readonly (readonly ColumnTarget[])[];
}

/** What each stretch is to be decoded as: `unifyColumns` decides, on chunks that hold nothing but what it looks at. */
async function surveyAll(
  tasks: readonly SourceTask[],
  requests: readonly ColumnRequest[],
  pool: WorkerPool,
): Promise<readonly Surveyed[]> {
  const summaries = await pool.runAll(
    "survey",
    tasks.map((task) => ({ task, requests })),
    (index) => labelOf(tasks[index]),
  );
  const decoded = tasks.map((task, index) => ({ task, chunks: summaries[index] ?? [] }));
  const stale = new Map<SourceTask, readonly string[]>();
  const unified = await unifyColumns(requests, decoded, (task, wanted) => {
    stale.set(
      task,
      wanted.map(({ name }) => name),
    );
    // what is decoded again is what has values, as texts
    const chunks = summaries[tasks.indexOf(task)] ?? [];
    return Promise.resolve(
      chunks.map(({ rows, columns }) => ({
        rows,
        columns: wanted.map(({ name }) => {
          const column = columns[requests.findIndex((request) => request.name === name)] as ChunkColumn;
          return textSummary(isEmpty(column));
        }),
      })),
    );
  });
  const factorOf = epochFactors(requests, decoded);
  let next = 0;
  return decoded.map(({ task, chunks }) => ({
    requests: requests.map((request) =>
      stale.get(task)?.includes(request.name) === true ? ({ name: request.name, as: "id" } as const) : request,
    ),
    targets: chunks.map(() => {
      const { columns } = unified[next++] as Chunk;
      return columns.map(({ kind, type }, at) => ({
        kind,
        type,
        factor: requests[at]?.as === "time" ? (factorOf.get(task.file) ?? 1) : 1,
      }));
    }),
  }));
}

/** By file: the factor to ms of a time column of epoch numbers. */
function epochFactors(
  requests: readonly ColumnRequest[],
  decoded: readonly { readonly task: SourceTask; readonly chunks: readonly Chunk[] }[],
): Map<string, number> {
  const values = new Map<string, Float64Array[]>();
  const time = requests.findIndex(({ as }) => as === "time");
  for (const { task, chunks } of decoded) {
    for (const { columns } of chunks) {
      const column = columns[time];
      if (column?.kind !== "numbers" || column.type !== "number" || isEmpty(column)) continue;
      const own = values.get(task.file) ?? [];
      own.push(column.values);
      values.set(task.file, own);
    }
  }
  return new Map([...values].map(([file, own]) => [file, epochUnit(...own)]));
}
