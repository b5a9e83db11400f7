import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { serialiseResult } from "../../report/json.js";
import { aResult } from "../report/a-result.js";
import { leadline } from "./leadline.js";

const test = suite("leadline usage");
let folder = "";

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), "leadline-usage-"));
  writeFileSync(join(folder, "bad.yaml"), "events: {files: [x.csv]}\nkpis:\n  - {name: a, failure: 'x -> '}\nfoo: 1\n");
  writeFileSync(join(folder, "lost.yaml"), "events: {files: [none.csv]}\nkpis:\n  - {name: a, failure: x}\n");
  writeFileSync(join(folder, "data.csv"), "user,session,ts,event\nu,s,2026-01-01,a\nu,s,never,b\n");
  const none = serialiseResult(aResult({ opportunities: [] }));
  writeFileSync(join(folder, "none.json"), none);
  writeFileSync(join(folder, "cut.json"), none.slice(0, 300));
  writeFileSync(join(folder, "empty.json"), "\n");
  writeFileSync(join(folder, "later.json"), none.replace("result@1", "result@2"));
  writeFileSync(join(folder, "odd.csv"), "a,b\u001b[31m\n1,2\n");
});
test.after(() => rmSync(folder, { recursive: true }));

test("help names every command, what each does, and examples", async () => {
  const { code, out, err } = await leadline(["--help"]);
  assert.is(code, 0);
  assert.is(err, "");
  for (const command of ["run", "report", "show", "init", "check", "explain", "columns", "sample", "templates"]) {
    assert.match(out, new RegExp(`^ {2}${command} .*\\[options\\]|^ {2}${command} `, "m"));
  }
  assert.match(out, /Examples:[\s\S]*leadline run study\.yaml/);
  assert.match(out, /Exit codes: 0 done.*130 interrupted/);
});

for (const command of ["run", "report", "show", "init", "check", "explain", "columns", "sample", "templates"]) {
  test(`help of ${command} says what it takes`, async () => {
    const { code, out } = await leadline([command, "--help"]);
    assert.is(code, 0);
    assert.match(out, new RegExp(`^Usage: leadline ${command}`));
  });
}

test("the version is the package's", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  const { code, out } = await leadline(["--version"]);
  assert.equal([code, out], [0, `${version}\n`]);
});

const misuses: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["nothing at all", [], /Usage: leadline/],
  ["an unknown command", ["rum"], /unknown command 'rum'\n\(Did you mean run\?\)\n.*--help/],
  ["an unknown option", ["run", "x.yaml", "--jsom", "f"], /unknown option '--jsom'\n\(Did you mean --json\?\)/],
  ["an option that there is not", ["run", "x.yaml", "--pdf", "f"], /unknown option '--pdf'\n.*COMMAND --help/],
  ["a report without a form", ["report", "r.json"], /missing option: --html, --markdown or --csv/],
  ["two forms on standard output", ["report", "r.json", "--html", "-", "--csv", "-"], /- twice; one form/],
  ["two results on standard output", ["run", "x.yaml", "--html", "-", "--json", "-"], /- twice; one form/],
  ["something to redact that is none", ["run", "x.yaml", "--redact", "all"], /Allowed choices are users/],
  [
    "derived columns without ids",
    ["run", "x.yaml", "--derived", "d.csv", "--redact", "users"],
    /--derived with --redact; derived columns are joined/,
  ],
  ["an opportunity that there is not", ["show", "9", "none.json"], /unknown opportunity: 9; the result has none/],
  ["a missing argument", ["run"], /missing required argument/],
  ["no thread", ["run", "x.yaml", "--threads", "0"], /whole number from 1 to 1024/],
  ["a number that is none", ["run", "x.yaml", "--sample", "1e3"], /whole number of 1 or more/],
  ["an unknown expert", ["run", "x.yaml", "--experts", "none"], /Allowed choices are all, paper/],
  ["a time that is none", ["run", "x.yaml", "--from", "tomorrow"], /invalid --from: tomorrow; an ISO date/],
  [
    "an empty window",
    ["run", "x.yaml", "--from", "2026-01-02", "--to", "2026-01-02"],
    /invalid --to: 2026-01-02; a moment after --from/,
  ],
  ["a study among data", ["run", "x.yaml", "y.csv"], /one study, or data files without a study/],
  ["no place for the columns", ["columns", "x.yaml", "a"], /required option '--out <FILE>' not specified/],
  ["no expression", ["columns", "x.yaml", "--out", "c.csv"], /missing required argument 'EXPR'/],
  ["a format that is not written", ["columns", "x.yaml", "a", "--out", "c.txt"], /invalid --out: c\.txt; .*\.csv/],
  ["derived columns as JSON", ["run", "x.yaml", "--derived", "d.json"], /invalid --derived: d\.json; .*\.parquet or/],
  ["an unknown service", ["sample", "--service", "bank"], /Allowed choices are subscription, player, shop/],
];
for (const [what, args, expected] of misuses) {
  test(`usage error 2: ${what}`, async () => {
    const { code, out, err } = await leadline(args, { cwd: folder });
    assert.is(code, 2, err);
    assert.is(out, "");
    assert.match(err, expected);
  });
}

const mistakes: readonly (readonly [string, readonly string[], RegExp])[] = [
  ["a study that is not there", ["run", "none.yaml"], /^missing file: none\.yaml\n$/],
  ["data that are not there", ["run", "none.csv"], /^missing file: none\.csv matches nothing/],
  ["a study whose data are not there", ["check", "lost.yaml"], /^missing file: none\.csv matches nothing/],
  [
    "a study with mistakes, a line for each",
    ["check", "bad.yaml"],
    /^bad\.yaml: kpis\[0\]\.failure: [\s\S]*\nbad\.yaml: unknown key: foo; allowed: title, /,
  ],
  ["a bad time, with its row", ["init", "data.csv"], /data\.csv.*never/],
  ["columns without roles, made safe to print", ["init", "odd.csv"], /^missing column: .*b\\u001b\[31m\n$/],
  [
    "a folder for the result",
    ["run", "lost.yaml", "--json", "none/r.json"],
    /^invalid output file: none\/r\.json: its folder/,
  ],
  [
    "a study that exists",
    ["init", "data.csv", "--out", "bad.yaml"],
    /^invalid output file: bad\.yaml exists; name another/,
  ],
  ["a result that is not there", ["show", "1", "lost.json"], /^missing file: lost\.json\n$/],
  ["a folder as a result", ["show", "1", "."], /^invalid result, a folder: \.\n$/],
  [
    "a study as a result",
    ["report", "lost.yaml", "--csv", "-"],
    /^lost\.yaml: invalid JSON: a study or other YAML; allowed/,
  ],
  ["data as a result", ["report", "data.csv", "--html", "-"], /^data\.csv: invalid JSON: a table of text, such as CSV/],
  [
    "a result cut short",
    ["report", "cut.json", "--html", "-"],
    /^cut\.json: invalid JSON: cut short after \d+ characters/,
  ],
  ["an empty result", ["report", "empty.json", "--html", "-"], /^empty\.json: invalid JSON: an empty file/],
  [
    "a result of a later version",
    ["show", "1", "later.json"],
    /^later\.json: unsupported schema: leadline\/result@2; this version reads leadline\/result@1\n$/,
  ],
  [
    "a folder for the report",
    ["report", "none.json", "--html", "none/r.html"],
    /^invalid output file: none\/r\.html: its folder/,
  ],
  ["a folder as a study", ["run", ".yaml"], /^missing file/],
];
for (const [what, args, expected] of mistakes) {
  test(`error 1, in a sentence without a stack: ${what}`, async () => {
    const { code, out, err } = await leadline(args, { cwd: folder });
    assert.is(code, 1, err);
    assert.is(out, "");
    assert.match(err, expected);
    assert.not.match(err, /\n {4}at /);
  });
}

test("templates lists the library with its parameters", async () => {
  const { code, out, err } = await leadline(["templates"]);
  assert.equal([code, err], [0, ""]);
  assert.match(out, /^event-pattern\n {2}the session holds[\s\S]*k: a whole number from 1 up to 8\n/);
  assert.match(out, /^user-lifecycle$/m);
});

test("a reader that closes standard output is no error", async () => {
  const { code, err } = await leadline(["templates"], { deaf: true });
  assert.equal([code, err], [0, ""]);
});

test.run();
