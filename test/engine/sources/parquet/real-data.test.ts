import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeParquet } from "../../../../engine/sources/parquet/decode.js";
import { parquetSchema, planParquet } from "../../../../engine/sources/parquet/plan.js";
import { columnsOf, duckdb, plainTime, valuesOf } from "./read-back.js";

const data = process.env["LEADLINE_DATA"];

if (data === undefined) {
  test.skip("every column of the real data reads as DuckDB reads it (skipped: LEADLINE_DATA is unset)", () => {});
} else {
  const files = readdirSync(data, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".parquet"));
  test("there are real data", () => assert.ok(files.length > 0));
  const connection = await duckdb();
  for (const name of files.toSorted()) {
    test(`every column of ${name} reads as DuckDB reads it`, async () => {
      const file = join(data, name);
      const { columns } = parquetSchema(file);
      const { tasks } = planParquet(file);
      // The first, the middle and the last row group: all of them take half a minute.
      const chosen = [...new Set([0, tasks.length >> 1, tasks.length - 1])].flatMap((i) => tasks.slice(i, i + 1));
      for (const { name: column, type } of columns) {
        const sql = {
          text: "::VARCHAR",
          boolean: "::VARCHAR",
          number: "::DOUBLE",
          time: "",
          unknown: "",
          unsupported: "",
        };
        const quoted = `"${column}"`;
        const value = type === "time" ? `epoch_us(${quoted})::DOUBLE / 1000` : `${quoted}${sql[type]}`;
        for (const task of chosen) {
          const first = task.firstRow - 1;
          const rows = `file_row_number >= ${first} AND file_row_number < ${first + task.rows}`;
          const from = `read_parquet('${file}', file_row_number = true)`;
          const [expected = []] = await columnsOf(connection, `SELECT ${value} FROM ${from} WHERE ${rows}`);
          const actual = decodeParquet(task, [{ name: column, as: "own" }], plainTime).columns.flatMap(valuesOf);
          assert.is(actual.length, expected.length);
          const differs = expected.findIndex((wanted, row) => wanted !== actual[row]);
          if (differs >= 0) assert.is(actual[differs], expected[differs], `${column}, row ${first + differs + 1}`);
        }
      }
    });
  }
}

test.run();
