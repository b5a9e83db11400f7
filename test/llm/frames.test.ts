import { test } from "uvu";
import * as assert from "uvu/assert";
import { unframed } from "../../llm/frames.js";

/** A clause, and what is left of it. */
const rows: readonly (readonly [clause: string, rest: string])[] = [
  ["I suspect that people who search twice", "people who search twice"],
  ["It should be verified whether a code that was requested is associated with failing", "a code that was requested"],
  ["Hypothesis: a search without result is what drives them away", "a search without result"],
  ["If the cart is opened twice, is the order lost?", "the cart is opened twice"],
  ["searching again and again, does that hint at their not paying?", "searching again and again"],
  ["search until logout", "search until logout"],
  ["is associated with failing", "is associated with failing"],
];

for (const [clause, rest] of rows) {
  test(`of “${clause}” the hypothesis is “${rest}”`, () => assert.is(unframed(clause), rest));
}

test("what is left of a clause has no frame", () => {
  for (const [clause] of rows) assert.is(unframed(unframed(clause)), unframed(clause));
});

test.run();
