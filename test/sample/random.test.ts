import { test } from "uvu";
import * as assert from "uvu/assert";
import { Choice, mix32, Random } from "../../sample/random.js";

const draws = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());

test("equal integers give equal streams, and any other integer another stream", () => {
  const random = new Random();
  random.reseed(1, 2, 3, 4);
  const stream = draws(random, 20);
  random.reseed(1, 2, 3, 4);
  assert.equal(draws(random, 20), stream);
  for (const [seed, kind, owner, part] of [
    [2, 2, 3, 4],
    [1, 3, 3, 4],
    [1, 2, 4, 4],
    [1, 2, 3, 5],
  ] as const) {
    random.reseed(seed, kind, owner, part);
    const other = draws(random, 20);
    assert.ok(
      other.every((value, i) => value !== stream[i]),
      `${seed} ${kind} ${owner} ${part}`,
    );
  }
});

test("neighbouring streams are unrelated: first draws over users are uniform", () => {
  const random = new Random();
  const bins = new Array(16).fill(0);
  for (let user = 0; user < 16_000; user++) {
    random.reseed(1, 0, user, 1);
    bins[Math.floor(random.uniform() * 16)]++;
  }
  // Chi-squared with 15 degrees of freedom stays under 37.7 in 999 of 1,000 cases.
  const chiSquared = bins.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  assert.ok(chiSquared < 37.7, `${chiSquared}`);
});

test("mix32 never sends two integers to the same one", () => {
  assert.is(new Set(Array.from({ length: 200_000 }, (_, i) => mix32(i))).size, 200_000);
});

test("chance, exponential, heavyTailed and Choice have their means", () => {
  const random = new Random();
  random.reseed(7, 0, 0, 0);
  const choice = new Choice([1, 2, 5]);
  const n = 100_000;
  let hits = 0;
  let waits = 0;
  let heavy = 0;
  const picked = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (random.chance(0.3)) hits++;
    waits += random.exponential(4);
    heavy += random.heavyTailed(2);
    picked[choice.pick(random)]!++;
  }
  assert.ok(Math.abs(hits / n - 0.3) < 0.01);
  assert.ok(Math.abs(waits / n - 4) < 0.1);
  assert.ok(Math.abs(heavy / n - 2 * 1.57) < 0.1);
  assert.ok(Math.abs(picked[2]! / n - 5 / 8) < 0.01);
  assert.ok(Math.abs(picked[0]! / n - 1 / 8) < 0.01);
});

test.run();
