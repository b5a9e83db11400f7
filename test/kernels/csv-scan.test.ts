import fc from "fast-check";
import { parseString } from "fast-csv";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  csvAfterQuote,
  csvDone,
  csvFull,
  csvRagged,
  csvUnterminated,
  scanCsvCells,
  scanCsvRecords,
  unescapeCells,
} from "../../kernels/csv-scan.js";

const allSlots = (columns: number): Int32Array => Int32Array.from({ length: columns }, (_, column) => column);

/** Rows of text cells, read in as many calls as the room and the pieces ask for. */
function scan(
  text: string,
  columns: number,
  delimiter = ",",
  room = 1 << 12,
  pieceBytes = text.length * 4 + 1,
): string[][] {
  const all = Buffer.from(text);
  const rows: string[][] = [];
  let from = 0;
  let size = pieceBytes;
  while (from < all.length) {
    const end = Math.min(all.length, from + size);
    const bytes = Uint8Array.from(all.subarray(from, end));
    const starts = new Int32Array(room * columns);
    const ends = new Int32Array(room * columns);
    const out = new Int32Array(4);
    const last = end === all.length;
    const slots = allSlots(columns);
    const status = scanCsvCells(
      bytes,
      0,
      bytes.length,
      last,
      delimiter.charCodeAt(0),
      columns,
      slots,
      columns,
      starts,
      ends,
      room,
      out,
    );
    assert.ok(status === csvDone || status === csvFull, `status ${status}`);
    const [count = 0, consumed = 0] = out;
    assert.is(out[3], starts.subarray(0, count * columns).filter((start) => start < 0).length);
    unescapeCells(bytes, starts, ends, count * columns);
    for (let row = 0; row < count; row++)
      rows.push(
        Array.from({ length: columns }, (_, column) =>
          Buffer.from(bytes.subarray(starts[row * columns + column], ends[row * columns + column])).toString(),
        ),
      );
    from += consumed;
    size = consumed === 0 ? size * 2 : pieceBytes;
  }
  return rows;
}

function fastCsv(text: string, delimiter: string): Promise<string[][]> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = [];
    parseString<string[], string[]>(text, { headers: false, delimiter })
      .on("error", reject)
      .on("data", (row: string[]) => rows.push(row))
      .on("end", () => resolve(rows));
  });
}

const tables: readonly (readonly [name: string, text: string, expected: string[][]])[] = [
  [
    "plain cells",
    "a,b\nc,d\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "no line break at the end",
    "a,b\nc,d",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "CRLF",
    "a,b\r\nc,d\r\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "empty cells",
    ",\n,x\n",
    [
      ["", ""],
      ["", "x"],
    ],
  ],
  ["quotes", '"a,1","b\n2"\n', [["a,1", "b\n2"]]],
  ["doubled quotes", '"a ""x""",""""\n', [['a "x"', '"']]],
  ["quoted empty cells", '"",""\n', [["", ""]]],
  ["spaces before and after quotes", 'a, "b" \n', [["a", "b"]]],
  ["spaces of cells without quotes", "a , b\n", [["a ", " b"]]],
  ["quotes inside a cell that does not start with one", 'a"b,c "d" e\n', [['a"b', 'c "d" e']]],
  [
    "blank lines",
    "a,b\n\n\r\nc,d\n\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  ["a CR that ends nothing", "a\rb,c\n", [["a\rb", "c"]]],
  ["a CR at the end of the text", "a,b\r", [["a", "b"]]],
  ["an empty last cell at the end of the text", "a,", [["a", ""]]],
  ["a quoted last cell at the end of the text", 'a,"b"', [["a", "b"]]],
  ["non-ASCII text", 'å,"日本"""\n', [["å", '日本"']]],
];

for (const [name, text, expected] of tables) {
  test(`scanCsvCells reads ${name}, however the text is cut`, () => {
    for (let pieceBytes = 1; pieceBytes <= text.length * 3; pieceBytes++)
      assert.equal(scan(text, 2, ",", 64, pieceBytes), expected);
    assert.equal(scan(text, 2, ",", 1), expected);
  });
}

test("scanCsvCells gives every blank line a row where a record is one cell", () => {
  assert.equal(scan("a\n\nb\n", 1), [["a"], [""], ["b"]]);
});

test("scanCsvCells keeps the wanted columns only", () => {
  const bytes = Buffer.from('a,"b""",c\n');
  const starts = new Int32Array(1);
  const ends = new Int32Array(1);
  const out = new Int32Array(4);
  assert.is(
    scanCsvCells(bytes, 0, bytes.length, true, 44, 3, Int32Array.of(-1, -1, 0), 1, starts, ends, 1, out),
    csvDone,
  );
  assert.is(bytes.subarray(starts[0], ends[0]).toString(), "c");
  assert.is(out[3], 0);
});

const broken: readonly (readonly [name: string, text: string, status: number, row: number, cells: number])[] = [
  ["too few cells", "a,b\nc\n", csvRagged, 1, 1],
  ["too many cells", "a,b\nc,d,e\n", csvRagged, 1, 3],
  ["a quote that never closes", 'a,b\nc,"d\ne,f\n', csvUnterminated, 1, 0],
  ["a quote that never closes after a doubled one", 'a,"b""', csvUnterminated, 0, 0],
  ["text after a closing quote", 'a,b\nc,"d"x\n', csvAfterQuote, 1, 1],
];

for (const [name, text, status, row, cells] of broken) {
  test(`scanCsvCells tells ${name} and in which record`, () => {
    const bytes = Buffer.from(text);
    const out = new Int32Array(4);
    const room = [new Int32Array(8), new Int32Array(8)] as const;
    assert.is(scanCsvCells(bytes, 0, bytes.length, true, 44, 2, allSlots(2), 2, ...room, 4, out), status);
    assert.is(out[0], row);
    if (status !== csvUnterminated) assert.is(out[2], cells);
  });
}

test("scanCsvRecords tells a quote that never closes, and after how many records", () => {
  const bytes = Buffer.from('a,b\nc,"d\ne,f\n');
  const out = new Int32Array(2);
  assert.is(scanCsvRecords(bytes, 0, bytes.length, true, 44, 2, true, out), csvUnterminated);
  assert.is(out[0], 1);
});

// fast-csv drops spaces that stand alone at a record's start, so cells are never spaces alone.
const cell = fc
  .array(fc.constantFrom("a", "b", "é", "0", ",", ";", '"', "\n", "\r\n", " ", "\t", "|", "日"), { maxLength: 6 })
  .map((units) => units.join(""))
  .filter((text) => text.trim() !== "" || text === "");
const document = fc.record({
  rows: fc
    .integer({ min: 2, max: 4 })
    .chain((columns) =>
      fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 12 }),
    ),
  delimiter: fc.constantFrom(",", ";", "\t", "|"),
  lineEnd: fc.constantFrom("\n", "\r\n"),
  quoteAll: fc.boolean(),
  endsWithBreak: fc.boolean(),
});

function write({
  rows,
  delimiter,
  lineEnd,
  quoteAll,
  endsWithBreak,
}: {
  rows: string[][];
  delimiter: string;
  lineEnd: string;
  quoteAll: boolean;
  endsWithBreak: boolean;
}): string {
  const written = rows.map((cells) =>
    cells
      .map((text) => (quoteAll || /["\r\n,;\t| ]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
      .join(delimiter),
  );
  return written.join(lineEnd) + (endsWithBreak ? lineEnd : "");
}

test("scanCsvCells gives back what was written, and the cells that fast-csv reads", async () => {
  await fc.assert(
    fc.asyncProperty(document, fc.integer({ min: 1, max: 40 }), async (what, pieceBytes) => {
      // A last record of one empty cell per column and no line break is still a record, for us and for fast-csv.
      const columns = what.rows[0]?.length ?? 0;
      const text = write(what);
      assert.equal(scan(text, columns, what.delimiter, 64, pieceBytes), what.rows);
      assert.equal(await fastCsv(text, what.delimiter), what.rows);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("scanCsvRecords counts the records of scanCsvCells and cuts where a record ends, with and without quotes", () => {
  fc.assert(
    fc.property(document, fc.nat(200), (what, cut) => {
      const columns = what.rows[0]?.length ?? 0;
      const bytes = Buffer.from(write(what));
      const end = Math.min(cut, bytes.length);
      const last = end === bytes.length;
      const records = new Int32Array(2);
      const cells = new Int32Array(4);
      const room = [new Int32Array(64), new Int32Array(64)] as const;
      const delimiter = what.delimiter.charCodeAt(0);
      const part = bytes.subarray(0, end);
      scanCsvRecords(part, 0, end, last, delimiter, columns, part.includes('"'), records);
      scanCsvCells(part, 0, end, last, delimiter, columns, allSlots(columns), columns, ...room, 16, cells);
      assert.equal([...records], [cells[0], cells[1]]);
      const always = new Int32Array(2);
      scanCsvRecords(part, 0, end, last, delimiter, columns, true, always);
      assert.equal([...always], [...records]);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test.run();
