/**
 * Parquet's hybrid of run-length encoding and bit-packing, straight to dictionary codes of 1, 2 or 4 bytes. What it computes is
 * `decodeRleBitPacked` and then `indicesToCodes` and `markUsed` (`kernels/rle-bit-packed.ts`, `kernels/codes.ts`), in one pass.
 */

import {
  all,
  type Code,
  type Expression,
  f64,
  fill,
  give,
  i32,
  i64,
  type Load,
  type Local,
  repeat,
  type Store,
  select,
  set,
  type WasmModule,
  when,
  whileTrue,
} from "./assembler.js";

/** Bytes of a code. */
export type CodeWidth = 1 | 2 | 4;

const widths: readonly CodeWidth[] = [1, 2, 4];
const shifts: Readonly<Record<CodeWidth, number>> = { 1: 0, 2: 1, 4: 2 };
const stores: Readonly<Record<CodeWidth, Store>> = { 1: i32.store8, 2: i32.store16, 4: i32.store };
const loads: Readonly<Record<CodeWidth, Load>> = { 1: i32.load8, 2: i32.load16, 4: i32.load };

/**
 * Adds, for each width of codes:
 * - `hybrid1(source, end, bits, target, count, size, used)`: decodes `count` indices of `bits` bits (0 to 32) and writes index plus one
 *   at `target`; for each, 1 goes to byte `used + code`. Gives the values decoded, fewer than `count` where the stream ends early or is
 *   malformed; -1 where an index is not below `size`.
 * - `spread1(target, levels, count, present)`: makes room for missing values, as `spreadCodes`.
 * - `narrow1(source, target, count)`: copies codes of 4 bytes.
 * - `lookUp1(codes, table, target, count)`: numbers by code, as `lookUpNumbers`.
 *
 * And `levels(source, end, target, count)`, as `decodeLevels`, but where one run says that all levels are 1 nothing is written; and
 * `spreadNumbers(target, levels, count, present)`.
 */
export function defineHybrid(module: WasmModule): void {
  for (const width of widths) {
    defineDecoder(module, width);
    defineSpread(module, width);
    defineNarrow(module, width);
    defineLookUp(module, width);
  }
  defineLevels(module);
  defineSpreadNumbers(module);
}

/** Reads a run's header, or leaves the function with `short`. */
function readHeader(at: Local, end: Local, header: Local, byte: Local, shift: Local, short: Code): Code {
  return all(
    set(header, 0),
    set(shift, 0),
    repeat((again) => [
      when(i32.atLeast(at, end), [short]),
      // no run of 2^31 values or more is in any file
      when(i32.greater(shift, 28), [short]),
      set(byte, i32.load8(at)),
      set(at, i32.add(at, 1)),
      set(header, i32.or(header, i32.shiftLeft(i32.and(byte, 0x7f), shift))),
      set(shift, i32.add(shift, 7)),
      when(i32.atLeast(byte, 128), [again]),
    ]),
  );
}

function scaled(value: Expression, width: CodeWidth): Expression {
  return width === 1 ? value : i32.shiftLeft(value, shifts[width]);
}

function defineDecoder(module: WasmModule, width: CodeWidth): void {
  const write = stores[width];
  const parameters = ["i32", "i32", "i32", "i32", "i32", "i32", "i32"] as const;
  module.define(`hybrid${width}`, parameters, ["i32"], ([source, end, bits, target, count, size, used], declare) => {
    const at = declare("i32");
    const to = declare("i32");
    const left = declare("i32");
    const header = declare("i32");
    const byte = declare("i32");
    const shift = declare("i32");
    const code = declare("i32");
    const values = declare("i32");
    const stop = declare("i32");
    const bit = declare("i32");
    const mask = declare("i64");
    const isShort = declare("i32");
    const short = give(i32.sub(count, left));
    const beyond = give(-1);
    const put = (offset: number): Code =>
      all(
        when(i32.atLeast(code, size), [beyond]),
        set(code, i32.add(code, 1)),
        i32.store8(i32.add(used, code), 1),
        write(to, code, offset),
      );
    const unpack = set(
      code,
      i64.narrow(
        i64.and(i64.shiftRight(i64.load(i32.add(at, i32.shiftRight(bit, 3))), i64.extend(i32.and(bit, 7))), mask),
      ),
    );
    const run = all(
      set(byte, i32.shiftRight(i32.add(bits, 7), 3)),
      when(i32.greater(byte, i32.sub(end, at)), [short]),
      // all bits of its bytes: as the plain kernel reads it
      set(code, i32.load(at)),
      when(i32.less(byte, 4), [set(code, i32.and(code, i32.sub(i32.shiftLeft(1, i32.shiftLeft(byte, 3)), 1)))]),
      set(at, i32.add(at, byte)),
      when(values, [
        when(i32.atLeast(code, size), [beyond]),
        set(code, i32.add(code, 1)),
        i32.store8(i32.add(used, code), 1),
        set(stop, i32.add(to, scaled(values, width))),
        whileTrue(i32.less(to, stop), [write(to, code), set(to, i32.add(to, width))]),
      ]),
    );
    const packed = all(
      set(isShort, 0),
      when(
        i64.greater(
          i64.mul(i64.extend(values), i64.extend(bits)),
          i64.shiftLeft(i64.extend(i32.sub(end, at)), i64.constant(3n)),
        ),
        [
          // those that lie wholly before the end
          set(
            values,
            i64.narrow(i64.divide(i64.shiftLeft(i64.extend(i32.sub(end, at)), i64.constant(3n)), i64.extend(bits))),
          ),
          set(isShort, 1),
        ],
      ),
      set(stop, i32.add(to, scaled(i32.and(values, -8), width))),
      whileTrue(i32.less(to, stop), [
        set(bit, 0),
        ...Array.from({ length: 8 }, (_, place) =>
          all(unpack, put(place * width), ...(place < 7 ? [set(bit, i32.add(bit, bits))] : [])),
        ),
        set(to, i32.add(to, 8 * width)),
        set(at, i32.add(at, bits)),
      ]),
      set(bit, 0),
      set(stop, i32.add(to, scaled(i32.and(values, 7), width))),
      whileTrue(i32.less(to, stop), [unpack, put(0), set(bit, i32.add(bit, bits)), set(to, i32.add(to, width))]),
      when(isShort, [give(i32.add(i32.sub(count, left), values))]),
    );
    return [
      set(at, source),
      set(to, target),
      set(left, count),
      set(mask, i64.shiftRight(i64.constant(-1n), i64.extend(i32.sub(64, bits)))),
      when(i32.isZero(bits), [
        when(i32.and(i32.isZero(size), i32.unequal(count, 0)), [beyond]),
        when(i32.unequal(count, 0), [i32.store8(used, 1, 1)]),
        set(stop, i32.add(to, scaled(count, width))),
        whileTrue(i32.less(to, stop), [write(to, 1), set(to, i32.add(to, width))]),
        give(count),
      ]),
      whileTrue(left, [
        readHeader(at, end, header, byte, shift, short),
        set(values, i32.shiftRight(header, 1)),
        when(
          i32.and(header, 1),
          [
            set(values, select(i32.greater(values, 0x0fffffff), 0x7fffffff, i32.shiftLeft(values, 3))),
            set(values, select(i32.less(values, left), values, left)),
            packed,
          ],
          [set(values, select(i32.less(values, left), values, left)), run],
        ),
        set(left, i32.sub(left, values)),
      ]),
      give(count),
    ];
  });
}

function defineSpread(module: WasmModule, width: CodeWidth): void {
  module.define(
    `spread${width}`,
    ["i32", "i32", "i32", "i32"],
    ["i32"],
    ([target, levels, count, present], declare) => {
      const from = declare("i32");
      const to = declare("i32");
      const level = declare("i32");
      const at = declare("i32");
      return [
        // from the end, so that no code is overwritten before it has moved
        set(from, i32.add(target, scaled(i32.sub(present, 1), width))),
        set(to, i32.add(target, scaled(i32.sub(count, 1), width))),
        set(at, i32.add(levels, i32.sub(count, 1))),
        whileTrue(i32.lessSigned(from, to), [
          // before the target where no code is left; what is read there is not used
          set(level, i32.load8(at)),
          stores[width](to, i32.mul(loads[width](from), level)),
          set(from, i32.sub(from, scaled(level, width))),
          set(to, i32.sub(to, width)),
          set(at, i32.sub(at, 1)),
        ]),
        give(0),
      ];
    },
  );
}

function defineSpreadNumbers(module: WasmModule): void {
  module.define("spreadNumbers", ["i32", "i32", "i32", "i32"], ["i32"], ([target, levels, count, present], declare) => {
    const from = declare("i32");
    const to = declare("i32");
    const level = declare("i32");
    const at = declare("i32");
    const nan = 0x7ff8000000000000n;
    return [
      set(from, i32.add(target, i32.shiftLeft(i32.sub(present, 1), 3))),
      set(to, i32.add(target, i32.shiftLeft(i32.sub(count, 1), 3))),
      set(at, i32.add(levels, i32.sub(count, 1))),
      whileTrue(i32.lessSigned(from, to), [
        set(level, i32.load8(at)),
        i64.store(to, select(level, i64.load(from), i64.constant(nan))),
        set(from, i32.sub(from, i32.shiftLeft(level, 3))),
        set(to, i32.sub(to, 8)),
        set(at, i32.sub(at, 1)),
      ]),
      give(0),
    ];
  });
}

function defineNarrow(module: WasmModule, width: CodeWidth): void {
  module.define(`narrow${width}`, ["i32", "i32", "i32"], ["i32"], ([source, target, count], declare) => {
    const from = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    return [
      set(from, source),
      set(to, target),
      set(stop, i32.add(target, scaled(count, width))),
      whileTrue(i32.less(to, stop), [
        stores[width](to, i32.load(from)),
        set(from, i32.add(from, 4)),
        set(to, i32.add(to, width)),
      ]),
      give(0),
    ];
  });
}

function defineLookUp(module: WasmModule, width: CodeWidth): void {
  module.define(`lookUp${width}`, ["i32", "i32", "i32", "i32"], ["i32"], ([codes, table, target, count], declare) => {
    const from = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    return [
      set(from, codes),
      set(to, target),
      set(stop, i32.add(target, i32.shiftLeft(count, 3))),
      whileTrue(i32.less(to, stop), [
        f64.store(to, f64.load(i32.add(table, i32.shiftLeft(loads[width](from), 3)))),
        set(from, i32.add(from, width)),
        set(to, i32.add(to, 8)),
      ]),
      give(0),
    ];
  });
}

function defineLevels(module: WasmModule): void {
  module.define("levels", ["i32", "i32", "i32", "i32"], ["i32"], ([source, end, target, count], declare) => {
    const at = declare("i32");
    const to = declare("i32");
    const left = declare("i32");
    const header = declare("i32");
    const byte = declare("i32");
    const shift = declare("i32");
    const values = declare("i32");
    const ones = declare("i32");
    const place = declare("i32");
    const short = give(-1);
    return [
      set(at, source),
      set(to, target),
      set(left, count),
      whileTrue(left, [
        readHeader(at, end, header, byte, shift, short),
        set(values, i32.shiftRight(header, 1)),
        when(
          i32.and(header, 1),
          [
            set(values, select(i32.greater(values, 0x0fffffff), 0x7fffffff, i32.shiftLeft(values, 3))),
            set(values, select(i32.less(values, left), values, left)),
            when(i32.greater(i32.shiftRight(i32.add(values, 7), 3), i32.sub(end, at)), [short]),
            set(place, 0),
            whileTrue(i32.less(place, values), [
              set(
                byte,
                i32.and(i32.shiftRight(i32.load8(i32.add(at, i32.shiftRight(place, 3))), i32.and(place, 7)), 1),
              ),
              set(ones, i32.add(ones, byte)),
              i32.store8(i32.add(to, place), byte),
              set(place, i32.add(place, 1)),
            ]),
            set(at, i32.add(at, i32.shiftRight(header, 1))),
          ],
          [
            set(values, select(i32.less(values, left), values, left)),
            when(i32.atLeast(at, end), [short]),
            set(byte, i32.and(i32.load8(at), 1)),
            set(at, i32.add(at, 1)),
            when(i32.and(byte, i32.equal(values, count)), [give(count)]),
            when(byte, [set(ones, i32.add(ones, values))]),
            fill(to, byte, values),
          ],
        ),
        set(to, i32.add(to, values)),
        set(left, i32.sub(left, values)),
      ]),
      give(ones),
    ];
  });
}
