import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { listByName, mergePostings, type Postings } from "../../kernels/postings.js";
import { daysSinceLast, sessionIndex } from "../../kernels/session-index.js";
import { longestGap, sessionDuration, sessionEvents } from "../../kernels/session-shape.js";
import { countBySession, windowCount } from "../../kernels/window-count.js";
import { flat, ofAll } from "./sessions.js";

/** Sessions as ascending times, none empty, ties common. */
const timeRows = fc.array(
  fc.array(fc.nat(20), { minLength: 1, maxLength: 10 }).map((times) => times.sort((a, b) => a - b)),
  { minLength: 1, maxLength: 6 },
);
const settings = { seed: 1, numRuns: 300 };

/** Users as rows of session indices: consecutive runs of the sessions. */
const splits = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 });

/** Some events of sessions, each with its session. */
function listed(rows: readonly (readonly unknown[])[], isListed: (position: number) => boolean): Postings {
  const sessions = rows.flatMap((row, session) => row.map(() => session));
  const positions = sessions.flatMap((_, position) => (isListed(position) ? [position] : []));
  return { positions: Uint32Array.from(positions), sessions: Uint32Array.from(positions, (at) => sessions[at]!) };
}

test("windowCount and countBySession equal their definitions", () => {
  fc.assert(
    fc.property(timeRows, fc.integer({ min: 0, max: 12 }), fc.nat(63), (rows, windowMs, picked) => {
      const { values, offsets } = flat(rows);
      const isListed = (position: number): boolean => ((picked >> (position % 6)) & 1) === 1;
      const list = listed(rows, isListed);
      const most = ofAll(rows.length, 0, (out) => windowCount(list, Float64Array.from(values), windowMs, out));
      const times = rows.map((row, i) => row.filter((_, j) => isListed(offsets[i]! + j)));
      const expected = times.map((own) =>
        Math.max(0, ...own.map((from) => own.filter((t) => t >= from && t <= from + windowMs).length)),
      );
      assert.equal(most, expected);
      assert.equal(
        ofAll(rows.length, 0, (out) => countBySession(list, out)),
        times.map((own) => own.length),
      );
    }),
    settings,
  );
});

test("sessionIndex and daysSinceLast equal their definitions, whatever the partition", () => {
  fc.assert(
    fc.property(timeRows, splits, fc.boolean(), fc.nat(5), (rows, sizes, hasHistory, cut) => {
      const { values, offsets } = flat(rows);
      const time = Float64Array.from(values, (t) => t * 3_600_000);
      const userOffsets = [0];
      for (let i = 0; userOffsets.at(-1)! < rows.length; i++) {
        userOffsets.push(Math.min(rows.length, userOffsets.at(-1)! + sizes[i]!));
      }
      const users = userOffsets.length - 1;
      const before = Float64Array.from({ length: users }, (_, u) => (u === 1 ? Number.NaN : u * 2));
      const index = new Float64Array(rows.length);
      const days = new Float64Array(rows.length);
      const middle = Math.min(cut, users);
      for (const [start, end] of [
        [0, middle],
        [middle, users],
      ] as const) {
        const from = userOffsets[start]!;
        sessionIndex(
          Uint32Array.from(userOffsets),
          start,
          end,
          hasHistory ? before.subarray(start) : undefined,
          index.subarray(from),
        );
        daysSinceLast(time, offsets, Uint32Array.from(userOffsets), start, end, days.subarray(from));
      }
      for (let u = 0; u < users; u++) {
        for (let s = userOffsets[u]!; s < userOffsets[u + 1]!; s++) {
          const nth = s - userOffsets[u]!;
          assert.equal(index[s], nth + 1 + (hasHistory ? before[u]! : 0));
          assert.equal(
            days[s],
            nth === 0 ? Number.NaN : (rows[s]![0]! * 3_600_000 - rows[s - 1]![0]! * 3_600_000) / 86_400_000,
          );
        }
      }
    }),
    settings,
  );
});

test("duration, events and longest gap equal their definitions, from any session on", () => {
  fc.assert(
    fc.property(timeRows, fc.nat(5), (rows, skip) => {
      const { values, offsets } = flat(rows);
      const start = Math.min(skip, rows.length - 1);
      const time = Float64Array.from(values);
      const [duration, events, gap] = [0, 1, 2].map(() => new Float64Array(rows.length - start)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      sessionDuration(time, offsets, start, rows.length, duration);
      sessionEvents(offsets, start, rows.length, events);
      longestGap(time, offsets, start, rows.length, gap);
      rows.slice(start).forEach((row, s) => {
        assert.is(duration[s], row.at(-1)! - row[0]!);
        assert.is(events[s], row.length);
        assert.is(gap[s], Math.max(0, ...row.slice(1).map((t, i) => t - row[i]!)));
      });
    }),
    settings,
  );
});

test("listByName lists the positions of each name that is asked for in order, with their sessions", () => {
  const rows = fc.array(fc.array(fc.nat(6), { maxLength: 10 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.nat(4), (names, skip) => {
      const { values, offsets } = flat(names);
      const start = Math.min(skip, names.length - 1);
      // name 0 is not asked for, names 1 to 4 have codes in another order, 5 and 6 lie beyond
      const codeOf = Uint16Array.of(0, 3, 1, 4, 2);
      const events = values.length - offsets[start]!;
      const [picked, lists] = [new Uint32Array(events).fill(9), new Uint32Array(6).fill(9)];
      const out = { positions: new Uint32Array(events), sessions: new Uint32Array(events) };
      listByName(Uint8Array.from(values), codeOf, offsets, start, names.length, picked, lists, out);
      for (let name = 1; name < 5; name++) {
        const expected = names.flatMap((row, session) =>
          row.flatMap((each, at) =>
            session >= start && each === name ? [[offsets[session]! + at, session - start]] : [],
          ),
        );
        const [from, to] = [lists[codeOf[name]!]!, lists[codeOf[name]! + 1]!];
        const found = [...out.positions.subarray(from, to)].map((position, at) => [position, out.sessions[from + at]]);
        assert.equal(found, expected);
      }
    }),
    settings,
  );
});

test("mergePostings is the union in order", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(40)), fc.uniqueArray(fc.nat(40)), (left, right) => {
      const list = (positions: readonly number[]): Postings => {
        const sorted = Uint32Array.from(positions).sort();
        return { positions: sorted, sessions: sorted.map((position) => position >> 3) };
      };
      const size = left.length + right.length;
      const out = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
      const count = mergePostings(list(left), list(right), out);
      const expected = list([...new Set([...left, ...right])]);
      assert.equal([...out.positions.subarray(0, count)], [...expected.positions]);
      assert.equal([...out.sessions.subarray(0, count)], [...expected.sessions]);
    }),
    settings,
  );
});

test.run();
