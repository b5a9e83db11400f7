import { totalmem } from "node:os";
import { sharedMoments, storeOf } from "./event-store.js";
import type { WorkerPool } from "./pool.js";
import {
  planRead,
  type ReadOutcome,
  type ReadPlan,
  type ReadProgress,
  type ReadRequest,
  readPlanned,
  type StoreOutcome,
} from "./read.js";
import { keepSnapshot, keptSnapshot } from "./read-cached.js";
import { readParts } from "./read-parts.js";

/** Share of the machine's memory that a run may use. */
const MEMORY_SHARE = 0.6;
/** A run in parts needs memory for one of them and, several times as much, for what it knows of every session. */
const PARTS_TO_MEMORY = 6;
/** Bytes of an event while a table is read and a plan evaluated: rounded up from what main jobs took. */
const BYTES_PER_EVENT = 32;
/** The same of every column beside user, session, time and event. */
const BYTES_PER_NUMBER = 10;
const BYTES_PER_TEXT = 3;

/** How events are read. */
export interface StoreOptions {
  /** What the run may use. @default 60 % of the memory of the machine, or of what a container allows */
  readonly memoryBytes?: number;
  /** Keeps the table for the next run, where it fits in memory. @default none */
  readonly cacheFolder?: string;
  readonly onProgress?: ReadProgress;
}

/**
 * Reads files into memory, or where their events would not fit there, into parts on disk. The same users, sessions and values either
 * way.
 * @throws LeadlineError as `readEvents`; `output-invalid` where parts or the table cannot be kept
 */
export async function readStore(
  request: ReadRequest,
  pool: WorkerPool,
  { memoryBytes = defaultMemoryBytes(), cacheFolder, onProgress }: StoreOptions,
): Promise<StoreOutcome> {
  const inMemory = async ({ table, ...rest }: ReadOutcome): Promise<StoreOutcome> => ({
    ...rest,
    store: storeOf(table, await sharedMoments(table, pool)),
    close: () => {},
  });
  if (cacheFolder !== undefined) {
    const kept = await keptSnapshot(request, cacheFolder, pool, memoryBytes);
    if (kept !== null) return await inMemory(kept);
  }
  const plan = await planRead(request);
  const bytes = estimatedBytes(plan);
  if (bytes > memoryBytes) {
    return await readParts(request, plan, Math.ceil((bytes / memoryBytes) * PARTS_TO_MEMORY), pool, onProgress);
  }
  const outcome = await readPlanned(request, plan, pool, onProgress);
  if (cacheFolder !== undefined) await keepSnapshot(request, cacheFolder, outcome);
  return await inMemory(outcome);
}

/** About what a run takes whose table is in memory: exact rows are known of Parquet alone, and no column's values. */
function estimatedBytes({ tasks, others, typeOf }: ReadPlan): number {
  const rows = tasks.reduce((sum, task) => sum + task.rows, 0);
  const numbers = others.filter((name) => typeOf.get(name) === "number" || typeOf.get(name) === "time").length;
  return rows * (BYTES_PER_EVENT + BYTES_PER_NUMBER * numbers + BYTES_PER_TEXT * (others.length - numbers));
}

function defaultMemoryBytes(): number {
  // 0 where nothing constrains the process, and more than there is where that is told so
  const allowed = process.constrainedMemory();
  return MEMORY_SHARE * (allowed > 0 ? Math.min(allowed, totalmem()) : totalmem());
}
