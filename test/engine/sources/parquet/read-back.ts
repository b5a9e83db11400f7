import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { ChunkColumn, ColumnRequest } from "../../../../engine/sources/chunk.js";
import { decodeParquet, type TimeReader } from "../../../../engine/sources/parquet/decode.js";
import { planParquet } from "../../../../engine/sources/parquet/plan.js";

/** A folder for the files of one test file. */
export const folder: string = mkdtempSync(join(tmpdir(), "leadline-parquet-"));

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** A value as people see it: null is missing. */
export type Seen = string | number | boolean | null;

/** Stands in for the shared reader of times: the tests of that have their own place. */
export const plainTime: TimeReader = {
  parseTimeBytes: (bytes, start, end) => Date.parse(Buffer.from(bytes.slice(start, end)).toString()),
  epochUnit: () => 1000,
};

const decoder = new TextDecoder();

/** The values of a chunk's column, row by row. */
export function valuesOf(column: ChunkColumn): Seen[] {
  if (column.kind === "numbers") return Array.from(column.values, (value) => (Number.isNaN(value) ? null : value));
  const { bytes, offsets } = column.dictionary;
  const texts = Array.from({ length: offsets.length - 1 }, (_, i) =>
    decoder.decode(bytes.slice(offsets[i], offsets[i + 1])),
  );
  return Array.from(column.codes, (code) => (code === 0 ? null : (texts[code - 1] ?? "beyond the dictionary")));
}

/** All rows of a file's columns, put together from its row groups. */
export function readAll(file: string, requests: readonly ColumnRequest[]): Seen[][] {
  const chunks = planParquet(file).tasks.map((task) => decodeParquet(task, requests, plainTime));
  return requests.map((_, i) => chunks.flatMap(({ columns }) => columns.slice(i, i + 1).flatMap(valuesOf)));
}

/** A fresh database. */
export async function duckdb(): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  await connection.run("SET threads = 1");
  await connection.run("SET TimeZone = 'UTC'");
  return connection;
}

/** The columns of a query's result. */
export async function columnsOf(connection: DuckDBConnection, sql: string): Promise<unknown[][]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getColumnsJS() as unknown[][];
}
