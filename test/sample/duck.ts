import { DuckDBInstance } from "@duckdb/node-api";

/** Rows of a query as plain objects; counts come as numbers. */
export type Row = Record<string, unknown>;

/** An oracle for tests: DuckDB in memory. */
export interface Duck {
  rows(sql: string): Promise<Row[]>;
  /** The first row's value of the first column. */
  value(sql: string): Promise<unknown>;
}

/** Opens an empty database. */
export async function openDuck(): Promise<Duck> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  const rows = async (sql: string): Promise<Row[]> => {
    const result = await connection.runAndReadAll(sql);
    return result
      .getRowObjectsJS()
      .map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
        ),
      );
  };
  return {
    rows,
    value: async (sql) => Object.values((await rows(sql))[0] ?? {})[0],
  };
}
