import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";
import {
  csvAfterQuote,
  csvFull,
  csvRagged,
  csvUnterminated,
  scanCsvCells,
  scanCsvRecords,
} from "../../../kernels/csv-scan.js";

const memory = new DecoderMemory();

/** Texts in which everything that the rules speak of is likely, with cells on both sides of 16 bytes. */
const texts = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom("a", ",", "\n", '"', '"', "\r\n", "\r", " ", '""', ",", "é") },
      { weight: 1, arbitrary: fc.constantFrom("a longer cell of text", '"quoted, and\nlonger than that"', "x,y,z\n") },
    ),
    { maxLength: 60 },
  )
  .map((parts) => new TextEncoder().encode(parts.join("")));

/** Puts a text where others follow it that are not its own. */
function place(text: Uint8Array): number {
  const address = memory.reserve("file", text.length);
  memory.bytes(address, text.length + 32).fill(0x22);
  memory.bytes(address, text.length).set(text);
  return address;
}

test("csvCells equals scanCsvCells: cells, status and where it stops, for any text, room and columns wanted", () => {
  fc.assert(
    fc.property(
      texts,
      fc.integer({ min: 1, max: 4 }),
      fc.nat(15),
      fc.nat(20),
      fc.boolean(),
      (text, columns, wanted, room, last) => {
        const slots = new Int32Array(columns).fill(-1);
        let stride = 0;
        for (let column = 0; column < columns; column++) if ((wanted >> column) & 1) slots[column] = stride++;
        const starts = new Int32Array(room * stride);
        const ends = new Int32Array(room * stride);
        const out = new Int32Array(4);
        const expected = scanCsvCells(text, 0, text.length, last, 44, columns, slots, stride, starts, ends, room, out);

        const address = place(text);
        const slotsAt = memory.reserve("slots", 4 * columns);
        const startsAt = memory.reserve("starts", 4 * room * stride);
        const endsAt = memory.reserve("ends", 4 * room * stride);
        const outAt = memory.reserve("out", 16);
        new Int32Array(memory.buffer, slotsAt, columns).set(slots);
        memory.bytes(outAt, 16).fill(0);
        const isLast = last ? 1 : 0;
        const { csvCells } = memory.kernels;
        const end = address + text.length;
        const status = csvCells(address, end, isLast, 44, columns, slotsAt, stride, startsAt, endsAt, room, outAt);
        assert.is(status, expected);
        const [rows = 0, stop = 0, cells = 0, escaped = 0] = new Int32Array(memory.buffer, outAt, 4);
        assert.equal([rows, stop - address], [out[0], out[1]]);
        if (status === csvRagged || status === csvAfterQuote) assert.is(cells, out[2]);
        if (status !== csvRagged && status !== csvAfterQuote && status !== csvUnterminated) assert.is(escaped, out[3]);
        const at = (value: number): number => (value < 0 ? ~(~value - address) : value - address);
        const count = rows * stride;
        assert.equal([...new Int32Array(memory.buffer, startsAt, count)].map(at), [...starts.subarray(0, count)]);
        assert.equal([...new Int32Array(memory.buffer, endsAt, count)].map(at), [...ends.subarray(0, count)]);
        if (status === csvFull) assert.is(rows, room);
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});

test("csvCut ends where the last whole record of scanCsvRecords ends, and tells an open quote", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const out = new Int32Array(2);
      scanCsvRecords(text, 0, text.length, false, 44, 1, true, out);
      const address = place(text);
      const outAt = memory.reserve("out", 16);
      const cut = memory.kernels.csvCut(address, address + text.length, 44, outAt);
      assert.is(cut - address, out[1]);
      const status = scanCsvRecords(text, 0, text.length, true, 44, 1, true, out);
      assert.is(memory.words(outAt, 1)[0] === 1, status === csvUnterminated);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test.run();
