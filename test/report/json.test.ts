import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { readResult, serialiseResult } from "../../report/json.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("json");

test("a result that is written and read again is the same result", () => {
  const bare = { events: 0, sessions: 0, users: 0, from: null, to: null, dropped: {} };
  const sampled = { ...aResult().data, sampled: { sessions_asked: 10, user_share: 0.5 } };
  for (const result of [aResult(), aResult({ data: bare, opportunities: [], kpis: [] }), aResult({ data: sampled })]) {
    assert.equal(readResult(serialiseResult(result), "r.json"), result);
  }
});

test("the order in which the keys of open records came does not show", () => {
  const one = aResult({
    opportunities: [anOpportunity({ cohort: { os: "ios", app: "5" }, parameters: { k: 3, a: 1 } })],
  });
  const other = aResult({
    opportunities: [anOpportunity({ cohort: { app: "5", os: "ios" }, parameters: { a: 1, k: 3 } })],
  });
  assert.is(serialiseResult(one), serialiseResult(other));
});

test("what a later version added stays", () => {
  const later = { ...aResult(), flows: [1], data: { ...aResult().data, status: "whole" } };
  assert.equal(readResult(JSON.stringify(later), "r.json"), later);
});

for (const number of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
  test(`${number} is refused`, () => {
    const effect = { ...anOpportunity().effect, ratio: number };
    assert.throws(
      () => serialiseResult(aResult({ opportunities: [anOpportunity({ effect })] })),
      (error: unknown) => error instanceof RangeError && error.message === `invalid ratio: ${number}`,
    );
  });
}

const refused: readonly (readonly [string, string, RegExp])[] = [
  ["text that is no JSON", "{", /^r\.json: invalid JSON/],
  ["something else", '{"a": 1}', /^r\.json: invalid result: schema: missing; allowed: leadline\/result@1$/],
  ["no object", "[1]", /^r\.json: invalid result: schema: missing/],
  [
    "a later schema",
    '{"schema": "leadline/result@2"}',
    /^r\.json: unsupported schema: leadline\/result@2; this version reads leadline\/result@1$/,
  ],
  [
    "a wrong value",
    serialiseResult(aResult()).replace('"members": 74', '"members": "74"'),
    /^r\.json: opportunities\[0\]\.sessions\.members: found "74"; allowed: a(?: whole)? number$/m,
  ],
  ["a missing part", JSON.stringify({ ...aResult(), kpis: undefined }), /^r\.json: kpis: missing; allowed: a list$/],
];
for (const [what, text, expected] of refused) {
  test(`readResult refuses ${what}`, () => {
    assert.throws(
      () => readResult(text, "r.json"),
      (error: unknown) => {
        assert.instance(error, LeadlineError);
        assert.is((error as LeadlineError).code, "result-invalid");
        assert.match((error as LeadlineError).message, expected);
        return true;
      },
    );
  });
}

test.run();
