import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseInstant } from "../../planner/instant.js";

const test = suite("parseInstant");

const rows: readonly (readonly [text: string, iso: string | null])[] = [
  ["2026-11-16", "2026-11-16T00:00:00.000Z"],
  ["2026-11-16T08:30", "2026-11-16T08:30:00.000Z"],
  ["2026-11-16 08:30:15", "2026-11-16T08:30:15.000Z"],
  ["2026-11-16T08:30:15.25Z", "2026-11-16T08:30:15.250Z"],
  ["2026-11-16T08:30:00+01:00", "2026-11-16T07:30:00.000Z"],
  ["2024-02-29", "2024-02-29T00:00:00.000Z"],
  ["2026-02-29", null],
  ["2026-02-30T10:00", null],
  ["2026-13-01", null],
  ["2026-11-16T25:00", null],
  ["2026-11-16T10", null],
  ["16.11.2026", null],
  ["2026", null],
  ["", null],
];

for (const [text, iso] of rows) {
  test(`${JSON.stringify(text)} is ${iso}`, () => assert.is(parseInstant(text), iso === null ? null : Date.parse(iso)));
}

test.run();
