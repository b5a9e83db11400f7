/** The sessions of a chunk in the order of their users' hashes: what `orderKeys` of `engine/columns/chunk-keys.ts` computes. */

import { entry, f64, fill, give, i32, set, type ValueType, type WasmModule, when, whileTrue } from "./assembler.js";
import { copyCode, hashBytesCode } from "./hashes.js";

const words = (count: number): ValueType[] => Array.from({ length: count }, () => "i32");

/**
 * Adds, codes being of 4 bytes and from 1 on, and value c of a dictionary the bytes [offsets[c - 1], offsets[c]):
 * - `hashUsers(userCode, sessions, offsets, bytes, size, counts, pairs)`: counts sessions by user at `counts`, size + 1 uint32s, and writes the hash
 *   and the code of each user who has some to `pairs`. Gives how many there are.
 * - `placeUsers(pairs, users, counts, hashes, sessionOffsets)`: writes users' hashes and the CSR offsets of their sessions, and makes
 *   counts the place of each one's first session.
 * - `placeSessions(userCode, sessions, counts, places, start, startRow, rowsOf, sessionCode, outStart, outStartRow, outRowsOf, outCode)`: where each
 *   session stands, and what is told of it there.
 * - `pickValues(codes, step, count, offsets, bytes, outOffsets, outBytes)`: the values of codes that stand `step` bytes apart, one after the other.
 *   Gives their bytes.
 * - `leastNumber(numbers, count)`, infinite where there is none.
 */
export function defineChunkKeys(module: WasmModule): void {
  module.define(
    "hashUsers",
    words(7),
    ["i32"],
    ([userCode, sessions, offsets, bytes, size, counts, pairs], declare) => {
      const at = declare("i32");
      const stop = declare("i32");
      const slot = declare("i32");
      const to = declare("i32");
      const start = declare("i32");
      const length = declare("i32");
      const hash = declare("i32");
      return [
        fill(counts, 0, i32.shiftLeft(i32.add(size, 1), 2)),
        set(at, userCode),
        set(stop, entry(userCode, sessions, 4)),
        whileTrue(i32.less(at, stop), [
          set(slot, entry(counts, i32.load(at), 4)),
          i32.store(slot, i32.add(i32.load(slot), 1)),
          set(at, i32.add(at, 4)),
        ]),
        set(to, pairs),
        set(at, 0),
        whileTrue(i32.less(at, size), [
          set(slot, entry(offsets, at, 4)),
          set(at, i32.add(at, 1)),
          when(i32.load(entry(counts, at, 4)), [
            set(start, i32.load(slot)),
            set(length, i32.sub(i32.load(slot, 4), start)),
            set(start, i32.add(bytes, start)),
            hashBytesCode(hash, start, length, declare),
            i32.store(to, hash),
            i32.store(to, at, 4),
            set(to, i32.add(to, 8)),
          ]),
        ]),
        give(i32.shiftRight(i32.sub(to, pairs), 3)),
      ];
    },
  );
  module.define("placeUsers", words(5), ["i32"], ([pairs, users, counts, hashes, sessionOffsets], declare) => {
    const at = declare("i32");
    const stop = declare("i32");
    const to = declare("i32");
    const slot = declare("i32");
    const count = declare("i32");
    const place = declare("i32");
    return [
      set(at, pairs),
      set(stop, entry(pairs, users, 8)),
      i32.store(sessionOffsets, 0),
      whileTrue(i32.less(at, stop), [
        i32.store(i32.add(hashes, to), i32.load(at)),
        set(slot, entry(counts, i32.load(at, 4), 4)),
        set(count, i32.load(slot)),
        i32.store(slot, place),
        set(place, i32.add(place, count)),
        i32.store(i32.add(sessionOffsets, to), place, 4),
        set(to, i32.add(to, 4)),
        set(at, i32.add(at, 8)),
      ]),
      give(0),
    ];
  });
  module.define("placeSessions", words(12), ["i32"], (all, declare) => {
    const [userCode, sessions, counts, places, start, startRow, rowsOf, sessionCode] = all;
    const [outStart, outStartRow, outRowsOf, outCode] = all.slice(8);
    const at = declare("i32");
    const stop = declare("i32");
    const slot = declare("i32");
    const place = declare("i32");
    const word = declare("i32");
    return [
      set(stop, i32.shiftLeft(sessions, 2)),
      whileTrue(i32.less(at, stop), [
        set(slot, entry(counts, i32.load(i32.add(userCode, at)), 4)),
        set(place, i32.load(slot)),
        i32.store(slot, i32.add(place, 1)),
        i32.store(i32.add(places, at), place),
        set(word, i32.shiftLeft(place, 2)),
        f64.store(i32.add(outStart, i32.shiftLeft(place, 3)), f64.load(i32.add(start, i32.shiftLeft(at, 1)))),
        i32.store(i32.add(outStartRow, word), i32.load(i32.add(startRow, at))),
        i32.store(i32.add(outRowsOf, word), i32.load(i32.add(rowsOf, at))),
        i32.store(i32.add(outCode, word), i32.load(i32.add(sessionCode, at))),
        set(at, i32.add(at, 4)),
      ]),
      give(0),
    ];
  });
  module.define("leastNumber", words(2), ["f64"], ([numbers, count], declare) => {
    const at = declare("i32");
    const stop = declare("i32");
    const least = declare("f64");
    return [
      set(least, f64.constant(Number.POSITIVE_INFINITY)),
      set(at, numbers),
      set(stop, entry(numbers, count, 8)),
      whileTrue(i32.less(at, stop), [
        when(f64.less(f64.load(at), least), [set(least, f64.load(at))]),
        set(at, i32.add(at, 8)),
      ]),
      give(least),
    ];
  });
  module.define(
    "pickValues",
    words(7),
    ["i32"],
    ([codes, step, count, offsets, bytes, outOffsets, outBytes], declare) => {
      const at = declare("i32");
      const offset = declare("i32");
      const stop = declare("i32");
      const slot = declare("i32");
      const from = declare("i32");
      const to = declare("i32");
      const end = declare("i32");
      const length = declare("i32");
      return [
        set(at, codes),
        set(offset, outOffsets),
        set(stop, entry(outOffsets, count, 4)),
        set(to, outBytes),
        set(end, outBytes),
        i32.store(outOffsets, 0),
        whileTrue(i32.less(offset, stop), [
          set(slot, entry(offsets, i32.sub(i32.load(at), 1), 4)),
          set(from, i32.load(slot)),
          set(length, i32.sub(i32.load(slot, 4), from)),
          set(from, i32.add(bytes, from)),
          copyCode(to, from, length, end),
          set(to, end),
          set(offset, i32.add(offset, 4)),
          i32.store(offset, i32.sub(end, outBytes)),
          set(at, i32.add(at, step)),
        ]),
        give(i32.sub(end, outBytes)),
      ];
    },
  );
}
