import type { Slab } from "./slab.js";

/** Where chunks are kept: their rows, and the ids and sessions that are not needed any more when rows are scattered. */
export interface ChunkMemory {
  readonly rows: Slab;
  readonly keys: Slab;
}
