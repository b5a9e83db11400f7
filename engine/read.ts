import { LeadlineError } from "../errors.js";
import { collectGarbage } from "./collect-garbage.js";
import { type KeyRunner, type Layout, layOut, type MergedTexts, type TargetColumn } from "./columns/assemble.js";
import { cutSessions } from "./columns/cut-sessions.js";
import type { Codes, EventTable, SessionAttribute, TableColumn, Value } from "./columns/event-table.js";
import {
  type ChunkRoles,
  type ChunkSlice,
  type DroppedRows,
  type PreparedChunk,
  sumDropped,
} from "./columns/prepare.js";
import type { ChunkRows } from "./columns/scatter.js";
import { sharedCodes } from "./columns/shared.js";
import type { EventStore } from "./event-store.js";
import type { WorkerPool } from "./pool.js";
import type { Chunk, ColumnRequest, SourceColumnType, SourceTask } from "./sources/chunk.js";
import { decoderBytes } from "./sources/decoder-module.js";
import { guessRoles, type Roles } from "./sources/roles.js";
import { openSources } from "./sources/source.js";
import { unifyColumns } from "./sources/unify-columns.js";

/** What to read, and how its rows form sessions. */
export interface ReadRequest {
  /** Files and globs, relative to `base`. */
  readonly files: readonly string[];
  readonly base: string;
  /** What the study says of the columns' roles; the others are guessed. */
  readonly columns: Partial<Roles>;
  /** Inactivity in ms that ends a session where there is no session column. */
  readonly sessionGapMs: number;
  /** Columns that expressions read. */
  readonly needed: readonly string[];
  /** Columns that are read where the data have them. @default none */
  readonly welcome?: readonly string[];
  /** Columns of `needed` whose values are to be told apart: numbers among them come as codes. @default none */
  readonly coded?: readonly string[];
  /** Static attributes; null for every text column of at most `attributeMaxValues` values. */
  readonly attributes: readonly string[] | null;
  readonly attributeMaxValues: number;
}

/** Progress of reading: events so far of about `total`. */
export type ReadProgress = (events: number, total: number) => void;

/** The event table, with what a reader should know of how it came about. */
export interface ReadOutcome {
  readonly table: EventTable;
  readonly roles: Roles;
  readonly dropped: Readonly<DroppedRows>;
  readonly warnings: readonly string[];
}

/** The events of a run, with what a reader should know of how they came about. */
export interface StoreOutcome extends Omit<ReadOutcome, "table"> {
  readonly store: EventStore;
  /** Removes what is on disk for this run. */
  readonly close: () => void;
}

/** Sessions that one sorting task takes: enough to be worth a message, few enough to share out. */
const SESSIONS_PER_SORT = 1 << 17;

/** What a read comes to, before any row is read. */
export interface ReadPlan {
  readonly tasks: readonly SourceTask[];
  readonly roles: Roles;
  /** What every stretch is decoded for, and which of it plays which role. */
  readonly requests: readonly ColumnRequest[];
  readonly chunkRoles: ChunkRoles;
  /** Columns beside the roles, in the table's order. */
  readonly others: readonly string[];
  readonly typeOf: ReadonlyMap<string, SourceColumnType>;
  /** Whether chunks agree on types and units as they are decoded. */
  readonly isSettled: boolean;
}

/**
 * Opens the files and decides what to read of them.
 * @throws LeadlineError `source-invalid` when a file cannot be opened or a column is missing
 */
export async function planRead(request: ReadRequest): Promise<ReadPlan> {
  const sources = await openSources(request.files, request.base);
  const types = new Map(sources.schema.columns.map((column) => [column.name, column.type]));
  const roles = guessRoles(sources.schema, request.columns);
  const others = otherColumns(request, types, roles);
  const requests: ColumnRequest[] = [];
  const indexOf = (name: string | undefined, as: "id" | "time"): number =>
    name === undefined ? -1 : requests.push({ name, as }) - 1;
  const chunkRoles: ChunkRoles = {
    time: indexOf(roles.time, "time"),
    event: indexOf(roles.event, "id"),
    user: indexOf(roles.user, "id"),
    session: indexOf(roles.session, "id"),
    others: others.map((name) => requests.push({ name, as: isLabel(request, name) ? "label" : "own" }) - 1),
  };
  // epoch numbers need the whole file to tell their unit
  const isSettled = sources.isTyped && types.get(roles.time) === "time";
  return { tasks: sources.tasks, roles, requests, chunkRoles, others, typeOf: types, isSettled };
}

/**
 * Reads files into an event table: every stretch is decoded by some thread, dictionaries and sessions are merged, and every
 * chunk is scattered to its places.
 * @throws LeadlineError `source-invalid` when a file cannot be read or a column is missing
 */
export async function readEvents(
  request: ReadRequest,
  pool: WorkerPool,
  onProgress?: ReadProgress,
): Promise<ReadOutcome> {
  return await readPlanned(request, await planRead(request), pool, onProgress);
}

/**
 * As `readEvents`, of files that are open already.
 * @throws LeadlineError `source-invalid` when a file cannot be read
 */
export async function readPlanned(
  request: ReadRequest,
  { tasks, roles, requests, chunkRoles, others, isSettled }: ReadPlan,
  pool: WorkerPool,
  onProgress?: ReadProgress,
): Promise<ReadOutcome> {
  const source = { tasks, requests, roles: chunkRoles, pool, onProgress };
  const chunks = await (isSettled ? prepareTyped(source) : prepareUntyped(source));
  const dropped = sumDropped(chunks);
  const scattered = await assemble(chunks, pool);
  const layout = roles.session === undefined ? cutSessions(scattered, request.sessionGapMs) : scattered;
  const warnings: string[] = [];
  const columns = nameColumns(layout.columns, others);
  const table: EventTable = {
    events: layout.events,
    sessions: layout.sessions,
    users: layout.users,
    hasUsers: roles.user !== undefined,
    time: layout.time,
    name: layout.name,
    names: layout.names,
    sessionOffsets: layout.sessionOffsets,
    userOffsets: layout.userOffsets,
    columns: columns.map((column) => (request.coded?.includes(column.name) ? codedColumn(column) : column)),
    attributes: chooseAttributes(request, columns, layout.sessionOffsets),
    sessionIds: layout.sessionIds,
    userIds: layout.userIds,
  };
  return { table, roles, dropped, warnings };
}

interface ChunkSource {
  readonly tasks: readonly SourceTask[];
  readonly requests: readonly ColumnRequest[];
  readonly roles: ChunkRoles;
  readonly pool: WorkerPool;
  readonly onProgress: ReadProgress | undefined;
}

/** Decodes every stretch and groups its rows by session at once, so that a row's user id is gone before the next stretch. */
async function prepareTyped({ tasks, requests, roles, pool, onProgress }: ChunkSource): Promise<PreparedChunk[]> {
  const total = tasks.reduce((sum, task) => sum + task.rows, 0);
  let done = 0;
  const decoder = decoderBytes();
  const inputs = tasks.map((task) => ({ task, requests, roles, decoder }));
  const chunks = await pool.runAll(
    "decodePrepared",
    inputs,
    (index) => labelOf(tasks[index]),
    (index) => {
      done += tasks[index]?.rows ?? 0;
      onProgress?.(done, total);
    },
  );
  return chunks.flat();
}

/** Decodes every stretch, makes the chunks agree on types and units, and groups their rows by session. */
async function prepareUntyped({ tasks, requests, roles, pool, onProgress }: ChunkSource): Promise<PreparedChunk[]> {
  const total = tasks.reduce((sum, task) => sum + task.rows, 0);
  let done = 0;
  const decode = (task: SourceTask, wanted: readonly ColumnRequest[]): Promise<readonly Chunk[]> =>
    pool.run("decode", { task, requests: wanted, decoder: decoderBytes() }, labelOf(task));
  const decoded = await Promise.all(
    tasks.map(async (task) => {
      const chunks = await decode(task, requests);
      for (const chunk of chunks) done += chunk.rows;
      onProgress?.(done, Math.max(total, done));
      return { task, chunks };
    }),
  );
  const unified = await unifyColumns(requests, decoded, decode);
  return await pool.runAll(
    "prepare",
    unified.map((chunk) => ({ chunk, roles })),
    (index) => `chunk ${index + 1}`,
  );
}

/** What a task works on, for messages. */
export function labelOf(task: SourceTask | undefined): string {
  return task === undefined ? "a stretch" : `${task.file}, rows from ${task.firstRow}`;
}

/** Whether a column serves to tell sessions apart and nothing else, so that what is written is what counts. */
function isLabel({ attributes, needed }: ReadRequest, name: string): boolean {
  return attributes?.includes(name) === true && !needed.includes(name);
}

/** Columns beside the roles: those that expressions need, and those that are or may be static attributes. */
function otherColumns(
  request: ReadRequest,
  types: ReadonlyMap<string, SourceColumnType>,
  roles: Roles,
): readonly string[] {
  const taken = new Set(Object.values(roles));
  const wanted = new Set<string>();
  for (const name of [...request.needed, ...(request.attributes ?? [])]) {
    if (!types.has(name)) {
      throw new LeadlineError(
        "source-invalid",
        `unknown column: ${name}; the data have ${[...types.keys()].join(", ")}`,
      );
    }
    wanted.add(name);
  }
  for (const name of request.welcome ?? []) if (types.has(name)) wanted.add(name);
  if (request.attributes === null) {
    for (const [name, type] of types) {
      if ((type === "text" || type === "boolean" || type === "unknown") && !taken.has(name)) wanted.add(name);
    }
  }
  return [...wanted];
}

/**
 * Lays out the table of some chunks and brings their rows there. Empties `chunks`: each is garbage as soon as it is in the table.
 * @param texts - where the chunks are a part of the data: what all dictionaries come to
 */
export async function assemble(chunks: ChunkSlice[], pool: WorkerPool, texts?: MergedTexts): Promise<Layout> {
  const layout = await layOut(chunks, keyRunner(pool), texts);
  await scatter(chunks, layout, pool);
  const { time, name, columns, sessionOffsets } = layout;
  const ranges: { start: number; end: number }[] = [];
  for (let start = 0; start < layout.sessions; start += SESSIONS_PER_SORT) {
    ranges.push({ start, end: Math.min(start + SESSIONS_PER_SORT, layout.sessions) });
  }
  const sorting = pool.runAll(
    "sort",
    ranges.map(({ start, end }) => ({ sessionOffsets, start, end, time, name, columns })),
    (index) => `sessions from ${ranges[index]?.start ?? 0}`,
  );
  // the chunks, while threads sort: nothing else would, and they would stay for half the run
  collectGarbage("all");
  await sorting;
  return layout;
}

/** Brings the rows of all chunks to their places. Empties `chunks`. */
async function scatter(chunks: ChunkSlice[], layout: Layout, pool: WorkerPool): Promise<void> {
  const { time, name, columns } = layout;
  const inputs = chunks.splice(0).map((chunk, index) => ({
    chunk: rowsOf(chunk),
    layout: layout.chunks[index] as Layout["chunks"][number],
    time,
    name,
    columns,
  }));
  const scattering = pool.runAll("scatter", inputs, (index) => `chunk ${index + 1}`);
  // ids and what they were merged with, while threads begin
  collectGarbage("all");
  await scattering;
}

/** A chunk without its ids. */
function rowsOf({ time, event, rowsOfSession, columns }: ChunkSlice): ChunkRows {
  return { time, event, rowsOfSession, columns };
}

/** Merges and places keys on all threads. */
function keyRunner(pool: WorkerPool): KeyRunner {
  return {
    merge: async (input) => (await pool.runEach("mergeKeys", input, "the ids of users and sessions")).flat(),
    place: (input) => pool.runEach("placeKeys", input, "the sessions' places"),
  };
}

/** The columns with their names. */
export function nameColumns(columns: readonly TargetColumn[], names: readonly string[]): TableColumn[] {
  return columns.map((column: TargetColumn, index) => {
    const name = names[index] as string;
    return { ...column, name };
  });
}

/** The attributes asked for, or every text or boolean column of few values. */
function chooseAttributes(
  request: ReadRequest,
  columns: readonly TableColumn[],
  sessionOffsets: Uint32Array,
): readonly SessionAttribute[] {
  const chosen =
    request.attributes === null
      ? columns.filter((column) => column.kind === "coded" && column.dictionary.length <= request.attributeMaxValues)
      : request.attributes.map((name) => columns.find((column) => column.name === name) as TableColumn);
  return chosen.map((column) => sessionAttribute(column, sessionOffsets));
}

function sessionAttribute(column: TableColumn, sessionOffsets: Uint32Array): SessionAttribute {
  const sessions = sessionOffsets.length - 1;
  const { name } = column;
  if (column.kind === "coded") {
    if (column.grain === "session") return { name, codes: column.codes, dictionary: column.dictionary };
    const codes = sharedCodes(sessions, column.dictionary.length);
    for (let session = 0; session < sessions; session++) {
      codes[session] = column.codes[sessionOffsets[session] as number] as number;
    }
    return { name, codes, dictionary: column.dictionary };
  }
  const bySession = column.grain === "session";
  const values = new Float64Array(sessions);
  for (let session = 0; session < sessions; session++) {
    values[session] = column.values[bySession ? session : (sessionOffsets[session] as number)] as number;
  }
  return { name, ...codesOf(values) };
}

/** A column of numbers as codes; others are as they were. O(values). */
function codedColumn(column: TableColumn): TableColumn {
  if (column.kind === "coded") return column;
  const { name, grain, values } = column;
  return { kind: "coded", name, grain, ...codesOf(values) };
}

/** Numbers as codes into their distinct values, ascending. O(values). */
export function codesOf(values: Float64Array): { readonly codes: Codes; readonly dictionary: readonly Value[] } {
  const distinct = new Set<number>();
  for (const value of values) if (!Number.isNaN(value)) distinct.add(value);
  const dictionary = [...distinct].sort((a, b) => a - b);
  const codeOf = new Map(dictionary.map((value, index) => [value, index + 1]));
  const codes = sharedCodes(values.length, dictionary.length);
  for (let at = 0; at < values.length; at++) codes[at] = codeOf.get(values[at] as number) ?? 0;
  return { codes, dictionary };
}
