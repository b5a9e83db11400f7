import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fewBuckets, manyBuckets, weekStarts } from "../../finder/calendar.js";

const test = suite("calendar");
const DAY_MS = 86_400_000;
const at = (iso: string): number => Date.parse(iso);
const isos = (starts: Float64Array): string[] => Array.from(starts, (start) => new Date(start).toISOString());

test("weeks begin on Mondays of the time zone, also where clocks change", () => {
  const weeks = weekStarts(at("2026-10-08T10:00Z"), at("2026-11-05T10:00Z"), "Europe/Oslo", 4);
  assert.equal(isos(weeks), [
    "2026-10-04T22:00:00.000Z",
    "2026-10-11T22:00:00.000Z",
    "2026-10-18T22:00:00.000Z",
    "2026-10-25T23:00:00.000Z",
    "2026-11-01T23:00:00.000Z",
  ]);
});

test("a period of fewer weeks has none", () => {
  assert.is(weekStarts(at("2026-10-08T10:00Z"), at("2026-10-20T10:00Z"), "UTC", 4).length, 0);
  assert.is(weekStarts(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "UTC", 4).length, 0);
});

test("the narrowest buckets that are few enough", () => {
  const of = (days: number) =>
    fewBuckets(at("2026-10-19T00:00Z"), at("2026-10-19T00:00Z") + days * DAY_MS - 1, "UTC", 31, "hour");
  const rows: readonly (readonly [number, string, number])[] = [
    [1, "hour", 24],
    [7, "6 hours", 28],
    [28, "day", 28],
    [70, "week", 10],
    [7 * 31, "week", 31],
    [7 * 32, "4 weeks", 8],
  ];
  for (const [days, unit, count] of rows) {
    const buckets = of(days);
    assert.is(buckets.unit, unit);
    // 4 weeks are counted from a Monday of 1970, so a period may touch one more
    assert.ok(buckets.startsMs.length === count || (unit === "4 weeks" && buckets.startsMs.length === count + 1));
  }
});

test("the widest buckets up to days that are many enough", () => {
  const unitOf = (ms: number) => manyBuckets(0, ms, "UTC", 10, 400).unit;
  assert.is(unitOf(28 * DAY_MS), "day");
  assert.is(unitOf(5 * DAY_MS), "6 hours");
  assert.is(unitOf(DAY_MS), "hour");
  assert.is(unitOf(DAY_MS / 10), "10 minutes");
  assert.is(unitOf(1), "minute");
  assert.is(unitOf(1000 * DAY_MS), "week");
});

test("buckets ascend, the first is at or before the period, and every moment has one", () => {
  const zones = fc.constantFrom("UTC", "Europe/Oslo", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe");
  const start = fc.integer({ min: at("2024-01-01"), max: at("2027-01-01") });
  fc.assert(
    fc.property(zones, start, fc.integer({ min: 0, max: 500 * DAY_MS }), (zone, from, length) => {
      const { startsMs } = fewBuckets(from, from + length, zone, 31, "hour");
      assert.ok((startsMs[0] as number) <= from);
      assert.ok((startsMs.at(-1) as number) <= from + length);
      assert.ok(startsMs.length <= 31);
      for (let i = 1; i < startsMs.length; i++) assert.ok((startsMs[i] as number) > (startsMs[i - 1] as number));
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("without a session there is one bucket", () => {
  assert.equal(fewBuckets(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, "UTC", 31, "hour"), {
    unit: "period",
    startsMs: Float64Array.of(0),
  });
});

test.run();
