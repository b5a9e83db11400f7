import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  indicesToCodes,
  lookUpNumbers,
  markUsed,
  remapCodes,
  spreadCodes,
  spreadNumbers,
} from "../../kernels/codes.js";

test("spreadCodes and spreadNumbers put the present values at the positions of level 1", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1 }), { maxLength: 60 }), fc.nat(3), (list, lead) => {
      const levels = Uint8Array.from(list);
      const present = list.filter((level) => level === 1).length;
      let next = 0;
      const expected = list.map((level) => (level === 1 ? ++next : 0));
      const codes = new Uint32Array(lead + list.length + 1).fill(99);
      const numbers = new Float64Array(lead + list.length + 1).fill(99);
      for (let i = 0; i < present; i++) codes[lead + i] = numbers[lead + i] = i + 1;
      spreadCodes(codes, lead, levels, list.length, present);
      spreadNumbers(numbers, lead, levels, list.length, present);
      const around = new Array<number>(lead).fill(99);
      assert.equal([...codes], [...around, ...expected, 99]);
      assert.equal([...numbers], [...around, ...expected.map((code) => (code === 0 ? Number.NaN : code)), 99]);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("indicesToCodes adds one and finds an index beyond the dictionary", () => {
  const codes = Uint32Array.of(5, 0, 2, 1, 9);
  assert.ok(indicesToCodes(codes, 1, 4, 3));
  assert.equal([...codes], [5, 1, 3, 2, 9]);
  assert.not(indicesToCodes(Uint32Array.of(0, 3), 0, 2, 3));
  assert.not(indicesToCodes(Uint32Array.of(0xffffffff), 0, 1, 3), "the highest index does not wrap round to missing");
});

test("remapCodes, markUsed and lookUpNumbers equal their definitions", () => {
  const codes = Uint32Array.of(0, 2, 1, 2, 0);
  const used = new Uint8Array(4);
  markUsed(codes, 4, used);
  assert.equal([...used], [1, 1, 1, 0]);
  const out = new Float64Array(5);
  lookUpNumbers(codes, 1, 5, Float64Array.of(Number.NaN, 10, 20), out);
  assert.equal([...out], [0, 20, 10, 20, Number.NaN]);
  remapCodes(codes, 1, 3, Uint32Array.of(0, 7, 8));
  assert.equal([...codes], [0, 8, 7, 2, 0]);
});

test.run();
