import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { readModelFile } from "../../llm/model-file.js";
import { mulberry32, tinyModel } from "./tiny-model.js";

const folder = mkdtempSync(join(tmpdir(), "leadline-model-file-"));
test.after(() => rmSync(folder, { recursive: true }));

function fileOf(bytes: Buffer | string): string {
  const path = join(folder, "model.gguf");
  writeFileSync(path, bytes);
  return path;
}

function messageOf(path: string): string {
  try {
    readModelFile(path);
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "model-invalid");
    return (error as LeadlineError).message;
  }
  throw new Error("the file was taken");
}

test("a whole file's header says what the model is", () => {
  const path = fileOf(tinyModel({ contextLength: 4096 }));
  const { size, ...rest } = readModelFile(path);
  assert.is(size, tinyModel().length);
  assert.equal(rest, {
    path,
    version: 3,
    architecture: "llama",
    name: "Tiny random Llama",
    sizeLabel: "100K",
    quantisation: null,
    contextLength: 4096,
    chat: "plain",
  });
});

test("the chat format is read from the file's template", () => {
  assert.is(readModelFile(fileOf(tinyModel({ chatTemplate: "<|im_start|>{{role}}" }))).chat, "chatml");
  assert.is(readModelFile(fileOf(tinyModel({ chatTemplate: "{{ '<|start_header_id|>' }}" }))).chat, "llama-3");
});

const model = tinyModel();
const bad: readonly (readonly [name: string, bytes: Buffer | string, fragment: RegExp])[] = [
  ["an empty file", "", /is empty/],
  ["text", "hello, I am text", /no GGUF file: it begins with "hell"/],
  ["three bytes", "GGU", /no GGUF file/],
  ["the first 24 bytes", model.subarray(0, 24), /cut off in its header, at 24 bytes/],
  ["a file cut in its metadata", model.subarray(0, 700), /cut off in its header/],
  ["a file cut in its tensors", model.subarray(0, model.length - 4096), /cut off: need \d+ bytes, have \d+/],
  ["version 9", tinyModel({ version: 9 }), /unsupported GGUF version: 9 .*versions 2 and 3/],
  ["another architecture", tinyModel({ architecture: "mamba" }), /unsupported model architecture: mamba/],
  ["a damaged count", damaged(16), /damaged header: it counts \d+ metadata entries/],
  ["a damaged text length", damaged(24), /damaged header: a text has \d+ bytes/],
];

function damaged(at: number): Buffer {
  const bytes = tinyModel();
  bytes.writeBigUInt64LE(1n << 50n, at);
  return bytes;
}

for (const [name, bytes, fragment] of bad) {
  test(`${name} is refused in one sentence`, () => {
    const message = messageOf(fileOf(bytes));
    assert.match(message, fragment);
    assert.not.match(message, /\n/);
  });
}

test("a missing file and a folder are refused in one sentence", () => {
  assert.match(messageOf(join(folder, "none.gguf")), /missing model file: .*none\.gguf/);
  mkdirSync(join(folder, "folder.gguf"));
  assert.match(messageOf(join(folder, "folder.gguf")), /is a folder/);
});

test("whatever byte of the header is changed, the file is read or refused, never worse", () => {
  const random = mulberry32(7);
  for (let round = 0; round < 80; round++) {
    const bytes = tinyModel();
    bytes[Math.floor(random() * 3000)] = Math.floor(random() * 256);
    const path = fileOf(bytes);
    try {
      readModelFile(path);
    } catch (error) {
      assert.instance(error, LeadlineError);
    }
  }
});

test.run();
