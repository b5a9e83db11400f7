import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EventTable } from "./columns/event-table.js";
import type { WorkerPool } from "./pool.js";
import type { ReadOutcome } from "./read.js";
import { openStored, readStored, writeStored } from "./stored.js";

/** Changes whenever what a snapshot holds does, so that an older one is not taken for a newer. */
const VERSION = "leadline/snapshot@2";
/** Bytes at the end of a source file that go into the key: a Parquet file's footer, or the last lines. */
const FOOTER_BYTES = 1 << 16;

/** What a snapshot tells of the read besides the table. */
type Outcome = Pick<ReadOutcome, "roles" | "dropped" | "warnings">;

/**
 * The key of a read: it changes with the source files' paths, sizes, times and footers, and with what was asked for.
 * @param files - absolute paths
 * @param request - plain data that decides what the table holds
 */
export function snapshotKey(files: readonly string[], request: unknown): string {
  const hash = createHash("sha256").update(JSON.stringify([VERSION, request]));
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(JSON.stringify([file, size, mtimeMs]));
    const descriptor = openSync(file, "r");
    try {
      const footer = Buffer.alloc(Math.min(size, FOOTER_BYTES));
      readSync(descriptor, footer, 0, footer.length, size - footer.length);
      hash.update(footer);
    } finally {
      closeSync(descriptor);
    }
  }
  return hash.digest("hex").slice(0, 32);
}

/** Where a key's snapshot is kept. */
export function snapshotPath(folder: string, key: string): string {
  return join(folder, `${key}.snapshot`);
}

/**
 * Keeps an event table as it stands in memory. Written whole or not at all.
 * @throws Error of the file system
 */
export function writeSnapshot(folder: string, key: string, table: EventTable, outcome: Outcome): void {
  mkdirSync(folder, { recursive: true });
  const partial = join(folder, `.${key}.${process.pid}.partial`);
  try {
    writeStored(partial, { version: VERSION, table, outcome });
    renameSync(partial, snapshotPath(folder, key));
  } finally {
    rmSync(partial, { force: true });
  }
}

/** The table that a key's snapshot holds, on shared memory; null where there is none, or none that is whole. */
export async function readSnapshot(
  folder: string,
  key: string,
  pool: WorkerPool,
): Promise<{ readonly table: EventTable; readonly outcome: Outcome } | null> {
  const path = snapshotPath(folder, key);
  if (!existsSync(path)) return null;
  const file = openStored(path);
  // a snapshot that broke off is as good as none: the sources are read again
  if (file === null || !isSnapshot(file.header)) return null;
  return (await readStored(file, pool)) as { readonly table: EventTable; readonly outcome: Outcome };
}

function isSnapshot(value: unknown): boolean {
  return value !== null && typeof value === "object" && "version" in value && value.version === VERSION;
}
