import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeParquet } from "../../../../engine/sources/parquet/decode.js";
import { parquetSchema, planParquet } from "../../../../engine/sources/parquet/plan.js";
import { LeadlineError } from "../../../../errors.js";
import {
  BIT_PACKED,
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
  RLE_DICTIONARY,
  writePages,
} from "./pages-file.js";
import { duckdb, folder, plainTime, readAll } from "./read-back.js";

const connection = await duckdb();
const good = join(folder, "good.parquet");
await connection.run(
  `COPY (SELECT 'u' || (i % 9) AS user_id, i AS count, TIMESTAMP '2026-01-01' + to_seconds(i) AS ts, [i] AS tags, i % 2 = 0 AS ok,
   'n' || i AS name FROM range(5000) t(i)) TO '${good}' (FORMAT parquet, ROW_GROUP_SIZE 2048, DICTIONARY_SIZE_LIMIT 100)`,
);
const whole = readFileSync(good);

/** All of a file, as a person would have it read. */
function readEverything(file: string): void {
  for (const { name, type } of parquetSchema(file).columns) {
    if (type === "unsupported") continue;
    for (const as of ["own", "id"] as const) readAll(file, [{ name, as }]);
    if (type === "time" || type === "number" || type === "text") readAll(file, [{ name, as: "time" }]);
  }
}

/** Runs `act`, which must end in a LeadlineError `source-invalid` whose one-line message has every fragment. */
function refuses(act: () => void, ...fragments: readonly string[]): void {
  try {
    act();
  } catch (error) {
    assert.instance(error, LeadlineError, String(error instanceof Error ? error.stack : error));
    const { code, message } = error as LeadlineError;
    assert.is(code, "source-invalid");
    assert.not.match(message, /\n/);
    for (const fragment of fragments) assert.ok(message.includes(fragment), `${message} | lacks | ${fragment}`);
    return;
  }
  assert.unreachable("no error");
}

function written(name: string, content: Uint8Array | string): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

test("a file that is missing, a folder, empty, or of another format is told", () => {
  const missing = join(folder, "none.parquet");
  refuses(() => planParquet(missing), "missing file: ", missing);
  const directory = join(folder, "folder.parquet");
  mkdirSync(directory);
  refuses(() => planParquet(directory), directory, "is a directory");
  refuses(() => parquetSchema(written("empty.parquet", "")), "invalid Parquet file", "does not begin with PAR1");
  refuses(() => planParquet(written("text.parquet", "user_id,ts\n1,2\n")), "does not begin with PAR1");
});

test("a file that is cut off anywhere is told", () => {
  for (let part = 0; part < 50; part++) {
    const length = Math.floor((whole.length * part) / 50);
    const file = written("cut.parquet", whole.subarray(0, length));
    refuses(() => planParquet(file), "invalid Parquet file", file);
  }
  for (let missing = 1; missing <= 20; missing++) {
    const file = written("cut.parquet", whole.subarray(0, whole.length - missing));
    refuses(() => planParquet(file), "cut off", file);
  }
});

test("a file that lost bytes of its middle is told", () => {
  const tail = whole.subarray(whole.length - 8).readUInt32LE(0) + 8;
  const file = written("hole.parquet", Buffer.concat([whole.subarray(0, 500), whole.subarray(whole.length - tail)]));
  refuses(() => planParquet(file), "invalid Parquet file", file, "cut off", "row group");
});

test("bytes that are wrong are either read or told, never another error", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 }),
      fc.nat(400),
      (changes, fromEnd) => {
        const content = Uint8Array.from(whole);
        for (const [at, value] of changes) content[at] = value;
        // The metadata are a small part of the file and the most fragile one.
        const [, value] = changes[0] ?? [0, 0];
        content[content.length - 1 - fromEnd] = value;
        const file = written("wrong.parquet", content);
        try {
          readEverything(file);
        } catch (error) {
          assert.instance(error, LeadlineError, String(error instanceof Error ? error.stack : error));
          assert.ok((error as LeadlineError).message.includes(file));
        }
      },
    ),
    { seed: 1, numRuns: 400 },
  );
});

test("encrypted files and columns are told", () => {
  const file = written(
    "secret.parquet",
    Buffer.concat([Buffer.from("PARE"), whole.subarray(4, -4), Buffer.from("PARE")]),
  );
  refuses(() => planParquet(file), "unsupported Parquet file", "encrypted", file);
  const column: PagesFile = {
    physical: "INT32",
    rows: 1,
    pages: [dataPage(1, PLAIN, bytes(Int32Array.of(1)))],
    encrypted: true,
  };
  const secret = writePages(join(folder, "secret-column.parquet"), column);
  refuses(() => readAll(secret, [{ name: "c", as: "own" }]), "unsupported column: c", "encrypted");
});

test("an unknown column is told with the nearest name and those there are", () => {
  const read = (name: string): void => void readAll(good, [{ name, as: "id" }]);
  refuses(() => read("userid"), "unknown column: userid", "did you mean user_id?", good);
  refuses(() => read("zzzzzzzz"), "unknown column: zzzzzzzz", "has user_id, count, ts, tags, ok, name");
});

test("a column that cannot be read, or is no time, is told with its type", () => {
  refuses(() => readAll(good, [{ name: "tags", as: "own" }]), "unsupported column: tags", "nested", good);
  refuses(() => readAll(good, [{ name: "ok", as: "time" }]), "unsupported time column: ok", "BOOLEAN", good);
});

test("a task that is not of this file is the caller's mistake", () => {
  const task = { format: "parquet", file: good, firstRow: 1, rows: 1, rowGroup: 0 } as const;
  assert.throws(
    () => decodeParquet(task, [], plainTime),
    (error: unknown) => error instanceof RangeError && error.message.startsWith("invalid task"),
  );
});

const texts = { physical: "BYTE_ARRAY", converted: "UTF8", rows: 3 } as const;
const numbers = { physical: "INT64", rows: 3 } as const;
const three = bytes(BigInt64Array.of(1n, 2n, 3n));
const indices = dataPage(3, RLE_DICTIONARY, bytes([2], packed(2, 0, 1, 3)));

/** Chunks that break the format, and a word of what is said of them. */
const corrupt: readonly [string, PagesFile, string][] = [
  ["an index beyond the dictionary", { ...texts, pages: [dictionaryPage(2, plainTexts("a", "b")), indices] }, "beyond"],
  ["a number's index beyond", { ...numbers, pages: [dictionaryPage(3, three), indices] }, "beyond a dictionary of 3"],
  ["indices without a dictionary", { ...texts, pages: [indices] }, "without a dictionary"],
  ["numbers' indices without a dictionary", { ...numbers, pages: [indices] }, "without a dictionary"],
  [
    "indices that end early",
    { ...texts, pages: [dictionaryPage(1, plainTexts("a")), dataPage(3, RLE_DICTIONARY, bytes([1, 2, 0]))] },
    "need 3 indices, have 1",
  ],
  [
    "indices of 33 bits",
    { ...texts, pages: [dictionaryPage(1, plainTexts("a")), dataPage(3, RLE_DICTIONARY, bytes([33, 2, 0]))] },
    "33 bits",
  ],
  [
    "a second dictionary",
    { ...numbers, pages: [dictionaryPage(3, three), dictionaryPage(3, three)] },
    "second dictionary",
  ],
  ["a dictionary that is too short", { ...numbers, pages: [dictionaryPage(4, three)] }, "beyond"],
  ["a text dictionary that is too short", { ...texts, pages: [dictionaryPage(2, plainTexts("a"))] }, "beyond"],
  ["too few values", { ...numbers, pages: [dataPage(3, PLAIN, three.subarray(0, 23))] }, "beyond their page"],
  ["too few texts", { ...texts, pages: [dataPage(3, PLAIN, plainTexts("a", "b"))] }, "beyond their page"],
  [
    "a text that is too long",
    { ...texts, pages: [dataPage(3, PLAIN, plainTexts("a", "b", "c").subarray(0, -1))] },
    "beyond",
  ],
  [
    "more rows than the group",
    { ...numbers, pages: [dataPage(4, PLAIN, bytes(three, three))] },
    "4 values where 3 rows",
  ],
  ["fewer rows than the group", { ...numbers, pages: [dataPage(2, PLAIN, three)] }, ""],
  [
    "levels that end early",
    { ...numbers, optional: true, pages: [dataPage(3, PLAIN, bytes(Uint32Array.of(2), [4, 1], three))] },
    "levels",
  ],
  [
    "levels beyond the page",
    { ...numbers, optional: true, pages: [dataPage(3, PLAIN, bytes(Uint32Array.of(99), [6, 1]))] },
    "levels beyond",
  ],
  [
    "levels of old",
    { ...numbers, optional: true, pages: [dataPage(3, PLAIN, bytes(levelsV1(1, 1, 1), three), BIT_PACKED)] },
    "BIT_PACKED",
  ],
  [
    "an encoding of another type",
    { ...numbers, pages: [dataPage(3, DELTA_BYTE_ARRAY, three)] },
    "unsupported encoding: DELTA_BYTE_ARRAY of INT64",
  ],
  ["deltas that are none", { ...texts, pages: [dataPage(3, DELTA_BYTE_ARRAY, three)] }, "deltas"],
  [
    "a codec that nobody writes",
    { ...numbers, codec: 3, pages: [dataPage(3, PLAIN, three)] },
    "unsupported compression codec: LZO",
  ],
  ["Snappy that is none", { ...numbers, codec: 1, pages: [dataPage(3, PLAIN, three)] }, "Snappy"],
  ["gzip that is none", { ...numbers, codec: 2, pages: [dataPage(3, PLAIN, three)] }, ""],
  ["brotli that is none", { ...numbers, codec: 4, pages: [dataPage(3, PLAIN, three)] }, ""],
  ["LZ4 that is none", { ...numbers, codec: 7, pages: [dataPage(3, PLAIN, three)] }, ""],
  ["Zstandard that is none", { ...numbers, codec: 6, pages: [dataPage(3, PLAIN, three)] }, ""],
  [
    "levels longer than their page",
    {
      ...numbers,
      pages: [{ header: { 1: 3, 2: 9, 3: 4, 8: { 1: 3, 2: 0, 3: 3, 4: 0, 5: 9, 6: 0 } }, body: three.subarray(0, 4) }],
    },
    "levels beyond",
  ],
  [
    "a page of negative size",
    { ...numbers, pages: [{ header: { 1: 0, 2: -1, 3: -1, 5: { 1: 3, 2: 0, 3: 3, 4: 3 } }, body: three }] },
    "negative",
  ],
  [
    "a page without its header",
    { ...numbers, pages: [{ header: { 1: 0, 2: 24, 3: 24 }, body: three }] },
    "without its header",
  ],
  [
    "values beyond the second form's page",
    { ...numbers, pages: [plainPageV2(3, 0, PLAIN, bytes(), three.subarray(0, 8))] },
    "beyond",
  ],
];

for (const [what, column, fragment] of corrupt) {
  test(`${what} is told with column and rows`, () => {
    const file = writePages(join(folder, "corrupt.parquet"), column);
    refuses(
      () => readAll(file, [{ name: "c", as: "own" }]),
      `invalid Parquet page: column c, rows 1 to 3 of ${file}`,
      fragment,
    );
  });
}

test("a group that asks for more memory than there is, is told", () => {
  const file = writePages(join(folder, "huge.parquet"), {
    ...numbers,
    rows: 2 ** 40,
    pages: [dataPage(3, PLAIN, three)],
  });
  refuses(() => readAll(file, [{ name: "c", as: "own" }]), "column c", file);
});

test.run();
