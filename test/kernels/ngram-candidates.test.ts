import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { buildAutomaton } from "../../kernels/aho-corasick.js";
import { candidateGrams, candidateParts, countCandidates } from "../../kernels/ngram-candidates.js";
import { arraysOf, columns, countByDefinition, flat, type SegmentedSessions, segmentedSessions } from "./sessions.js";

const alphabetSize = 4;
const longest = 4;

/** Frequent grams by length, level by level with the kernels: [gram, its counts by column]. */
function mine(sessions: SegmentedSessions, atLeast: number): Map<string, number[]> {
  const a = arraysOf(sessions);
  const found = new Map<string, number[]>();
  const patterns: number[][] = [];
  for (let length = 1; length <= longest; length++) {
    const { values, offsets } = flat(patterns);
    const automaton = buildAutomaton(Uint16Array.from(values), offsets, alphabetSize);
    const candidateAt = new Int32Array(automaton.states << automaton.shift);
    const candidates = candidateGrams(automaton, length, candidateAt);
    const prefixState = new Int32Array(candidates + 1);
    const lastSymbol = new Uint16Array(candidates + 1);
    candidateParts(automaton, candidateAt, prefixState, lastSymbol);
    const counts = new Uint32Array(columns * (candidates + 1));
    countCandidates(
      automaton,
      candidateAt,
      candidates,
      a.symbols,
      a.sessionOffsets,
      a.segmentOffsets,
      a.segmentEnd,
      a.segmentColumn,
      a.order,
      0,
      a.order.length,
      new Int32Array(candidates + 1),
      counts,
    );
    const known = patterns.slice();
    for (let candidate = 1; candidate <= candidates; candidate++) {
      const byColumn = Array.from({ length: columns }, (_, column) => counts[column * (candidates + 1) + candidate]!);
      if (byColumn.reduce((sum, n) => sum + n, 0) < atLeast) continue;
      const prefix = prefixState[candidate]! === 0 ? [] : known[prefixState[candidate]! - 1]!;
      const gram = [...prefix, lastSymbol[candidate]!];
      patterns.push(gram);
      found.set(gram.join(), byColumn);
    }
  }
  return found;
}

/** The same without candidates: every gram that occurs, kept where it is frequent. */
function mineByDefinition(sessions: SegmentedSessions, atLeast: number): Map<string, number[]> {
  const grams = new Map<string, number[]>();
  for (const symbols of sessions.sessions) {
    for (let i = 0; i < symbols.length; i++) {
      for (let length = 1; length <= longest && i + length <= symbols.length; length++) {
        const gram = symbols.slice(i, i + length);
        if (!gram.includes(0)) grams.set(gram.join(), gram);
      }
    }
  }
  const frequent = new Map<string, number[]>();
  for (const [text, gram] of grams) {
    const byColumn = countByDefinition(sessions, [gram])[0]!;
    if (byColumn.reduce((sum, n) => sum + n, 0) >= atLeast) frequent.set(text, byColumn);
  }
  return frequent;
}

test("mining level by level finds exactly the frequent grams, with their counts", () => {
  fc.assert(
    fc.property(segmentedSessions(alphabetSize), fc.integer({ min: 1, max: 3 }), (sessions, atLeast) => {
      const sorted = (found: Map<string, number[]>): [string, number[]][] =>
        [...found].sort(([a], [b]) => (a < b ? -1 : 1));
      assert.equal(sorted(mine(sessions, atLeast)), sorted(mineByDefinition(sessions, atLeast)));
    }),
    { seed: 1, numRuns: 400 },
  );
});

test("a gram is no candidate unless both its shorter grams are frequent", () => {
  // Frequent: 1, 2, 12, 21. Then 121 and 212 are candidates, 122 and 211 are not.
  const { values, offsets } = flat([[1], [2], [1, 2], [2, 1]]);
  const automaton = buildAutomaton(Uint16Array.from(values), offsets, alphabetSize);
  const candidateAt = new Int32Array(automaton.states << automaton.shift);
  assert.is(candidateGrams(automaton, 3, candidateAt), 2);
  assert.is.not(candidateAt[(3 << automaton.shift) + 1], 0);
  assert.is.not(candidateAt[(4 << automaton.shift) + 2], 0);
});

test.run();
