import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeLevels, decodeRleBitPacked } from "../../kernels/rle-bit-packed.js";

/** A run as the format knows it: one value repeated, or 8 * n values packed. */
type Run =
  | { readonly kind: "repeated"; readonly value: number; readonly times: number }
  | { readonly kind: "packed"; readonly values: readonly number[] };

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...varint(Math.floor(value / 0x80))];
}

/** The definition: bit b of value v stands at bit v * width + b of the run. */
function encode(runs: readonly Run[], width: number): Uint8Array {
  const bytes: number[] = [];
  for (const run of runs) {
    if (run.kind === "repeated") {
      bytes.push(...varint(run.times * 2));
      for (let i = 0; i < Math.ceil(width / 8); i++) bytes.push(Math.floor(run.value / 2 ** (8 * i)) % 256);
    } else {
      bytes.push(...varint((run.values.length / 8) * 2 + 1));
      const bits = run.values.flatMap((value) =>
        Array.from({ length: width }, (_, b) => Math.floor(value / 2 ** b) % 2),
      );
      for (let at = 0; at < bits.length; at += 8) {
        bytes.push(bits.slice(at, at + 8).reduce((byte, bit, b) => byte + bit * 2 ** b, 0));
      }
    }
  }
  return Uint8Array.from(bytes);
}

const valuesOf = (runs: readonly Run[]): number[] =>
  runs.flatMap((run) => (run.kind === "packed" ? [...run.values] : new Array<number>(run.times).fill(run.value)));

const runsOf = (width: number): fc.Arbitrary<Run[]> => {
  const value = fc.integer({ min: 0, max: 2 ** width - 1 });
  return fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("repeated" as const), value, times: fc.integer({ min: 0, max: 300 }) }),
      fc
        .integer({ min: 1, max: 9 })
        .chain((groups) => fc.array(value, { minLength: groups * 8, maxLength: groups * 8 }))
        .map((values) => ({ kind: "packed" as const, values })),
    ),
    { maxLength: 8 },
  );
};

const streams = fc
  .integer({ min: 0, max: 32 })
  .chain((width) =>
    fc.record({ width: fc.constant(width), runs: runsOf(width), lead: fc.nat(5), cut: fc.nat(7), behind: fc.nat(4) }),
  );

test("decodeRleBitPacked equals its definition at every width, alignment and count", () => {
  fc.assert(
    fc.property(streams, ({ width, runs, lead, cut, behind }) => {
      const encoded = encode(runs, width);
      const bytes = new Uint8Array(lead + encoded.length + behind).fill(0xff);
      bytes.set(encoded, lead);
      const expected = valuesOf(runs).slice(0, Math.max(0, valuesOf(runs).length - cut));
      const out = new Uint32Array(expected.length + 2).fill(7);
      const view = new DataView(bytes.buffer);
      const end = lead + encoded.length;
      const decoded = decodeRleBitPacked(view, lead, end, width, out, 1, expected.length);
      assert.is(decoded, expected.length);
      assert.equal([...out.subarray(1, -1)], expected);
      assert.equal([out[0], out[expected.length + 1]], [7, 7], "nothing beside the values is written");
    }),
    { seed: 1, numRuns: 600 },
  );
});

test("a stream that is cut off decodes to a true prefix", () => {
  fc.assert(
    fc.property(streams, fc.nat(), ({ width, runs }, cut) => {
      fc.pre(width > 0);
      const encoded = encode(runs, width);
      const expected = valuesOf(runs);
      fc.pre(encoded.length > 0);
      const end = cut % encoded.length;
      const out = new Uint32Array(expected.length);
      const view = new DataView(encoded.buffer, 0, end);
      const decoded = decodeRleBitPacked(view, 0, end, width, out, 0, expected.length);
      assert.ok(decoded <= expected.length);
      assert.equal([...out.subarray(0, decoded)], expected.slice(0, decoded));
    }),
    { seed: 1, numRuns: 400 },
  );
});

test("a last packed run may lack the bytes of its padding", () => {
  // 3 values of 2 bits in a run of 8 that a writer cut after the first byte.
  const bytes = Uint8Array.of(0x03, 0b00_11_01_10);
  const out = new Uint32Array(3);
  assert.is(decodeRleBitPacked(new DataView(bytes.buffer), 0, 2, 2, out, 0, 3), 3);
  assert.equal([...out], [2, 1, 3]);
});

test("decodeLevels equals decodeRleBitPacked at width 1 and counts the ones", () => {
  fc.assert(
    fc.property(runsOf(1), fc.nat(7), (runs, cut) => {
      const bytes = encode(runs, 1);
      const expected = valuesOf(runs).slice(0, Math.max(0, valuesOf(runs).length - cut));
      const out = new Uint8Array(expected.length + 1).fill(9);
      const ones = decodeLevels(new DataView(bytes.buffer), 0, bytes.length, out, expected.length);
      assert.is(ones, expected.filter((level) => level === 1).length);
      assert.equal([...out], [...expected, 9]);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("decodeLevels tells of a stream that ends early", () => {
  const bytes = encode([{ kind: "repeated", value: 1, times: 5 }], 1);
  assert.is(decodeLevels(new DataView(bytes.buffer), 0, bytes.length, new Uint8Array(6), 6), -1);
});

test.run();
