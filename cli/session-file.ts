import { assertWritable, type DerivedTable, sessionCsv, sessionParquet, writeWhole } from "../index.js";
import { UsageError } from "./usage-error.js";

/**
 * Whether a table of sessions can be written there, to be asked before the work that fills it.
 * @throws UsageError where the name's ending is of no format that is written
 * @throws LeadlineError `output-invalid` where no file can be written there
 */
export function assertSessionFile(option: string, path: string): void {
  if (!/\.(?:parquet|csv)$/i.test(path)) {
    throw new UsageError(`invalid ${option}: ${path}; a file ending in .parquet or .csv is allowed`);
  }
  assertWritable(path);
}

/**
 * Writes a table of sessions, whole or not at all, as the name's ending says.
 * @param metadata - texts for the footer of a Parquet file
 * @throws LeadlineError `output-invalid` where it cannot be written
 */
export async function writeSessionFile(
  path: string,
  table: DerivedTable,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  writeWhole(path, /\.csv$/i.test(path) ? await sessionCsv(table) : await sessionParquet(table, metadata));
}
