/**
 * Dictionary coding of byte ranges: what `ByteDictionaryBuilder` does, 16 bytes at a time. Values are kept padded with zeros to whole
 * vectors, so that a value of up to 16 bytes, as most are, is hashed and compared without any loop.
 */

import {
  all,
  type Code,
  copy,
  type Declare,
  type Expression,
  fill,
  give,
  i32,
  i64,
  type Local,
  repeat,
  select,
  set,
  v128,
  type WasmModule,
  when,
  whileTrue,
} from "./assembler.js";
import { copyCode, differCode, hashBytesCode } from "./hashes.js";
import { dictionaryState, maskAddress } from "./layouts.js";

const firstMultiplier = i64.constant(-7046029288634856825n); // xxHash64's primes, as signed numbers
const secondMultiplier = i64.constant(-4417276706812531889n);

/**
 * Adds
 * - `codeByteArrays(state, end, target, count)`: codes `count` values, each after its length as a uint32, from the state's position; codes
 *   of 4 bytes go to `target`. Gives how many were coded before the state ran out of room for a new value, -1 where a value is not
 *   within the page.
 * - `codeFixed(state, length, target, count)`: codes values of `length` bytes, one after the other from the state's position. Gives how
 *   many were coded.
 * - `codeCells(state, bytes, starts, ends, step, target, count, emptyIsValue)`: codes the cells `bytes + [start, end)`; bounds are int32s
 *   every `step` bytes. An empty cell has code 0 unless `emptyIsValue` is 1. Gives how many were coded.
 * - `writeDictionary(state, bytes, offsets)`: writes the distinct values, one after the other, and their offsets.
 * - `splitByteArrays(source, end, count, offsets, bytes)`: takes apart `count` values that stand each after its length as a uint32: their
 *   bytes one after the other, and their offsets. Gives their bytes, -1 where a value is not within the page.
 * - `hasRepeat(offsets, bytes, count, slots, mask)`: whether two values are the same. Slots are scratch of 8 bytes, mask + 1 of them, a
 *   power of two above `count`.
 */
export function defineByteArrays(module: WasmModule): void {
  module.define("codeByteArrays", ["i32", "i32", "i32", "i32"], ["i32"], ([state, end, target, count], declare) => {
    const position = declare("i32");
    const at = declare("i32");
    const length = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    const code = declare("i32");
    const full = [i32.store(state, position, dictionaryState.position), give(i32.shiftRight(i32.sub(to, target), 2))];
    const coder = defineCoder(state, at, length, code, full, declare);
    return [
      coder.start,
      set(position, i32.load(state, dictionaryState.position)),
      set(to, target),
      set(stop, i32.add(target, i32.shiftLeft(count, 2))),
      whileTrue(i32.less(to, stop), [
        when(i32.less(i32.sub(end, position), 4), [give(-1)]),
        set(length, i32.load(position)),
        set(at, i32.add(position, 4)),
        when(i32.greater(length, i32.sub(end, at)), [give(-1)]),
        coder.insert,
        i32.store(to, code),
        set(to, i32.add(to, 4)),
        set(position, i32.add(at, length)),
      ]),
      i32.store(state, position, dictionaryState.position),
      give(count),
    ];
  });
  module.define("codeFixed", ["i32", "i32", "i32", "i32"], ["i32"], ([state, length, target, count], declare) => {
    const at = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    const code = declare("i32");
    const full = [i32.store(state, at, dictionaryState.position), give(i32.shiftRight(i32.sub(to, target), 2))];
    const coder = defineCoder(state, at, length, code, full, declare);
    return [
      coder.start,
      set(at, i32.load(state, dictionaryState.position)),
      set(to, target),
      set(stop, i32.add(target, i32.shiftLeft(count, 2))),
      whileTrue(i32.less(to, stop), [
        coder.insert,
        i32.store(to, code),
        set(to, i32.add(to, 4)),
        set(at, i32.add(at, length)),
      ]),
      i32.store(state, at, dictionaryState.position),
      give(count),
    ];
  });
  const cells = ["i32", "i32", "i32", "i32", "i32", "i32", "i32", "i32"] as const;
  module.define("codeCells", cells, ["i32"], (parameters, declare) => {
    const [state, bytes, starts, ends, step, target, count, emptyIsValue] = parameters;
    const start = declare("i32");
    const end = declare("i32");
    const at = declare("i32");
    const length = declare("i32");
    const to = declare("i32");
    const stop = declare("i32");
    const code = declare("i32");
    const full = [give(i32.shiftRight(i32.sub(to, target), 2))];
    const coder = defineCoder(state, at, length, code, full, declare);
    return [
      coder.start,
      set(start, starts),
      set(end, ends),
      set(to, target),
      set(stop, i32.add(target, i32.shiftLeft(count, 2))),
      whileTrue(i32.less(to, stop), [
        set(at, i32.load(start)),
        set(length, i32.sub(i32.load(end), at)),
        set(at, i32.add(at, bytes)),
        when(i32.or(length, emptyIsValue), [coder.insert], [set(code, 0)]),
        i32.store(to, code),
        set(to, i32.add(to, 4)),
        set(start, i32.add(start, step)),
        set(end, i32.add(end, step)),
      ]),
      give(count),
    ];
  });
  defineWriteDictionary(module);
  defineSplitByteArrays(module);
  defineHasRepeat(module);
}

/**
 * Code that codes the value of `length` bytes at `at`; `start` stands once before it.
 * @param full - what to do where a new value finds no room; must leave the function
 */
function defineCoder(
  state: Local,
  at: Local,
  length: Local,
  code: Local,
  full: readonly Code[],
  declare: Declare,
): { readonly start: Code; readonly insert: Code } {
  const table = declare("i32");
  const tableMask = declare("i32");
  const entries = declare("i32");
  const count = declare("i32");
  const known = declare("i32");
  const first = declare("v128");
  const hash64 = declare("i64");
  const hash = declare("i32");
  const slot = declare("i32");
  const place = declare("i32");
  const differs = declare("i32");
  const size = declare("i32");

  const masked = (address: Expression, bytes: Expression): Code =>
    v128.and(v128.load(address), v128.load(i32.sub(maskAddress + 16, bytes)));
  const mixed = (vector: Local): Code =>
    set(
      hash64,
      i64.xor(
        i64.mul(i64.xor(hash64, v128.low(vector)), firstMultiplier),
        i64.mul(i64.xor(i64.shiftRight(hash64, i64.constant(32n)), v128.high(vector)), secondMultiplier),
      ),
    );
  const next = declare("v128");
  const rest = (address: Expression): Expression => i32.sub(length, i32.sub(address, at));

  const hashed = all(
    set(first, masked(at, select(i32.less(length, 16), length, 16))),
    set(hash64, i64.extend(length)),
    mixed(first),
    when(i32.greater(length, 16), [
      set(place, i32.add(at, 16)),
      whileTrue(i32.greater(rest(place), 16), [
        set(next, v128.load(place)),
        set(hash64, i64.xor(hash64, i64.shiftRight(hash64, i64.constant(29n)))),
        mixed(next),
        set(place, i32.add(place, 16)),
      ]),
      set(next, masked(place, rest(place))),
      set(hash64, i64.xor(hash64, i64.shiftRight(hash64, i64.constant(29n)))),
      mixed(next),
    ]),
    set(hash64, i64.xor(hash64, i64.shiftRight(hash64, i64.constant(32n)))),
    set(hash64, i64.mul(hash64, firstMultiplier)),
    set(hash, i64.narrow(i64.shiftRight(hash64, i64.constant(32n)))),
  );

  /** Whether the value differs from the one whose vectors stand at `known`, which has the same length. */
  const compared = all(
    set(differs, v128.any(v128.xor(first, v128.load(known)))),
    when(i32.greater(length, 16), [
      set(place, i32.add(at, 16)),
      set(known, i32.add(known, 16)),
      whileTrue(i32.greater(rest(place), 16), [
        set(differs, i32.or(differs, v128.any(v128.xor(v128.load(place), v128.load(known))))),
        set(place, i32.add(place, 16)),
        set(known, i32.add(known, 16)),
      ]),
      set(differs, i32.or(differs, v128.any(v128.xor(masked(place, rest(place)), v128.load(known))))),
    ]),
  );

  const added = all(
    set(size, i32.and(i32.add(select(length, length, 1), 15), -16)),
    when(
      i32.or(
        i32.or(
          i32.greater(i32.shiftLeft(i32.add(count, 1), 1), tableMask),
          i32.atLeast(count, i32.load(state, dictionaryState.capacity)),
        ),
        i32.greater(
          size,
          i32.sub(i32.load(state, dictionaryState.valuesEnd), i32.load(state, dictionaryState.valuesNext)),
        ),
      ),
      full,
    ),
    set(known, i32.load(state, dictionaryState.valuesNext)),
    i32.store(state, i32.add(known, size), dictionaryState.valuesNext),
    i32.store(i32.add(entries, i32.shiftLeft(count, 3)), known),
    i32.store(i32.add(entries, i32.shiftLeft(count, 3)), length, 4),
    v128.store(known, first),
    when(i32.greater(length, 16), [
      copy(i32.add(known, 16), i32.add(at, 16), i32.sub(length, 16)),
      // the last vector with its zeros
      set(place, i32.and(i32.sub(length, 1), -16)),
      v128.store(i32.add(known, place), masked(i32.add(at, place), i32.sub(length, place))),
    ]),
    set(count, i32.add(count, 1)),
    i32.store(state, count, dictionaryState.count),
    i32.store(slot, hash),
    i32.store(slot, count, 4),
    set(code, count),
  );

  const insert = all(
    hashed,
    set(slot, i32.add(table, i32.shiftLeft(i32.and(hash, tableMask), 3))),
    repeat((again) => [
      set(code, i32.load(slot, 4)),
      when(
        code,
        [
          set(differs, 1),
          when(i32.equal(i32.load(slot), hash), [
            set(known, i32.add(entries, i32.shiftLeft(i32.sub(code, 1), 3))),
            when(i32.equal(i32.load(known, 4), length), [set(known, i32.load(known)), compared]),
          ]),
          when(differs, [
            set(
              slot,
              i32.add(
                table,
                i32.and(i32.add(i32.sub(slot, table), 8), i32.sub(i32.shiftLeft(i32.add(tableMask, 1), 3), 1)),
              ),
            ),
            again,
          ]),
        ],
        [added],
      ),
    ]),
  );
  const start = all(
    set(table, i32.load(state, dictionaryState.table)),
    set(tableMask, i32.load(state, dictionaryState.tableMask)),
    set(entries, i32.load(state, dictionaryState.entries)),
    set(count, i32.load(state, dictionaryState.count)),
  );
  return { start, insert };
}

function defineWriteDictionary(module: WasmModule): void {
  module.define("writeDictionary", ["i32", "i32", "i32"], ["i32"], ([state, bytes, offsets], declare) => {
    const entry = declare("i32");
    const stop = declare("i32");
    const from = declare("i32");
    const length = declare("i32");
    const to = declare("i32");
    const offset = declare("i32");
    const end = declare("i32");
    return [
      set(entry, i32.load(state, dictionaryState.entries)),
      set(stop, i32.add(entry, i32.shiftLeft(i32.load(state, dictionaryState.count), 3))),
      set(to, bytes),
      set(offset, offsets),
      i32.store(offset, 0),
      whileTrue(i32.less(entry, stop), [
        set(from, i32.load(entry)),
        set(length, i32.load(entry, 4)),
        set(end, i32.add(to, length)),
        // whole vectors: the next value overwrites what is too much
        whileTrue(i32.less(to, end), [
          v128.store(to, v128.load(from)),
          set(to, i32.add(to, 16)),
          set(from, i32.add(from, 16)),
        ]),
        set(to, end),
        set(offset, i32.add(offset, 4)),
        i32.store(offset, i32.sub(to, bytes)),
        set(entry, i32.add(entry, 8)),
      ]),
      give(0),
    ];
  });
}

function defineSplitByteArrays(module: WasmModule): void {
  const parameters = ["i32", "i32", "i32", "i32", "i32"] as const;
  module.define("splitByteArrays", parameters, ["i32"], ([source, end, count, offsets, bytes], declare) => {
    const at = declare("i32");
    const offset = declare("i32");
    const stop = declare("i32");
    const length = declare("i32");
    const to = declare("i32");
    const next = declare("i32");
    return [
      set(at, source),
      set(offset, offsets),
      set(stop, i32.add(offsets, i32.shiftLeft(count, 2))),
      set(to, bytes),
      i32.store(offsets, 0),
      whileTrue(i32.less(offset, stop), [
        when(i32.less(i32.sub(end, at), 4), [give(-1)]),
        set(length, i32.load(at)),
        set(at, i32.add(at, 4)),
        when(i32.greater(length, i32.sub(end, at)), [give(-1)]),
        copyCode(to, at, length, next),
        set(at, i32.sub(at, i32.sub(to, next))),
        set(to, next),
        set(offset, i32.add(offset, 4)),
        i32.store(offset, i32.sub(to, bytes)),
      ]),
      give(i32.sub(to, bytes)),
    ];
  });
}

function defineHasRepeat(module: WasmModule): void {
  const parameters = ["i32", "i32", "i32", "i32", "i32"] as const;
  module.define("hasRepeat", parameters, ["i32"], ([offsets, bytes, count, slots, mask], declare) => {
    const value = declare("i32");
    const slot = declare("i32");
    const at = declare("i32");
    const length = declare("i32");
    const hash = declare("i32");
    const known = declare("i32");
    const other = declare("i32");
    const differs = declare("i32");
    const place = declare("i32");
    const offsetOf = (index: Expression): Expression => i32.add(offsets, i32.shiftLeft(index, 2));
    const locate = all(
      set(place, offsetOf(value)),
      set(at, i32.load(place)),
      set(length, i32.sub(i32.load(place, 4), at)),
      set(at, i32.add(bytes, at)),
    );
    return [
      fill(slots, 0, i32.shiftLeft(i32.add(mask, 1), 3)),
      whileTrue(i32.less(value, count), [
        locate,
        hashBytesCode(hash, at, length, declare),
        set(slot, hash),
        repeat((again) => [
          set(place, i32.add(slots, i32.shiftLeft(i32.and(slot, mask), 3))),
          set(known, i32.load(place, 4)),
          when(known, [
            when(i32.equal(i32.load(place), hash), [
              set(known, offsetOf(i32.sub(known, 1))),
              set(other, i32.load(known)),
              set(known, i32.sub(i32.load(known, 4), other)),
              set(other, i32.add(bytes, other)),
              locate,
              when(i32.equal(known, length), [
                differCode(differs, at, other, length),
                when(i32.isZero(differs), [give(1)]),
              ]),
            ]),
            set(slot, i32.add(slot, 1)),
            again,
          ]),
        ]),
        i32.store(place, hash),
        set(value, i32.add(value, 1)),
        i32.store(place, value, 4),
      ]),
      give(0),
    ];
  });
}
