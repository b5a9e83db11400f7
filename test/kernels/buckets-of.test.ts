import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { bucketsOf } from "../../kernels/buckets-of.js";

const test = suite("bucketsOf");

test("a moment lies in the last stretch that starts at or before it, however uneven the stretches are", () => {
  const moment = fc.integer({ min: -50, max: 5000 });
  const bounds = fc.uniqueArray(fc.oneof(moment, fc.nat(30)), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(bounds, fc.array(moment, { maxLength: 40 }), fc.nat(5), (starts, moments, skipped) => {
      const ascending = Float64Array.from(starts).sort();
      const values = Float64Array.from(moments);
      const start = Math.min(skipped, values.length);
      const out = new Uint16Array(values.length - start);
      bucketsOf(ascending, values, start, values.length, out);
      for (const [at, bucket] of out.entries()) {
        const before = ascending.filter((bound) => bound <= values[start + at]!).length;
        assert.is(bucket, Math.max(0, before - 1));
      }
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
