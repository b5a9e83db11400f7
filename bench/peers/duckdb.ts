import { DuckDBInstance } from "@duckdb/node-api";

/** Enough for every query but the main job's first form at 10 M events, which spills. */
const MEMORY_LIMIT = "12GB";

/** A row of a query; counts come as numbers. */
export type Row = Readonly<Record<string, unknown>>;

/** DuckDB in memory, in this process. */
export interface Duck {
  run(sql: string): Promise<void>;
  rows(sql: string): Promise<Row[]>;
  close(): void;
}

/**
 * Opens an empty database on two threads, the machine that the bars are for.
 * @param spill - folder for what does not fit the memory; absent: none
 */
export async function openDuck(spill?: string): Promise<Duck> {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "2",
    memory_limit: MEMORY_LIMIT,
    ...(spill === undefined ? {} : { temp_directory: spill }),
  });
  const connection = await instance.connect();
  return {
    run: async (sql) => {
      await connection.run(sql);
    },
    rows: async (sql) => {
      const result = await connection.runAndReadAll(sql);
      return result
        .getRowObjectsJS()
        .map((row) =>
          Object.fromEntries(
            Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
          ),
        );
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
