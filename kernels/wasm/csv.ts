/**
 * CSV over bytes, 16 at a time: what `scanCsvCells` and `scanCsvRecords` (`kernels/csv-scan.ts`) find, by the same rules.
 */

import { csvAfterQuote, csvDone, csvFull, csvRagged, csvUnterminated } from "../csv-scan.js";
import {
  all,
  type Code,
  type Expression,
  give,
  i32,
  type Local,
  repeat,
  set,
  v128,
  type WasmModule,
  when,
  whileTrue,
} from "./assembler.js";

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const quote = 34;

/**
 * Adds
 * - `csvCells(start, end, last, delimiter, columns, slots, stride, starts, ends, maxRows, out)`: `scanCsvCells`, of addresses: those of the
 *   text, of int32 arrays and of `out`. Bounds of cells are addresses as well.
 * - `csvCut(start, end, delimiter, out)`: where the last record that ends in the text ends, `start` where none does; 1 goes to the int32
 *   `out` where the text ends inside quotes, else 0.
 */
export function defineCsv(module: WasmModule): void {
  defineCells(module);
  defineCut(module);
}

/** Moves `cursor` to the next byte that is one of those splatted, or to `end`. */
function find(cursor: Local, end: Local, splats: readonly [Local, ...Local[]], mask: Local): Code {
  const [first, ...others] = splats;
  const block = v128.load(cursor);
  const hits = others.reduce<Expression>(
    (found, splat) => v128.or(found, v128.equalBytes(block, splat)),
    v128.equalBytes(block, first),
  );
  return all(
    repeat((again) => [
      set(mask, v128.mask(hits)),
      when(
        mask,
        [set(cursor, i32.add(cursor, i32.trailingZeros(mask)))],
        [set(cursor, i32.add(cursor, 16)), when(i32.less(cursor, end), [again])],
      ),
    ]),
    // what stands beyond the end is not the text's
    when(i32.greater(cursor, end), [set(cursor, end)]),
  );
}

function defineCells(module: WasmModule): void {
  const parameters = Array.from({ length: 11 }, () => "i32" as const);
  module.define("csvCells", parameters, ["i32"], (given, declare) => {
    const [start, end, last, delimiter, columns, slots, stride, starts, ends, maxRows, out] = given;
    const row = declare("i32");
    const escaped = declare("i32");
    const escapedBefore = declare("i32");
    const at = declare("i32");
    const column = declare("i32");
    const cursor = declare("i32");
    const cellStart = declare("i32");
    const cellEnd = declare("i32");
    const first = declare("i32");
    const byte = declare("i32");
    const doubled = declare("i32");
    const slot = declare("i32");
    const base = declare("i32");
    const mask = declare("i32");
    const delimiters = declare("v128");
    const lineFeeds = declare("v128");
    const quotes = declare("v128");
    const finish = (status: number): Code =>
      all(i32.store(out, row), i32.store(out, at, 4), i32.store(out, escaped, 12), give(status));
    /** The record goes on beyond the text. */
    const cutOff = all(set(escaped, escapedBefore), finish(csvDone));
    const quoted = all(
      set(first, i32.add(first, 1)),
      set(cellStart, first),
      set(doubled, 0),
      repeat((again) => [
        find(first, end, [quotes], mask),
        when(i32.less(i32.add(first, 1), end), [
          when(i32.equal(i32.load8(first, 1), quote), [
            set(doubled, 1),
            set(first, i32.add(first, 2)),
            when(i32.less(first, end), [again]),
          ]),
        ]),
      ]),
      // open to the end, or closed by the last byte, after which another quote might follow
      when(i32.or(i32.atLeast(first, end), i32.and(i32.equal(i32.add(first, 1), end), i32.isZero(last))), [
        set(escaped, escapedBefore),
        when(last, [finish(csvUnterminated)]),
        finish(csvDone),
      ]),
      set(cellEnd, first),
      set(cursor, i32.add(first, 1)),
      skipSpaces(cursor, end),
      when(i32.less(cursor, end), [
        when(i32.equal(i32.load8(cursor), carriageReturn), [
          when(
            i32.equal(i32.add(cursor, 1), end),
            [set(cursor, end)],
            [when(i32.equal(i32.load8(cursor, 1), lineFeed), [set(cursor, i32.add(cursor, 1))])],
          ),
        ]),
      ]),
      when(i32.less(cursor, end), [
        set(byte, i32.load8(cursor)),
        when(i32.and(i32.unequal(byte, delimiter), i32.unequal(byte, lineFeed)), [
          i32.store(out, column, 8),
          finish(csvAfterQuote),
        ]),
      ]),
      when(doubled, [
        set(cellStart, i32.xor(cellStart, -1)),
        when(i32.less(column, columns), [
          when(i32.lessSigned(-1, i32.load(i32.add(slots, i32.shiftLeft(column, 2)))), [
            set(escaped, i32.add(escaped, 1)),
          ]),
        ]),
      ]),
    );
    const plain = all(
      find(cursor, end, [delimiters, lineFeeds], mask),
      set(cellEnd, cursor),
      when(i32.greater(cellEnd, cellStart), [
        when(i32.equal(i32.load8(i32.sub(cellEnd, 1)), carriageReturn), [
          when(
            i32.equal(cursor, end),
            [set(cellEnd, i32.sub(cellEnd, 1))],
            [when(i32.equal(i32.load8(cursor), lineFeed), [set(cellEnd, i32.sub(cellEnd, 1))])],
          ),
        ]),
      ]),
    );
    return [
      set(row, i32.load(out)),
      set(escaped, i32.load(out, 12)),
      set(at, start),
      set(delimiters, v128.splat(delimiter)),
      set(lineFeeds, v128.splat(lineFeed)),
      set(quotes, v128.splat(quote)),
      repeat((nextRecord) => [
        when(i32.less(at, end), [
          when(i32.greater(columns, 1), [skipBlank(at, end, last, byte, nextRecord)]),
          when(i32.equal(row, maxRows), [finish(csvFull)]),
          set(base, i32.shiftLeft(i32.mul(row, stride), 2)),
          set(escapedBefore, escaped),
          set(column, 0),
          set(cursor, at),
          repeat((nextCell) => [
            set(cellStart, cursor),
            set(first, cursor),
            when(i32.atMost(i32.load8(cursor), quote), [skipSpaces(first, end)]),
            when(i32.and(i32.equal(i32.load8(first), quote), i32.less(first, end)), [quoted], [plain]),
            when(i32.and(i32.equal(cursor, end), i32.isZero(last)), [cutOff]),
            when(i32.less(column, columns), [
              set(slot, i32.load(i32.add(slots, i32.shiftLeft(column, 2)))),
              when(i32.lessSigned(-1, slot), [
                set(slot, i32.add(base, i32.shiftLeft(slot, 2))),
                i32.store(i32.add(starts, slot), cellStart),
                i32.store(i32.add(ends, slot), cellEnd),
              ]),
            ]),
            set(column, i32.add(column, 1)),
            when(i32.less(cursor, end), [
              set(byte, i32.load8(cursor)),
              set(cursor, i32.add(cursor, 1)),
              when(i32.unequal(byte, lineFeed), [nextCell]),
            ]),
          ]),
          when(i32.unequal(column, columns), [i32.store(out, column, 8), finish(csvRagged)]),
          set(at, cursor),
          set(row, i32.add(row, 1)),
          nextRecord,
        ]),
      ]),
      finish(csvDone),
    ];
  });
}

function skipSpaces(cursor: Local, end: Local): Code {
  return whileTrue(i32.and(i32.less(cursor, end), i32.equal(i32.load8(cursor), space)), [
    set(cursor, i32.add(cursor, 1)),
  ]);
}

/** Goes on to the next record where a blank line starts here. */
function skipBlank(at: Local, end: Local, last: Local, byte: Local, nextRecord: Code): Code {
  return all(
    set(byte, i32.load8(at)),
    when(i32.equal(byte, lineFeed), [set(at, i32.add(at, 1)), nextRecord]),
    when(i32.equal(byte, carriageReturn), [
      when(
        i32.equal(i32.add(at, 1), end),
        [when(last, [set(at, end), nextRecord])],
        [when(i32.equal(i32.load8(at, 1), lineFeed), [set(at, i32.add(at, 2)), nextRecord])],
      ),
    ]),
  );
}

function defineCut(module: WasmModule): void {
  module.define("csvCut", ["i32", "i32", "i32", "i32"], ["i32"], ([start, end, delimiter, out], declare) => {
    const at = declare("i32");
    const cut = declare("i32");
    const before = declare("i32");
    const byte = declare("i32");
    const mask = declare("i32");
    const breaks = declare("i32");
    const quotes = declare("v128");
    const lineFeeds = declare("v128");
    const note = when(breaks, [set(cut, i32.add(at, i32.sub(32, i32.leadingZeros(breaks))))]);
    const block = v128.load(at);
    return [
      set(at, start),
      set(cut, start),
      set(quotes, v128.splat(quote)),
      set(lineFeeds, v128.splat(lineFeed)),
      i32.store(out, 0),
      repeat((again) => [
        when(i32.less(at, end), [
          set(mask, v128.mask(v128.equalBytes(block, quotes))),
          set(breaks, v128.mask(v128.equalBytes(block, lineFeeds))),
          // what stands beyond the end is not the text's
          when(i32.less(i32.sub(end, at), 16), [
            set(byte, i32.sub(i32.shiftLeft(1, i32.sub(end, at)), 1)),
            set(mask, i32.and(mask, byte)),
            set(breaks, i32.and(breaks, byte)),
          ]),
          when(i32.isZero(mask), [note, set(at, i32.add(at, 16)), again]),
          // those before the quote
          set(breaks, i32.and(breaks, i32.sub(i32.and(mask, i32.sub(0, mask)), 1))),
          note,
          set(at, i32.add(at, i32.trailingZeros(mask))),
          set(before, i32.sub(at, 1)),
          set(at, i32.add(at, 1)),
          whileTrue(i32.and(i32.atLeast(before, start), i32.equal(i32.load8(before), space)), [
            set(before, i32.sub(before, 1)),
          ]),
          when(i32.atLeast(before, start), [
            set(byte, i32.load8(before)),
            when(i32.and(i32.unequal(byte, delimiter), i32.unequal(byte, lineFeed)), [again]),
          ]),
          repeat((inside) => [
            find(at, end, [quotes], mask),
            when(i32.less(i32.add(at, 1), end), [
              when(i32.equal(i32.load8(at, 1), quote), [set(at, i32.add(at, 2)), when(i32.less(at, end), [inside])]),
            ]),
          ]),
          when(i32.atLeast(at, end), [i32.store(out, 1), give(cut)]),
          set(at, i32.add(at, 1)),
          again,
        ]),
      ]),
      give(cut),
    ];
  });
}
