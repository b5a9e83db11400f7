import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countCells, MOST_TABLED_KEYS, splitCells } from "../../engine/passes/cells.js";

const test = suite("cells");

/** Sessions by user: whether each counts, and its value of three attributes. */
const usersArbitrary = fc.array(
  fc.array(fc.record({ counts: fc.boolean(), values: fc.tuple(fc.nat(2), fc.nat(2), fc.nat(1)) }), { maxLength: 5 }),
  { minLength: 1, maxLength: 12 },
);

/** Numbers of the attributes: such that keys are looked up in a table, or too many for one. */
const widthsArbitrary = fc.constantFrom([3, 3, 2], [3, 3000, MOST_TABLED_KEYS / 1000]);

test("splitCells and countCells equal their definitions", () => {
  fc.assert(
    fc.property(usersArbitrary, widthsArbitrary, fc.boolean(), (users, widths, isSplitBefore) => {
      const sessions = users.flat();
      const cellOf = new Uint32Array(sessions.length);
      const attributes = widths.map((width, attribute) => ({
        codes: Uint8Array.from(sessions, ({ values }) => values[attribute] as number),
        keptOf: Uint32Array.from({ length: width }, (_, code) => code),
        width,
      }));
      const range = { start: 0, end: sessions.length, cellOf };
      // all at once, or one attribute before the others
      const first = splitCells({ ...range, found: null, cells: 1, attributes: attributes.slice(0, 1) });
      const before = isSplitBefore ? Uint32Array.from(first) : null;
      if (!isSplitBefore) cellOf.fill(0);
      const own = attributes.slice(isSplitBefore ? 1 : 0);
      const keys = splitCells({ ...range, found: before, cells: isSplitBefore ? 3 : 1, attributes: own });
      const keyOf = ({ values }: (typeof sessions)[number]): number =>
        values.reduce((key, value, attribute) => key * (widths[attribute] as number) + value, 0);
      assert.equal([...keys], [...new Set(sessions.map(keyOf))]);
      assert.equal(
        Array.from(cellOf, (cell) => keys[cell]),
        sessions.map(keyOf),
      );

      const cells = keys.length;
      const cellValues = Array.from(keys, (key) => sessions.find((session) => keyOf(session) === key)?.values ?? []);
      const pairs = [
        { first: 0, second: 1, width: 3, offset: 0 },
        { first: 1, second: 2, width: 2, offset: 9 },
      ];
      let start = 0;
      const userOffsets = Uint32Array.from([0, ...users.map((user) => (start += user.length))]);
      const reversed = Uint32Array.from({ length: cells }, (_, cell) => cells - 1 - cell);
      const counts = countCells({
        ...{ userOffsets, userStart: 0, userEnd: users.length, cellOf, found: reversed, cells, pairs, groups: 15 },
        counted: Uint8Array.from(sessions, ({ counts: is }) => (is ? 1 : 0)),
        values: Uint32Array.from(cellValues.reverse().flat()),
      });
      assert.equal(
        Array.from(cellOf, (cell) => keys[cells - 1 - cell]),
        sessions.map(keyOf),
      );
      const sessionsOf = (cell: number): number =>
        sessions.filter((session, at) => session.counts && cellOf[at] === cell).length;
      assert.equal([...counts.sessions], [...keys.keys()].map(sessionsOf));
      for (const { first: a, second: b, width, offset } of pairs) {
        for (let group = 0; group < 3 * width; group++) {
          const isIn = (values: readonly number[]): boolean =>
            (values[a] as number) * width + (values[b] as number) === group;
          const inFirst = cellValues.reduce(
            (sum, values, cell) => sum + (isIn(values) ? (counts.firstUsers[cell] as number) : 0),
            0,
          );
          assert.is(
            inFirst + (counts.laterUsers[offset + group] as number),
            users.filter((user) => user.some(({ counts: is, values }) => is && isIn(values))).length,
          );
        }
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
