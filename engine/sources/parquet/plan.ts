import type { SourceSchema, SourceTask } from "../chunk.js";
import { sourceTypeOf } from "./column-type.js";
import { type Footer, withParquetFile } from "./footer.js";

/** What a Parquet file's footer tells: the columns, and one task for each row group. */
export interface ParquetPlan {
  readonly schema: SourceSchema;
  /** In row order; row groups without rows have none. */
  readonly tasks: readonly SourceTask[];
}

/**
 * The top-level columns of a Parquet file, in its order. Reads the footer alone.
 * @throws LeadlineError `source-invalid` where the file is missing, is no Parquet file, is cut off or encrypted
 */
export function parquetSchema(file: string): SourceSchema {
  return withParquetFile(file, (_, footer) => schemaOf(footer));
}

/**
 * Cuts a Parquet file into tasks for `decodeParquet`. Reads the footer alone.
 * @throws LeadlineError `source-invalid` where the file is missing, is no Parquet file, is cut off or encrypted
 */
export function planParquet(file: string): ParquetPlan {
  return withParquetFile(file, (_, footer) => {
    const tasks: SourceTask[] = [];
    let firstRow = 1;
    for (const [rowGroup, { rows }] of footer.rowGroups.entries()) {
      if (rows > 0) tasks.push({ format: "parquet", file, firstRow, rows, rowGroup });
      firstRow += rows;
    }
    return { schema: schemaOf(footer), tasks };
  });
}

function schemaOf({ columns }: Footer): SourceSchema {
  return { columns: columns.map(({ name, meaning, detail }) => ({ name, type: sourceTypeOf(meaning), detail })) };
}
