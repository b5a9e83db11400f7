/** The users and sessions of a range of hashes, merged over all chunks. */

import {
  all,
  type Code,
  type Declare,
  type Expression,
  entry,
  f64,
  fill,
  give,
  i32,
  i64,
  type Local,
  repeat,
  select,
  set,
  type WasmModule,
  when,
  whileTrue,
} from "./assembler.js";
import { copyCode, differCode, hashBytesCode } from "./hashes.js";
import { mergeFrame } from "./layouts.js";

/** From so many sessions of a user on, those that are the same are told by a table. */
const TABLED = 16;

type Frame = { readonly [K in keyof typeof mergeFrame]: Local };

/**
 * Adds `mergeUsers(frame, from, settled, count)`: merges the users from place `from` of the order on, of `count`. Users of one hash and
 * different ids must stand by id: where some are met at place `settled` or later, their place is given and all before is done. Gives
 * `count` when all are done. A user's sessions are put in the order of their starts, then of the chunks and rows that have them first.
 */
export function defineMergeKeys(module: WasmModule): void {
  module.define("mergeUsers", ["i32", "i32", "i32", "i32"], ["i32"], ([frameAt, from, settled, count], declare) => {
    const frame = Object.fromEntries(Object.keys(mergeFrame).map((name) => [name, declare("i32")])) as Frame;
    const loadFrame = Object.entries(mergeFrame).map(([name, offset]) =>
      set(frame[name as keyof Frame], i32.load(frameAt, offset)),
    );
    const saveCounts = all(
      i32.store(frameAt, frame.users, mergeFrame.users),
      i32.store(frameAt, frame.sessions, mergeFrame.sessions),
    );
    const at = declare("i32");
    const to = declare("i32");
    const end = declare("i32");
    const differs = declare("i32");
    const userAt = (place: Expression): Expression => i32.load(entry(frame.order, place, 8), 4);
    const hashAt = (place: Expression): Expression => i32.load(entry(frame.order, place, 8));
    const compareUsers = defineCompare(frame.userIdAt, frame.userIdBytes, differs, declare);
    const { scratch, cut } = cutScratch(frame, declare);
    const user = defineUser(frame, scratch, userAt, at, end, declare);
    return [
      ...loadFrame,
      cut,
      set(at, from),
      whileTrue(i32.less(at, count), [
        set(to, i32.add(at, 1)),
        whileTrue(i32.and(i32.less(to, count), i32.equal(hashAt(to), hashAt(at))), [set(to, i32.add(to, 1))]),
        // all of one id, as nearly always
        set(end, i32.add(at, 1)),
        set(differs, 0),
        whileTrue(i32.and(i32.less(end, to), i32.isZero(differs)), [
          compareUsers(userAt(at), userAt(end)),
          when(i32.isZero(differs), [set(end, i32.add(end, 1))]),
        ]),
        when(i32.and(differs, i32.atLeast(at, settled)), [saveCounts, give(at)]),
        user,
        set(at, end),
      ]),
      saveCounts,
      give(count),
    ];
  });
}

/** Code that gives `differs` whether two ids are not the same. */
function defineCompare(
  offsets: Local,
  bytes: Local,
  differs: Local,
  declare: Declare,
): (one: Expression, other: Expression) => Code {
  const oneAt = declare("i32");
  const otherAt = declare("i32");
  const length = declare("i32");
  return (one, other) =>
    all(
      set(oneAt, entry(offsets, one, 4)),
      set(otherAt, entry(offsets, other, 4)),
      set(length, i32.sub(i32.load(oneAt, 4), i32.load(oneAt))),
      set(differs, i32.unequal(i32.sub(i32.load(otherAt, 4), i32.load(otherAt)), length)),
      when(i32.isZero(differs), [
        set(oneAt, i32.add(bytes, i32.load(oneAt))),
        set(otherAt, i32.add(bytes, i32.load(otherAt))),
        differCode(differs, oneAt, otherAt, length),
      ]),
    );
}

/** Scratch for what is told of the entries and the sessions of one user. */
interface Scratch {
  /** Of each session: a double, its earliest time; a uint64, the chunk and row that have it first. */
  readonly starts: Local;
  readonly startRows: Local;
  /** Of each session: its first entry, and its rows. */
  readonly firstEntry: Local;
  readonly rows: Local;
  /** Of each entry: its number within the range, and the number of its session. */
  readonly entryAt: Local;
  readonly sessionAt: Local;
  /** The sessions in order, twice for sorting, and the place of each. */
  readonly places: Local;
  readonly other: Local;
  readonly rank: Local;
}

/** Code that cuts the scratch into its arrays. */
function cutScratch(frame: Frame, declare: Declare): { readonly scratch: Scratch; readonly cut: Code } {
  const scratch: Scratch = {
    starts: declare("i32"),
    startRows: declare("i32"),
    firstEntry: declare("i32"),
    rows: declare("i32"),
    entryAt: declare("i32"),
    sessionAt: declare("i32"),
    places: declare("i32"),
    other: declare("i32"),
    rank: declare("i32"),
  };
  const next = declare("i32");
  const cut = Object.values(scratch).map((array, index) =>
    all(set(array, next), set(next, entry(next, frame.room, index < 2 ? 8 : 4))),
  );
  return { scratch, cut: all(set(next, frame.scratch), ...cut) };
}

/** Code that adds the user who stands at places [at, end) of the order. */
function defineUser(
  frame: Frame,
  scratch: Scratch,
  userAt: (place: Expression) => Expression,
  at: Local,
  end: Local,
  declare: Declare,
): Code {
  const place = declare("i32");
  const person = declare("i32");
  const entries = declare("i32");
  const sessions = declare("i32");
  const isOrdered = declare("i32");
  const firstEntries = (user: Expression): Expression => entry(frame.firstEntry, user, 4);
  const countEntries = all(
    set(entries, 0),
    set(place, at),
    whileTrue(i32.less(place, end), [
      set(person, userAt(place)),
      set(entries, i32.add(entries, i32.sub(i32.load(firstEntries(person), 4), i32.load(firstEntries(person))))),
      set(place, i32.add(place, 1)),
    ]),
  );
  const chunk = declare("i32");
  const own = declare("i32");
  const stop = declare("i32");
  const listed = declare("i32");
  const session = declare("i32");
  const number = defineNumber(frame, scratch, entries, sessions, own, session, declare);
  const sum = defineSum(frame, scratch, chunk, own, session, declare);
  const sumEntries = all(
    number.start,
    set(sessions, 0),
    set(listed, 0),
    set(place, at),
    whileTrue(i32.less(place, end), [
      set(person, userAt(place)),
      set(chunk, i32.load(entry(frame.userChunk, person, 4))),
      set(own, i32.load(firstEntries(person))),
      set(stop, i32.load(firstEntries(person), 4)),
      whileTrue(i32.less(own, stop), [
        number.find,
        sum,
        i32.store(entry(scratch.entryAt, listed, 4), own),
        i32.store(entry(scratch.sessionAt, listed, 4), session),
        set(listed, i32.add(listed, 1)),
        set(own, i32.add(own, 1)),
      ]),
      set(place, i32.add(place, 1)),
    ]),
  );
  const order = defineOrder(scratch, sessions, isOrdered, declare);
  const write = defineWrite(frame, scratch, userAt(at), entries, sessions, isOrdered, declare);
  return all(countEntries, sumEntries, order, write);
}

/**
 * Code that gives `session` the number of the session of entry `own`, among those of its user, and makes it one more where it is new.
 * `start` stands before a user's first entry.
 */
function defineNumber(
  frame: Frame,
  scratch: Scratch,
  entries: Local,
  sessions: Local,
  own: Local,
  session: Local,
  declare: Declare,
): { readonly start: Code; readonly find: Code } {
  const differs = declare("i32");
  const compare = defineCompare(frame.idAt, frame.idBytes, differs, declare);
  const firstOf = (number: Expression): Expression => i32.load(entry(scratch.firstEntry, number, 4));
  const mask = declare("i32");
  const slot = declare("i32");
  const hash = declare("i32");
  const at = declare("i32");
  const length = declare("i32");
  const add = all(
    set(session, sessions),
    set(sessions, i32.add(sessions, 1)),
    i32.store(entry(scratch.firstEntry, session, 4), own),
    i32.store(entry(scratch.rows, session, 4), 0),
    f64.store(entry(scratch.starts, session, 8), f64.constant(Number.POSITIVE_INFINITY)),
    i64.store(entry(scratch.startRows, session, 8), i64.constant(-1n)),
  );
  const oneByOne = all(
    set(session, 0),
    set(differs, 1),
    whileTrue(i32.and(differs, i32.less(session, sessions)), [
      compare(firstOf(session), own),
      set(session, i32.add(session, differs)),
    ]),
    when(differs, [add]),
  );
  const byTable = all(
    set(slot, entry(frame.idAt, own, 4)),
    set(at, i32.add(frame.idBytes, i32.load(slot))),
    set(length, i32.sub(i32.load(slot, 4), i32.load(slot))),
    hashBytesCode(hash, at, length, declare),
    set(hash, i32.and(hash, mask)),
    repeat((again) => [
      set(slot, entry(frame.slots, hash, 4)),
      set(session, i32.load(slot)),
      when(
        session,
        [
          set(session, i32.sub(session, 1)),
          compare(firstOf(session), own),
          when(differs, [set(hash, i32.and(i32.add(hash, 1), mask)), again]),
        ],
        [add, i32.store(slot, sessions)],
      ),
    ]),
  );
  return {
    start: when(i32.and(frame.hasIds, i32.greater(entries, TABLED)), [
      set(mask, i32.sub(i32.shiftLeft(1, i32.sub(33, i32.leadingZeros(i32.sub(entries, 1)))), 1)),
      fill(frame.slots, 0, i32.shiftLeft(i32.add(mask, 1), 2)),
    ]),
    find: when(
      frame.hasIds,
      [when(i32.greater(entries, TABLED), [byTable], [oneByOne])],
      [set(session, 0), when(i32.isZero(sessions), [add])],
    ),
  };
}

/** Code that adds entry `own` of a chunk to its session. */
function defineSum(frame: Frame, scratch: Scratch, chunk: Local, own: Local, session: Local, declare: Declare): Code {
  const slot = declare("i32");
  const moment = declare("f64");
  const row = declare("i64");
  return all(
    set(slot, entry(scratch.rows, session, 4)),
    i32.store(slot, i32.add(i32.load(slot), i32.load(entry(frame.rows, own, 4)))),
    set(moment, f64.load(entry(frame.start, own, 8))),
    set(
      row,
      i64.or(i64.shiftLeft(i64.extend(chunk), i64.constant(32n)), i64.extend(i32.load(entry(frame.startRow, own, 4)))),
    ),
    set(slot, entry(scratch.starts, session, 8)),
    when(f64.less(moment, f64.load(slot)), [
      f64.store(slot, moment),
      i64.store(entry(scratch.startRows, session, 8), row),
    ]),
  );
}

/** Code that puts a user's sessions in order: `isOrdered` where they are already, else they stand at `places` and have their `rank`. */
function defineOrder(scratch: Scratch, sessions: Local, isOrdered: Local, declare: Declare): Code {
  const { starts, startRows, places, other, rank } = scratch;
  const isLess = declare("i32");
  const one = declare("i32");
  const two = declare("i32");
  const moment = declare("f64");
  const otherMoment = declare("f64");
  const compare = (left: Expression, right: Expression): Code =>
    all(
      set(one, left),
      set(two, right),
      set(moment, f64.load(entry(starts, one, 8))),
      set(otherMoment, f64.load(entry(starts, two, 8))),
      when(
        f64.unequal(moment, otherMoment),
        [set(isLess, f64.less(moment, otherMoment))],
        [set(isLess, i64.less(i64.load(entry(startRows, one, 8)), i64.load(entry(startRows, two, 8))))],
      ),
    );
  const at = declare("i32");
  const right = declare("i32");
  const middle = declare("i32");
  const end = declare("i32");
  const to = declare("i32");
  const width = declare("i32");
  const least = (value: Expression): Expression => select(i32.less(value, sessions), value, sessions);
  const at4 = (array: Expression, index: Expression): Expression => i32.load(entry(array, index, 4));
  const mergeRuns = (from: Local, into: Local): Code =>
    all(
      set(to, 0),
      whileTrue(i32.less(to, sessions), [
        set(at, to),
        set(middle, least(i32.add(to, width))),
        set(right, middle),
        set(end, least(i32.add(to, i32.shiftLeft(width, 1)))),
        whileTrue(i32.less(to, end), [
          set(isLess, i32.equal(right, end)),
          when(i32.and(i32.less(at, middle), i32.less(right, end)), [
            compare(at4(from, right), at4(from, at)),
            set(isLess, i32.isZero(isLess)),
          ]),
          when(
            isLess,
            [i32.store(entry(into, to, 4), at4(from, at)), set(at, i32.add(at, 1))],
            [i32.store(entry(into, to, 4), at4(from, right)), set(right, i32.add(right, 1))],
          ),
          set(to, i32.add(to, 1)),
        ]),
      ]),
    );
  return all(
    set(isOrdered, 1),
    set(at, 1),
    whileTrue(i32.and(isOrdered, i32.less(at, sessions)), [
      compare(i32.sub(at, 1), at),
      set(isOrdered, isLess),
      set(at, i32.add(at, 1)),
    ]),
    when(i32.isZero(isOrdered), [
      set(at, 0),
      whileTrue(i32.less(at, sessions), [i32.store(entry(places, at, 4), at), set(at, i32.add(at, 1))]),
      set(width, 1),
      // two turns at a time, so that the sorted ones stand at `places`
      whileTrue(i32.less(width, sessions), [
        mergeRuns(places, other),
        set(width, i32.shiftLeft(width, 1)),
        mergeRuns(other, places),
        set(width, i32.shiftLeft(width, 1)),
      ]),
      set(at, 0),
      whileTrue(i32.less(at, sessions), [i32.store(entry(rank, at4(places, at), 4), at), set(at, i32.add(at, 1))]),
    ]),
  );
}

/** Code that writes a user, whose id `person` has, the sessions, and where entries belong. */
function defineWrite(
  frame: Frame,
  scratch: Scratch,
  person: Expression,
  entries: Local,
  sessions: Local,
  isOrdered: Local,
  declare: Declare,
): Code {
  const place = declare("i32");
  const session = declare("i32");
  const from = declare("i32");
  const to = declare("i32");
  const slot = declare("i32");
  const length = declare("i32");
  const end = declare("i32");
  /** Appends the id that an offset stands for to those written; `out` is the place of its offset. */
  const append = (offset: Expression, bytes: Local, out: Expression, outBytes: Local): Code =>
    all(
      set(slot, offset),
      set(length, i32.sub(i32.load(slot, 4), i32.load(slot))),
      set(from, i32.add(bytes, i32.load(slot))),
      set(slot, out),
      i32.store(slot, i32.add(i32.load(slot), length), 4),
      set(to, i32.add(outBytes, i32.load(slot))),
      copyCode(to, from, length, end),
    );
  return all(
    append(
      entry(frame.userIdAt, person, 4),
      frame.userIdBytes,
      entry(frame.outUserIdAt, frame.users, 4),
      frame.outUserIdBytes,
    ),
    set(place, 0),
    whileTrue(i32.less(place, entries), [
      set(session, i32.load(entry(scratch.sessionAt, place, 4))),
      when(i32.isZero(isOrdered), [set(session, i32.load(entry(scratch.rank, session, 4)))]),
      i32.store(
        entry(frame.sessionOf, i32.load(entry(scratch.entryAt, place, 4)), 4),
        i32.add(frame.sessions, session),
      ),
      set(place, i32.add(place, 1)),
    ]),
    set(place, 0),
    whileTrue(i32.less(place, sessions), [
      set(session, place),
      when(i32.isZero(isOrdered), [set(session, i32.load(entry(scratch.places, place, 4)))]),
      i32.store(entry(frame.rowsOfSession, frame.sessions, 4), i32.load(entry(scratch.rows, session, 4))),
      when(frame.hasIds, [
        append(
          entry(frame.idAt, i32.load(entry(scratch.firstEntry, session, 4)), 4),
          frame.idBytes,
          entry(frame.outIdAt, frame.sessions, 4),
          frame.outIdBytes,
        ),
      ]),
      set(frame.sessions, i32.add(frame.sessions, 1)),
      set(place, i32.add(place, 1)),
    ]),
    set(frame.users, i32.add(frame.users, 1)),
    i32.store(entry(frame.userOffsets, frame.users, 4), frame.sessions),
  );
}
