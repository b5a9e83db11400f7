import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Chunk, ColumnRequest, SourceTask } from "../../../engine/sources/chunk.js";
import { decodeTask } from "../../../engine/sources/decode-task.js";
import { openSources, type SourceSet } from "../../../engine/sources/source.js";
import { unifyColumns } from "../../../engine/sources/unify-columns.js";
import { collect, failsWith, joined, requestsOf, temporaryFolder } from "./chunk-values.js";

const test = suite("source");
const folder = temporaryFolder();
test.after(() => folder.remove());

const decodeAll = (task: SourceTask, requests: readonly ColumnRequest[]): Promise<readonly Chunk[]> =>
  collect(decodeTask(task, requests));

/** All rows of a source set, in chunks that agree. */
async function readSet({ tasks }: SourceSet, requests: readonly ColumnRequest[]): Promise<readonly Chunk[]> {
  const decoded = [];
  for (const task of tasks) decoded.push({ task, chunks: await decodeAll(task, requests) });
  return unifyColumns(requests, decoded, decodeAll);
}

async function query(sql: string): Promise<{ names: string[]; columns: unknown[][] }> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET threads = 1");
  await connection.run("SET TimeZone = 'UTC'");
  const reader = await connection.runAndReadAll(sql);
  const result = { names: reader.columnNames(), columns: reader.getColumnsJS() as unknown[][] };
  connection.closeSync();
  return result;
}

test("the same rows are equal in every format", async () => {
  const rows = Array.from({ length: 50 }, (_, row) => ({
    user: `u${row % 7}`,
    id: row * 1_000_003,
    ts: new Date(Date.UTC(2026, 0, 1) + row * 12_345).toISOString(),
    value: row % 5 === 0 ? null : row / 8,
    ok: row % 3 === 0 ? null : row % 2 === 0,
  }));
  const keys = ["user", "id", "ts", "value", "ok"] as const;
  folder.write("same.ndjson", rows.map((row) => JSON.stringify(row)).join("\n"));
  folder.write("same.csv", [keys.join(), ...rows.map((row) => keys.map((key) => row[key] ?? "").join())].join("\n"));
  await query(
    `COPY (SELECT "user", id, ts::TIMESTAMP AS ts, value::DOUBLE AS value, ok::BOOLEAN AS ok FROM read_json('${join(folder.path, "same.ndjson")}')) TO '${join(folder.path, "same.parquet")}' (FORMAT parquet)`,
  );
  const requests: ColumnRequest[] = [
    ...requestsOf("id", "user", "id", "ok"),
    { name: "ts", as: "time" },
    ...requestsOf("own", "value", "ok", "user"),
  ];
  const [csv, ndjson, parquet] = await Promise.all(
    ["csv", "ndjson", "parquet"].map(async (format) => {
      const chunks = await readSet(await openSources([`same.${format}`], folder.path), requests);
      return requests
        .map((_, at) => joined(chunks, at))
        .map(({ type, values }, at) => [requests[at]?.as === "id" ? "" : type, values]);
    }),
  );
  assert.equal(csv, ndjson);
  assert.equal(csv, parquet);
  assert.equal(
    csv?.map(([type]) => type),
    ["", "", "", "time", "number", "boolean", "text"],
  );
});

test("columns of some files are missing in the others, and schemas unite", async () => {
  folder.write("part-1.csv", "user,ts,n\na,2026-01-01,1\n");
  folder.write("part-2.ndjson", '{"ts":"2026-01-02","user":"b","n":2,"extra":true}\n');
  folder.write("part-3.ndjson", '{"ts":1767312000,"user":3,"flag":"x"}\n');
  const set = await openSources(["part-*"], folder.path);
  assert.equal(
    set.schema.columns.map(({ name, type }) => [name, type]),
    [
      ["user", "unknown"],
      ["ts", "unknown"],
      ["n", "unknown"],
      ["extra", "boolean"],
      ["flag", "text"],
    ],
  );
  const requests: ColumnRequest[] = [
    ...requestsOf("own", "extra", "user", "n", "flag"),
    { name: "ts", as: "time" },
    { name: "n", as: "time" },
  ];
  const chunks = await readSet(set, requests);
  assert.equal(joined(chunks, 0), { type: "boolean", values: [null, "true", null] });
  assert.equal(joined(chunks, 1), { type: "text", values: ["a", "b", "3"] });
  assert.equal(joined(chunks, 2), { type: "number", values: [1, 2, null] });
  assert.equal(joined(chunks, 3), { type: "text", values: [null, null, "x"] });
  const day = Date.UTC(2026, 0, 1);
  assert.equal(joined(chunks, 4), { type: "time", values: [day, day + 864e5, day + 864e5] });
  assert.equal(joined(chunks, 5), { type: "time", values: [1000, 2000, null] });
});

test("a column that no part of a file can type alone has one type, and the texts that stand there", async () => {
  const conflicts: readonly (readonly [
    first: string,
    second: string,
    third: string,
    type: string,
    values: (string | number | null)[],
  ])[] = [
    ["1.50", "x", "TRUE", "text", ["1.50", "x", "TRUE"]],
    ["1.50", "", "2", "number", [1.5, null, 2]],
    ["", "", "true", "boolean", [null, null, "true"]],
    ["TRUE", "", "1", "text", ["TRUE", null, "1"]],
    ["", "x", "", "text", [null, "x", null]],
    ["", "", "", "text", [null, null, null]],
  ];
  for (const [first, second, third, type, values] of conflicts) {
    for (const [at, cell] of [first, second, third].entries()) folder.write(`conflict-${at}.csv`, `a,b\n1,${cell}\n`);
    const chunks = await readSet(await openSources(["conflict-*.csv"], folder.path), requestsOf("own", "b"));
    assert.equal(joined(chunks, 0), { type, values });
  }
});

test("one text in the last stretch of a long file makes the whole column text, as written", async () => {
  const rowCount = 900_000;
  const lines = Array.from({ length: rowCount }, (_, row) => `session-${row % 1000},${row % 100}.0\n`);
  lines[rowCount - 1] = "session,none\n";
  folder.write("tail.csv", `id,n\n${lines.join("")}`);
  const set = await openSources(["tail.csv"], folder.path);
  assert.ok(set.tasks.length > 1);
  const { type, values } = joined(await readSet(set, requestsOf("own", "n")), 0);
  assert.is(type, "text");
  for (let row = 0; row < rowCount - 1; row++) assert.is(values[row], `${row % 100}.0`);
  assert.is(values[rowCount - 1], "none");
});

test("the unit of epoch numbers is told by the whole file, for each file", async () => {
  const at = Date.UTC(2026, 0, 1);
  folder.write("epoch-1.csv", `ts\n${at / 1000}\n`);
  folder.write("epoch-2.csv", `ts\n${at}\n${at + 0.5}\n\n7\n`);
  folder.write("epoch-3.csv", `ts\n${at * 1000}\n`);
  folder.write("epoch-4.ndjson", `{"ts": ${at}000000}\n`);
  await query(
    `COPY (SELECT unnest([${at}, ${at}, ${at}, 7]) AS ts) TO '${join(folder.path, "epoch-5.parquet")}' (FORMAT parquet)`,
  );
  const chunks = await readSet(await openSources(["epoch-*"], folder.path), requestsOf("time", "ts"));
  assert.equal(joined(chunks, 0), { type: "time", values: [at, at, at + 0.5, null, 7, at, at, at, at, at, 7] });
});

test("dates and epoch numbers in stretches of one file are an error", async () => {
  const task = (start: number): SourceTask => ({ format: "csv", file: "x.csv", firstRow: start, rows: 1 });
  const values = Float64Array.of(1);
  const columns = [
    { kind: "numbers", type: "time", values },
    { kind: "numbers", type: "number", values },
  ] as const;
  const decoded = columns.map((column, at) => ({ task: task(at), chunks: [{ rows: 1, columns: [column] }] }));
  await failsWith(
    unifyColumns(requestsOf("time", "ts"), decoded, decodeAll),
    "source-invalid",
    "x.csv: ts holds both dates and epoch numbers",
  );
});

test("an epoch number beyond all dates is an error with its row", async () => {
  folder.write("beyond.csv", "ts\n1700000000\n1700000000\n9e18\n");
  await failsWith(
    openSources(["beyond.csv"], folder.path).then((set) => readSet(set, requestsOf("time", "ts"))),
    "source-invalid",
    "beyond.csv, row 3: ts is 9000000000000000000",
    "epoch numbers in s",
  );
});

test("a text of a Parquet file that is no time is an error", async () => {
  await query(
    `COPY (SELECT unnest(['2026-01-01', 'soon']) AS ts) TO '${join(folder.path, "text.parquet")}' (FORMAT parquet)`,
  );
  await failsWith(
    openSources(["text.parquet"], folder.path).then((set) => readSet(set, requestsOf("time", "ts"))),
    "source-invalid",
    "text.parquet, rows 1 to 2",
    '"soon"',
  );
});

/** What DuckDB reads, as chunks show it. */
function shown(value: unknown): string | number | null {
  if (value === null) return null;
  if (value instanceof Date) return value.getTime();
  if (typeof value === "bigint") return Number(value);
  return typeof value === "number" ? value : String(value);
}

const data = process.env["LEADLINE_DATA"];
const realFiles = ["helpdesk/events.csv", "lumos/events.csv", "hdfs/events.csv.gz", "tau_bench/events.ndjson"];
if (data === undefined) process.stdout.write("skipped: real files against DuckDB, because LEADLINE_DATA is not set\n");
else
  for (const name of realFiles)
    test(`every column of ${name} is what DuckDB reads`, async () => {
      const set = await openSources([name], data);
      const file = join(data, name);
      const { names, columns } = await query(
        name.includes("ndjson") ? `FROM read_json('${file}')` : `FROM read_csv('${file}', sample_size = -1)`,
      );
      assert.equal(
        set.schema.columns.map((column) => column.name),
        names,
      );
      const requests = names.map((column): ColumnRequest => ({ name: column, as: column === "ts" ? "time" : "own" }));
      const chunks = await readSet(set, requests);
      for (const [at, column] of columns.entries()) {
        const { values } = joined(chunks, at);
        assert.is(values.length, column.length);
        const row = values.findIndex((value, index) => value !== shown(column[index]));
        assert.is(row, -1, `${names[at]}, row ${row + 1}: ${values[row]} against ${shown(column[row])}`);
      }
    });

test.run();
