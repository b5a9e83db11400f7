import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Evidence } from "../../finder/collect.js";
import { effectOf as measure } from "../../finder/effect.js";
import { fisherMidP } from "../../finder/statistics/fisher.js";
import { interval, pValue, twoProportions } from "../../finder/statistics/two-proportions.js";
import { insertUser } from "../../kernels/user-moments.js";

const test = suite("effectOf");

/** A user: failing and all member sessions, failing and all other sessions. */
type User = readonly [y1: number, n1: number, y0: number, n0: number];

/** The sums of `withinUsers`, by their definition. */
function withinSums(users: readonly User[]): Float64Array {
  const sums = new Float64Array(7);
  for (const [y1, n1, y0, n0] of users.filter(([, members, , others]) => members > 0 && others > 0)) {
    const w = (n1 * n0) / (n1 + n0);
    const d = y1 / n1 - y0 / n0;
    for (const [at, term] of [1, w, (w * y0) / n0, w * d, w * w, w * w * d, w * w * d * d].entries()) sums[at]! += term;
  }
  return sums;
}

function evidenceOf(users: readonly User[], values: readonly User[] | null = null): Evidence {
  const moments = (rows: readonly User[]) => {
    const sums = new Float64Array(15);
    for (const [y1, n1, y0, n0] of rows) insertUser(sums, y1, n1, y0, n0);
    return sums;
  };
  const sum = (at: 0 | 1 | 2 | 3) => users.reduce((total, user) => total + user[at], 0);
  const failureMoments = moments(users);
  return {
    contrast: { members: sum(1), membersFailing: sum(0), others: sum(3), othersFailing: sum(2) },
    moments: values === null ? failureMoments : moments(values),
    failureMoments,
    within: withinSums(values ?? users),
    failureWithin: withinSums(users),
    users: users.filter(([, n1]) => n1 > 0).length,
    ...{ largestUser: 0, firstSeenMs: 0, lastSeenMs: 0, trend: [] },
    ...{ members: new Uint32Array(0), compared: new Uint32Array(0), failing: new Uint32Array(0) },
  };
}

/** Pooled over users: none is asked for that could be compared with himself. */
const effectOf = (evidence: Evidence) => measure(evidence, 1, Number.POSITIVE_INFINITY).effect;

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

test("difference, ratio and interval are those of rates clustered by user", () => {
  const users: User[] = [
    ...times(40, [2, 4, 1, 6] as const),
    ...times(30, [0, 2, 1, 9] as const),
    ...times(9, [5, 5, 0, 1] as const),
  ];
  const evidence = evidenceOf(users);
  const { difference, logRatio, memberRate, otherRate } = twoProportions(evidence.moments);
  const effect = effectOf(evidence);
  const [low, high] = interval(difference, 0.95);
  assert.equal(effect, {
    ratio: memberRate / otherRate,
    difference: difference.value,
    low,
    high,
    p: pValue(logRatio),
    q: null,
    excessFailures: evidence.contrast.members * low,
  });
  assert.ok(low > 0 && low < difference.value && difference.value < high);
});

test("what is recoverable is the members' failures at the lower end of the interval, and never below nothing", () => {
  const better = effectOf(evidenceOf([...times(50, [0, 3, 1, 3] as const), ...times(50, [1, 3, 2, 3] as const)]));
  assert.ok(better.difference < 0 && better.high < 0);
  assert.is(better.excessFailures, 0);
});

test("a ratio to a rate of nothing is unbounded: null, and the p-value is the exact one where sessions are users", () => {
  const users: User[] = [
    ...times(6, [1, 1, 0, 0] as const),
    ...times(20, [0, 1, 0, 0] as const),
    ...times(70, [0, 0, 0, 1] as const),
  ];
  const evidence = evidenceOf(users);
  const effect = effectOf(evidence);
  assert.is(effect.ratio, null);
  assert.is(effect.p, fisherMidP(evidence.contrast).twoSided);
});

test("where users have many sessions each, small counts are no reason for a test that takes them for independent", () => {
  const users: User[] = [...times(3, [1, 4, 0, 4] as const), ...times(30, [0, 0, 1, 8] as const)];
  const evidence = evidenceOf(users);
  assert.is(effectOf(evidence).p, pValue(twoProportions(evidence.moments, true).logRatio));
});

test("one user tells nothing: no interval, no p-value, nothing to recover", () => {
  const { low, high, p, excessFailures } = effectOf(evidenceOf([[9, 10, 1, 10]]));
  assert.equal([low, high, p, excessFailures], [0, 0, 1, 0]);
});

test("a numeric KPI's size is that of its means, and what is recoverable that of its failing sessions", () => {
  const failing: User[] = [...times(30, [2, 4, 1, 6] as const), ...times(30, [1, 4, 0, 6] as const)];
  const values: User[] = [...times(30, [40, 4, 30, 6] as const), ...times(30, [36, 4, 36, 6] as const)];
  const evidence = evidenceOf(failing, values);
  const { difference, memberRate, otherRate, logRatio } = twoProportions(evidence.moments);
  const effect = effectOf(evidence);
  assert.is(effect.difference, difference.value);
  assert.is(effect.ratio, memberRate / otherRate);
  assert.is(effect.p, pValue(logRatio));
  const [lowFailures] = interval(twoProportions(evidence.failureMoments).difference, 0.95);
  assert.is(effect.excessFailures, evidence.contrast.members * lowFailures);
});

test("no number of an effect is infinite or none", () => {
  const cases: User[][] = [
    [[0, 1, 0, 1]],
    times(9, [1, 1, 1, 1] as const),
    times(9, [0, 2, 0, 2] as const),
    [
      [1, 1, 0, 0],
      [0, 0, 1, 1],
    ],
  ];
  for (const users of cases) {
    for (const [name, value] of Object.entries(effectOf(evidenceOf(users)))) {
      assert.ok(value === null || Number.isFinite(value), `${name}: ${value}`);
    }
  }
});

test("of the sizes over all users and within them the smaller is told, with its own interval, and the p-value is that within", () => {
  // users who fail often have many members; within every user members are a little worse
  const users: User[] = [...times(40, [15, 30, 2, 5] as const), ...times(40, [1, 5, 4, 40] as const)];
  const evidence = evidenceOf(users);
  const { effect, pooled, within, base, isWithin } = measure(evidence, 1, 30);
  const mean = (of: (user: User) => number) => {
    const weights = users.map(([, n1, , n0]) => (n1 * n0) / (n1 + n0));
    const sum = users.reduce((total, user, at) => total + weights[at]! * of(user), 0);
    return sum / weights.reduce((total, weight) => total + weight, 0);
  };
  const expected = mean(([y1, n1, y0, n0]) => y1 / n1 - y0 / n0);
  assert.ok(isWithin && expected < pooled.difference.value);
  assert.ok(Math.abs(effect.difference - expected) < 1e-12);
  assert.ok(Math.abs(base - mean(([, , y0, n0]) => y0 / n0)) < 1e-12);
  assert.ok(Math.abs(effect.ratio! - (base + expected) / base) < 1e-12);
  assert.is(effect.p, pValue(within!.difference));
  assert.equal([effect.low, effect.high], interval(within!.difference, 0.95));
  assert.is(measure(evidence, 1, 81).within, null, "80 users are fewer than 81");
  // where lower is worse, the smaller effect is the one nearer to better
  assert.not(measure(evidence, -1, 30).isWithin);
});

test.run();
