import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DECIMAL_TEXT_BYTES, writeDecimal } from "../../kernels/decimal-text.js";

test("writeDecimal equals String for every safe integer", () => {
  const out = new Uint8Array(DECIMAL_TEXT_BYTES);
  const limits = [
    0,
    -0,
    9,
    10,
    99,
    100,
    -1,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32,
    Number.MAX_SAFE_INTEGER,
    Number.MIN_SAFE_INTEGER,
  ];
  const any = fc
    .integer({ min: 0, max: 53 })
    .chain((bits) => fc.maxSafeInteger().map((n) => Math.trunc(n / 2 ** bits)));
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...limits), any), (value) => {
      const length = writeDecimal(value, out);
      assert.is(Buffer.from(out.subarray(0, length)).toString("latin1"), String(value));
    }),
    { seed: 1, numRuns: 1000, examples: limits.map((limit) => [limit]) },
  );
});

test.run();
