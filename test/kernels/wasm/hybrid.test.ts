import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";
import { indicesToCodes, lookUpNumbers, markUsed, spreadCodes, spreadNumbers } from "../../../kernels/codes.js";
import { decodeLevels, decodeRleBitPacked } from "../../../kernels/rle-bit-packed.js";

const memory = new DecoderMemory();
const widths = [1, 2, 4] as const;

/** Runs with headers as they come: often short of bytes, sometimes without values. */
const stream = fc
  .array(
    fc.oneof(
      fc.tuple(fc.nat(600), fc.uint8Array({ maxLength: 4 })),
      fc.tuple(
        fc.nat(40).map((groups) => 2 * groups + 1),
        fc.uint8Array({ maxLength: 200 }),
      ),
    ),
    { maxLength: 8 },
  )
  .map((runs) =>
    Uint8Array.from(
      runs.flatMap(([header, bytes]) =>
        header < 128 ? [header, ...bytes] : [(header & 127) | 128, header >> 7, ...bytes],
      ),
    ),
  );

/** Puts bytes where they end with others that are not theirs. */
function place(bytes: Uint8Array): number {
  const address = memory.reserve("file", bytes.length + 1);
  memory.bytes(address, bytes.length + 32).fill(0xff);
  memory.bytes(address + 1, bytes.length).set(bytes);
  return address + 1;
}

for (const width of widths) {
  test(`hybrid${width} equals decodeRleBitPacked, indicesToCodes and markUsed`, () => {
    const most = 2 ** (8 * width) - 1;
    fc.assert(
      fc.property(stream, fc.nat(32), fc.nat(700), fc.nat(), (bytes, bits, count, any) => {
        const size = [1, 3, 200, 60_000, 2 ** 20][any % 5] as number;
        if (size > most) return;
        const codes = new Uint32Array(count);
        const decoded = decodeRleBitPacked(new DataView(bytes.buffer), 0, bytes.length, bits, codes, 0, count);
        const isWithin = indicesToCodes(codes, 0, decoded, size);
        const source = place(bytes);
        const target = memory.reserve("codes", 4 * count + 4);
        const used = memory.reserve("used", size + 2);
        memory.bytes(target, 4 * count + 4).fill(0);
        memory.bytes(used, size + 2).fill(0);
        const { hybrid } = memory.kernels;
        const came = hybrid[width](source, source + bytes.length, bits, target, count, size, used);
        // an index that is wrong as a whole uint32 wraps to 0 in `indicesToCodes`, so what is asked is stated anew
        const raw = new Uint32Array(count);
        decodeRleBitPacked(new DataView(bytes.buffer), 0, bytes.length, bits, raw, 0, count);
        if (raw.subarray(0, decoded).some((index) => index >= size)) {
          assert.is(came, -1);
          return;
        }
        assert.ok(isWithin);
        assert.is(came, decoded);
        assert.equal([...memory.codes(target, decoded, width)], [...codes.subarray(0, decoded)]);
        const marked = new Uint8Array(size + 2);
        markUsed(codes, decoded, marked);
        assert.equal(memory.bytes(used, size + 2), marked);
        // the code after the last is another page's
        assert.is(memory.codes(target, count + 1, width)[count], 0);
      }),
      { seed: 1, numRuns: 600 },
    );
  });

  test(`spread${width} equals spreadCodes, narrow${width} a copy, lookUp${width} lookUpNumbers`, () => {
    const code = fc.nat(Math.min(1000, 2 ** (8 * width) - 1));
    fc.assert(
      fc.property(fc.array(fc.record({ code, level: fc.nat(1) }), { maxLength: 300 }), (rows) => {
        const count = rows.length;
        const levels = Uint8Array.from(rows, ({ level }) => level);
        const present = levels.reduce((sum, level) => sum + level, 0);
        const codes = new Uint32Array(count + 1);
        codes.set(rows.slice(0, present).map((row) => row.code));
        codes[count] = 7;
        const target = memory.reserve("codes", 4 * count + 4);
        const levelsAt = memory.reserve("levels", count);
        const wide = memory.reserve("outside", 4 * count + 4);
        memory.words(wide, count + 1).set(codes);
        memory.bytes(levelsAt, count).set(levels);
        memory.kernels.narrow[width](wide, target, count + 1);
        assert.equal([...memory.codes(target, count + 1, width)], [...codes]);
        memory.kernels.spread[width](target, levelsAt, count, present);
        spreadCodes(codes, 0, levels, count, present);
        assert.equal([...memory.codes(target, count + 1, width)], [...codes]);

        const table = Float64Array.from({ length: 1001 }, (_, at) => (at === 0 ? Number.NaN : at / 7));
        const tableAt = memory.reserve("lookup", 8 * 1001);
        const numbersAt = memory.reserve("numbers", 8 * count);
        memory.numbers(tableAt, 1001).set(table);
        memory.kernels.lookUp[width](target, tableAt, numbersAt, count);
        const numbers = new Float64Array(count);
        lookUpNumbers(codes, 0, count, table, numbers);
        assert.equal([...memory.numbers(numbersAt, count)], [...numbers]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

test("levels equals decodeLevels, but writes nothing where one run says that all are 1", () => {
  fc.assert(
    fc.property(stream, fc.nat(700), (bytes, count) => {
      const expected = new Uint8Array(count);
      const ones = decodeLevels(new DataView(bytes.buffer), 0, bytes.length, expected, count);
      const source = place(bytes);
      const target = memory.reserve("levels", count + 1);
      memory.bytes(target, count + 1).fill(9);
      assert.is(memory.kernels.levels(source, source + bytes.length, target, count), ones);
      const came = memory.bytes(target, count + 1);
      assert.is(came[count], 9);
      if (ones < 0 || (ones === count && came.every((level) => level === 9))) return;
      assert.equal(came.slice(0, count), expected);
    }),
    { seed: 1, numRuns: 600 },
  );
});

test("spreadNumbers equals its plain kernel", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ value: fc.double(), level: fc.nat(1) }), { maxLength: 300 }), (rows) => {
      const levels = Uint8Array.from(rows, ({ level }) => level);
      const present = levels.reduce((sum, level) => sum + level, 0);
      const values = new Float64Array(rows.length);
      values.set(rows.slice(0, present).map(({ value }) => value));
      const levelsAt = memory.reserve("levels", rows.length);
      const target = memory.reserve("numbers", 8 * rows.length);
      memory.bytes(levelsAt, rows.length).set(levels);
      memory.numbers(target, rows.length).set(values);
      memory.kernels.spreadNumbers(target, levelsAt, rows.length, present);
      spreadNumbers(values, 0, levels, rows.length, present);
      assert.equal([...memory.numbers(target, rows.length)], [...values]);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
