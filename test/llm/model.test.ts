import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { answerSpace, parseAnswer } from "../../llm/class-grammar.js";
import { type ModelHost, startModel } from "../../llm/host.js";
import type { GenerateRequest } from "../../llm/host-messages.js";
import { type ModelFile, readModelFile } from "../../llm/model-file.js";
import { templates } from "../../planner/templates/library.js";
import { shopData } from "./shop-data.js";
import { tinyModel, writeTinyModel } from "./tiny-model.js";

const folder = mkdtempSync(join(tmpdir(), "leadline-model-"));
const path = join(folder, "tiny.gguf");
writeTinyModel(path, { contextLength: 4096 });
const file = readModelFile(path);
/** Small, so that an abort is soon over. */
const options = { threads: 1, contextSize: 4096, batchSize: 32, loadTimeoutMs: 60_000 };
const limits = { timeoutMs: 60_000 };

const space = answerSpace(templates, shopData, {
  events: shopData.tokens.map(({ text }) => text),
  attributes: shopData.attributes,
  kpis: shopData.kpis,
  ...{ numbers: [4], durations: ["7s"], mostClasses: 2 },
});
const request: GenerateRequest = {
  system: "Choose hypotheses.",
  prompt: "find patterns",
  grammar: space.grammar,
  ...{ maxTokens: 600, seed: 1, temperature: 0 },
};

let host: ModelHost | undefined;
test.after(async () => {
  await host?.dispose();
  rmSync(folder, { recursive: true });
});

async function failure(work: Promise<unknown>): Promise<LeadlineError> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, LeadlineError);
    return error as LeadlineError;
  }
  throw new Error("it did not fail");
}

try {
  host = await startModel(file, options);
} catch (error) {
  if (!(error instanceof LeadlineError) || !error.message.startsWith("missing package")) throw error;
}
const model = host;

if (model === undefined) {
  process.stdout.write("skipped: node-llama-cpp is not installed, so no model answers (docs/MODEL.md says how)\n");
  test("without the package the model is refused in a sentence that says how to add it", async () => {
    const error = await failure(startModel(file, options));
    assert.is(error.code, "model-invalid");
    assert.match(error.message, "missing package: node-llama-cpp; add it with: npm install node-llama-cpp@3.21.1");
  });
} else {
  test("answers of random weights are valid hypothesis classes, 100 of 100", async () => {
    const met = new Set<string>();
    for (let seed = 1; seed <= 100; seed++) {
      const { text, stop } = await model.generate({ ...request, seed, temperature: 1.2 }, limits);
      assert.is(stop, "end");
      const classes = parseAnswer(text, templates, 1);
      assert.ok(classes !== null && classes.length > 0, text);
      for (const { template, parameters } of classes ?? []) {
        templates.find(({ name }) => name === template)?.compile(parameters, shopData);
        met.add(template);
      }
    }
    assert.ok(met.size > 1);
  });

  test("the same request has the same answer in another process", async () => {
    const other = await startModel(file, options);
    try {
      for (const temperature of [0, 1.2]) {
        const [a, b] = await Promise.all([
          model.generate({ ...request, temperature }, limits),
          other.generate({ ...request, temperature }, limits),
        ]);
        assert.equal(a, b);
      }
    } finally {
      await other.dispose();
    }
  });

  test("scores are log probabilities: those of all first characters sum to at most 1, and repeat", async () => {
    const candidates = ["a", "b", "event", "user"];
    const prompt = "template: ";
    const scores = await model.score({ prompt, candidates }, limits);
    assert.ok(scores.every((score) => score < 0 && Number.isFinite(score)));
    assert.ok(scores.slice(0, 2).reduce((sum, score) => sum + Math.exp(score), 0) <= 1);
    assert.equal(await model.score({ prompt, candidates: [...candidates].reverse() }, limits), [...scores].reverse());
  });

  test("an answer that its token budget cuts says so", async () => {
    assert.is((await model.generate({ ...request, maxTokens: 3 }, limits)).stop, "cut");
  });

  test("a prompt that does not fit is refused with both numbers, and the host stays usable", async () => {
    const error = await failure(model.generate({ ...request, prompt: "word ".repeat(5000) }, limits));
    assert.match(error.message, /the prompt is too long: need \d+ tokens, have 4096/);
    assert.is((await model.generate(request, limits)).stop, "end");
  });

  test("a grammar that is none ends in one sentence", async () => {
    const error = await failure(model.generate({ ...request, grammar: "root ::= (" }, limits));
    assert.match(error.message, /^the model failed: .*grammar/i);
  });

  test("an abort ends a long answer, and the host stays usable", async () => {
    const controller = new AbortController();
    const endless = { ...request, grammar: 'root ::= "a" root', maxTokens: 3500 };
    const running = failure(model.generate(endless, { ...limits, signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
    assert.is((await running).code, "aborted");
    assert.is((await model.generate(request, limits)).stop, "end");
  });

  test("a deadline ends a long prompt, and the host stays usable", async () => {
    const error = await failure(model.generate({ ...request, prompt: "w ".repeat(800) }, { timeoutMs: 20 }));
    assert.match(error.message, /gave no answer within 0\.02 s/);
    assert.is((await model.generate(request, limits)).stop, "end");
  });

  /** Loaded past the check of the file, so that the native code meets them; each in a process of its own. */
  const bad: readonly (readonly [name: string, bytes: Buffer | string])[] = [
    ["an empty file", ""],
    ["text", "hello, I am text"],
    ["the first 24 bytes", tinyModel().subarray(0, 24)],
    ["a file cut in its metadata", tinyModel().subarray(0, 700)],
    ["a file cut in its tensors", tinyModel().subarray(0, 300_000)],
    ["version 9", tinyModel({ version: 9 })],
    ["an unknown architecture", tinyModel({ architecture: "nonsense" })],
  ];
  for (const [index, [name, bytes]] of bad.entries()) {
    test(`${name} that reaches the model's process ends in one sentence`, async () => {
      const broken = join(folder, `bad-${index}.gguf`);
      writeFileSync(broken, bytes);
      const error = await failure(startModel({ ...file, path: broken } satisfies ModelFile, options));
      assert.is(error.code, "model-invalid");
      assert.match(error.message, /^the model('s process| cannot be loaded)/);
      assert.not.match(error.message, /\n/);
    });
  }

  test("a process that lost its parent ends", async () => {
    const child = fork(new URL("../../llm/host-process.js", import.meta.url), { stdio: "ignore" });
    child.disconnect();
    assert.equal(await once(child, "exit"), [0, null]);
  });
}

test.run();
