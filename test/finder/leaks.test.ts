import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isLeak } from "../../finder/leaks.js";

const test = suite("isLeak");
const settings = { leak_precision: 0.95, leak_coverage: 0.9 };

/** Failing and normal members, failing and normal sessions. */
const rows: readonly (readonly [name: string, counts: readonly [number, number, number, number], leaks: boolean])[] = [
  ["the outcome itself", [100, 0, 100, 900], true],
  ["precision and coverage at their borders", [95, 5, 100, 900], true],
  ["precision below", [94, 5, 100, 900], false],
  ["coverage at its border", [90, 0, 100, 900], true],
  ["coverage below", [89, 0, 100, 900], false],
  ["the mirror image: an event of nearly all normal sessions and no failing one", [0, 900, 100, 900], true],
  ["the mirror image at its borders: 95 of 100 without it fail, 95 of 100 failing", [5, 895, 100, 900], true],
  ["the mirror image below", [6, 894, 100, 900], false],
  ["precision alone: in 60 failing sessions of 313 and no normal one", [60, 0, 313, 7627], false],
  ["an event of every session, where failing is rare", [10, 990, 10, 990], false],
  ["an event of every session, where failing is the rule", [990, 10, 990, 10], false],
  ["an event of nearly every session, where failing is the rule", [985, 9, 990, 10], false],
  ["an event of nearly every session, where failing is rare", [9, 985, 10, 990], false],
  ["an event of no session", [0, 0, 100, 900], false],
  ["an event of half of each", [50, 450, 100, 900], false],
  ["a tell-tale where failing is the rule", [985, 1, 990, 10], true],
];

for (const [name, counts, leaks] of rows) {
  test(`${name}: ${leaks ? "a leak" : "none"}`, () => assert.is(isLeak(...counts, settings), leaks));
}

test("an event and its absence are leaks of one outcome and its opposite alike", () => {
  for (const [, [membersFailing, membersNormal, failing, normal]] of rows) {
    assert.is(
      isLeak(failing - membersFailing, normal - membersNormal, failing, normal, settings),
      isLeak(membersFailing, membersNormal, failing, normal, settings),
    );
  }
});

test.run();
