import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { program } from "./leadline.js";

const test = suite("docs/COMMANDS.md");
const page = readFileSync(new URL("../../../docs/COMMANDS.md", import.meta.url), "utf8");
const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block ?? "");
const folder = mkdtempSync(join(tmpdir(), "leadline-page-"));
test.after(() => rmSync(folder, { recursive: true }));

test("the page has examples of every command", () => {
  for (const command of ["sample", "run", "report", "show", "init", "check", "explain", "templates"]) {
    assert.ok(
      blocks.some((block) => block.includes(`leadline ${command}`)),
      command,
    );
  }
});

for (const block of blocks) {
  test(`works as it is written: ${block.trim().split("\n").join("; ")}`, () => {
    const script = `leadline() { "${process.execPath}" "${program}" "$@"; }\n${block}`;
    const { status, stderr } = spawnSync("sh", ["-e", "-c", script], { cwd: folder, encoding: "utf8" });
    assert.is(status, 0, stderr);
  });
}

test("what the examples write is there", () => {
  for (const file of ["result.json", "sampled.json"]) {
    assert.is(JSON.parse(readFileSync(join(folder, file), "utf8")).schema, "leadline/result@1");
  }
});

test.run();
