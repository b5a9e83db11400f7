/** Machine numbers of Parquet's PLAIN encoding as doubles: what `kernels/plain-values.ts` computes. */

import { type Expression, f64, give, i32, i64, type Local, set, type WasmModule, whileTrue } from "./assembler.js";

/** How a kind of number is read: its bytes, and its double. */
const kinds: readonly (readonly [string, number, (from: Local) => Expression])[] = [
  ["int32", 4, (from) => f64.fromInt32(i32.load(from))],
  ["uint32", 4, (from) => f64.fromUint32(i32.load(from))],
  ["int64", 8, (from) => f64.fromInt64(i64.load(from))],
  ["uint64", 8, (from) => f64.fromUint64(i64.load(from))],
  ["float", 4, (from) => f64.loadFloat(from)],
  ["double", 8, (from) => f64.load(from)],
];

/**
 * Adds `int32`, `uint32`, `int64`, `uint64`, `float` and `double`, each `(source, target, count, multiplier, divisor)`: writes
 * `value * multiplier / divisor`, correctly rounded where the product is exact. O(count).
 */
export function defineNumbers(module: WasmModule): void {
  for (const [name, bytes, value] of kinds) {
    module.define(
      name,
      ["i32", "i32", "i32", "f64", "f64"],
      ["i32"],
      ([source, target, count, multiplier, divisor], declare) => {
        const from = declare("i32");
        const to = declare("i32");
        const stop = declare("i32");
        return [
          set(from, source),
          set(to, target),
          set(stop, i32.add(target, i32.shiftLeft(count, 3))),
          whileTrue(i32.less(to, stop), [
            f64.store(to, f64.div(f64.mul(value(from), multiplier), divisor)),
            set(from, i32.add(from, bytes)),
            set(to, i32.add(to, 8)),
          ]),
          give(0),
        ];
      },
    );
  }
}
