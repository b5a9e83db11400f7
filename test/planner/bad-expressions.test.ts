import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { compileBoolean, compileNumber } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { isCondition } from "../../planner/expression/walk.js";
import { PlanBuilder } from "../../planner/plan.js";
import { smallTable } from "../engine/operators/evaluating.js";

/** Every kind of mistake in an expression: where the caret stands, what was found, what is allowed, what may have been meant. */
const test = suite("bad expressions");

const { data } = smallTable(
  ["buy_plan", "payment_complete", "home_view"].map((name, at) => ({
    user: "u",
    session: "s",
    time: at,
    name,
    os: "ios",
    ms: 1,
  })),
);

const operand = "allowed: an event or attribute, a number, a text, a function such as count(…), not, or `(`";
const operator = "allowed: an operator (and, or, ==, in, +, ->, …) or";
const duration = "allowed: a duration such as 500ms, 10s, 5m, 2h or 30d";
const functions =
  "allowed: count, retries, elapsed, time_in, sum, mean, min, max, first, last, hour, weekday, previous, load.failure_rate";

const conditions: Readonly<Record<string, readonly (readonly [text: string, column: number, sentence: string])[]>> = {
  "nothing there": [
    ["", 0, "found the end of an empty expression; allowed: a condition, such as buy_plan -> payment"],
    [" \n", 0, "found the end of an empty expression; allowed: a condition, such as buy_plan -> payment"],
  ],
  "unknown names": [
    ["buy_pln", 0, "unknown event: buy_pln; the data have 3 names; did you mean buy_plan?"],
    ["home_view -> BuyPlan", 13, "unknown event: BuyPlan; the data have 3 names; did you mean buy_plan?"],
    ["checkout", 0, "unknown event: checkout; the data have 3 names"],
    ['count("pay complete") > 1', 6, "unknown event: pay complete; the data have 3 names"],
    ["sum(buy_pln.ms) > 1", 4, "unknown event: buy_pln; the data have 3 names; did you mean buy_plan?"],
    ['oss == "ios"', 0, "unknown attribute: oss; the data have os, ms; did you mean os?"],
    ["buy_plan[oss == 1]", 9, "unknown attribute: oss; the data have os, ms; did you mean os?"],
    ["previous(oss) == 1", 0, "unknown attribute: oss; the data have os, ms; did you mean os?"],
    ["backend.cpu > 1", 0, "unknown attribute: backend.cpu; the data have os, ms"],
    [
      "session.durations > 1",
      0,
      "unknown attribute: session.durations; the data have os, ms; did you mean session.duration?",
    ],
    ["user.session > 1", 0, "unknown attribute: user.session; the data have os, ms; did you mean user.sessions?"],
    ["cuont(buy_plan) > 3", 0, `unknown function: cuont; did you mean count? ${functions}`],
    ["mode(buy_plan.ms) > 3", 0, `unknown function: mode; ${functions}`],
    ["load.failure_rate(kk) > 0.5", 0, "unknown KPI: kk; the study has k; did you mean k?"],
  ],
  "an attribute that is no condition": [
    ["buy_plan[os]", 9, 'os does not hold true or false; compare it, as in os == "ios"'],
    ['buy_plan[os == "ios" and not ms]', 29, "ms does not hold true or false; compare it, as in ms > 0"],
  ],
  "an event for an attribute, or the other way round": [
    ["ms", 0, "unknown event: ms; the data have 3 names; ms is an attribute, which is compared, as in ms > 1"],
    [
      "buy_plan + 1 > 2",
      0,
      "unknown attribute: buy_plan; the data have os, ms; buy_plan is an event, of which count(buy_plan) is a number",
    ],
    [
      'buy_plan.os == "ios"',
      0,
      "unknown attribute: buy_plan.os; the data have os, ms; an event's own is read by first(buy_plan.os), last, sum, mean, min or max",
    ],
    ["hour > 3", 0, 'found `hour` without arguments; allowed: hour(…), the event "hour", the attribute `hour`'],
  ],
  units: [
    ["buy_plan -> home_view within 10", 29, `found \`10\`; ${duration}`],
    ["buy_plan -> home_view within 10 s", 29, `found \`10\`; ${duration}; did you mean 10s?`],
    ["buy_plan -> home_view within 10 Seconds", 29, `found \`10\`; ${duration}; did you mean 10s?`],
    ["elapsed(start, buy_plan) > 10mins", 27, `invalid number: \`10mins\`; ${duration}; did you mean 10m?`],
    [
      "count(buy_plan) in 60 >= 3",
      19,
      'found `60` after in; allowed: values in parentheses, such as ("a", "b"); a window is a duration, such as 60s',
    ],
    [
      "ms > 5w",
      5,
      'invalid number: `5w`; allowed: finite numbers, durations (ms, s, m, h, d); a name that starts with a digit is quoted: "5w"',
    ],
    ["start > 2026-11-16", 8, 'found the date 2026-11-16 without quotes; allowed: "2026-11-16"'],
    [
      'start > "monday"',
      8,
      "invalid time: monday; allowed: an ISO date or time such as 2026-11-16 or 2026-11-16T08:30:00+01:00",
    ],
  ],
  types: [
    ["os > 3", 0, "text compares with == and != alone"],
    ["os == ms", 0, "text is compared with a number"],
    ['ms == "ten"', 0, 'a number compares with a number; "ten" is none'],
    ["os + 1 > 2", 0, "text stands where a number must"],
    ["sum(buy_plan.os) > 1", 0, "sum takes numbers; os holds text"],
    ["count(buy_plan)", 0, "found a value where a condition stands; allowed: a comparison of it, such as > 0"],
    [
      "(buy_plan -> home_view) + 1 > 1",
      1,
      "found a condition where a value stands; allowed: attributes, numbers, texts, count(…) and the like",
    ],
  ],
  "parentheses and brackets": [
    ["(buy_plan", 9, `found the end after \`buy_plan\`; ${operator} \`)\``],
    ["buy_plan)", 8, `found \`)\` after \`buy_plan\`; ${operator} the end`],
    ["buy_plan[ms > 3", 15, `found the end after \`3\`; ${operator} \`]\``],
    ["count(buy_plan > 3", 15, `found \`>\` after \`buy_plan\`; ${operator} \`)\``],
    ['os in ("ios", "web"', 19, `found the end after \`"web"\`; ${operator} \`)\``],
    ['"buy_plan', 0, 'missing closing "; allowed: one on the same line'],
  ],
  "something missing": [
    ["buy_plan and", 12, `found the end; ${operand}`],
    ["or buy_plan", 0, `found \`or\`; ${operand}`],
    ["buy_plan -> ", 12, "found the end; allowed: an event's name, bare or in quotes"],
    ["count() > 1", 6, "found `)`; allowed: an event's name, bare or in quotes"],
    ["retries(buy_plan) > 1", 16, "found `)`; allowed: a comma and the second event of retries(A, B)"],
    ["sum(ms) > 1", 4, "found `ms`; allowed: sum(event.attribute) or sum(*.attribute)"],
  ],
  "other languages": [
    ['os = "ios"', 3, "found `=`; allowed: =="],
    ['os <> "ios"', 3, "found `<>`; allowed: !="],
    ["ms =< 3", 3, "found `=<`; allowed: <="],
    ["ms > 1 && buy_plan", 7, "found `&&`; allowed: and"],
    [
      "count(buy_plan) => 3",
      16,
      `found \`=>\` after \`)\`; ${operator} the end; a chain joins events alone, at least is written >=`,
    ],
    ["buy_plan AND home_view", 9, `found \`AND\` after \`buy_plan\`; ${operator} the end; did you mean and?`],
    ["NOT buy_plan", 4, `found \`buy_plan\` after \`NOT\`; ${operator} the end; did you mean not?`],
    ["Buy plan", 4, `found \`plan\` after \`Buy\`; ${operator} the end; a name with spaces is quoted, such as "a b"`],
  ],
};

function refusalOf(text: string): LeadlineError {
  try {
    const expression = parseExpression(text, { where: "kpis[0].failure" });
    compileBoolean({ expression, text, where: "kpis[0].failure" }, new PlanBuilder(), data);
  } catch (error) {
    assert.instance(error, LeadlineError);
    return error as LeadlineError;
  }
  throw new Error(`compiles: ${text}`);
}

for (const [kind, rows] of Object.entries(conditions)) {
  for (const [text, column, sentence] of rows) {
    test(`${kind}: ${JSON.stringify(text)}`, () => {
      const error = refusalOf(text);
      assert.is(error.code, "expression-invalid");
      const [head, shown = "", caret = ""] = error.message.split("\n");
      assert.is(head, `kpis[0].failure: ${sentence}`);
      assert.is(shown.trimEnd(), `  ${text.split("\n")[0]}`.trimEnd());
      assert.is(caret.indexOf("^") - 2, column);
    });
  }
}

test("a condition stands for no number", () => {
  const text = "not buy_plan";
  const expression = parseExpression(text, { position: "value" });
  assert.ok(isCondition(expression));
  assert.throws(() => compileNumber({ expression, text, where: "kpis[0].value" }, new PlanBuilder(), data));
});

test("what is too deep is refused, what is only long is not", () => {
  for (const deep of [
    `${"(".repeat(300)}buy_plan${")".repeat(300)}`,
    `${"not ".repeat(300)}buy_plan`,
    `ms${" + 1".repeat(300)} > 1`,
  ]) {
    assert.match(
      refusalOf(deep).message,
      "nested too deeply; allowed: 256 levels of parentheses, not, and operators in a row",
    );
  }
  for (const long of [`buy_plan${" and buy_plan".repeat(20_000)}`, `buy_plan${" -> home_view".repeat(20_000)}`]) {
    const plan = new PlanBuilder();
    compileBoolean({ expression: parseExpression(long), text: long, where: "test" }, plan, data);
    assert.ok(plan.nodes.length <= 4);
  }
});

test.run();
