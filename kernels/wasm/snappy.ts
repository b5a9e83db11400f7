/**
 * Snappy's block format (google/snappy, format_description.txt): a varint of the size, then literals and copies of what stands
 * before. Short literals and copies move 16 or 8 bytes at once and may write up to 16 bytes beyond their end, which what follows
 * overwrites; callers leave so much room.
 */

import { copy, give, i32, i64, repeat, set, v128, type WasmModule, when, whileTrue } from "./assembler.js";

/**
 * Adds `snappy(source, end, target, targetEnd)`: decompresses a block. O(targetEnd - target).
 * @returns (of the function) bytes written, which is `targetEnd - target` for a good block of that size; -1 where it is malformed
 */
export function defineSnappy(module: WasmModule): void {
  module.define("snappy", ["i32", "i32", "i32", "i32"], ["i32"], ([source, end, target, targetEnd], declare) => {
    const from = declare("i32");
    const to = declare("i32");
    const tag = declare("i32");
    const length = declare("i32");
    const back = declare("i32");
    const stop = declare("i32");
    const malformed = give(-1);
    const step = (amount: number) => [i64.store(to, i64.load(i32.sub(to, back))), set(to, i32.add(to, amount))];
    const literal = [
      set(length, i32.shiftRight(tag, 2)),
      when(
        i32.less(length, 60),
        [],
        [
          set(back, i32.sub(length, 59)),
          when(i32.greater(i32.add(from, back), end), [malformed]),
          // 1 to 4 bytes: load 4 and drop those that are too many
          set(length, i32.load(from)),
          set(from, i32.add(from, back)),
          set(back, i32.shiftLeft(i32.sub(4, back), 3)),
          set(length, i32.shiftRight(i32.shiftLeft(length, back), back)),
        ],
      ),
      set(length, i32.add(length, 1)),
      // a length of 4 GiB wraps to 0
      when(i32.isZero(length), [malformed]),
      when(i32.greater(length, i32.sub(end, from)), [malformed]),
      when(i32.greater(length, i32.sub(targetEnd, to)), [malformed]),
      when(
        i32.atMost(length, 16),
        [v128.store(to, v128.load(from))],
        [
          when(
            i32.atMost(length, 64),
            [
              v128.store(to, v128.load(from)),
              v128.store(to, v128.load(from, 16), 16),
              when(i32.greater(length, 32), [
                // up to 48 bytes beyond the end would be too many
                set(back, i32.sub(length, 16)),
                v128.store(i32.add(to, i32.sub(length, 32)), v128.load(i32.add(from, i32.sub(length, 32)))),
                v128.store(i32.add(to, back), v128.load(i32.add(from, back))),
              ]),
            ],
            [copy(to, from, length)],
          ),
        ],
      ),
      set(from, i32.add(from, length)),
      set(to, i32.add(to, length)),
    ];
    const copied = [
      when(
        i32.equal(i32.and(tag, 3), 1),
        [
          set(length, i32.add(i32.and(i32.shiftRight(tag, 2), 7), 4)),
          set(back, i32.or(i32.shiftLeft(i32.shiftRight(tag, 5), 8), i32.load8(from))),
          set(from, i32.add(from, 1)),
        ],
        [
          set(length, i32.add(i32.shiftRight(tag, 2), 1)),
          when(
            i32.equal(i32.and(tag, 3), 2),
            [set(back, i32.load16(from)), set(from, i32.add(from, 2))],
            [set(back, i32.load(from)), set(from, i32.add(from, 4))],
          ),
        ],
      ),
      when(i32.greater(from, end), [malformed]),
      when(i32.isZero(back), [malformed]),
      when(i32.greater(back, i32.sub(to, target)), [malformed]),
      when(i32.greater(length, i32.sub(targetEnd, to)), [malformed]),
      set(stop, i32.add(to, length)),
      when(
        i32.atLeast(back, 16),
        [
          v128.store(to, v128.load(i32.sub(to, back))),
          when(i32.greater(length, 16), [
            set(to, i32.add(to, 16)),
            whileTrue(i32.less(to, stop), [v128.store(to, v128.load(i32.sub(to, back))), set(to, i32.add(to, 16))]),
          ]),
        ],
        [
          // a short period doubles until 8 bytes do not overlap what they are copied from
          whileTrue(i32.and(i32.less(back, 8), i32.less(to, stop)), [
            i64.store(to, i64.load(i32.sub(to, back))),
            set(to, i32.add(to, back)),
            set(back, i32.shiftLeft(back, 1)),
          ]),
          whileTrue(i32.less(to, stop), step(8)),
        ],
      ),
      set(to, stop),
    ];
    return [
      set(from, source),
      set(to, target),
      // the size: the caller knows it
      repeat((again) => [
        when(i32.atLeast(from, end), [malformed]),
        set(tag, i32.load8(from)),
        set(from, i32.add(from, 1)),
        when(i32.atLeast(tag, 128), [again]),
      ]),
      whileTrue(i32.less(from, end), [
        set(tag, i32.load8(from)),
        set(from, i32.add(from, 1)),
        when(i32.isZero(i32.and(tag, 3)), literal, copied),
      ]),
      give(i32.sub(to, target)),
    ];
  });
}
