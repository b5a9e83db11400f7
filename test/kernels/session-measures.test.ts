import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { postings } from "../../kernels/postings.js";
import { daysSinceLast, sessionIndex } from "../../kernels/session-index.js";
import { sessionShape } from "../../kernels/session-shape.js";
import { windowCount } from "../../kernels/window-count.js";
import { flat } from "./sessions.js";

/** Sessions as ascending times, none empty, ties common. */
const timeRows = fc.array(
  fc.array(fc.nat(20), { minLength: 1, maxLength: 10 }).map((times) => times.sort((a, b) => a - b)),
  { minLength: 1, maxLength: 6 },
);
const settings = { seed: 1, numRuns: 300 };

/** Users as rows of session indices: consecutive runs of the sessions. */
const splits = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 6, maxLength: 6 });

test("windowCount equals its definition, from any session on", () => {
  fc.assert(
    fc.property(timeRows, fc.integer({ min: 0, max: 12 }), fc.nat(63), fc.nat(5), (rows, windowMs, picked, skip) => {
      const { values, offsets } = flat(rows);
      const start = Math.min(skip, rows.length - 1);
      const isListed = (position: number): boolean => ((picked >> (position % 6)) & 1) === 1;
      const positions = values.map((_, position) => position).filter((p) => p >= offsets[start]! && isListed(p));
      const out = new Uint32Array(rows.length - start);
      windowCount(Uint32Array.from(positions), Float64Array.from(values), offsets, start, rows.length, windowMs, out);
      const expected = rows.slice(start).map((row, i) => {
        const times = row.filter((_, j) => isListed(offsets[start + i]! + j));
        return Math.max(0, ...times.map((from) => times.filter((t) => t >= from && t <= from + windowMs).length));
      });
      assert.equal([...out], expected);
    }),
    settings,
  );
});

test("windowCount in an infinite window counts the session", () => {
  const out = new Uint32Array(2);
  windowCount(Uint32Array.of(0, 1, 3), Float64Array.of(0, 9, 5, 6), Uint32Array.of(0, 3, 4), 0, 2, Infinity, out);
  assert.equal([...out], [2, 1]);
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
        sessionIndex(Uint32Array.from(userOffsets), start, end, hasHistory ? before : undefined, index.subarray(from));
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

test("sessionShape equals its definition, from any session on", () => {
  fc.assert(
    fc.property(timeRows, fc.nat(5), (rows, skip) => {
      const { values, offsets } = flat(rows);
      const start = Math.min(skip, rows.length - 1);
      const [duration, events, gap] = [0, 1, 2].map(() => new Float64Array(rows.length - start)) as [
        Float64Array,
        Float64Array,
        Float64Array,
      ];
      sessionShape(Float64Array.from(values), offsets, start, rows.length, duration, events, gap);
      rows.slice(start).forEach((row, s) => {
        assert.is(duration[s], row.at(-1)! - row[0]!);
        assert.is(events[s], row.length);
        assert.is(gap[s], Math.max(0, ...row.slice(1).map((t, i) => t - row[i]!)));
      });
    }),
    settings,
  );
});

test("postings list each name's positions in order", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5), { maxLength: 40 }), fc.nat(10), (names, skip) => {
      const start = Math.min(skip, names.length);
      const offsets = new Uint32Array(7).fill(9);
      const positions = new Uint32Array(names.length - start);
      postings(Uint16Array.from(names), start, names.length, offsets, positions);
      for (let name = 0; name < 6; name++) {
        const expected = names.map((_, i) => i).filter((i) => i >= start && names[i] === name);
        assert.equal([...positions.subarray(offsets[name], offsets[name + 1])], expected);
      }
      assert.is(offsets[0], 0);
      assert.is(offsets[6], positions.length);
    }),
    settings,
  );
});

test.run();
