import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AgeBins } from "../../engine/passes/age-bins.js";

const test = suite("AgeBins");

test("an age is in the last bin that begins at or below it, however near the bounds are to each other", () => {
  const near = fc.tuple(fc.nat(1e7), fc.nat(9)).map(([age, tenths]) => age + tenths / 10);
  const age = fc.oneof(
    near,
    fc.nat(40),
    fc.integer({ min: 9_999_990, max: 10_000_010 }),
    fc.double({ min: 0, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.array(age, { maxLength: 60 }), fc.array(age, { maxLength: 40 }), (more, ages) => {
      const bounds = Float64Array.from(new Set([0, ...more.filter(Number.isFinite)])).sort();
      const bins = new AgeBins(bounds);
      for (const each of [...ages, ...bounds]) {
        assert.is(bins.of(each), bounds.filter((bound) => bound <= each).length - 1, `${each}`);
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
