import { join } from "node:path";
import type { DuckDBConnection } from "@duckdb/node-api";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SourceColumnType } from "../../../../engine/sources/chunk.js";
import { decodeParquet } from "../../../../engine/sources/parquet/decode.js";
import { parquetSchema, planParquet } from "../../../../engine/sources/parquet/plan.js";
import { columnsOf, duckdb, folder, plainTime, readAll, type Seen } from "./read-back.js";

/** A type of DuckDB, values of it as SQL over `h` (a random bigint) and `i`, and what Leadline should make of them. */
interface Kind {
  readonly name: string;
  readonly sql: string;
  readonly type: SourceColumnType;
  /** SQL that yields what `own` should be: VARCHAR, DOUBLE, BOOLEAN. */
  readonly own: (column: string) => string;
  /** SQL that yields the id's text, after `idText`. */
  readonly id: (column: string) => string;
  readonly idText?: (text: string) => string;
}

const asText = (column: string): string => `${column}::VARCHAR`;
const asDouble = (column: string): string => `${column}::DOUBLE`;
const shortest = (text: string): string => (text.includes(".") ? text.replace(/\.?0+$/, "") : text);
const jsNumber = (text: string): string => String(Number(text));
const iso = (text: string): string => {
  const [, date, clock, fraction = ""] = /^(\S+) (\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(text) ?? [];
  const nanos = fraction.padEnd(9, "0");
  let digits = nanos;
  if (nanos.endsWith("000")) digits = nanos.endsWith("000000") ? nanos.slice(0, 3) : nanos.slice(0, 6);
  return `${date}T${clock}.${digits}Z`;
};
const clockText = (text: string): string => iso(`x ${text}`).slice(2, -1);

const text = (name: string, sql: string): Kind => ({ name, sql, type: "text", own: asText, id: asText });
const number = (name: string, sql: string, idText?: (text: string) => string): Kind => {
  const kind: Kind = { name, sql, type: "number", own: asDouble, id: asText };
  return idText === undefined ? kind : { ...kind, idText };
};
const moment = (name: string, sql: string, perMs: "epoch_us" | "epoch_ns"): Kind => {
  const divisor = perMs === "epoch_us" ? "1000" : "1e6";
  return { name, sql, type: "time", own: (c) => `${perMs}(${c})::DOUBLE / ${divisor}`, id: asText, idText: iso };
};

const micros = "(h % 4000000000000000)";
const kinds: readonly Kind[] = [
  text("few_texts", "'name_' || (h % 7)"),
  text("many_texts", "'session-' || (h % 100000)"),
  text("odd_texts", "['', 'é', 'naïve 漢字', repeat('long ', 40), chr(65 + (h % 20)::INT)][1 + h % 5]"),
  text("one_text", "'always'"),
  text("no_text", "NULL::VARCHAR"),
  text("enumerated", "(['red', 'green', 'blue'][1 + h % 3])::ENUM('red', 'green', 'blue', 'unused')"),
  text("json", "('{\"a\": ' || (h % 5) || '}')::JSON"),
  text("uuid", "md5((h % 500)::VARCHAR)::UUID"),
  { name: "bool", sql: "h % 2 = 0", type: "boolean", own: asText, id: asText },
  { name: "always_true", sql: "true", type: "boolean", own: asText, id: asText },
  number("int8", "(h % 256 - 128)::TINYINT"),
  number("int16", "(h % 65536 - 32768)::SMALLINT"),
  number("int32", "(h % 4294967296 - 2147483648)::INTEGER"),
  number("int64", "(h - 4611686018427387904) * 2"),
  number("small_int64", "h % 100 - 50"),
  number("ascending", "i * 1000000007"),
  number("uint8", "(h % 256)::UTINYINT"),
  number("uint16", "(h % 65536)::USMALLINT"),
  number("uint32", "(h % 4294967296)::UINTEGER"),
  number("uint64", "h::UBIGINT * 2"),
  number("float", "((h % 20001 - 10000) / 64)::FLOAT", jsNumber),
  number("double", "(h % 2000001 - 1000000)::DOUBLE / 7", jsNumber),
  number("decimal4", "((h % 10000 - 5000)::DOUBLE / 10)::DECIMAL(4, 1)", shortest),
  number("decimal9", "((h % 100000000)::DOUBLE / 100)::DECIMAL(9, 2)", shortest),
  number("decimal18", "((h % 100000000000)::DOUBLE / 10000)::DECIMAL(18, 4)", shortest),
  number("decimal38", "(h::HUGEINT * 1000000007 - 1)::DECIMAL(38, 0)", shortest),
  number("decimal38_10", "((h % 1000000) / 1024)::DECIMAL(38, 10)", shortest),
  {
    name: "day",
    sql: "DATE '1900-01-01' + (h % 90000)::INT",
    type: "time",
    own: (c) => `epoch_ms(${c}::TIMESTAMP)::DOUBLE`,
    id: asText,
  },
  moment("moment_us", `make_timestamp(${micros} - 1000000000000000)`, "epoch_us"),
  moment("moment_ms", `make_timestamp(${micros} // 1000 * 1000)::TIMESTAMP_MS`, "epoch_us"),
  moment("moment_s", `make_timestamp(${micros} // 1000000 * 1000000)::TIMESTAMP_S`, "epoch_us"),
  moment("moment_ns", `make_timestamp_ns(${micros} * 100 + 7)`, "epoch_ns"),
  moment("moment_tz", `make_timestamp(${micros})::TIMESTAMPTZ`, "epoch_us"),
  {
    name: "clock",
    sql: "TIME '00:00:00' + to_microseconds(h % 86400000000)",
    type: "number",
    own: (c) => `epoch_us(DATE '1970-01-01' + ${c})::DOUBLE / 1000`,
    id: asText,
    idText: clockText,
  },
];

const codecs = ["uncompressed", "snappy", "gzip", "zstd", "brotli", "lz4", "lz4_raw"];

/** How a file is written. */
interface Form {
  readonly rows: number;
  readonly seed: number;
  /** One row in so many has no value, by column; 0: none. */
  readonly missing: number;
  readonly codec: string;
  readonly version: "V1" | "V2";
  readonly groupRows: number;
  readonly dictionaryLimit: number;
}

let files = 0;

async function write(connection: DuckDBConnection, chosen: readonly Kind[], form: Form): Promise<string> {
  const file = join(folder, `${files++}.parquet`);
  const columns = chosen.map(({ name, sql }, c) => {
    // A hash of row and column; runs of 3 equal values, as ids of sessions have.
    const value = sql.replaceAll(/\bh\b/g, `((hash(i // 3, ${form.seed}, ${c}) // 2)::BIGINT)`);
    const absent = form.missing === 0 ? "false" : `hash(i, ${form.seed}, ${c}, 1) % ${form.missing} = 0`;
    return `CASE WHEN ${absent} THEN NULL ELSE ${value} END AS ${name}`;
  });
  const options = [
    "FORMAT parquet",
    `CODEC '${form.codec}'`,
    `PARQUET_VERSION ${form.version}`,
    `ROW_GROUP_SIZE ${form.groupRows}`,
    `DICTIONARY_SIZE_LIMIT ${form.dictionaryLimit}`,
  ];
  const query = `SELECT ${columns.join(", ")} FROM range(${form.rows}) t(i)`;
  await connection.run(`COPY (${query}) TO '${file}' (${options.join(", ")})`);
  return file;
}

/** Every value of every column, as `own` and as `id`, against DuckDB's own reading of the file. */
async function compare(connection: DuckDBConnection, file: string, chosen: readonly Kind[]): Promise<void> {
  const owns = readAll(
    file,
    chosen.map(({ name }) => ({ name, as: "own" })),
  );
  const ids = readAll(
    file,
    chosen.map(({ name }) => ({ name, as: "id" })),
  );
  const from = `FROM read_parquet('${file}')`;
  const trueOwns = await columnsOf(connection, `SELECT ${chosen.map(({ own, name }) => own(name)).join(", ")} ${from}`);
  const trueIds = await columnsOf(connection, `SELECT ${chosen.map(({ id, name }) => id(name)).join(", ")} ${from}`);
  for (const [c, { name, idText = (written: string) => written }] of chosen.entries()) {
    assertSame(owns[c] ?? [], (trueOwns[c] ?? []) as Seen[], `${name} as own`);
    const expected = (trueIds[c] ?? []).map((id) => (id === null ? null : idText(String(id))));
    assertSame(ids[c] ?? [], expected, `${name} as id`);
  }
}

/** As assert.equal, but its message of thousands of rows is the first that differs. */
function assertSame(actual: readonly Seen[], expected: readonly Seen[], what: string): void {
  assert.is(actual.length, expected.length, `rows of ${what}`);
  const differs = expected.findIndex((value, row) => !Object.is(value, actual[row]) && value !== actual[row]);
  if (differs >= 0) assert.is(actual[differs], expected[differs], `${what}, row ${differs + 1}`);
}

const connection = await duckdb();

for (const version of ["V1", "V2"] as const) {
  for (const codec of codecs) {
    test(`every type reads back from ${codec} pages of ${version}`, async () => {
      const form = { rows: 2200, seed: 1, missing: 5, codec, version, groupRows: 2048, dictionaryLimit: 300 };
      const file = await write(connection, kinds, form);
      await compare(connection, file, kinds);
    });
  }
}

for (const dictionaryLimit of [1, 1_000_000]) {
  test(`every type reads back without missing values, dictionaries of at most ${dictionaryLimit}`, async () => {
    const form = { rows: 3000, seed: 2, missing: 0, codec: "snappy", groupRows: 2048, dictionaryLimit };
    const file = await write(connection, kinds, { ...form, version: "V1" });
    await compare(connection, file, kinds);
  });
}

test("random tables read back", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.subarray([...kinds], { minLength: 1, maxLength: 4 }),
      fc.record({
        rows: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 9000 })),
        seed: fc.nat(1e6),
        missing: fc.constantFrom(0, 1, 2, 3, 100),
        codec: fc.constantFrom(...codecs),
        version: fc.constantFrom("V1" as const, "V2" as const),
        groupRows: fc.constantFrom(2048, 4096, 100_000),
        dictionaryLimit: fc.constantFrom(1, 10, 1000, 100_000),
      }),
      async (chosen, form) => {
        await compare(connection, await write(connection, chosen, form), chosen);
      },
    ),
    { seed: 1, numRuns: 25 },
  );
});

test("the schema tells types by their meaning, and what cannot be read", async () => {
  const form = { rows: 10, seed: 1, missing: 0, codec: "snappy", groupRows: 2048, dictionaryLimit: 1 };
  const { columns } = parquetSchema(await write(connection, kinds, { ...form, version: "V1" }));
  assert.equal(
    columns.map(({ name, type }) => [name, type]),
    kinds.map(({ name, type }) => [name, type]),
  );
  const details = new Map(columns.map(({ name, detail }) => [name, detail]));
  assert.is(details.get("moment_us"), "INT64 TIMESTAMP(MICROS)");
  assert.is(details.get("decimal9"), "INT32 DECIMAL(9, 2)");
  assert.is(details.get("uint8"), "INT32 UINT_8");
  assert.is(details.get("uuid"), "FIXED_LEN_BYTE_ARRAY(16) UUID");

  const nested = join(folder, "nested.parquet");
  await connection.run(
    `COPY (SELECT i AS before, [i, i] AS list, {'a': i, 'b': {'c': 'x'}} AS struct, INTERVAL (i) DAY AS span, i || '' AS after
     FROM range(5) t(i)) TO '${nested}' (FORMAT parquet)`,
  );
  assert.equal(
    parquetSchema(nested).columns.map(({ name, type }) => [name, type]),
    [
      ["before", "number"],
      ["list", "unsupported"],
      ["struct", "unsupported"],
      ["span", "unsupported"],
      ["after", "text"],
    ],
  );
  const flat = readAll(nested, [
    { name: "after", as: "own" },
    { name: "before", as: "own" },
  ]);
  assert.equal(flat, [
    ["0", "1", "2", "3", "4"],
    [0, 1, 2, 3, 4],
  ]);
});

test("tasks are the row groups in row order, and rows count from 1", async () => {
  const form = { rows: 5000, seed: 1, missing: 0, codec: "snappy", groupRows: 2048, dictionaryLimit: 1 };
  const file = await write(connection, kinds.slice(0, 1), { ...form, version: "V1" });
  assert.equal(planParquet(file).tasks, [
    { format: "parquet", file, firstRow: 1, rows: 2048, rowGroup: 0 },
    { format: "parquet", file, firstRow: 2049, rows: 2048, rowGroup: 1 },
    { format: "parquet", file, firstRow: 4097, rows: 904, rowGroup: 2 },
  ]);
  const empty = await write(connection, kinds, { ...form, version: "V1", rows: 0 });
  assert.equal(planParquet(empty).tasks, []);
  assert.is(planParquet(empty).schema.columns.length, kinds.length);
});

test("codes are as narrow as their dictionary allows, and everything is shared", async () => {
  const file = join(folder, "narrow.parquet");
  await connection.run(
    `COPY (SELECT (i % 255)::VARCHAR AS a, (i % 256)::VARCHAR AS b, (i % 65536)::VARCHAR AS c, i % 2 = 0 AS d, i AS e
     FROM range(70000) t(i)) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 70000)`,
  );
  const [task] = planParquet(file).tasks;
  assert.ok(task);
  const requests = ["a", "b", "c", "d", "e"].map((name) => ({ name, as: "own" as const }));
  const { columns, rows } = decodeParquet(task, requests, plainTime);
  assert.is(rows, 70_000);
  const arrays = columns.map((column) => (column.kind === "codes" ? column.codes : column.values));
  assert.equal(
    arrays.map((array) => array.constructor.name),
    ["Uint8Array", "Uint16Array", "Uint32Array", "Uint8Array", "Float64Array"],
  );
  for (const array of arrays) assert.instance(array.buffer, SharedArrayBuffer);
  for (const column of columns) {
    if (column.kind !== "codes") continue;
    assert.instance(column.dictionary.bytes.buffer, SharedArrayBuffer);
    assert.instance(column.dictionary.offsets.buffer, SharedArrayBuffer);
  }
});

test("a column as time: moments and dates as they are, numbers by the epoch's unit, text by the reader of times", async () => {
  const file = join(folder, "times.parquet");
  await connection.run(
    `COPY (SELECT TIMESTAMP '2026-11-23 10:00:00.0005' AS moment, DATE '2026-11-23' AS day, 1795428000::BIGINT AS seconds,
     1795428000.5::DECIMAL(18, 3) AS decimals, '2026-11-23T10:00:00Z' AS iso, 'soon' AS word, NULL::VARCHAR AS nothing)
     TO '${file}' (FORMAT parquet)`,
  );
  const names = ["moment", "day", "seconds", "decimals", "iso", "word", "nothing"];
  const at = Date.UTC(2026, 10, 23, 10);
  assert.equal(
    readAll(
      file,
      names.map((name) => ({ name, as: "time" })),
    ).flat(),
    [at + 0.5, Date.UTC(2026, 10, 23), 1795428000_000, 1795428000_500, at, null, null],
  );
});

test.run();
