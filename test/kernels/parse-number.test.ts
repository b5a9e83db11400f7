import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseNumberBytes } from "../../kernels/parse-number.js";

function parse(text: string, roundBig = false): number {
  const bytes = Buffer.from(`xx${text}99`);
  return parseNumberBytes(bytes, 2, bytes.length - 2, roundBig);
}

const table: readonly (readonly [text: string, expected: number])[] = [
  ["0", 0],
  ["-0", 0],
  ["-0.0", 0],
  ["+12", 12],
  [" 12 ", 12],
  [".5", 0.5],
  ["5.", 5],
  ["1e3", 1000],
  ["1E-3", 0.001],
  ["9007199254740991", 9007199254740991],
  ["9007199254740993", Number.NaN],
  ["1678953999018234643", Number.NaN],
  ["0.1234567890123456789", 0.12345678901234568],
  ["1e999", Number.NaN],
  ["1e-400", 0],
  ["007", Number.NaN],
  ["00.5", Number.NaN],
  ["1,5", Number.NaN],
  ["1e", Number.NaN],
  ["1e+", Number.NaN],
  ["-", Number.NaN],
  [".", Number.NaN],
  ["", Number.NaN],
  ["12a", Number.NaN],
  ["1 2", Number.NaN],
  ["NaN", Number.NaN],
  ["Infinity", Number.NaN],
  ["0x10", Number.NaN],
];

for (const [text, expected] of table) {
  test(`parseNumberBytes reads ${JSON.stringify(text)} as ${expected}`, () => {
    assert.ok(Object.is(parse(text), expected), String(parse(text)));
  });
}

test("parseNumberBytes rounds integers beyond 2^53 - 1 where it is told to", () => {
  assert.is(parse("1678953999018234643", true), Number("1678953999018234643"));
});

test("parseNumberBytes equals Number on every text that Number writes", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      assert.is(parse(String(value), true), value === 0 ? 0 : value);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("parseNumberBytes equals Number on every decimal text", () => {
  const decimal = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{0,20})?([eE][+-]?\d{1,2})?$/);
  fc.assert(
    fc.property(decimal, (text) => {
      const expected = Number(text);
      assert.is(parse(text, true), expected === 0 ? 0 : expected);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test.run();
