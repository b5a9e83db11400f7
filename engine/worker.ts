import { LeadlineError } from "../errors.js";
import { type PreparedChunk, prepareChunk } from "./columns/prepare.js";
import { scatterChunk, sortSessions } from "./columns/scatter.js";
import { countDistinctGrams } from "./passes/distinct.js";
import { evaluate, PartitionError } from "./passes/evaluate.js";
import { collectEvidence } from "./passes/evidence.js";
import { countExposure } from "./passes/exposure.js";
import { gather, remapSymbols } from "./passes/gather.js";
import { groupUsers } from "./passes/group-users.js";
import { markPatterns } from "./passes/mark.js";
import { segmentSessions } from "./passes/segment.js";
import { sumStrata } from "./passes/strata.js";
import { writeSymbols } from "./passes/symbols.js";
import { tally } from "./passes/tally.js";
import { countValues } from "./passes/value-counts.js";
import { mergeDictionaries } from "./sources/byte-dictionary.js";
import type { Chunk } from "./sources/chunk.js";
import { decodeTask } from "./sources/source.js";
import type { TaskInput, TaskKind, TaskOutput, WorkerReply } from "./tasks.js";

type Handlers = { readonly [K in TaskKind]: (input: TaskInput<K>) => TaskOutput<K> | Promise<TaskOutput<K>> };

const handlers: Handlers = {
  decode: async ({ task, requests }) => {
    const chunks: Chunk[] = [];
    for await (const chunk of decodeTask(task, requests)) chunks.push(chunk);
    return chunks;
  },
  decodePrepared: async ({ task, requests, roles }) => {
    const chunks: PreparedChunk[] = [];
    for await (const chunk of decodeTask(task, requests)) chunks.push(prepareChunk(chunk, roles));
    return chunks;
  },
  prepare: ({ chunk, roles }) => prepareChunk(chunk, roles),
  merge: mergeDictionaries,
  scatter: ({ chunk, layout, time, name, columns }) => {
    scatterChunk(chunk, layout, time, name, columns);
    return null;
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
  tally,
  mark: markPatterns,
  evidence: collectEvidence,
  strata: sumStrata,
  exposure: countExposure,
};

/** What Piscina calls in a worker thread: runs one task and answers with its output, or with its error as data. */
export async function runTask<K extends TaskKind>({
  kind,
  input,
}: {
  readonly kind: K;
  readonly input: TaskInput<K>;
}): Promise<WorkerReply<TaskOutput<K>>> {
  try {
    return { ok: true, output: await handlers[kind](input) };
  } catch (error) {
    const cause = error instanceof PartitionError ? error.cause : error;
    const place = error instanceof PartitionError ? { place: error.place } : {};
    if (cause instanceof LeadlineError) return { ok: false, code: cause.code, message: cause.message, ...place };
    const message = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, code: "worker-failed", message, ...place };
  }
}
