import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mergeDictionaries } from "../../../../engine/sources/byte-dictionary.js";
import { decodeParquet } from "../../../../engine/sources/parquet/decode.js";
import { planParquet } from "../../../../engine/sources/parquet/plan.js";
import {
  BYTE_STREAM_SPLIT,
  bytes,
  DELTA_BYTE_ARRAY,
  dataPage,
  dictionaryPage,
  levelsV1,
  type PagesFile,
  PLAIN,
  packed,
  plainPageV2,
  plainTexts,
  RLE,
  RLE_DICTIONARY,
  writePages,
} from "./pages-file.js";
import { columnsOf, duckdb, folder, plainTime, readAll, type Seen } from "./read-back.js";

let files = 0;
const write = (column: PagesFile): string => writePages(join(folder, `pages-${files++}.parquet`), column);

/** A hybrid run of `count` times 0 at width 1, and such. */
const repeated = (value: number, count: number): Uint8Array => Uint8Array.of(count * 2, value);

/** Pages that DuckDB or parquetjs-lite do not write, what they hold as `own`, and what as `id` where that differs. */
const cases: readonly [string, PagesFile, readonly Seen[], (readonly Seen[])?][] = [
  [
    "a chunk that turns from indices to plain values and back",
    {
      physical: "BYTE_ARRAY",
      converted: "UTF8",
      rows: 9,
      pages: [
        dictionaryPage(3, plainTexts("a", "b", "c")),
        dataPage(3, RLE_DICTIONARY, bytes([2], packed(2, 2, 0, 1))),
        dataPage(4, PLAIN, plainTexts("new", "b", "b", "")),
        dataPage(2, RLE_DICTIONARY, bytes([2], packed(2, 1, 2))),
      ],
    },
    ["c", "a", "b", "new", "b", "b", "", "b", "c"],
  ],
  [
    "a dictionary page that repeats a value, before and after plain values",
    {
      physical: "BYTE_ARRAY",
      converted: "UTF8",
      rows: 6,
      pages: [
        dictionaryPage(3, plainTexts("a", "a", "b")),
        dataPage(3, RLE_DICTIONARY, bytes([2], packed(2, 0, 1, 2))),
        dataPage(1, PLAIN, plainTexts("z")),
        dataPage(2, RLE_DICTIONARY, bytes([2], packed(2, 2, 1))),
      ],
    },
    ["a", "a", "b", "z", "b", "a"],
  ],
  [
    "a dictionary page that repeats a value, and no other page",
    {
      physical: "BYTE_ARRAY",
      converted: "UTF8",
      rows: 4,
      pages: [
        dictionaryPage(3, plainTexts("a", "b", "a")),
        dataPage(4, RLE_DICTIONARY, bytes([2], packed(2, 0, 1, 2, 0))),
      ],
    },
    ["a", "b", "a", "a"],
  ],
  [
    "indices of no bits",
    {
      physical: "INT64",
      optional: true,
      rows: 4,
      pages: [
        dictionaryPage(1, bytes(BigInt64Array.of(-7n))),
        dataPage(4, RLE_DICTIONARY, bytes(levelsV1(1, 0, 1, 1), [0, 6])),
      ],
    },
    [-7, null, -7, -7],
    ["-7", null, "-7", "-7"],
  ],
  [
    "second-form pages whose values are not compressed, in a Snappy column",
    {
      physical: "BYTE_ARRAY",
      converted: "UTF8",
      optional: true,
      codec: 1,
      rows: 5,
      pages: [
        plainPageV2(3, 1, PLAIN, packed(1, 1, 0, 1), plainTexts("x", "y")),
        plainPageV2(2, 2, PLAIN, repeated(0, 2), bytes()),
      ],
    },
    ["x", null, "y", null, null],
  ],
  [
    "run-length coded booleans",
    {
      physical: "BOOLEAN",
      optional: true,
      rows: 5,
      pages: [dataPage(5, RLE, bytes(levelsV1(1, 1, 0, 1, 1), Uint32Array.of(4), repeated(1, 2), repeated(0, 2)))],
    },
    ["true", "true", null, "false", "false"],
  ],
  [
    "INT96 moments",
    {
      physical: "INT96",
      rows: 2,
      pages: [
        dataPage(
          2,
          PLAIN,
          // Julian day 2440588 is 1970-01-01.
          bytes(BigUint64Array.of(1_500_000n), Int32Array.of(2440589), BigUint64Array.of(0n), Int32Array.of(2440587)),
        ),
      ],
    },
    [86_400_001.5, -86_400_000],
    ["1970-01-02T00:00:00.001500Z", "1969-12-31T00:00:00.000Z"],
  ],
  [
    "front-coded texts",
    {
      physical: "BYTE_ARRAY",
      converted: "UTF8",
      rows: 3,
      pages: [dataPage(3, DELTA_BYTE_ARRAY, bytes(deltas(0, 4, 2), deltas(4, 1, 2), Buffer.from("useruxy")))],
    },
    ["user", "useru", "usxy"],
  ],
  [
    "split bytes of doubles",
    {
      physical: "DOUBLE",
      rows: 2,
      pages: [dataPage(2, BYTE_STREAM_SPLIT, split(bytes(Float64Array.of(1.5, -1e300)), 8))],
    },
    [1.5, -1e300],
    ["1.5", "-1e+300"],
  ],
  [
    "split bytes of 32-bit integers that are unsigned",
    {
      physical: "INT32",
      converted: "UINT_32",
      rows: 2,
      pages: [dataPage(2, BYTE_STREAM_SPLIT, split(bytes(Uint32Array.of(1, 4294967295)), 4))],
    },
    [1, 4294967295],
    ["1", "4294967295"],
  ],
  [
    "split bytes of a fixed length, which have no annotation and show as hexadecimal",
    {
      physical: "FIXED_LEN_BYTE_ARRAY",
      typeLength: 2,
      rows: 2,
      pages: [dataPage(2, BYTE_STREAM_SPLIT, split(Uint8Array.of(0xab, 0x01, 0x00, 0xff), 2))],
    },
    ["ab01", "00ff"],
  ],
  [
    "half-precision numbers",
    {
      physical: "FIXED_LEN_BYTE_ARRAY",
      typeLength: 2,
      float16: true,
      rows: 3,
      pages: [dataPage(3, PLAIN, bytes(Uint16Array.of(0x3e00, 0xc000, 0x7e00)))],
    },
    [1.5, -2, null],
    ["1.5", "-2", null],
  ],
  [
    "decimals of byte arrays, equal ones written at different lengths",
    {
      physical: "BYTE_ARRAY",
      converted: "DECIMAL",
      scale: 2,
      rows: 4,
      pages: [
        dataPage(
          4,
          PLAIN,
          bytes(Uint32Array.of(1), [250], Uint32Array.of(2), [255, 250], Uint32Array.of(2), [1, 44], Uint32Array.of(0)),
        ),
      ],
    },
    [-0.06, -0.06, 3, 0],
    ["-0.06", "-0.06", "3", "0"],
  ],
  [
    "floats: not-a-number is missing, minus zero is zero as an id",
    { physical: "FLOAT", rows: 3, pages: [dataPage(3, PLAIN, bytes(Float32Array.of(Number.NaN, -0, 0)))] },
    [null, -0, 0],
    [null, "0", "0"],
  ],
  [
    "a page of no rows",
    {
      physical: "INT32",
      optional: true,
      rows: 1,
      pages: [dataPage(0, PLAIN, bytes()), dataPage(1, PLAIN, bytes(levelsV1(1), Int32Array.of(5)))],
    },
    [5],
    ["5"],
  ],
];

/** DELTA_BINARY_PACKED of small values: one block, its first miniblock of 8 bits. */
function deltas(first: number, ...rest: readonly number[]): Uint8Array {
  const values = [first, ...rest];
  const steps = rest.map((value, i) => value - (values[i] ?? 0));
  const least = Math.min(...steps);
  const differences = steps.map((step) => step - least);
  const zigzag = (value: number): number => (value < 0 ? -2 * value - 1 : 2 * value);
  const padded = new Uint8Array(32);
  padded.set(differences);
  return bytes([0x80, 1, 4, values.length, zigzag(first), zigzag(least), 8, 0, 0, 0], padded);
}

/** The first bytes of all values, then the second ones … */
function split(whole: Uint8Array, width: number): Uint8Array {
  const count = whole.length / width;
  return Uint8Array.from(whole, (_, at) => whole[(at % count) * width + Math.floor(at / count)] ?? 0);
}

for (const [name, column, own, id = own] of cases) {
  test(`reads ${name}`, () => {
    const file = write(column);
    assert.equal(readAll(file, [{ name: "c", as: "own" }])[0], own);
    assert.equal(readAll(file, [{ name: "c", as: "id" }])[0], id);
  });
}

test("DuckDB reads the same from the pages made by hand, so they are what the format means", async () => {
  const connection = await duckdb();
  for (const [name, column, own] of cases) {
    // DuckDB shows half-precision and unannotated bytes in its own way, and moments of INT96 as such; it splits no
    // integers and reads levels of no rows.
    if (name.startsWith("split bytes of 32-bit") || name === "a page of no rows") continue;
    if (column.physical === "FIXED_LEN_BYTE_ARRAY" || column.physical === "INT96") continue;
    const [values] = await columnsOf(connection, `SELECT c FROM read_parquet('${write(column)}')`);
    const shown = values?.map((value) => {
      if (value === null || (typeof value === "number" && Number.isNaN(value))) return null;
      return typeof own.find((seen) => seen !== null) === "number" ? Number(value) : String(value);
    });
    assert.equal(shown, own, name);
  }
});

test("entries of a dictionary page that no row uses are no values", () => {
  const pages = [
    dictionaryPage(3, plainTexts("unused", "a", "b")),
    dataPage(2, RLE_DICTIONARY, bytes([2], packed(2, 2, 1))),
  ];
  const file = write({ physical: "BYTE_ARRAY", converted: "UTF8", rows: 2, pages });
  const [task] = planParquet(file).tasks;
  assert.ok(task);
  const [column] = decodeParquet(task, [{ name: "c", as: "own" }], plainTime).columns;
  assert.ok(column?.kind === "codes");
  assert.equal(Buffer.from(column.dictionary.bytes).toString(), "ab");
  assert.equal([...column.codes], [2, 1]);
  assert.equal([...mergeDictionaries([column.dictionary]).merged.offsets], [0, 1, 2]);
});

test("what a dictionary page repeats is one value", () => {
  const pages = [
    dictionaryPage(3, plainTexts("a", "b", "a")),
    dataPage(3, RLE_DICTIONARY, bytes([2], packed(2, 0, 1, 2))),
  ];
  const file = write({ physical: "BYTE_ARRAY", converted: "UTF8", rows: 3, pages });
  const [task] = planParquet(file).tasks;
  assert.ok(task);
  for (const keeping of ["shared", "scratch"] as const) {
    const [column] = decodeParquet(task, [{ name: "c", as: "id" }], plainTime, keeping).columns;
    assert.ok(column?.kind === "codes");
    assert.equal(Buffer.from(column.dictionary.bytes).toString(), "ab");
    assert.equal([...column.codes], [1, 2, 1]);
  }
});

test("integers beyond 2^53 are exact as ids", () => {
  const values = BigInt64Array.of(9007199254740993n, -9223372036854775808n, 9007199254740992n);
  const signed = write({ physical: "INT64", rows: 3, pages: [dataPage(3, PLAIN, bytes(values))] });
  assert.equal(readAll(signed, [{ name: "c", as: "id" }])[0], [
    "9007199254740993",
    "-9223372036854775808",
    "9007199254740992",
  ]);
  const unsigned = write({
    physical: "INT64",
    converted: "UINT_64",
    rows: 3,
    pages: [dataPage(3, PLAIN, bytes(values))],
  });
  assert.equal(readAll(unsigned, [{ name: "c", as: "id" }])[0]?.[1], "9223372036854775808");
});

test("what parquetjs-lite writes reads back", async () => {
  const { ParquetSchema, ParquetWriter } = createRequire(import.meta.url)("parquetjs-lite");
  const schema = new ParquetSchema({
    id: { type: "UTF8", compression: "SNAPPY" },
    count: { type: "INT64" },
    share: { type: "DOUBLE", optional: true },
    done: { type: "BOOLEAN", compression: "GZIP" },
    at: { type: "TIMESTAMP_MILLIS" },
    us: { type: "TIMESTAMP_MICROS" },
    day: { type: "DATE" },
    small: { type: "UINT_16" },
    tags: { type: "UTF8", repeated: true },
  });
  const file = join(folder, "lite.parquet");
  const writer = await ParquetWriter.openFile(schema, file);
  writer.setRowGroupSize(700);
  const at = Date.UTC(2026, 10, 23);
  const rows = Array.from({ length: 2000 }, (_, i) => ({
    id: `user ${i % 17} é`,
    count: i * 3 - 1000,
    ...(i % 4 === 0 ? {} : { share: i / 8 }),
    done: i % 3 === 0,
    at: new Date(at + i),
    us: (at + i) * 1000,
    day: new Date(at),
    small: i,
    tags: ["a", "b"],
  }));
  for (const row of rows) await writer.appendRow(row);
  await writer.close();
  const names = ["id", "count", "share", "done", "at", "us", "day", "small"];
  const columns = readAll(
    file,
    names.map((name) => ({ name, as: "own" })),
  );
  assert.equal(columns, [
    rows.map(({ id }) => id),
    rows.map(({ count }) => count),
    rows.map(({ share = null }) => share),
    rows.map(({ done }) => String(done)),
    rows.map((row) => row.at.getTime()),
    rows.map((row) => row.at.getTime()),
    rows.map(({ day }) => day.getTime()),
    rows.map(({ small }) => small),
  ]);
  assert.is(planParquet(file).tasks.length, 3);
  assert.is(planParquet(file).schema.columns.at(-1)?.type, "unsupported");
});

test.run();
