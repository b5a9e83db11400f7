/** What a worker thread does to read files; loaded with the first such task, and what only files beyond the memory need with the first of those. */

import type { TaskHandlers } from "./answer.js";
import { collectGarbage } from "./collect-garbage.js";
import type { ChunkMemory } from "./columns/chunk-memory.js";
import { mergeKeys } from "./columns/merge-keys.js";
import { placeKeys } from "./columns/place-keys.js";
import { type PreparedChunk, prepareChunk } from "./columns/prepare.js";
import { scatterChunk, sortSessions } from "./columns/scatter.js";
import { Slab } from "./columns/slab.js";
import type { Chunk } from "./sources/chunk.js";
import { decodeTask } from "./sources/decode-task.js";
import { takeDecoderBytes } from "./sources/decoder-module.js";
import type { Tasks } from "./tasks.js";

/** Stretches after which their dictionaries are collected: all else of them is on memory that is used again. */
const STRETCHES_PER_COLLECTION = 32;
let stretches = 0;

/** Holds the chunks that this thread prepares, until chunks are scattered. */
const chunkMemory: ChunkMemory = { rows: new Slab(), keys: new Slab() };

/** Tasks of reading. */
export const sourceHandlers: TaskHandlers<
  Pick<
    Tasks,
    | "decode"
    | "decodePrepared"
    | "prepare"
    | "mergeKeys"
    | "placeKeys"
    | "scatter"
    | "survey"
    | "spill"
    | "slice"
    | "sort"
  >
> = {
  decode: async ({ task, requests, decoder }) => {
    takeDecoderBytes(decoder);
    const chunks: Chunk[] = [];
    for await (const chunk of decodeTask(task, requests)) chunks.push(chunk);
    return chunks;
  },
  decodePrepared: async ({ task, requests, roles, decoder }) => {
    takeDecoderBytes(decoder);
    // text formats decode into new memory
    if (task.format !== "parquet" || ++stretches % STRETCHES_PER_COLLECTION === 0) collectGarbage("young");
    const chunks: PreparedChunk[] = [];
    // all that is kept of a chunk is copied
    for await (const chunk of decodeTask(task, requests, "scratch"))
      chunks.push(prepareChunk(chunk, roles, chunkMemory));
    return chunks;
  },
  prepare: ({ chunk, roles }) => {
    collectGarbage("young");
    return prepareChunk(chunk, roles, chunkMemory);
  },
  mergeKeys: (input) => mergeKeys(input, chunkMemory.keys),
  placeKeys,
  scatter: ({ chunk, layout, time, name, columns }) => {
    chunkMemory.rows.release();
    if (chunkMemory.keys.release()) collectGarbage("all");
    scatterChunk(chunk, layout, time, name, columns);
    return null;
  },
  survey: async ({ task, requests }) => {
    const { summaryOf } = await import("./stretch.js");
    const chunks: Chunk[] = [];
    for await (const chunk of decodeTask(task, requests)) chunks.push(summaryOf(chunk, requests));
    collectGarbage("young");
    return chunks;
  },
  spill: async (input) => {
    const { spillStretch } = await import("./stretch.js");
    const spilled = await spillStretch(input);
    collectGarbage("young");
    return spilled;
  },
  slice: async ({ chunk, fromCell, toCell }) => {
    const { readSlice } = await import("./columns/spill.js");
    return readSlice(chunk, fromCell, toCell, chunkMemory);
  },
  sort: ({ sessionOffsets, start, end, time, name, columns }) => {
    // what was scattered
    collectGarbage("young");
    return sortSessions(sessionOffsets, start, end, time, name, columns);
  },
};
