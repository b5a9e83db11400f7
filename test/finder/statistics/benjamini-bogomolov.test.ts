import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { benjaminiBogomolov } from "../../../finder/statistics/benjamini-bogomolov.js";
import { benjaminiHochberg, yekutieliFactor } from "../../../finder/statistics/benjamini-hochberg.js";

const test = suite("benjaminiBogomolov");
const arbitraryFamilies = fc.array(
  fc.record({
    pValues: fc.array(
      fc.double({ min: 0, max: 1, noNaN: true }).map((p) => p ** 4),
      { minLength: 1, maxLength: 8 },
    ),
    boundedOut: fc.nat(20),
  }),
  { minLength: 1, maxLength: 6 },
);

/** The procedure as the paper states it: select families by their Simes p-values, then BH at rate × selected / families. */
function accepted(families: readonly { pValues: Float64Array; tests: number }[], rate: number): boolean[][] {
  const passes = (p: readonly number[], tests: number, level: number): number => {
    const sorted = [...p].sort((a, b) => a - b);
    let most = 0;
    for (let rank = 1; rank <= sorted.length; rank++) if (sorted[rank - 1]! <= (level * rank) / tests) most = rank;
    return most;
  };
  const simes = families.map(({ pValues, tests }) =>
    [...pValues].sort((a, b) => a - b).reduce((least, p, at) => Math.min(least, (p * tests) / (at + 1)), 1),
  );
  const selectedCount = passes(simes, families.length, rate);
  const bound = [...simes].sort((a, b) => a - b)[selectedCount - 1] ?? -1;
  return families.map(({ pValues, tests }, family) => {
    const level = (rate * selectedCount) / families.length;
    const most = passes([...pValues], tests, level);
    const sorted = [...pValues].sort((a, b) => a - b);
    return [...pValues].map((p) => selectedCount > 0 && simes[family]! <= bound && most > 0 && p <= sorted[most - 1]!);
  });
}

test("accepts at a rate exactly what the two steps of the paper accept", () => {
  fc.assert(
    fc.property(arbitraryFamilies, fc.constantFrom(0.01, 0.05, 0.2), (given, rate) => {
      const families = given.map(({ pValues, boundedOut }) => ({
        pValues: Float64Array.from(pValues),
        tests: pValues.length + boundedOut,
      }));
      const found = benjaminiBogomolov(families, rate, "positive");
      assert.equal(
        found.map(({ adjusted }) => [...adjusted].map((q) => q <= rate)),
        accepted(families, rate),
      );
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("one family is Benjamini–Hochberg; under any dependence it pays Yekutieli's factor", () => {
  const pValues = Float64Array.of(0.001, 0.02, 0.3, 0.004);
  const [one] = benjaminiBogomolov([{ pValues, tests: 40 }], 0.05, "positive");
  assert.equal(one!.adjusted, benjaminiHochberg(pValues, 40));
  const [any] = benjaminiBogomolov([{ pValues, tests: 40 }], 0.05, "any");
  assert.equal(any!.adjusted, benjaminiHochberg(pValues, 40, yekutieliFactor(40)));
});

test("families without a finding make those of others dearer", () => {
  const one = { pValues: Float64Array.of(0.0001, 0.01), tests: 2 };
  const nothing = { pValues: Float64Array.of(0.6), tests: 100 };
  const [alone] = benjaminiBogomolov([one], 0.05, "positive");
  const [among] = benjaminiBogomolov([one, nothing, nothing, nothing], 0.05, "positive");
  assert.equal(alone!.adjusted, Float64Array.of(0.0002, 0.01));
  assert.equal(among!.adjusted, Float64Array.of(0.0008, 0.04));
  assert.ok(among!.selected);
});

test("Yekutieli's factor of many tests is the harmonic number that a sum would give", () => {
  let sum = 0;
  for (let i = 3_000_000; i >= 1; i--) sum += 1 / i;
  assert.ok(Math.abs(yekutieliFactor(3_000_000) - sum) < 1e-9);
});

test.run();
