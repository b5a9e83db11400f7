import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { epochUnit, parseTime } from "../../../engine/sources/time.js";

const pad = (value: number, width = 2): string => String(value).padStart(width, "0");

const table: readonly (readonly [text: string, expected: number])[] = [
  ["1970-01-01", 0],
  ["2024-02-29", Date.UTC(2024, 1, 29)],
  ["2023-02-29", Number.NaN],
  ["1900-02-29", Number.NaN],
  ["2000-02-29", Date.UTC(2000, 1, 29)],
  ["2024-13-01", Number.NaN],
  ["2024-00-01", Number.NaN],
  ["2024-04-31", Number.NaN],
  ["2024-04-00", Number.NaN],
  ["2024-01-01T24:00", Number.NaN],
  ["2024-01-01T23:60", Number.NaN],
  ["2024-01-01T23:59:60", Number.NaN],
  ["2024-01-01T10:20", Date.UTC(2024, 0, 1, 10, 20)],
  ["2024-01-01 10:20:30", Date.UTC(2024, 0, 1, 10, 20, 30)],
  ["2024-01-01t10:20:30z", Date.UTC(2024, 0, 1, 10, 20, 30)],
  ["2024-01-01 10:20:30 UTC", Date.UTC(2024, 0, 1, 10, 20, 30)],
  ["2024-01-01T10:20:30.5", Date.UTC(2024, 0, 1, 10, 20, 30, 500)],
  ["2024-01-01T10:20:30,25Z", Date.UTC(2024, 0, 1, 10, 20, 30, 250)],
  ["1970-01-01T00:00:00.123456789Z", 123.456789],
  ["2024-01-01T10:20:30.1234567890", Number.NaN],
  ["2024-01-01T10:20:30.", Number.NaN],
  ["2024-01-01T10:20:30+02", Date.UTC(2024, 0, 1, 8, 20, 30)],
  ["2024-01-01T10:20:30+0230", Date.UTC(2024, 0, 1, 7, 50, 30)],
  ["2024-01-01T10:20:30-02:30", Date.UTC(2024, 0, 1, 12, 50, 30)],
  ["2024-01-01 10:20:30 +02:00", Date.UTC(2024, 0, 1, 8, 20, 30)],
  ["2024-01-01T10:20:30+2", Number.NaN],
  ["2024-01-01T10:20:30+24:00", Number.NaN],
  ["2024-01-01T10:20:30Zz", Number.NaN],
  ["2024-01-01T10", Number.NaN],
  ["2024-01-01T10:2", Number.NaN],
  ["2024-01-01x10:20", Number.NaN],
  ["2024-1-1", Number.NaN],
  ["24-01-01", Number.NaN],
  ["yesterday", Number.NaN],
  ["", Number.NaN],
  ["２０２４-01-01", Number.NaN],
  [" 2024-01-01 ", Date.UTC(2024, 0, 1)],
];

for (const [text, expected] of table) {
  test(`parseTime reads ${JSON.stringify(text)} as ${expected}`, () => {
    assert.ok(Object.is(parseTime(text), expected), String(parseTime(text)));
  });
}

test("parseTime equals Date.UTC on every date and time of day it can write, in every zone", () => {
  const zone = fc.constantFrom("", "Z", "+02", "-0330", "+05:45");
  const offsets: Readonly<Record<string, number>> = { "": 0, Z: 0, "+02": 120, "-0330": -210, "+05:45": 345 };
  const moment = fc.integer({ min: Date.UTC(1, 0, 1), max: Date.UTC(9999, 11, 31) });
  fc.assert(
    fc.property(moment, zone, fc.constantFrom("T", " "), (raw, zoneText, separator) => {
      const local = new Date(raw);
      // Years below 100 mean 19xx to Date.UTC, so the expected value is the date's own.
      const text = `${pad(local.getUTCFullYear(), 4)}-${pad(local.getUTCMonth() + 1)}-${pad(local.getUTCDate())}${separator}${pad(local.getUTCHours())}:${pad(local.getUTCMinutes())}:${pad(local.getUTCSeconds())}.${pad(local.getUTCMilliseconds(), 3)}${zoneText}`;
      assert.is(parseTime(text), raw - (offsets[zoneText] as number) * 60_000);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("parseTime says no to exactly the days that the calendar does not have", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1000, max: 9999 }),
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 0, max: 99 }),
      (year, month, day) => {
        const date = new Date(Date.UTC(year, month - 1, day));
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCFullYear() === year;
        assert.ok(Object.is(parseTime(`${year}-${pad(month)}-${pad(day)}`), exists ? date.getTime() : Number.NaN));
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});

test("epochUnit tells a moment's unit from its magnitude, whatever the cut and the order", () => {
  const units: readonly (readonly [perMs: number, factor: number])[] = [
    [1e-3, 1000],
    [1, 1],
    [1e3, 1e-3],
    [1e6, 1e-6],
  ];
  for (const [perMs, factor] of units) {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: Date.UTC(1980, 0), max: Date.UTC(2100, 0) }), { minLength: 1, maxLength: 20 }),
        fc.nat(20),
        (moments, cut) => {
          const values = Float64Array.from(moments, (moment) => moment * perMs);
          assert.is(epochUnit(values), factor);
          assert.is(epochUnit(values.slice(cut), values.slice(0, cut)), factor);
        },
      ),
      { seed: 1, numRuns: 100 },
    );
  }
});

test("epochUnit changes at 1e11, 1e14 and 1e17, before and after the epoch", () => {
  const limits: readonly (readonly [limit: number, below: number, from: number])[] = [
    [1e11, 1000, 1],
    [1e14, 1, 1e-3],
    [1e17, 1e-3, 1e-6],
  ];
  for (const [limit, below, from] of limits)
    for (const sign of [1, -1]) {
      assert.is(epochUnit(Float64Array.of(sign * limit * 0.999)), below);
      assert.is(epochUnit(Float64Array.of(sign * limit)), from);
    }
});

test("epochUnit follows most values, and is seconds without any", () => {
  assert.is(epochUnit(Float64Array.of(1.7e9, 1.7e9, 9e18, Number.NaN)), 1000);
  assert.is(epochUnit(Float64Array.of(1.7e9, 1.7e12)), 1000);
  assert.is(epochUnit(Float64Array.of(Number.NaN)), 1000);
  assert.is(epochUnit(), 1000);
});

test.run();
