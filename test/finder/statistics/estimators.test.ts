import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { benjaminiHochberg, yekutieliFactor } from "../../../finder/statistics/benjamini-hochberg.js";
import { fisherMidP } from "../../../finder/statistics/fisher.js";
import { combineUsers, interval, pValue, twoProportions } from "../../../finder/statistics/two-proportions.js";
import { withinUsers } from "../../../finder/statistics/within-users.js";
import { insertOthers, insertUser, removeOthers, userMomentsLength } from "../../../kernels/user-moments.js";

const settings = { seed: 1, numRuns: 300 };

function near(actual: number, expected: number, tolerance = 1e-9): void {
  const same = Number.isNaN(expected)
    ? Number.isNaN(actual)
    : Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
  assert.ok(same, `${actual} is not ${expected}`);
}

const choose = (n: number, k: number): number => (k < 0 || k > n ? 0 : k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k);

test("fisherMidP equals the enumeration of tables", () => {
  const side = fc.tuple(fc.nat(12), fc.nat(12)).map(([failing, normal]) => ({ failing, all: failing + normal }));
  fc.assert(
    fc.property(side, side, (members, others) => {
      const failing = members.failing + others.failing;
      const ways = (k: number): number =>
        (choose(failing, k) * choose(members.all + others.all - failing, members.all - k)) /
        choose(members.all + others.all, members.all);
      let [greater, less] = [ways(members.failing) / 2, ways(members.failing) / 2];
      for (let k = 0; k <= failing; k++) {
        if (k > members.failing) greater += ways(k);
        if (k < members.failing) less += ways(k);
      }
      const found = fisherMidP({
        membersFailing: members.failing,
        members: members.all,
        othersFailing: others.failing,
        others: others.all,
      });
      near(found.greater, greater);
      near(found.less, less);
      near(found.twoSided, Math.min(1, 2 * Math.min(greater, less)));
    }),
    settings,
  );
});

test("benjaminiHochberg accepts what the step-up procedure accepts", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0.01, 0.02, 0.05)), {
        maxLength: 20,
      }),
      fc.nat(10),
      fc.double({ min: 0.001, max: 0.999, noNaN: true }),
      (pValues, boundedOut, rate) => {
        const tests = pValues.length + boundedOut;
        const sorted = [...pValues].sort((a, b) => a - b);
        const last = sorted.findLastIndex((p, i) => (p * tests) / (i + 1) <= rate);
        const accepted = pValues.map((p) => last >= 0 && p <= sorted[last]!);
        const adjusted = benjaminiHochberg(Float64Array.from(pValues), tests);
        assert.equal(
          [...adjusted].map((p) => p <= rate),
          accepted,
        );
      },
    ),
    settings,
  );
});

test("benjaminiHochberg equals R's p.adjust", () => {
  // p.adjust(c(0.01, 0.04, 0.03, 0.5), "BH") and "BY"
  const pValues = Float64Array.of(0.01, 0.04, 0.03, 0.5);
  [0.04, 0.16 / 3, 0.16 / 3, 0.5].forEach((p, i) => {
    near(benjaminiHochberg(pValues)[i]!, p);
  });
  near(yekutieliFactor(4), 25 / 12);
  [1 / 12, 1 / 9, 1 / 9, 1].forEach((p, i) => {
    near(benjaminiHochberg(pValues, 4, yekutieliFactor(4))[i]!, p);
  });
});

/** A user: [failures of member sessions, member sessions, failures of others, others]. */
type User = readonly [number, number, number, number];
const user: fc.Arbitrary<User> = fc
  .tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4))
  .map(([y1, n1, y0, n0]) => [Math.min(y1, n1), n1, Math.min(y0, n0), n0]);

const times = <T>(count: number, item: T): T[] => Array.from({ length: count }, () => item);

function momentsOf(users: readonly User[]): Float64Array {
  const moments = new Float64Array(userMomentsLength);
  for (const row of users) insertUser(moments, ...row);
  return moments;
}

test("the variances equal the sums over users of the linearised influences", () => {
  fc.assert(
    fc.property(fc.array(user, { maxLength: 15 }), (all) => {
      const users = all.filter(([, n1, , n0]) => n1 + n0 > 0);
      const [y1, n1, y0, n0] = [0, 1, 2, 3].map((i) => users.reduce((sum, row) => sum + row[i]!, 0)) as [
        number,
        number,
        number,
        number,
      ];
      const [r1, r0] = [y1 / n1, y0 / n0];
      const error = (scale1: number, scale0: number): number => {
        const psi = users.map(([a, b, c, d]) => (a - r1 * b) / scale1 - (c - r0 * d) / scale0);
        return Math.sqrt((users.length / (users.length - 1)) * psi.reduce((sum, x) => sum + x * x, 0));
      };
      const found = twoProportions(momentsOf(all));
      assert.is(found.users, users.length);
      if (n1 === 0 || n0 === 0 || users.length < 2) {
        assert.ok(Number.isNaN(found.difference.value));
        return;
      }
      near(found.difference.value, r1 - r0);
      near(found.difference.standardError, error(n1, n0), 1e-7);
      near(found.logRatio.value, y1 * y0 === 0 ? Number.NaN : Math.log(r1 / r0));
      near(found.logRatio.standardError, y1 * y0 === 0 ? Number.NaN : error(y1, y0), 1e-7);
    }),
    settings,
  );
});

test("users told apart one by one, out of all counted as others, come to the same moments", () => {
  fc.assert(
    fc.property(fc.array(user, { maxLength: 20 }), (users) => {
      const found = new Float64Array(userMomentsLength);
      const column = (of: (row: User) => number) => Float64Array.from(users, of);
      insertOthers(
        found,
        column(([y1, , y0]) => y1 + y0),
        column(([, n1, , n0]) => n1 + n0),
      );
      for (const [y1, n1, y0, n0] of users.filter((row) => row[1] > 0)) {
        insertUser(found, y1, n1, y0, n0);
        removeOthers(found, y1 + y0, n1 + n0);
      }
      assert.equal(
        [...found].map((sum) => sum + 0),
        [...momentsOf(users)],
      );
    }),
    settings,
  );
});

test("a side of which all users fail, or none, is known no better than its users allow", () => {
  const moments = momentsOf([...times(25, [2, 2, 0, 0] as const), ...times(100, [0, 0, 0, 3] as const)]);
  const { difference } = twoProportions(moments, true);
  const variance = (users: number) => (((users + 1) / (users + 2)) * (1 / (users + 2))) / (users + 2);
  assert.is(difference.value, 1);
  near(difference.standardError, Math.sqrt((125 / 124) * (variance(25) + variance(100))));
  assert.is(twoProportions(moments).difference.standardError, 0, "of means, nothing is known");
  // one more failure, and the users tell themselves
  const own = momentsOf([...times(25, [2, 2, 0, 0] as const), ...times(99, [0, 0, 0, 3] as const), [0, 0, 1, 3]]);
  assert.is(twoProportions(own, true).memberRate, 1);
  assert.ok(twoProportions(own, true).difference.standardError > 0);
});

test("a difference that all users share is known no better than their number allows", () => {
  // 40 users, each failing as a member alone: w = 1/2, d = 1
  const sums = Float64Array.of(40, 20, 0, 20, 10, 10, 10);
  const p = 41 / 42;
  near(withinUsers(sums, true).difference.standardError, Math.sqrt((4 * p * (1 - p)) / 42));
  assert.is(withinUsers(sums).difference.standardError, 0);
});

test("two proportions are the same, whatever the partition of users", () => {
  fc.assert(
    fc.property(fc.array(user, { maxLength: 20 }), fc.nat(20), (users, cut) => {
      const merged = momentsOf(users.slice(0, cut));
      combineUsers(merged, momentsOf(users.slice(cut)));
      assert.equal(merged, momentsOf(users));
    }),
    settings,
  );
});

test("where each session is its own user, the standard error is that of two binomials", () => {
  const side = (failing: number, all: number, member: boolean): User[] =>
    Array.from({ length: all }, (_, i) => {
      const y = i < failing ? 1 : 0;
      return member ? [y, 1, 0, 0] : [0, 0, y, 1];
    });
  const { difference } = twoProportions(momentsOf([...side(30, 100, true), ...side(50, 400, false)]));
  near(difference.standardError ** 2, (500 / 499) * ((0.3 * 0.7) / 100 + (0.125 * 0.875) / 400));
  const [v1, v0] = [(0.3 * 0.7) / 100, (0.125 * 0.875) / 400];
  near(difference.degreesOfFreedom, (v1 + v0) ** 2 / (v1 ** 2 / 99 + v0 ** 2 / 399));
});

test("an interval holds zero exactly where the p-value is above its level", () => {
  fc.assert(
    fc.property(fc.array(user, { minLength: 4, maxLength: 15 }), (users) => {
      const { difference } = twoProportions(momentsOf(users));
      if (Number.isNaN(difference.value) || difference.standardError < 1e-6) return;
      const p = pValue(difference);
      if (Math.abs(p - 0.05) < 1e-9) return;
      const [low, high] = interval(difference, 0.95);
      assert.is(low <= 0 && high >= 0, p > 0.05);
    }),
    settings,
  );
});

test("one user alone on a side leaves an interval without end", () => {
  const { difference } = twoProportions(
    momentsOf([
      [3, 5, 1, 5],
      [0, 0, 1, 4],
      [0, 0, 0, 3],
    ]),
  );
  near(difference.value, 3 / 5 - 2 / 12);
  assert.is(difference.degreesOfFreedom, 0);
  assert.equal(interval(difference, 0.95), [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
  assert.is(pValue(difference), 1);
});

/** The share of seeded runs without any effect in which p is at most 0.05. Users differ in rate and, by much, in sessions. */
function falseAlarms(users: number, runs: number, membership: "user" | "session"): number {
  let state = 1;
  const random = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  let alarms = 0;
  for (let run = 0; run < runs; run++) {
    const all = Array.from({ length: users }, (_, u): User => {
      const row: [number, number, number, number] = [0, 0, 0, 0];
      const rate = 0.2 + 0.6 * random();
      const sessions = 1 + Math.floor(-Math.log(random()) * 10);
      for (let s = 0; s < sessions; s++) {
        const side = (membership === "user" ? u % 2 === 0 : random() < 0.4) ? 0 : 2;
        row[side]!++;
        row[side + 1]!++;
        if (random() >= rate) row[side]!--;
      }
      return row;
    });
    if (pValue(twoProportions(momentsOf(all)).logRatio) <= 0.05) alarms++;
  }
  return alarms / runs;
}

for (const [users, membership] of [
  [12, "user"],
  [60, "user"],
  [12, "session"],
  [60, "session"],
] as const) {
  test(`without an effect, ${users} users and membership by ${membership} give false alarms near 5 %`, () => {
    const share = falseAlarms(users, 2000, membership);
    assert.ok(share >= 0.03 && share <= 0.07, `${share}`);
  });
}

test.run();
