import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";
import {
  doubleNumbers,
  floatNumbers,
  int32Numbers,
  int64Numbers,
  uint32Numbers,
  uint64Numbers,
} from "../../../kernels/plain-values.js";

const memory = new DecoderMemory();

const scales = [
  [1, 1],
  [1, 1000],
  [1, 1_000_000],
  [86_400_000, 1],
  [1, 100],
] as const;

const scaled = { int32: int32Numbers, uint32: uint32Numbers, int64: int64Numbers, uint64: uint64Numbers } as const;
const plain = { float: floatNumbers, double: doubleNumbers } as const;

/** Raw bytes, most of them of numbers near 0 or near the ends, from any alignment. */
const raw = fc.record({
  words: fc.array(fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.bigInt(-9n, 9n), fc.constant(2n ** 53n + 1n)), {
    maxLength: 60,
  }),
  lead: fc.nat(7),
  scale: fc.constantFrom(...scales),
});

function run(
  name: keyof typeof scaled | keyof typeof plain,
  bytes: Uint8Array,
  lead: number,
  scale: readonly [number, number],
) {
  const width = name.endsWith("64") || name === "double" ? 8 : 4;
  const count = Math.floor((bytes.length - lead) / width);
  const source = memory.reserve("file", bytes.length);
  const target = memory.reserve("numbers", 8 * count);
  memory.bytes(source, bytes.length).set(bytes);
  memory.kernels.numbers[name](source + lead, target, count, scale[0], scale[1]);
  return { count, values: memory.numbers(target, count) };
}

test("whole numbers of 32 and 64 bits equal the plain kernels, bit for bit", () => {
  fc.assert(
    fc.property(raw, ({ words, lead, scale }) => {
      const bytes = new Uint8Array(8 * words.length + 8);
      const view = new DataView(bytes.buffer);
      words.forEach((word, i) => {
        view.setBigInt64(8 * i, word, true);
      });
      for (const name of ["int32", "uint32", "int64", "uint64"] as const) {
        const { count, values } = run(name, bytes, lead, scale);
        const expected = new Float64Array(count);
        scaled[name](view, lead, count, scale[0], scale[1], expected, 0);
        assert.equal(values, expected, name);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("floats and doubles equal the plain kernels, bit for bit but for the kind of NaN", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 400 }), fc.nat(7), (bytes, lead) => {
      const view = new DataView(bytes.buffer);
      for (const name of ["float", "double"] as const) {
        const { count, values } = run(name, bytes, lead, [1, 1]);
        const expected = new Float64Array(count);
        plain[name](view, lead, count, expected, 0);
        assert.equal([...values], [...expected], name);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
