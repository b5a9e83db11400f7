import { copyBytes, equalBytes, hashBytes } from "../../kernels/byte-hash.js";
import type { ByteDictionary } from "../sources/chunk.js";
import { type ChunkKeys, orderByHash } from "./chunk-keys.js";
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
  /** Sessions that a chunk has under two numbers, since its file's dictionary repeats an id: they are the same as an earlier one. */
  readonly repeated: readonly { readonly chunk: number; readonly session: number; readonly sameAs: number }[];
}

/** From so many sessions of a user on, those that are the same are told by a table. */
const TABLED = 16;

/** The first of users ascending by hash whose hash is not below `hash`. O(log users). */
export function firstUserFrom(userHash: Uint32Array, hash: number): number {
  let [low, high] = [0, userHash.length];
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

/**
 * Merges one range after the other. What chunks have of a range is copied side by side first, since going from one user to the next goes
 * from chunk to chunk: their arrays lie far apart, and these stay in the cache. The arrays are used again.
 */
class RangeMerger {
  readonly #input: MergeKeysInput;
  readonly #memory: Slab;
  readonly #hasIds: boolean;
  /** By chunk: an entry of the range is this much further among all entries. */
  readonly #shift: Float64Array;
  // users of the range, chunk by chunk, and where their ids and sessions begin
  #userHash = new Uint32Array(0);
  #userChunk = new Uint32Array(0);
  #userIdAt = new Uint32Array(1);
  #sessionAt = new Uint32Array(1);
  #userBytes: Bytes = new Bytes(0);
  // their sessions
  #start = new Float64Array(0);
  #startRow = new Uint32Array(0);
  #rows = new Uint32Array(0);
  #idAt = new Uint32Array(1);
  #idBytes: Bytes = new Bytes(0);
  // sessions of one user, as they appear in the chunks: chunk, entry of the range, number among the user's
  #chunkOf = new Uint32Array(64);
  #entry = new Uint32Array(64);
  #number = new Uint32Array(64);
  // one user's sessions, once each
  readonly #own = { first: new Uint32Array(64), start: new Float64Array(64), startRow: new Float64Array(64) };
  readonly #sum = { rows: new Uint32Array(64), lastChunk: new Uint32Array(64), lastEntry: new Uint32Array(64) };

  constructor(input: MergeKeysInput, memory: Slab) {
    this.#input = input;
    this.#memory = memory;
    this.#hasIds = input.chunks.some(({ keys }) => keys.sessionIds !== null);
    this.#shift = new Float64Array(input.chunks.length);
  }

  merge(range: number): MergedRange {
    const { lowest, width } = this.#input;
    const { users, sessions } = this.#gather(lowest + range * width, lowest + (range + 1) * width);
    const userHash = this.#userHash;
    const order = orderByHash(userHash, users);
    const idBytes = this.#hasIds ? (this.#idAt[sessions] as number) : null;
    const out = new MergedSessions(users, sessions, this.#userIdAt[users] as number, idBytes, this.#memory);
    for (let from = 0; from < users; ) {
      const hash = userHash[order[from] as number] as number;
      let to = from + 1;
      while (to < users && userHash[order[to] as number] === hash) to++;
      if (to - from > 1) this.#settleTies(order, from, to);
      for (let at = from; at < to; ) {
        let end = at + 1;
        while (end < to && this.#areSameUser(order[at] as number, order[end] as number)) end++;
        this.#addUser(order, at, end, out);
        at = end;
      }
      from = to;
    }
    return { range, ...out.finish(this.#hasIds) };
  }

  /** Copies what the chunks have of a range. */
  #gather(low: number, high: number): { readonly users: number; readonly sessions: number } {
    const { chunks } = this.#input;
    const bounds = new Uint32Array(chunks.length * 2);
    let [users, sessions, userBytes, idBytes] = [0, 0, 0, 0];
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      const { userHash, sessionOffsets, userIds, sessionIds } = (chunks[chunk] as KeyedChunk).keys;
      const [from, to] = [firstUserFrom(userHash, low), firstUserFrom(userHash, high)];
      bounds[chunk * 2] = from;
      bounds[chunk * 2 + 1] = to;
      users += to - from;
      sessions += between(sessionOffsets, from, to);
      userBytes += between(userIds.offsets, from, to);
      if (sessionIds !== null) {
        idBytes += between(sessionIds.offsets, sessionOffsets[from] as number, sessionOffsets[to] as number);
      }
    }
    this.#makeRoom(users, sessions, userBytes, idBytes);
    let [userAt, sessionAt] = [0, 0];
    for (let chunk = 0; chunk < chunks.length; chunk++) {
      const [from, to] = [bounds[chunk * 2] as number, bounds[chunk * 2 + 1] as number];
      if (from === to) continue;
      this.#copy(chunk, from, to, userAt, sessionAt);
      userAt += to - from;
      sessionAt = this.#sessionAt[userAt] as number;
    }
    return { users, sessions };
  }

  /** Copies users [from, to) of a chunk, and their sessions, to places of the range. */
  #copy(chunk: number, from: number, to: number, userAt: number, sessionAt: number): void {
    const { keys, rowsOfSession, firstEntry } = this.#input.chunks[chunk] as KeyedChunk;
    const [first, end] = [keys.sessionOffsets[from] as number, keys.sessionOffsets[to] as number];
    this.#shift[chunk] = firstEntry + first - sessionAt;
    this.#userHash.set(keys.userHash.subarray(from, to), userAt);
    this.#userChunk.fill(chunk, userAt, userAt + to - from);
    appendOffsets(keys.sessionOffsets, from, to, this.#sessionAt, userAt);
    this.#userBytes.append(keys.userIds, from, to, this.#userIdAt, userAt);
    this.#start.set(keys.start.subarray(first, end), sessionAt);
    this.#startRow.set(keys.startRow.subarray(first, end), sessionAt);
    this.#rows.set(rowsOfSession.subarray(first, end), sessionAt);
    if (keys.sessionIds !== null) this.#idBytes.append(keys.sessionIds, first, end, this.#idAt, sessionAt);
  }

  #makeRoom(users: number, sessions: number, userBytes: number, idBytes: number): void {
    if (this.#userHash.length < users) {
      this.#userHash = new Uint32Array(users);
      this.#userChunk = new Uint32Array(users);
      this.#userIdAt = new Uint32Array(users + 1);
      this.#sessionAt = new Uint32Array(users + 1);
    }
    if (this.#start.length < sessions) {
      this.#start = new Float64Array(sessions);
      this.#startRow = new Uint32Array(sessions);
      this.#rows = new Uint32Array(sessions);
      this.#idAt = new Uint32Array(sessions + 1);
    }
    if (this.#userBytes.length < userBytes) this.#userBytes = new Bytes(userBytes);
    if (this.#idBytes.length < idBytes) this.#idBytes = new Bytes(idBytes);
  }

  #areSameUser(a: number, b: number): boolean {
    return this.#userBytes.areEqual(this.#userIdAt, a, b);
  }

  /** Puts users of equal hash in the order of their ids' bytes, so that the order does not depend on which file came first. */
  #settleTies(order: Uint32Array, from: number, to: number): void {
    for (let at = from + 1; at < to; at++) {
      if (this.#areSameUser(order[from] as number, order[at] as number)) continue;
      // users are in chunk order
      order.subarray(from, to).sort((a, b) => this.#userBytes.compare(this.#userIdAt, a, b) || a - b);
      return;
    }
  }

  /** Adds a user who stands in some chunks: [from, to) of the order. */
  #addUser(order: Uint32Array, from: number, to: number, out: MergedSessions): void {
    const entries = this.#listEntries(order, from, to);
    const sessions = this.#numberSessions(entries);
    this.#sumSessions(entries, sessions, out);
    const places = this.#orderSessions(sessions);
    const first = out.addUser(this.#userBytes.view, this.#userIdAt, order[from] as number);
    this.#writeSessions(sessions, places, out);
    if (places !== null) this.#renumber(entries, places);
    this.#tellEntries(entries, first);
  }

  #writeSessions(sessions: number, places: Uint32Array | null, out: MergedSessions): void {
    for (let place = 0; place < sessions; place++) {
      const session = places === null ? place : (places[place] as number);
      out.addSession(this.#sum.rows[session] as number);
      if (this.#hasIds) {
        out.addSessionId(this.#idBytes.view, this.#idAt, this.#entry[this.#own.first[session] as number] as number);
      }
    }
  }

  /** Makes numbers in the order of appearance places. */
  #renumber(entries: number, places: Uint32Array): void {
    const number = this.#number;
    const rank = new Uint32Array(places.length);
    for (const [place, session] of places.entries()) rank[session] = place;
    for (let at = 0; at < entries; at++) number[at] = rank[number[at] as number] as number;
  }

  #tellEntries(entries: number, first: number): void {
    const { sessionOf } = this.#input;
    for (let at = 0; at < entries; at++) {
      const shift = this.#shift[this.#chunkOf[at] as number] as number;
      sessionOf[(this.#entry[at] as number) + shift] = first + (this.#number[at] as number);
    }
  }

  /** Lists a user's sessions, chunk by chunk. Returns how many there are. */
  #listEntries(order: Uint32Array, from: number, to: number): number {
    let entries = 0;
    for (let at = from; at < to; at++) {
      const user = order[at] as number;
      const chunk = this.#userChunk[user] as number;
      const end = this.#sessionAt[user + 1] as number;
      for (let entry = this.#sessionAt[user] as number; entry < end; entry++) {
        if (entries === this.#entry.length) this.#growEntries();
        this.#chunkOf[entries] = chunk;
        this.#entry[entries] = entry;
        entries++;
      }
    }
    return entries;
  }

  #areSameSession(at: number, other: number): boolean {
    return this.#idBytes.areEqual(this.#idAt, this.#entry[at] as number, this.#entry[other] as number);
  }

  /** Numbers a user's sessions as they appear: entries of the same id are one. Returns how many there are. */
  #numberSessions(entries: number): number {
    const { first } = this.#own;
    const number = this.#number;
    first[0] = 0;
    if (!this.#hasIds) {
      number.fill(0, 0, entries);
      return 1;
    }
    if (entries > TABLED) return this.#numberByTable(entries);
    let sessions = 0;
    for (let at = 0; at < entries; at++) {
      let known = 0;
      while (known < sessions && !this.#areSameSession(first[known] as number, at)) known++;
      if (known === sessions) first[sessions++] = at;
      number[at] = known;
    }
    return sessions;
  }

  #numberByTable(entries: number): number {
    const { first } = this.#own;
    const slots = 2 ** Math.ceil(Math.log2(entries * 2));
    // one more than a session's number; linear probing
    const table = new Uint32Array(slots);
    let sessions = 0;
    for (let at = 0; at < entries; at++) {
      let slot = this.#idBytes.hash(this.#idAt, this.#entry[at] as number) & (slots - 1);
      for (;;) {
        const known = table[slot] as number;
        if (known === 0) {
          first[sessions] = at;
          this.#number[at] = sessions++;
          table[slot] = sessions;
          break;
        }
        if (this.#areSameSession(first[known - 1] as number, at)) {
          this.#number[at] = known - 1;
          break;
        }
        slot = (slot + 1) & (slots - 1);
      }
    }
    return sessions;
  }

  /** Rows and start of each of a user's sessions, over all its entries; tells those that a chunk has twice. */
  #sumSessions(entries: number, sessions: number, out: MergedSessions): void {
    const { start, startRow } = this.#own;
    const { rows, lastChunk, lastEntry } = this.#sum;
    for (let session = 0; session < sessions; session++) {
      start[session] = Number.POSITIVE_INFINITY;
      rows[session] = 0;
      lastChunk[session] = 0xffffffff;
    }
    for (let at = 0; at < entries; at++) {
      const session = this.#number[at] as number;
      const chunk = this.#chunkOf[at] as number;
      const entry = this.#entry[at] as number;
      rows[session] = (rows[session] as number) + (this.#rows[entry] as number);
      const own = this.#start[entry] as number;
      if (own < (start[session] as number)) {
        start[session] = own;
        // more than a chunk has rows: in a part of the data a chunk's rows are not all there, and keep their numbers
        startRow[session] = chunk * 2 ** 32 + (this.#startRow[entry] as number);
      }
      if (lastChunk[session] === chunk) {
        const firstOfChunk = (this.#shift[chunk] as number) - (this.#input.chunks[chunk] as KeyedChunk).firstEntry;
        const sameAs = (lastEntry[session] as number) + firstOfChunk;
        out.addRepeat({ chunk, session: entry + firstOfChunk, sameAs });
      } else {
        lastChunk[session] = chunk;
        lastEntry[session] = entry;
      }
    }
  }

  /** A user's sessions by start, then by the first row that has it; null where they are in that order. */
  #orderSessions(sessions: number): Uint32Array | null {
    const { start, startRow } = this.#own;
    for (let at = 1; at < sessions; at++) {
      const [a, b] = [start[at - 1] as number, start[at] as number];
      if (a < b || (a === b && (startRow[at - 1] as number) < (startRow[at] as number))) continue;
      return Uint32Array.from({ length: sessions }, (_, index) => index).sort(
        (one, other) =>
          (start[one] as number) - (start[other] as number) || (startRow[one] as number) - (startRow[other] as number),
      );
    }
    return null;
  }

  #growEntries(): void {
    const length = 2 * this.#entry.length;
    this.#entry = grown(this.#entry, length);
    this.#chunkOf = grown(this.#chunkOf, length);
    this.#number = new Uint32Array(length);
    const own = this.#own;
    own.first = new Uint32Array(length);
    own.start = new Float64Array(length);
    own.startRow = new Float64Array(length);
    const sum = this.#sum;
    sum.rows = new Uint32Array(length);
    sum.lastChunk = new Uint32Array(length);
    sum.lastEntry = new Uint32Array(length);
  }
}

/** Ids of a range one after the other, whose offsets are kept beside them. */
class Bytes {
  readonly length: number;
  readonly view: DataView;
  readonly #bytes: Uint8Array;

  constructor(length: number) {
    this.length = length;
    this.#bytes = new Uint8Array(length);
    this.view = new DataView(this.#bytes.buffer);
  }

  /** Takes ids [from, to) of a dictionary as ids from `at` on, whose first begins where `offsets` says. */
  append(ids: ByteDictionary, from: number, to: number, offsets: Uint32Array, at: number): void {
    this.#bytes.set(ids.bytes.subarray(ids.offsets[from], ids.offsets[to]), offsets[at] as number);
    appendOffsets(ids.offsets, from, to, offsets, at);
  }

  areEqual(offsets: Uint32Array, a: number, b: number): boolean {
    const [start, other] = [offsets[a] as number, offsets[b] as number];
    const length = (offsets[a + 1] as number) - start;
    if ((offsets[b + 1] as number) - other !== length) return false;
    return equalBytes(this.view, start, this.view, other, length);
  }

  compare(offsets: Uint32Array, a: number, b: number): number {
    const of = (id: number): Uint8Array => this.#bytes.subarray(offsets[id], offsets[id + 1]);
    return Buffer.compare(of(a), of(b));
  }

  hash(offsets: Uint32Array, id: number): number {
    return hashBytes(this.view, offsets[id] as number, offsets[id + 1] as number);
  }
}

function between(offsets: Uint32Array, from: number, to: number): number {
  return (offsets[to] as number) - (offsets[from] as number);
}

/** Continues offsets at `at` by those of [from, to). */
function appendOffsets(source: Uint32Array, from: number, to: number, offsets: Uint32Array, at: number): void {
  const shift = (offsets[at] as number) - (source[from] as number);
  for (let index = from; index < to; index++) offsets[at + index - from + 1] = (source[index + 1] as number) + shift;
}

/** A range's users and sessions in the making; arrays have room for all entries, of which some are the same. */
class MergedSessions {
  readonly #userOffsets: Uint32Array;
  readonly #rowsOfSession: Uint32Array;
  readonly #users: IdWriter;
  readonly #ids: IdWriter;
  readonly #repeated: MergedRange["repeated"][number][] = [];
  #userCount = 0;
  #sessionCount = 0;
  #rows = 0;

  /** @param sessionBytes - null where a session's id is its user's */
  constructor(users: number, sessions: number, userBytes: number, sessionBytes: number | null, memory: Slab) {
    this.#userOffsets = memory.uint32(users + 1);
    this.#rowsOfSession = memory.uint32(sessions);
    this.#users = new IdWriter(users, userBytes, memory);
    this.#ids = new IdWriter(sessionBytes === null ? 0 : sessions, sessionBytes ?? 0, memory);
  }

  /** @returns the number of the user's first session */
  addUser(ids: DataView, offsets: Uint32Array, user: number): number {
    this.#users.add(ids, offsets[user] as number, offsets[user + 1] as number);
    this.#userCount++;
    return this.#sessionCount;
  }

  addSession(rows: number): void {
    this.#rowsOfSession[this.#sessionCount++] = rows;
    this.#rows += rows;
    this.#userOffsets[this.#userCount] = this.#sessionCount;
  }

  addSessionId(ids: DataView, offsets: Uint32Array, entry: number): void {
    this.#ids.add(ids, offsets[entry] as number, offsets[entry + 1] as number);
  }

  addRepeat(repeat: MergedRange["repeated"][number]): void {
    this.#repeated.push(repeat);
  }

  finish(hasIds: boolean): Omit<MergedRange, "range"> {
    return {
      userOffsets: this.#userOffsets.subarray(0, this.#userCount + 1),
      rowsOfSession: this.#rowsOfSession.subarray(0, this.#sessionCount),
      rows: this.#rows,
      userIds: this.#users.finish(),
      sessionIds: hasIds ? this.#ids.finish() : null,
      repeated: this.#repeated,
    };
  }
}

class IdWriter {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #offsets: Uint32Array;
  #count = 0;

  constructor(count: number, bytes: number, memory: Slab) {
    this.#bytes = memory.bytes(bytes);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    this.#offsets = memory.uint32(count + 1);
  }

  add(view: DataView, from: number, to: number): void {
    const at = this.#offsets[this.#count] as number;
    copyBytes(view, from, this.#view, at, to - from);
    this.#offsets[++this.#count] = at + to - from;
  }

  finish(): ByteDictionary {
    return {
      bytes: this.#bytes.subarray(0, this.#offsets[this.#count]),
      offsets: this.#offsets.subarray(0, this.#count + 1),
    };
  }
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
