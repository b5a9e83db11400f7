import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { findPackage } from "../../llm/package.js";
import { knownModels, type PullOptions, pullModel } from "../../llm/pull-model.js";
import { tinyModel } from "./tiny-model.js";

const folder = mkdtempSync(join(tmpdir(), "leadline-pull-"));
const program = new URL("./fake-pull.js", import.meta.url);
test.after(() => rmSync(folder, { recursive: true }));

async function failure(name: string, options: PullOptions): Promise<LeadlineError> {
  try {
    await pullModel(name, folder, options);
  } catch (error) {
    assert.instance(error, LeadlineError);
    return error as LeadlineError;
  }
  throw new Error("it was fetched");
}

// a busy machine takes its time to start a process, which is then not what ends the fetch
const LONG_MS = 60_000;
const endings: readonly (readonly [uri: string, connectTimeoutMs: number, message: RegExp])[] = [
  ["https://x/hang", 200, /^cannot fetch https:\/\/x\/hang: no answer from the network within 0\.2 s\n/],
  ["https://x/spin", 200, /no answer from the network within 0\.2 s\n/],
  ["https://x/stall", LONG_MS, /: nothing more came within 0\.3 s\n/],
  ["https://x/fail", LONG_MS, /: Failed to fetch manifest\n/],
  ["https://x/exit", LONG_MS, /: the process that fetches ended unasked \(3\)\n/],
];
for (const [uri, connectTimeoutMs, message] of endings) {
  test(`a fetch that ends by ${uri.slice(10)} says why, and what to do without a network`, async () => {
    const error = await failure(uri, { program, connectTimeoutMs, stallTimeoutMs: 300 });
    assert.is(error.code, "model-invalid");
    assert.match(error.message, message);
    assert.match(
      error.message,
      /fetch it elsewhere: https:\/\/x\/\w+\n.*LEADLINE_MODEL.*\nleadline model check .*SHA-256/,
    );
  });
}

test("a known model says which file of which repository, and how large it is", async () => {
  const options = { program: new URL("./no-such-program.js", import.meta.url) };
  const { message } = await failure("llama-3.2-3b", options);
  assert.match(message, "Llama-3.2-3B-Instruct-Q4_K_M.gguf (about 2.02 GB) of https://huggingface.co/bartowski/");
});

test("an unknown name is refused with the known ones", async () => {
  const { message } = await failure("gpt", { program });
  for (const { name } of knownModels) assert.ok(message.includes(name));
});

test("progress is told, then the path", async () => {
  const seen: number[] = [];
  const path = await pullModel("https://x/good", folder, { program, onProgress: (bytes) => seen.push(bytes) });
  assert.is(path, `${folder}/model.gguf`);
  assert.equal(seen, [50, 100]);
});

test("an abort ends a fetch", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 50);
  assert.is((await failure("https://x/hang", { program, signal: abort.signal })).code, "aborted");
  assert.is((await failure("https://x/good", { program, signal: abort.signal })).code, "aborted");
});

test("without the package it says how to add it, and what to fetch elsewhere", async () => {
  const before = process.env["LEADLINE_MODEL_PACKAGE"];
  process.env["LEADLINE_MODEL_PACKAGE"] = join(folder, "nothing");
  try {
    const { message } = await failure("llama-3.2-1b", {});
    assert.match(message, /missing package: node-llama-cpp; add it with: npm install/);
    assert.match(message, /fetch it elsewhere/);
  } finally {
    if (before === undefined) delete process.env["LEADLINE_MODEL_PACKAGE"];
    else process.env["LEADLINE_MODEL_PACKAGE"] = before;
  }
});

if (findPackage() === null) {
  process.stdout.write(
    "skipped: node-llama-cpp is not installed, so nothing is fetched by it (docs/MODEL.md says how)\n",
  );
} else {
  test("the package's downloader fetches a file whole, from a server on this machine", async () => {
    const bytes = tinyModel();
    const server = createServer((request, response) => {
      const [, from, to] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "") ?? [];
      const part = from === undefined ? bytes : bytes.subarray(Number(from), to ? Number(to) + 1 : bytes.length);
      response.writeHead(from === undefined ? 200 : 206, {
        ...{ "content-length": part.length, "accept-ranges": "bytes" },
        ...(from === undefined
          ? {}
          : { "content-range": `bytes ${from}-${Number(from) + part.length - 1}/${bytes.length}` }),
      });
      response.end(request.method === "HEAD" ? undefined : part);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const into = join(folder, "new");
      const path = await pullModel(`http://127.0.0.1:${port}/tiny.gguf`, into, {});
      assert.ok(readFileSync(path).equals(bytes));
      assert.equal(readdirSync(into).length, 1);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });

  test("an address that nobody answers at ends in one reason", async () => {
    const { message } = await failure("http://127.0.0.1:1/tiny.gguf", { connectTimeoutMs: 15_000 });
    assert.match(message, /^cannot fetch http:\/\/127\.0\.0\.1:1\/tiny\.gguf: .+\nWithout a network/);
    assert.not.ok(existsSync(join(folder, "tiny.gguf")));
  });
}

test.run();
