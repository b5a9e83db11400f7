import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type DerivedTable, FALSE, MISSING, TRUE, withUniqueNames } from "../../engine/columns/derived-table.js";
import { sessionCsv, sessionParquet } from "../../report/session-files.js";
import { type Duck, openDuck } from "../sample/duck.js";

const test = suite<{ duck: Duck; folder: string }>("session files");
test.before(async (context) => {
  context.duck = await openDuck();
  context.folder = mkdtempSync(join(tmpdir(), "leadline-files-"));
});
test.after(({ folder }) => rmSync(folder, { recursive: true }));

const hostile = [
  "__proto__",
  "constructor",
  "10",
  "2",
  "a.b",
  'say "x"',
  "x, y",
  "two\nlines",
  "=cmd()",
  "ünï→🚲",
  "tab\there",
  "'; drop table sessions; --",
  "<script>",
  "n".repeat(3000),
];

/** A table of texts, numbers, moments and booleans; a value is null where it is missing. */
interface Plain {
  readonly text: string | null;
  readonly number: number | null;
  readonly ms: number | null;
  readonly flag: boolean | null;
}

function tableOf(rows: readonly Plain[], names: readonly string[]): DerivedTable {
  const dictionary = [...new Set(rows.flatMap(({ text }) => (text === null ? [] : [text])))];
  const codeOf = new Map(dictionary.map((each, at) => [each, at + 1]));
  const [text = "", number = "", ms = "", flag = ""] = names;
  return {
    rows: rows.length,
    columns: [
      {
        name: text,
        kind: "text",
        codes: Uint32Array.from(rows, (row) => (row.text === null ? 0 : codeOf.get(row.text)!)),
        text: (code) => dictionary[code - 1]!,
      },
      { name: number, kind: "number", values: Float64Array.from(rows, (row) => row.number ?? Number.NaN) },
      { name: ms, kind: "time", values: Float64Array.from(rows, (row) => row.ms ?? Number.NaN) },
      {
        name: flag,
        kind: "boolean",
        values: Uint8Array.from(rows, (row) => (row.flag === null ? MISSING : row.flag ? TRUE : FALSE)),
      },
    ],
  };
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const rowsOf = fc.array(
  fc.record({
    text: fc.option(fc.oneof(fc.constantFrom(...hostile, "", "plain"), fc.string())),
    number: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true })),
    ms: fc.option(fc.integer({ min: -1e13, max: 1e14 })),
    flag: fc.option(fc.boolean()),
  }),
  { maxLength: 40 },
);

test("Parquet holds what it was given, under any names", async ({ duck, folder }) => {
  const file = join(folder, "t.parquet");
  await fc.assert(
    fc.asyncProperty(rowsOf, fc.shuffledSubarray(hostile, { minLength: 4, maxLength: 4 }), async (rows, names) => {
      writeFileSync(file, await sessionParquet(tableOf(rows, names), { "leadline:k1": "a -> b" }));
      const [text, number, ms, flag] = names.map(quoted);
      const found = await duck.rows(
        `select ${text} as text, ${number} as number, epoch_ms(${ms}) as ms, ${flag} as flag from '${file}'`,
      );
      assert.equal(
        found,
        rows.map((row) => ({ ...row })),
      );
      const schema = await duck.rows(`select name from parquet_schema('${file}') where name <> 'root'`);
      assert.equal(
        schema.map(({ name }) => name),
        names,
      );
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("Parquet holds more rows than a row group, and none", async ({ duck, folder }) => {
  const file = join(folder, "many.parquet");
  const many = Array.from(
    { length: 150_000 },
    (_, row): Plain => ({
      text: row % 7 === 0 ? null : `s${row}`,
      number: row % 5 === 0 ? null : row / 3,
      ms: row * 1000,
      flag: row % 3 === 0 ? null : row % 2 === 0,
    }),
  );
  writeFileSync(file, await sessionParquet(tableOf(many, ["s", "n", "t", "f"])));
  const [row] = await duck.rows(`select count(*) as rows, count(s) as texts, count(distinct s) as different,
    sum(n) as total, max(epoch_ms(t)) as last, count(*) filter (f) as holding, count(f) as known from '${file}'`);
  assert.equal(row, {
    rows: many.length,
    texts: many.filter(({ text }) => text !== null).length,
    different: new Set(many.flatMap(({ text }) => text ?? [])).size,
    total: row?.["total"],
    last: 149_999_000,
    holding: many.filter(({ flag }) => flag === true).length,
    known: many.filter(({ flag }) => flag !== null).length,
  });
  const total = many.reduce((sum, { number }) => sum + (number ?? 0), 0);
  assert.ok(Math.abs((row?.["total"] as number) - total) < 1e-9 * total);
  writeFileSync(file, await sessionParquet(tableOf([], ["s", "n", "t", "f"])));
  assert.equal(await duck.rows(`select * from '${file}'`), []);
});

test("CSV holds what it was given, under any names", async ({ duck, folder }) => {
  const file = join(folder, "t.csv");
  await fc.assert(
    fc.asyncProperty(
      // what is missing and an empty text are one in CSV
      rowsOf.map((rows) => [
        { text: "first", number: 1, ms: 0, flag: true },
        ...rows.map((row) => ({ ...row, text: row.text?.replaceAll(/[\0\r]/g, "") || null })),
      ]),
      fc.shuffledSubarray(hostile, { minLength: 4, maxLength: 4 }),
      async (rows, names) => {
        writeFileSync(file, await sessionCsv(tableOf(rows, names)));
        const types = "{'text': 'VARCHAR', 'number': 'DOUBLE', 'ms': 'VARCHAR', 'flag': 'BOOLEAN'}";
        const found = await duck.rows(`select text, number, ms, flag from read_csv('${file}', header = false, skip = 1,
          auto_detect = false, columns = ${types}, quote = '"', escape = '"', delim = ',', new_line = '\\n')
          ${names.some((name) => name.includes("\n")) ? "limit 0" : ""}`);
        if (names.some((name) => name.includes("\n"))) return;
        assert.equal(
          found,
          rows.map((row) => ({ ...row, ms: row.ms === null ? null : new Date(row.ms).toISOString() })),
        );
        const header = await duck.rows(`select * from read_csv('${file}', header = false, all_varchar = true,
          auto_detect = false, columns = {'a': 'VARCHAR', 'b': 'VARCHAR', 'c': 'VARCHAR', 'd': 'VARCHAR'},
          quote = '"', escape = '"', delim = ',', new_line = '\\n') limit 1`);
        assert.equal(Object.values(header[0] ?? {}), names);
      },
    ),
    { seed: 2, numRuns: 60 },
  );
});

test("of columns with one name all but the first get a number", () => {
  const values = new Float64Array(1);
  const named = (name: string) => ({ name, kind: "number" as const, values });
  assert.equal(
    withUniqueNames(["start", "start_2", "start", "start", "x"].map(named)).map(({ name }) => name),
    ["start", "start_2", "start_3", "start_4", "x"],
  );
});

test.run();
