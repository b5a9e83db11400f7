import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Expression } from "../../../planner/expression/ast.js";
import { parseExpression } from "../../../planner/expression/parse.js";
import { printExpression } from "../../../planner/expression/print.js";
import { condition, value } from "./arbitrary.js";

const test = suite("printExpression");

/** The tree without the places in the text. */
function bare(expression: Expression): unknown {
  return JSON.parse(JSON.stringify(expression, (key, field) => (key === "at" ? undefined : field)));
}

for (const [position, arbitrary] of [
  ["boolean", condition],
  ["value", value],
] as const) {
  test(`what is printed parses as the same tree (${position})`, () => {
    fc.assert(
      fc.property(arbitrary, (expression) => {
        assert.equal(bare(parseExpression(printExpression(expression), { position })), bare(expression));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  test(`what is printed prints as itself again (${position})`, () => {
    fc.assert(
      fc.property(arbitrary, (expression) => {
        const printed = printExpression(expression);
        assert.is(printExpression(parseExpression(printed, { position })), printed);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
}

test("what is printed is one line without control characters", () => {
  fc.assert(
    fc.property(condition, (expression) => {
      assert.not.match(printExpression(expression), /[\p{Cc}\p{Cs}\u2028\u2029]/u);
    }),
    { seed: 3, numRuns: 1000 },
  );
});

const canonical: readonly (readonly [written: string, printed: string])[] = [
  ["not (buy_plan -> payment_complete within 10s)", "not (buy_plan -> payment_complete within 10s)"],
  ["not buy_plan -> payment_complete", "not (buy_plan -> payment_complete)"],
  ["not(a)", "not a"],
  ["((a))and(b)", "a and b"],
  ["(a or b) or c", "a or b or c"],
  ["(a or b) and (c and d)", "(a or b) and c and d"],
  ["(a and b) or c", "a and b or c"],
  ["not (a and b)", "not (a and b)"],
  ["(not a) and b", "not a and b"],
  ['"buy_plan"', "buy_plan"],
  ['"Click on buy"', '"Click on buy"'],
  ['"start" -> "count"', '"start" -> "count"'],
  ["`os` == `count`", "os == `count`"],
  ["x - (y - z) > (x - y) - z", "x - (y - z) > x - y - z"],
  ["x * (y + z) > (x * y) + z", "x * (y + z) > x * y + z"],
  ["-(x) < -(5) and -(x + y) > - -2", "-x < -5 and -(x + y) > 2"],
  ["session.duration > 90s", "session.duration > 90s"],
  ["session.duration > 1.5h", "session.duration > 90m"],
  ["count(a) in 60s >= 3", "count(a) in 1m >= 3"],
  ['sum("a.b".ms) > sum(*.`x.y`)', "sum(a.b.ms) > sum(*.`x.y`)"],
  ['sum("session".duration) > 0', 'sum("session".duration) > 0'],
  ["x in(1,-2,'a',true)".replaceAll("'", '"'), 'x in (1, -2, "a", true)'],
  ['load.failure_rate("my kpi") > load.failure_rate(k)', 'load.failure_rate("my kpi") > load.failure_rate(k)'],
];

for (const [written, printed] of canonical) {
  test(`${written} prints as ${printed}`, () => {
    assert.is(printExpression(parseExpression(written)), printed);
  });
}

test("numbers that are not finite have no text", () => {
  for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(
      () => printExpression({ kind: "literal", value: number, at: 0 }),
      (error: unknown) => error instanceof RangeError,
    );
  }
});

test.run();
