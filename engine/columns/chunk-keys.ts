import { copyBytes, hashBytes } from "../../kernels/byte-hash.js";
import type { ByteDictionary } from "../sources/chunk.js";
import type { Slab } from "./slab.js";

/**
 * The users and sessions of a chunk, users ascending by the hash of their id, in whose order they stand in the table: so any range of
 * hashes is one stretch of each of these arrays, and ranges are merged over all chunks side by side (`mergeKeys`). Whatever a chunk
 * knows of its sessions is in this order.
 */
export interface ChunkKeys {
  /** Uint32Array(users), ascending; an id that the file's dictionary repeats has several entries */
  readonly userHash: Uint32Array;
  /** Their ids. */
  readonly userIds: ByteDictionary;
  /** Uint32Array(users + 1), CSR: the sessions of each user, in the order in which they appear in the chunk */
  readonly sessionOffsets: Uint32Array;
  /** Float64Array(sessions), ms: its earliest time */
  readonly start: Float64Array;
  /** Uint32Array(sessions): the row of the chunk that has that time first */
  readonly startRow: Uint32Array;
  /** Ids of the sessions; null where a session's id is its user's */
  readonly sessionIds: ByteDictionary | null;
}

/** The sessions of a chunk in the order in which they appear, as its rows name them: index of each one's user and id in the chunk's dictionaries. */
export interface CodedSessions {
  readonly userCode: Uint32Array;
  readonly userIds: ByteDictionary;
  readonly sessionCode: Uint32Array;
  /** The same as `userIds` where a session's id is its user's. */
  readonly sessionIds: ByteDictionary;
  /** Float64Array(sessions), ms */
  readonly start: Float64Array;
  readonly startRow: Uint32Array;
}

/** Bits of one pass of sorting by hash. */
const DIGIT_BITS = 11;

/**
 * Brings a chunk's sessions into the order of their users' hashes. O(sessions + bytes of ids), no user without a session.
 *
 * One loop a function, here and in what it calls: V8 optimises a loop while it runs, and throws the code of a function of many loops away
 * when it comes to the next, which it knows nothing of yet. Written in one function this took 160 ms of compiling a run.
 * @returns the keys, and `placeOf`, Uint32Array(sessions): where each session stands in them
 */
export function orderKeys(
  { userCode, userIds, sessionCode, sessionIds, start, startRow }: CodedSessions,
  memory: Slab,
): { readonly keys: ChunkKeys; readonly placeOf: Uint32Array } {
  const sessions = userCode.length;
  const codes = userIds.offsets.length - 1;
  // by code: how many sessions, then where the next one goes
  const next = countCodes(userCode, codes);
  const present = new Uint32Array(codes);
  const users = listPresent(next, present);
  const hashes = new Uint32Array(users);
  hashIds(userIds, present, hashes);
  const order = orderByHash(hashes, users);
  const userHash = memory.uint32(users);
  const ordered = new Uint32Array(users);
  pick(hashes, order, userHash);
  pick(present, order, ordered);
  const sessionOffsets = memory.uint32(users + 1);
  placeUsers(ordered, next, sessionOffsets);
  const placeOf = new Uint32Array(sessions);
  placeSessions(userCode, next, placeOf);
  const starts = memory.float64(sessions);
  putTimes(start, placeOf, starts);
  const startRows = memory.uint32(sessions);
  put(startRow, placeOf, startRows);
  const keys = {
    userHash,
    userIds: pickIds(userIds, ordered, memory),
    sessionOffsets,
    start: starts,
    startRow: startRows,
  };
  if (sessionIds === userIds) return { keys: { ...keys, sessionIds: null }, placeOf };
  const ids = new Uint32Array(sessions);
  put(sessionCode, placeOf, ids);
  return { keys: { ...keys, sessionIds: pickIds(sessionIds, ids, memory) }, placeOf };
}

function countCodes(codes: Uint32Array, distinct: number): Uint32Array {
  const counts = new Uint32Array(distinct);
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] as number;
    counts[code] = (counts[code] as number) + 1;
  }
  return counts;
}

/** Lists the codes that occur; returns how many there are. */
function listPresent(counts: Uint32Array, present: Uint32Array): number {
  let listed = 0;
  for (let code = 0; code < counts.length; code++) if (counts[code] !== 0) present[listed++] = code;
  return listed;
}

function hashIds({ bytes, offsets }: ByteDictionary, entries: Uint32Array, out: Uint32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < out.length; at++) {
    const entry = entries[at] as number;
    out[at] = hashBytes(view, offsets[entry] as number, offsets[entry + 1] as number);
  }
}

/** Makes counts by user the places of each user's first session. */
function placeUsers(ordered: Uint32Array, counts: Uint32Array, offsets: Uint32Array): void {
  let place = 0;
  for (let at = 0; at < ordered.length; at++) {
    const user = ordered[at] as number;
    const count = counts[user] as number;
    counts[user] = place;
    place += count;
    offsets[at + 1] = place;
  }
}

function placeSessions(userCode: Uint32Array, next: Uint32Array, placeOf: Uint32Array): void {
  for (let session = 0; session < userCode.length; session++) {
    const user = userCode[session] as number;
    const place = next[user] as number;
    placeOf[session] = place;
    next[user] = place + 1;
  }
}

function pick(values: Uint32Array, order: Uint32Array, out: Uint32Array): void {
  for (let at = 0; at < order.length; at++) out[at] = values[order[at] as number] as number;
}

function put(values: Uint32Array, placeOf: Uint32Array, out: Uint32Array): void {
  for (let at = 0; at < placeOf.length; at++) out[placeOf[at] as number] = values[at] as number;
}

function putTimes(values: Float64Array, placeOf: Uint32Array, out: Float64Array): void {
  for (let at = 0; at < placeOf.length; at++) out[placeOf[at] as number] = values[at] as number;
}

/**
 * Indices of the first hashes in ascending order, equal ones in index order. O(count).
 * @param hashes - Uint32Array(at least count)
 */
export function orderByHash(hashes: Uint32Array, count: number): Uint32Array {
  let order = new Uint32Array(count);
  let other = new Uint32Array(count);
  for (let index = 0; index < count; index++) order[index] = index;
  const offsets = new Uint32Array((1 << DIGIT_BITS) + 1);
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    offsets.fill(0);
    countDigits(hashes, count, shift, offsets);
    sumOffsets(offsets);
    placeByDigit(hashes, order, shift, offsets, other);
    [order, other] = [other, order];
  }
  return order;
}

function countDigits(hashes: Uint32Array, count: number, shift: number, offsets: Uint32Array): void {
  const mask = (1 << DIGIT_BITS) - 1;
  for (let index = 0; index < count; index++) {
    const digit = ((hashes[index] as number) >>> shift) & mask;
    offsets[digit + 1] = (offsets[digit + 1] as number) + 1;
  }
}

function sumOffsets(offsets: Uint32Array): void {
  for (let at = 1; at < offsets.length; at++) offsets[at] = (offsets[at] as number) + (offsets[at - 1] as number);
}

function placeByDigit(
  hashes: Uint32Array,
  order: Uint32Array,
  shift: number,
  offsets: Uint32Array,
  out: Uint32Array,
): void {
  const mask = (1 << DIGIT_BITS) - 1;
  for (let at = 0; at < order.length; at++) {
    const index = order[at] as number;
    const digit = ((hashes[index] as number) >>> shift) & mask;
    out[offsets[digit] as number] = index;
    offsets[digit] = (offsets[digit] as number) + 1;
  }
}

/** Some values of a dictionary, in the order given. O(bytes). */
function pickIds({ bytes, offsets }: ByteDictionary, entries: Uint32Array, memory: Slab): ByteDictionary {
  const own = memory.uint32(entries.length + 1);
  pickLengths(offsets, entries, own);
  const ownBytes = memory.bytes(own[entries.length] as number);
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const to = new DataView(ownBytes.buffer, ownBytes.byteOffset, ownBytes.byteLength);
  pickBytes(from, offsets, entries, to, own);
  return { bytes: ownBytes, offsets: own };
}

function pickLengths(offsets: Uint32Array, entries: Uint32Array, out: Uint32Array): void {
  let end = 0;
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] as number;
    end += (offsets[entry + 1] as number) - (offsets[entry] as number);
    out[at + 1] = end;
  }
}

function pickBytes(from: DataView, offsets: Uint32Array, entries: Uint32Array, to: DataView, own: Uint32Array): void {
  for (let at = 0; at < entries.length; at++) {
    const start = own[at] as number;
    copyBytes(from, offsets[entries[at] as number] as number, to, start, (own[at + 1] as number) - start);
  }
}
