import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { countByRow, countSessions, extendGroup, followingSymbols, groupBySymbol } from "../../kernels/gram-groups.js";
import { flat } from "./sessions.js";

const alphabetSize = 4;
const sessionRows = fc.array(fc.array(fc.nat(alphabetSize - 1), { maxLength: 10 }), { minLength: 1, maxLength: 10 });

/** The session of each event. */
function sessionOf(rows: readonly (readonly number[])[]): Uint32Array {
  return Uint32Array.from(rows.flatMap((row, session) => row.map(() => session)));
}

/** By definition: where the occurrences of each sequence of a length end. */
function endsOf(rows: readonly (readonly number[])[], length: number): Map<string, number[]> {
  const ends = new Map<string, number[]>();
  let start = 0;
  for (const row of rows) {
    for (let at = 0; at + length <= row.length; at++) {
      const gram = row.slice(at, at + length).join();
      ends.set(gram, [...(ends.get(gram) ?? []), start + at + length - 1]);
    }
    start += row.length;
  }
  return ends;
}

test("groups grown symbol by symbol are where each sequence ends", () => {
  fc.assert(
    fc.property(sessionRows, fc.integer({ min: 1, max: 4 }), (rows, longest) => {
      const { values, offsets: sessionOffsets } = flat(rows);
      const symbols = Uint16Array.from(values);
      const following = new Uint32Array(symbols.length);
      followingSymbols(symbols, sessionOffsets, following);
      const counts = new Uint32Array(alphabetSize + 1);
      const found = new Map<string, number[]>();
      const grow = (gram: readonly number[], positions: Uint32Array, start: number, end: number): void => {
        if (gram.length === longest) {
          found.set(gram.join(), [...positions.subarray(start, end)]);
          return;
        }
        const out = {
          positions: new Uint32Array(end - start),
          offsets: new Uint32Array(alphabetSize + 2),
          symbols: new Uint32Array(alphabetSize + 1),
        };
        const groups = extendGroup(following, positions, start, end, counts, out);
        assert.ok(
          counts.every((count) => count === 0),
          "the scratch is left as it was",
        );
        for (let group = 0; group < groups; group++) {
          const symbol = out.symbols[group]! - 1;
          if (symbol >= 0) grow([...gram, symbol], out.positions, out.offsets[group]!, out.offsets[group + 1]!);
        }
      };
      const [offsets, positions] = [new Uint32Array(alphabetSize + 1).fill(7), new Uint32Array(symbols.length)];
      groupBySymbol(symbols, offsets, positions);
      for (let symbol = 0; symbol < alphabetSize; symbol++) {
        if (offsets[symbol]! < offsets[symbol + 1]!) grow([symbol], positions, offsets[symbol]!, offsets[symbol + 1]!);
      }
      const sorted = (map: ReadonlyMap<string, number[]>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.equal(sorted(found), sorted(endsOf(rows, longest)));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("sessions and users of positions are counted once each, in the rows of their kind", () => {
  const world = sessionRows.chain((rows) =>
    fc.record({
      rows: fc.constant(rows),
      kinds: fc.array(fc.nat(2), { minLength: rows.length, maxLength: rows.length }),
      isSameUser: fc.array(fc.boolean(), { minLength: rows.length, maxLength: rows.length }),
      chosen: fc.subarray([...rows.flat().keys()]),
      from: fc.nat(3),
    }),
  );
  // kind 0 counts in no row, kind 1 in one, kind 2 in both
  const rowsOfKind = [[], [1], [0, 1]];
  fc.assert(
    fc.property(world, ({ rows, kinds, isSameUser, chosen, from }) => {
      const owners = sessionOf(rows);
      const users: number[] = [];
      for (const [session, isSame] of isSameUser.entries()) {
        users.push(session === 0 ? 0 : users[session - 1]! + (isSame ? 0 : 1));
      }
      const positions = Uint32Array.from(chosen);
      const start = Math.min(from, positions.length);
      const { values: flatRows, offsets: rowOffsets } = flat(rowsOfKind);
      const counts = { sessions: new Uint32Array(2), users: new Uint32Array(2), lastUser: new Uint32Array(2).fill(1) };
      const of = {
        ...{ kindOf: Uint32Array.from(kinds), rowOffsets, rows: Uint32Array.from(flatRows) },
        userOf: Uint32Array.from(users),
      };
      countByRow(positions, start, positions.length, owners, of, counts);
      const held = [...new Set(chosen.slice(start).map((position) => owners[position]!))];
      assert.is(countSessions(positions, start, positions.length, owners), held.length);
      for (const row of [0, 1]) {
        const own = held.filter((session) => rowsOfKind[kinds[session]!]!.includes(row));
        assert.is(counts.sessions[row], own.length);
        assert.is(counts.users[row], new Set(own.map((session) => users[session])).size);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
