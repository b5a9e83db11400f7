import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { add, divide, multiply, subtract } from "../../kernels/arithmetic.js";
import {
  andBits,
  bytesOfBits,
  notBits,
  orBits,
  passingBits,
  sameBits,
  scatterBits,
  setPlaces,
  shiftBits,
} from "../../kernels/flags.js";
import { skipTo } from "../../kernels/postings.js";
import { above, atLeast, atMost, below, equal, unequal } from "../../kernels/threshold.js";

const test = suite("conditions and numbers of sessions");
const settings = { seed: 1, numRuns: 300 };

function packed(flags: readonly boolean[]): Uint32Array {
  const words = new Uint32Array((flags.length + 31) >>> 5);
  for (const [at, flag] of flags.entries()) if (flag) words[at >>> 5]! |= 1 << (at & 31);
  return words;
}

const unpacked = (bits: Uint32Array, count: number): boolean[] =>
  Array.from({ length: count }, (_, at) => ((bits[at >>> 5]! >>> (at & 31)) & 1) === 1);

const pairs = fc.array(fc.tuple(fc.boolean(), fc.boolean()), { maxLength: 100 });

test("and, or and not hold bit by bit", () => {
  fc.assert(
    fc.property(pairs, (rows) => {
      const [left, right] = [rows.map(([a]) => a), rows.map(([, b]) => b)];
      const both = packed(left);
      andBits(both, packed(right));
      const either = packed(left);
      orBits(either, packed(right));
      const neither = new Uint32Array(both.length);
      notBits(neither, packed(left));
      assert.equal(
        unpacked(both, rows.length),
        rows.map(([a, b]) => a && b),
      );
      assert.equal(
        unpacked(either, rows.length),
        rows.map(([a, b]) => a || b),
      );
      assert.equal(
        unpacked(neither, rows.length),
        rows.map(([a]) => !a),
      );
    }),
    settings,
  );
});

test("bytesOfBits makes a byte a session of its bits in eight conditions", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(255), { maxLength: 100 }), (sessions) => {
      const words = (sessions.length + 31) >>> 5;
      const rows = new Uint32Array(8 * words);
      for (let row = 0; row < 8; row++) {
        rows.set(packed(sessions.map((byte) => ((byte >>> row) & 1) === 1)), row * words);
      }
      const bytes = new Uint32Array(8 * words).fill(0xdeadbeef);
      bytesOfBits(rows, words, bytes);
      assert.equal([...new Uint8Array(bytes.buffer, 0, sessions.length)], sessions);
    }),
    settings,
  );
});

test("shiftBits puts each bit so many further on", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 70 }), fc.nat(31), (flags, lead) => {
      const bits = Uint32Array.of(7, ...packed(flags));
      const out = new Uint32Array(bits.length + 1).fill(0xdeadbeef);
      shiftBits(bits, 1, bits.length - 1, lead, out, 1);
      assert.equal(unpacked(out.subarray(1), lead + flags.length), [...new Array<boolean>(lead).fill(false), ...flags]);
    }),
    settings,
  );
});

const number = fc.constantFrom(-1, 0, 1, 2, 2.5, Number.NaN, 1e308);

test("thresholds compare each value, and a missing one satisfies none", () => {
  const operators = [
    [above, (a: number, b: number) => a > b],
    [atLeast, (a: number, b: number) => a >= b],
    [below, (a: number, b: number) => a < b],
    [atMost, (a: number, b: number) => a <= b],
    [equal, (a: number, b: number) => a === b],
    [unequal, (a: number, b: number) => !Number.isNaN(a) && a !== b],
  ] as const;
  fc.assert(
    fc.property(fc.array(number, { maxLength: 100 }), fc.constantFrom(-1, 0, 1, 2, 3), (values, bound) => {
      for (const [compare, holds] of operators) {
        // what the words held before does not matter
        const out = new Uint32Array((values.length + 31) >>> 5).fill(0xdeadbeef);
        compare(Float64Array.from([...values, 1]), values.length, bound, out);
        assert.equal(
          unpacked(out, values.length),
          values.map((value) => holds(value, bound)),
        );
      }
    }),
    settings,
  );
});

test("what is scattered to some places is there, and the others are untouched", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 80 }),
      (rows) => {
        const places = Uint32Array.from(rows.flatMap(([is], at) => (is ? [at] : [])));
        const ofSome = packed([...places].map((place) => rows[place]![1]));
        const out = packed(rows.map(([, , before]) => before));
        scatterBits(ofSome, Uint32Array.of(...places, 0), places.length, out);
        assert.equal(
          unpacked(out, rows.length),
          rows.map(([is, flag, before]) => (is ? flag : before)),
        );
        const set = packed(rows.map(([, , before]) => before));
        // bits after the last place are anything
        const more = ofSome.map((word, at) =>
          at === places.length >>> 5 ? word | (-1 << (places.length & 31)) : word,
        );
        setPlaces(more, places, places.length, set);
        assert.equal(
          unpacked(set, rows.length),
          rows.map(([is, flag, before]) => (is && flag) || before),
        );
      },
    ),
    settings,
  );
});

test("codes pass, and are equal or differ where both are there, each by itself", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { maxLength: 100 }), fc.nat(15), (rows, mask) => {
      const [left, right] = [Uint32Array.from(rows, ([a]) => a), Uint32Array.from(rows, ([, b]) => b)];
      const out = new Uint32Array((rows.length + 31) >>> 5).fill(0xdeadbeef);
      passingBits(
        left,
        Uint8Array.from([0, 1, 2, 3], (code) => (mask >>> code) & 1),
        out,
      );
      assert.equal(
        unpacked(out, rows.length),
        rows.map(([a]) => ((mask >>> a) & 1) === 1),
      );
      for (const equals of [true, false]) {
        sameBits(left, right, equals, out);
        assert.equal(
          unpacked(out, rows.length),
          rows.map(([a, b]) => a !== 0 && b !== 0 && (a === b) === equals),
        );
      }
    }),
    settings,
  );
});

test("arithmetic is missing where an operand is, or where it is not finite", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { maxLength: 20 }), (rows) => {
      const [left, right] = [Float64Array.from(rows, ([a]) => a), Float64Array.from(rows, ([, b]) => b)];
      for (const [compute, naive] of [
        [add, (a: number, b: number) => a + b],
        [subtract, (a: number, b: number) => a - b],
        [multiply, (a: number, b: number) => a * b],
        [divide, (a: number, b: number) => a / b],
      ] as const) {
        const out = new Float64Array(rows.length);
        compute(left, right, out);
        const expected = rows.map(([a, b]) => naive(a, b));
        assert.equal(
          [...out],
          expected.map((value) => (Number.isFinite(value) ? value : Number.NaN)),
        );
      }
    }),
    settings,
  );
});

test("skipTo is the first position that is not below", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(200), { maxLength: 60 }), fc.nat(60), fc.nat(210), (values, from, bound) => {
      const positions = Uint32Array.from(values).sort();
      const start = Math.min(from, positions.length);
      const found = positions.findIndex((position, at) => at >= start && position >= bound);
      assert.is(skipTo(positions, start, positions.length, bound), found < 0 ? positions.length : found);
    }),
    settings,
  );
});

test.run();
