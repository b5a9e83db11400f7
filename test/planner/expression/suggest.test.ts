import { suite } from "uvu";
import * as assert from "uvu/assert";
import { didYouMean, nearest } from "../../../planner/expression/suggest.js";

const test = suite("suggest");

const names = ["buy_plan", "payment_complete", "pay", "os", "count"];
const rows: readonly (readonly [name: string, nearest: string | null])[] = [
  ["buy_plan", "buy_plan"],
  ["buyplan", "buy_plan"],
  ["bu_yplan", "buy_plan"],
  ["Buy_Plan", "buy_plan"],
  ["payment_completed", "payment_complete"],
  ["cuont", "count"],
  ["so", "os"],
  ["o", null],
  ["", null],
  ["rebuffer", null],
];

for (const [name, expected] of rows) {
  test(`nearest to ${JSON.stringify(name)} is ${expected}`, () => assert.is(nearest(name, names), expected));
}

test("of equally near candidates the first is meant", () => {
  assert.is(nearest("bat", ["cat", "bar"]), "cat");
});

test("didYouMean is a question, or nothing", () => {
  assert.is(didYouMean("buyplan", names), " did you mean buy_plan?");
  assert.is(didYouMean("zzz", names), "");
});

test.run();
