import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isOtherRequest } from "../../llm/clauses.js";
import { editDistance, mendSpelling } from "../../llm/spelling.js";

const rows: readonly (readonly [text: string, mended: string])[] = [
  ["frist time users", "first time users"],
  ["subbmited twice", "submited twice"],
  ["chekout again", "checkout again"],
  ["contract and predict stay", "contract and predict stay"],
  ["pay", "pay"],
];
for (const [text, mended] of rows) {
  test(`“${text}” is read as “${mended}”`, () => {
    assert.is(mendSpelling(text, ["checkout", "submit", "submitted", "product", "contact"]), mended);
  });
}

test("editDistance is 0 of equal words, 1 of one slip, and the same both ways", () => {
  for (const [a, b] of [
    ["cors", "cros"],
    ["eror", "error"],
    ["voucher", "vouchr"],
    ["pause", "pauze"],
  ] as const) {
    assert.is(editDistance(a, b), 1);
  }
  const word = fc.string({ maxLength: 8 });
  void fc.assert(
    fc.property(word, word, (a, b) => {
      assert.is(editDistance(a, b), editDistance(b, a));
      assert.is(editDistance(a, b) === 0, a === b);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("what asks for something else is told from what to look for", () => {
  for (const text of ["please reboot the server", "translate the page", "write a poem about carts"]) {
    assert.ok(isOtherRequest(text), text);
  }
  for (const text of [
    "please find patterns",
    "schedule to finish takes longer than 1 hour",
    "can you show slow sessions",
  ]) {
    assert.not.ok(isOtherRequest(text), text);
  }
});

test.run();
