/**
 * ISO date-times of text cells, the shapes that nearly every file has: what `parseTimeBytes` (`kernels/parse-time.ts`) makes of them, eight
 * digits at a time (D. Lemire's technique of testing and joining bytes within a word). Dates repeat, so the caller works each out once.
 */

import {
  type Code,
  type Expression,
  f64,
  give,
  i32,
  i64,
  type Local,
  set,
  type WasmModule,
  when,
  whileTrue,
} from "./assembler.js";

/** What the kernel knows of a date: byte offsets of the eight bytes `YYYY-MM-`, the two of the day, and its ms since the epoch. */
export const knownDate = { head: 0, day: 8, ms: 16, bytes: 24 } as const;

const nan = 0x7ff8000000000000n;
const clockZeros = 0x30303a30303a3030n;
const colons = 0x0000ff0000ff0000n;

/**
 * Adds `cellTimes(starts, ends, step, target, count, date)`: writes the moments of cells, NaN for an empty one, while they are
 * `YYYY-MM-DD` of the known date alone or with `T` or a space, `HH:MM:SS`, nothing or a fraction of 3 or 6 digits, and nothing or `Z`.
 * Bounds are addresses, every `step` bytes. O(count).
 * @returns (of the function) the first cell that is anything else, `count` where there is none
 */
export function defineTimes(module: WasmModule): void {
  const parameters = ["i32", "i32", "i32", "i32", "i32", "i32"] as const;
  module.define("cellTimes", parameters, ["i32"], ([starts, ends, step, target, count, date], declare) => {
    const start = declare("i32");
    const end = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    const at = declare("i32");
    const length = declare("i32");
    const word = declare("i64");
    const clock = declare("i32");
    const dateMs = declare("f64");
    const other = give(i32.shiftRight(i32.sub(to, target), 3));
    const byte = (shift: bigint): Expression => i32.and(i64.narrow(i64.shiftRight(word, i64.constant(shift))), 15);
    const twoDigits = (shift: bigint): Expression => i32.add(i32.mul(byte(shift), 10), byte(shift + 8n));
    const threeDigits = (shift: bigint): Expression => i32.add(i32.mul(twoDigits(shift), 10), byte(shift + 16n));
    /** Leaves the function where a byte of `word` under the mask is no digit less `0`. */
    const digitsOnly = (sixes: bigint, mask: bigint): Code =>
      when(
        i64.unequal(i64.and(i64.or(word, i64.add(word, i64.constant(sixes))), i64.constant(mask)), i64.constant(0n)),
        [other],
      );
    const plus = (ms: Expression): Code => f64.store(to, f64.add(dateMs, ms));
    const fraction = (digits: 3 | 6): Code[] => {
      const bytes = (value: bigint): bigint => BigInt.asUintN(8 * digits, value * 0x010101010101n);
      return [
        when(i32.unequal(i32.load8(at, 19), 46), [other]),
        // the digits, without the point before them and what stands behind
        set(
          word,
          i64.and(
            i64.xor(i64.shiftRight(i64.load(at, 19), i64.constant(8n)), i64.constant(bytes(0x30n))),
            i64.constant(bytes(0xffn)),
          ),
        ),
        digitsOnly(bytes(0x06n), bytes(0xf0n)),
      ];
    };
    return [
      set(start, starts),
      set(end, ends),
      set(to, target),
      set(stop, i32.add(target, i32.shiftLeft(count, 3))),
      set(dateMs, f64.load(date, knownDate.ms)),
      whileTrue(i32.less(to, stop), [
        set(at, i32.load(start)),
        set(length, i32.sub(i32.load(end), at)),
        when(
          length,
          [
            when(i32.less(length, 10), [other]),
            when(i64.unequal(i64.load(at), i64.load(date, knownDate.head)), [other]),
            when(i32.unequal(i32.load16(at, 8), i32.load16(date, knownDate.day)), [other]),
            when(
              i32.equal(length, 10),
              [f64.store(to, dateMs)],
              [
                when(i32.less(length, 19), [other]),
                when(i32.and(i32.unequal(i32.load8(at, 10), 84), i32.unequal(i32.load8(at, 10), 32)), [other]),
                set(word, i64.xor(i64.load(at, 11), i64.constant(clockZeros))),
                digitsOnly(0x0606060606060606n, -0x0f0f0f0f0f0f0f10n),
                when(i64.unequal(i64.and(word, i64.constant(colons)), i64.constant(0n)), [other]),
                when(i32.greater(twoDigits(0n), 23), [other]),
                when(i32.greater(twoDigits(24n), 59), [other]),
                when(i32.greater(twoDigits(48n), 59), [other]),
                set(
                  clock,
                  i32.add(
                    i32.mul(i32.add(i32.mul(twoDigits(0n), 60), twoDigits(24n)), 60_000),
                    i32.mul(twoDigits(48n), 1000),
                  ),
                ),
                ...ending(at, length, clock, fraction, other, plus, threeDigits),
              ],
            ),
          ],
          [i64.store(to, i64.constant(nan))],
        ),
        set(to, i32.add(to, 8)),
        set(start, i32.add(start, step)),
        set(end, i32.add(end, step)),
      ]),
      give(count),
    ];
  });
}

/** What follows the seconds. */
function ending(
  at: Local,
  length: Local,
  clock: Local,
  fraction: (digits: 3 | 6) => Code[],
  other: Code,
  plus: (ms: Expression) => Code,
  threeDigits: (shift: bigint) => Expression,
): Code[] {
  const last = i32.load8(i32.sub(i32.add(at, length), 1));
  return [
    // the zone of no offset
    when(i32.and(i32.greater(length, 19), i32.equal(last, 90)), [set(length, i32.sub(length, 1))]),
    when(
      i32.equal(length, 19),
      [plus(f64.fromInt32(clock))],
      [
        when(
          i32.equal(length, 23),
          [...fraction(3), plus(f64.fromInt32(i32.add(clock, threeDigits(0n))))],
          [
            when(i32.unequal(length, 26), [other]),
            ...fraction(6),
            plus(
              f64.add(
                f64.fromInt32(clock),
                f64.div(f64.fromInt32(i32.add(i32.mul(threeDigits(0n), 1000), threeDigits(24n))), f64.fromInt32(1000)),
              ),
            ),
          ],
        ),
      ],
    ),
  ];
}
