import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as library from "../../index.js";
import { generateSample } from "../../sample/generate.js";
import { exportedNames, exportsSection } from "./exports.js";

/** The library as a user of the package meets it: its page, its snippets, its examples. */
const test = suite("leadline as a library");

const root = fileURLToPath(new URL("../../..", import.meta.url));
const page = readFileSync(join(root, "docs/LIBRARY.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "leadline-library-"));

test.before(async () => {
  await generateSample({ out: folder, users: 400, seed: 1, format: "parquet", service: "subscription" });
  copyFileSync(join(folder, "subscription.yaml"), join(folder, "study.yaml"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "leadline"));
});
test.after(() => rmSync(folder, { recursive: true }));

function node(args: readonly string[]): {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
} {
  return spawnSync(process.execPath, [...args], { cwd: folder, encoding: "utf8" });
}

test("docs/LIBRARY.md lists every export with its comment: node tools/write-library.mjs writes the list", () => {
  const values = exportedNames().filter(({ isType }) => !isType);
  assert.equal(values.map(({ name }) => name).sort(), Object.keys(library).sort());
  assert.is(page.slice(page.indexOf("## Every export")), exportsSection());
});

for (const [index, [, code = ""]] of [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].entries()) {
  test(`snippet ${index + 1} of the page runs as it stands`, () => {
    const file = `snippet-${index}.mjs`;
    writeFileSync(join(folder, file), code);
    const { status, stdout, stderr } = node([file]);
    assert.is(status, 0, stderr);
    assert.ok(stdout.length > 100);
  });
}

test("there are two examples, and the page names them", () => {
  const files = readdirSync(join(root, "examples"));
  assert.equal(files.sort(), ["columns-and-explain.mjs", "find-and-report.mjs"]);
  for (const file of files) assert.ok(page.includes(`examples/${file}`), file);
  const { files: packed } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.ok(packed.includes("examples"));
});

test("examples/find-and-report.mjs writes the report of a study and prints the first opportunity", () => {
  const { status, stdout, stderr } = node([join(root, "examples/find-and-report.mjs"), "study.yaml", "r.html"]);
  assert.is(status, 0, stderr);
  assert.match(stdout, /^\d+ opportunities, all of them in r\.html\. The first:\n/);
  assert.match(stderr, /^read: \d+ events\n/);
  assert.match(readFileSync(join(folder, "r.html"), "utf8"), /^<!doctype html>/i);
  const missing = node([join(root, "examples/find-and-report.mjs"), "none.yaml"]);
  assert.is(missing.status, 1);
});

test("examples/columns-and-explain.mjs makes its data, writes columns and explains an expression", () => {
  const { status, stdout, stderr } = node([join(root, "examples/columns-and-explain.mjs"), "c.parquet"]);
  assert.is(status, 0, stderr);
  assert.match(stdout, /rows of 6 columns in c\.parquet[\s\S]*Sessions in which some buy_plan is followed directly by/);
  assert.is(readFileSync(join(folder, "c.parquet")).subarray(0, 4).toString(), "PAR1");
});

test("an option that is none of what is allowed is a RangeError that says what is", async () => {
  const study = library.parseStudy(readFileSync(join(folder, "study.yaml"), "utf8"), "study.yaml");
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ experts: "some" }, /^invalid experts: some; allowed: all, paper$/],
    [{ experts: null }, /^invalid experts: null; allowed/],
    [{ sample: 0.5 }, /^invalid sample: 0\.5; a whole number of sessions/],
    [{ fromMs: Number.NaN }, /^invalid fromMs: NaN/],
    [{ toMs: "2026-11-01" }, /^invalid toMs: 2026-11-01; a number of ms/],
    [{ memoryBytes: "4GB" }, /^invalid memoryBytes: 4GB/],
    [{ threads: 0 }, /^invalid threads: 0; 1 or more/],
  ];
  for (const [options, message] of wrong) {
    for (const call of [
      () => library.findOpportunities(study, folder, options),
      () => library.explainExpression(study, folder, "os", options),
      () => library.sessionColumns(study, folder, ["os"], options),
      () => library.explainStudy(study, folder, options),
    ]) {
      try {
        await call();
        assert.unreachable();
      } catch (error) {
        assert.instance(error, RangeError);
        assert.match((error as RangeError).message, message);
      }
    }
  }
});

test("a signal that fires ends every function that reads with the code aborted", async () => {
  const study = library.parseStudy(readFileSync(join(folder, "study.yaml"), "utf8"), "study.yaml");
  const signal = AbortSignal.abort();
  for (const call of [
    () => library.findOpportunities(study, folder, { signal }),
    () => library.explainExpression(study, folder, "os", { signal }),
    () => library.sessionColumns(study, folder, ["os"], { signal }),
    () => library.explainStudy(study, folder, { signal }),
    () => library.readEvents(["subscription.parquet"], folder, { signal }),
    () => library.profileEvents(["subscription.parquet"], folder, { signal }),
    () => library.generateSample({ out: join(folder, "x"), users: 10, seed: 1, format: "csv", signal }),
    () => library.benchmark({ signal }),
  ]) {
    try {
      await call();
      assert.unreachable(String(call));
    } catch (error) {
      assert.instance(error, library.LeadlineError, String(call));
      assert.is((error as library.LeadlineError).code, "aborted", String(call));
    }
  }
});

test("readEvents gives the table of the files, event by event", async () => {
  const { table, roles } = await library.readEvents(["subscription.parquet"], folder, { threads: 1 });
  assert.equal(roles, { user: "user_id", session: "session_id", time: "ts", event: "event" });
  const two = await library.readEvents(["subscription.p*"], folder, { threads: 2, attributes: ["os"] });
  assert.equal(
    two.table.columns.map(({ name }) => name),
    ["os"],
  );
  let events = 0;
  for (let session = 0; session < table.sessions; session++) {
    const own = library.eventsOf(table, session);
    events += own.length;
    assert.equal(
      own.map(({ name, time, attributes }) => [name, time, attributes["os"]]),
      library.eventsOf(two.table, session).map(({ name, time, attributes }) => [name, time, attributes["os"]]),
    );
  }
  assert.is(events, table.events);
  assert.type(library.userId(table, 0), "string");
  assert.throws(() => library.eventsOf(table, table.sessions), /^invalid session/);
});

test.run();
