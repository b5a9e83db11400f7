import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packTimes, scatterTimes } from "../../../engine/columns/chunk-times.js";
import { Slab } from "../../../engine/columns/slab.js";

const test = suite("Slab");

/** What is asked of a slab: a kind of array and its length. */
const asked = fc.tuple(fc.constantFrom("float64", "uint32", "codes8", "codes16", "codes32"), fc.nat(40));

function take(slab: Slab, kind: string, length: number): Uint8Array | Uint16Array | Uint32Array | Float64Array {
  switch (kind) {
    case "float64":
      return slab.float64(length);
    case "uint32":
      return slab.uint32(length);
    case "codes8":
      return slab.codes(length, 255);
    case "codes16":
      return slab.codes(length, 256);
    default:
      return slab.codes(length, 65_536);
  }
}

test("arrays are zeroed and no two share a byte, whatever the slab's size", () => {
  fc.assert(
    fc.property(fc.array(asked, { maxLength: 20 }), fc.constantFrom(0, 64, 1000), (sizes, bytes) => {
      const slab = new Slab(bytes);
      const arrays = sizes.map(([kind, length], index) => {
        const array = take(slab, kind, length);
        assert.is(array.length, length);
        assert.ok(array.every((value) => value === 0));
        assert.ok(array.buffer instanceof SharedArrayBuffer);
        return array.fill(index + 1);
      });
      for (const [index, array] of arrays.entries()) assert.ok(array.every((value) => value === index + 1));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("codes have the narrowest type that holds the largest", () => {
  const bytes = [0, 255, 256, 65_535, 65_536].map((largest) => new Slab(0).codes(1, largest).BYTES_PER_ELEMENT);
  assert.equal(bytes, [1, 1, 2, 2, 4]);
});

test("a slab that lets go of its buffer begins another, and its arrays stay", () => {
  const slab = new Slab(1000);
  assert.is(slab.release(), false);
  const before = slab.uint32(3).fill(7);
  assert.is(slab.release(), true);
  const after = slab.uint32(3);
  assert.is.not(before.buffer, after.buffer);
  assert.equal([...before], [7, 7, 7]);
});

test("a dictionary's copy equals it", () => {
  const dictionary = { bytes: Uint8Array.of(1, 2, 3), offsets: Uint32Array.of(0, 1, 3) };
  const copy = new Slab(100).dictionary(dictionary);
  assert.equal([...copy.bytes], [1, 2, 3]);
  assert.equal([...copy.offsets], [0, 1, 3]);
});

test("packed times are the times, in four bytes where they are whole milliseconds within 49 days", () => {
  const whole = fc.integer({ min: -(2 ** 40), max: 2 ** 40 });
  const near = fc.nat(2 ** 32 - 1).map((offset) => 1.7e12 + offset);
  const broken = whole.map((ms) => ms + 0.25);
  const values = fc.oneof(fc.array(near), fc.array(whole), fc.array(broken), fc.array(fc.oneof(near, broken)));
  fc.assert(
    fc.property(values, (expected) => {
      const rows = expected.length;
      const base = expected.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
      const times = packTimes(Float64Array.from(expected), base, new Slab(0));
      const places = Uint32Array.from({ length: rows }, (_, row) => rows - 1 - row);
      const out = new Float64Array(rows);
      scatterTimes(times, new Uint32Array(rows).fill(1), places, out);
      assert.equal([...out].reverse(), [...expected]);
      const fits = expected.every((value) => Number.isInteger(value - base) && value - base < 2 ** 32);
      assert.is(times.kind, fits ? "offsets" : "moments");
    }),
    { seed: 2, numRuns: 300 },
  );
});

test.run();
