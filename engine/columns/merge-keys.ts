import { digitBytes, mergeFrame, mergeFrameBytes, mergeScratchBytes } from "../../kernels/wasm/layouts.js";
import type { ByteDictionary } from "../sources/chunk.js";
import { type DecoderMemory, decoderMemory } from "../sources/decoder-memory.js";
import type { ChunkKeys } from "./chunk-keys.js";
import type { Slab } from "./slab.js";

/** What of a chunk its keys are merged with. */
export interface KeyedChunk {
  readonly keys: ChunkKeys;
  /** Uint32Array(sessions of the chunk) */
  readonly rowsOfSession: Uint32Array;
  /** Entries of the keys of the chunks before: entry e of these keys is entry `firstEntry + e` of all. */
  readonly firstEntry: number;
}

/** Ranges of users' hashes, all of about the same number of users. */
export interface HashRanges {
  readonly lowest: number;
  /** Range r holds the hashes in [lowest + r × width, lowest + (r + 1) × width). */
  readonly width: number;
  readonly ranges: number;
}

/** The keys of all chunks, to be merged range by range by whichever thread is free. */
export interface MergeKeysInput extends HashRanges {
  /** In file and row order, which is the order of ties. */
  readonly chunks: readonly KeyedChunk[];
  /** Uint32Array(entries of all chunks), written: the session of each entry, counted from the first of its range */
  readonly sessionOf: Uint32Array;
  /** Int32Array(1) on shared memory: the next range. */
  readonly next: Int32Array;
}

/** The users of a range of hashes in the table's order, and their sessions. */
export interface MergedRange {
  readonly range: number;
  /** Uint32Array(users + 1), CSR: sessions of each user */
  readonly userOffsets: Uint32Array;
  /** Uint32Array(sessions) */
  readonly rowsOfSession: Uint32Array;
  /** Rows of all of them. */
  readonly rows: number;
  readonly userIds: ByteDictionary;
  /** Null where a session's id is its user's. */
  readonly sessionIds: ByteDictionary | null;
}

/** Bytes that a copy in whole vectors reads and writes beyond its end. */
const COPY_SLACK = 16;

/** The first of users ascending by hash whose hash is not below `hash`. O(log users). */
export function firstUserFrom(userHash: Uint32Array, hash: number): number {
  let low = 0;
  let high = userHash.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((userHash[middle] as number) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Merges users and sessions of the ranges that this thread draws: users by the hash of their id, then by its bytes; a user's
 * sessions by start, then by the first row that has it. O(sessions + bytes of ids) expected, and a range is small enough for a core's cache.
 * @param memory - takes what is merged
 */
export function mergeKeys(input: MergeKeysInput, memory: Slab): MergedRange[] {
  const merger = new RangeMerger(input, memory);
  const merged: MergedRange[] = [];
  for (;;) {
    const range = Atomics.add(input.next, 0, 1);
    if (range >= input.ranges) return merged;
    merged.push(merger.merge(range));
  }
}

/** Where arrays of a range stand in the decoders' memory. */
interface RangeAt {
  readonly users: number;
  readonly sessions: number;
  /** Addresses, by name. */
  readonly at: Readonly<Record<keyof typeof mergeFrame, number>>;
  readonly frame: number;
  readonly pairs: number;
  readonly digits: number;
}

/**
 * Merges one range after the other, by WebAssembly. What chunks have of a range is copied side by side to the decoders' memory, since
 * going from one user to the next goes from chunk to chunk: their arrays lie far apart, and these stay in the cache.
 */
class RangeMerger {
  readonly #input: MergeKeysInput;
  readonly #memory: Slab;
  readonly #hasIds: boolean;
  readonly #decoder: DecoderMemory = decoderMemory();
  /** By chunk: its users of the range, [from, to). */
  readonly #bounds: Uint32Array;

  constructor(input: MergeKeysInput, memory: Slab) {
    this.#input = input;
    this.#memory = memory;
    this.#hasIds = input.chunks.some(({ keys }) => keys.sessionIds !== null);
    this.#bounds = new Uint32Array(2 * input.chunks.length);
  }

  merge(range: number): MergedRange {
    const { lowest, width } = this.#input;
    const place = this.#makeRoom(lowest + range * width, lowest + (range + 1) * width);
    this.#gather(place);
    const { kernels } = this.#decoder;
    kernels.sortByHash(place.pairs, place.at.order, place.users, place.digits);
    for (let [from, settled] = [0, 0]; ; ) {
      from = kernels.mergeUsers(place.frame, from, settled, place.users);
      if (from === place.users) break;
      settled = this.#settleTies(place, from);
    }
    this.#tellSessions(place);
    return { range, ...this.#finish(place) };
  }

  /** Finds what the chunks have of a range, and cuts the memory into the arrays of its merge. */
  #makeRoom(low: number, high: number): RangeAt {
    const { users, sessions, userBytes, idBytes } = findBounds(this.#input.chunks, low, high, this.#bounds);
    const [userWords, sessionWords] = [4 * (users + 1), 4 * (sessions + 1)];
    const bytes = {
      // what is of 8 bytes first
      start: 8 * sessions,
      scratch: mergeScratchBytes * sessions + (sessions % 2) * 4,
      order: 8 * users,
      pairs: 8 * users,
      digits: digitBytes,
      frame: mergeFrameBytes,
      slots: 16 * sessions,
      ...{ userChunk: userWords, userIdAt: userWords, firstEntry: userWords, userOffsets: userWords },
      outUserIdAt: userWords,
      ...{ startRow: sessionWords, rows: sessionWords, idAt: sessionWords, outIdAt: sessionWords },
      ...{ rowsOfSession: sessionWords, sessionOf: sessionWords },
      userIdBytes: userBytes + COPY_SLACK,
      idBytes: idBytes + COPY_SLACK,
      outUserIdBytes: userBytes + COPY_SLACK,
      outIdBytes: idBytes + COPY_SLACK,
    };
    const total = Object.values(bytes).reduce((sum, size) => sum + size, 0);
    let next = this.#decoder.reserve("merge", total);
    const addresses = Object.fromEntries(
      Object.entries(bytes).map(([name, size]) => {
        const address = next;
        next += size;
        return [name, address];
      }),
    ) as Record<keyof typeof bytes, number>;
    const counts = { users: 0, sessions: 0, hasIds: this.#hasIds ? 1 : 0, room: sessions };
    const at = { ...addresses, ...counts };
    const frame = this.#decoder.words(addresses.frame, mergeFrameBytes / 4);
    for (const [name, offset] of Object.entries(mergeFrame)) frame[offset / 4] = at[name as keyof typeof mergeFrame];
    return { users, sessions, at, frame: addresses.frame, pairs: addresses.pairs, digits: addresses.digits };
  }

  /** Copies what the chunks have of a range. */
  #gather({ users, sessions, at, pairs }: RangeAt): void {
    const { chunks } = this.#input;
    const decoder = this.#decoder;
    const [hashes, userChunk] = [decoder.words(pairs, 2 * users), decoder.words(at.userChunk, users)];
    const [userIdAt, firstEntry] = [decoder.words(at.userIdAt, users + 1), decoder.words(at.firstEntry, users + 1)];
    const [start, startRow] = [decoder.numbers(at.start, sessions), decoder.words(at.startRow, sessions)];
    const [rows, idAt] = [decoder.words(at.rows, sessions), decoder.words(at.idAt, sessions + 1)];
    const userBytes = decoder.bytes(at.userIdBytes, at.idBytes - at.userIdBytes);
    const idBytes = decoder.bytes(at.idBytes, at.outUserIdBytes - at.idBytes);
    for (const outOffsets of [at.userOffsets, at.outUserIdAt, at.outIdAt]) decoder.words(outOffsets, 1)[0] = 0;
    userIdAt[0] = 0;
    firstEntry[0] = 0;
    idAt[0] = 0;
    let user = 0;
    let session = 0;
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      const from = this.#bounds[chunk * 2] as number;
      const to = this.#bounds[chunk * 2 + 1] as number;
      if (from === to) continue;
      const { keys, rowsOfSession } = chunks[chunk] as KeyedChunk;
      const first = keys.sessionOffsets[from] as number;
      const end = keys.sessionOffsets[to] as number;
      pairHashes(keys.userHash, from, to, hashes, user);
      userChunk.fill(chunk, user, user + to - from);
      appendOffsets(keys.sessionOffsets, from, to, firstEntry, user);
      appendIds(keys.userIds, from, to, userIdAt, userBytes, user);
      start.set(keys.start.subarray(first, end), session);
      startRow.set(keys.startRow.subarray(first, end), session);
      rows.set(rowsOfSession.subarray(first, end), session);
      if (keys.sessionIds !== null) appendIds(keys.sessionIds, first, end, idAt, idBytes, session);
      user += to - from;
      session += end - first;
    }
  }

  /**
   * Puts users of equal hash, from a place of the order on, in the order of their ids' bytes, so that the order does not depend on which
   * file came first.
   * @returns the place after them
   */
  #settleTies({ users, at }: RangeAt, from: number): number {
    const decoder = this.#decoder;
    const order = decoder.words(at.order, 2 * users);
    const offsets = decoder.words(at.userIdAt, users + 1);
    let to = from + 1;
    while (to < users && order[2 * to] === order[2 * from]) to++;
    const bytesOf = (user: number): Uint8Array =>
      decoder.bytes(at.userIdBytes + (offsets[user] as number), between(offsets, user, user + 1));
    const tied = Array.from({ length: to - from }, (_, index) => order[2 * (from + index) + 1] as number);
    // users are in chunk order
    tied.sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)) || a - b);
    for (const [index, user] of tied.entries()) order[2 * (from + index) + 1] = user;
    return to;
  }

  /** Tells each chunk the sessions of its entries. */
  #tellSessions({ sessions, at }: RangeAt): void {
    const { chunks, sessionOf } = this.#input;
    const found = this.#decoder.words(at.sessionOf, sessions);
    let session = 0;
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      const { keys, firstEntry } = chunks[chunk] as KeyedChunk;
      const [first, end] = this.#entriesOf(keys, chunk);
      sessionOf.set(found.subarray(session, session + end - first), firstEntry + first);
      session += end - first;
    }
  }

  /** Entries of a chunk in the range. */
  #entriesOf({ sessionOffsets }: ChunkKeys, chunk: number): readonly [number, number] {
    const [from, to] = [this.#bounds[chunk * 2] as number, this.#bounds[chunk * 2 + 1] as number];
    return [sessionOffsets[from] as number, sessionOffsets[to] as number];
  }

  #finish({ at, frame }: RangeAt): Omit<MergedRange, "range"> {
    const memory = this.#memory;
    const decoder = this.#decoder;
    const state = decoder.words(frame, mergeFrameBytes / 4);
    const users = state[mergeFrame.users / 4] as number;
    const sessions = state[mergeFrame.sessions / 4] as number;
    const kept = (address: number, length: number): Uint32Array => {
      const own = memory.uint32(length);
      own.set(decoder.words(address, length));
      return own;
    };
    const keptIds = (offsetsAt: number, bytesAt: number, count: number): ByteDictionary => {
      const offsets = kept(offsetsAt, count + 1);
      const bytes = memory.bytes(offsets[count] as number);
      bytes.set(decoder.bytes(bytesAt, bytes.length));
      return { bytes, offsets };
    };
    const rowsOfSession = kept(at.rowsOfSession, sessions);
    return {
      userOffsets: kept(at.userOffsets, users + 1),
      rowsOfSession,
      rows: sumOf(rowsOfSession),
      userIds: keptIds(at.outUserIdAt, at.outUserIdBytes, users),
      sessionIds: this.#hasIds ? keptIds(at.outIdAt, at.outIdBytes, sessions) : null,
    };
  }
}

/** By chunk: its users with hashes in [low, high), as `bounds` from and to. Returns what all of them come to. */
function findBounds(
  chunks: readonly KeyedChunk[],
  low: number,
  high: number,
  bounds: Uint32Array,
): { readonly users: number; readonly sessions: number; readonly userBytes: number; readonly idBytes: number } {
  let users = 0;
  let sessions = 0;
  let userBytes = 0;
  let idBytes = 0;
  for (let chunk = 0; chunk < chunks.length; chunk++) {
    const { userHash, sessionOffsets, userIds, sessionIds } = (chunks[chunk] as KeyedChunk).keys;
    const from = firstUserFrom(userHash, low);
    const to = firstUserFrom(userHash, high);
    bounds[chunk * 2] = from;
    bounds[chunk * 2 + 1] = to;
    users += to - from;
    sessions += between(sessionOffsets, from, to);
    userBytes += between(userIds.offsets, from, to);
    if (sessionIds !== null) {
      idBytes += between(sessionIds.offsets, sessionOffsets[from] as number, sessionOffsets[to] as number);
    }
  }
  return { users, sessions, userBytes, idBytes };
}

function between(offsets: Uint32Array, from: number, to: number): number {
  return (offsets[to] as number) - (offsets[from] as number);
}

function sumOf(values: Uint32Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at] as number;
  return sum;
}

/** Writes the hashes of users [from, to) and their numbers in the range, from `at` on. */
function pairHashes(source: Uint32Array, from: number, to: number, pairs: Uint32Array, at: number): void {
  for (let index = from, user = at; index < to; index++, user++) {
    pairs[2 * user] = source[index] as number;
    pairs[2 * user + 1] = user;
  }
}

/** Continues offsets at `at` by those of [from, to). */
function appendOffsets(source: Uint32Array, from: number, to: number, offsets: Uint32Array, at: number): void {
  const shift = (offsets[at] as number) - (source[from] as number);
  for (let index = from; index < to; index++) offsets[at + index - from + 1] = (source[index + 1] as number) + shift;
}

/** Takes ids [from, to) of a dictionary as ids from `at` on, whose first begins where `offsets` says. */
function appendIds(
  ids: ByteDictionary,
  from: number,
  to: number,
  offsets: Uint32Array,
  bytes: Uint8Array,
  at: number,
): void {
  bytes.set(ids.bytes.subarray(ids.offsets[from], ids.offsets[to]), offsets[at] as number);
  appendOffsets(ids.offsets, from, to, offsets, at);
}
