import * as fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { isOtherRequest } from "../../llm/clauses.js";
import { editDistance, mendSpelling } from "../../llm/spelling.js";
import { plainWording, spelledOut } from "../../llm/wording.js";

const rows: readonly (readonly [text: string, mended: string])[] = [
  ["frist time users", "first time users"],
  ["subbmited twice", "submitted twice"],
  ["within a minit", "within a minute"],
  ["chekout again", "checkout again"],
  ["contract and predict stay", "contract and predict stay"],
  ["pay", "pay"],
];
for (const [text, mended] of rows) {
  test(`“${text}” is read as “${mended}”`, () => {
    assert.is(mendSpelling(text, ["checkout", "submit", "submitted", "product", "contact"]), mended);
  });
}

const ways: readonly (readonly [text: string, same: string])[] = [
  ["no less than 3", "at least 3"],
  ["in excess of 10 s", "more than 10 s"],
  ["3 or above", "3 or more"],
  ["login w/o payment", "login without payment"],
  ["teh user dosnt pay", "the user doesn't pay"],
  ["visitors form the north", "visitors from the north"],
  ["the form is sent", "the form is sent"],
  ["yet nobody ever bothers to pay", "yet never pay"],
  ["does it play a part", "does it matter"],
  ["wrong one-time code", "wrong one-time code"],
];
for (const [text, same] of ways) {
  test(`“${text}” says “${same}”`, () => {
    assert.is(plainWording(spelledOut(text)).replaceAll(/ +/g, " ").trim(), same);
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
  for (const text of [
    ...["please reboot the server", "translate the page", "write a poem about carts", "assign ticket 4711 to mario"],
    ...["have the page translated by friday", "what will sales be next month?", "who owns the cart?"],
    ...["i'd like to return my shoes", "what does a router cost?"],
  ]) {
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
