import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { type HostOptions, type ModelHost, startModel } from "../../llm/host.js";
import type { GenerateRequest } from "../../llm/host-messages.js";
import type { ModelFile } from "../../llm/model-file.js";

const program = new URL("./fake-host.js", import.meta.url);
const file: ModelFile = {
  ...{ path: "none.gguf", size: 1, version: 3, architecture: "llama", name: null, sizeLabel: null },
  ...{ quantisation: null, contextLength: 128, chat: "plain" },
};

function question(prompt: string): GenerateRequest {
  return { system: "", prompt, grammar: 'root ::= "a"', maxTokens: 8, seed: 1, temperature: 0 };
}

async function withHost(options: HostOptions, use: (host: ModelHost) => Promise<void>): Promise<void> {
  const host = await startModel(file, { program, graceMs: 200, ...options });
  try {
    await use(host);
  } finally {
    await host.dispose();
  }
}

async function failure(work: Promise<unknown>): Promise<LeadlineError> {
  try {
    await work;
  } catch (error) {
    assert.instance(error, LeadlineError);
    return error as LeadlineError;
  }
  throw new Error("it did not fail");
}

test("a host answers, and says how many tokens it can hold", async () => {
  await withHost({}, async (host) => {
    assert.is(host.contextSize, 128);
    const { text } = await host.generate(question("hello"), { timeoutMs: 5000 });
    assert.equal(JSON.parse(text), question("hello"));
  });
});

const endings: readonly (readonly [prompt: string, message: RegExp])[] = [
  ["crash", /^the model's process crashed \(SIGSEGV\)$/],
  ["abort", /^the model's process crashed \(SIGABRT\): ggml_abort: something in the middle$/],
  ["killed", /was killed, most likely for want of memory/],
  ["memory", /ran out of memory/],
  ["exit", /ended unasked \(exit code 3\)/],
];
for (const [prompt, message] of endings) {
  test(`a process that ends by ${prompt} ends every request in one sentence`, async () => {
    await withHost({}, async (host) => {
      const limits = { timeoutMs: 20_000 };
      const errors = await Promise.all([
        failure(host.generate(question(prompt), limits)),
        failure(host.generate(question("slow"), limits)),
      ]);
      for (const error of [...errors, await failure(host.generate(question("hello"), limits))]) {
        assert.is(error.code, "model-invalid");
        assert.match(error.message, message);
      }
    });
  });
}

test("a failure that the process reports leaves the host usable", async () => {
  await withHost({}, async (host) => {
    const error = await failure(host.generate(question("fail"), { timeoutMs: 5000 }));
    assert.is(error.message, "the model failed: no reason");
    assert.is((await host.generate(question("x"), { timeoutMs: 5000 })).stop, "end");
  });
});

test("a deadline ends a request, and the host stays usable where the process obeys", async () => {
  await withHost({}, async (host) => {
    const error = await failure(host.generate(question("slow"), { timeoutMs: 50 }));
    assert.is(error.code, "model-invalid");
    assert.match(error.message, /gave no answer within 0\.05 s/);
    assert.is((await host.generate(question("x"), { timeoutMs: 5000 })).stop, "end");
  });
});

test("a process that does not obey is killed", async () => {
  await withHost({}, async (host) => {
    const error = await failure(host.generate(question("spin"), { timeoutMs: 50 }));
    assert.match(error.message, /gave no answer within 0\.05 s/);
    assert.match((await failure(host.generate(question("x"), { timeoutMs: 5000 }))).message, /gave no answer/);
  });
});

test("an aborted request fails as aborted, before and while it runs", async () => {
  await withHost({}, async (host) => {
    const controller = new AbortController();
    const limits = { timeoutMs: 5000, signal: controller.signal };
    const running = failure(host.generate(question("slow"), limits));
    controller.abort();
    assert.is((await running).code, "aborted");
    assert.is((await failure(host.generate(question("x"), limits))).code, "aborted");
  });
});

test("a load that hangs is killed at its deadline", async () => {
  process.env["FAKE_LOAD"] = "hang";
  try {
    const error = await failure(startModel(file, { program, graceMs: 50, loadTimeoutMs: 300 }));
    assert.is(error.message, "the model was not loaded within 0.3 s");
  } finally {
    delete process.env["FAKE_LOAD"];
  }
});

test("a disposal that hangs ends all the same, and a disposed host says so", async () => {
  process.env["FAKE_DISPOSE"] = "hang";
  try {
    const host = await startModel(file, { program, graceMs: 50 });
    await host.dispose();
    await host.dispose();
    assert.match((await failure(host.generate(question("x"), { timeoutMs: 500 }))).message, /was disposed of/);
  } finally {
    delete process.env["FAKE_DISPOSE"];
  }
});

test("options that are no counts and empty candidates are mistakes of the caller", async () => {
  for (const options of [{ threads: 0 }, { contextSize: 1.5 }, { batchSize: -1 }]) {
    try {
      await startModel(file, { program, ...options });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
    }
  }
  await withHost({}, async (host) => {
    try {
      await host.score({ prompt: "a", candidates: [""] }, { timeoutMs: 500 });
      assert.unreachable();
    } catch (error) {
      assert.instance(error, RangeError);
    }
  });
});

test.run();
