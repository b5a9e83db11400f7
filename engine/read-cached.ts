import { statSync } from "node:fs";
import { LeadlineError } from "../errors.js";
import type { WorkerPool } from "./pool.js";
import type { ReadOutcome, ReadRequest } from "./read.js";
import { readSnapshot, snapshotKey, snapshotPath, writeSnapshot } from "./snapshot.js";
import { resolveFiles } from "./sources/glob.js";

/**
 * What an earlier read of the same files has left in a folder; null where there is nothing, or more than fits in memory.
 * @throws LeadlineError `source-invalid` when a file is missing
 */
export async function keptSnapshot(
  request: ReadRequest,
  folder: string,
  pool: WorkerPool,
  memoryBytes: number,
): Promise<ReadOutcome | null> {
  const key = await keyOf(request);
  const size = statSync(snapshotPath(folder, key), { throwIfNoEntry: false })?.size ?? 0;
  // a run adds to its table about as much again
  if (size === 0 || 2 * size > memoryBytes) return null;
  const kept = await readSnapshot(folder, key, pool);
  return kept === null ? null : { table: kept.table, ...kept.outcome };
}

/**
 * Keeps what was read for the next run.
 * @throws LeadlineError `source-invalid` when the snapshot cannot be kept
 */
export async function keepSnapshot(request: ReadRequest, folder: string, outcome: ReadOutcome): Promise<void> {
  const { table, ...rest } = outcome;
  try {
    writeSnapshot(folder, await keyOf(request), table, rest);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError("source-invalid", `the event table cannot be kept in ${folder}: ${reason}`, { cause });
  }
}

async function keyOf({ files: patterns, base, ...asked }: ReadRequest): Promise<string> {
  const files = await resolveFiles(patterns, base);
  return snapshotKey(
    files.map(({ file }) => file),
    asked,
  );
}
