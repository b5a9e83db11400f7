import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseDuration, printDuration } from "../../planner/duration.js";

const test = suite("duration");

const rows: readonly (readonly [text: string, ms: number | null])[] = [
  ["500ms", 500],
  ["10s", 10_000],
  ["5m", 300_000],
  ["2h", 7_200_000],
  ["30d", 2_592_000_000],
  ["1.5h", 5_400_000],
  ["0.1s", 100],
  ["1.005s", 1005],
  ["0.29m", 17_400],
  ["1e3ms", 1000],
  ["0s", 0],
  ["10", null],
  ["10 s", null],
  ["-10s", null],
  [".5s", null],
  ["1w", null],
  ["10S", null],
  ["1e999d", null],
  ["", null],
  ["s", null],
];

for (const [text, ms] of rows) {
  test(`${JSON.stringify(text)} is ${ms} ms`, () => assert.is(parseDuration(text), ms));
}

test("printed durations are in the largest unit that divides them", () => {
  const printed = [0, 1, 999, 1000, 90_000, 3_600_000, 86_400_000, 0.5, -10_000].map(printDuration);
  assert.equal(printed, ["0s", "1ms", "999ms", "1s", "90s", "1h", "1d", "0.5ms", "-10s"]);
});

test("what is printed is read as the same number", () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeNat(), fc.double({ min: 0, noNaN: true, noDefaultInfinity: true })), (ms) => {
      assert.ok(parseDuration(printDuration(ms)) === ms);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("infinite durations have no text", () => {
  assert.throws(
    () => printDuration(Number.POSITIVE_INFINITY),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
