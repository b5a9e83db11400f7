import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listNonZero } from "../../kernels/list-non-zero.js";

const test = suite("listNonZero");

test("the list holds the places of what is not 0, ascending", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 1, 2, 128, 255)), (values) => {
      const out = new Uint32Array(values.length);
      const count = listNonZero(Uint8Array.from(values), out);
      assert.equal(
        Array.from(out.subarray(0, count)),
        [...values.keys()].filter((at) => values[at] !== 0),
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
