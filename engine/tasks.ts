import type { ErrorCode } from "../errors.js";
import type { ChunkLayout, TargetColumn } from "./columns/assemble.js";
import type { Codes } from "./columns/event-table.js";
import type { MergedRange, MergeKeysInput } from "./columns/merge-keys.js";
import type { PlaceKeysInput } from "./columns/place-keys.js";
import type { ChunkRoles, ChunkSlice, PreparedChunk } from "./columns/prepare.js";
import type { ChunkRows } from "./columns/scatter.js";
import type { SpilledChunk } from "./columns/spill.js";
import type { FillInput } from "./fill.js";
import type { CellCounts, CountCellsInput, SplitCellsInput } from "./passes/cells.js";
import type { CommonGramsInput } from "./passes/common-grams.js";
import type { DistinctInput, DistinctOutput } from "./passes/distinct.js";
import type { EvaluateInput } from "./passes/evaluate.js";
import type { EvidenceInput, EvidenceOutput } from "./passes/evidence.js";
import type { ExposureInput, ExposureOutput } from "./passes/exposure.js";
import type { GatherInput, RemapInput } from "./passes/gather.js";
import type { GroupSizes, GroupUsersInput } from "./passes/group-users.js";
import type { LoadInput, LoadWindowsInput } from "./passes/load.js";
import type { MarkInput } from "./passes/mark.js";
import type { MomentsInput } from "./passes/moments.js";
import type { SegmentInput, StandingInput } from "./passes/segment.js";
import type { SubsequencesInput } from "./passes/sequences.js";
import type { StrataInput } from "./passes/strata.js";
import type { SymbolsInput } from "./passes/symbols.js";
import type { StandingWordsInput, TallyInput } from "./passes/tally.js";
import type { ValueCounts, ValueCountsInput } from "./passes/value-counts.js";
import type { Chunk, ColumnRequest, SourceTask } from "./sources/chunk.js";
import type { SpillInput } from "./stretch.js";

/** What worker threads can do: the input and output of each kind of task, plain data over shared buffers. */
export interface Tasks {
  /** Decodes a stretch of a file. */
  readonly decode: {
    readonly input: {
      readonly task: SourceTask;
      readonly requests: readonly ColumnRequest[];
      /** From `decoderBytes`. */
      readonly decoder: Uint8Array;
    };
    readonly output: readonly Chunk[];
  };
  /** Decodes a stretch of a file whose types are known, and prepares its chunks. */
  readonly decodePrepared: {
    readonly input: {
      readonly task: SourceTask;
      readonly requests: readonly ColumnRequest[];
      readonly roles: ChunkRoles;
      readonly decoder: Uint8Array;
    };
    readonly output: readonly PreparedChunk[];
  };
  /** Drops a chunk's unusable rows and groups the rest by session. */
  readonly prepare: {
    readonly input: { readonly chunk: Chunk; readonly roles: ChunkRoles };
    readonly output: PreparedChunk;
  };
  /** Merges the users and sessions of all chunks, range by range of users' hashes. */
  readonly mergeKeys: { readonly input: MergeKeysInput; readonly output: readonly MergedRange[] };
  /** Brings merged ranges to their places in the table. */
  readonly placeKeys: { readonly input: PlaceKeysInput; readonly output: null };
  /** Writes a prepared chunk into the event table. */
  readonly scatter: {
    readonly input: {
      readonly chunk: ChunkRows;
      readonly layout: ChunkLayout;
      readonly time: Float64Array;
      readonly name: Codes;
      readonly columns: readonly TargetColumn[];
    };
    readonly output: null;
  };
  /** Decodes a stretch of a file and tells what it holds of each column, without the rows. */
  readonly survey: {
    readonly input: { readonly task: SourceTask; readonly requests: readonly ColumnRequest[] };
    readonly output: readonly Chunk[];
  };
  /** Decodes a stretch of a file, prepares its chunks and writes them to disk. */
  readonly spill: { readonly input: SpillInput; readonly output: readonly SpilledChunk[] };
  /** Reads some users' part of a chunk from disk. */
  readonly slice: {
    readonly input: { readonly chunk: SpilledChunk; readonly fromCell: number; readonly toCell: number };
    readonly output: ChunkSlice;
  };
  /** Reads bytes of a file to their places. */
  readonly fill: { readonly input: FillInput; readonly output: null };
  /** Puts the events of a range of sessions in order of time. */
  readonly sort: {
    readonly input: {
      readonly sessionOffsets: Uint32Array;
      readonly start: number;
      readonly end: number;
      readonly time: Float64Array;
      readonly name: Codes;
      readonly columns: readonly TargetColumn[];
    };
    readonly output: number;
  };
  /** Loads the modules of the passes that follow. */
  readonly loadPasses: { readonly input: null; readonly output: null };
  /** Tells when sessions start and end, and with what. */
  readonly moments: { readonly input: MomentsInput; readonly output: null };
  /** Counts a column's values by event name. */
  readonly valueCounts: { readonly input: ValueCountsInput; readonly output: ValueCounts | null };
  /** Finds which sessions start within the window of each. */
  readonly loadWindows: { readonly input: LoadWindowsInput; readonly output: null };
  /** Tells how busy, or how failing, the others in the window of each session were. */
  readonly load: { readonly input: LoadInput; readonly output: null };
  /** Computes the session columns of a plan, partition by partition. */
  readonly evaluate: { readonly input: EvaluateInput; readonly output: null };
  /** Tells how sessions stand on binary KPIs. */
  readonly stand: { readonly input: StandingInput; readonly output: null };
  /** Cuts sessions into stretches in which the same KPIs are open. */
  readonly segment: { readonly input: SegmentInput; readonly output: null };
  /** Counts users and sessions of groups. */
  readonly groupUsers: { readonly input: GroupUsersInput; readonly output: readonly GroupSizes[] };
  /** Splits cells of sessions by the values of attributes. */
  readonly splitCells: { readonly input: SplitCellsInput; readonly output: Float64Array };
  /** Counts sessions by cell, and users by pairs of values. */
  readonly countCells: { readonly input: CountCellsInput; readonly output: CellCounts };
  /** Writes the symbols of events. */
  readonly symbols: { readonly input: SymbolsInput; readonly output: null };
  /** Lays out sessions in counting order. */
  readonly gather: { readonly input: GatherInput; readonly output: null };
  /** Rewrites symbols. */
  readonly remap: { readonly input: RemapInput; readonly output: null };
  /** Counts the different k-grams. */
  readonly distinct: { readonly input: DistinctInput; readonly output: DistinctOutput };
  /** Counts the sequences that enough sessions hold. */
  readonly commonGrams: { readonly input: CommonGramsInput; readonly output: Float64Array };
  /** Counts the different sequences with gaps in each session. */
  readonly subsequences: { readonly input: SubsequencesInput; readonly output: null };
  /** Writes how sessions stand on KPIs as words of bits. */
  readonly standings: { readonly input: StandingWordsInput; readonly output: null };
  /** Counts hypotheses by cohort, KPI and outcome. */
  readonly tally: { readonly input: TallyInput; readonly output: Uint32Array };
  /** Marks the sessions that hold each of some patterns and conditions. */
  readonly mark: { readonly input: MarkInput; readonly output: null };
  /** Collects what is told of a few hypotheses. */
  readonly evidence: { readonly input: EvidenceInput; readonly output: EvidenceOutput };
  /** Sums outcomes of members and others within strata. */
  readonly strata: { readonly input: StrataInput; readonly output: null };
  /** Counts who is at risk, and who is decided, at each age. */
  readonly exposure: { readonly input: ExposureInput; readonly output: ExposureOutput };
}

/** What threads can be asked: by kind of task, what it takes and gives. */
export type TaskKinds<T> = { readonly [K in keyof T]: { readonly input: unknown; readonly output: unknown } };

/** What a worker thread answers; errors as data, since a thrown error loses its code on the way. */
export type WorkerReply<T> =
  | { readonly ok: true; readonly output: T }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly place?: string };
