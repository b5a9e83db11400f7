import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeChangePoint } from "../../../finder/experts/change-point.js";
import { judgeTrend } from "../../../finder/experts/trend.js";
import type { Contrast } from "../../../finder/findings.js";
import { Random } from "../../../finder/statistics/random.js";

const DAY = 86_400_000;
const START = Date.UTC(2026, 2, 2);
const settings = { trend_min_sessions: 20 };
type Trend = ({ fromMs: number } & Contrast)[];

/** Days with these rates of failure, by chance or (without a seed) on the spot. */
function days(count: number, member: (day: number) => number, other: (day: number) => number, seed?: number): Trend {
  const random = seed === undefined ? null : new Random(seed);
  const failing = (sessions: number, rate: number): number => {
    if (random === null) return Math.round(sessions * rate);
    let sum = 0;
    for (let i = 0; i < sessions; i++) if (random.uniform() < rate) sum++;
    return sum;
  };
  return Array.from({ length: count }, (_, day) => ({
    fromMs: START + day * DAY,
    members: 200,
    membersFailing: failing(200, member(day)),
    others: 400,
    othersFailing: failing(400, other(day)),
  }));
}

test("change-point dates a release: the day, both sizes, still going on", () => {
  const { says, evidence } = judgeChangePoint(
    days(
      28,
      (day) => (day < 17 ? 0.1 : 0.3),
      () => 0.1,
      3,
    ),
    settings,
  );
  assert.is(says, "opportunity");
  assert.is(evidence["began"], "2026-03-19T00:00:00.000Z");
  assert.is(evidence["began_ms"], START + 17 * DAY);
  assert.is(evidence["changes"], 1);
  assert.is(evidence["ongoing"], true);
  assert.ok(Math.abs((evidence["after"] as number) - 0.2) < 0.03 && Math.abs(evidence["before"] as number) < 0.03);
});

test("change-point sees that an outage is over", () => {
  const { says, evidence } = judgeChangePoint(
    days(
      30,
      (day) => (day >= 10 && day < 15 ? 0.4 : 0.1),
      () => 0.1,
      4,
    ),
    settings,
  );
  assert.is(says, "opportunity");
  assert.is(evidence["began_ms"], START + 10 * DAY);
  assert.is(evidence["ongoing"], false);
  assert.is(evidence["changes"], 2);
});

test("what befalls members and others alike is no change", () => {
  const outage = (day: number): number => (day < 14 ? 0.1 : 0.4);
  const { says, evidence } = judgeChangePoint(
    days(28, (day) => outage(day) + 0.1, outage, 5),
    settings,
  );
  assert.is(says, "no opportunity");
  assert.is(evidence["changes"], 0);
  assert.is(evidence["began"], null);
});

test("a difference that fell, or that always was, did not begin", () => {
  const fell = judgeChangePoint(
    days(
      20,
      (day) => (day < 10 ? 0.4 : 0.1),
      () => 0.1,
      6,
    ),
    settings,
  );
  assert.is(fell.says, "no opportunity");
  assert.is(fell.evidence["changes"], 1);
  const always = judgeChangePoint(
    days(
      20,
      () => 0.4,
      () => 0.1,
      7,
    ),
    settings,
  );
  assert.is(always.evidence["changes"], 0);
});

test("without others the members' own rate is looked at", () => {
  const trend = days(
    20,
    (day) => (day < 8 ? 0.1 : 0.3),
    () => 0,
    8,
  ).map((bucket) => ({
    ...bucket,
    others: 0,
    othersFailing: 0,
  }));
  assert.is(judgeChangePoint(trend, settings).evidence["began_ms"], START + 8 * DAY);
});

test("a steady difference is rarely said to change or grow, even where days vary more than counts do", () => {
  let [changed, grew] = [0, 0];
  for (let seed = 1; seed <= 100; seed++) {
    const random = new Random(1000 + seed);
    const levels = Float64Array.from({ length: 28 }, () => 0.15 + 0.1 * random.uniform());
    const trend = days(
      28,
      (day) => levels[day]!,
      () => 0.1,
      seed,
    );
    if (judgeChangePoint(trend, settings).evidence["changes"] !== 0) changed++;
    if (judgeTrend(trend, settings).evidence["direction"] !== "steady") grew++;
  }
  assert.ok(changed <= 10, `${changed} of 100 changed`);
  assert.ok(grew <= 10, `${grew} of 100 grew or shrank`);
});

test("trend measures the growth of the difference by day", () => {
  const { says, evidence } = judgeTrend(
    days(
      20,
      (day) => 0.1 + 0.02 * day,
      () => 0.1,
    ),
    settings,
  );
  assert.is(says, "opportunity");
  assert.is(evidence["direction"], "rising");
  assert.ok(Math.abs((evidence["slope_per_day"] as number) - 0.02) < 1e-9);
  assert.is(evidence["tau"], 1);
});

test("a shrinking difference is a trend but no opportunity, few bins are neither", () => {
  const falling = judgeTrend(
    days(
      20,
      (day) => 0.5 - 0.02 * day,
      () => 0.1,
    ),
    settings,
  );
  assert.is(falling.says, "no opportunity");
  assert.is(falling.evidence["direction"], "falling");
  const few = judgeTrend(
    days(
      4,
      (day) => 0.1 + 0.2 * day,
      () => 0.1,
    ),
    settings,
  );
  assert.is(few.says, "no opportunity");
  assert.is(few.evidence["direction"], null);
  assert.is(judgeChangePoint([], settings).evidence["bins"], 0);
});

test.run();
