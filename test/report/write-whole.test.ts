import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { assertWritable, writeWhole } from "../../report/write-whole.js";

const test = suite("writeWhole");
let folder = "";

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "leadline-write-"));
});
test.after.each(() => rmSync(folder, { recursive: true }));

test("a file is replaced by the whole of the new one, with nothing beside it", () => {
  const file = join(folder, "r.json");
  writeWhole(file, "first");
  writeWhole(file, new TextEncoder().encode("second"));
  assert.is(readFileSync(file, "utf8"), "second");
  assert.equal(readdirSync(folder), ["r.json"]);
});

test("a link stays a link, and its target gets the contents", () => {
  writeFileSync(join(folder, "target"), "old");
  symlinkSync(join(folder, "target"), join(folder, "link"));
  writeWhole(join(folder, "link"), "new");
  assert.is(readFileSync(join(folder, "target"), "utf8"), "new");
  assert.equal(readdirSync(folder).sort(), ["link", "target"]);
});

test("a device is written to, not replaced", () => {
  assertWritable("/dev/null");
  writeWhole("/dev/null", "x");
  assert.is(readFileSync("/dev/null", "utf8"), "");
});

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["a missing folder", "none/r.json", /its folder does not exist/],
  ["a folder", "inner", /is a folder; a file is allowed/],
  ["a file as a folder", "plain/r.json", /its folder is a file/],
];
for (const [what, path, expected] of refused) {
  test(`refused before and when writing, leaving nothing: ${what}`, () => {
    mkdirSync(join(folder, "inner"));
    writeFileSync(join(folder, "plain"), "");
    for (const action of [() => assertWritable(join(folder, path)), () => writeWhole(join(folder, path), "x")]) {
      assert.throws(action, (error: unknown) => {
        assert.instance(error, LeadlineError);
        assert.is((error as LeadlineError).code, "output-invalid");
        assert.match((error as LeadlineError).message, expected);
        return true;
      });
    }
    assert.equal(readdirSync(folder).sort(), ["inner", "plain"]);
  });
}

test("where the last step fails the old file stays and the new one is gone", () => {
  const file = join(folder, "r.json");
  writeFileSync(file, "old");
  assert.throws(() => writeWhole(file, Symbol("no contents") as unknown as string));
  assert.is(readFileSync(file, "utf8"), "old");
  assert.equal(readdirSync(folder), ["r.json"]);
});

test.run();
