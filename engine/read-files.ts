import { availableParallelism } from "node:os";
import { defaultSettings } from "../planner/settings.js";
import { WorkerPool } from "./pool.js";
import { type ReadOutcome, readEvents as readRequested } from "./read.js";
import { guessRoles, type Roles } from "./sources/roles.js";
import { openSources } from "./sources/source.js";

/** How files are read. */
export interface ReadEventsOptions {
  /**
   * Which columns name the user, the session, the time and the event.
   * @default guessed from usual names
   */
  readonly columns?: Partial<Roles>;
  /**
   * The other columns that are read, by name.
   * @default all that can be
   */
  readonly attributes?: readonly string[];
  /**
   * Inactivity in ms that ends a session where there is no session column.
   * @default 1800000, the setting session_gap_default
   */
  readonly sessionGapMs?: number;
  /**
   * Worker threads; the table is the same for any number.
   * @default as many as there are processors
   */
  readonly threads?: number;
  /** Ends the reading with a `LeadlineError` of code `aborted`. */
  readonly signal?: AbortSignal;
  /** Called as events are read. */
  readonly onProgress?: (progress: {
    readonly phase: "read";
    readonly done: number;
    readonly total: number;
    readonly unit: "events";
  }) => void;
}

/**
 * Reads event files into memory, as a run does: sorted by user, session start and time, texts as codes into dictionaries.
 * O(rows × columns).
 * @param files - Parquet, CSV, TSV and NDJSON files and globs
 * @param base - folder that they are relative to
 * @throws LeadlineError `source-invalid` when a file cannot be read, a column is missing, or a role cannot be guessed; `aborted`
 */
export async function readEvents(
  files: readonly string[],
  base: string,
  options: ReadEventsOptions = {},
): Promise<ReadOutcome> {
  const settings = defaultSettings();
  const { schema } = await openSources(files, base);
  const roles = guessRoles(schema, options.columns ?? {});
  const taken = new Set<string>(Object.values(roles));
  const others = schema.columns.filter(({ name, type }) => !taken.has(name) && type !== "unsupported");
  const typeOf = new Map(schema.columns.map(({ name, type }) => [name, type]));
  const isStatic = (name: string): boolean => typeOf.get(name) === "text" || typeOf.get(name) === "boolean";
  const pool = new WorkerPool(options.threads ?? availableParallelism(), options.signal);
  try {
    return await readRequested(
      {
        files,
        base,
        columns: roles,
        sessionGapMs: options.sessionGapMs ?? settings.session_gap_default,
        needed: options.attributes ?? others.map(({ name }) => name),
        attributes: options.attributes === undefined ? null : options.attributes.filter(isStatic),
        attributeMaxValues: settings.attribute_max_values,
      },
      pool,
      (done, total) => options.onProgress?.({ phase: "read", done, total, unit: "events" }),
    );
  } finally {
    await pool.close();
  }
}
