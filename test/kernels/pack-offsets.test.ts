import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packOffsets } from "../../kernels/pack-offsets.js";

const test = suite("packOffsets");

test("says whether all values are the base and a whole distance of 32 bits, and then gives the distances", () => {
  const value = fc.oneof(
    fc.nat(2 ** 32 - 1),
    fc.constantFrom(0, 2 ** 32 - 1, 2 ** 32, 2 ** 40, 0.5),
    fc.double({ min: 0, max: 2 ** 33, noNaN: true }),
  );
  const base = fc.oneof(fc.integer({ min: -(2 ** 42), max: 2 ** 42 }), fc.constantFrom(0, 0.5, 1.7e12));
  fc.assert(
    fc.property(fc.array(value), base, fc.nat(3), (distances, from, more) => {
      const values = Float64Array.from([...distances.map((distance) => from + distance), ...new Array(more).fill(-1)]);
      const n = distances.length;
      const out = new Uint32Array(n);
      const isExact = packOffsets(values, n, from, out);
      const expected = values.subarray(0, n).every((each) => {
        const offset = each - from;
        return Number.isInteger(offset) && offset < 2 ** 32 && from + offset === each;
      });
      assert.is(isExact, expected);
      if (isExact)
        assert.equal(
          Float64Array.from(out, (offset) => from + offset),
          values.slice(0, n),
        );
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
