import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { benchAttributes, CONSTRUCTS } from "../../bench/attributes.js";
import { answersOf, deriveAttributes, readResident } from "../../bench/derived.js";
import { attributeAnswer, attributeTables } from "../../bench/peers/attributes.js";
import { openDuck } from "../../bench/peers/duckdb.js";
import { WorkerPool } from "../../engine/pool.js";
import { generateSample } from "../../sample/generate.js";

const test = suite("derived attributes");

test("a thousand different expressions, every construct as often as every other", () => {
  const attributes = benchAttributes(1000, 1);
  assert.is(new Set(attributes.map(({ expression }) => expression)).size, 1000);
  assert.is(new Set(attributes.slice(0, CONSTRUCTS).map(({ construct }) => construct)).size, CONSTRUCTS);
  assert.equal(benchAttributes(100, 1), attributes.slice(0, 100));
  assert.is.not(benchAttributes(1, 2)[0]?.expression, attributes[0]?.expression);
});

test("every construct holds in the sessions in which DuckDB says so, whatever the number of threads and attributes", async () => {
  const folder = await mkdtemp(join(tmpdir(), "leadline-attributes-"));
  const pools = [new WorkerPool(1), new WorkerPool(2)];
  const duck = await openDuck();
  try {
    const sample = await generateSample({
      out: folder,
      users: 3000,
      seed: 3,
      format: "parquet",
      service: "subscription",
    });
    const file = sample.services[0]?.events ?? "";
    await attributeTables(duck, file);
    const attributes = benchAttributes(5 * CONSTRUCTS, 3);
    const expected: (readonly [string, readonly number[]])[] = [];
    for (const attribute of attributes) expected.push([attribute.expression, await attributeAnswer(duck, attribute)]);
    assert.ok(expected.filter(([, [sessions]]) => (sessions ?? 0) > 0).length > 0.7 * attributes.length);
    for (const pool of pools) {
      const resident = await readResident(file, pool);
      for (const texts of [
        attributes.map(({ expression }) => expression),
        // far more in the same plan change nothing
        benchAttributes(1000, 3).map(({ expression }) => expression),
      ]) {
        const answers = answersOf(resident, await deriveAttributes(resident, texts, pool), attributes.length);
        assert.equal(
          answers.map((answer, at) => [attributes[at]?.expression, answer]),
          expected,
        );
      }
    }
  } finally {
    duck.close();
    for (const pool of pools) await pool.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
