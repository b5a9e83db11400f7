import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { makeFolder } from "../../sample/make-folder.js";

interface Context {
  folder: string;
}

const test = suite<Context>("makeFolder");
test.before.each(async (context) => {
  context.folder = await mkdtemp(join(tmpdir(), "leadline-folder-"));
});
test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true, force: true });
});

const codeOf = (made: Promise<void>): Promise<unknown> =>
  made.then(
    () => null,
    (error: NodeJS.ErrnoException) => error.code,
  );

test("a folder and those above it are made, and stay when they are asked for again", async ({ folder }) => {
  const path = join(folder, "a", "b", "c");
  await makeFolder(path);
  await writeFile(join(path, "kept"), "");
  await makeFolder(path);
  assert.ok((await stat(join(path, "kept"))).isFile());
});

test("a link to a folder is one", async ({ folder }) => {
  await makeFolder(join(folder, "a"));
  await symlink(join(folder, "a"), join(folder, "link"));
  await makeFolder(join(folder, "link"));
  await makeFolder(join(folder, "link", "b"));
  assert.ok((await stat(join(folder, "a", "b"))).isDirectory());
});

test("a file in the way is an error", async ({ folder }) => {
  await writeFile(join(folder, "file"), "");
  assert.is(await codeOf(makeFolder(join(folder, "file"))), "EEXIST");
  assert.is(await codeOf(makeFolder(join(folder, "file", "a"))), "ENOTDIR");
});

test("a file system that says a folder above is missing which is there ends it", async () => {
  // Linux alone has one
  if (!existsSync("/proc/self")) return;
  assert.is(await codeOf(makeFolder("/proc/none/below")), "ENOENT");
});

test.run();
