import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { mergeKeys } from "../../../engine/columns/merge-keys.js";
import { Slab } from "../../../engine/columns/slab.js";
import type { ByteDictionary } from "../../../engine/sources/chunk.js";

const test = suite("mergeKeys");

/** A session as a chunk knows it. */
interface Entry {
  readonly user: string;
  readonly session: string;
  readonly start: number;
  readonly startRow: number;
  readonly rows: number;
}

/** Few hashes, so that many users share one. */
const hashOf = (user: string): number => 0x7ffffff0 + 8 * (user.charCodeAt(0) % 5);

const entry = (users: number, sessions: number): fc.Arbitrary<Entry> =>
  fc.record({
    user: fc.nat(users).map((user) => `${String.fromCharCode(97 + user)}${"x".repeat(user)}`),
    session: fc.nat(sessions).map((session) => `${"s".repeat(session % 30)}${session}`),
    start: fc.constantFrom(1, 2, 3, 4.5, Number.POSITIVE_INFINITY),
    startRow: fc.nat(50),
    rows: fc.integer({ min: 1, max: 9 }),
  });

const chunks = fc
  .tuple(fc.constantFrom(1, 20), fc.constantFrom(3, 60))
  .chain(([users, sessions]) =>
    fc.array(fc.array(entry(users, sessions), { maxLength: 40 }), { minLength: 1, maxLength: 5 }),
  );

function dictionary(texts: readonly string[]): ByteDictionary {
  const offsets = Uint32Array.from([0, ...texts.map((_, at) => texts.slice(0, at + 1).join("").length)]);
  return { bytes: Buffer.from(texts.join("")), offsets };
}

function texts({ bytes, offsets }: ByteDictionary): string[] {
  return Array.from(offsets.subarray(1), (end, at) => Buffer.from(bytes.subarray(offsets[at], end)).toString());
}

/** A chunk's users by hash, each with the sessions one after the other. */
function ordered(chunk: readonly Entry[]): Entry[][] {
  const users = [...new Set(chunk.map(({ user }) => user))];
  users.sort((a, b) => hashOf(a) - hashOf(b));
  return users.map((user) => chunk.filter((own) => own.user === user));
}

for (const hasIds of [true, false]) {
  test(`users stand by hash and id, sessions by start and first row, whatever the ranges, ${hasIds ? "with" : "without"} ids`, () => {
    fc.assert(
      fc.property(chunks, fc.constantFrom(1, 3, 40), (all, ranges) => {
        let entries = 0;
        const keyed = all.map((chunk) => {
          const users = ordered(chunk);
          const list = users.flat();
          const firstEntry = entries;
          entries += list.length;
          return {
            firstEntry,
            rowsOfSession: Uint32Array.from(list, ({ rows }) => rows),
            keys: {
              userHash: Uint32Array.from(users, ([own]) => hashOf(own?.user ?? "")),
              userIds: dictionary(users.map(([own]) => own?.user ?? "")),
              sessionOffsets: Uint32Array.from([0, ...users.map((_, at) => users.slice(0, at + 1).flat().length)]),
              start: Float64Array.from(list, ({ start }) => start),
              startRow: Uint32Array.from(list, ({ startRow }) => startRow),
              sessionIds: hasIds ? dictionary(list.map(({ session }) => session)) : null,
            },
          };
        });
        const sessionOf = new Uint32Array(entries);
        const next = new Int32Array(new SharedArrayBuffer(4));
        const [lowest, width] = [0x7ffffff0, Math.ceil(40 / ranges)];
        const merged = mergeKeys({ chunks: keyed, sessionOf, next, lowest, width, ranges }, new Slab(0));

        const flat = all.flatMap((chunk, at) =>
          ordered(chunk).flatMap((user) => user.map((own) => ({ ...own, chunk: at }))),
        );
        const idOf = (own: Entry): string => (hasIds ? own.session : "");
        const users = [...new Set(flat.map(({ user }) => user))];
        users.sort((a, b) => hashOf(a) - hashOf(b) || Buffer.compare(Buffer.from(a), Buffer.from(b)));
        const expected = users.map((user) => {
          const own = flat.filter((one) => one.user === user);
          const sessions = [...new Set(own.map(idOf))].map((id) => {
            const parts = own.filter((one) => idOf(one) === id);
            const start = Math.min(...parts.map((one) => one.start));
            const first = Number.isFinite(start) ? parts.find((one) => one.start === start) : undefined;
            const place = first === undefined ? Number.POSITIVE_INFINITY : first.chunk * 100 + first.startRow;
            return { id, start, place, rows: parts.reduce((sum, { rows }) => sum + rows, 0) };
          });
          const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
          sessions.sort((a, b) => compare(a.start, b.start) || compare(a.place, b.place));
          return { user, sessions };
        });
        assert.equal(
          merged.flatMap(({ userIds }) => texts(userIds)),
          users,
        );
        assert.equal(
          merged.flatMap(({ userOffsets }) =>
            Array.from(userOffsets.subarray(1), (end, at) => end - (userOffsets[at] ?? 0)),
          ),
          expected.map(({ sessions }) => sessions.length),
        );
        assert.equal(
          merged.flatMap(({ rowsOfSession }) => [...rowsOfSession]),
          expected.flatMap(({ sessions }) => sessions.map(({ rows }) => rows)),
        );
        assert.is(
          merged.reduce((sum, { rows }) => sum + rows, 0),
          flat.reduce((sum, { rows }) => sum + rows, 0),
        );
        const ids = merged.flatMap(({ sessionIds }) => (sessionIds === null ? [] : texts(sessionIds)));
        assert.equal(ids, hasIds ? expected.flatMap(({ sessions }) => sessions.map(({ id }) => id)) : []);
        // entries know their sessions, counted from their range
        let before = 0;
        const rangeOf = (user: string): number => Math.floor((hashOf(user) - lowest) / width);
        const firstOf = Array.from({ length: ranges }, (_, range) => {
          const first = before;
          before += merged.find((one) => one.range === range)?.rowsOfSession.length ?? 0;
          return first;
        });
        const places = expected.flatMap(({ user, sessions }) => sessions.map(({ id }) => `${user} ${id}`));
        assert.equal(
          flat.map((own, at) => places[(sessionOf[at] as number) + (firstOf[rangeOf(own.user)] as number)]),
          flat.map((own) => `${own.user} ${idOf(own)}`),
        );
      }),
      { seed: 1, numRuns: 300 },
    );
  });
}

test.run();
