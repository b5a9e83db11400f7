import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Automaton, buildAutomaton, countSessions } from "../../kernels/aho-corasick.js";
import {
  completionMasks,
  firstCompletions,
  listCompletions,
  markCompletions,
  patternsAtOnce,
} from "../../kernels/mark-completions.js";
import { arraysOf, columns, countByDefinition, firstCompletion, flat, segmentedSessions } from "./sessions.js";

const alphabetSize = 5;
const patternSets = fc.uniqueArray(
  fc.array(fc.integer({ min: 1, max: alphabetSize - 1 }), { minLength: 1, maxLength: 6 }),
  {
    maxLength: 20,
    selector: String,
  },
);

function build(patterns: readonly (readonly number[])[], size = alphabetSize): Automaton {
  const { values, offsets } = flat(patterns);
  return buildAutomaton(Uint16Array.from(values), offsets, size);
}

function count(automaton: Automaton, arrays: ReturnType<typeof arraysOf>, cuts: readonly number[]): number[][] {
  const stamp = new Int32Array(automaton.states);
  const counts = new Uint32Array(columns * automaton.states);
  for (let i = 0; i + 1 < cuts.length; i++) {
    const a = arrays;
    countSessions(
      automaton,
      a.symbols,
      a.sessionOffsets,
      a.segmentOffsets,
      a.segmentEnd,
      a.segmentColumn,
      a.order,
      cuts[i]!,
      cuts[i + 1]!,
      stamp,
      counts,
    );
  }
  return Array.from({ length: automaton.patterns }, (_, p) =>
    Array.from({ length: columns }, (_, column) => counts[column * automaton.states + p + 1]!),
  );
}

// [name, patterns, haystack, the patterns that end at each position, longest first]
const rows: [string, number[][], number[], number[][]][] = [
  ["no pattern", [], [1, 2], [[], []]],
  ["one symbol", [[1]], [1, 2, 1], [[0], [], [0]]],
  ["overlap with itself", [[1, 1]], [1, 1, 1], [[], [0], [0]]],
  ["suffix of a pattern", [[2], [1, 2], [3, 1, 2]], [3, 1, 2], [[], [], [2, 1, 0]]],
  [
    "suffix through a prefix that is no pattern",
    [
      [1, 2, 3, 4],
      [2, 3],
    ],
    [1, 2, 3],
    [[], [], [1]],
  ],
  ["the foreign symbol breaks a pattern", [[1, 2]], [1, 0, 2, 1, 2], [[], [], [], [], [0]]],
  [
    "failure into the middle",
    [
      [1, 2, 1, 3],
      [2, 1, 4],
    ],
    [1, 2, 1, 4],
    [[], [], [], [1]],
  ],
];
for (const [name, patterns, haystack, expected] of rows) {
  test(`overlapping matches: ${name}`, () => {
    const { next, link, shift, patterns: count } = build(patterns);
    let row = 0;
    const found = haystack.map((symbol) => {
      row = next[row + symbol]!;
      const ending: number[] = [];
      for (let state = row >>> shift; state !== 0; state = link[state]!) if (state <= count) ending.push(state - 1);
      return ending;
    });
    assert.equal(found, expected);
  });
}

test("a link leads to the longest proper suffix that is a pattern", () => {
  fc.assert(
    fc.property(patternSets, (patterns) => {
      const { next, link, shift } = build(patterns);
      const ids = new Map(patterns.map((pattern, p) => [pattern.join(), p + 1]));
      for (const prefix of patterns.flatMap((pattern) => pattern.map((_, i) => pattern.slice(0, i + 1)))) {
        const state = prefix.reduce((row, symbol) => next[row + symbol]!, 0) >>> shift;
        const suffixes = prefix.slice(1).map((_, i) => ids.get(prefix.slice(i + 1).join()));
        assert.is(link[state], suffixes.find((id) => id !== undefined) ?? 0);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("an automaton's state is the longest suffix that is a prefix of a pattern", () => {
  fc.assert(
    fc.property(patternSets, fc.array(fc.nat(alphabetSize - 1), { maxLength: 30 }), (patterns, haystack) => {
      const { next, depth, shift } = build(patterns);
      const prefixes = new Set(patterns.flatMap((pattern) => pattern.map((_, i) => pattern.slice(0, i + 1).join())));
      let row = 0;
      haystack.forEach((symbol, i) => {
        row = next[row + symbol]!;
        let longest = Math.min(i + 1, 6);
        while (longest > 0 && !prefixes.has(haystack.slice(i + 1 - longest, i + 1).join())) longest--;
        assert.is(depth[row >>> shift], longest);
      });
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("countSessions equals its definition, whatever the slices", () => {
  fc.assert(
    fc.property(patternSets, segmentedSessions(alphabetSize), fc.nat(8), (patterns, sessions, cut) => {
      const walked = sessions.order.length;
      const expected = countByDefinition(sessions, patterns);
      assert.equal(count(build(patterns), arraysOf(sessions), [0, Math.min(cut, walked), walked]), expected);
    }),
    { seed: 1, numRuns: 1000 },
  );
});

test("a chain of suffixes of any length is counted once a session", () => {
  for (let longest = 1; longest <= 9; longest++) {
    const patterns = Array.from({ length: longest }, (_, i) => new Array<number>(i + 1).fill(1));
    const sessions = { sessions: [new Array<number>(12).fill(1)], ends: [[12]], order: [0] };
    assert.equal(count(build(patterns), arraysOf(sessions), [0, 1]), new Array(longest).fill([1, 0, 0]));
  }
});

test("a wide alphabet has the same counts", () => {
  const wide = [0, 300, 900, 1500, 2000];
  fc.assert(
    fc.property(patternSets, segmentedSessions(alphabetSize), (patterns, sessions) => {
      const spread = (row: readonly number[]): number[] => row.map((symbol) => wide[symbol]!);
      const automaton = build(patterns.map(spread), 2001);
      const arrays = arraysOf({ ...sessions, sessions: sessions.sessions.map(spread) });
      assert.equal(count(automaton, arrays, [0, sessions.order.length]), countByDefinition(sessions, patterns));
    }),
    { seed: 2, numRuns: 50 },
  );
});

test("markCompletions equals its definition, in the sessions that are listed", () => {
  const session = fc.tuple(fc.array(fc.nat(alphabetSize - 1), { maxLength: 8 }), fc.nat(8), fc.boolean());
  fc.assert(
    fc.property(patternSets, fc.array(session, { minLength: 1, maxLength: 80 }), (patterns, rows) => {
      const automaton = build(patterns);
      const { values, offsets } = flat(rows.map(([symbols]) => symbols));
      const ends = Uint32Array.from(rows, ([, stop], i) => offsets[i]! + stop);
      const listed = Uint32Array.from(rows.keys()).filter((i) => rows[i]![2]);
      const words = Math.ceil(rows.length / 32);
      // every second pattern, from the last on
      const wanted = Uint32Array.from(patterns.keys())
        .filter((p) => p % 2 === 0)
        .reverse();
      const masks = new Uint32Array(automaton.states).fill(7);
      completionMasks(automaton, wanted, masks);
      const places = wanted.map((p) => (p + 1) * words);
      const bits = new Uint32Array((patterns.length + 2) * words);
      markCompletions(automaton, masks, Uint16Array.from(values), offsets, ends, listed, places, bits);
      const expected = new Uint32Array(bits.length);
      for (const p of wanted) {
        for (const s of listed) {
          const [symbols, stop] = rows[s]!;
          if (firstCompletion(symbols.slice(0, stop), patterns[p]!) >= 0) {
            expected[(p + 1) * words + (s >>> 5)]! |= 1 << (s & 31);
          }
        }
      }
      assert.equal(bits, expected);
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a mask holds 32 patterns", () => {
  const patterns = Array.from({ length: patternsAtOnce }, (_, i) => new Array<number>(i + 1).fill(1));
  const automaton = build(patterns);
  const masks = new Uint32Array(automaton.states);
  completionMasks(automaton, Uint32Array.from(patterns.keys()), masks);
  const bits = new Uint32Array(patterns.length);
  const symbols = new Uint16Array(40).fill(1);
  const [offsets, ends, listed] = [Uint32Array.of(0, 40), Uint32Array.of(32), Uint32Array.of(0)];
  markCompletions(automaton, masks, symbols, offsets, ends, listed, Uint32Array.from(patterns.keys()), bits);
  assert.equal(bits, new Uint32Array(patterns.length).fill(1));
});

test("patterns are listed where they first complete, in the sessions that are asked for, and a pattern alone as all together", () => {
  const session = fc.tuple(fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 8 }), fc.boolean());
  fc.assert(
    fc.property(patternSets, fc.array(session, { minLength: 1, maxLength: 20 }), fc.nat(19), (patterns, rows, from) => {
      const { values, offsets } = flat(rows.map(([symbols]) => symbols));
      const automaton = build(patterns);
      const start = Math.min(from, rows.length - 1);
      const sessions = rows.length - start;
      const wanted = new Uint32Array(1);
      for (const [at, [, is]] of rows.slice(start).entries()) if (is) wanted[0]! |= 1 << at;
      const counts = new Uint32Array(automaton.patterns);
      const [listed, positions] = [
        new Uint32Array(patterns.length * sessions),
        new Uint32Array(patterns.length * sessions),
      ];
      // in two parts, as of patterns that no mask holds together
      for (const [from, to] of [[0, 3] as const, [3, patterns.length] as const]) {
        const masks = new Uint32Array(automaton.states);
        completionMasks(automaton, Uint32Array.from(patterns.keys()).slice(from, to), masks);
        const range = [start, rows.length, from, sessions] as const;
        listCompletions(
          automaton,
          masks,
          Uint16Array.from(values),
          offsets,
          wanted,
          ...range,
          counts,
          listed,
          positions,
        );
      }
      for (const [p, pattern] of patterns.entries()) {
        const expected = rows.flatMap(([symbols, is], s) => {
          const first = s >= start && is ? firstCompletion(symbols, pattern) : -1;
          return first < 0 ? [] : [[s - start, offsets[s]! + first]];
        });
        const row = Array.from({ length: counts[p]! }, (_, i) => p * sessions + i);
        assert.equal(
          row.map((i) => [listed[i]!, positions[i]!]),
          expected,
        );
        const asked = Uint32Array.from(rows.keys()).filter((s) => s >= start && rows[s]![1]);
        const found = new Uint32Array(asked.length).fill(99);
        firstCompletions(build([pattern]), Uint16Array.from(values), offsets, asked, found);
        const firsts = new Map(expected.map(([s, position]) => [s! + start, position!]));
        assert.equal(
          found,
          asked.map((s) => firsts.get(s) ?? 99),
        );
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
