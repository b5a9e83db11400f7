import { closeSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { checkModel } from "../../llm/check-model.js";
import { answerSpace, parseAnswer } from "../../llm/class-grammar.js";
import { type ModelHost, startModel } from "../../llm/host.js";
import type { GenerateRequest } from "../../llm/host-messages.js";
import { type ModelFile, readModelFile } from "../../llm/model-file.js";
import { findPackage } from "../../llm/package.js";
import { templates } from "../../planner/templates/library.js";
import { leadline } from "../cli/leadline.js";
import { shopData } from "./shop-data.js";

const path = process.env["LEADLINE_TEST_MODEL"] ?? process.env["LEADLINE_MODEL"] ?? "";
const limits = { timeoutMs: 120_000 };

async function failure(work: Promise<unknown>): Promise<LeadlineError> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, LeadlineError);
    return error as LeadlineError;
  }
  throw new Error("it did not fail");
}

function never(): never {
  throw new Error("it is missing");
}

if (path === "" || findPackage() === null) {
  const what =
    path === "" ? "neither LEADLINE_TEST_MODEL nor LEADLINE_MODEL names a model" : "node-llama-cpp is not installed";
  process.stdout.write(`skipped: ${what}, so no real model is asked (docs/MODEL.md says how)\n`);
} else {
  const file = readModelFile(path);
  const folder = mkdtempSync(join(tmpdir(), "leadline-real-"));
  const { grammar } = answerSpace(templates, shopData, {
    events: shopData.tokens.map(({ text }) => text),
    attributes: shopData.attributes,
    kpis: shopData.kpis,
    ...{ numbers: [4], durations: ["1m"], mostClasses: 2 },
  });
  const request: GenerateRequest = {
    system: templates.map(({ name, description }) => `${name}: ${description}`).join("\n"),
    prompt: "Choose hypotheses as JSON: users who search more than 3 times within a minute",
    grammar,
    ...{ maxTokens: 300, seed: 1, temperature: 0 },
  };
  let host: ModelHost;
  test.before(async () => {
    host = await startModel(file);
  });
  test.after(async () => {
    await host.dispose();
    rmSync(folder, { recursive: true });
  });

  test("a check tells what the model is, how fast it is, and its valid answer", async () => {
    const { sha256, package: found, run } = await checkModel(path);
    assert.match(sha256, /^[0-9a-f]{64}$/);
    assert.match(found?.version ?? "", /^\d+\.\d+\.\d+/);
    const { loadMs, contextSize, speed, trial } = run ?? never();
    assert.ok(loadMs > 0 && contextSize >= 1024);
    assert.ok(speed.promptTokensPerS > 0 && speed.answerTokensPerS > 0 && speed.memoryBytes > 1e6);
    assert.is(trial.classes?.length, 1);
  });

  test("an answer is valid hypothesis classes, and the same in another process", async () => {
    const first = await host.generate(request, limits);
    assert.is(first.stop, "end");
    for (const { template, parameters } of parseAnswer(first.text, templates, 1) ?? never()) {
      templates.find(({ name }) => name === template)?.compile(parameters, shopData);
    }
    const other = await startModel(file);
    try {
      assert.equal(await other.generate(request, limits), first);
    } finally {
      await other.dispose();
    }
    assert.equal(await host.generate(request, limits), first, "and when asked again");
  });

  test("a trained model finds what is English likelier than what is not", async () => {
    const [english = 0, reversed = 0] = await host.score(
      { prompt: "The user could not log", candidates: [" in to the account", " account the to in"] },
      limits,
    );
    assert.ok(english > reversed);
  });

  test("a deadline ends the reading of a long prompt, and the host stays usable", async () => {
    const error = await failure(host.generate({ ...request, prompt: "users who ".repeat(1500) }, { timeoutMs: 500 }));
    assert.match(error.message, /gave no answer within 0\.5 s/);
    assert.is((await host.generate(request, limits)).stop, "end");
  });

  test("a deadline ends the writing of a long answer, and the host stays usable", async () => {
    const endless = { ...request, system: "", grammar: 'root ::= "a" root', maxTokens: 3500 };
    const error = await failure(host.generate(endless, { timeoutMs: 2000 }));
    assert.match(error.message, /gave no answer within 2 s/);
    assert.is((await host.generate(request, limits)).stop, "end");
  });

  const beginning = (bytes: number): Buffer => {
    const buffer = Buffer.alloc(Math.min(bytes, file.size));
    const from = openSync(path, "r");
    readSync(from, buffer, 0, buffer.length, 0);
    closeSync(from);
    return buffer;
  };
  /** Of the real file, so that the header is as rich as headers get. */
  const bad: readonly (readonly [name: string, bytes: () => Buffer, message: RegExp])[] = [
    ["cut in its magic", () => beginning(3), /is no GGUF file/],
    ["cut in its header", () => beginning(5000), /is cut off in its header, at 5000 bytes/],
    ["cut in its tensors", () => beginning(Math.floor(file.size / 2)), /is cut off: need \d+ bytes, have \d+/],
    ["of another version", () => changed(4, 9), /unsupported GGUF version: 9/],
    ["of another architecture", () => renamed(), /unsupported model architecture: wolfs/],
    ["with a damaged count", () => changed(20, 0x7f), /damaged header|cut off/],
  ];
  const changed = (at: number, to: number): Buffer => {
    const bytes = beginning(file.size);
    bytes[at] = to;
    return bytes;
  };
  const renamed = (): Buffer => {
    const bytes = beginning(file.size);
    const at = bytes.indexOf("llama", bytes.indexOf("general.architecture"));
    bytes.write("wolfs", at);
    return bytes;
  };
  for (const [name, bytes, message] of bad) {
    test(`a model ${name} is refused by the command in one sentence, in a process of its own`, async () => {
      const broken = join(folder, "broken.gguf");
      writeFileSync(broken, bytes());
      const { code, out, err } = await leadline(["model", "check", broken]);
      assert.is(code, 1);
      assert.is(out, "");
      assert.match(err, message);
      assert.is(err.trim().split("\n").length, 1);
    });
  }

  test("a model damaged in its tensors' names ends in one sentence of its process", async () => {
    const bytes = beginning(file.size);
    const at = bytes.indexOf("token_embd.weight");
    bytes.write("lost", at);
    const broken = join(folder, "damaged.gguf");
    writeFileSync(broken, bytes);
    const error = await failure(startModel({ ...file, path: broken } satisfies ModelFile));
    assert.match(error.message, /^the model('s process| cannot be loaded)/);
    assert.not.match(error.message, /\n/);
  });
}

test.run();
