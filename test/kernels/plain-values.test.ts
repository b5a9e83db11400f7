import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  booleanBits,
  byteArrayOffsets,
  copyByteArrays,
  doubleNumbers,
  floatNumbers,
  int32Numbers,
  int64Numbers,
  uint32Numbers,
  uint64Numbers,
} from "../../kernels/plain-values.js";

type Kernel = (view: DataView, count: number, out: Float64Array) => void;

/** Every kernel against DataView's own reading of the same bytes, BigInt and all, at an odd position. */
const kernels: readonly [string, number, Kernel, (view: DataView, at: number) => number][] = [
  [
    "int32Numbers",
    4,
    (v, n, o) => int32Numbers(v, 1, n, 86_400_000, 1, o, 2),
    (v, at) => v.getInt32(at, true) * 86_400_000,
  ],
  ["uint32Numbers", 4, (v, n, o) => uint32Numbers(v, 1, n, 1, 100, o, 2), (v, at) => v.getUint32(at, true) / 100],
  [
    "int64Numbers",
    8,
    (v, n, o) => int64Numbers(v, 1, n, 1, 1000, o, 2),
    (v, at) => Number(v.getBigInt64(at, true)) / 1000,
  ],
  ["uint64Numbers", 8, (v, n, o) => uint64Numbers(v, 1, n, 1, 1, o, 2), (v, at) => Number(v.getBigUint64(at, true))],
  ["floatNumbers", 4, (v, n, o) => floatNumbers(v, 1, n, o, 2), (v, at) => v.getFloat32(at, true)],
  ["doubleNumbers", 8, (v, n, o) => doubleNumbers(v, 1, n, o, 2), (v, at) => v.getFloat64(at, true)],
];

for (const [name, width, kernel, definition] of kernels) {
  test(`${name} equals its definition`, () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const count = Math.floor(bytes.length / width);
        const padded = new Uint8Array(1 + bytes.length);
        padded.set(bytes, 1);
        const view = new DataView(padded.buffer);
        const out = new Float64Array(count + 3);
        kernel(view, count, out);
        for (let i = 0; i < count; i++)
          assert.ok(Object.is(out[i + 2], definition(view, 1 + i * width)), `${out[i + 2]}`);
        assert.equal([out[0], out[1], out[count + 2]], [0, 0, 0]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

test("booleanBits reads bits from the least significant", () => {
  const out = new Uint8Array(10).fill(9);
  booleanBits(new DataView(Uint8Array.of(0, 0b1000_0110, 0b1).buffer), 1, 9, out);
  assert.equal([...out], [0, 1, 1, 0, 0, 0, 0, 1, 1, 9]);
});

test("byteArrayOffsets and copyByteArrays together strip the length prefixes", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 13 }), { maxLength: 20 }), (values) => {
      const lengths = values.map(({ length }) => [...new Uint8Array(Uint32Array.of(length).buffer)]);
      const page = Uint8Array.from([42, ...values.flatMap((value, i) => [...(lengths[i] ?? []), ...value])]);
      const view = new DataView(page.buffer);
      const offsets = new Uint32Array(values.length + 1);
      assert.ok(byteArrayOffsets(view, 1, page.length, values.length, offsets));
      const out = new Uint8Array(offsets[values.length] ?? 0);
      copyByteArrays(view, 1, values.length, offsets, new DataView(out.buffer));
      for (const [i, value] of values.entries()) assert.equal(out.slice(offsets[i], offsets[i + 1]), value);
      if (values.length > 0) assert.not(byteArrayOffsets(view, 1, page.length - 1, values.length, offsets));
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
