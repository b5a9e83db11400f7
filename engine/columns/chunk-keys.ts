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
 * @returns the keys, and `placeOf`, Uint32Array(sessions): where each session stands in them
 */
export function orderKeys(
  sessions: CodedSessions,
  memory: Slab,
): { readonly keys: ChunkKeys; readonly placeOf: Uint32Array } {
  const { userCode, userIds, sessionCode, sessionIds, start, startRow } = sessions;
  const count = userCode.length;
  // the users that have sessions, and how many
  const sessionsOf = new Uint32Array(userIds.offsets.length - 1);
  for (let session = 0; session < count; session++) {
    const user = userCode[session] as number;
    sessionsOf[user] = (sessionsOf[user] as number) + 1;
  }
  const present = new Uint32Array(sessionsOf.length);
  let users = 0;
  for (let user = 0; user < sessionsOf.length; user++) if (sessionsOf[user] !== 0) present[users++] = user;
  const view = new DataView(userIds.bytes.buffer, userIds.bytes.byteOffset, userIds.bytes.byteLength);
  const hashes = new Uint32Array(users);
  for (let at = 0; at < users; at++) {
    const user = present[at] as number;
    hashes[at] = hashBytes(view, userIds.offsets[user] as number, userIds.offsets[user + 1] as number);
  }
  const order = orderByHash(hashes, users);
  const userHash = memory.uint32(users);
  const sessionOffsets = memory.uint32(users + 1);
  const orderedUsers = new Uint32Array(users);
  // where the next session of each user goes
  const next = new Uint32Array(sessionsOf.length);
  for (let place = 0; place < users; place++) {
    const at = order[place] as number;
    const user = present[at] as number;
    userHash[place] = hashes[at] as number;
    orderedUsers[place] = user;
    const first = sessionOffsets[place] as number;
    next[user] = first;
    sessionOffsets[place + 1] = first + (sessionsOf[user] as number);
  }
  const placeOf = new Uint32Array(count);
  const starts = memory.float64(count);
  const startRows = memory.uint32(count);
  const codes = new Uint32Array(count);
  for (let local = 0; local < count; local++) {
    const user = userCode[local] as number;
    const place = next[user] as number;
    next[user] = place + 1;
    placeOf[local] = place;
    starts[place] = start[local] as number;
    startRows[place] = startRow[local] as number;
    codes[place] = sessionCode[local] as number;
  }
  const keys = {
    userHash,
    userIds: pickIds(userIds, orderedUsers, memory),
    sessionOffsets,
    start: starts,
    startRow: startRows,
    sessionIds: sessionIds === userIds ? null : pickIds(sessionIds, codes, memory),
  };
  return { keys, placeOf };
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
  const mask = (1 << DIGIT_BITS) - 1;
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    offsets.fill(0);
    for (let index = 0; index < count; index++) {
      const digit = ((hashes[index] as number) >>> shift) & mask;
      offsets[digit + 1] = (offsets[digit + 1] as number) + 1;
    }
    for (let digit = 0; digit < mask; digit++) {
      offsets[digit + 1] = (offsets[digit + 1] as number) + (offsets[digit] as number);
    }
    for (let at = 0; at < count; at++) {
      const index = order[at] as number;
      const digit = ((hashes[index] as number) >>> shift) & mask;
      other[offsets[digit] as number] = index;
      offsets[digit] = (offsets[digit] as number) + 1;
    }
    [order, other] = [other, order];
  }
  return order;
}

/** Some values of a dictionary, in the order given. O(bytes). */
function pickIds({ bytes, offsets }: ByteDictionary, entries: Uint32Array, memory: Slab): ByteDictionary {
  const own = memory.uint32(entries.length + 1);
  for (let at = 0; at < entries.length; at++) {
    const entry = entries[at] as number;
    own[at + 1] = (own[at] as number) + (offsets[entry + 1] as number) - (offsets[entry] as number);
  }
  const ownBytes = memory.bytes(own[entries.length] as number);
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const to = new DataView(ownBytes.buffer, ownBytes.byteOffset, ownBytes.byteLength);
  for (let at = 0; at < entries.length; at++) {
    const start = own[at] as number;
    copyBytes(from, offsets[entries[at] as number] as number, to, start, (own[at + 1] as number) - start);
  }
  return { bytes: ownBytes, offsets: own };
}
