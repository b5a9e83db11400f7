import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { scatterBits } from "../../kernels/scatter-bits.js";

const test = suite("scatterBits");

test("the set holds the slot of each listed member, and no other", () => {
  const listed = fc.uniqueArray(fc.nat(99), { maxLength: 60 }).map((list) => list.sort((a, b) => a - b));
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 100, maxLength: 100 }),
      fc.nat(7),
      listed,
      fc.nat(),
      (column, bit, list, by) => {
        // any numbering that gives each a slot of its own
        const slotOf = Uint32Array.from(list, (_, at) => (at * 7 + by) % 96);
        fc.pre(new Set(slotOf).size === list.length);
        const out = new Uint32Array(3);
        scatterBits(column, bit, Uint32Array.from(list), slotOf, out);
        const found = Array.from({ length: 96 }, (_, slot) => (out[slot >>> 5]! >>> (slot & 31)) & 1);
        const expected = found.map(() => 0);
        for (const [at, index] of list.entries()) expected[slotOf[at]!] = (column[index]! >>> bit) & 1;
        assert.equal(found, expected);
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
