import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ExpressionExplanation } from "../../finder/explain-expression.js";
import { formatExpressionExplanation } from "../../report/expression-explanation.js";
import { redactExplanation } from "../../report/redact.js";
import { displayWidth } from "../../report/safe-text.js";

const test = suite("formatExpressionExplanation");

const side = { sessions: 1200, users: 800, failing: 300, value: 0.25 };
const comparison = {
  members: side,
  others: { ...side, failing: 12, value: 0.01 },
  difference: 0.24,
  low: 0.2,
  high: 0.28,
  within_users: { users: 90, difference: 0.11, low: -0.02, high: 0.2 },
};

/** An explanation of everything: two KPIs, of which one has a moment. */
function explanation(part: Partial<ExpressionExplanation> = {}, name = "payment"): ExpressionExplanation {
  const kpi = { kpi: name, kind: "binary", reads_outcome: false, whole: comparison } as const;
  return {
    schema: "leadline/explanation@1",
    title: "t",
    expression: name,
    meaning: `Sessions in which there is a ${name} event.`,
    type: "condition",
    unit: null,
    known_at_start: false,
    data: {
      events: 12_345,
      sessions: 2400,
      users: 1500,
      has_users: true,
      from: "2026-10-19T00:00:03.000Z",
      to: "2026-11-16T00:00:34.000Z",
      time_zone: "Europe/Oslo",
    },
    values: null,
    groups: [
      {
        expression: name,
        sessions: 1200,
        users: 800,
        events: 9000,
        kpis: [
          { ...kpi, before_outcome: { ...comparison, low: null, high: null } },
          { ...kpi, kind: "numeric", reads_outcome: true, before_outcome: null },
        ],
      },
    ],
    examples: [{ session: `s ${name}`, user: `u ${name}`, start: "2026-10-20T08:30:00.000Z" }],
    warnings: [`a warning of ${name}`],
    ...part,
  };
}

test("counts, both sides on whole sessions and on evidence, the same users, zone, and what the figures are not", () => {
  const text = formatExpressionExplanation(explanation(), { width: 100, colour: false });
  const flowing = text.replaceAll(/\s+/g, " ");
  assert.match(text, /^payment\nSessions in which there is a payment event\.\n/);
  assert.match(
    flowing,
    /2026-10-19 00:00:03 to 2026-11-16 00:00:34 UTC\. Hours and weekdays are those of Europe\/Oslo/,
  );
  assert.match(text, /Holds in 1,200 of 2,400 sessions \(50\.0 %\) by 800 of 1,500 users/);
  assert.match(text, /whole sessions +1,200 +25\.0 % +1,200 +1\.0 % +\+24 points +\+20 to \+28/);
  assert.match(text, /before the outcome +1,200 +25\.0 % +1,200 +1\.0 % +\+24 points +–/);
  assert.match(text, /same 90 users +\+11 points +−2\.0 to \+20/);
  assert.match(text, /payment: mean\n[\s\S]*reads what this KPI is made of/);
  assert.match(flowing, /plain differences: leadline run adjusts them/);
  assert.match(text, /s payment +u payment +2026-10-20 08:30/);
});

const values = { present: 2000, missing: 400, mean: 90_000, distinct: null, frequent: null } as const;

test("durations, moments and texts are printed as people read them", () => {
  const groups = explanation().groups;
  const bounds = [
    { above: null, up_to: 41_500 },
    { above: 41_500, up_to: 90_000 },
    { above: 90_000, up_to: null },
  ];
  const spread = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1].map((share) => ({ share, value: share * 3_600_000 }));
  const duration = explanation({
    type: "number",
    unit: "ms",
    values: { ...values, quantiles: spread },
    groups: bounds.flatMap((bound) => groups.map((group) => ({ ...group, is: null, ...bound }))),
    examples: [{ session: "s", user: null, start: "2026-10-20T08:30:00.000Z", value: 5000 }],
  });
  const text = formatExpressionExplanation(duration, { width: 120, colour: false });
  assert.match(
    text,
    /Least 0 ms, quarter 15 min, median 30 min, three quarters 45 min, 95 % 57 min, greatest 1 h; mean/,
  );
  assert.match(text, /\nup to 41\.5 s .*\n… to 1\.5 min .*\nabove 1\.5 min /);
  assert.match(text, / 5 s\n/);
  const moment = explanation({
    type: "number",
    unit: "moment",
    values: { ...values, mean: 0, quantiles: spread.map(({ share }) => ({ share, value: Date.parse("2026-11-01") })) },
    groups: [],
    examples: [],
  });
  assert.match(formatExpressionExplanation(moment, { width: 120, colour: false }), /median 2026-11-01, three/);
  const texts = explanation({
    type: "text",
    values: { ...values, mean: null, quantiles: null, distinct: 3, frequent: [{ value: "ios", sessions: 600 }] },
    groups: groups.map((group) => ({ ...group, is: "ios", above: null, up_to: null })),
  });
  assert.match(
    formatExpressionExplanation(texts, { width: 120, colour: false }),
    /3 values: ios \(25\.0 %\), …\.[\s\S]*\nios /,
  );
});

const hostile = "\u001b[31mred\u0007\u202e<b>\n=1+1";

for (const width of [60, 80, 120]) {
  test(`no line is wider than ${width} columns, and no text of the data commands the terminal`, () => {
    const text = formatExpressionExplanation(explanation({}, hostile.repeat(20)), { width, colour: false });
    for (const line of text.split("\n")) assert.ok(displayWidth(line) <= width, line);
    assert.not.match(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  });
}

test("redacted, ids are numbers of this text alone", () => {
  const hidden = redactExplanation(explanation());
  assert.equal(hidden.examples[0], { session: "session 1", user: "user 1", start: "2026-10-20T08:30:00.000Z" });
  assert.match(
    formatExpressionExplanation(hidden, { width: 80, colour: false }),
    /Ids are numbers of this text alone\./,
  );
});

test.run();
