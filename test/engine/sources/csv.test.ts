import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ColumnRequest, SourceTask } from "../../../engine/sources/chunk.js";
import { csvSchema, decodeCsv, planCsv } from "../../../engine/sources/csv.js";
import { collect, failsWith, joined, requestsOf, temporaryFolder, valuesOf } from "./chunk-values.js";

const test = suite("csv");
const folder = temporaryFolder();
test.after(() => folder.remove());

async function read(file: string, requests: readonly ColumnRequest[]): Promise<(string | number | null)[][]> {
  const { tasks } = await planCsv(file);
  assert.ok(tasks.length <= 1);
  const chunks = (await Promise.all(tasks.map((task) => collect(decodeCsv(task, requests))))).flat();
  return requests.map((_, at) => chunks.flatMap(({ columns }) => valuesOf(columns[at] as never)));
}

const dialects: readonly (readonly [name: string, extension: string, content: string | Uint8Array])[] = [
  ["commas", "csv", 'a,b\n1,x\n2,"y,""z"\n'],
  ["semicolons", "csv", 'a;b\n1;x\n2;"y,""z"\n'],
  ["tabs", "tsv", 'a\tb\n1\tx\n2\t"y,""z"\n'],
  ["pipes", "csv", 'a|b\n1|x\n2|"y,""z"\n'],
  ["a byte-order mark", "csv", '\ufeffa,b\n1,x\n2,"y,""z"\n'],
  ["CRLF and no line break at the end", "csv", 'a,b\r\n1,x\r\n2,"y,""z"'],
  ["blank lines before the header and between rows", "csv", '\n\na,b\n1,x\n\n2,"y,""z"\n'],
  ["quoted header cells", "csv", '"a"," b "\n1,x\n2,"y,""z"\n'],
  ["CR alone", "csv", 'a,b\r1,x\r2,"y,""z"\r'],
  ["backslash escapes", "csv", 'a,b\n1,x\n2,"y,\\"z"\n'],
  ["UTF-16", "csv", Buffer.from('\ufeffa\tb\n1\tx\n2\t"y,""z"\n', "utf16le")],
  ["gzip", "csv.gz", gzipSync('a,b\n1,x\n2,"y,""z"\n')],
  ["two gzip members", "csv.gz", Buffer.concat([gzipSync("a,b\n1,"), gzipSync('x\n2,"y,""z"\n')])],
];

for (const [name, extension, content] of dialects) {
  test(`a file with ${name} has the same rows as any other`, async () => {
    const file = folder.write(`dialect.${extension}`, content);
    assert.equal(
      (await csvSchema(file)).columns.map((column) => [column.name, column.type]),
      [
        ["a", "unknown"],
        ["b", "unknown"],
      ],
    );
    assert.equal(await read(file, requestsOf("own", "b", "a")), [
      ["x", 'y,"z'],
      [1, 2],
    ]);
  });
}

const types: readonly (readonly [
  name: string,
  cells: readonly string[],
  type: string,
  values: (string | number | null)[],
])[] = [
  ["numbers", ["1", "", "-2.5e1"], "number", [1, null, -25]],
  ["numbers and a text", ["1.50", "x", ""], "text", ["1.50", "x", null]],
  ["leading zeros", ["007", "12"], "text", ["007", "12"]],
  ["integers that a double cannot hold", ["9007199254740993", "1"], "text", ["9007199254740993", "1"]],
  ["true and false", ["true", "", "false"], "boolean", ["true", null, "false"]],
  ["True and FALSE", ["True", "FALSE", "true"], "boolean", ["true", "false", "true"]],
  ["true and 1", ["true", "1"], "text", ["true", "1"]],
  ["nothing", ["", ""], "text", [null, null]],
  ["spaces around numbers", [" 1", "2 "], "number", [1, 2]],
];

for (const [name, cells, type, values] of types) {
  test(`a column of ${name} is of type ${type}`, async () => {
    const file = folder.write("types.csv", `a,b\n${cells.map((cell) => `x,${cell}\n`).join("")}`);
    const [task] = (await planCsv(file)).tasks;
    const [chunk] = await collect(decodeCsv(task as SourceTask, requestsOf("own", "b")));
    assert.equal(joined([chunk as never], 0), { type, values });
  });
}

test("an id is its text, whatever it looks like", async () => {
  const file = folder.write("ids.csv", "a,b\n1.50,TRUE\n007,\n");
  assert.equal(await read(file, requestsOf("id", "a", "b")), [
    ["1.50", "007"],
    ["TRUE", null],
  ]);
});

test("times are dates as ms, or epoch numbers as they stand", async () => {
  const file = folder.write(
    "times.csv",
    "a,b,c\n1970-01-01,1700000000,1700000000123456789\n,,\n1970-01-01T00:00:01+01,0,1\n",
  );
  const [task] = (await planCsv(file)).tasks;
  const [chunk] = await collect(decodeCsv(task as SourceTask, requestsOf("time", "a", "b", "c")));
  assert.equal(joined([chunk as never], 0), { type: "time", values: [0, null, -3_599_000] });
  assert.equal(joined([chunk as never], 1), { type: "number", values: [1_700_000_000, null, 0] });
  assert.equal(joined([chunk as never], 2), { type: "number", values: [Number("1700000000123456789"), null, 1] });
});

test("a column may be asked for twice, in two ways", async () => {
  const file = folder.write("twice.csv", "a,b\n1,2\n");
  assert.equal(
    await read(file, [
      { name: "b", as: "id" },
      { name: "b", as: "own" },
    ]),
    [["2"], [2]],
  );
});

test("no columns asked for still gives the number of rows", async () => {
  const file = folder.write("none.csv", "a,b\n1,2\n3,4\n");
  const [task] = (await planCsv(file)).tasks;
  assert.equal(await collect(decodeCsv(task as SourceTask, [])), [{ rows: 2, columns: [] }]);
});

test("a header without rows has columns and no task", async () => {
  const { schema, tasks } = await planCsv(folder.write("header.csv", "a,b\n"));
  assert.equal([schema.columns.length, tasks.length], [2, 0]);
});

test("header cells without a name are named by their place", async () => {
  const { columns } = await csvSchema(folder.write("unnamed.csv", ",b,\n1,2,3\n"));
  assert.equal(
    columns.map(({ name }) => name),
    ["column_1", "b", "column_3"],
  );
});

test("a header longer than the sample is read", async () => {
  const names = Array.from({ length: 20_000 }, (_, column) => `column number ${column}`);
  const { columns } = await csvSchema(folder.write("wide.csv", `${names.join(",")}\n`));
  assert.is(columns.length, 20_000);
});

test("all buffers of a chunk are shared", async () => {
  const file = folder.write("shared.csv", "a,b,c\n1,x,2024-01-01\n");
  const [task] = (await planCsv(file)).tasks;
  const requests: ColumnRequest[] = [...requestsOf("own", "a", "b"), { name: "c", as: "time" }];
  for (const chunk of await collect(decodeCsv(task as SourceTask, requests)))
    for (const column of chunk.columns)
      for (const array of column.kind === "codes"
        ? [column.codes, column.dictionary.bytes, column.dictionary.offsets]
        : [column.values])
        assert.instance(array.buffer, SharedArrayBuffer);
});

/** 20 MB of rows with quoted line breaks, so that stretches meet inside quotes. */
const rowCount = 300_000;
const long = Array.from(
  { length: rowCount },
  (_, row) => `${row},"line\n""${row % 7}"", and more of it, ${"x".repeat(row % 50)}",${row % 1000}\n`,
);

test("a long file is cut at records into stretches, and gzip gives the same rows", async () => {
  const text = `id,note,n\n${long.join("")}`;
  const file = folder.write("long.csv", text);
  const { tasks } = await planCsv(file);
  assert.ok(tasks.length > 2);
  let row = 0;
  for (const task of tasks) {
    const [chunk, ...more] = await collect(
      decodeCsv(task, [
        { name: "id", as: "own" },
        { name: "n", as: "id" },
      ]),
    );
    assert.is(more.length, 0);
    assert.ok(task.rows > 0);
    for (const value of valuesOf(chunk?.columns[0] as never)) assert.is(value, row++);
  }
  assert.is(row, rowCount);

  const [zipped, ...others] = (await planCsv(folder.write("long.csv.gz", gzipSync(text, { level: 1 })))).tasks;
  assert.is(others.length, 0);
  const chunks = await collect(decodeCsv(zipped as SourceTask, requestsOf("own", "id")));
  assert.ok(chunks.length > 2);
  row = 0;
  for (const value of joined(chunks, 0).values) assert.is(value, row++);
  assert.is(row, rowCount);
});

test("errors late in a long file name their row, in any form of the file", async () => {
  const lines = [...long];
  lines[290_000] = "290000,x\n";
  const text = `id,note,n\n${lines.join("")}`;
  const forms = [folder.write("late.csv", text), folder.write("late.csv.gz", gzipSync(text, { level: 1 }))];
  for (const file of forms)
    await failsWith(
      planCsv(file).then(async ({ tasks }) => {
        for (const task of tasks) await collect(decodeCsv(task, requestsOf("own", "n")));
      }),
      "source-invalid",
      "row 290001: 2 cells where the header has 3",
    );
});

const failures: readonly (readonly [
  name: string,
  file: string,
  content: string | Uint8Array,
  ...fragments: string[],
])[] = [
  ["an empty file", "e.csv", "", "e.csv: the file is empty"],
  ["an empty gzip", "e.csv.gz", gzipSync(""), "the file is empty"],
  ["a file of blank lines", "e.csv", "\n\n", "the file is empty"],
  ["a name that stands twice", "e.csv", "a,b,a\n1,2,3\n", "column a twice"],
  ["no header row", "e.csv", "2024-01-01T10:00:00Z,login\n", "2024-01-01T10:00:00Z", "header row"],
  ["an open quote in the header", "e.csv", 'a,"b\n1,2\n', "the header row opens a quote that never closes"],
  ["a row with too few cells", "e.csv", "a,b\n1,2\n3\n", "e.csv, row 2: 1 cell where the header has 2"],
  ["a row with too many cells", "e.csv", "a,b\n1,2\n3,4,5\n", "row 2: 3 cells where the header has 2"],
  ["too few cells in another dialect", "e.csv", "a,b\r1,2\r3\r", "row 2: 1 cell where the header has 2"],
  ["a quote that never ends", "e.csv", 'a,b\n1,2\n3,"4\n5,6\n', "e.csv, row 2: a quoted cell never ends"],
  [
    "a quote that never ends in a gzip",
    "e.csv.gz",
    gzipSync('a,b\n1,2\n3,"4\n5,6\n'),
    "row 2: a quoted cell never ends",
  ],
  ["text after a closing quote", "e.csv", 'a,b\n1,"2"3\n', "row 1: text follows the closing quote of b"],
  ["text after a closing quote in another dialect", "e.csv", 'a,b\r1,"2"3\r', "row 1:", "Parse Error"],
  ["what is no gzip", "e.csv.gz", "a,b\n1,2\n", "e.csv.gz: not valid gzip"],
  ["half a gzip", "e.csv.gz", gzipSync("a,b\n1,2\n").subarray(0, -10), "not valid gzip"],
  ["a missing column", "e.csv", "a,c\n1,2\n", "unknown column: b", "a, c"],
  ["UTF-16 big-endian", "e.csv", Uint8Array.of(0xfe, 0xff, 0, 97), "unsupported encoding"],
];

for (const [name, file, content, ...fragments] of failures) {
  test(`${name} is an error of one sentence`, async () => {
    await failsWith(read(folder.write(file, content), requestsOf("own", "b")), "source-invalid", ...fragments);
  });
}

test("a file that is not there is an error of one sentence", async () => {
  await failsWith(planCsv(`${folder.path}/absent.csv`), "source-invalid", "absent.csv", "cannot be read");
});

const badTimes: readonly (readonly [name: string, cells: readonly string[], ...fragments: string[]])[] = [
  [
    "a word",
    ["2024-01-01", "", "yesterday"],
    'row 3: b is "yesterday", which is no time; ISO 8601 or an epoch in s, ms, µs or ns are',
  ],
  ["a month 13", ["2024-13-01"], 'row 1: b is "2024-13-01"'],
  ["a number among dates", ["2024-01-01", "1700000000"], 'row 2: b is "1700000000"', "one kind a file"],
  ["a date among numbers", ["1700000000", "2024-01-01"], 'row 2: b is "2024-01-01"', "one kind a file"],
];

for (const [name, cells, ...fragments] of badTimes) {
  test(`${name} in a time column is an error with its row`, async () => {
    const file = folder.write("bad-time.csv", `a,b\n${cells.map((cell) => `x,${cell}\n`).join("")}`);
    await failsWith(read(file, requestsOf("time", "b")), "source-invalid", "bad-time.csv", ...fragments);
  });
}

test("epoch numbers as times are read in a stretch that makes the decoder's memory grow", async () => {
  const rows = Array.from({ length: 60_000 }, (_, row) => `${1_790_000_000 + row},${row}-${"x".repeat(row % 40)}`);
  const file = folder.write("epochs.csv", `t,id\n${rows.join("\n")}\n`);
  const [, times = []] = await read(file, [
    { name: "id", as: "id" },
    { name: "t", as: "time" },
  ]);
  assert.is(times.length, rows.length);
  assert.ok(times.every((time, row) => time === 1_790_000_000 + row));
});

test.run();
