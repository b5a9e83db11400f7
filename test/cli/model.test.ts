import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findPackage } from "../../llm/package.js";
import { tinyModel, writeTinyModel } from "../llm/tiny-model.js";
import { leadline } from "./leadline.js";

const test = suite("leadline model");
const folder = mkdtempSync(join(tmpdir(), "leadline-model-command-"));
const tiny = join(folder, "tiny.gguf");
writeTinyModel(tiny);
test.after(() => rmSync(folder, { recursive: true }));

const bad: readonly (readonly [name: string, bytes: Buffer | string, message: RegExp])[] = [
  ["empty", "", /is empty/],
  ["text", "hello, I am text", /is no GGUF file/],
  ["cut", tinyModel().subarray(0, 300_000), /is cut off: need \d+ bytes, have 300000/],
  ["mamba", tinyModel({ architecture: "mamba" }), /unsupported model architecture: mamba/],
];
for (const [name, bytes, message] of bad) {
  test(`a file that is ${name} is refused in one sentence`, async () => {
    const path = join(folder, `${name}.gguf`);
    writeFileSync(path, bytes);
    const { code, out, err } = await leadline(["model", "check", path]);
    assert.equal([code, out], [1, ""]);
    assert.match(err, message);
    assert.is(err.trim().split("\n").length, 1);
  });
}

test("a missing file and a folder are refused in one sentence", async () => {
  const missing = await leadline(["model", "check", join(folder, "none.gguf")]);
  assert.is(missing.code, 1);
  assert.match(missing.err, /^missing model file: /);
  const directory = await leadline(["model", "check"], { env: { LEADLINE_MODEL: folder } });
  assert.is(directory.code, 1);
  assert.match(directory.err, /is a folder; a model is one GGUF file/);
});

test("no file at all is bad usage", async () => {
  const { code, err } = await leadline(["model", "check"], { env: { LEADLINE_MODEL: "" } });
  assert.is(code, 2);
  assert.match(err, /name one, or set LEADLINE_MODEL/);
});

test("without the package the file is told of, and how to add it", async () => {
  const { code, out, err } = await leadline(["model", "check", tiny], { env: { LEADLINE_MODEL_PACKAGE: folder } });
  assert.is(code, 1);
  assert.match(
    out,
    /SHA-256 +[0-9a-f]{64}\nmodel +llama, 100K, GGUF v3\ncontext +2,048 tokens\npackage +.*not installed/,
  );
  assert.match(err, /^missing package: node-llama-cpp; add it with: npm install/);
  const pulled = await leadline(["model", "pull"], { env: { LEADLINE_MODEL_PACKAGE: folder } });
  assert.is(pulled.code, 1);
  assert.match(
    pulled.err,
    /^cannot fetch llama-3\.2-1b: missing package.*\nWithout a network here, fetch it elsewhere: /,
  );
});

test("an unknown name of a model is refused with the known ones", async () => {
  const { code, err } = await leadline(["model", "pull", "gpt"]);
  assert.is(code, 1);
  assert.match(err, /^unknown model: gpt; allowed: llama-3\.2-1b, llama-3\.2-3b/);
});

if (findPackage() === null) {
  process.stdout.write("skipped: node-llama-cpp is not installed, so no model is loaded (docs/MODEL.md says how)\n");
} else {
  test("with the package the model runs, and answers validly", async () => {
    const { code, out, err } = await leadline(["model", "check", tiny, "--threads", "1"]);
    assert.equal([code, err], [0, ""]);
    assert.match(
      out,
      /loading +[\d.]+ s, for 2,048 tokens on 1 threads\nreading .*\nwriting .*\nmemory .*\ntrial .*\nanswer .*valid/,
    );
  });
}

test.run();
