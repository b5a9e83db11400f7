import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { countGrams } from "../../kernels/count-grams.js";
import { firstCompletion, flat } from "./sessions.js";

const alphabetSize = 4;
const columns = 3;
const rowsOfColumns = fc.array(fc.tuple(fc.array(fc.nat(alphabetSize - 1), { maxLength: 12 }), fc.nat(columns - 1)), {
  minLength: 1,
  maxLength: 10,
});

test("countGrams equals its definition, whatever the partition", () => {
  fc.assert(
    fc.property(rowsOfColumns, fc.integer({ min: 1, max: 4 }), fc.nat(10), (rows, length, cut) => {
      const { values, offsets } = flat(rows.map(([symbols]) => symbols));
      const column = Uint8Array.from(rows, ([, own]) => own);
      const grams = alphabetSize ** length;
      const expected = new Uint32Array(columns * grams);
      for (let gram = 0; gram < grams; gram++) {
        const pattern = Array.from(
          { length },
          (_, i) => Math.floor(gram / alphabetSize ** (length - 1 - i)) % alphabetSize,
        );
        for (const [symbols, own] of rows) {
          if (own !== 0 && firstCompletion(symbols, pattern) >= 0) expected[own * grams + gram]!++;
        }
      }
      const stamp = new Int32Array(grams);
      const counts = new Uint32Array(columns * grams);
      const middle = Math.min(cut, rows.length);
      for (const [start, end] of [
        [0, middle],
        [middle, rows.length],
      ] as const) {
        countGrams(Uint16Array.from(values), offsets, column, start, end, alphabetSize, length, stamp, counts);
      }
      assert.equal(counts, expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
