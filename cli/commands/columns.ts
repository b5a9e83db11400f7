import { safeText, sessionColumns } from "../../index.js";
import { type Context, type ReadingOptions, tell } from "../context.js";
import { progressOnStderr } from "../progress.js";
import { assertSessionFile, writeSessionFile } from "../session-file.js";
import { loadStudy } from "../study-file.js";

/** Options of `leadline columns`. */
export interface ColumnsOptions extends ReadingOptions {
  /** A path ending in .parquet or .csv. */
  readonly out: string;
  /** Bytes. */
  readonly memory?: number;
}

/** `leadline columns`: writes a column for each of some expressions, a row a session. */
export async function columns(
  path: string,
  expressions: readonly string[],
  options: ColumnsOptions,
  { signal }: Context,
): Promise<void> {
  const { out, threads, quiet, memory } = options;
  assertSessionFile("--out", out);
  const { study, base } = await loadStudy(path);
  const progress = progressOnStderr(quiet);
  try {
    const { table, warnings } = await sessionColumns(study, base, expressions, {
      signal,
      onProgress: (state) => progress.update(state),
      ...(memory === undefined ? {} : { memoryBytes: memory }),
      ...(threads === undefined ? {} : { threads }),
    });
    progress.clear();
    for (const warning of warnings) tell(safeText(warning), options);
    await writeSessionFile(out, table);
    tell(`Wrote ${out}: ${table.rows.toLocaleString("en-US")} sessions, ${table.columns.length} columns.`, options);
  } finally {
    progress.clear();
  }
}
