import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Cells, cellsColumn, MemoryCells } from "../../../engine/sources/cells.js";
import type { ChunkColumn, ColumnRequest } from "../../../engine/sources/chunk.js";
import { DecoderMemory } from "../../../engine/sources/decoder-memory.js";

const memory = new DecoderMemory();

/** The same cells as arrays, and where the kernels work. */
function bothOf(rows: readonly (readonly string[])[], stride: number): readonly [Cells, MemoryCells] {
  const encoded = rows.flat().map((cell) => Buffer.from(cell));
  const bytes = Buffer.concat(encoded);
  const starts = new Int32Array(encoded.length);
  const ends = new Int32Array(encoded.length);
  let at = 0;
  encoded.forEach((cell, index) => {
    starts[index] = at;
    at += cell.length;
    ends[index] = at;
  });
  const address = memory.reserve("file", bytes.length);
  const startsAt = memory.reserve("starts", 4 * encoded.length);
  const endsAt = memory.reserve("ends", 4 * encoded.length);
  memory.bytes(address, bytes.length).set(bytes);
  new Int32Array(memory.buffer, startsAt, encoded.length).set(starts.map((start) => start + address));
  new Int32Array(memory.buffer, endsAt, encoded.length).set(ends.map((end) => end + address));
  const cells = { bytes: new Uint8Array(bytes), starts, ends, stride, rows: rows.length };
  return [cells, new MemoryCells(memory, startsAt, endsAt, stride, rows.length)];
}

/** A column, or its error's message; numbers as text, so that NaN is NaN and -0 is -0. */
function outcome(cells: Cells, slot: number, request: ColumnRequest): unknown {
  let column: ChunkColumn;
  try {
    column = cellsColumn(cells, slot, request, { file: "a.csv", firstRow: 1 });
  } catch (error) {
    return (error as Error).message;
  }
  if (column.kind === "numbers") {
    return [column.type, ...Array.from(column.values, (value) => (Object.is(value, -0) ? "-0" : String(value)))];
  }
  const { bytes, offsets } = column.dictionary;
  return [column.type, column.codes.constructor.name, [...column.codes], [...bytes], [...offsets]];
}

const digits = (count: number, most: number): fc.Arbitrary<string> =>
  fc.nat(most).map((value) => String(value).padStart(count, "0"));

/** Times of few dates in every shape, right and nearly right. */
const time = fc
  .record({
    date: fc.constantFrom("2026-10-19", "2026-10-20", "1969-12-31", "2024-02-29", "2023-02-29"),
    separator: fc.constantFrom("T", " ", "t", "x"),
    hour: digits(2, 25),
    minute: digits(2, 61),
    second: digits(2, 61),
    point: fc.constantFrom(".", ",", ":"),
    fraction: fc.oneof(digits(3, 999), digits(6, 999_999), digits(1, 9), digits(9, 999_999_999), fc.constant("1a3")),
    zone: fc.constantFrom("", "Z", "z", "+02:00", " UTC", "ZZ"),
    shape: fc.nat(20),
  })
  .map(({ date, separator, hour, minute, second, point, fraction, zone, shape }) => {
    if (shape === 0) return "";
    if (shape === 1) return date;
    if (shape === 2) return ` ${date}`;
    const common = shape > 5;
    const clock = common
      ? `${hour > "23" ? "07" : hour}:${minute > "59" ? "10" : minute}:00`
      : `${hour}:${minute}:${second}`;
    const rest =
      shape % 2 === 0 ? `${common ? "." : point}${common ? fraction.slice(0, 3).padEnd(3, "0") : fraction}` : "";
    return `${date}${common ? " " : separator}${clock}${rest}${common ? "Z".repeat(shape % 3 === 0 ? 1 : 0) : zone}`;
  });

const cell = fc.oneof(
  fc.nat(30).map(String),
  fc.constantFrom("", "true", "FALSE", "1.5", "-0", "text", "long ".repeat(9)),
);

test("a column is the same wherever its cells stand", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom("true", "False", ""), cell, fc.nat(400).map(String)), { maxLength: 500 }),
      fc.constantFrom("id" as const, "own" as const, "label" as const),
      (rows, as) => {
        const [plain, inMemory] = bothOf(rows, 3);
        for (let slot = 0; slot < 3; slot++) {
          const request = { name: "a", as };
          assert.equal(outcome(inMemory, slot, request), outcome(plain, slot, request));
        }
      },
    ),
    { seed: 1, numRuns: 100 },
  );
});

test("times are the same wherever their cells stand, whatever their shapes, and so are the rows that are none", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, time), { maxLength: 60 }), fc.boolean(), (rows, clean) => {
      const request = { name: "t", as: "time" } as const;
      const isTime = (row: readonly [string, string]): boolean =>
        typeof outcome(bothOf([row], 2)[0], 1, request) !== "string";
      const [plain, inMemory] = bothOf(clean ? rows.filter(isTime) : rows, 2);
      assert.equal(outcome(inMemory, 1, request), outcome(plain, 1, request));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a column of a rare shape of time is read all the same", () => {
  const rows = Array.from({ length: 5000 }, (_, row) => [`2026-10-19T07:${10 + (row % 50)}+02:00`]);
  const request = { name: "t", as: "time" } as const;
  const [plain, inMemory] = bothOf(rows, 1);
  assert.equal(outcome(inMemory, 0, request), outcome(plain, 0, request));
  rows[4000] = ["never"];
  const [broken, brokenInMemory] = bothOf(rows, 1);
  assert.is(outcome(brokenInMemory, 0, request), outcome(broken, 0, request));
});

test.run();
