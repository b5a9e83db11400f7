import { readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import type { ReadRequest } from "../../engine/read.js";
import { readStore } from "../../engine/read-store.js";
import { openStored, readRange, readStored, writeStored } from "../../engine/stored.js";
import { temporaryFolder } from "./sources/chunk-values.js";

const test = suite("what is kept on disk");
const folder = temporaryFolder();
const pool = new WorkerPool(2);
test.after(async () => {
  await pool.close();
  folder.remove();
});

const large = Float64Array.from({ length: 3_000_000 }, (_, at) => at / 3);
const value = {
  name: "ümlaut",
  none: null,
  list: [1, "two", { deep: Uint16Array.of(1, 65_535) }],
  empty: new Uint8Array(0),
  bytes: Uint8Array.of(9, 8, 7),
  codes: Uint32Array.of(4_294_967_295),
  large,
};

test("plain data with typed arrays come back as they were, on shared memory", async () => {
  const path = `${folder.path}/value`;
  writeStored(path, value);
  const file = openStored(path);
  assert.ok(file !== null);
  const back = (await readStored(file, pool)) as typeof value;
  assert.equal({ ...back, large: null }, { ...value, large: null });
  assert.ok(Buffer.from(back.large.buffer).equals(Buffer.from(large.buffer)));
  assert.ok(back.large.buffer instanceof SharedArrayBuffer);
  const header = file.header as Record<string, unknown>;
  assert.equal([...readRange(file, header["large"], 5, 8)], [...large.subarray(5, 8)]);
});

test("a file that broke off is none, wherever it broke", () => {
  const path = `${folder.path}/broken`;
  const whole = `${folder.path}/value`;
  for (const size of [0, 10, 64, 100, 600, statSync(whole).size - 1]) {
    writeFileSync(path, readFileSync(whole));
    truncateSync(path, size);
    assert.is(openStored(path), null, String(size));
  }
});

const request: ReadRequest = {
  files: ["events.csv"],
  base: folder.path,
  columns: {},
  sessionGapMs: 1000,
  needed: [],
  attributes: null,
  attributeMaxValues: 50,
};

test("a table that is kept is read again as long as the files are the same, and only where it fits", async () => {
  const rows = (plan: string): string =>
    `user,session,ts,event,plan\n${Array.from({ length: 50 }, (_, at) => `u${at % 7},s${at % 20},2026-01-01T00:00:${10 + at}Z,e${at % 3},${plan}`).join("\n")}\n`;
  folder.write("events.csv", rows("pro"));
  const cacheFolder = `${folder.path}/kept`;
  let read = 0;
  const onProgress = (): void => {
    read++;
  };
  const plans = async (memoryBytes?: number): Promise<unknown> => {
    const limit = memoryBytes === undefined ? {} : { memoryBytes };
    const { store, close } = await readStore(request, pool, { cacheFolder, onProgress, ...limit });
    const { attributes, sessions, idOf } = store.sessions;
    const told = [
      attributes.map(({ dictionary }) => dictionary),
      Array.from({ length: sessions }, (_, at) => idOf(at)),
    ];
    close();
    return told;
  };
  const first = await plans();
  const times = read;
  assert.ok(times > 0);
  assert.equal(await plans(), first);
  assert.is(read, times, "nothing is decoded again");
  assert.equal(await plans(1000), first);
  assert.ok(read > times, "the kept table does not fit");
  const before = read;
  folder.write("events.csv", rows("new"));
  utimesSync(`${folder.path}/events.csv`, new Date(), new Date(2030, 0, 1));
  assert.equal((await plans()) === first, false);
  assert.ok(read > before, "the file has changed");
});

test.run();
