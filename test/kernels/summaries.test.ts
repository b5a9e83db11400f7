import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { combineHistograms, insertHistogram } from "../../kernels/histogram.js";
import { modifiedZ } from "../../kernels/modified-z.js";
import { combineMoments, finalizeVariance, insertMoments, momentsLength } from "../../kernels/moments.js";
import { quantile, selectSmallest } from "../../kernels/quantile.js";

const settings = { seed: 1, numRuns: 300 };
const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ min: -1e3, max: 1e3, noNaN: true }));
const withMissing = fc.array(fc.oneof({ weight: 9, arbitrary: value }, fc.constant(Number.NaN)), { maxLength: 40 });

function near(actual: number, expected: number, scale = 1): void {
  assert.ok(Math.abs(actual - expected) <= 1e-9 * (scale + Math.abs(expected)), `${actual} is not ${expected}`);
}

test("moments equal their definitions, whatever the partition", () => {
  fc.assert(
    fc.property(withMissing, fc.nat(40), fc.nat(40), (list, a, b) => {
      const values = Float64Array.from(list);
      const cuts = [0, Math.min(a, b, list.length), Math.min(Math.max(a, b), list.length), list.length];
      const whole = new Float64Array(2 * momentsLength);
      for (let i = 0; i < 3; i++) {
        const part = new Float64Array(2 * momentsLength);
        insertMoments(part, 1, values, cuts[i]!, cuts[i + 1]!);
        combineMoments(whole, part);
      }
      const present = list.filter((v) => !Number.isNaN(v));
      const mean = present.reduce((sum, v) => sum + v, 0) / present.length;
      assert.is(whole[3], present.length);
      assert.is(whole[0], 0);
      if (present.length > 0) near(whole[4]!, mean, 1000);
      if (present.length > 1) {
        near(
          finalizeVariance(whole, 1),
          present.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (present.length - 1),
          1e6,
        );
      } else assert.ok(Number.isNaN(finalizeVariance(whole, 1)));
    }),
    settings,
  );
});

test("moments keep their digits far from zero", () => {
  const moments = new Float64Array(momentsLength);
  const other = new Float64Array(momentsLength);
  insertMoments(moments, 0, Float64Array.of(1e15 + 4, 1e15 + 7), 0, 2);
  insertMoments(other, 0, Float64Array.of(1e15 + 13, 1e15 + 16), 0, 2);
  combineMoments(moments, other);
  assert.is(finalizeVariance(moments, 0), 30);
});

// Quarters, so that no rounding moves a value over the edge of a bin.
const quarters = fc.array(
  fc.oneof(
    fc.integer({ min: -24, max: 24 }).map((n) => n / 4),
    fc.constant(Number.NaN),
  ),
  { maxLength: 40 },
);

test("a histogram counts every value once, whatever the partition", () => {
  fc.assert(
    fc.property(quarters, fc.nat(40), (list, cut) => {
      const values = Float64Array.from(list);
      const middle = Math.min(cut, list.length);
      const [counts, part] = [new Uint32Array(6), new Uint32Array(6)];
      insertHistogram(values, 0, middle, -4, 2, counts);
      insertHistogram(values, middle, list.length, -4, 2, part);
      combineHistograms(counts, part);
      const between = (low: number, high: number): number => list.filter((v) => v >= low && v < high).length;
      const expected = [
        between(-Infinity, -4),
        between(-4, -2),
        between(-2, 0),
        between(0, 2),
        between(2, 4),
        between(4, Infinity),
      ];
      assert.equal([...counts], expected);
    }),
    settings,
  );
});

test("selectSmallest puts the k-th smallest between the smaller and the greater, also beyond 600", () => {
  const long = fc.array(value, { minLength: 1, maxLength: 3000, size: "max" });
  fc.assert(
    fc.property(long, fc.nat(), (list, seed) => {
      const scratch = Float64Array.from([99, ...list, -99]);
      const k = seed % list.length;
      const sorted = Float64Array.from(list).sort();
      assert.is(selectSmallest(scratch, 1, 1 + list.length, k), sorted[k]);
      assert.ok(scratch.subarray(1, 1 + k).every((v) => v <= sorted[k]!));
      assert.ok(scratch.subarray(1 + k, 1 + list.length).every((v) => v >= sorted[k]!));
      assert.is(scratch[0], 99);
      assert.is(scratch.at(-1), -99);
    }),
    { seed: 1, numRuns: 100 },
  );
});

// numpy.quantile, whose default is type 7
const quantileRows: [number[], number, number][] = [
  [[3, 1, 2], 0.5, 2],
  [[4, 1, 3, 2], 0.5, 2.5],
  [[4, 1, 3, 2], 0.25, 1.75],
  [[5], 0.9, 5],
  [[10, 20], 1, 20],
  [[10, 20], 0, 10],
];
for (const [list, q, expected] of quantileRows) {
  test(`quantile ${q} of ${list}`, () => assert.is(quantile(Float64Array.from(list), 0, list.length, q), expected));
}
test("quantile of nothing is NaN", () => assert.ok(Number.isNaN(quantile(new Float64Array(0), 0, 0, 0.5))));

test("modifiedZ equals its definition, by MAD, by the mean deviation, or 0", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 15 }), (list) => {
      const median = (numbers: readonly number[]): number => {
        const sorted = [...numbers].sort((a, b) => a - b);
        const half = sorted.length / 2;
        return (sorted[Math.ceil(half) - 1]! + sorted[Math.floor(half)]!) / 2;
      };
      const middle = median(list);
      const deviations = list.map((v) => Math.abs(v - middle));
      const mad = median(deviations);
      const mean = deviations.reduce((sum, v) => sum + v, 0) / list.length;
      const expected = deviations.map((d) => (mad > 0 ? (0.6745 * d) / mad : mean > 0 ? d / (1.253314 * mean) : 0));
      const out = new Float64Array(list.length);
      modifiedZ(Float64Array.from([77, ...list]), 1, 1 + list.length, new Float64Array(list.length), out);
      expected.forEach((z, i) => {
        near(out[i]!, z);
      });
    }),
    settings,
  );
});

test.run();
