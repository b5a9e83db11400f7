import { LeadlineError } from "../../errors.js";
import { mergeDictionaries } from "../sources/byte-dictionary.js";
import type { ByteDictionary } from "../sources/chunk.js";
import type { Codes, IdColumn, Value } from "./event-table.js";
import type { KeyedChunk, MergedRange, MergeKeysInput } from "./merge-keys.js";
import type { CodeMap, PlacedColumn, PlaceKeysInput, RangePlace } from "./place-keys.js";
import type { ChunkSlice } from "./prepare.js";
import { sharedCodes, sharedFloat64, sharedUint8, sharedUint32 } from "./shared.js";

/** A column of the table under construction; `grain` session: filled already, event: `scatter` fills it. */
export type TargetColumn =
  | {
      readonly kind: "coded";
      readonly grain: "event" | "session";
      readonly codes: Codes;
      readonly dictionary: readonly Value[];
    }
  | {
      readonly kind: "numeric";
      readonly grain: "event" | "session";
      readonly values: Float64Array;
      readonly type: "number" | "time";
    };

/**
 * The event table laid out: every array has its final size and every chunk knows where its rows go, so that chunks can be
 * scattered by any threads in any order.
 */
export interface Layout {
  readonly events: number;
  readonly sessions: number;
  readonly users: number;
  readonly time: Float64Array;
  readonly name: Codes;
  readonly names: readonly string[];
  readonly sessionOffsets: Uint32Array;
  readonly userOffsets: Uint32Array;
  readonly columns: readonly TargetColumn[];
  readonly sessionIds: IdColumn | null;
  readonly userIds: IdColumn;
  readonly chunks: readonly ChunkLayout[];
}

/** Where the rows of one chunk go. */
export interface ChunkLayout {
  /** Uint32Array(sessions of the chunk): position of the session's first row of this chunk in the table. */
  readonly cursor: Uint32Array;
  /** Final code of each of the chunk's event codes. */
  readonly nameMap: CodeMap;
  /** Per column; null for columns that need no scattering or have no codes. */
  readonly columnMaps: readonly (CodeMap | null)[];
}

/** What lays out a table by ranges of users' hashes; worker threads share the ranges. */
export interface KeyRunner {
  readonly merge: (input: MergeKeysInput) => Promise<readonly MergedRange[]>;
  readonly place: (input: PlaceKeysInput) => Promise<unknown>;
}

/**
 * Entries of keys in a range. A quarter of these would stay in a core's second-level cache; but each range asks every chunk, in code that runs
 * too little to be compiled well (measured, 94 chunks, 2 threads: 100 ms with a quarter, 70 ms with these).
 */
const ENTRIES_PER_RANGE = 1 << 15;

/** Offsets of ids are uint32. */
const MOST_ID_BYTES = 2 ** 32 - 1;

/**
 * Merges the chunks' users and sessions and lays out the event table. Sorting by session is a counting sort: a
 * session's rows of a chunk start where those of the chunks before end. O(sessions + distinct values), no pass over rows.
 *
 * Users stand in the order of their hashes, so a range of hashes is a stretch of the table: ranges are merged each by itself, and when it
 * is known how much each holds, brought to their places.
 * @param chunks - in file and row order, which is the order of ties
 * @param texts - the small dictionaries: those of more chunks than these where they are a part of the data
 * @param entriesPerRange - sessions of chunks in a range; the table does not depend on it
 * @throws RangeError when there are more rows than a Uint32 can number
 * @throws LeadlineError `unsupported` where the ids of users or of sessions exceed 4 GiB
 */
export async function layOut(
  chunks: readonly ChunkSlice[],
  run: KeyRunner,
  texts: MergedTexts = mergeTexts(chunks),
  entriesPerRange: number = ENTRIES_PER_RANGE,
): Promise<Layout> {
  let [events, entries] = [0, 0];
  let [lowest, highest] = [0xffffffff, 0];
  const keyed = chunks.map(({ rows, keys, rowsOfSession }): KeyedChunk => {
    const firstEntry = entries;
    const { userHash } = keys;
    events += rows;
    entries += rowsOfSession.length;
    lowest = Math.min(lowest, userHash[0] ?? lowest);
    highest = Math.max(highest, userHash[userHash.length - 1] ?? highest);
    return { keys, rowsOfSession, firstEntry };
  });
  if (events > 0xffffffff) throw new RangeError(`too many events: ${events}; at most ${0xffffffff} fit one table`);
  const ranges = Math.max(1, Math.ceil(entries / entriesPerRange));
  const hashes = { lowest, width: Math.max(1, Math.floor((highest - lowest) / ranges) + 1), ranges };
  const sessionOf = sharedUint32(entries);
  const merged = [...(await run.merge({ ...hashes, chunks: keyed, sessionOf, next: turns() }))];
  merged.sort((a, b) => a.range - b.range);
  const { places, users, sessions, userBytes, sessionBytes } = placesOf(merged);

  const cursors = sharedUint32(entries);
  const placed = texts.columns.map((column, index) => placedColumn(chunks, index, column, sessions));
  const columns = placed.filter((column) => column !== null);
  const varies = sharedUint8(columns.length);
  const userOffsets = sharedUint32(users + 1);
  const sessionOffsets = sharedUint32(sessions + 1);
  const userIds = { bytes: sharedUint8(userBytes), offsets: sharedUint32(users + 1) };
  const hasIds = merged.some(({ sessionIds }) => sessionIds !== null);
  const sessionIds = hasIds ? { bytes: sharedUint8(sessionBytes), offsets: sharedUint32(sessions + 1) } : null;
  const chunkCursors = keyed.map(({ rowsOfSession, firstEntry }) =>
    cursors.subarray(firstEntry, firstEntry + rowsOfSession.length),
  );
  await run.place({
    ...hashes,
    chunks: keyed.map(({ keys: { userHash, sessionOffsets: offsets }, ...own }, chunk) => ({
      ...own,
      keys: { userHash, sessionOffsets: offsets },
      cursor: chunkCursors[chunk] as Uint32Array,
    })),
    places,
    sessionOf,
    columns,
    varies,
    userOffsets,
    sessionOffsets,
    userIds,
    sessionIds,
    next: turns(),
  });
  const laid = texts.columns.map((column, index) => {
    const own = placed[index] ?? null;
    return laidOutColumn(column, own === null || varies[columns.indexOf(own)] === 1 ? null : own, events);
  });
  const { names } = texts;
  return {
    events,
    sessions,
    users,
    time: sharedFloat64(events),
    name: sharedCodes(events, Math.max(0, names.values.length - 1)),
    names: names.values,
    sessionOffsets,
    userOffsets,
    columns: laid.map(({ target }) => target),
    // a user's only session
    sessionIds: sessionIds ?? userIds,
    userIds,
    chunks: chunkCursors.map((cursor, chunk) => ({
      cursor,
      nameMap: names.maps[chunk] as CodeMap,
      columnMaps: laid.map(({ maps }) => maps?.[chunk] ?? null),
    })),
  };
}

/** A counter from which threads draw turns. */
function turns(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

/** What comes before each range. */
function placesOf(merged: readonly MergedRange[]): {
  readonly places: readonly RangePlace[];
  readonly users: number;
  readonly sessions: number;
  readonly userBytes: number;
  readonly sessionBytes: number;
} {
  let [users, sessions, rows, userBytes, sessionBytes] = [0, 0, 0, 0, 0];
  const places = merged.map((own): RangePlace => {
    const place = { merged: own, users, sessions, rows, userBytes, sessionBytes };
    users += own.userOffsets.length - 1;
    sessions += own.rowsOfSession.length;
    rows += own.rows;
    userBytes += own.userIds.bytes.length;
    sessionBytes += own.sessionIds?.bytes.length ?? 0;
    return place;
  });
  if (userBytes > MOST_ID_BYTES || sessionBytes > MOST_ID_BYTES) {
    throw new LeadlineError("unsupported", "unsupported data: the ids of users or sessions exceed 4 GiB");
  }
  return { places, users, sessions, userBytes, sessionBytes };
}

interface MergedText {
  /** Ascending. */
  readonly values: readonly string[];
  /** Per chunk, code (from 1) → index into `values`. */
  readonly maps: readonly Uint32Array[];
}

/** Merges small dictionaries into sorted text, so that codes do not depend on which value came first. */
function mergeText(dictionaries: readonly ByteDictionary[]): MergedText {
  const { merged, remaps } = mergeDictionaries(dictionaries);
  const texts = decodeTexts(merged);
  const order = texts.map((_, index) => index).sort((a, b) => compareText(texts[a] as string, texts[b] as string));
  const place = new Uint32Array(texts.length);
  for (const [at, index] of order.entries()) place[index] = at;
  return {
    values: order.map((index) => texts[index] as string),
    maps: remaps.map((remap) => {
      // from a chunk's code, which starts at 1
      const map = sharedUint32(remap.length + 1);
      for (let code = 0; code < remap.length; code++) map[code + 1] = place[remap[code] as number] as number;
      return map;
    }),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The values of a dictionary as text. */
export function decodeTexts(dictionary: ByteDictionary): string[] {
  const bytes = Buffer.from(dictionary.bytes.buffer, dictionary.bytes.byteOffset, dictionary.bytes.byteLength);
  const texts: string[] = [];
  for (let index = 0; index + 1 < dictionary.offsets.length; index++) {
    texts.push(bytes.toString("utf8", dictionary.offsets[index], dictionary.offsets[index + 1]));
  }
  return texts;
}

/** A column of all chunks: what their dictionaries come to, or the type of their numbers. */
export type MergedColumn =
  | {
      readonly kind: "codes";
      readonly dictionary: readonly Value[];
      /** Per chunk, its code → the table's; 0 is missing in both. */
      readonly maps: readonly CodeMap[];
    }
  | { readonly kind: "numbers"; readonly type: "number" | "time" };

/** The small dictionaries of all chunks, merged. */
export interface MergedTexts {
  readonly names: { readonly values: readonly string[]; readonly maps: readonly CodeMap[] };
  readonly columns: readonly MergedColumn[];
}

/** What of a chunk `mergeTexts` reads. */
export interface ChunkTexts {
  readonly eventDictionary: ByteDictionary;
  readonly columns: readonly (
    | { readonly kind: "codes"; readonly type: "text" | "boolean"; readonly dictionary: ByteDictionary }
    | { readonly kind: "numbers"; readonly type: "number" | "time" }
  )[];
}

/** Merges the dictionaries of event names and of columns. O(distinct values). */
export function mergeTexts(chunks: readonly ChunkTexts[]): MergedTexts {
  return {
    names: mergeText(chunks.map((chunk) => chunk.eventDictionary)),
    columns: (chunks[0]?.columns ?? []).map((_, index) => mergeColumn(chunks.map((chunk) => chunk.columns[index]))),
  };
}

/** The texts of some of the chunks, with the dictionaries of all. */
export function textsOf({ names, columns }: MergedTexts, chunks: readonly number[]): MergedTexts {
  const pick = (maps: readonly CodeMap[]): CodeMap[] => chunks.map((chunk) => maps[chunk] as CodeMap);
  return {
    names: { values: names.values, maps: pick(names.maps) },
    columns: columns.map((column) => (column.kind === "codes" ? { ...column, maps: pick(column.maps) } : column)),
  };
}

function mergeColumn(parts: readonly (ChunkTexts["columns"][number] | undefined)[]): MergedColumn {
  const codes = parts.filter((part) => part?.kind === "codes");
  const numbers = parts.filter((part) => part?.kind === "numbers");
  if (codes.length > 0 && numbers.length > 0) throw new TypeError("a column must come in one form from every chunk");
  if (codes.length === 0) {
    return { kind: "numbers", type: numbers.every((part) => part.type === "time") ? "time" : "number" };
  }
  const text = mergeText(codes.map((part) => part.dictionary));
  // from a chunk's code to the table's, 0 staying missing
  for (const map of text.maps) {
    for (let code = 1; code < map.length; code++) map[code] = (map[code] as number) + 1;
  }
  const isBoolean = codes.every((part) => part.type === "boolean");
  const dictionary = isBoolean ? text.values.map((value) => value === "true") : text.values;
  return { kind: "codes", dictionary, maps: text.maps };
}

/** A column of a value a session, where every chunk found it constant within its sessions; null: of a value an event. */
function placedColumn(
  chunks: readonly ChunkSlice[],
  index: number,
  merged: MergedColumn,
  sessions: number,
): PlacedColumn | null {
  const parts = chunks.map((chunk) => chunk.columns[index]);
  if (merged.kind === "codes") {
    const { dictionary, maps } = merged;
    const codes = parts.filter((part) => part?.kind === "codes");
    if (!codes.every((part) => part.perSession)) return null;
    const out = sharedCodes(sessions, dictionary.length);
    return { kind: "codes", parts: codes.map((part) => part.codes), maps, out };
  }
  const numbers = parts.filter((part) => part?.kind === "numbers");
  if (!numbers.every((part) => part.perSession)) return null;
  return { kind: "numbers", parts: numbers.map((part) => part.values), out: sharedFloat64(sessions) };
}

/** @param placed - null where values change within sessions */
function laidOutColumn(
  merged: MergedColumn,
  placed: PlacedColumn | null,
  events: number,
): { readonly target: TargetColumn; readonly maps: readonly CodeMap[] | null } {
  if (merged.kind === "codes") {
    const { dictionary, maps } = merged;
    if (placed?.kind === "codes") {
      return { target: { kind: "coded", grain: "session", codes: placed.out, dictionary }, maps: null };
    }
    const codes = sharedCodes(events, dictionary.length);
    return { target: { kind: "coded", grain: "event", codes, dictionary }, maps };
  }
  const { type } = merged;
  if (placed?.kind === "numbers") {
    return { target: { kind: "numeric", grain: "session", values: placed.out, type }, maps: null };
  }
  return { target: { kind: "numeric", grain: "event", values: sharedFloat64(events), type }, maps: null };
}
