import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { decodeDelta } from "../../kernels/delta-binary-packed.js";

function varint(value: bigint): number[] {
  return value < 0x80n ? [Number(value)] : [Number(value & 0x7fn) | 0x80, ...varint(value >> 7n)];
}

const zigzag = (value: bigint): number[] => varint(BigInt.asUintN(64, (value << 1n) ^ (value >> 63n)));

/** The definition, in BigInt: 128 values a block, 4 miniblocks of 32. */
function encode(values: readonly bigint[], bits: number): Uint8Array {
  const wrap = (value: bigint): bigint => BigInt.asIntN(bits, value);
  const bytes = [...varint(128n), ...varint(4n), ...varint(BigInt(values.length)), ...zigzag(values[0] ?? 0n)];
  const deltas = values.slice(1).map((value, i) => wrap(value - (values[i] ?? 0n)));
  for (let block = 0; block < deltas.length; block += 128) {
    const inBlock = deltas.slice(block, block + 128);
    const least = inBlock.toSorted((a, b) => (a < b ? -1 : 1))[0] ?? 0n;
    const differences = inBlock.map((delta) => BigInt.asUintN(bits, delta - least));
    const parts = [0, 32, 64, 96].map((from) => differences.slice(from, from + 32));
    const widths = parts.map((part) => Math.max(0, ...part.map((difference) => difference.toString(2).length)));
    bytes.push(...zigzag(least), ...widths);
    for (const [p, part] of parts.entries()) {
      const width = widths[p] ?? 0;
      if (part.length === 0) continue;
      let packed = 0n;
      for (const [i, difference] of part.entries()) packed |= difference << BigInt(i * width);
      for (let i = 0; i < width * 4; i++) bytes.push(Number((packed >> BigInt(8 * i)) & 0xffn));
    }
  }
  return Uint8Array.from(bytes);
}

const lists = (bits: number): fc.Arbitrary<bigint[]> => {
  const any = fc.bigInt({ min: -(2n ** BigInt(bits - 1)), max: 2n ** BigInt(bits - 1) - 1n });
  const small = fc.bigInt({ min: -9n, max: 9n });
  return fc.oneof(...[any, small].map((value) => fc.array(value, { minLength: 1, maxLength: 300, size: "max" })));
};

for (const bits of [32, 64] as const) {
  test(`decodeDelta equals its definition for ${bits} bits, at any position`, () => {
    fc.assert(
      fc.property(lists(bits), fc.nat(3), fc.nat(6), (values, lead, behind) => {
        const encoded = encode(values, bits);
        const bytes = new Uint8Array(lead + encoded.length + behind).fill(0xff);
        bytes.set(encoded, lead);
        const out = new Uint32Array((values.length * bits) / 32);
        const view = new DataView(bytes.buffer);
        const end = decodeDelta(view, lead, bytes.length, values.length, bits === 64, out);
        assert.is(end, lead + encoded.length);
        const decoded = bits === 64 ? new BigInt64Array(out.buffer) : new Int32Array(out.buffer);
        assert.equal(Array.from(decoded, BigInt), values);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test(`decodeDelta tells of ${bits}-bit deltas that are cut off`, () => {
    fc.assert(
      fc.property(lists(bits), fc.nat(), (values, cut) => {
        const encoded = encode(values, bits);
        const end = cut % encoded.length;
        const out = new Uint32Array((values.length * bits) / 32);
        const view = new DataView(encoded.buffer, 0, end);
        const whole = new Uint32Array(out.length);
        decodeDelta(new DataView(encoded.buffer), 0, encoded.length, values.length, bits === 64, whole);
        // Only padding may be missing.
        if (decodeDelta(view, 0, end, values.length, bits === 64, out) >= 0) assert.equal(out, whole);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

test("32-bit values keep the low half of 64-bit deltas, as DuckDB writes unsigned integers", () => {
  const values = [4152192543n, 3n, 4294967295n];
  const bytes = encode(values, 64);
  const out = new Uint32Array(3);
  decodeDelta(new DataView(bytes.buffer), 0, bytes.length, 3, false, out);
  assert.equal(Array.from(out, BigInt), values);
});

test.run();
