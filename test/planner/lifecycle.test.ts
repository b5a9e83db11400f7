import { suite } from "uvu";
import * as assert from "uvu/assert";
import { lifecycleStart } from "../../planner/lifecycle.js";

const test = suite("lifecycleStart");
const even = Float64Array.from({ length: 100 }, (_, user) => user * 10);

test("without a burn-in, or without a period, every user is new when first seen", () => {
  assert.is(lifecycleStart(even, 0, 1_000, 0).startMs, null);
  assert.is(lifecycleStart(Float64Array.of(5, 5), 5, 5, 0.25).startMs, null);
  assert.is(
    lifecycleStart(new Float64Array(0), Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0.25).startMs,
    null,
  );
});

test("users who appear at an even rate are taken as they come", () => {
  const { startMs, reason } = lifecycleStart(even, 0, 1_000, 0.25);
  assert.is(startMs, null);
  assert.match(reason, "even rate");
});

test("where first appearances thin out, those of the burn-in are left out, and why is said", () => {
  const thinning = Float64Array.from([...times(60, 100), ...times(40, 700)]);
  const { startMs, reason } = lifecycleStart(thinning, 0, 1_000, 0.25);
  assert.is(startMs, 250);
  assert.match(reason, "60 of 100 appear in the first 25 %");
  assert.match(reason, "before 1970-01-01 00:00 UTC");
});

test("half as dense again is still even", () => {
  // in a quarter of the period a third of all users: rates of 4 to 8/3
  assert.is(lifecycleStart(Float64Array.from([...times(3, 1), ...times(6, 900)]), 0, 1_000, 0.25).startMs, null);
  assert.is(lifecycleStart(Float64Array.from([...times(4, 1), ...times(7, 900)]), 0, 1_000, 0.25).startMs, 250);
});

test("the burn-in ends before the users who appear at its end", () => {
  const { startMs } = lifecycleStart(Float64Array.from([...times(9, 249), 250]), 0, 1_000, 0.25);
  assert.is(startMs, 250);
});

function times(count: number, value: number): number[] {
  return Array.from({ length: count }, () => value);
}

test.run();
