import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { permutedSessions, permutedStates } from "../../../finder/statistics/permutation.js";
import { Random } from "../../../finder/statistics/random.js";

const settings = { seed: 1, numRuns: 200 };
const users = fc.array(fc.array(fc.nat(2), { maxLength: 6 }), { maxLength: 90 });

function laidOut(sessions: readonly number[][]): { state: Uint8Array; userOffsets: Uint32Array } {
  const userOffsets = new Uint32Array(sessions.length + 1);
  for (const [user, own] of sessions.entries()) userOffsets[user + 1] = userOffsets[user]! + own.length;
  return { state: Uint8Array.from(sessions.flat()), userOffsets };
}

test("every outcome is given out once, and only among sessions that count", () => {
  fc.assert(
    fc.property(users, fc.integer(), (sessions, seed) => {
      const { state, userOffsets } = laidOut(sessions);
      const source = permutedSessions(state, userOffsets, seed);
      assert.equal(
        [...source].sort((a, b) => a - b),
        [...state.keys()],
      );
      const permuted = permutedStates(state, userOffsets, seed);
      for (let s = 0; s < state.length; s++) {
        assert.is(permuted[s], state[source[s]!]);
        assert.is(permuted[s] === 0, state[s] === 0);
        if (state[s] === 0) assert.is(source[s], s);
      }
    }),
    settings,
  );
});

test("users with equal numbers of sessions get one user's outcomes whole and in order", () => {
  const numbers = [1, 2, 5];
  const sessions = numbers.flatMap((number) => Array.from({ length: 30 }, () => new Array<number>(number).fill(1)));
  const { state, userOffsets } = laidOut(sessions);
  const source = permutedSessions(state, userOffsets, 3);
  let moved = 0;
  for (let user = 0; user < sessions.length; user++) {
    const start = userOffsets[user]!;
    const giver = userOffsets.indexOf(source[start]!);
    assert.ok(giver >= 0);
    assert.is(sessions[giver]!.length, sessions[user]!.length);
    for (let i = 0; i < sessions[user]!.length; i++) assert.is(source[start + i], source[start]! + i);
    if (giver !== user) moved++;
  }
  assert.ok(moved > 70);
});

// [heavy users, whether outcomes of light ones come to them]
for (const [heavy, mixed] of [
  [4, true],
  [5, false],
  [30, false],
] as const) {
  test(`${heavy} heavy users ${mixed ? "are too few to exchange among themselves" : "exchange among themselves"}`, () => {
    const light = 40;
    const sessions = Array.from({ length: light + heavy }, (_, user) =>
      new Array<number>(user < light ? 1 : 10 + user).fill(1),
    );
    const { state, userOffsets } = laidOut(sessions);
    const source = permutedSessions(state, userOffsets, 1);
    const fromLight = [...source].filter((from, to) => to >= light && from < light);
    assert.is(fromLight.length > 0, mixed);
    assert.ok([...source].some((from, to) => to >= light && from !== to));
    assert.is(new Set(source).size, state.length);
  });
}

test("the same seed gives the same permutation, another another", () => {
  const { state, userOffsets } = laidOut(Array.from({ length: 60 }, () => [1, 2]));
  assert.equal(permutedSessions(state, userOffsets, 5), permutedSessions(state, userOffsets, 5));
  assert.not.equal(permutedSessions(state, userOffsets, 5), permutedSessions(state, userOffsets, 6));
});

test("every user's outcomes come to every user equally often", () => {
  const { state, userOffsets } = laidOut(Array.from({ length: 20 }, () => [1]));
  const seen = new Float64Array(400);
  const runs = 4000;
  for (let seed = 0; seed < runs; seed++) {
    const source = permutedSessions(state, userOffsets, seed);
    for (let s = 0; s < 20; s++) seen[s * 20 + source[s]!]! += 1;
  }
  const expected = runs / 20;
  const chiSquared = seen.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 19 x 19 degrees of freedom: mean 361, deviation 26.9
  assert.ok(chiSquared > 361 - 4 * 26.9 && chiSquared < 361 + 4 * 26.9, `${chiSquared}`);
});

test("random numbers are even and below their limit", () => {
  const random = new Random(1);
  const seen = new Float64Array(10);
  for (let i = 0; i < 10_000; i++) seen[random.below(10)]! += 1;
  const chiSquared = seen.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  // 9 degrees of freedom: 27.9 is the upper thousandth
  assert.ok(chiSquared < 27.9, `${chiSquared}`);
});

test.run();
