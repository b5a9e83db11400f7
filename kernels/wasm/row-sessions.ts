/** The sessions of a chunk's rows: what `kernels/row-sessions.ts` and `kernels/pack-offsets.ts` compute, and what goes with it. */

import {
  type Code,
  entry,
  f64,
  give,
  i32,
  i64,
  type Load,
  type Store,
  set,
  v128,
  type WasmModule,
  type Width,
  when,
  whileTrue,
} from "./assembler.js";

const TWO_52 = 2 ** 52;

/** The upper half of 2^52 as a double's bits. */
const TWO_52_HIGH_BITS = 0x43300000;

const widths: readonly Width[] = [1, 2, 4, 8];
const loads: Readonly<Record<Width, Load>> = { 1: i32.load8, 2: i32.load16, 4: i32.load, 8: i64.load };
const stores: Readonly<Record<Width, Store>> = { 1: i32.store8, 2: i32.store16, 4: i32.store, 8: i64.store };

/**
 * Adds:
 * - `groupRows(session, user, time, rows, firstOf, sessionOf, previous, sessionCode, userCode, start, startRow, firstRow, lastRow, rowsOf)`, as
 *   the plain kernel.
 * - for values of each width, `hasChange1(values, previous, rows)`, as the plain kernel; and
 *   `placeFirst1(values, firstRow, places, target, count)`: writes the value of session i's first row to place `places[i]`.
 * - `placeRows(sessionOf, rows, places, rowsAt, sessions, next, out)`, as the plain kernel; and for values of each width
 *   `moveRows1(values, places, target, rows)`: writes each row's value to its place.
 * - `hasZero(codes, rows)`, of codes of 4 bytes, and `hasNaN(numbers, rows)`; `packOffsets(values, n, base, out)`, which gives 1 where the plain kernel says true.
 */
export function defineRowSessions(module: WasmModule): void {
  defineGroupRows(module);
  for (const width of widths) {
    defineHasChange(module, width);
    definePlaceFirst(module, width);
    defineMoveRows(module, width);
  }
  definePlaceRows(module);
  defineHasZero(module);
  defineHasNaN(module);
  definePackOffsets(module);
}

function defineGroupRows(module: WasmModule): void {
  const parameters = Array.from({ length: 14 }, () => "i32" as const);
  module.define("groupRows", parameters, ["i32"], (all, declare) => {
    const [session, user, time, rows, firstOf, sessionOf, previous] = all;
    const [sessionCode, userCode, start, startRow, firstRow, lastRow, rowsOf] = all.slice(7);
    const row = declare("i32");
    const at = declare("i32");
    const code = declare("i32");
    const local = declare("i32");
    const word = declare("i32");
    const count = declare("i32");
    const now = declare("f64");
    const infinity = f64.constant(Number.POSITIVE_INFINITY);
    const isEarlier = f64.less(now, f64.load(entry(start, local, 8)));
    const open: readonly Code[] = [
      set(local, count),
      set(count, i32.add(count, 1)),
      i32.store(entry(firstOf, code, 4), count),
      set(word, i32.shiftLeft(local, 2)),
      i32.store(i32.add(sessionCode, word), code),
      i32.store(i32.add(userCode, word), i32.load(i32.add(user, at))),
      f64.store(entry(start, local, 8), infinity),
      i32.store(i32.add(startRow, word), 0),
      i32.store(i32.add(firstRow, word), row),
      i32.store(i32.add(lastRow, word), row),
      i32.store(i32.add(rowsOf, word), 0),
    ];
    const again: readonly Code[] = [
      set(local, i32.sub(local, 1)),
      set(word, i32.shiftLeft(local, 2)),
      when(i32.unequal(i32.load(i32.add(userCode, word)), i32.load(i32.add(user, at))), [give(-1)]),
    ];
    return [
      whileTrue(i32.less(row, rows), [
        set(at, i32.shiftLeft(row, 2)),
        set(code, i32.load(i32.add(session, at))),
        set(local, i32.load(entry(firstOf, code, 4))),
        when(local, again, open),
        set(now, f64.load(entry(time, row, 8))),
        when(isEarlier, [f64.store(entry(start, local, 8), now), i32.store(i32.add(startRow, word), row)]),
        i32.store(i32.add(previous, at), i32.load(i32.add(lastRow, word))),
        i32.store(i32.add(lastRow, word), row),
        i32.store(i32.add(rowsOf, word), i32.add(i32.load(i32.add(rowsOf, word)), 1)),
        i32.store(i32.add(sessionOf, at), local),
        set(row, i32.add(row, 1)),
      ]),
      give(count),
    ];
  });
}

function defineHasChange(module: WasmModule, width: Width): void {
  const isOther = width === 8 ? i64.unequal : i32.unequal;
  module.define(`hasChange${width}`, ["i32", "i32", "i32"], ["i32"], ([values, previous, rows], declare) => {
    const at = declare("i32");
    const before = declare("i32");
    const stop = declare("i32");
    return [
      set(at, values),
      set(before, previous),
      set(stop, entry(previous, rows, 4)),
      whileTrue(i32.less(before, stop), [
        when(isOther(loads[width](at), loads[width](entry(values, i32.load(before), width))), [give(1)]),
        set(at, i32.add(at, width)),
        set(before, i32.add(before, 4)),
      ]),
      give(0),
    ];
  });
}

function definePlaceFirst(module: WasmModule, width: Width): void {
  const parameters = Array.from({ length: 5 }, () => "i32" as const);
  module.define(`placeFirst${width}`, parameters, ["i32"], ([values, firstRow, places, target, count], declare) => {
    const at = declare("i32");
    const stop = declare("i32");
    return [
      set(stop, i32.shiftLeft(count, 2)),
      whileTrue(i32.less(at, stop), [
        stores[width](
          entry(target, i32.load(i32.add(places, at)), width),
          loads[width](entry(values, i32.load(i32.add(firstRow, at)), width)),
        ),
        set(at, i32.add(at, 4)),
      ]),
      give(0),
    ];
  });
}

function definePlaceRows(module: WasmModule): void {
  const parameters = Array.from({ length: 7 }, () => "i32" as const);
  module.define("placeRows", parameters, ["i32"], (all, declare) => {
    const [sessionOf, rows, places, rowsAt, sessions, next, out] = all;
    const at = declare("i32");
    const stop = declare("i32");
    const sum = declare("i32");
    const starts = declare("i32");
    const slot = declare("i32");
    const place = declare("i32");
    return [
      set(starts, entry(next, sessions, 4)),
      set(stop, i32.shiftLeft(sessions, 2)),
      whileTrue(i32.less(at, stop), [
        i32.store(i32.add(starts, at), sum),
        set(sum, i32.add(sum, i32.load(i32.add(rowsAt, at)))),
        set(at, i32.add(at, 4)),
      ]),
      set(at, 0),
      whileTrue(i32.less(at, stop), [
        i32.store(i32.add(next, at), i32.load(entry(starts, i32.load(i32.add(places, at)), 4))),
        set(at, i32.add(at, 4)),
      ]),
      set(at, 0),
      set(stop, i32.shiftLeft(rows, 2)),
      whileTrue(i32.less(at, stop), [
        set(slot, entry(next, i32.load(i32.add(sessionOf, at)), 4)),
        set(place, i32.load(slot)),
        i32.store(slot, i32.add(place, 1)),
        i32.store(i32.add(out, at), place),
        set(at, i32.add(at, 4)),
      ]),
      give(0),
    ];
  });
}

function defineMoveRows(module: WasmModule, width: Width): void {
  module.define(
    `moveRows${width}`,
    ["i32", "i32", "i32", "i32"],
    ["i32"],
    ([values, places, target, rows], declare) => {
      const at = declare("i32");
      const from = declare("i32");
      const stop = declare("i32");
      return [
        set(at, places),
        set(from, values),
        set(stop, entry(places, rows, 4)),
        whileTrue(i32.less(at, stop), [
          stores[width](entry(target, i32.load(at), width), loads[width](from)),
          set(at, i32.add(at, 4)),
          set(from, i32.add(from, width)),
        ]),
        give(0),
      ];
    },
  );
}

function defineHasZero(module: WasmModule): void {
  module.define("hasZero", ["i32", "i32"], ["i32"], ([codes, rows], declare) => {
    const at = declare("i32");
    const stop = declare("i32");
    const none = declare("v128");
    return [
      set(at, codes),
      set(stop, entry(codes, rows, 4)),
      whileTrue(i32.atMost(i32.add(at, 16), stop), [
        when(v128.any(v128.equal32(v128.load(at), none)), [give(1)]),
        set(at, i32.add(at, 16)),
      ]),
      whileTrue(i32.less(at, stop), [when(i32.isZero(i32.load(at)), [give(1)]), set(at, i32.add(at, 4))]),
      give(0),
    ];
  });
}

function defineHasNaN(module: WasmModule): void {
  module.define("hasNaN", ["i32", "i32"], ["i32"], ([numbers, rows], declare) => {
    const at = declare("i32");
    const stop = declare("i32");
    const two = declare("v128");
    return [
      set(at, numbers),
      set(stop, entry(numbers, rows, 8)),
      whileTrue(i32.atMost(i32.add(at, 16), stop), [
        set(two, v128.load(at)),
        when(v128.any(v128.unequalNumbers(two, two)), [give(1)]),
        set(at, i32.add(at, 16)),
      ]),
      when(i32.less(at, stop), [give(f64.unequal(f64.load(at), f64.load(at)))]),
      give(0),
    ];
  });
}

function definePackOffsets(module: WasmModule): void {
  module.define("packOffsets", ["i32", "i32", "f64", "i32"], ["i32"], ([values, n, base, out], declare) => {
    const at = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    const value = declare("f64");
    const shifted = declare("f64");
    const bits = declare("i64");
    const wrong = declare("i32");
    return [
      set(at, values),
      set(to, out),
      set(stop, entry(out, n, 4)),
      whileTrue(i32.less(to, stop), [
        set(value, f64.load(at)),
        // beside 2^52 a double's low bits are the whole number, and its high ones say whether it is of 32 bits
        set(shifted, f64.add(f64.sub(value, base), f64.constant(TWO_52))),
        set(bits, i64.bitsOf(shifted)),
        i32.store(to, i64.narrow(bits)),
        set(wrong, i32.or(wrong, f64.unequal(f64.add(base, f64.sub(shifted, f64.constant(TWO_52))), value))),
        set(wrong, i32.or(wrong, i32.unequal(i64.narrow(i64.shiftRight(bits, i64.constant(32n))), TWO_52_HIGH_BITS))),
        set(at, i32.add(at, 8)),
        set(to, i32.add(to, 4)),
      ]),
      give(i32.isZero(wrong)),
    ];
  });
}
