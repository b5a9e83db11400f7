/** Byte ranges in the decoders' memory: their hash, whether they are the same, copies, and sorting by hash. */

import {
  all,
  type Code,
  type Declare,
  type Expression,
  entry,
  fill,
  give,
  i32,
  i64,
  type Local,
  set,
  v128,
  type WasmModule,
  when,
  whileTrue,
} from "./assembler.js";
import { digitBytes, sortDigitBits, sortPasses } from "./layouts.js";

const DIGITS = 1 << sortDigitBits;

/**
 * Code that gives `hash` the hash of the `length` bytes at `at`, as `hashBytes` does. `at` and `length` are not kept.
 * @param declare - for its variables
 */
export function hashBytesCode(hash: Local, at: Local, length: Local, declare: Declare): Code {
  const word = declare("i32");
  const stop = declare("i32");
  const mixed = i32.mul(i32.rotateLeft(i32.mul(word, 0xcc9e2d51), 15), 0x1b873593);
  return all(
    set(hash, length),
    set(stop, i32.add(at, i32.and(length, -4))),
    set(length, i32.add(at, length)),
    whileTrue(i32.less(at, stop), [
      set(word, i32.load(at)),
      set(hash, i32.add(i32.mul(i32.rotateLeft(i32.xor(hash, mixed), 13), 5), 0xe6546b64)),
      set(at, i32.add(at, 4)),
    ]),
    set(word, 0),
    whileTrue(i32.less(at, length), [
      set(word, i32.or(i32.shiftLeft(word, 8), i32.load8(at))),
      set(at, i32.add(at, 1)),
    ]),
    set(hash, i32.xor(hash, mixed)),
    set(hash, i32.mul(i32.xor(hash, i32.shiftRight(hash, 16)), 0x85ebca6b)),
    set(hash, i32.mul(i32.xor(hash, i32.shiftRight(hash, 13)), 0xc2b2ae35)),
    set(hash, i32.xor(hash, i32.shiftRight(hash, 16))),
  );
}

/**
 * Code that gives `differs` whether the `length` bytes at `at` and at `other` are not the same. `at`, `other` and `length` are not kept.
 * @param differs - 0 or 1
 */
export function differCode(differs: Local, at: Local, other: Local, length: Local): Code {
  return all(
    set(differs, 0),
    set(length, i32.add(at, length)),
    whileTrue(i32.atMost(i32.add(at, 8), length), [
      when(
        i64.unequal(i64.load(at), i64.load(other)),
        [set(differs, 1), set(at, length)],
        [set(at, i32.add(at, 8)), set(other, i32.add(other, 8))],
      ),
    ]),
    whileTrue(i32.less(at, length), [
      when(
        i32.unequal(i32.load8(at), i32.load8(other)),
        [set(differs, 1), set(at, length)],
        [set(at, i32.add(at, 1)), set(other, i32.add(other, 1))],
      ),
    ]),
  );
}

/**
 * Code that copies `length` bytes in whole vectors: up to 15 more are written. `from` and `to` are not kept, `length` is.
 * @param end - becomes where the copy ends
 */
export function copyCode(to: Local, from: Local, length: Expression, end: Local): Code {
  return all(
    set(end, i32.add(to, length)),
    whileTrue(i32.less(to, end), [
      v128.store(to, v128.load(from)),
      set(to, i32.add(to, 16)),
      set(from, i32.add(from, 16)),
    ]),
  );
}

/**
 * Adds `sortByHash(pairs, other, count, digits)`: puts pairs of uint32s, a hash and what goes with it, into ascending order of hashes,
 * equal ones in the order in which they stand. The sorted ones stand at `other`; `pairs` holds nothing any more.
 */
export function defineSortByHash(module: WasmModule): void {
  module.define("sortByHash", ["i32", "i32", "i32", "i32"], ["i32"], ([pairs, other, count, digits], declare) => {
    const at = declare("i32");
    const stop = declare("i32");
    const hash = declare("i32");
    const slot = declare("i32");
    const sum = declare("i32");
    const own = declare("i32");
    const digitOf = (pass: number): Expression =>
      i32.and(pass === 0 ? hash : i32.shiftRight(hash, pass * sortDigitBits), DIGITS - 1);
    const slotOf = (pass: number): Code =>
      set(slot, i32.add(pass === 0 ? digits : i32.add(digits, pass * DIGITS * 4), i32.shiftLeft(digitOf(pass), 2)));
    const passes = Array.from({ length: sortPasses }, (_, pass) => pass);
    const turn = (pass: number): Code => {
      const [from, to] = pass % 2 === 0 ? [pairs, other] : [other, pairs];
      return all(
        set(sum, to),
        set(slot, i32.add(digits, pass * DIGITS * 4)),
        set(stop, i32.add(slot, DIGITS * 4)),
        whileTrue(i32.less(slot, stop), [
          set(own, i32.load(slot)),
          i32.store(slot, sum),
          set(sum, i32.add(sum, i32.shiftLeft(own, 3))),
          set(slot, i32.add(slot, 4)),
        ]),
        set(at, from),
        set(stop, entry(from, count, 8)),
        whileTrue(i32.less(at, stop), [
          set(hash, i32.load(at)),
          slotOf(pass),
          set(own, i32.load(slot)),
          i64.store(own, i64.load(at)),
          i32.store(slot, i32.add(own, 8)),
          set(at, i32.add(at, 8)),
        ]),
      );
    };
    return [
      fill(digits, 0, digitBytes),
      set(at, pairs),
      set(stop, entry(pairs, count, 8)),
      whileTrue(i32.less(at, stop), [
        set(hash, i32.load(at)),
        ...passes.map((pass) => all(slotOf(pass), i32.store(slot, i32.add(i32.load(slot), 1)))),
        set(at, i32.add(at, 8)),
      ]),
      ...passes.map(turn),
      give(0),
    ];
  });
}
