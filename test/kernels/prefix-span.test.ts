import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import {
  buildPrefixTree,
  completeSequences,
  countSequences,
  distinctSubsequences,
  type PrefixTree,
  prefixSpanScratch,
  type SessionBlock,
  type Spacing,
} from "../../kernels/prefix-span.js";

const NOWHERE = 0xffffffff;

interface Event {
  readonly symbol: number;
  readonly ms: number;
}

function treeOf(sequences: readonly (readonly number[])[], alphabetSize: number): PrefixTree {
  const offsets = new Uint32Array(sequences.length + 1);
  for (const [at, steps] of sequences.entries()) offsets[at + 1] = (offsets[at] as number) + steps.length;
  return buildPrefixTree(Uint16Array.from(sequences.flat()), offsets, alphabetSize);
}

function blockOf(sessions: readonly (readonly Event[])[], label: (at: number) => number): SessionBlock {
  const events = sessions.flat();
  const offsets = new Uint32Array(sessions.length + 1);
  for (const [at, own] of sessions.entries()) offsets[at + 1] = (offsets[at] as number) + own.length;
  return {
    sessions: sessions.length,
    offsets,
    symbols: Uint16Array.from(events, ({ symbol }) => symbol),
    time: Float64Array.from(events, ({ ms }) => ms),
    label: Uint32Array.from(events, (_, at) => label(at)),
  };
}

/** Index of the event that first completes a sequence, by trying every choice of events; -1 where none does. */
function firstCompletion(session: readonly Event[], steps: readonly number[], spacing: Spacing): number {
  let best = -1;
  const extend = (chosen: readonly number[]): void => {
    if (chosen.length === steps.length) {
      const [first, last] = [chosen[0] as number, chosen[chosen.length - 1] as number];
      if ((session[last]?.ms ?? 0) - (session[first]?.ms ?? 0) > spacing.withinMs) return;
      if (best === -1 || last < best) best = last;
      return;
    }
    const before = chosen[chosen.length - 1];
    const from = before === undefined ? 0 : before + 1;
    const to = before !== undefined && spacing.adjacent ? Math.min(from + 1, session.length) : session.length;
    for (let at = from; at < to; at++) {
      if (session[at]?.symbol === steps[chosen.length]) extend([...chosen, at]);
    }
  };
  extend([]);
  return best;
}

const sorted = (sequences: readonly (readonly number[])[]): number[][] =>
  [...new Map(sequences.map((steps) => [steps.join(), [...steps]])).values()].sort((a, b) => {
    const at = a.findIndex((symbol, index) => symbol !== b[index]);
    if (at === -1) return a.length - b.length;
    return at < b.length ? (a[at] as number) - (b[at] as number) : 1;
  });

const sessionsOf = fc.array(
  fc.array(fc.record({ symbol: fc.nat({ max: 4 }), gap: fc.nat({ max: 3 }) }), { maxLength: 9 }).map((events) => {
    let ms = 0;
    return events.map(({ symbol, gap }) => {
      ms += gap;
      return { symbol, ms };
    });
  }),
  { maxLength: 6 },
);
const sequencesOf = fc
  .array(fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 30 })
  .map(sorted);
const spacingOf = fc.record({
  adjacent: fc.boolean(),
  withinMs: fc.constantFrom(Number.POSITIVE_INFINITY, 0, 1, 2, 4, 7),
});

test("completeSequences equals trying every choice of events", () => {
  fc.assert(
    fc.property(sessionsOf, sequencesOf, spacingOf, (sessions, sequences, spacing) => {
      const tree = treeOf(sequences, 5);
      const block = blockOf(sessions, (at) => at);
      const out = new Uint32Array(sequences.length * sessions.length).fill(NOWHERE);
      completeSequences(tree, spacing, block, prefixSpanScratch(tree, block.symbols.length), sessions.length, out);
      const expected = sequences.flatMap((steps) =>
        sessions.map((session, index) => {
          const at = firstCompletion(session, steps, spacing);
          return at === -1 ? NOWHERE : (block.offsets[index] as number) + at;
        }),
      );
      assert.equal([...out], expected);
    }),
    { seed: 1, numRuns: 3000 },
  );
});

test("countSequences counts each session once, where the sequence first completes", () => {
  fc.assert(
    fc.property(sessionsOf, sequencesOf, spacingOf, (sessions, sequences, spacing) => {
      const tree = treeOf(sequences, 5);
      const block = blockOf(sessions, (at) => at % 3);
      const cells = sequences.length + 1;
      const counts = new Uint32Array(3 * cells);
      const scratch = prefixSpanScratch(tree, block.symbols.length);
      for (let time = 0; time < 2; time++) countSequences(tree, spacing, block, scratch, cells, counts);
      const expected = new Uint32Array(3 * cells);
      for (const [p, steps] of sequences.entries()) {
        for (const [index, session] of sessions.entries()) {
          const at = firstCompletion(session, steps, spacing);
          const cell = ((block.offsets[index] as number) + at) % 3;
          if (at !== -1) expected[cell * cells + p + 1] = (expected[cell * cells + p + 1] as number) + 2;
        }
      }
      assert.equal([...counts], [...expected]);
    }),
    { seed: 2, numRuns: 1500 },
  );
});

test("sequences of one symbol repeated ten thousand times, or of all different ones, cost what the events do", () => {
  const chain = Array.from({ length: 8 }, (_, length) => Array.from({ length: length + 1 }, () => 1));
  const tree = treeOf(chain, 2);
  const events = Array.from({ length: 10_000 }, (_, at) => ({ symbol: 1, ms: at }));
  const block = blockOf([events], (at) => at);
  const scratch = prefixSpanScratch(tree, events.length);
  for (const spacing of [
    { adjacent: false, withinMs: Number.POSITIVE_INFINITY },
    { adjacent: false, withinMs: 100 },
    { adjacent: true, withinMs: 7 },
  ]) {
    const out = new Uint32Array(8).fill(NOWHERE);
    for (let time = 0; time < 20; time++) completeSequences(tree, spacing, block, scratch, 1, out);
    assert.equal([...out], [0, 1, 2, 3, 4, 5, 6, 7]);
  }
  const all = treeOf(
    Array.from({ length: 10_000 }, (_, at) => [at + 1]),
    10_001,
  );
  const different = blockOf([events.map(({ ms }) => ({ symbol: ms + 1, ms }))], (at) => at);
  const out = new Uint32Array(10_000);
  completeSequences(all, { adjacent: false, withinMs: 5 }, different, prefixSpanScratch(all, 10_000), 1, out);
  assert.equal(
    [...out],
    Array.from(out, (_, at) => at),
  );
});

test("distinctSubsequences equals the number of different choices", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat({ max: 3 }), { maxLength: 8 }), { maxLength: 4 }), (sessions) => {
      const offsets = new Uint32Array(sessions.length + 1);
      for (const [at, own] of sessions.entries()) offsets[at + 1] = (offsets[at] as number) + own.length;
      const longest = 4;
      const out = new Float64Array(sessions.length * longest);
      const scratch = new Float64Array(4 * (longest + 1));
      distinctSubsequences(Uint16Array.from(sessions.flat()), offsets, 3, longest, 0, sessions.length, scratch, out);
      const expected = sessions.flatMap((session) => {
        let found = new Set([""]);
        for (const symbol of session.filter((each) => each !== 3)) {
          found = new Set([...found, ...[...found].map((text) => text + symbol)]);
        }
        return Array.from({ length: longest }, (_, at) => [...found].filter((text) => text.length === at + 1).length);
      });
      assert.equal([...out], expected);
    }),
    { seed: 3, numRuns: 500 },
  );
});

test.run();
