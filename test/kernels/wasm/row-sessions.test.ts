import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";
import { packOffsets } from "../../../kernels/pack-offsets.js";
import { groupRows, hasChange, placeRows, type RowSessions } from "../../../kernels/row-sessions.js";

const memory = new DecoderMemory();
const { kernels } = memory;
const MOST = 200;
const CODES = 12;

/** Rows of a few sessions, mostly of one user each, together or not. */
const rows = fc
  .record({
    session: fc.array(fc.integer({ min: 1, max: CODES - 1 }), { maxLength: MOST }),
    isSorted: fc.boolean(),
    stray: fc.nat(400),
    time: fc.array(fc.constantFrom(0, -0, 5, 7.5, 1e12, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY), {
      minLength: MOST,
      maxLength: MOST,
    }),
  })
  .map(({ session: any, isSorted, stray, time }) => {
    const session = Uint32Array.from(isSorted ? [...any].sort((a, b) => a - b) : any);
    const user = session.map((code) => 3 * code);
    if (stray < user.length) user[stray] = 1;
    return { session, user, time: Float64Array.from(time.slice(0, session.length)) };
  });

const sessionsOf = (): RowSessions => ({
  sessionCode: new Uint32Array(MOST),
  userCode: new Uint32Array(MOST),
  start: new Float64Array(MOST),
  startRow: new Uint32Array(MOST),
  firstRow: new Uint32Array(MOST),
  lastRow: new Uint32Array(MOST),
  rowsOf: new Uint32Array(MOST),
});

/** Brings words to a place of their own in the memory. */
function words(at: number, values: Uint32Array): number {
  const address = memory.reserve("file", 8 * MOST * 20) + 8 * MOST * at;
  memory.words(address, values.length).set(values);
  return address;
}

/** The same of numbers. */
function numbers(at: number, values: Float64Array): number {
  const address = words(at, new Uint32Array(0));
  memory.numbers(address, values.length).set(values);
  return address;
}

test("groupRows equals the plain kernel", () => {
  fc.assert(
    fc.property(rows, ({ session, user, time }) => {
      const n = session.length;
      const plain = sessionsOf();
      const [sessionOf, previous] = [new Uint32Array(n), new Uint32Array(n)];
      const expected = groupRows(session, user, time, n, new Uint32Array(CODES), sessionOf, previous, plain);
      const own = Array.from({ length: 10 }, (_, index) => words(3 + index, new Uint32Array(2 * MOST)));
      const came = kernels.groupRows(words(0, session), words(1, user), numbers(2, time), n, ...own);
      assert.is(came, expected);
      if (expected < 0) return;
      const count = expected;
      const array = (index: number, length: number): Uint32Array => memory.words(own[index] as number, length);
      assert.equal([...array(1, n)], [...sessionOf]);
      assert.equal([...array(2, n)], [...previous]);
      for (const [index, name] of [
        [3, "sessionCode"],
        [4, "userCode"],
        [6, "startRow"],
        [7, "firstRow"],
        [8, "lastRow"],
        [9, "rowsOf"],
      ] as const) {
        assert.equal([...array(index, count)], [...plain[name].subarray(0, count)], name);
      }
      assert.equal([...memory.numbers(own[5] as number, count)], [...plain.start.subarray(0, count)]);
    }),
    { seed: 1, numRuns: 500 },
  );
});

for (const width of [1, 2, 4, 8] as const) {
  test(`hasChange${width} equals the plain kernel, placeFirst${width} a gather and a scatter`, () => {
    fc.assert(
      fc.property(rows, fc.nat(300), ({ session, time }, stray) => {
        const n = session.length;
        const found = sessionsOf();
        const previous = new Uint32Array(n);
        const count = groupRows(session, session, time, n, new Uint32Array(CODES), new Uint32Array(n), previous, found);
        const values = Array.from(session, (code, row) => (row === stray ? 99 : code));
        const bits = BigUint64Array.from(values, (value) => BigInt(value) << (width === 8 ? 40n : 0n));
        const from = words(0, new Uint32Array(0));
        if (width === 8) memory.numbers(from, n).set(new Float64Array(bits.buffer));
        else memory.codes(from, n, width).set(values);
        const came = kernels.hasChange[width](from, words(1, previous), n);
        assert.is(came, hasChange(bits, previous, n) ? 1 : 0);
        const places = Uint32Array.from({ length: count }, (_, at) => count - 1 - at);
        const first = words(2, found.firstRow);
        kernels.placeFirst[width](from, first, words(3, places), words(4, new Uint32Array(0)), count);
        const expected = Array.from(places, (place) => bits[found.firstRow[place] as number]);
        const placed = words(4, new Uint32Array(0));
        const actual =
          width === 8
            ? [...new BigUint64Array(memory.numbers(placed, count).slice().buffer)]
            : [...memory.codes(placed, count, width)].map(BigInt);
        assert.equal(actual, expected);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
}

test("placeRows equals the plain kernel, which brings rows session by session, those of a session as they stand", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(9), { maxLength: 50 }),
      fc.shuffledSubarray([...Array(10).keys()], { minLength: 10 }),
      (sessionOf, order) => {
        const places = Uint32Array.from(order);
        const rowsAt = new Uint32Array(10);
        for (const session of sessionOf) {
          const place = places[session] as number;
          rowsAt[place] = (rowsAt[place] as number) + 1;
        }
        const out = new Uint32Array(sessionOf.length);
        placeRows(Uint32Array.from(sessionOf), out.length, places, rowsAt, 10, new Uint32Array(20), out);
        const rows = [...sessionOf.keys()];
        rows.sort((a, b) => (places[sessionOf[a]!] as number) - (places[sessionOf[b]!] as number) || a - b);
        assert.equal(
          rows.map((row) => out[row]),
          [...rows.keys()],
        );
        const from = words(0, Uint32Array.from(sessionOf));
        kernels.placeRows(
          from,
          out.length,
          words(1, places),
          words(2, rowsAt),
          10,
          words(3, new Uint32Array(20)),
          from,
        );
        assert.equal([...memory.words(from, out.length)], [...out]);
      },
    ),
    { seed: 1, numRuns: 200 },
  );
});

for (const width of [1, 2, 4, 8] as const) {
  test(`moveRows${width} writes each row's value to its place`, () => {
    fc.assert(
      fc.property(fc.nat(50), (rows) => {
        const places = Uint32Array.from({ length: rows }, (_, row) => rows - 1 - row);
        const [from, target] = [words(0, new Uint32Array(0)), words(2, new Uint32Array(0))];
        const view = (address: number) =>
          width === 8 ? memory.numbers(address, rows) : memory.codes(address, rows, width);
        view(from).set(Array.from({ length: rows }, (_, row) => row + 3));
        kernels.moveRows[width](from, words(1, places), target, rows);
        assert.equal(
          [...view(target)].reverse(),
          Array.from({ length: rows }, (_, row) => row + 3),
        );
      }),
      { seed: 1, numRuns: 100 },
    );
  });
}

test("hasZero and hasNaN see what is within the rows, and nothing else", () => {
  fc.assert(
    fc.property(fc.nat(40), fc.nat(45), (n, at) => {
      const codes = new Uint32Array(46).fill(7);
      codes[at] = 0;
      const values = new Float64Array(46);
      values[at] = Number.NaN;
      assert.is(kernels.hasZero(words(0, codes), n), at < n ? 1 : 0);
      assert.is(kernels.hasNaN(numbers(0, values), n), at < n ? 1 : 0);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("packOffsets equals the plain kernel", () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 2 ** 33 }), fc.constantFrom(0.5, -1, 2 ** 32 - 1, 2 ** 32, 1e300));
  fc.assert(
    fc.property(fc.array(value, { maxLength: 30 }), fc.constantFrom(0, -5, 2 ** 40), (offsets, base) => {
      const values = Float64Array.from(offsets, (offset) => base + offset);
      const expected = new Uint32Array(values.length);
      const isExact = packOffsets(values, values.length, base, expected);
      const out = words(1, new Uint32Array(0));
      assert.is(kernels.packOffsets(numbers(0, values), values.length, base, out), isExact ? 1 : 0);
      if (isExact) assert.equal([...memory.words(out, values.length)], [...expected]);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
