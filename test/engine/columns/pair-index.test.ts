import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PairIndex } from "../../../engine/columns/pair-index.js";

const test = suite("PairIndex");

test("numbers pairs by first appearance, as a map of their text does", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(400)), { maxLength: 2_000 }), (pairs) => {
      const index = new PairIndex(5);
      const numbers = new Map<string, number>();
      for (const [left, right] of pairs) {
        const key = `${left} ${right}`;
        if (!numbers.has(key)) numbers.set(key, numbers.size);
        assert.is(index.numberOf(left, right), numbers.get(key));
      }
      assert.is(index.count, numbers.size);
      for (const [key, number] of numbers) assert.is(`${index.leftOf(number)} ${index.rightOf(number)}`, key);
    }),
    { seed: 1, numRuns: 50 },
  );
});

test("one left code may have any number of right codes", () => {
  const index = new PairIndex(1);
  for (let round = 0; round < 2; round++) {
    for (let right = 0; right < 100_000; right++) assert.is(index.numberOf(0, right), right);
  }
  assert.is(index.count, 100_000);
});

test.run();
