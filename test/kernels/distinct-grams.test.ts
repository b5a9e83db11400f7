import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { countBits } from "../../kernels/bits.js";
import {
  combineSketches,
  estimateDistinct,
  gramBitmapLength,
  hyperLogLogLength,
  markGrams,
  markParts,
  sketchGrams,
  sketchNumberedGrams,
} from "../../kernels/distinct-grams.js";
import { flat } from "./sessions.js";

/** All sketches, over symbols below 600. */
const sketches = {
  sketchGrams,
  sketchNumberedGrams: (symbols, offsets, start, end, length, registers) =>
    sketchNumberedGrams(symbols, offsets, start, end, 600, length, registers, null),
  "sketchNumberedGrams of the next shorter grams": (symbols, offsets, start, end, length, registers) =>
    sketchNumberedGrams(symbols, offsets, start, end, 600, length + 1, new Uint8Array(registers.length), registers),
} satisfies Record<string, typeof sketchGrams>;

const sessionRows = fc.array(fc.array(fc.nat(4), { maxLength: 12 }), { minLength: 1, maxLength: 12 });

/** The different grams of a length. */
function gramsOf(rows: readonly (readonly number[])[], length: number): Set<string> {
  const found = new Set<string>();
  for (const row of rows) for (let i = 0; i + length <= row.length; i++) found.add(row.slice(i, i + length).join());
  return found;
}

test("markGrams equals its definition, whatever the partition", () => {
  fc.assert(
    fc.property(
      sessionRows,
      fc.integer({ min: 1, max: 5 }),
      fc.nat(12),
      fc.constantFrom(3, 6, Number.POSITIVE_INFINITY),
      (rows, length, cut, below) => {
        const { values, offsets } = flat(rows);
        const symbols = Uint16Array.from(values);
        const expected = gramsOf(
          rows.filter((row) => row.length < below),
          length,
        );
        const bitmap = new Uint32Array(gramBitmapLength(5, length));
        const middle = Math.min(cut, rows.length);
        markGrams(symbols, offsets, 0, middle, 5, length, below, bitmap);
        markGrams(symbols, offsets, middle, rows.length, 5, length, below, bitmap);
        assert.is(countBits(bitmap), expected.size);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test("markParts of long grams and markGrams of short sessions are markGrams of all", () => {
  fc.assert(
    fc.property(sessionRows, fc.integer({ min: 2, max: 5 }), fc.nat(3), (rows, length, less) => {
      const part = Math.max(1, length - 1 - less);
      const { values, offsets } = flat(rows);
      const symbols = Uint16Array.from(values);
      const mark = (of: number, below: number): Uint32Array => {
        const bitmap = new Uint32Array(gramBitmapLength(5, of));
        markGrams(symbols, offsets, 0, rows.length, 5, of, below, bitmap);
        return bitmap;
      };
      const parts = mark(part, length);
      markParts(mark(length, Number.POSITIVE_INFINITY), 5, length, part, parts);
      assert.equal(parts, mark(part, Number.POSITIVE_INFINITY));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a bitmap is offered up to 2^23 grams", () => {
  assert.is(gramBitmapLength(80, 3), 80 ** 3 / 32);
  assert.is(gramBitmapLength(2 ** 23, 1), 2 ** 18);
  assert.is(gramBitmapLength(2 ** 23 + 1, 1), 0);
  assert.is(gramBitmapLength(80, 4), 0);
});

test("countBits counts every bit", () => {
  assert.is(countBits(Uint32Array.of(0, 0xffffffff, 0x80000001)), 34);
});

test("sketchNumberedGrams sketches the next shorter grams as by themselves", () => {
  fc.assert(
    fc.property(sessionRows, fc.integer({ min: 3, max: 5 }), (rows, length) => {
      const { values, offsets } = flat(rows);
      const symbols = Uint16Array.from(values);
      const sketch = (of: number, shorter: Uint8Array | null): Uint8Array => {
        const registers = new Uint8Array(hyperLogLogLength);
        sketchNumberedGrams(symbols, offsets, 0, rows.length, 5, of, registers, shorter);
        return registers;
      };
      const shorter = new Uint8Array(hyperLogLogLength);
      assert.equal(sketch(length, shorter), sketch(length, null));
      assert.equal(shorter, sketch(length - 1, null));
    }),
    { seed: 1, numRuns: 60 },
  );
});

for (const [name, sketch] of Object.entries(sketches)) {
  test(`${name}: a sketch of the parts is the sketch of the whole`, () => {
    fc.assert(
      fc.property(sessionRows, fc.nat(12), (rows, cut) => {
        const { values, offsets } = flat(rows);
        const symbols = Uint16Array.from(values);
        const whole = new Uint8Array(hyperLogLogLength);
        sketch(symbols, offsets, 0, rows.length, 3, whole);
        const middle = Math.min(cut, rows.length);
        const parts = [new Uint8Array(hyperLogLogLength), new Uint8Array(hyperLogLogLength)] as const;
        sketch(symbols, offsets, 0, middle, 3, parts[0]);
        sketch(symbols, offsets, middle, rows.length, 3, parts[1]);
        combineSketches(parts[0], parts[1]);
        assert.equal(parts[0], whole);
      }),
      { seed: 1, numRuns: 30 },
    );
  });

  // 0.8 % is the standard error; four of them on either side.
  for (const distinct of [0, 1, 100, 5000, 40_000, 70_000, 300_000]) {
    test(`${name}: estimateDistinct of ${distinct} grams is within 3.3 %`, () => {
      // Pairs (i, j) written as sessions of two: all different, in an order that repeats some.
      const symbols = new Uint16Array(distinct * 4);
      for (let i = 0; i < distinct * 2; i++) {
        symbols[2 * i] = (i % distinct) >>> 9;
        symbols[2 * i + 1] = (i % distinct) & 511;
      }
      const offsets = Uint32Array.from({ length: distinct * 2 + 1 }, (_, i) => 2 * i);
      const registers = new Uint8Array(hyperLogLogLength);
      sketch(symbols, offsets, 0, distinct * 2, 2, registers);
      assert.ok(Math.abs(estimateDistinct(registers) - distinct) <= 0.033 * distinct);
    });
  }
}

test.run();
