/**
 * What kernels and their callers agree on: where things stand in the memory and how much room they need. Apart from the kernels, whose modules are
 * needed only where they are assembled.
 */

/** Where callers put 16 bytes of 0xff and after them 16 of 0: n bytes from its middle backwards are a mask of n bytes. */
export const maskAddress = 64;

/** Bytes that the coder of byte arrays may read beyond the end of a value and write beyond the end of a dictionary. */
export const byteArraySlack = 16;

/** Bytes that CSV's scanner may read beyond the end of the text. */
export const csvSlack = 16;

/** Bytes that decoding a hybrid stream may read beyond its end. */
export const hybridSlack = 16;

/** Bytes that Snappy may read beyond the input's end and write beyond the output's. */
export const snappySlack = 32;

/**
 * The state of a dictionary under construction, a struct of uint32s: byte offset of each.
 * A slot of the table is 8 bytes, the hash and the code (from 1; 0 = empty), linear probing, at most half full; an entry is 8 bytes, the
 * address of the value's first vector and its length.
 */
export const dictionaryState = {
  /** Next byte of the input, in and out. */
  position: 0,
  /** Values so far. */
  count: 4,
  table: 8,
  /** Slots less one; slots are a power of two. */
  tableMask: 12,
  entries: 16,
  /** Entries that there is room for. */
  capacity: 20,
  /** The next free byte for values, and where they end. */
  valuesNext: 24,
  valuesEnd: 28,
} as const;

/** Bits of one pass of sorting by hash, and its passes. */
export const sortDigitBits = 11;
/** Passes of sorting by hash. */
export const sortPasses = 3;

/** Bytes that `sortByHash` counts digits in. */
export const digitBytes: number = (sortPasses << sortDigitBits) * 4;

/**
 * What `mergeUsers` works on: a struct of uint32s, byte offset of each. Most are addresses of arrays. Users and entries (a session
 * as a chunk knows it) are numbered within the range, in the order of the chunks, and so are the bytes of their ids.
 */
export const mergeFrame = {
  /** Pairs of hash and user, ascending by hash; users of one id stand in their own order. */
  order: 0,
  /** Of each user: its chunk; its id's offset, and one more; its first entry, and one more. */
  userChunk: 4,
  userIdAt: 8,
  userIdBytes: 12,
  firstEntry: 16,
  /** Of each entry: a double, its earliest time; the row of the chunk that has it first; its rows; its id's offset, and one more. */
  start: 20,
  startRow: 24,
  rows: 28,
  idAt: 32,
  idBytes: 36,
  /** Scratch, of as many entries as a user may have: `mergeScratchBytes` each. */
  scratch: 40,
  /** Scratch: four times as many uint32s. */
  slots: 44,
  /** Written, CSR: users' sessions, the first of which is 0; and of each session its rows. */
  userOffsets: 48,
  rowsOfSession: 52,
  /** Written: ids and their offsets, of which the first are 0. */
  outUserIdAt: 56,
  outUserIdBytes: 60,
  outIdAt: 64,
  outIdBytes: 68,
  /** Written: the session of each entry. */
  sessionOf: 72,
  /** In and out: users and sessions so far. */
  users: 76,
  sessions: 80,
  /** 0 where a session's id is its user's. */
  hasIds: 84,
  /** Entries that a user may have. */
  room: 88,
} as const;

/** Bytes of a frame. */
export const mergeFrameBytes = 92;

/** Bytes of scratch for each entry that a user may have. */
export const mergeScratchBytes = 44;
