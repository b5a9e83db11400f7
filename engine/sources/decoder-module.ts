import { createRequire } from "node:module";

let bytes: Uint8Array | undefined;

/**
 * The WebAssembly of the decoders on shared memory. Assembled once in a process, by the thread that hands out tasks, while the others
 * start, and sent with the tasks (`takeDecoderBytes`); else each thread would load the assembler and its fourteen modules, 15 ms before it can decode.
 */
export function decoderBytes(): Uint8Array {
  if (bytes === undefined) {
    const { decoderModule } = createRequire(import.meta.url)("../../kernels/wasm/module.js") as KernelModule;
    const own = decoderModule();
    bytes = new Uint8Array(new SharedArrayBuffer(own.length));
    bytes.set(own);
  }
  return bytes;
}

type KernelModule = typeof import("../../kernels/wasm/module.js");

/** Takes what another thread has assembled. */
export function takeDecoderBytes(assembled: Uint8Array): void {
  bytes ??= assembled;
}
