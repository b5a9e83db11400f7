import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countBits, listBits } from "../../kernels/bits.js";

const test = suite("bits");

test("listBits lists the bits that are set, after what is there, and countBits says how many", () => {
  const bitmaps = fc.array(fc.oneof(fc.constant(0), fc.constant(0xffffffff), fc.nat(0xffffffff)), { maxLength: 5 });
  fc.assert(
    fc.property(bitmaps, fc.nat(100), fc.nat(3), (words, start, at) => {
      const bitmap = Uint32Array.from(words);
      const expected = Array.from({ length: words.length * 32 }, (_, bit) => bit)
        .filter((bit) => ((words[bit >>> 5]! >>> (bit & 31)) & 1) === 1)
        .map((bit) => start + bit);
      const out = new Uint32Array(at + expected.length).fill(7, 0, at);
      // among other words
      const among = Uint32Array.of(5, ...words, 9);
      assert.is(listBits(among, 1, 1 + words.length, start, out, at), at + expected.length);
      assert.equal(Array.from(out), [...Array.from({ length: at }, () => 7), ...expected]);
      assert.is(countBits(bitmap), expected.length);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
