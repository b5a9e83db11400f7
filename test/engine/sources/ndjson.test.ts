import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ColumnRequest, SourceTask } from "../../../engine/sources/chunk.js";
import { decodeNdjson, ndjsonSchema, planNdjson } from "../../../engine/sources/ndjson.js";
import { jsonShape } from "../../../kernels/json-shape.js";
import { collect, failsWith, joined, requestsOf, temporaryFolder } from "./chunk-values.js";

const test = suite("ndjson");
const folder = temporaryFolder();
test.after(() => folder.remove());

async function read(file: string, requests: readonly ColumnRequest[]): Promise<ReturnType<typeof joined>[]> {
  const { tasks } = await planNdjson(file);
  const chunks = (await Promise.all(tasks.map((task) => collect(decodeNdjson(task, requests))))).flat();
  return requests.map((_, at) => joined(chunks, at));
}

const columns: readonly (readonly [
  name: string,
  cells: readonly string[],
  as: ColumnRequest["as"],
  type: string,
  values: (string | number | null)[],
])[] = [
  ["numbers", ["1", "null", "-2.5e1"], "own", "number", [1, null, -25]],
  ["booleans", ["true", "null", "false"], "own", "boolean", ["true", null, "false"]],
  ["strings", ['"x"', '"é\\n"', '"12"'], "own", "text", ["x", "é\n", "12"]],
  ["strings of digits", ['"12"', '"7"'], "own", "text", ["12", "7"]],
  ["numbers and strings", ["1.50", '"x"'], "own", "text", ["1.5", "x"]],
  ["numbers and booleans", ["1", "true"], "own", "text", ["1", "true"]],
  ["arrays", ["[1, 2]", '[{"a": null}]'], "own", "text", ["[1,2]", '[{"a":null}]']],
  [
    "integers that a double cannot hold",
    ["1678953999018234643", "1678953999018234644"],
    "id",
    "text",
    ["1678953999018234643", "1678953999018234644"],
  ],
  ["such integers in arrays", ["[1678953999018234643]"], "own", "text", ["[1678953999018234643]"]],
  [
    "digits in strings beside such integers",
    ['"a: 1678953999018234643, b"'],
    "id",
    "text",
    ["a: 1678953999018234643, b"],
  ],
  ["numbers as ids", ["1.0", "1e21", "12"], "id", "text", ["1", "1e+21", "12"]],
  ["dates", ['"1970-01-01T00:00:01Z"', '""', "null"], "time", "time", [1000, null, null]],
  ["epoch numbers", ["1700000000", '"1700000001"'], "time", "number", [1_700_000_000, 1_700_000_001]],
  ["nothing", ["null", "{}"], "own", "text", [null, null]],
  ["nothing for a time", ["null"], "time", "time", [null]],
];

for (const [name, cells, as, type, values] of columns) {
  test(`a column of ${name} asked for as ${as} is of type ${type}`, async () => {
    const file = folder.write("types.ndjson", cells.map((cell) => `{"a": ${cell}}\n`).join(""));
    assert.equal(await read(file, requestsOf(as, "a")), [{ type, values }]);
  });
}

test("nested objects are columns with dots, in the order of their first appearance", async () => {
  const file = folder.write(
    "nested.ndjson",
    '{"id":1,"user":{"id":"u","geo":{"city":"Oslo"}}}\n{"user":null,"tags":["x"],"a.b":2}\n{"a":{"b":3}}\n',
  );
  assert.equal(
    (await ndjsonSchema(file)).columns.map(({ name, type }) => [name, type]),
    [
      ["id", "number"],
      ["user.id", "text"],
      ["user.geo.city", "text"],
      ["tags", "text"],
      ["a.b", "number"],
    ],
  );
  const [city, ab, absent, inherited] = await read(
    file,
    requestsOf("own", "user.geo.city", "a.b", "absent", "constructor"),
  );
  assert.equal(city?.values, ["Oslo", null, null]);
  assert.equal(ab?.values, [null, 2, 3]);
  assert.equal(absent?.values, [null, null, null]);
  assert.equal(inherited?.values, [null, null, null]);
});

test("a key that first stands in the last of many lines is a column", async () => {
  const file = folder.write("late.ndjson", `${'{"a":1,"b":"\\"x\\":"}\n'.repeat(5000)}{"a":2,"c":{"d":true}}\n`);
  assert.equal(
    (await ndjsonSchema(file)).columns.map(({ name, type }) => [name, type]),
    [
      ["a", "number"],
      ["b", "text"],
      ["c.d", "boolean"],
    ],
  );
});

test("lines of different keys have different shapes, and values make none", () => {
  const keys = (value: unknown): unknown =>
    typeof value !== "object" || value === null || Array.isArray(value)
      ? 0
      : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keys(inner)]));
  const scalar = fc.oneof(fc.string(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null));
  const key = fc.constantFrom("a", "b", 'q"', "\\", "ab", "a:b");
  const object = fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, scalar, { maxKeys: 2 })), { maxKeys: 3 });
  const shapeOf = (value: unknown): number => {
    const bytes = Buffer.from(JSON.stringify(value));
    return jsonShape(bytes, 0, bytes.length);
  };
  fc.assert(
    fc.property(object, object, (one, other) => {
      assert.is(shapeOf(one) === shapeOf(other), JSON.stringify(keys(one)) === JSON.stringify(keys(other)));
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("blank lines, CRLF, a byte-order mark, jsonl and gzip do not matter", async () => {
  const plain = '{"a":1}\n{"a":2}\n';
  const odd = '\ufeff\r\n{"a":1}\r\n  \n {"a":2} ';
  const files = [
    folder.write("x.ndjson", plain),
    folder.write("x.jsonl", odd),
    folder.write("x.jsonl.gz", gzipSync(odd)),
  ];
  for (const file of files)
    assert.equal(await read(file, requestsOf("own", "a")), [{ type: "number", values: [1, 2] }]);
});

test("a long file is cut at line ends into stretches that know their rows, and gzip gives the same rows", async () => {
  const rowCount = 150_000;
  const text = Array.from(
    { length: rowCount },
    (_, row) => `{"id":${row},"note":"line\\n ${"x".repeat(row % 130)}"}\n`,
  ).join("");
  const { tasks } = await planNdjson(folder.write("long.ndjson", text));
  assert.ok(tasks.length > 1);
  let row = 0;
  for (const task of tasks) {
    assert.is(task.firstRow, row + 1);
    const chunks = await collect(decodeNdjson(task, requestsOf("own", "id")));
    for (const value of joined(chunks, 0).values) assert.is(value, row++);
    assert.is(task.firstRow + task.rows, row + 1);
  }
  assert.is(row, rowCount);

  const [zipped, ...others] = (await planNdjson(folder.write("long.ndjson.gz", gzipSync(text, { level: 1 })))).tasks;
  assert.equal([others.length, zipped?.rows], [0, rowCount]);
  row = 0;
  for (const value of joined(await collect(decodeNdjson(zipped as SourceTask, requestsOf("own", "id"))), 0).values)
    assert.is(value, row++);
  assert.is(row, rowCount);
});

const failures: readonly (readonly [name: string, content: string, ...fragments: string[]])[] = [
  ["an empty file", "\n\n", "e.ndjson: the file is empty"],
  ["a broken line", '{"a":1}\n\n{"a":\n', "e.ndjson, row 2: the line is no JSON"],
  ["a line that is an array", '{"a":1}\n[1]\n', "row 2: the line is no JSON object but an array"],
  ["a line that is null", "null\n", "row 1: the line is no JSON object but null"],
  ["a line that is a number", "12\n", "row 1: the line is no JSON object but a number"],
  ["a time that is none", '{"a":"2024-01-01"}\n{"a":"soon"}\n', 'row 2: a is "soon", which is no time'],
  ["a boolean for a time", '{"a":true}\n', 'row 1: a is "true", which is no time'],
  ["a number among dates", '{"a":"2024-01-01"}\n{"a":1700000000}\n', 'row 2: a is "1700000000"', "one kind a file"],
];

for (const [name, content, ...fragments] of failures) {
  test(`${name} is an error of one sentence`, async () => {
    await failsWith(read(folder.write("e.ndjson", content), requestsOf("time", "a")), "source-invalid", ...fragments);
  });
}

test("a line that breaks after the first thousand is an error when it is decoded", async () => {
  const file = folder.write("e.ndjson", `${'{"a":1}\n'.repeat(3000)}{"a":x}\n`);
  await failsWith(read(file, requestsOf("own", "a")), "source-invalid", "row 3001: the line is no JSON");
});

test.run();
