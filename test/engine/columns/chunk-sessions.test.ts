import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { orderKeys } from "../../../engine/columns/chunk-keys.js";
import { ChunkSessions } from "../../../engine/columns/chunk-sessions.js";
import { Slab } from "../../../engine/columns/slab.js";
import type { ByteDictionary } from "../../../engine/sources/chunk.js";

const test = suite("ChunkSessions");

function dictionary(texts: readonly string[]): ByteDictionary {
  const offsets = Uint32Array.from([0, ...texts.map((_, at) => texts.slice(0, at + 1).join("").length)]);
  return { bytes: Buffer.from(texts.join("")), offsets };
}

/** Each row's session; each session's user, of ids of many lengths. */
const rowsOfUsers = fc.record({
  session: fc.array(fc.nat(30), { minLength: 1, maxLength: 80 }),
  userOf: fc.array(fc.nat(20), { minLength: 31, maxLength: 31 }),
  time: fc.array(fc.constantFrom(1, 2, 3, 2.5), { minLength: 80, maxLength: 80 }),
  hasOwnIds: fc.boolean(),
});

test("sessions and rows stand as orderKeys orders them", () => {
  fc.assert(
    fc.property(rowsOfUsers, ({ session: any, userOf, time: times, hasOwnIds }) => {
      const rows = any.length;
      const session = Uint8Array.from(any, (own) => (hasOwnIds ? own : (userOf[own] as number)) + 1);
      const user = hasOwnIds ? Uint8Array.from(any, (own) => (userOf[own] as number) + 1) : session;
      const time = Float64Array.from(times.slice(0, rows));
      const userIds = dictionary(Array.from({ length: 21 }, (_, at) => `${"u".repeat(at)}${at}`));
      const sessionIds = hasOwnIds ? dictionary(Array.from({ length: 31 }, (_, at) => `s${at ** 5}`)) : userIds;
      const event = Uint8Array.from({ length: rows }, (_, row) => 1 + (row % 7));
      const found = ChunkSessions.of(rows, { time, event, user, session }, sessionIds.offsets.length - 1);
      assert.ok(found !== null);
      const memory = { rows: new Slab(0), keys: new Slab(0) };
      const { keys, rowsOfSession } = found.order(userIds, sessionIds, memory);

      const appeared = [...new Set(session)];
      const own = (code: number): number[] => [...session.keys()].filter((row) => session[row] === code);
      const start = appeared.map((code) => Math.min(...own(code).map((row) => time[row] as number)));
      const expected = orderKeys(
        {
          sessionCode: Uint32Array.from(appeared, (code) => code - 1),
          userCode: Uint32Array.from(appeared, (code) => (user[own(code)[0] as number] as number) - 1),
          start: Float64Array.from(start),
          startRow: Uint32Array.from(
            appeared,
            (code, at) => own(code).find((row) => time[row] === start[at]) ?? Number.NaN,
          ),
          userIds,
          sessionIds,
        },
        new Slab(0),
      );
      assert.equal(JSON.stringify(keys), JSON.stringify(expected.keys));
      const ordered = appeared.map((_, place) => appeared[expected.placeOf.indexOf(place)] as number);
      assert.equal(
        [...rowsOfSession],
        ordered.map((code) => own(code).length),
      );
      const order = ordered.flatMap(own);
      const moments = found.times(memory.rows);
      const came =
        moments.kind === "moments" ? [...moments.values] : [...moments.offsets].map((ms) => moments.baseMs + ms);
      assert.equal(
        came,
        order.map((row) => time[row]),
      );
      assert.equal(
        [...found.rowCodes(event, 7, memory.rows)],
        order.map((row) => event[row]),
      );
      assert.equal(
        [...found.rowNumbers(time, memory.rows)],
        order.map((row) => time[row]),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
