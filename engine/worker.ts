import { answering, type TaskHandlers, type TaskRunner } from "./answer.js";
import { collectGarbage } from "./collect-garbage.js";
import { type ChunkMemory, type PreparedChunk, prepareChunk } from "./columns/prepare.js";
import { scatterChunk, sortSessions } from "./columns/scatter.js";
import { Slab } from "./columns/slab.js";
import { readSlice } from "./columns/spill.js";
import { fillPieces } from "./fill.js";
import { countDistinctGrams } from "./passes/distinct.js";
import { evaluate } from "./passes/evaluate.js";
import { collectEvidence } from "./passes/evidence.js";
import { countExposure } from "./passes/exposure.js";
import { gather, remapSymbols } from "./passes/gather.js";
import { groupUsers } from "./passes/group-users.js";
import { markSets } from "./passes/mark.js";
import { segmentSessions } from "./passes/segment.js";
import { countSubsequences } from "./passes/sequences.js";
import { sumStrata } from "./passes/strata.js";
import { writeSymbols } from "./passes/symbols.js";
import { tally } from "./passes/tally.js";
import { countValues } from "./passes/value-counts.js";
import { mergeDictionaries } from "./sources/byte-dictionary.js";
import type { Chunk } from "./sources/chunk.js";
import { decodeTask } from "./sources/source.js";
import { spillStretch, summaryOf } from "./stretch.js";
import type { Tasks } from "./tasks.js";

/** Holds the chunks that this thread prepares, until chunks are scattered. */
const chunkMemory: ChunkMemory = { rows: new Slab(), keys: new Slab() };

const handlers: TaskHandlers<Tasks> = {
  decode: async ({ task, requests }) => {
    const chunks: Chunk[] = [];
    for await (const chunk of decodeTask(task, requests)) chunks.push(chunk);
    return chunks;
  },
  decodePrepared: async ({ task, requests, roles }) => {
    collectGarbage("young");
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
  merge: (dictionaries) => {
    const merged = mergeDictionaries(dictionaries);
    collectGarbage("young");
    return merged;
  },
  scatter: ({ chunk, layout, time, name, columns }) => {
    chunkMemory.rows.release();
    if (chunkMemory.keys.release()) collectGarbage("all");
    scatterChunk(chunk, layout, time, name, columns);
    return null;
  },
  survey: async ({ task, requests }) => {
    const chunks: Chunk[] = [];
    for await (const chunk of decodeTask(task, requests)) chunks.push(summaryOf(chunk, requests));
    collectGarbage("young");
    return chunks;
  },
  spill: async (input) => {
    const spilled = await spillStretch(input);
    collectGarbage("young");
    return spilled;
  },
  slice: ({ chunk, fromCell, toCell }) => readSlice(chunk, fromCell, toCell, chunkMemory),
  fill: (input) => {
    // the part before this one
    collectGarbage("young");
    return fillPieces(input);
  },
  sort: ({ sessionOffsets, start, end, time, name, columns }) =>
    sortSessions(sessionOffsets, start, end, time, name, columns),
  valueCounts: countValues,
  evaluate,
  segment: segmentSessions,
  groupUsers,
  gather,
  remap: remapSymbols,
  symbols: writeSymbols,
  distinct: countDistinctGrams,
  subsequences: countSubsequences,
  tally,
  mark: markSets,
  evidence: collectEvidence,
  strata: sumStrata,
  exposure: countExposure,
};

/** What Piscina calls in a worker thread. */
export const runTask: TaskRunner<Tasks> = answering(handlers);
