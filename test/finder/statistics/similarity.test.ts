import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { jensenShannon } from "../../../finder/statistics/jensen-shannon.js";
import { categoricalDifference, standardisedDifference } from "../../../finder/statistics/standardised-difference.js";

const file = new URL("../../../../test/finder/statistics/similarity.json", import.meta.url);
const tables = JSON.parse(readFileSync(file, "utf8")) as {
  members: number[];
  others: number[];
  difference: number;
  divergence: number;
}[];

function near(actual: number, expected: number, tolerance = 1e-9): void {
  const same = Number.isNaN(expected)
    ? Number.isNaN(actual)
    : actual === expected || Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
  assert.ok(same, `${actual} is not ${expected}`);
}

for (const [index, { members, others, difference, divergence }] of tables.entries()) {
  test(`distances are those of numpy and scipy: case ${index}`, () => {
    const [p, q] = [Float64Array.from(members), Float64Array.from(others)];
    near(categoricalDifference(p, q), difference);
    near(jensenShannon(p, q), divergence);
  });
}

const count = fc.nat(50);
const counts = fc.array(fc.tuple(count, count), { minLength: 1, maxLength: 8 });

test("distances do not depend on the order of values, nor on which side is which, nor on the number of sessions", () => {
  fc.assert(
    fc.property(counts, fc.integer({ min: 2, max: 9 }), (rows, times) => {
      const p = Float64Array.from(rows, ([a]) => a);
      const q = Float64Array.from(rows, ([, b]) => b);
      for (const distance of [categoricalDifference, jensenShannon]) {
        const expected = distance(p, q);
        near(distance(p.slice().reverse(), q.slice().reverse()), expected, 1e-6);
        near(distance(q, p), expected, 1e-6);
        near(
          distance(
            p.map((n) => n * times),
            q,
          ),
          expected,
          1e-6,
        );
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("of two values the categorical difference is that of the share as a number", () => {
  fc.assert(
    fc.property(count, count, count, count, (a, b, c, d) => {
      const [n1, n0] = [a + b + 2, c + d + 2];
      const [p, q] = [(a + 1) / n1, (c + 1) / n0];
      const expected = Math.abs(standardisedDifference(p, p * (1 - p), q, q * (1 - q)));
      near(categoricalDifference(Float64Array.of(a + 1, b + 1), Float64Array.of(c + 1, d + 1)), expected, 1e-7);
    }),
    { seed: 1, numRuns: 200 },
  );
});

// [what, members, others, difference, divergence]
const edges: [string, number[], number[], number, number][] = [
  ["the same shares", [1, 2, 3], [10, 20, 30], 0, 0],
  ["nothing in common", [5, 0], [0, 9], Number.POSITIVE_INFINITY, 1],
  ["one value", [5], [9], 0, 0],
  ["a value that neither has", [0, 4, 4], [0, 8, 8], 0, 0],
  ["an empty side", [0, 0], [1, 2], Number.NaN, Number.NaN],
];
for (const [name, members, others, difference, divergence] of edges) {
  test(`edge: ${name}`, () => {
    const [p, q] = [Float64Array.from(members), Float64Array.from(others)];
    near(categoricalDifference(p, q), difference);
    near(jensenShannon(p, q), divergence);
  });
}

test("the standardised difference of a number keeps its sign", () => {
  near(standardisedDifference(5, 4, 3, 4), 1);
  near(standardisedDifference(3, 3, 5, 5), -1);
  near(standardisedDifference(1, 0, 1, 0), 0);
  near(standardisedDifference(1, 0, 2, 0), Number.NEGATIVE_INFINITY);
});

test.run();
