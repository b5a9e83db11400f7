import { chmodSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { resolveFiles } from "../../../engine/sources/glob.js";
import { failsWith, temporaryFolder } from "./chunk-values.js";

const test = suite("glob");
const folder = temporaryFolder();
test.after(() => folder.remove());
mkdirSync(join(folder.path, "sub"));
for (const name of [
  "b.csv",
  "a.CSV",
  "c.csv.gz",
  "d.tsv",
  "e.parquet",
  "f.pq",
  "g.ndjson.gz",
  "h.jsonl",
  "[x].csv",
  "é.csv",
  "z.txt",
  "sub/i.csv",
])
  folder.write(name, "x");

const table: readonly (readonly [name: string, entries: readonly string[], expected: readonly string[]])[] = [
  ["a glob", ["?.csv*"], ["b.csv csv", "c.csv.gz csv", "é.csv csv"]],
  ["a path", ["e.parquet"], ["e.parquet parquet"]],
  ["a path that looks like a glob", ["[x].csv"], ["[x].csv csv"]],
  ["a glob over folders", ["**/{b,i}.csv"], ["b.csv csv", "i.csv csv"]],
  ["entries that meet", ["b.csv", "./b.csv", "b.*", join(folder.path, "b.csv")], ["b.csv csv"]],
  [
    "every extension",
    ["[a-h].*"],
    [
      "a.CSV csv",
      "b.csv csv",
      "c.csv.gz csv",
      "d.tsv csv",
      "e.parquet parquet",
      "f.pq parquet",
      "g.ndjson.gz ndjson",
      "h.jsonl ndjson",
    ],
  ],
  ["a path with capitals", ["a.CSV"], ["a.CSV csv"]],
  ["bytes, not entries, for the order", ["é.csv", "d.tsv", "a.CSV"], ["a.CSV csv", "d.tsv csv", "é.csv csv"]],
];

for (const [name, entries, expected] of table) {
  test(`resolveFiles finds ${name}`, async () => {
    const files = await resolveFiles(entries, folder.path);
    assert.equal(
      files.map(({ file, format }) => `${basename(file)} ${format}`),
      expected,
    );
  });
}

const failures: readonly (readonly [name: string, entry: string, ...fragments: string[]])[] = [
  ["a glob without a match", "*.parq", "missing file: *.parq matches nothing in", folder.path],
  ["a path without a file", "nothing.csv", "missing file: nothing.csv"],
  ["an unknown extension", "z.txt", "unknown file extension", "z.txt", ".parquet, .pq, .csv"],
  ["a folder", "sub", "sub is a directory", "sub/*.parquet"],
];

for (const [name, entry, ...fragments] of failures) {
  test(`${name} is an error of one sentence`, async () => {
    await failsWith(resolveFiles(["b.csv", entry], folder.path), "source-invalid", ...fragments);
  });
}

// The superuser may read everything.
if (process.getuid?.() !== 0)
  test("a file without permission is an error of one sentence", async () => {
    chmodSync(folder.write("secret.csv", "x"), 0);
    await failsWith(resolveFiles(["secret.csv"], folder.path), "source-invalid", "unreadable file", "secret.csv");
  });

test.run();
