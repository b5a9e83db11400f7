import { accessSync, constants, statSync } from "node:fs";
import { resolve } from "node:path";
import { glob } from "tinyglobby";
import { LeadlineError } from "../../errors.js";
import type { SourceTask } from "./chunk.js";

const formats: readonly (readonly [extension: string, format: SourceTask["format"]])[] = [
  [".parquet", "parquet"],
  [".pq", "parquet"],
  [".csv", "csv"],
  [".csv.gz", "csv"],
  [".tsv", "csv"],
  [".tsv.gz", "csv"],
  [".ndjson", "ndjson"],
  [".ndjson.gz", "ndjson"],
  [".jsonl", "ndjson"],
  [".jsonl.gz", "ndjson"],
];

/** A data file, and what its extension says it is. */
export interface SourceFile {
  /** Absolute. */
  readonly file: string;
  readonly format: SourceTask["format"];
}

/**
 * The files that a study's `events.files` means: each entry is a path or a glob, relative to `base`.
 * @returns without duplicates, ascending by the bytes of the absolute path
 * @throws LeadlineError `source-invalid` when an entry matches nothing or is a directory, and when a file has an unknown extension or
 * cannot be read
 */
export async function resolveFiles(entries: readonly string[], base: string): Promise<readonly SourceFile[]> {
  const found = new Set<string>();
  for (const entry of entries) for (const file of await matches(entry, base)) found.add(file);
  return [...found]
    .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .map((file) => ({ file, format: formatOf(file) }));
}

async function matches(entry: string, base: string): Promise<readonly string[]> {
  // A path that exists is that file, even when its name looks like a glob.
  const path = resolve(base, entry);
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isDirectory() === true)
    throw new LeadlineError(
      "source-invalid",
      `invalid file: ${entry} is a directory; a file, or a glob such as ${entry.replace(/\/$/, "")}/*.parquet, is allowed`,
    );
  const files =
    stats === undefined ? await glob(entry, { cwd: base, absolute: true, expandDirectories: false }) : [path];
  if (files.length === 0)
    throw new LeadlineError("source-invalid", `missing file: ${entry} matches nothing in ${base}`);
  return files.map((file) => resolve(file));
}

/** Only the extension decides: contents are checked when they are read. */
function formatOf(file: string): SourceTask["format"] {
  const name = file.toLowerCase();
  const format = formats.find(([extension]) => name.endsWith(extension))?.[1];
  if (format === undefined)
    throw new LeadlineError(
      "source-invalid",
      `unknown file extension: ${file}; ${formats.map(([extension]) => extension).join(", ")} are allowed`,
    );
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    throw new LeadlineError("source-invalid", `unreadable file: ${file}`, { cause });
  }
  return format;
}
