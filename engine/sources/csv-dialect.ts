import { LeadlineError } from "../../errors.js";
import { csvDone, csvFull, csvRagged, csvUnterminated, scanCsvCells, unescapeCells } from "../../kernels/csv-scan.js";
import { shownPath } from "./shown-path.js";
import { TextReader } from "./text-reader.js";
import { parseTime } from "./time.js";

/** How a CSV file is written, and its columns. */
export interface CsvDialect {
  /** Column names: the header's cells without spaces around them, `column_3` for an empty third one. */
  readonly names: readonly string[];
  readonly delimiter: "," | ";" | "\t" | "|";
  /**
   * `plain`: UTF-8, RFC 4180, records end at LF or CRLF; read by our scanner. Else by fast-csv: `backslash` (`\"` inside quotes),
   * `carriage-return` (records end at CR), `utf16` (little-endian).
   */
  readonly kind: "plain" | "backslash" | "carriage-return" | "utf16";
  /** Plain files: where the first record after the header starts. */
  readonly headerBytes: number;
  /** Bytes of a record, on average over the file's beginning. */
  readonly recordBytes: number;
}

const sampleBytes = 64 * 1024;
const delimiters = [",", ";", "\t", "|"] as const;

/**
 * Reads a CSV file's beginning: the delimiter is the one of `,` `;` tab `|` that cuts the header into the most cells.
 * @throws LeadlineError `source-invalid` when the file is empty, has no header row, or column names stand twice
 */
export async function readCsvDialect(file: string): Promise<CsvDialect> {
  const reader = new TextReader(file, sampleBytes);
  try {
    for (;;) {
      await reader.fill();
      const dialect = detect(file, reader.bytes.subarray(0, reader.length), reader.last);
      if (dialect !== undefined) return dialect;
      reader.grow();
    }
  } finally {
    await reader.close();
  }
}

/** The dialect, undefined when the header is longer than the sample. */
function detect(file: string, sample: Uint8Array, last: boolean): CsvDialect | undefined {
  if (sample[0] === 0xfe && sample[1] === 0xff)
    throw new LeadlineError(
      "source-invalid",
      `${shownPath(file)}: unsupported encoding: UTF-16 big-endian; UTF-8 and UTF-16 little-endian are read`,
    );
  const utf16 = sample[0] === 0xff && sample[1] === 0xfe;
  const text = utf16 ? Buffer.from(Buffer.from(sample).toString("utf16le")) : sample;
  const carriageReturn = text.includes(13) && !text.includes(10);
  const bytes = carriageReturn ? text.map((byte) => (byte === 13 ? 10 : byte)) : text;

  let start = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[start] === 10 || bytes[start] === 13) start++;
  if (start >= bytes.length) {
    if (!last) return undefined;
    throw new LeadlineError("source-invalid", `${shownPath(file)}: the file is empty; a header row is required`);
  }
  const header = readHeader(bytes, start, last);
  if (header === "longer") return undefined;
  if (header === "unterminated")
    throw new LeadlineError("source-invalid", `${shownPath(file)}: the header row opens a quote that never closes`);
  checkNames(file, header.names);
  const kind = utf16
    ? "utf16"
    : carriageReturn
      ? "carriage-return"
      : escapesByBackslash(bytes, last, header)
        ? "backslash"
        : "plain";
  return {
    names: header.names,
    delimiter: header.delimiter,
    kind,
    headerBytes: header.end,
    recordBytes: averageRecordBytes(bytes, header.end),
  };
}

interface Header {
  readonly names: readonly string[];
  readonly delimiter: CsvDialect["delimiter"];
  readonly end: number;
}

function readHeader(bytes: Uint8Array, start: number, last: boolean): Header | "longer" | "unterminated" {
  let best: { readonly delimiter: CsvDialect["delimiter"]; readonly columns: number } | undefined;
  let unterminated = false;
  for (const delimiter of delimiters) {
    const out = new Int32Array(4);
    const none = new Int32Array(0);
    // Read as one column, a wider header is ragged, and that tells its cells.
    const slots = Int32Array.of(-1);
    const status = scanCsvCells(
      bytes,
      start,
      bytes.length,
      last,
      delimiter.charCodeAt(0),
      1,
      slots,
      0,
      none,
      none,
      1,
      out,
    );
    if (status === csvUnterminated) unterminated = true;
    if (status === csvDone && out[0] === 0) return "longer";
    const columns = status === csvRagged && out[0] === 0 ? (out[2] ?? 0) : out[0] === 1 ? 1 : 0;
    if (columns > (best?.columns ?? 0)) best = { delimiter, columns };
  }
  // A header of one column in which some delimiter would open a quote is one that a quote left open has swallowed.
  if (best === undefined || (unterminated && best.columns === 1)) {
    if (!last && unterminated) return "longer";
    return "unterminated";
  }
  const { columns, delimiter } = best;
  const slots = Int32Array.from({ length: columns }, (_, column) => column);
  const starts = new Int32Array(columns);
  const ends = new Int32Array(columns);
  const out = new Int32Array(4);
  scanCsvCells(
    bytes,
    start,
    bytes.length,
    last,
    delimiter.charCodeAt(0),
    columns,
    slots,
    columns,
    starts,
    ends,
    1,
    out,
  );
  const copy = bytes.slice(0, out[1]);
  unescapeCells(copy, starts, ends, columns);
  const decoder = new TextDecoder();
  const names = Array.from(starts, (from, column) => {
    const name = decoder.decode(copy.subarray(from, ends[column])).trim();
    return name === "" ? `column_${column + 1}` : name;
  });
  return { names, delimiter, end: out[1] ?? 0 };
}

function checkNames(file: string, names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name))
      throw new LeadlineError(
        "source-invalid",
        `${shownPath(file)}: the header names column ${name} twice; names must differ`,
      );
    seen.add(name);
    if (!Number.isNaN(parseTime(name)))
      throw new LeadlineError(
        "source-invalid",
        `${shownPath(file)}: the first row holds ${JSON.stringify(name)}, a value; a header row with the columns' names is required`,
      );
  }
}

/** A sample that RFC 4180 cannot read and that has `\"` is taken to escape quotes so. */
function escapesByBackslash(bytes: Uint8Array, last: boolean, header: Header): boolean {
  if (!Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('\\"')) return false;
  const columns = header.names.length;
  const none = new Int32Array(0);
  const status = scanCsvCells(
    bytes,
    header.end,
    bytes.length,
    last,
    header.delimiter.charCodeAt(0),
    columns,
    new Int32Array(columns).fill(-1),
    0,
    none,
    none,
    bytes.length,
    new Int32Array(4),
  );
  return status !== csvDone && status !== csvFull;
}

function averageRecordBytes(bytes: Uint8Array, start: number): number {
  let lines = 0;
  for (let at = start; at < bytes.length; at++) if (bytes[at] === 10) lines++;
  return Math.max(1, (bytes.length - start) / Math.max(1, lines));
}
