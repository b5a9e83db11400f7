import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeExpression } from "../../../planner/expression/describe.js";
import { parseExpression } from "../../../planner/expression/parse.js";
import { condition, value } from "./arbitrary.js";

const test = suite("describeExpression");

for (const [position, arbitrary] of [
  ["condition", condition],
  ["value", value],
] as const) {
  test(`every expression has its words, and ends in a full stop (${position})`, () => {
    fc.assert(
      fc.property(arbitrary, (expression) => {
        const text = describeExpression(expression);
        assert.match(text, /^[^a-z][\s\S]*\.$/);
        assert.not.match(text, /\bundefined\b|\bNaN\b|\[object/);
      }),
      { seed: 1, numRuns: 3000 },
    );
  });
}

/** As a condition, and what it means. */
const conditions: readonly (readonly [string, string])[] = [
  ["buy_plan", "Sessions in which there is a buy_plan event."],
  ['"Click on buy"', 'Sessions in which there is a "Click on buy" event.'],
  [
    'api_call[status >= 500 and region == "eu"]',
    'Sessions in which there is an api_call event (where status is at least 500 and region is "eu").',
  ],
  ["api_call[not ok]", "Sessions in which there is an api_call event (where ok is not true)."],
  ["search -> buy_plan", "Sessions in which some search is followed, sooner or later, by a buy_plan."],
  [
    "buy_plan => web_cors_error",
    "Sessions in which some buy_plan is followed directly by a web_cors_error. Events that the study ignores are passed over.",
  ],
  [
    "a -> b => c within 30s",
    "Sessions in which some a is followed, sooner or later, by a b, and that directly by a c, with at most 30 s from the first to the last. Events that the study ignores are passed over.",
  ],
  [
    "rebuffer until close",
    "Sessions in which there is a run of one or more rebuffer events, nothing else between, that ends in a close. Events that the study ignores are passed over.",
  ],
  [
    "play => rebuffer until close -> rate",
    "Sessions in which some play is followed directly by a run of one or more rebuffer events, nothing else between, that ends in a close, and that, sooner or later, by a rate. Events that the study ignores are passed over.",
  ],
  [
    "buy_plan -> not payment_complete within 10s",
    "Sessions in which some buy_plan is not followed by any payment_complete within 10 s. A session that ends before that time is up has none in it.",
  ],
  [
    "buy_plan -> not payment_complete",
    "Sessions in which some buy_plan is not followed by any payment_complete in the rest of the session.",
  ],
  [
    "a -> b -> not c within 10s",
    "Sessions in which some a is followed, sooner or later, by a b, after which no c comes within 10 s. A session that ends before that time is up has none in it.",
  ],
  [
    "not (buy_plan -> payment_complete within 10s)",
    "Sessions in which no buy_plan is followed by a payment_complete within 10 s.",
  ],
  [
    "error and not retry or crash",
    "Sessions in which either both there is an error event and there is no retry event, or there is a crash event.",
  ],
  ['os == "ios"', 'Sessions in which the session\'s os is "ios".'],
  ["failed == true", "Sessions in which the session's failed is true."],
  ['os in ("ios", "android")', 'Sessions in which the session\'s os is "ios" or "android".'],
  ['start >= "2026-11-16"', 'Sessions in which the session\'s start is not before "2026-11-16".'],
  ["true", "Every session."],
  ["false", "No session."],
  ['not "x y"', 'Sessions in which there is no "x y" event.'],
  ["a or b and c", "Sessions in which either there is an a event, or both there is a b event and there is a c event."],
  [
    "a or b and c and d",
    "Sessions in which either there is an a event, or all of this: there is a b event, there is a c event and there is a d event.",
  ],
  ["not (a or b)", "Sessions in which it is not so that either there is an a event or there is a b event."],
  [
    "not (a -> b -> c)",
    "Sessions in which it is not so that some a is followed, sooner or later, by a b, and that, sooner or later, by a c.",
  ],
  [
    "not (a -> not b)",
    "Sessions in which it is not so that some a is not followed by any b in the rest of the session.",
  ],
  ["weekday(start) >= 6", "Sessions in which the weekday of the session's start is at least Saturday (6)."],
  ["hour(start) in (22, 23)", "Sessions in which the hour of the session's start is 22 or 23."],
  [
    "session.duration > 5000",
    "Sessions in which the session's duration is more than 5 s. A session's duration goes from its first event to its last.",
  ],
  [
    'user.first_seen < "2026-01-01"',
    'Sessions in which the moment when the user was first seen is before "2026-01-01".',
  ],
  [
    "session.duration / session.events > 3s",
    "Sessions in which the session's duration divided by the number of the session's events is more than 3 s. A session's duration goes from its first event to its last. Where a value is missing, a comparison with it is false.",
  ],
  ["a => b", "Sessions in which some a is followed directly by a b. Events that the study ignores are passed over."],
  [
    "a until b",
    "Sessions in which there is a run of one or more a events, nothing else between, that ends in a b. Events that the study ignores are passed over.",
  ],
  [
    "not (a until b)",
    "Sessions in which there is no run of one or more a events, nothing else between, that ends in a b. Events that the study ignores are passed over.",
  ],
  ["a -> b", "Sessions in which some a is followed, sooner or later, by a b."],
  [
    "api_call[not ok and n + 1 > 2]",
    "Sessions in which there is an api_call event (where ok is not true and n plus 1 is more than 2).",
  ],
  [
    "count(a until b) > 2",
    "Sessions in which the number of runs of one or more a events, nothing else between, that end in a b is more than 2. Events that the study ignores are passed over.",
  ],
  [
    "previous(os) != os",
    "Sessions in which the os of the user's session before is something other than the session's os. Where a value is missing, a comparison with it is false.",
  ],
  [
    'previous(os) == "ios"',
    'Sessions in which the os of the user\'s session before is "ios". Where a value is missing, a comparison with it is false.',
  ],
  [
    "a -> not b until c within 1d",
    "Sessions in which some a is not followed by any run of one or more b events, nothing else between, that ends in a c within 1 day. Events that the study ignores are passed over. A session that ends before that time is up has none in it.",
  ],
  [
    "load.failure_rate(k) > 0.5",
    "Sessions in which the share of the other sessions started in the minute before this one's start that fail k is more than 0.5. Where a value is missing, a comparison with it is false.",
  ],
  ["-session.index < 3", "Sessions in which minus the session's number among those of its user is less than 3."],
];
const values: readonly (readonly [string, string])[] = [
  ["os", "The session's os."],
  ["`user agent`", "The session's `user agent`."],
  ["backend.cpu", "The session's backend.cpu."],
  ["count(error)", "The number of error events."],
  ["count(error) in 60s", "The greatest number of error events in any stretch of 1 min."],
  [
    "count(rebuffer until close)",
    "The number of runs of one or more rebuffer events, nothing else between, that end in a close. Events that the study ignores are passed over.",
  ],
  [
    "retries(pay, payment_complete)",
    "The number of pay events before the first payment_complete. It is missing where there is no payment_complete.",
  ],
  [
    "elapsed(buy_plan, payment_complete)",
    "The time from the first buy_plan to the first payment_complete after it. It is missing where no payment_complete comes after a buy_plan.",
  ],
  [
    "elapsed(start, payment_complete)",
    "The time from the session's start to the first payment_complete. It is missing where there is no payment_complete.",
  ],
  [
    "time_in(rebuffer_start, rebuffer_end)",
    "The time between each rebuffer_start and the next rebuffer_end, added up.",
  ],
  ["sum(rebuffer.ms)", "The sum of ms of rebuffer events."],
  [
    "mean(api_call[status == 200].ms)",
    "The mean of ms of api_call events (where status is 200). It is missing where no such event has it.",
  ],
  ["max(*.cpu)", "The greatest cpu of all events. It is missing where no such event has it."],
  ["first(login.method)", "The first method of login events. It is missing where no such event has it."],
  [
    'last("Click on buy".`price.net`)',
    'The last price.net of "Click on buy" events. It is missing where no such event has it.',
  ],
  ["session.duration", "The session's duration. A session's duration goes from its first event to its last."],
  ["session.events", "The number of the session's events."],
  ["session.index", "The session's number among those of its user."],
  ["session.longest_gap", "The longest time between two neighbouring events of the session."],
  ["user.sessions", "The number of the user's sessions up to this one."],
  [
    "user.days_since_last",
    "The number of days since the user's session before. It is missing in a user's first session.",
  ],
  ["user.first_seen", "The moment when the user was first seen."],
  ["start", "The session's start."],
  ["hour(start)", "The hour of the session's start."],
  ["weekday(start)", "The weekday of the session's start."],
  ["previous(os)", "The os of the user's session before. It is missing in a user's first session."],
  ["load.sessions", "The number of other sessions that started in the minute before this one's start."],
  [
    "load.failure_rate(payment_conversion)",
    "The share of the other sessions started in the minute before this one's start that fail payment_conversion. It is missing where none of them counts.",
  ],
  [
    "sum(rebuffer.ms) / session.duration",
    "The sum of ms of rebuffer events divided by the session's duration. A session's duration goes from its first event to its last. A division by 0 is missing.",
  ],
  ["-x * (y + 2)", "(minus the session's x) times (the session's y plus 2)."],
  ["1.5h", "90 min."],
];

for (const [text, meaning] of conditions) {
  test(text, () => assert.is(describeExpression(parseExpression(text)), meaning));
}
for (const [text, meaning] of values) {
  test(text, () => assert.is(describeExpression(parseExpression(text, { position: "value" })), meaning));
}

test.run();
