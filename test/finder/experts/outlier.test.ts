import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeOutlier } from "../../../finder/experts/outlier.js";
import { weightedMedian } from "../../../finder/statistics/weighted-median.js";
import { modifiedZ } from "../../../kernels/modified-z.js";

const settings = { outlier_z: 3.5 };

test("weightedMedian is the median of the values written out as often as they weigh", () => {
  const cell = fc.tuple(fc.integer({ min: -9, max: 9 }), fc.nat(5));
  fc.assert(
    fc.property(fc.array(cell, { maxLength: 12 }), (cells) => {
      const all = cells.flatMap(([value, weight]) => new Array<number>(weight).fill(value)).sort((a, b) => a - b);
      const found = weightedMedian(
        Float64Array.from(cells, ([value]) => value),
        Float64Array.from(cells, ([, weight]) => weight),
      );
      const half = all.length / 2;
      const expected = all.length === 0 ? Number.NaN : (all[Math.ceil(half) - 1]! + all[Math.floor(half)]!) / 2;
      assert.ok(Object.is(found, expected) || found === expected, `${found} is not ${expected}`);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("with cells of one size the score is the kernel's modified z", () => {
  const values = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 5, maxLength: 15 });
  fc.assert(
    fc.property(values, fc.nat(4), (numbers, own) => {
      const cells = Float64Array.from(numbers);
      const scores = new Float64Array(cells.length);
      modifiedZ(cells, 0, cells.length, new Float64Array(cells.length), scores);
      const { z } = judgeOutlier({ values: cells, sessions: cells.map(() => 7) }, own, 1, settings).evidence;
      assert.ok(Math.abs(Math.abs(z as number) - scores[own]!) < 1e-9, `${z} is not ${scores[own]}`);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("the score is 0.6745 times the distance from the median over MAD, worked out by hand", () => {
  const values = Float64Array.of(2.1, 2.6, 2.4, 2.5, 2.3, 2.1, 2.3, 2.6, 8.2, 8.3);
  const sessions = values.map(() => 1);
  // median 2.45, MAD of {0.35 0.15 0.05 0.05 0.15 0.35 0.15 0.15 5.75 5.85} is 0.15
  const high = judgeOutlier({ values, sessions }, 9, 1, settings);
  assert.is(high.says, "opportunity");
  assert.ok(Math.abs((high.evidence["z"] as number) - (0.6745 * 5.85) / 0.15) < 1e-9);
  assert.is(judgeOutlier({ values, sessions }, 1, 1, settings).says, "no opportunity");
});

// [what, values, sessions, own, sign, says]
const rows: [string, number[], number[], number, 1 | -1, string][] = [
  ["a bad cell stands out", [0.1, 0.11, 0.1, 0.12, 0.09, 0.5], [9, 9, 9, 9, 9, 9], 5, 1, "opportunity"],
  ["a good cell is none", [0.1, 0.11, 0.1, 0.12, 0.09, 0.5], [9, 9, 9, 9, 9, 9], 5, -1, "no opportunity"],
  ["a low cell stands out where low is worse", [8, 9, 8, 9, 8.5, 1], [9, 9, 9, 9, 9, 9], 5, -1, "opportunity"],
  [
    "many tiny cells do not hide it",
    [0.1, 0.11, 0.12, 0.5, 0.5, 0.6, 0.5],
    [900, 900, 900, 90, 1, 1, 1],
    3,
    1,
    "opportunity",
  ],
  [
    "the cell that most sessions are in is what is usual",
    [0.1, 0.1, 0.1, 0.1, 0.5],
    [1, 1, 1, 1, 99],
    4,
    1,
    "no opportunity",
  ],
  ["four cells have no median", [0.1, 0.1, 0.1, 0.9], [9, 9, 9, 9], 3, 1, "no opportunity"],
  ["empty cells do not count", [0.1, 0.1, 0.12, 0.9, 0], [9, 9, 9, 9, 0], 3, 1, "no opportunity"],
  ["equal cells have no outlier", [1, 1, 1, 1, 1], [1, 2, 3, 4, 5], 2, 1, "no opportunity"],
];
for (const [name, values, sessions, own, sign, says] of rows) {
  test(`outlier: ${name}`, () => {
    const breakdown = { values: Float64Array.from(values), sessions: Float64Array.from(sessions) };
    assert.is(judgeOutlier(breakdown, own, sign, settings).says, says);
  });
}

test.run();
