import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { mannKendall, theilSen } from "../../../finder/statistics/mann-kendall.js";
import { binomialCost, normalCost, pelt, type SegmentCost } from "../../../finder/statistics/pelt.js";
import { rateDifferences } from "../../../finder/statistics/rate-differences.js";

interface Tables {
  tendency: { x: number[]; y: number[]; s: number; variance: number; z: number; p: number; slope: number[] }[];
  leastSquares: { y: number[]; shortest: number; penalty: number; changes: number[] }[];
  binomial: { successes: number[]; trials: number[]; shortest: number; changes: number[] }[];
  normal: { values: number[]; variances: number[]; shortest: number; changes: number[] }[];
  nile: number[];
}
const file = new URL("../../../../test/finder/statistics/series.json", import.meta.url);
const tables = JSON.parse(readFileSync(file, "utf8")) as Tables;

function near(actual: number, expected: number, tolerance = 1e-9): void {
  const same = Number.isNaN(expected)
    ? Number.isNaN(actual)
    : Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
  assert.ok(same, `${actual} is not ${expected}`);
}

for (const [index, table] of tables.tendency.entries()) {
  test(`Mann–Kendall and Theil–Sen are those of pymannkendall and scipy: case ${index}`, () => {
    const [x, y] = [Float64Array.from(table.x), Float64Array.from(table.y)];
    const found = mannKendall(y);
    assert.is(found.s, table.s);
    near(found.variance, table.variance);
    near(found.z, table.z);
    near(found.p, table.p);
    const slope = theilSen(x, y, 0.95);
    near(slope.slope, table.slope[0]!);
    near(slope.low, table.slope[1]!);
    near(slope.high, table.slope[2]!);
  });
}

test("the tendency of a series turned round is the opposite, with the same p", () => {
  const values = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(values, (y) => {
      const [ahead, back] = [mannKendall(Float64Array.from(y)), mannKendall(Float64Array.from(y).reverse())];
      assert.is(ahead.s + back.s, 0);
      near(ahead.p, back.p);
      assert.ok(ahead.p > 0 && ahead.p <= 1);
      const x = Float64Array.from(y, (_, i) => i);
      const { slope, low, high } = theilSen(x, Float64Array.from(y), 0.95);
      assert.ok(low <= slope && slope <= high);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a series of one value, or at one time, has no tendency", () => {
  assert.is(mannKendall(Float64Array.of(3)).p, 1);
  near(theilSen(Float64Array.of(3), Float64Array.of(1), 0.95).slope, Number.NaN);
  near(theilSen(Float64Array.of(3, 3), Float64Array.of(1, 2), 0.95).slope, Number.NaN);
});

for (const [index, { y, shortest, penalty, changes }] of tables.leastSquares.entries()) {
  test(`pelt at a fixed penalty finds the changes of ruptures: case ${index}`, () => {
    const values = Float64Array.from(y);
    assert.equal(
      pelt(
        normalCost(
          values,
          values.map(() => 1),
        ),
        { shortest, penalty },
      ),
      changes,
    );
  });
}

for (const [index, { successes, trials, shortest, changes }] of tables.binomial.entries()) {
  test(`pelt with MBIC and binomial cost is the best of all segmentations: case ${index}`, () => {
    assert.equal(pelt(binomialCost(Float64Array.from(successes), Float64Array.from(trials)), { shortest }), changes);
  });
}

for (const [index, { values, variances, shortest, changes }] of tables.normal.entries()) {
  test(`pelt with MBIC and normal cost is the best of all segmentations: case ${index}`, () => {
    assert.equal(pelt(normalCost(Float64Array.from(values), Float64Array.from(variances)), { shortest }), changes);
  });
}

test("the Nile fell once, after 1898", () => {
  // Cobb, Biometrika 65, 1978: one change, between 1898 and 1899; the deviation within both parts is about 126
  const volume = Float64Array.from(tables.nile);
  assert.equal(
    pelt(
      normalCost(
        volume,
        volume.map(() => 126 ** 2),
      ),
    ),
    [1899 - 1871],
  );
});

/** The least penalised cost of any segmentation, by dynamic programming over every start and the number of changes. */
function optimal(cost: SegmentCost, shortest: number, byChange: number, mbic: boolean): number {
  const best = [-byChange];
  for (let end = 1; end <= cost.length; end++) {
    let least = Number.POSITIVE_INFINITY;
    for (let start = 0; start + shortest <= end; start++) {
      least = Math.min(least, best[start]! + cost.of(start, end) + (mbic ? Math.log(end - start) : 0) + byChange);
    }
    best.push(least);
  }
  return best.at(-1)!;
}

test("pelt prunes nothing that it needs: its cost is that of the full search", () => {
  const bin = fc.tuple(fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(
      fc.array(bin, { minLength: 4, maxLength: 50 }),
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom<"mbic" | number>("mbic", 0.5, 4),
      fc.boolean(),
      (bins, shortest, penalty, binomial) => {
        const k = Float64Array.from(bins, ([failing]) => failing);
        const n = Float64Array.from(bins, ([failing, normal]) => failing + normal + 1);
        const cost = binomial ? binomialCost(k, n) : normalCost(k, n);
        const mbic = penalty === "mbic";
        const byChange = mbic ? 2 * Math.log(bins.length) : penalty;
        const changes = pelt(cost, { shortest, penalty });
        const bounds = [0, ...changes, bins.length];
        let total = byChange * changes.length;
        for (let i = 0; i + 1 < bounds.length; i++) {
          const size = bounds[i + 1]! - bounds[i]!;
          assert.ok(size >= shortest);
          total += cost.of(bounds[i]!, bounds[i + 1]!) + (mbic ? Math.log(size) : 0);
        }
        near(total, optimal(cost, shortest, byChange, mbic), 1e-9);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("the cost of values far from 0 keeps its digits", () => {
  const values = Float64Array.of(1e9 + 1, 1e9 + 2, 1e9 + 4);
  near(normalCost(values, Float64Array.of(1, 1, 1)).of(0, 3), 14 / 3);
});

const bucket = (fromMs: number, members: number, membersFailing: number, others: number, othersFailing: number) => ({
  fromMs,
  members,
  membersFailing,
  others,
  othersFailing,
});

test("bins hold every session once and enough of each side", () => {
  const counts = fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30), fc.nat(30));
  fc.assert(
    fc.property(fc.array(counts, { maxLength: 30 }), fc.integer({ min: 1, max: 60 }), (rows, fewest) => {
      const trend = rows.map(([a, b, c, d], i) => bucket(i * 10, a + b, a, c + d, c));
      const series = rateDifferences(trend, fewest);
      const all = trend.reduce((sum, { members }) => sum + members, 0);
      assert.ok(series.members.every((members) => members >= fewest));
      if (series.members.length > 0)
        assert.is(
          series.members.reduce((a, b) => a + b, 0),
          all,
        );
      assert.ok(series.variances.every((variance) => variance > 0 && Number.isFinite(variance)));
      for (let i = 0; i < series.atMs.length; i++) {
        assert.ok(series.atMs[i]! >= series.fromMs[i]! && series.fromMs[i]! >= (series.atMs[i - 1] ?? 0));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a bin begins where its members do, and its value is the difference of the two rates", () => {
  const series = rateDifferences([bucket(0, 0, 0, 50, 5), bucket(10, 20, 8, 50, 5), bucket(20, 3, 1, 9, 0)], 20);
  assert.equal([...series.fromMs], [10]);
  near(series.atMs[0]!, (20 * 10 + 3 * 20) / 23);
  near(series.values[0]!, 9 / 23 - 10 / 109);
});

test.run();
