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
  readonly userIds: ByteDictionary;
  /** Null where a session's id is its user's. */
  readonly sessionIds: ByteDictionary | null;
  /** Sessions that a chunk has under two numbers, since its file's dictionary repeats an id: they are the same as an earlier one. */
  readonly repeated: readonly { readonly chunk: number; readonly session: number; readonly sameAs: number }[];
}

/** From so many sessions of a user on, those that are the same are told by a table. */
const TABLED = 16;

/** The first entry of a chunk's users whose hash is not below `hash`. O(log users). */
export function firstUserFrom({ userHash }: Pick<ChunkKeys, "userHash">, hash: number): number {
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

interface Views {
  readonly users: DataView;
  readonly sessions: DataView;
}

/** Merges one range after the other; its arrays are used again. */
class RangeMerger {
  readonly #input: MergeKeysInput;
  readonly #memory: Slab;
  readonly #views: readonly Views[];
  // users of the range, chunk by chunk
  #userHash = new Uint32Array(0);
  #userChunk = new Uint32Array(0);
  #userEntry = new Uint32Array(0);
  // entries of one user's sessions
  #entryChunk = new Uint32Array(64);
  #entry = new Uint32Array(64);
  #number = new Uint32Array(64);
  // one user's sessions
  #first = new Uint32Array(64);
  #start = new Float64Array(64);
  #startRow = new Float64Array(64);
  #rows = new Float64Array(64);
  #lastChunk = new Uint32Array(64);
  #lastSession = new Uint32Array(64);

  constructor(input: MergeKeysInput, memory: Slab) {
    this.#input = input;
    this.#memory = memory;
    this.#views = input.chunks.map(({ keys }) => ({
      users: viewOf(keys.userIds.bytes),
      sessions: viewOf((keys.sessionIds ?? keys.userIds).bytes),
    }));
  }

  merge(range: number): MergedRange {
    const { lowest, width } = this.#input;
    const {
      users: entries,
      sessions,
      userBytes,
      sessionBytes,
    } = this.#gather(lowest + range * width, lowest + (range + 1) * width);
    const hasIds = this.#input.chunks.some(({ keys }) => keys.sessionIds !== null);
    const out = new MergedSessions(entries, sessions, userBytes, hasIds ? sessionBytes : null, this.#memory);
    const order = orderByHash(this.#userHash, entries);
    for (let from = 0; from < entries; ) {
      const hash = this.#userHash[order[from] as number] as number;
      let to = from + 1;
      while (to < entries && this.#userHash[order[to] as number] === hash) to++;
      this.#settleTies(order, from, to);
      for (let at = from; at < to; ) {
        let end = at + 1;
        while (end < to && this.#areSameUser(order[at] as number, order[end] as number)) end++;
        this.#addUser(order, at, end, out, hasIds);
        at = end;
      }
      from = to;
    }
    return { range, ...out.finish(hasIds) };
  }

  /** Lists the range's users, chunk by chunk. */
  #gather(
    low: number,
    high: number,
  ): { readonly users: number; readonly sessions: number; readonly userBytes: number; readonly sessionBytes: number } {
    let [users, sessions, userBytes, sessionBytes] = [0, 0, 0, 0];
    const bounds: [number, number][] = [];
    for (const { keys } of this.#input.chunks) {
      const [from, to] = [firstUserFrom(keys, low), firstUserFrom(keys, high)];
      bounds.push([from, to]);
      const [first, end] = [keys.sessionOffsets[from] as number, keys.sessionOffsets[to] as number];
      users += to - from;
      sessions += end - first;
      userBytes += (keys.userIds.offsets[to] as number) - (keys.userIds.offsets[from] as number);
      if (keys.sessionIds === null) continue;
      sessionBytes += (keys.sessionIds.offsets[end] as number) - (keys.sessionIds.offsets[first] as number);
    }
    if (this.#userHash.length < users) {
      this.#userHash = new Uint32Array(users);
      this.#userChunk = new Uint32Array(users);
      this.#userEntry = new Uint32Array(users);
    }
    let at = 0;
    for (const [chunk, [from, to]] of bounds.entries()) {
      const { userHash } = (this.#input.chunks[chunk] as KeyedChunk).keys;
      for (let user = from; user < to; user++, at++) {
        this.#userHash[at] = userHash[user] as number;
        this.#userChunk[at] = chunk;
        this.#userEntry[at] = user;
      }
    }
    return { users, sessions, userBytes, sessionBytes };
  }

  #userIds(item: number): { readonly view: DataView; readonly from: number; readonly length: number } {
    const chunk = this.#userChunk[item] as number;
    const { offsets } = (this.#input.chunks[chunk] as KeyedChunk).keys.userIds;
    const user = this.#userEntry[item] as number;
    const from = offsets[user] as number;
    return { view: (this.#views[chunk] as Views).users, from, length: (offsets[user + 1] as number) - from };
  }

  #areSameUser(item: number, other: number): boolean {
    const [a, b] = [this.#userIds(item), this.#userIds(other)];
    return a.length === b.length && equalBytes(a.view, a.from, b.view, b.from, a.length);
  }

  /** Puts users of equal hash in the order of their ids' bytes, so that the order does not depend on which file came first. */
  #settleTies(order: Uint32Array, from: number, to: number): void {
    for (let at = from + 1; at < to; at++) {
      if (this.#areSameUser(order[from] as number, order[at] as number)) continue;
      const bytesOf = (item: number): Uint8Array => {
        const { view, from: start, length } = this.#userIds(item);
        return new Uint8Array(view.buffer, view.byteOffset + start, length);
      };
      // items are in chunk order
      order.subarray(from, to).sort((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)) || a - b);
      return;
    }
  }

  /** Adds a user who stands in some chunks: items [from, to) of the order. */
  #addUser(order: Uint32Array, from: number, to: number, out: MergedSessions, hasIds: boolean): void {
    const { chunks, sessionOf } = this.#input;
    let entries = 0;
    for (let at = from; at < to; at++) {
      const item = order[at] as number;
      const chunk = this.#userChunk[item] as number;
      const user = this.#userEntry[item] as number;
      const { sessionOffsets } = (chunks[chunk] as KeyedChunk).keys;
      const end = sessionOffsets[user + 1] as number;
      for (let entry = sessionOffsets[user] as number; entry < end; entry++) {
        if (entries === this.#entry.length) this.#growEntries();
        this.#entryChunk[entries] = chunk;
        this.#entry[entries] = entry;
        entries++;
      }
    }
    const sessions = this.#numberSessions(entries, hasIds);
    const repeats = this.#sumSessions(entries, sessions);
    const places = this.#orderSessions(sessions);
    const item = this.#userIds(order[from] as number);
    const first = out.addUser(item.view, item.from, item.length);
    for (let place = 0; place < sessions; place++) {
      const session = places === null ? place : (places[place] as number);
      out.addSession(this.#rows[session] as number);
      if (!hasIds) continue;
      const entry = this.#first[session] as number;
      const id = this.#sessionId(entry);
      out.addSessionId(id.view, id.from, id.length);
    }
    if (places === null) {
      for (let at = 0; at < entries; at++) this.#write(sessionOf, at, first + (this.#number[at] as number));
    } else {
      const rank = new Uint32Array(sessions);
      for (let place = 0; place < sessions; place++) rank[places[place] as number] = place;
      for (let at = 0; at < entries; at++) {
        this.#write(sessionOf, at, first + (rank[this.#number[at] as number] as number));
      }
    }
    out.addRepeats(repeats);
  }

  #write(sessionOf: Uint32Array, at: number, session: number): void {
    const { firstEntry } = this.#input.chunks[this.#entryChunk[at] as number] as KeyedChunk;
    sessionOf[firstEntry + (this.#entry[at] as number)] = session;
  }

  /** The id of the session of entry `at` of the user. */
  #sessionId(at: number): { readonly view: DataView; readonly from: number; readonly length: number } {
    const chunk = this.#entryChunk[at] as number;
    const { sessionIds } = (this.#input.chunks[chunk] as KeyedChunk).keys;
    const { offsets } = sessionIds as ByteDictionary;
    const entry = this.#entry[at] as number;
    const from = offsets[entry] as number;
    return { view: (this.#views[chunk] as Views).sessions, from, length: (offsets[entry + 1] as number) - from };
  }

  #areSameSession(at: number, other: number): boolean {
    const [a, b] = [this.#sessionId(at), this.#sessionId(other)];
    return a.length === b.length && equalBytes(a.view, a.from, b.view, b.from, a.length);
  }

  /** Numbers a user's sessions as they appear: entries of the same id are one. Returns how many there are. */
  #numberSessions(entries: number, hasIds: boolean): number {
    if (!hasIds) {
      this.#number.fill(0, 0, entries);
      this.#first[0] = 0;
      return 1;
    }
    if (entries > TABLED) return this.#numberByTable(entries);
    let sessions = 0;
    for (let at = 0; at < entries; at++) {
      let known = 0;
      while (known < sessions && !this.#areSameSession(this.#first[known] as number, at)) known++;
      if (known === sessions) this.#first[sessions++] = at;
      this.#number[at] = known;
    }
    return sessions;
  }

  #numberByTable(entries: number): number {
    const slots = 2 ** Math.ceil(Math.log2(entries * 2));
    // one more than a session's number; linear probing
    const table = new Uint32Array(slots);
    let sessions = 0;
    for (let at = 0; at < entries; at++) {
      const { view, from, length } = this.#sessionId(at);
      let slot = hashBytes(view, from, from + length) & (slots - 1);
      for (;;) {
        const known = table[slot] as number;
        if (known === 0) {
          this.#first[sessions] = at;
          this.#number[at] = sessions++;
          table[slot] = sessions;
          break;
        }
        if (this.#areSameSession(this.#first[known - 1] as number, at)) {
          this.#number[at] = known - 1;
          break;
        }
        slot = (slot + 1) & (slots - 1);
      }
    }
    return sessions;
  }

  /** Rows and start of each of a user's sessions, over all its entries; those that a chunk has twice. */
  #sumSessions(entries: number, sessions: number): MergedRange["repeated"] {
    const { chunks } = this.#input;
    const repeats: MergedRange["repeated"][number][] = [];
    for (let session = 0; session < sessions; session++) {
      this.#start[session] = Number.POSITIVE_INFINITY;
      this.#rows[session] = 0;
      this.#lastChunk[session] = 0xffffffff;
    }
    for (let at = 0; at < entries; at++) {
      const session = this.#number[at] as number;
      const chunk = this.#entryChunk[at] as number;
      const { keys, rowsOfSession } = chunks[chunk] as KeyedChunk;
      const entry = this.#entry[at] as number;
      const own = keys.session[entry] as number;
      this.#rows[session] = (this.#rows[session] as number) + (rowsOfSession[own] as number);
      const start = keys.start[entry] as number;
      if (start < (this.#start[session] as number)) {
        this.#start[session] = start;
        // more than a chunk has rows: in a part of the data a chunk's rows are not all there, and keep their numbers
        this.#startRow[session] = chunk * 2 ** 32 + (keys.startRow[entry] as number);
      }
      if (this.#lastChunk[session] === chunk) {
        repeats.push({ chunk, session: own, sameAs: this.#lastSession[session] as number });
      } else {
        this.#lastChunk[session] = chunk;
        this.#lastSession[session] = own;
      }
    }
    return repeats;
  }

  /** A user's sessions by start, then by the first row that has it; null where they are in that order. */
  #orderSessions(sessions: number): Uint32Array | null {
    const before = (a: number, b: number): number =>
      (this.#start[a] as number) - (this.#start[b] as number) ||
      (this.#startRow[a] as number) - (this.#startRow[b] as number);
    for (let at = 1; at < sessions; at++) {
      if (before(at - 1, at) > 0) return Uint32Array.from({ length: sessions }, (_, index) => index).sort(before);
    }
    return null;
  }

  #growEntries(): void {
    const length = 2 * this.#entry.length;
    this.#entry = grown(this.#entry, length);
    this.#entryChunk = grown(this.#entryChunk, length);
    this.#number = new Uint32Array(length);
    this.#first = new Uint32Array(length);
    this.#start = new Float64Array(length);
    this.#startRow = new Float64Array(length);
    this.#rows = new Float64Array(length);
    this.#lastChunk = new Uint32Array(length);
    this.#lastSession = new Uint32Array(length);
  }
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

  /** @param sessionBytes - null where a session's id is its user's */
  constructor(users: number, sessions: number, userBytes: number, sessionBytes: number | null, memory: Slab) {
    this.#userOffsets = memory.uint32(users + 1);
    this.#rowsOfSession = memory.uint32(sessions);
    this.#users = new IdWriter(users, userBytes, memory);
    this.#ids = new IdWriter(sessionBytes === null ? 0 : sessions, sessionBytes ?? 0, memory);
  }

  /** @returns the number of the user's first session */
  addUser(view: DataView, from: number, length: number): number {
    this.#users.add(view, from, length);
    this.#userCount++;
    return this.#sessionCount;
  }

  addSession(rows: number): void {
    this.#rowsOfSession[this.#sessionCount++] = rows;
    this.#userOffsets[this.#userCount] = this.#sessionCount;
  }

  addSessionId(view: DataView, from: number, length: number): void {
    this.#ids.add(view, from, length);
  }

  addRepeats(repeats: MergedRange["repeated"]): void {
    if (repeats.length > 0) this.#repeated.push(...repeats);
  }

  finish(hasIds: boolean): Omit<MergedRange, "range"> {
    return {
      userOffsets: this.#userOffsets.subarray(0, this.#userCount + 1),
      rowsOfSession: this.#rowsOfSession.subarray(0, this.#sessionCount),
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
    this.#view = viewOf(this.#bytes);
    this.#offsets = memory.uint32(count + 1);
  }

  add(view: DataView, from: number, length: number): void {
    const at = this.#offsets[this.#count] as number;
    copyBytes(view, from, this.#view, at, length);
    this.#offsets[++this.#count] = at + length;
  }

  finish(): ByteDictionary {
    return {
      bytes: this.#bytes.subarray(0, this.#offsets[this.#count]),
      offsets: this.#offsets.subarray(0, this.#count + 1),
    };
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function grown(array: Uint32Array, length: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(length);
  larger.set(array);
  return larger;
}
