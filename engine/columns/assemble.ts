import { hashBytes } from "../../kernels/byte-hash.js";
import { type MergedDictionaries, mergeDictionaries } from "../sources/byte-dictionary.js";
import type { ByteDictionary } from "../sources/chunk.js";
import type { Codes, IdColumn, Value } from "./event-table.js";
import { PairIndex } from "./pair-index.js";
import type { ChunkSlice } from "./prepare.js";
import { sharedCodes, sharedFloat64, sharedUint32 } from "./shared.js";
import { Slab } from "./slab.js";

/** Where a chunk's values of one column go: the final code of each of the chunk's codes. */
export type CodeMap = Uint32Array;

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
  /**
   * Uint32Array(sessions of the chunk): the first of the chunk's sessions that is the same one; null where all differ, as they
   * do unless a file's dictionary repeats an id.
   */
  readonly sameAs: Uint32Array | null;
  /** Final code of each of the chunk's event codes. */
  readonly nameMap: CodeMap;
  /** Per column; null for columns that need no scattering or have no codes. */
  readonly columnMaps: readonly (CodeMap | null)[];
}

/** The chunks' user and session dictionaries, merged; the same where the data have only one of the two. */
export interface MergedKeys {
  readonly users: MergedDictionaries;
  readonly sessions: MergedDictionaries;
}

/**
 * Merges the chunks' dictionaries and sessions and lays out the event table. Sorting by session is a counting sort: a
 * session's rows of a chunk start where those of the chunks before end. O(sessions + distinct values), no pass over rows.
 * @param chunks - in file and row order, which is the order of ties
 * @param keys - the two large dictionaries, which other threads merge
 * @param texts - the small ones: those of more chunks than these where they are a part of the data
 * @throws RangeError when there are more rows than a Uint32 can number
 */
export function layOut(
  chunks: readonly ChunkSlice[],
  keys: MergedKeys,
  texts: MergedTexts = mergeTexts(chunks),
): Layout {
  let events = 0;
  for (const chunk of chunks) events += chunk.rows;
  if (events > 0xffffffff) throw new RangeError(`too many events: ${events}; at most ${0xffffffff} fit one table`);

  const scratch = new Slab(scratchBytes(chunks, keys));
  const { names } = texts;
  const { users, sessions: ids } = keys;
  const found = mergeSessions(chunks, users.remaps, ids.remaps, ids.merged.offsets.length - 1, scratch);
  const userOrder = orderUsers(users.merged, found, scratch);
  const rank = orderSessions(found, userOrder.rank, scratch);

  const sessions = found.count;
  const sessionOffsets = sharedUint32(sessions + 1);
  for (let session = 0; session < sessions; session++) {
    sessionOffsets[(rank[session] as number) + 1] = found.rows[session] as number;
  }
  for (let at = 0; at < sessions; at++) {
    sessionOffsets[at + 1] = (sessionOffsets[at + 1] as number) + (sessionOffsets[at] as number);
  }

  const next = scratch.uint32(sessions);
  next.set(sessionOffsets.subarray(0, sessions));
  const cursors = chunks.map((chunk, index) => {
    const cursor = sharedUint32(chunk.sessions);
    const global = found.ofChunk[index] as Uint32Array;
    for (let local = 0; local < chunk.sessions; local++) {
      const at = rank[global[local] as number] as number;
      cursor[local] = next[at] as number;
      next[at] = (next[at] as number) + (chunk.rowsOfSession[local] as number);
    }
    return cursor;
  });

  const columns: TargetColumn[] = [];
  const columnMaps: (readonly (CodeMap | null)[])[] = [];
  for (const [index, column] of texts.columns.entries()) {
    const laid = layOutColumn(chunks, index, column, found, rank, events);
    columns.push(laid.target);
    columnMaps.push(laid.maps);
  }

  const codeOfSession = sharedUint32(sessions);
  for (let session = 0; session < sessions; session++) {
    codeOfSession[rank[session] as number] = found.sessionCode[session] as number;
  }
  return {
    events,
    sessions,
    users: userOrder.codes.length,
    time: sharedFloat64(events),
    name: sharedCodes(events, Math.max(0, names.values.length - 1)),
    names: names.values,
    sessionOffsets,
    userOffsets: userOrder.offsets,
    columns,
    sessionIds: { ...keys.sessions.merged, codes: codeOfSession },
    userIds: { ...keys.users.merged, codes: userOrder.codes },
    chunks: cursors.map((cursor, chunk) => ({
      cursor,
      sameAs: found.sameAs[chunk] as Uint32Array | null,
      nameMap: names.maps[chunk] as CodeMap,
      columnMaps: columnMaps.map((maps) => maps[chunk] as CodeMap | null),
    })),
  };
}

/** About what merging and ordering take beside the table: all of it is dropped at once. */
function scratchBytes(chunks: readonly ChunkSlice[], { users, sessions }: MergedKeys): number {
  let most = 0;
  for (const chunk of chunks) most += chunk.sessions;
  return 64 * most + 12 * sessions.merged.offsets.length + 28 * users.merged.offsets.length;
}

/** The sessions of all chunks. */
interface FoundSessions {
  readonly count: number;
  /** Code in the merged session dictionary. */
  readonly sessionCode: Uint32Array;
  /** Code in the merged user dictionary. */
  readonly userCode: Uint32Array;
  readonly start: Float64Array;
  /** Number of the row that has `start` first, ascending over all chunks; decides ties. */
  readonly startRow: Float64Array;
  readonly rows: Uint32Array;
  /** Per chunk, the session of each of its sessions. */
  readonly ofChunk: readonly Uint32Array[];
  /** Per chunk, see `ChunkLayout`. */
  readonly sameAs: readonly (Uint32Array | null)[];
}

function mergeSessions(
  chunks: readonly ChunkSlice[],
  userMaps: readonly Uint32Array[],
  sessionMaps: readonly Uint32Array[],
  sessionIds: number,
  scratch: Slab,
): FoundSessions {
  let most = 0;
  for (const chunk of chunks) most += chunk.sessions;
  const pairs = new PairIndex(sessionIds, scratch);
  const sessionCode = scratch.uint32(most);
  const userCode = scratch.uint32(most);
  const start = scratch.float64(most);
  const startRow = scratch.float64(most);
  const rows = scratch.uint32(most);
  // by session: its place among all chunks' sessions plus one, in the last chunk that has it
  const lastPlace = scratch.uint32(most);
  const sameAs: (Uint32Array | null)[] = [];
  let count = 0;
  let firstRow = 0;
  let firstPlace = 0;
  const ofChunk = chunks.map((chunk, index) => {
    let same: Uint32Array | null = null;
    const sessionMap = sessionMaps[index] as Uint32Array;
    const userMap = userMaps[index] as Uint32Array;
    const global = scratch.uint32(chunk.sessions);
    for (let local = 0; local < chunk.sessions; local++) {
      const id = sessionMap[chunk.sessionCode[local] as number] as number;
      const user = userMap[chunk.userCode[local] as number] as number;
      const at = pairs.numberOf(id, user);
      if (at === count) {
        sessionCode[count] = id;
        userCode[count] = user;
        start[count] = Number.POSITIVE_INFINITY;
        count++;
      }
      global[local] = at;
      if ((lastPlace[at] as number) > firstPlace) {
        same ??= Uint32Array.from({ length: chunk.sessions }, (_, own) => own);
        same[local] = (lastPlace[at] as number) - firstPlace - 1;
      } else lastPlace[at] = firstPlace + local + 1;
      rows[at] = (rows[at] as number) + (chunk.rowsOfSession[local] as number);
      if ((chunk.start[local] as number) < (start[at] as number)) {
        start[at] = chunk.start[local] as number;
        startRow[at] = firstRow + (chunk.startRow[local] as number);
      }
    }
    // more than a chunk has: in a part of the data a chunk's rows are not all there, and keep their numbers
    firstRow += 2 ** 32;
    firstPlace += chunk.sessions;
    sameAs.push(same);
    return global;
  });
  return { count, sessionCode, userCode, start, startRow, rows, ofChunk, sameAs };
}

interface UserOrder {
  /** Merged user code → place in the table; only of users who have sessions. */
  readonly rank: Uint32Array;
  /** Place → merged user code. */
  readonly codes: Uint32Array;
  readonly offsets: Uint32Array;
}

/** Users by the hash of their id, then by its bytes; those without a session left out. */
function orderUsers(users: ByteDictionary, found: FoundSessions, scratch: Slab): UserOrder {
  const total = users.offsets.length - 1;
  const hash = scratch.uint32(total);
  const view = new DataView(users.bytes.buffer, users.bytes.byteOffset, users.bytes.byteLength);
  for (let user = 0; user < total; user++) {
    hash[user] = hashBytes(view, users.offsets[user] as number, users.offsets[user + 1] as number);
  }
  const sessionsOf = scratch.uint32(total);
  for (let session = 0; session < found.count; session++) {
    const user = found.userCode[session] as number;
    sessionsOf[user] = (sessionsOf[user] as number) + 1;
  }
  const codes = radixOrder(hash, scratch);
  settleTies(codes, hash, users);
  let present = 0;
  for (let at = 0; at < total; at++) {
    const user = codes[at] as number;
    if ((sessionsOf[user] as number) > 0) codes[present++] = user;
  }
  const rank = scratch.uint32(total);
  const offsets = sharedUint32(present + 1);
  for (let at = 0; at < present; at++) {
    const user = codes[at] as number;
    rank[user] = at;
    offsets[at + 1] = (offsets[at] as number) + (sessionsOf[user] as number);
  }
  const placed = sharedUint32(present);
  placed.set(codes.subarray(0, present));
  return { rank, codes: placed, offsets };
}

/** Indices in ascending order of key, equal keys in index order: two counting passes of 16 bits. */
function radixOrder(keys: Uint32Array, scratch: Slab): Uint32Array {
  let order = scratch.uint32(keys.length);
  let other = scratch.uint32(keys.length);
  for (let index = 0; index < keys.length; index++) order[index] = index;
  for (const shift of [0, 16]) {
    const offsets = new Uint32Array((1 << 16) + 1);
    for (let index = 0; index < keys.length; index++) {
      const digit = ((keys[index] as number) >>> shift) & 0xffff;
      offsets[digit + 1] = (offsets[digit + 1] as number) + 1;
    }
    for (let digit = 0; digit < 1 << 16; digit++) {
      offsets[digit + 1] = (offsets[digit + 1] as number) + (offsets[digit] as number);
    }
    for (let at = 0; at < keys.length; at++) {
      const index = order[at] as number;
      const digit = ((keys[index] as number) >>> shift) & 0xffff;
      other[offsets[digit] as number] = index;
      offsets[digit] = (offsets[digit] as number) + 1;
    }
    [order, other] = [other, order];
  }
  return order;
}

/** Puts ids of equal hash in byte order, so that the order does not depend on which file came first. */
function settleTies(codes: Uint32Array, hash: Uint32Array, ids: ByteDictionary): void {
  let start = 0;
  for (let at = 1; at <= codes.length; at++) {
    if (at < codes.length && hash[codes[at] as number] === hash[codes[start] as number]) continue;
    if (at - start > 1) codes.subarray(start, at).sort((a, b) => compareIds(ids, a, b));
    start = at;
  }
}

function compareIds(ids: ByteDictionary, a: number, b: number): number {
  const { bytes, offsets } = ids;
  return Buffer.compare(
    bytes.subarray(offsets[a], offsets[a + 1] as number),
    bytes.subarray(offsets[b], offsets[b + 1] as number),
  );
}

/** Place of each session: by user, then start, then the first row that has it. */
function orderSessions(found: FoundSessions, userRank: Uint32Array, scratch: Slab): Uint32Array {
  const { count, userCode, start, startRow } = found;
  const offsets = scratch.uint32(userRank.length + 1);
  for (let session = 0; session < count; session++) {
    const at = (userRank[userCode[session] as number] as number) + 1;
    offsets[at] = (offsets[at] as number) + 1;
  }
  for (let at = 0; at < userRank.length; at++) offsets[at + 1] = (offsets[at + 1] as number) + (offsets[at] as number);
  const order = scratch.uint32(count);
  const next = scratch.uint32(offsets.length);
  next.set(offsets);
  for (let session = 0; session < count; session++) {
    const user = userRank[userCode[session] as number] as number;
    order[next[user] as number] = session;
    next[user] = (next[user] as number) + 1;
  }
  const before = (a: number, b: number): number =>
    (start[a] as number) - (start[b] as number) || (startRow[a] as number) - (startRow[b] as number);
  for (let user = 0; user < userRank.length; user++) {
    const from = offsets[user] as number;
    const to = offsets[user + 1] as number;
    for (let at = from + 1; at < to; at++) {
      if (before(order[at - 1] as number, order[at] as number) > 0) {
        order.subarray(from, to).sort(before);
        break;
      }
    }
  }
  const rank = scratch.uint32(count);
  for (let at = 0; at < count; at++) rank[order[at] as number] = at;
  return rank;
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

interface LaidOutColumn {
  readonly target: TargetColumn;
  readonly maps: readonly (CodeMap | null)[];
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

/** Session grain where every chunk found the column constant within its sessions and the chunks agree. */
function layOutColumn(
  chunks: readonly ChunkSlice[],
  index: number,
  merged: MergedColumn,
  found: FoundSessions,
  rank: Uint32Array,
  events: number,
): LaidOutColumn {
  const parts = chunks.map((chunk) => chunk.columns[index]);
  if (merged.kind === "codes") {
    const { dictionary, maps } = merged;
    const codes = parts.filter((part) => part?.kind === "codes");
    const bySession = codes.every((part) => part.perSession)
      ? gatherCodes(
          codes.map((part) => part.codes),
          maps,
          found,
          rank,
          dictionary.length,
        )
      : null;
    if (bySession !== null) {
      return {
        target: { kind: "coded", grain: "session", codes: bySession, dictionary },
        maps: chunks.map(() => null),
      };
    }
    return {
      target: { kind: "coded", grain: "event", codes: sharedCodes(events, dictionary.length), dictionary },
      maps,
    };
  }
  const { type } = merged;
  const numbers = parts.filter((part) => part?.kind === "numbers");
  const bySession = numbers.every((part) => part.perSession)
    ? gatherNumbers(
        numbers.map((part) => part.values),
        found,
        rank,
      )
    : null;
  const maps = chunks.map(() => null);
  if (bySession !== null) return { target: { kind: "numeric", grain: "session", values: bySession, type }, maps };
  return { target: { kind: "numeric", grain: "event", values: sharedFloat64(events), type }, maps };
}

function gatherCodes(
  parts: readonly Codes[],
  maps: readonly CodeMap[],
  found: FoundSessions,
  rank: Uint32Array,
  distinct: number,
): Codes | null {
  // shifted by one: 0 = not seen yet
  const seen = sharedCodes(found.count, distinct + 1);
  for (const [chunk, codes] of parts.entries()) {
    const global = found.ofChunk[chunk] as Uint32Array;
    const map = maps[chunk] as CodeMap;
    for (let local = 0; local < codes.length; local++) {
      const at = rank[global[local] as number] as number;
      const code = (map[codes[local] as number] as number) + 1;
      if (seen[at] === 0) seen[at] = code;
      else if (seen[at] !== code) return null;
    }
  }
  const out = sharedCodes(found.count, distinct);
  for (let at = 0; at < found.count; at++) out[at] = (seen[at] as number) - 1;
  return out;
}

function gatherNumbers(parts: readonly Float64Array[], found: FoundSessions, rank: Uint32Array): Float64Array | null {
  const out = sharedFloat64(found.count);
  const seen = new Uint8Array(found.count);
  for (const [chunk, values] of parts.entries()) {
    const global = found.ofChunk[chunk] as Uint32Array;
    for (let local = 0; local < values.length; local++) {
      const at = rank[global[local] as number] as number;
      const value = values[local] as number;
      if (seen[at] === 0) {
        seen[at] = 1;
        out[at] = value;
      } else if (!Object.is(out[at], value)) return null;
    }
  }
  return out;
}
