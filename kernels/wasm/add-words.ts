/** Adding rows of counts, 16 at a time: what `kernels/add-counts.ts` computes. */

import { type Code, give, i32, set, v128, WasmModule, whileTrue } from "./assembler.js";

/** Counts that are added together: rows are padded to a multiple. */
export const wordsAtOnce = 16;

/**
 * The WebAssembly module of `addWords(from, to, end)`, in binary form: adds the uint32s at `from` to those from `to` up to `end`, a multiple of
 * `wordsAtOnce` of them. Its memory is the one that it imports, `env.memory`. O(end - to).
 */
export function addWordsModule(): Uint8Array {
  const module = new WasmModule();
  module.define("addWords", ["i32", "i32", "i32"], ["i32"], ([from, to, end]) => {
    const add = (offset: number): Code =>
      v128.store(to, v128.add32(v128.load(to, offset), v128.load(from, offset)), offset);
    return [
      whileTrue(i32.less(to, end), [
        add(0),
        add(16),
        add(32),
        add(48),
        set(from, i32.add(from, 64)),
        set(to, i32.add(to, 64)),
      ]),
      give(0),
    ];
  });
  return module.bytes();
}
