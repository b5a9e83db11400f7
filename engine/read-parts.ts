import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LeadlineError } from "../errors.js";
import { collectGarbage } from "./collect-garbage.js";
import { type MergedTexts, mergeTexts, textsOf } from "./columns/assemble.js";
import { cutSessions } from "./columns/cut-sessions.js";
import type { Codes, TableColumn } from "./columns/event-table.js";
import { sumDropped } from "./columns/prepare.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "./columns/shared.js";
import { CELLS, type SpilledChunk } from "./columns/spill.js";
import { type ColumnInfo, type PartRange, type SessionTable, sessionMoments } from "./event-store.js";
import { attributeOf, PartedStore, removeParts, type StoredPart } from "./parted-store.js";
import type { WorkerPool } from "./pool.js";
import {
  assemble,
  nameColumns,
  type ReadPlan,
  type ReadProgress,
  type ReadRequest,
  type StoreOutcome,
} from "./read.js";
import { openStored, type StoredFile, writeStored } from "./stored.js";
import { spillAll } from "./survey.js";

/** Where the parts are kept, under the system's folder for temporary files. */
const FOLDER = "leadline-parts-";

/**
 * Reads files whose events do not fit in memory: every stretch goes to disk with its rows by user, and each part of the users is
 * then read from all of them and laid out as a table of its own. Users, sessions, codes and ties are what `readEvents` makes of them.
 * @param parts - how many parts there should be; fewer where users are few
 * @throws LeadlineError as `readEvents`; `output-invalid` where the folder for temporary files cannot be written to
 */
export async function readParts(
  request: ReadRequest,
  plan: ReadPlan,
  parts: number,
  pool: WorkerPool,
  onProgress?: ReadProgress,
): Promise<StoreOutcome> {
  const folder = makeFolder();
  const remove = (): void => removeParts(folder);
  // a second interrupt leaves no time for anything else
  process.once("exit", remove);
  try {
    const total = plan.tasks.reduce((sum, task) => sum + task.rows, 0);
    let done = 0;
    const chunks = await spillAll(plan, folder, pool, (rows) => {
      done += rows;
      onProgress?.(done, total);
    });
    const texts = mergeTexts(chunks);
    const made = new Parts(request, plan, texts.names.values);
    for (const [from, to] of partCells(chunks, parts)) {
      const { layout, columns } = await readPart(request, plan, chunks, texts, from, to, pool);
      const path = join(folder, `part-${made.files.length}`);
      const { time, name, sessionOffsets, userOffsets, sessionIds, userIds } = layout;
      const stored: StoredPart = {
        part: { time, name, sessionOffsets, userOffsets, columns },
        sessionIds,
        userIds,
      };
      writeStored(path, stored);
      made.add(path, stored);
    }
    for (const { path } of chunks) rmSync(path);
    const store = new PartedStore({ folder, ...made.finish() }, pool);
    const close = (): void => {
      process.removeListener("exit", remove);
      store.close();
    };
    return { store, close, roles: plan.roles, dropped: sumDropped(chunks), warnings: [] };
  } catch (error) {
    process.removeListener("exit", remove);
    remove();
    throw error;
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), FOLDER));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError(
      "output-invalid",
      `the events do not fit in memory and ${tmpdir()} cannot be written to: ${reason}; TMPDIR names another folder`,
      { cause },
    );
  }
}

/** Ranges of cells with about equal rows, none without a row, but for one of all cells where there is no row at all. */
function partCells(chunks: readonly SpilledChunk[], parts: number): [number, number][] {
  const rowsBefore = new Float64Array(CELLS + 1);
  for (const chunk of chunks) {
    for (let cell = 0; cell <= CELLS; cell++) {
      rowsBefore[cell] = (rowsBefore[cell] as number) + (chunk.rowsBefore[cell] as number);
    }
  }
  const rows = rowsBefore[CELLS] as number;
  if (rows === 0) return [[0, CELLS]];
  const ranges: [number, number][] = [];
  let from = 0;
  for (let cell = 1; cell <= CELLS; cell++) {
    const before = rowsBefore[cell] as number;
    if (before === rowsBefore[from]) continue;
    if (cell === CELLS || before >= (rows / parts) * (ranges.length + 1)) {
      ranges.push([from, cell]);
      from = cell;
    }
  }
  const last = ranges[ranges.length - 1];
  // what is left holds no row
  if (last !== undefined && from < CELLS) last[1] = CELLS;
  return ranges;
}

async function readPart(
  request: ReadRequest,
  { roles, others }: ReadPlan,
  chunks: readonly SpilledChunk[],
  texts: MergedTexts,
  fromCell: number,
  toCell: number,
  pool: WorkerPool,
): Promise<{ readonly layout: Awaited<ReturnType<typeof assemble>>; readonly columns: TableColumn[] }> {
  const present = [...chunks.keys()].filter((index) => {
    const { rowsBefore } = chunks[index] as SpilledChunk;
    return (rowsBefore[toCell] as number) > (rowsBefore[fromCell] as number);
  });
  const slices = await pool.runAll(
    "slice",
    present.map((index) => ({ chunk: chunks[index] as SpilledChunk, fromCell, toCell })),
    (index) => `stretch ${(present[index] ?? 0) + 1}`,
  );
  const scattered = await assemble(slices, pool, textsOf(texts, present));
  const layout = roles.session === undefined ? cutSessions(scattered, request.sessionGapMs) : scattered;
  collectGarbage("all");
  return { layout, columns: nameColumns(layout.columns, others) };
}

/** What is kept of each part in memory, until all are there. */
class Parts {
  readonly files: StoredFile[] = [];
  readonly #request: ReadRequest;
  readonly #plan: ReadPlan;
  readonly #names: readonly string[];
  readonly #ranges: PartRange[] = [];
  readonly #moments: Pick<SessionTable, "starts" | "ends" | "entry">[] = [];
  readonly #offsets: Pick<SessionTable, "sessionOffsets" | "userOffsets">[] = [];
  readonly #columns: ColumnInfo[] = [];
  /** By column: its value in the first event of each session, part by part; of those that are attributes. */
  readonly #firsts = new Map<string, (Codes | Float64Array)[]>();
  /** By column of numbers whose values are told apart: all values; and those in the first events of sessions. */
  readonly #numbers = new Map<string, Set<number>>();
  readonly #firstNumbers = new Map<string, Set<number>>();

  constructor(request: ReadRequest, plan: ReadPlan, names: readonly string[]) {
    this.#request = request;
    this.#plan = plan;
    this.#names = names;
  }

  /** Takes what stays in memory of a part that is on disk. */
  add(path: string, { part }: StoredPart): void {
    const file = openStored(path);
    if (file === null) throw new LeadlineError("output-invalid", `${path} was not written whole`);
    this.files.push(file);
    const { sessionOffsets, userOffsets, columns } = part;
    const before = this.#ranges[this.#ranges.length - 1];
    const [userStart, sessionStart, eventStart] = [
      before?.userEnd ?? 0,
      before?.sessionEnd ?? 0,
      before?.eventEnd ?? 0,
    ];
    this.#ranges.push({
      userStart,
      userEnd: userStart + userOffsets.length - 1,
      sessionStart,
      sessionEnd: sessionStart + sessionOffsets.length - 1,
      eventStart,
      eventEnd: eventStart + part.time.length,
    });
    this.#moments.push(sessionMoments(part, this.#names.length));
    this.#offsets.push({ sessionOffsets, userOffsets });
    for (const [index, column] of columns.entries()) this.#addColumn(index, column, sessionOffsets);
  }

  #addColumn(index: number, column: TableColumn, sessionOffsets: Uint32Array): void {
    const { name } = column;
    const known = this.#columns[index];
    const grain = known === undefined || known.grain === column.grain ? column.grain : "event";
    this.#columns[index] =
      column.kind === "coded"
        ? { kind: "coded", name, grain, dictionary: column.dictionary }
        : { kind: "numeric", name, grain, type: column.type };
    const isAttribute =
      this.#request.attributes === null
        ? column.kind === "coded" && column.dictionary.length <= this.#request.attributeMaxValues
        : this.#request.attributes.includes(name);
    if (isAttribute) {
      const values = firstValues(column, sessionOffsets);
      const known = this.#firsts.get(name) ?? [];
      known.push(values);
      this.#firsts.set(name, known);
      if (values instanceof Float64Array) addNumbers(this.#firstNumbers, name, values);
    }
    if (column.kind === "numeric" && this.#request.coded?.includes(name) === true) {
      addNumbers(this.#numbers, name, column.values);
    }
  }

  /** All parts together. */
  finish(): Omit<ConstructorParameters<typeof PartedStore>[0], "folder"> {
    const last = this.#ranges[this.#ranges.length - 1];
    const [users, sessions, events] = [last?.userEnd ?? 0, last?.sessionEnd ?? 0, last?.eventEnd ?? 0];
    if (events > 0xffffffff) throw new RangeError(`too many events: ${events}; at most ${0xffffffff} fit one table`);
    const starts = sharedFloat64(sessions);
    const ends = sharedFloat64(sessions);
    const entry = sharedCodes(sessions, Math.max(0, this.#names.length - 1));
    const sessionOffsets = sharedUint32(sessions + 1);
    const userOffsets = sharedUint32(users + 1);
    for (const [index, { userStart, sessionStart, eventStart }] of this.#ranges.entries()) {
      const moments = this.#moments[index] as Pick<SessionTable, "starts" | "ends" | "entry">;
      starts.set(moments.starts, sessionStart);
      ends.set(moments.ends, sessionStart);
      entry.set(moments.entry, sessionStart);
      const own = this.#offsets[index] as Pick<SessionTable, "sessionOffsets" | "userOffsets">;
      appendOffsets(own.sessionOffsets, eventStart, sessionOffsets, sessionStart);
      appendOffsets(own.userOffsets, sessionStart, userOffsets, userStart);
    }
    const columns = this.#columns.map((column): ColumnInfo => {
      const { name, grain } = column;
      const isCoded = column.kind === "numeric" && this.#request.coded?.includes(name) === true;
      return isCoded ? { kind: "coded", name, grain, dictionary: ascending(this.#numbers.get(name)) } : column;
    });
    const attributes = (this.#request.attributes ?? [...this.#firsts.keys()]).map((name) => {
      const column = this.#columns.find((each) => each.name === name);
      const dictionary = column?.kind === "coded" ? column.dictionary : ascending(this.#firstNumbers.get(name));
      return attributeOf(name, this.#firsts.get(name) ?? [], sessions, dictionary);
    });
    return {
      files: this.files,
      ranges: this.#ranges,
      columns,
      sessions: {
        events,
        sessions,
        users,
        hasUsers: this.#plan.roles.user !== undefined,
        names: this.#names,
        sessionOffsets,
        userOffsets,
        starts,
        ends,
        entry,
        attributes,
      },
    };
  }
}

function addNumbers(sets: Map<string, Set<number>>, name: string, values: Float64Array): void {
  const known = sets.get(name) ?? new Set();
  sets.set(name, known);
  for (const value of values) if (!Number.isNaN(value)) known.add(value);
}

function ascending(values: ReadonlySet<number> | undefined): number[] {
  return [...(values ?? [])].sort((a, b) => a - b);
}

/** A column's value in the first event of each session. */
function firstValues(column: TableColumn, sessionOffsets: Uint32Array): Codes | Float64Array {
  const sessions = sessionOffsets.length - 1;
  if (column.grain === "session") return column.kind === "coded" ? column.codes : column.values;
  const values = column.kind === "coded" ? column.codes : column.values;
  const out = column.kind === "coded" ? sharedCodes(sessions, column.dictionary.length) : new Float64Array(sessions);
  for (let session = 0; session < sessions; session++) {
    out[session] = values[sessionOffsets[session] as number] as number;
  }
  return out;
}

function appendOffsets(own: Uint32Array, add: number, out: Uint32Array, at: number): void {
  for (let index = 0; index < own.length; index++) out[at + index] = (own[index] as number) + add;
}
