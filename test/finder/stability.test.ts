import { suite } from "uvu";
import * as assert from "uvu/assert";
import { weekStarts } from "../../finder/calendar.js";
import { judgeStability } from "../../finder/stability.js";

const test = suite("judgeStability");
const DAY_MS = 86_400_000;
const MONDAY_MS = Date.UTC(2026, 9, 19);

/** A day's members and failing members per 100 others of whom 10 fail. */
const days = (rows: readonly (readonly [members: number, failing: number])[]) =>
  rows.map(([members, membersFailing], day) => ({
    fromMs: MONDAY_MS + day * DAY_MS,
    members,
    membersFailing,
    others: 100,
    othersFailing: 10,
  }));
const stretch = (length: number, members: number, failing: number) =>
  Array.from({ length }, () => [members, failing] as const);

const rows: readonly (readonly [name: string, rows: readonly (readonly [number, number])[], stable: boolean])[] = [
  ["worse throughout", stretch(28, 10, 3), true],
  ["worse in the first half only", [...stretch(14, 10, 8), ...stretch(14, 10, 0)], false],
  ["equal in a half is no sign", [...stretch(14, 10, 8), ...stretch(14, 10, 1)], false],
  [
    "begun in the middle: a half with hardly a member tells nothing",
    [...stretch(13, 0, 0), [4, 0], ...stretch(14, 10, 5)],
    true,
  ],
  ["one quarter of four may differ", [...stretch(7, 10, 6), ...stretch(7, 10, 0), ...stretch(14, 10, 5)], true],
  [
    "two quarters may not",
    [...stretch(7, 10, 6), ...stretch(7, 10, 0), ...stretch(7, 10, 6), ...stretch(7, 10, 0)],
    false,
  ],
  [
    "quarters of less than four weeks do not count",
    [...stretch(5, 10, 6), ...stretch(5, 10, 0), ...stretch(5, 10, 6), ...stretch(5, 10, 0)],
    true,
  ],
  ["a moment has no halves", stretch(1, 10, 0), true],
];
for (const [name, given, stable] of rows) {
  test(name, () => {
    const weeks = weekStarts(MONDAY_MS, MONDAY_MS + (given.length - 0.5) * DAY_MS, "UTC", 4);
    assert.is(judgeStability(days(given), weeks).isStable, stable);
  });
}

test("halves are of whole calendar weeks, whatever day the period begins on", () => {
  // from a Thursday: the Mondays after 4, 11, 18 and 25 days; the one nearest to the middle is that after 18 of 35
  const thursday = MONDAY_MS + 3 * DAY_MS;
  const trend = days([...stretch(18, 10, 8), ...stretch(17, 10, 0)]).map((day) => ({
    ...day,
    fromMs: day.fromMs + 3 * DAY_MS,
  }));
  const { evidence } = judgeStability(trend, weekStarts(thursday, thursday + 34.5 * DAY_MS, "UTC", 4));
  assert.is(evidence["parts"], "calendar weeks");
  assert.ok(Math.abs((evidence["difference_half_1"] as number) - 0.7) < 1e-12);
  assert.ok(Math.abs((evidence["difference_half_2"] as number) + 0.1) < 1e-12);
});

test.run();
