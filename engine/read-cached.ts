import { LeadlineError } from "../errors.js";
import type { WorkerPool } from "./pool.js";
import { type ReadOutcome, type ReadProgress, type ReadRequest, readEvents } from "./read.js";
import { readSnapshot, snapshotKey, writeSnapshot } from "./snapshot.js";
import { resolveFiles } from "./sources/glob.js";

/**
 * As `readEvents`, from the snapshot that an earlier read of the same files has left in a folder; else it leaves one.
 * @throws LeadlineError as `readEvents`; `source-invalid` when the snapshot cannot be kept
 */
export async function readCached(
  request: ReadRequest,
  folder: string,
  pool: WorkerPool,
  onProgress?: ReadProgress,
): Promise<ReadOutcome> {
  const { files: patterns, base, ...asked } = request;
  const files = await resolveFiles(patterns, base);
  const paths = files.map(({ file }) => file);
  const key = snapshotKey(paths, asked);
  const kept = readSnapshot(folder, key);
  if (kept !== null) return { table: kept.table, ...kept.outcome };
  const outcome = await readEvents(request, pool, onProgress);
  const { table, ...rest } = outcome;
  try {
    writeSnapshot(folder, key, table, rest);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError("source-invalid", `the event table cannot be kept in ${folder}: ${reason}`, { cause });
  }
  return outcome;
}
