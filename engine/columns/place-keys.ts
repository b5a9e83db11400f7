import type { ByteDictionary } from "../sources/chunk.js";
import type { ChunkKeys } from "./chunk-keys.js";
import type { Codes } from "./event-table.js";
import { firstUserFrom, type HashRanges, type KeyedChunk, type MergedRange } from "./merge-keys.js";

/** Where a chunk's values of one column go: the final code of each of the chunk's codes. */
export type CodeMap = Uint32Array;

/** A column that every chunk found constant within its sessions, and the table's column of a value a session. */
export type PlacedColumn =
  | {
      readonly kind: "codes";
      /** By chunk, a code for each of its sessions. */
      readonly parts: readonly Codes[];
      readonly maps: readonly CodeMap[];
      readonly out: Codes;
    }
  | {
      readonly kind: "numbers";
      /** By chunk, Float64Array(sessions of the chunk) */
      readonly parts: readonly Float64Array[];
      /** Float64Array(S) */
      readonly out: Float64Array;
    };

/** A merged range and what comes before it in the table. */
export interface RangePlace {
  readonly merged: MergedRange;
  readonly users: number;
  readonly sessions: number;
  readonly rows: number;
  readonly userBytes: number;
  readonly sessionBytes: number;
}

/** What was merged, to be brought to its places range by range by whichever thread is free. */
export interface PlaceKeysInput extends HashRanges {
  readonly chunks: readonly (Pick<KeyedChunk, "rowsOfSession" | "firstEntry"> & {
    readonly keys: Pick<ChunkKeys, "userHash" | "sessionOffsets">;
    /** Uint32Array(sessions of the chunk), written: position of the session's first row of this chunk in the table */
    readonly cursor: Uint32Array;
  })[];
  readonly places: readonly RangePlace[];
  /** Uint32Array(entries of all chunks), from `mergeKeys` */
  readonly sessionOf: Uint32Array;
  readonly columns: readonly PlacedColumn[];
  /** Uint8Array(columns), written: 1 where chunks disagree on the value of some session */
  readonly varies: Uint8Array;
  /** Uint32Array(U + 1), written from 1 on */
  readonly userOffsets: Uint32Array;
  /** Uint32Array(S + 1), written from 1 on */
  readonly sessionOffsets: Uint32Array;
  readonly userIds: ByteDictionary;
  readonly sessionIds: ByteDictionary | null;
  /** Int32Array(1) on shared memory: the next range. */
  readonly next: Int32Array;
}

/** Brings the ranges that this thread draws to their places in the table. O(sessions × columns + bytes of ids). */
export function placeKeys(input: PlaceKeysInput): null {
  for (;;) {
    const range = Atomics.add(input.next, 0, 1);
    const place = input.places[range];
    if (place === undefined) return null;
    placeOffsets(input, place);
    placeIds(place.merged.userIds, input.userIds, place.users, place.userBytes);
    if (place.merged.sessionIds !== null && input.sessionIds !== null) {
      placeIds(place.merged.sessionIds, input.sessionIds, place.sessions, place.sessionBytes);
    }
    const bounds = boundsOf(input, range);
    placeCursors(input, place, bounds);
    for (const [index, column] of input.columns.entries()) {
      if (input.varies[index] === 1) continue;
      const agree =
        column.kind === "codes"
          ? placeCodes(input, place, bounds, column.parts, column.maps, column.out)
          : placeNumbers(input, place, bounds, column.parts, column.out);
      if (!agree) input.varies[index] = 1;
    }
  }
}

function placeOffsets({ userOffsets, sessionOffsets }: PlaceKeysInput, place: RangePlace): void {
  const { merged, users, sessions, rows } = place;
  shiftOffsets(merged.userOffsets, sessions, userOffsets, users);
  sumRows(merged.rowsOfSession, rows, sessionOffsets, sessions);
}

function placeIds(from: ByteDictionary, to: ByteDictionary, before: number, bytesBefore: number): void {
  to.bytes.set(from.bytes, bytesBefore);
  shiftOffsets(from.offsets, bytesBefore, to.offsets, before);
}

function shiftOffsets(from: Uint32Array, add: number, to: Uint32Array, before: number): void {
  for (let at = 1; at < from.length; at++) to[before + at] = add + (from[at] as number);
}

/** Where each session ends. */
function sumRows(rows: Uint32Array, before: number, ends: Uint32Array, first: number): void {
  let end = before;
  for (let session = 0; session < rows.length; session++) {
    end += rows[session] as number;
    ends[first + session + 1] = end;
  }
}

/** By chunk: the entries of a range. */
function boundsOf({ chunks, lowest, width }: PlaceKeysInput, range: number): Uint32Array {
  const bounds = new Uint32Array(chunks.length * 2);
  for (let chunk = 0; chunk < chunks.length; chunk++) {
    const { userHash, sessionOffsets } = (chunks[chunk] as PlaceKeysInput["chunks"][number]).keys;
    bounds[chunk * 2] = sessionOffsets[firstUserFrom(userHash, lowest + range * width)] as number;
    bounds[chunk * 2 + 1] = sessionOffsets[firstUserFrom(userHash, lowest + (range + 1) * width)] as number;
  }
  return bounds;
}

/** A session's rows of a chunk start where those of the chunks before end. */
function placeCursors({ chunks, sessionOf }: PlaceKeysInput, { merged, rows }: RangePlace, bounds: Uint32Array): void {
  const ends = new Uint32Array(merged.rowsOfSession.length + 1);
  ends[0] = rows;
  sumRows(merged.rowsOfSession, rows, ends, 0);
  for (const [chunk, { firstEntry, rowsOfSession, cursor }] of chunks.entries()) {
    const [from, to] = [bounds[chunk * 2] as number, bounds[chunk * 2 + 1] as number];
    advance(sessionOf, firstEntry, rowsOfSession, from, to, ends, cursor);
  }
}

function advance(
  sessionOf: Uint32Array,
  firstEntry: number,
  rowsOfSession: Uint32Array,
  from: number,
  to: number,
  next: Uint32Array,
  cursor: Uint32Array,
): void {
  for (let entry = from; entry < to; entry++) {
    const session = sessionOf[firstEntry + entry] as number;
    const at = next[session] as number;
    cursor[entry] = at;
    next[session] = at + (rowsOfSession[entry] as number);
  }
}

/** @returns false where chunks disagree */
function placeCodes(
  { chunks, sessionOf }: PlaceKeysInput,
  { merged, sessions }: RangePlace,
  bounds: Uint32Array,
  parts: readonly Codes[],
  maps: readonly CodeMap[],
  out: Codes,
): boolean {
  // one more than the code; 0 = not seen yet
  const seen = new Uint32Array(merged.rowsOfSession.length);
  for (const [chunk, { firstEntry }] of chunks.entries()) {
    const [from, to] = [bounds[chunk * 2] as number, bounds[chunk * 2 + 1] as number];
    const [codes, map] = [parts[chunk] as Codes, maps[chunk] as CodeMap];
    if (!seeCodes(sessionOf, firstEntry, codes, map, from, to, seen)) return false;
  }
  for (let session = 0; session < seen.length; session++) out[sessions + session] = (seen[session] as number) - 1;
  return true;
}

function seeCodes(
  sessionOf: Uint32Array,
  firstEntry: number,
  codes: Codes,
  map: CodeMap,
  from: number,
  to: number,
  seen: Uint32Array,
): boolean {
  for (let entry = from; entry < to; entry++) {
    const session = sessionOf[firstEntry + entry] as number;
    const code = (map[codes[entry] as number] as number) + 1;
    if (seen[session] === 0) seen[session] = code;
    else if (seen[session] !== code) return false;
  }
  return true;
}

/** @returns false where chunks disagree */
function placeNumbers(
  { chunks, sessionOf }: PlaceKeysInput,
  { merged, sessions }: RangePlace,
  bounds: Uint32Array,
  parts: readonly Float64Array[],
  out: Float64Array,
): boolean {
  const seen = new Uint8Array(merged.rowsOfSession.length);
  for (const [chunk, { firstEntry }] of chunks.entries()) {
    const [from, to] = [bounds[chunk * 2] as number, bounds[chunk * 2 + 1] as number];
    const values = parts[chunk] as Float64Array;
    for (let entry = from; entry < to; entry++) {
      const session = sessionOf[firstEntry + entry] as number;
      const value = values[entry] as number;
      if (seen[session] === 0) {
        seen[session] = 1;
        out[sessions + session] = value;
      } else if (!Object.is(out[sessions + session], value)) return false;
    }
  }
  return true;
}
