import { WasmModule } from "./assembler.js";
import { defineByteArrays } from "./byte-arrays.js";
import { defineChunkKeys } from "./chunk-keys.js";
import { defineCsv } from "./csv.js";
import { defineSortByHash } from "./hashes.js";
import { defineHybrid } from "./hybrid.js";
import { defineMergeKeys } from "./merge-keys.js";
import { defineNumbers } from "./numbers.js";
import { defineRowSessions } from "./row-sessions.js";
import { defineSnappy } from "./snappy.js";
import { defineTimes } from "./times.js";

/** The WebAssembly module of the decoders, in binary form. Its functions work on the memory that it imports, `env.memory`. */
export function decoderModule(): Uint8Array {
  const module = new WasmModule();
  defineSnappy(module);
  defineHybrid(module);
  defineNumbers(module);
  defineByteArrays(module);
  defineCsv(module);
  defineTimes(module);
  defineRowSessions(module);
  defineSortByHash(module);
  defineChunkKeys(module);
  defineMergeKeys(module);
  return module.bytes();
}
