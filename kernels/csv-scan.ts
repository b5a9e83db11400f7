/**
 * Records and cells of CSV text (RFC 4180) over bytes, without making strings.
 *
 * A quote opens a quoted cell only where a cell starts (spaces before it are skipped), `""` inside is one quote, and line breaks
 * inside belong to the cell. Records end at LF or CRLF. Where a record has more than one column, a blank line is none.
 * Both functions walk by the same rules, so that a stretch which one of them cuts is whole for the other.
 */

/** Everything up to `end` was read. */
export const csvDone = 0;
/** `maxRows` records were read; go on at `out[1]` with more room. */
export const csvFull = 1;
/** Record `out[0]` has `out[2]` cells, which is not the number of columns. */
export const csvRagged = 2;
/** Record `out[0]` opens a quote that never closes. */
export const csvUnterminated = 3;
/** Record `out[0]` has text between a closing quote and the next delimiter, in cell `out[2]` (from 0). */
export const csvAfterQuote = 4;

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;

/**
 * Bounds of the wanted cells of whole records. O(end - start), no allocation.
 *
 * A cell that holds doubled quotes has its start stored as `~start`; `unescapeCells` turns it into a plain one.
 * @param bytes - Uint8Array, UTF-8; from a record's start
 * @param start - first byte
 * @param end - byte after the last
 * @param last - whether the text ends at `end`; else a record that does not end before it is left for the next call
 * @param delimiter - byte between cells
 * @param columns - cells of a record
 * @param slots - Int32Array(columns), place among the wanted cells, -1 = not wanted
 * @param stride - number of wanted cells
 * @param starts - Int32Array(maxRows * stride), out: cell of row r and slot s at r * stride + s
 * @param ends - Int32Array(maxRows * stride), out
 * @param maxRows - room
 * @param out - Int32Array(4): records so far (in and out), position after the last record, cells (see the status), number of escaped cells (in and out)
 * @returns one of the csv statuses
 */
export function scanCsvCells(
  bytes: Uint8Array,
  start: number,
  end: number,
  last: boolean,
  delimiter: number,
  columns: number,
  slots: Int32Array,
  stride: number,
  starts: Int32Array,
  ends: Int32Array,
  maxRows: number,
  out: Int32Array,
): number {
  let row = out[0];
  let escaped = out[3];
  let at = start;
  let status = csvDone;
  records: while (at < end) {
    if (columns > 1) {
      const width = blankLine(bytes, at, end, last);
      if (width > 0) {
        at += width;
        continue;
      }
    }
    if (row === maxRows) {
      status = csvFull;
      break;
    }
    const base = row * stride;
    const escapedBefore = escaped;
    let column = 0;
    let cursor = at;
    for (;;) {
      let cellStart = cursor;
      let cellEnd = 0;
      let first = cursor;
      while (first < end && bytes[first] === space) first++;
      if (first < end && bytes[first] === quote) {
        cellStart = ++first;
        let doubled = false;
        for (;;) {
          while (first < end && bytes[first] !== quote) first++;
          if (first + 1 >= end || bytes[first + 1] !== quote) break;
          doubled = true;
          first += 2;
        }
        if (first >= end || (first + 1 === end && !last)) {
          escaped = escapedBefore;
          if (last) status = csvUnterminated;
          break records;
        }
        cellEnd = first;
        cursor = first + 1;
        while (cursor < end && bytes[cursor] === space) cursor++;
        if (
          cursor < end &&
          bytes[cursor] === carriageReturn &&
          (cursor + 1 < end ? bytes[cursor + 1] === lineFeed : true)
        )
          cursor++;
        if (cursor < end && bytes[cursor] !== delimiter && bytes[cursor] !== lineFeed) {
          out[2] = column;
          status = csvAfterQuote;
          break records;
        }
        if (doubled) {
          cellStart = ~cellStart;
          if (column < columns && slots[column] >= 0) escaped++;
        }
      } else {
        while (cursor < end && bytes[cursor] !== delimiter && bytes[cursor] !== lineFeed) cursor++;
        cellEnd = cursor;
        if (
          cellEnd > cellStart &&
          bytes[cellEnd - 1] === carriageReturn &&
          (cursor === end || bytes[cursor] === lineFeed)
        )
          cellEnd--;
      }
      if (cursor === end && !last) {
        escaped = escapedBefore;
        break records;
      }
      if (column < columns) {
        const slot = slots[column];
        if (slot >= 0) {
          starts[base + slot] = cellStart;
          ends[base + slot] = cellEnd;
        }
      }
      column++;
      if (cursor === end) break;
      if (bytes[cursor++] === lineFeed) break;
    }
    if (column !== columns) {
      out[2] = column;
      status = csvRagged;
      break;
    }
    at = cursor;
    row++;
  }
  out[0] = row;
  out[1] = at;
  out[3] = escaped;
  return status;
}

/**
 * Records of a stretch, and where the last whole one ends. O(end - start), no allocation.
 * @param bytes - Uint8Array, UTF-8; from a record's start
 * @param start - first byte
 * @param end - byte after the last
 * @param last - whether the text ends at `end`
 * @param delimiter - byte between cells
 * @param columns - cells of a record; only whether it is one matters
 * @param hasQuotes - whether the stretch holds any quote; where it has none, a third of the work is spared
 * @param out - Int32Array(2), out: records, position after the last whole one
 * @returns `csvDone`, or `csvUnterminated` when `last` and the record after those counted opens a quote that never closes
 */
export function scanCsvRecords(
  bytes: Uint8Array,
  start: number,
  end: number,
  last: boolean,
  delimiter: number,
  columns: number,
  hasQuotes: boolean,
  out: Int32Array,
): number {
  let records = 0;
  let at = start;
  let status = csvDone;
  while (at < end) {
    if (columns > 1) {
      const width = blankLine(bytes, at, end, last);
      if (width > 0) {
        at += width;
        continue;
      }
    }
    let cursor = at;
    for (;;) {
      if (hasQuotes) while (cursor < end && bytes[cursor] !== lineFeed && bytes[cursor] !== quote) cursor++;
      else while (cursor < end && bytes[cursor] !== lineFeed) cursor++;
      if (cursor >= end || bytes[cursor] === lineFeed) break;
      if (!opensCell(bytes, at, cursor++, delimiter)) continue;
      for (;;) {
        while (cursor < end && bytes[cursor] !== quote) cursor++;
        if (cursor + 1 >= end || bytes[cursor + 1] !== quote) break;
        cursor += 2;
      }
      if (cursor >= end && last) status = csvUnterminated;
      cursor++;
    }
    if (status !== csvDone || (cursor >= end && !last)) break;
    at = cursor < end ? cursor + 1 : end;
    records++;
  }
  out[0] = records;
  out[1] = at;
  return status;
}

/**
 * Turns the cells that hold doubled quotes (`~start`) into plain ones, in place. O(their length).
 * @param bytes - Uint8Array, UTF-8; changed inside those cells
 * @param starts - Int32Array(cells), in and out
 * @param ends - Int32Array(cells), in and out
 * @param cells - rows * stride
 */
export function unescapeCells(bytes: Uint8Array, starts: Int32Array, ends: Int32Array, cells: number): void {
  for (let cell = 0; cell < cells; cell++) {
    if (starts[cell] >= 0) continue;
    const start = ~starts[cell];
    const end = ends[cell];
    let to = start;
    for (let from = start; from < end; from++) {
      if (bytes[from] === quote) from++;
      bytes[to++] = bytes[from];
    }
    starts[cell] = start;
    ends[cell] = to;
  }
}

/** Bytes of the blank line that starts here, 0 where none does. */
function blankLine(bytes: Uint8Array, at: number, end: number, last: boolean): number {
  const byte = bytes[at];
  if (byte === lineFeed) return 1;
  if (byte !== carriageReturn) return 0;
  if (at + 1 === end) return last ? 1 : 0;
  return bytes[at + 1] === lineFeed ? 2 : 0;
}

/** Whether the quote at `at` is a cell's first byte but for spaces. */
function opensCell(bytes: Uint8Array, recordStart: number, at: number, delimiter: number): boolean {
  let before = at - 1;
  while (before >= recordStart && bytes[before] === space) before--;
  return before < recordStart || bytes[before] === delimiter;
}
