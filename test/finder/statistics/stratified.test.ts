import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { logRank } from "../../../finder/statistics/log-rank.js";
import {
  combineSums,
  fitStrata,
  insertSquares,
  insertTotals,
  mantelHaenszel,
  mantelHaenszelOfSessions,
  plainMantelHaenszel,
  type Stratified,
  type StratifiedSessions,
  squaresLength,
  stratumLength,
} from "../../../finder/statistics/mantel-haenszel.js";
import { Random } from "../../../finder/statistics/random.js";
import { interval, type TwoProportions, twoProportions } from "../../../finder/statistics/two-proportions.js";
import { insertUser, userMomentsLength } from "../../../kernels/user-moments.js";

import { simulate } from "./adjusted.js";

interface Tables {
  stratified: {
    strata: number;
    /** user, stratum, member, failing, over and over */
    sessions: number[];
    difference: number;
    logRatio: number;
    standardErrors: [number, number];
    chiSquared: number;
    p: number;
  }[];
  /** Sessions: end, when membership switches on, decided, over and over */
  logRank: { sessions: number[]; score: number; variance: number }[];
}
const file = new URL("../../../../test/finder/statistics/stratified.json", import.meta.url);
const tables = JSON.parse(readFileSync(file, "utf8")) as Tables;

function near(actual: number, expected: number, tolerance = 1e-9): void {
  const same = Number.isNaN(expected)
    ? Number.isNaN(actual)
    : actual === expected || Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
  assert.ok(same, `${actual} is not ${expected}`);
}

function inGroups(flat: readonly number[], size: number): number[][] {
  return Array.from({ length: flat.length / size }, (_, i) => flat.slice(i * size, (i + 1) * size));
}

function totalsOf({ strata, sessions }: { strata: number; sessions: readonly number[][] }): Float64Array {
  const totals = new Float64Array(strata * stratumLength);
  for (const [, k, member, failing] of sessions) {
    const at = k! * stratumLength + (member === 1 ? 0 : 2);
    totals[at]! += failing!;
    totals[at + 1]! += 1;
  }
  return totals;
}

/** Sessions [user, stratum, member, failing] in order of user. */
function laidOut(sessions: readonly number[][], strata: number): StratifiedSessions {
  const users = sessions.length === 0 ? 0 : sessions.at(-1)![0]! + 1;
  const userOffsets = new Uint32Array(users + 1);
  for (const [user] of sessions) userOffsets[user! + 1]! += 1;
  for (let user = 0; user < users; user++) userOffsets[user + 1]! += userOffsets[user]!;
  return {
    userOffsets,
    strata,
    stratum: Uint32Array.from(sessions, ([, k]) => k!),
    member: Uint8Array.from(sessions, ([, , member]) => member!),
    outcome: Float64Array.from(sessions, ([, , , failing]) => failing!),
  };
}

function ofSessions(sessions: readonly number[][], strata: number): Stratified {
  return mantelHaenszelOfSessions(laidOut(sessions, strata));
}

for (const [index, { sessions, ...table }] of tables.stratified.entries()) {
  const rows = inGroups(sessions, 4);
  test(`Mantel–Haenszel is statsmodels', its clustered error the derivative by users' weights: case ${index}`, () => {
    const found = ofSessions(rows, table.strata);
    near(found.difference.value, table.difference);
    near(found.logRatio.value, table.logRatio);
    near(found.difference.standardError, table.standardErrors[0]);
    near(found.logRatio.standardError, table.standardErrors[1]);
    const plain = plainMantelHaenszel(totalsOf({ strata: table.strata, sessions: rows }));
    near(plain.difference.value, table.difference);
    near(plain.logRatio.value, table.logRatio);
  });

  test(`log-rank over strata as bins is the Cochran–Mantel–Haenszel test of statsmodels: case ${index}`, () => {
    const totals = totalsOf({ strata: table.strata, sessions: rows });
    const column = (offset: number): Float64Array =>
      Float64Array.from({ length: table.strata }, (_, k) => totals[k * stratumLength + offset]!);
    const found = logRank({ eventsOn: column(0), atRiskOn: column(1), eventsOff: column(2), atRiskOff: column(3) });
    near(found.chiSquared, table.chiSquared);
    near(found.p, table.p);
    near(found.logHazardRatio.value, table.logRatio);
  });
}

const count = fc.nat(3);
const cells = fc.tuple(count, count, count, count);

test("in one stratum Mantel–Haenszel is twoProportions but for what the users take of the stratum's own rate", () => {
  fc.assert(
    fc.property(fc.array(cells, { minLength: 2, maxLength: 8 }), (users) => {
      const moments = new Float64Array(userMomentsLength);
      const sessions: number[][] = [];
      for (const [user, [failing1, normal1, failing0, normal0]] of users.entries()) {
        insertUser(moments, failing1, failing1 + normal1, failing0, failing0 + normal0);
        for (const [times, member, failing] of [
          [failing1, 1, 1],
          [normal1, 1, 0],
          [failing0, 0, 1],
          [normal0, 0, 0],
        ] as const) {
          for (let i = 0; i < times; i++) sessions.push([user, 0, member, failing]);
        }
      }
      const found = ofSessions(sessions, 1);
      fc.pre(found.strata === 1);
      const expected: TwoProportions = twoProportions(moments);
      const largest = Math.max(...users.map((counts) => counts.reduce((a, b) => a + b, 0))) / sessions.length;
      for (const which of ["difference", "logRatio"] as const) {
        near(found[which].value, expected[which].value);
        if (Number.isNaN(expected[which].value)) continue;
        const [actual, without] = [found[which].standardError, expected[which].standardError];
        assert.ok(actual >= without * (1 - 1e-9) - 1e-9);
        assert.ok(actual <= (without / Math.sqrt(1 - Math.min(0.999, largest))) * (1 + 1e-9) + 1e-7);
        assert.ok(found[which].degreesOfFreedom >= 0);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("any split of the users gives the same estimates", () => {
  const session = fc.tuple(fc.nat(9), fc.nat(3), fc.nat(1), fc.nat(1)).map((s) => [...s]);
  fc.assert(
    fc.property(fc.array(session, { minLength: 4, maxLength: 60 }), fc.nat(10), (unsorted, at) => {
      const sessions = laidOut(
        unsorted.sort((a, b) => a[0]! - b[0]!),
        4,
      );
      const users = sessions.userOffsets.length - 1;
      const cut = Math.min(at, users);
      const merged = (
        length: number,
        insert: (start: number, end: number, sums: Float64Array) => void,
      ): Float64Array => {
        const [low, high] = [new Float64Array(length), new Float64Array(length)];
        insert(0, cut, low);
        insert(cut, users, high);
        combineSums(low, high);
        return low;
      };
      const totals = merged(4 * stratumLength, (start, end, sums) => insertTotals(sessions, start, end, sums));
      const fit = fitStrata(totals);
      const squares = merged(squaresLength, (start, end, sums) => insertSquares(sessions, fit, start, end, sums));
      const found = mantelHaenszel(fit, squares);
      const expected = mantelHaenszelOfSessions(sessions);
      for (const which of ["difference", "logRatio"] as const) {
        near(found[which].value, expected[which].value);
        near(found[which].standardError ** 2, expected[which].standardError ** 2);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("with every session its own user the clustered error is nearly the plain one", () => {
  // two large strata with a common difference of 0.1
  const totals = Float64Array.of(600, 2000, 800, 4000, 900, 3000, 300, 1500);
  const sessions: number[][] = [];
  for (let side = 0; side < 4; side++) {
    for (let s = 0; s < totals[side * 2 + 1]!; s++) {
      sessions.push([sessions.length, side >> 1, 1 - (side % 2), s < totals[side * 2]! ? 1 : 0]);
    }
  }
  const clustered = ofSessions(sessions, 2);
  const plain = plainMantelHaenszel(totals);
  near(clustered.difference.standardError / plain.difference.standardError, 1, 1e-3);
  near(clustered.logRatio.standardError / plain.logRatio.standardError, 1, 1e-3);
});

test("in one stratum the plain errors are the textbook's, with a variance for each side", () => {
  const side = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(side, side, ([y1, normal1], [y0, normal0]) => {
      const [n1, n0] = [y1 + normal1, y0 + normal0];
      const { difference, logRatio } = plainMantelHaenszel(Float64Array.of(y1, n1, y0, n0));
      near(difference.standardError ** 2, (y1 * normal1) / n1 ** 3 + (y0 * normal0) / n0 ** 3);
      near(logRatio.standardError ** 2, 1 / y1 - 1 / n1 + 1 / y0 - 1 / n0);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("in many strata of three sessions each error, plain or clustered, is the deviation over repetitions", () => {
  const random = new Random(2);
  const runs = 400;
  const strata = 300;
  const values = { difference: new Float64Array(runs), logRatio: new Float64Array(runs) };
  const variances = { difference: [0, 0], logRatio: [0, 0] };
  for (let run = 0; run < runs; run++) {
    const sessions: number[][] = [];
    for (let k = 0; k < strata; k++) {
      const base = 0.05 + 0.3 * (k / strata);
      for (const member of [1, 0, 0]) {
        sessions.push([sessions.length, k, member, random.uniform() < base * (member === 1 ? 1.6 : 1) ? 1 : 0]);
      }
    }
    const plain = plainMantelHaenszel(totalsOf({ strata, sessions }));
    const clustered = ofSessions(sessions, strata);
    for (const which of ["difference", "logRatio"] as const) {
      values[which][run] = plain[which].value;
      variances[which][0]! += plain[which].standardError ** 2 / runs;
      variances[which][1]! += clustered[which].standardError ** 2 / runs;
    }
  }
  for (const which of ["difference", "logRatio"] as const) {
    const mean = values[which].reduce((a, b) => a + b, 0) / runs;
    const variance = values[which].reduce((sum, value) => sum + (value - mean) ** 2, 0) / (runs - 1);
    // the variance of 400 values is itself known to 7 %
    for (const estimated of variances[which])
      assert.ok(Math.abs(estimated / variance - 1) < 0.15, `${estimated / variance}`);
  }
});

test("the interval, clustered by user, holds a known difference within strata about 95 times in 100", () => {
  const truth = 0.1;
  let held = 0;
  let crude = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const { user, pattern, y1, n1, y0, n0 } = simulate(100, truth, seed);
    const sessions: number[][] = [];
    const all = [0, 0, 0, 0];
    for (const [row, u] of user.entries()) {
      for (const [member, failing, count] of [
        [1, y1[row]!, n1[row]!],
        [0, y0[row]!, n0[row]!],
      ] as const) {
        for (let i = 0; i < count; i++) sessions.push([u, pattern[row]!, member, i < failing ? 1 : 0]);
        all[member * 2]! += failing;
        all[member * 2 + 1]! += count;
      }
    }
    const [low, high] = interval(ofSessions(sessions, 6).difference, 0.95);
    if (low <= truth && truth <= high) held++;
    crude += twoProportionsOf(all[2]!, all[3]!, all[0]!, all[1]!) / 200;
  }
  assert.ok(crude > truth + 0.06, `crude ${crude}`);
  // binomial(200, 0.95): 180 and 199 are 3 deviations off
  assert.ok(held >= 180 && held <= 199, `${held} of 200`);
});

test("Simpson's paradox: a difference that is the strata's alone is none within them", () => {
  // Bickel, Hammel & O'Connell 1975 in small: members all over the harder department
  const totals = Float64Array.of(72, 80, 18, 20, 2, 20, 8, 80);
  const crude = twoProportionsOf(74, 100, 26, 100);
  assert.ok(crude > 0.4);
  const found = plainMantelHaenszel(totals);
  near(found.difference.value, 0);
  near(found.logRatio.value, 0);
});

function twoProportionsOf(y1: number, n1: number, y0: number, n0: number): number {
  return y1 / n1 - y0 / n0;
}

test("without a stratum that has both sides there is no estimate, without failures no ratio", () => {
  const apart = plainMantelHaenszel(Float64Array.of(1, 5, 0, 0, 0, 0, 2, 7));
  assert.is(apart.strata, 0);
  near(apart.difference.value, Number.NaN);
  const none = plainMantelHaenszel(Float64Array.of(3, 5, 0, 9));
  near(none.difference.value, 0.6);
  near(none.logRatio.value, Number.NaN);
});

test("sessions without outcome or stratum are left out", () => {
  const sessions = { userOffsets: Uint32Array.of(0, 2, 4, 6), strata: 1, member: Uint8Array.of(1, 0, 1, 0, 1, 1) };
  const found = mantelHaenszelOfSessions({
    ...sessions,
    stratum: Uint32Array.of(0, 0, 0, 0, 0, 0xffffffff),
    outcome: Float64Array.of(1, 0, 0, 0, Number.NaN, 1),
  });
  assert.is(found.members, 2);
  near(found.difference.value, 0.5);
});

test("log-rank: Freireich's leukaemia trial has the published 16.79", () => {
  // Remission in weeks, Freireich et al., Blood 21, 1963; O - E = 10.25, V = 6.257: Kleinbaum & Klein, Survival Analysis
  const placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23].map((week) => [week, 1]);
  const treated = [
    ...[6, 6, 6, 7, 10, 13, 16, 22, 23].map((week) => [week, 1]),
    ...[6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map((week) => [week, 0]),
  ];
  const weeks = Array.from({ length: 35 }, (_, i) => i + 1);
  const atRisk = (group: number[][]): Float64Array =>
    Float64Array.from(weeks, (week) => group.filter(([end]) => end! >= week).length);
  const events = (group: number[][]): Float64Array =>
    Float64Array.from(weeks, (week) => group.filter(([end, relapse]) => end === week && relapse === 1).length);
  const found = logRank({
    atRiskOn: atRisk(placebo),
    atRiskOff: atRisk(treated),
    eventsOn: events(placebo),
    eventsOff: events(treated),
  });
  near(found.observed - found.expected, 10.25, 1e-3);
  near(found.variance, 6.257, 1e-3);
  near(found.chiSquared, 16.79, 1e-3);
  near(found.petoLogHazardRatio.value, 10.25 / 6.257, 1e-3);
  const [low, high] = interval(found.logHazardRatio, 0.95);
  assert.ok(low > 0 && high < Math.log(12) && found.logHazardRatio.value > Math.log(3));
});

for (const [index, table] of tables.logRank.entries()) {
  test(`log-rank with membership that switches on is the score test of Cox's model: case ${index}`, () => {
    const sessions = inGroups(table.sessions, 3) as [number, number, number][];
    const bins = 3 * sessions.length;
    const [atRiskOn, atRiskOff] = [new Float64Array(bins), new Float64Array(bins)];
    const [eventsOn, eventsOff] = [new Float64Array(bins), new Float64Array(bins)];
    for (const [end, switchesOn, decided] of sessions) {
      for (let bin = 1; bin <= end; bin++) (switchesOn < bin ? atRiskOn : atRiskOff)[bin]! += 1;
      if (decided === 1) (switchesOn < end ? eventsOn : eventsOff)[end]! += 1;
    }
    const found = logRank({ atRiskOn, atRiskOff, eventsOn, eventsOff });
    near(found.observed - found.expected, table.score, 1e-7);
    near(found.variance, table.variance, 1e-7);
  });
}

test("log-rank of what only happens while waiting is none, where the plain ratio is large", () => {
  // The hazard is the same at every age; membership grows with age, so members are the late ones.
  const bins = 10;
  const [atRiskOn, atRiskOff] = [new Float64Array(bins), new Float64Array(bins)];
  const [eventsOn, eventsOff] = [new Float64Array(bins), new Float64Array(bins)];
  let left = 1024 * 10;
  for (let bin = 0; bin < bins; bin++) {
    atRiskOn[bin] = (left * bin) / bins;
    atRiskOff[bin] = left - atRiskOn[bin]!;
    eventsOn[bin] = atRiskOn[bin]! / 2;
    eventsOff[bin] = atRiskOff[bin]! / 2;
    left /= 2;
  }
  const found = logRank({ atRiskOn, atRiskOff, eventsOn, eventsOff });
  near(found.chiSquared, 0);
  near(found.logHazardRatio.value, 0);
});

test("log-rank without both sides at risk says nothing", () => {
  const found = logRank({
    atRiskOn: Float64Array.of(5, 0),
    atRiskOff: Float64Array.of(0, 4),
    eventsOn: Float64Array.of(2, 0),
    eventsOff: Float64Array.of(0, 1),
  });
  assert.is(found.p, 1);
  near(found.logHazardRatio.value, Number.NaN);
  near(found.petoLogHazardRatio.value, Number.NaN);
});

test.run();
