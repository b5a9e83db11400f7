import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { asOfRow } from "../../kernels/as-of.js";
import { countMembers } from "../../kernels/count-members.js";
import { countOthers, orderMoments, shareOfOthers, windowsOf } from "../../kernels/load.js";
import { elapsed, elapsedSinceStart, retries, timeIn } from "../../kernels/pair-measures.js";
import { firstOfSessions, type Postings } from "../../kernels/postings.js";
import { previousCodes, previousValues } from "../../kernels/previous.js";
import { untilEnds } from "../../kernels/until-ends.js";
import { flat, ofAll } from "./sessions.js";

const settings = { seed: 1, numRuns: 400 };

/** Sessions of events, each with a time and the letters that it matches: A is bit 0, B bit 1; bit 2: the filter ignores it. */
const sessionRows = fc.array(
  fc.array(fc.record({ time: fc.nat(20), bits: fc.nat(7) }), { minLength: 1, maxLength: 8 }).map((row) => {
    const times = row.map(({ time }) => time).sort((a, b) => a - b);
    return row.map(({ bits }, at) => ({ time: times[at]!, bits: (bits & 4) !== 0 ? 4 : bits }));
  }),
  { minLength: 1, maxLength: 6 },
);

function arraysOf(rows: readonly (readonly { time: number; bits: number }[])[]): {
  time: Float64Array;
  offsets: Uint32Array;
  a: Postings;
  b: Postings;
  rank: Uint32Array;
} {
  const events = rows.flat();
  const { offsets } = flat(rows.map((row) => row.map(({ time }) => time)));
  const sessions = rows.flatMap((row, session) => row.map(() => session));
  const listed = (bit: number): Postings => {
    const positions = events.flatMap(({ bits }, at) => ((bits & bit) !== 0 ? [at] : []));
    return { positions: Uint32Array.from(positions), sessions: Uint32Array.from(positions, (at) => sessions[at]!) };
  };
  const rank = Uint32Array.from(events, (_, at) => events.slice(0, at).filter(({ bits }) => (bits & 4) === 0).length);
  return { time: Float64Array.from(events, ({ time }) => time), offsets, a: listed(1), b: listed(2), rank };
}

/** Where sessions begin in a list; of those that are not in it anything. */
function firstsOf({ sessions }: Postings, count: number): Uint32Array {
  const firsts = new Uint32Array(count).fill(1);
  firstOfSessions(sessions, firsts);
  return firsts;
}

test("retries equals its definition", () => {
  fc.assert(
    fc.property(sessionRows, (rows) => {
      const { a, b } = arraysOf(rows);
      const out = ofAll(rows.length, Number.NaN, (listed) => retries(a, firstsOf(a, rows.length), b, listed));
      const expected = rows.map((row) => {
        const first = row.findIndex(({ bits }) => (bits & 2) !== 0);
        return first < 0 ? Number.NaN : row.slice(0, first).filter(({ bits }) => (bits & 1) !== 0).length;
      });
      assert.equal([...out], expected);
    }),
    settings,
  );
});

test("elapsed equals its definition, from an event or from the start", () => {
  fc.assert(
    fc.property(sessionRows, fc.boolean(), (rows, fromStart) => {
      const { time, offsets, a, b } = arraysOf(rows);
      const out = ofAll(rows.length, Number.NaN, (listed) =>
        fromStart
          ? elapsedSinceStart(b, time, offsets, 0, listed)
          : elapsed(a, b, firstsOf(b, rows.length), time, listed),
      );
      const expected = rows.map((row) => {
        const from = fromStart ? 0 : row.findIndex(({ bits }) => (bits & 1) !== 0);
        if (from < 0) return Number.NaN;
        const to = row.findIndex(({ bits }, at) => (fromStart ? at >= from : at > from) && (bits & 2) !== 0);
        return to < 0 ? Number.NaN : row[to]!.time - row[from]!.time;
      });
      assert.equal([...out], expected);
    }),
    settings,
  );
});

test("timeIn equals walking through the states", () => {
  fc.assert(
    fc.property(sessionRows, (rows) => {
      const { time, offsets, a, b } = arraysOf(rows);
      const out = ofAll(rows.length, 0, (listed) => timeIn(a, b, time, offsets, 0, listed));
      const expected = rows.map((row) => {
        let since: number | null = null;
        let sum = 0;
        for (const event of row) {
          if (since === null && (event.bits & 1) !== 0) since = event.time;
          else if (since !== null && (event.bits & 2) !== 0) {
            sum += event.time - since;
            since = null;
          }
        }
        return since === null ? sum : sum + row.at(-1)!.time - since;
      });
      assert.equal([...out], expected);
    }),
    settings,
  );
});

test("untilEnds are the Bs whose neighbour before, ignored events aside, is an A", () => {
  fc.assert(
    fc.property(sessionRows, (rows) => {
      const { offsets, a, b, rank } = arraysOf(rows);
      const size = b.positions.length;
      const out = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
      const from = new Uint32Array(size);
      const count = untilEnds(a, b, rank, out, from);
      const expected = rows.flatMap((row, session) => {
        const visible = row.flatMap(({ bits }, at) => ((bits & 4) === 0 ? [{ bits, at: offsets[session]! + at }] : []));
        return visible.flatMap(({ bits, at }, i) =>
          (bits & 2) !== 0 && i > 0 && (visible[i - 1]!.bits & 1) !== 0 ? [[at, session, visible[i - 1]!.at]] : [],
        );
      });
      assert.equal(
        [...out.positions.subarray(0, count)].map((at, i) => [at, out.sessions[i], from[i]]),
        expected,
      );
    }),
    settings,
  );
});

/** Moments in order. */
function ordered(values: readonly number[]): { readonly order: Uint32Array; readonly sorted: Float64Array } {
  const [order, sorted] = [new Uint32Array(values.length), new Float64Array(values.length)];
  orderMoments(Float64Array.from(values), order, sorted);
  return { order, sorted };
}

test("orderMoments puts moments in order, ties by index, spread or crowded", () => {
  const moment = fc.oneof(
    fc.nat(30),
    fc.constantFrom(0, 1e12, 1e12 + 1),
    fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
  );
  fc.assert(
    fc.property(fc.array(moment, { maxLength: 80 }), fc.constantFrom(1, 40), (some, times) => {
      // the second is more than one of the first buckets
      const values = Array.from({ length: times }, (_, at) => some.map((value) => value + (at % 7) * 1e5)).flat();
      const { order, sorted } = ordered(values);
      const expected = [...values.keys()].sort((a, b) => values[a]! - values[b]! || a - b);
      assert.equal([...order], expected);
      assert.equal(
        [...sorted],
        expected.map((at) => values[at]),
      );
    }),
    { ...settings, numRuns: 150 },
  );
});

test("windowsOf, countOthers and shareOfOthers tell of the moments of each window by its definition", () => {
  const rows = fc.array(fc.record({ moment: fc.nat(30), state: fc.nat(2) }));
  fc.assert(
    fc.property(rows, fc.nat(10), (sessions, windowMs) => {
      const values = sessions.map(({ moment }) => moment);
      const { order, sorted } = ordered(values);
      const [from, to] = [new Uint32Array(values.length), new Uint32Array(values.length)];
      windowsOf(sorted, windowMs, from, to);
      const others = sessions.map(({ moment: end }, own) =>
        sessions.filter(({ moment }, at) => at !== own && moment >= end - windowMs && moment <= end),
      );
      const counts = new Float64Array(values.length);
      countOthers(order, from, to, counts);
      assert.equal(
        [...counts],
        others.map((each) => each.length),
      );
      const shares = new Float64Array(values.length);
      shareOfOthers(
        order,
        from,
        to,
        Uint8Array.from(sessions, ({ state }) => state),
        2,
        shares,
      );
      assert.equal(
        [...shares],
        others.map(
          (each) => each.filter(({ state }) => state === 2).length / each.filter(({ state }) => state > 0).length,
        ),
      );
    }),
    settings,
  );
});

test("asOfRow is the last row at or before a moment, if young enough", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.nat(24), fc.nat(8), (values, moment, withinMs) => {
      const times = Float64Array.from(values).sort();
      const row = [...times].findLastIndex((time) => time <= moment);
      const expected = row >= 0 && moment - times[row]! <= withinMs ? row : -1;
      assert.is(asOfRow(times, 0, times.length, moment, withinMs), expected);
    }),
    settings,
  );
});

test("previous values are those of the same user's session before", () => {
  const users = Uint32Array.of(0, 2, 3, 6);
  const codes = new Uint32Array(4);
  previousCodes(Uint32Array.of(5, 6, 7, 8), users, 1, 3, codes);
  assert.equal([...codes], [0, 0, 6, 7]);
  const values = new Float64Array(6);
  previousValues(Float64Array.of(1, 2, 3, 4, 5, 6), users, 0, 3, values);
  assert.equal([...values], [NaN, 1, NaN, NaN, 4, 5]);
});

test("countMembers counts the members of every KPI among its normal and its failing sessions", () => {
  const session = fc.record({ bits: fc.nat(255), normal: fc.nat(255), failing: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(session, { minLength: 1, maxLength: 90 }), fc.integer({ min: 1, max: 8 }), (rows, kpis) => {
      const words = Math.ceil(rows.length / 32);
      const sessions = new Uint32Array(words * 32);
      const [normal, failing] = [new Uint32Array(kpis * words), new Uint32Array(kpis * words)];
      const expected = new Array<number>(kpis * 2).fill(0);
      for (const [at, row] of rows.entries()) {
        // in another order than the table's
        sessions[rows.length - 1 - at] = at;
        const slot = rows.length - 1 - at;
        for (let kpi = 0; kpi < kpis; kpi++) {
          const word = kpi * words + (slot >>> 5);
          if ((row.normal >>> kpi) & 1) normal[word] = normal[word]! | (1 << (slot & 31));
          else if ((row.failing >>> kpi) & 1) failing[word] = failing[word]! | (1 << (slot & 31));
          if (!((row.bits >>> kpi) & 1)) continue;
          if ((row.normal >>> kpi) & 1) expected[2 * kpi] = expected[2 * kpi]! + 1;
          else if ((row.failing >>> kpi) & 1) expected[2 * kpi + 1] = expected[2 * kpi + 1]! + 1;
        }
      }
      const counts = new Uint32Array(kpis * 2).fill(9);
      const members = Uint8Array.from(rows, ({ bits }) => bits);
      countMembers(members, sessions, normal, failing, 0, words, words, kpis, counts);
      assert.equal([...counts], expected);
    }),
    settings,
  );
});

test.run();
