import type { SourceColumnType, SourceSchema, SourceTask } from "./chunk.js";
import { planCsv, type SourcePlan } from "./csv.js";
import { resolveFiles, type SourceFile } from "./glob.js";
import { planNdjson } from "./ndjson.js";
import { planParquet } from "./parquet/plan.js";

/** The files of a study, read as one. */
export interface SourceSet {
  readonly files: readonly SourceFile[];
  /** The columns of all files, in the order of their first appearance; a column whose files disagree on its type is `text`. */
  readonly schema: SourceSchema;
  /** Every row of every file, in the files' order. */
  readonly tasks: readonly SourceTask[];
  /** Whether the files tell the types of their columns and agree on them: then chunks agree as they are decoded. */
  readonly isTyped: boolean;
}

/**
 * Opens the files that `events.files` means: their columns as one schema, and the stretches to decode.
 *
 * A column that only some files have is missing in the rows of the others.
 * @param entries - paths and globs
 * @param base - directory that they are relative to
 * @throws LeadlineError `source-invalid` when an entry matches nothing, or a file cannot be read as what its extension says
 */
export async function openSources(entries: readonly string[], base: string): Promise<SourceSet> {
  const files = await resolveFiles(entries, base);
  const plans: SourcePlan[] = [];
  // One after the other: planning reads whole text files, and a piece of each in memory at once would add up.
  for (const file of files) plans.push(await planOf(file));
  const schema = unifySchemas(plans.map((plan) => plan.schema));
  const tasks = plans.flatMap(({ schema: own, tasks: ofFile }) => {
    const names = new Set(own.columns.map(({ name }) => name));
    const absent = schema.columns.map(({ name }) => name).filter((name) => !names.has(name));
    return absent.length === 0 ? ofFile : ofFile.map((task) => ({ ...task, absent }));
  });
  const types = plans.map((plan) => JSON.stringify(plan.schema.columns.map(({ name, type }) => [name, type])));
  const isTyped = files.every(({ format }) => format === "parquet") && new Set(types).size === 1;
  return { files, schema, tasks, isTyped };
}

async function planOf({ file, format }: SourceFile): Promise<SourcePlan> {
  switch (format) {
    case "parquet":
      return planParquet(file);
    case "csv":
      return await planCsv(file);
    case "ndjson":
      return await planNdjson(file);
  }
}

/**
 * One schema for several: columns in the order of their first appearance. Where types differ the column is `text`, but `unknown` (a format
 * without types) gives way to nothing: it makes the column `unknown`, as only the values tell. A column that one file cannot give is
 * `unsupported`.
 */
export function unifySchemas(schemas: readonly SourceSchema[]): SourceSchema {
  const seen = new Map<string, { types: Set<SourceColumnType>; details: Set<string> }>();
  for (const { columns } of schemas) {
    for (const { name, type, detail } of columns) {
      const column = seen.get(name) ?? { types: new Set(), details: new Set() };
      column.types.add(type);
      column.details.add(detail);
      seen.set(name, column);
    }
  }
  return {
    columns: [...seen].map(([name, { types, details }]) => ({
      name,
      type: unifiedType(types),
      detail: [...details].join(", "),
    })),
  };
}

function unifiedType(types: ReadonlySet<SourceColumnType>): SourceColumnType {
  const [only] = types;
  if (types.size === 1 && only !== undefined) return only;
  if (types.has("unsupported")) return "unsupported";
  return types.has("unknown") ? "unknown" : "text";
}
