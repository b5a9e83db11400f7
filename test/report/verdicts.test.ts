/** What people say of opportunities, and what becomes of it in later results. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { VerdictWord } from "../../finder/verdicts.js";
import { readResult, serialiseResult } from "../../report/json.js";
import { formatResult } from "../../report/terminal.js";
import { applyVerdicts, giveVerdict, noVerdicts, readVerdicts, serialiseVerdicts } from "../../report/verdicts.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("verdicts");
const day = new Date("2026-11-23T08:00:00Z");
const effect = (difference: number) => ({
  ...anOpportunity().effect,
  difference,
  low: difference - 0.05,
  high: difference + 0.05,
});
const result = aResult({
  opportunities: [
    anOpportunity({ rank: 1, id: "first", effect: effect(0.4) }),
    anOpportunity({ rank: 2, id: "second", effect: effect(0.2), hypothesis: "login" }),
    anOpportunity({ rank: 3, id: "third", effect: effect(0.1), hypothesis: "search" }),
  ],
});

const given = (word: VerdictWord, id = "first") => giveVerdict(noVerdicts, id, word, result, day).verdicts;

test("a verdict keeps what it is about, and a later one takes its place, without the result", () => {
  const first = giveVerdict(noVerdicts, "second", "useful", result, day);
  assert.is(first.verdicts[0]?.hypothesis, "login");
  assert.equal(first.verdicts[0]?.effect, { difference: 0.2, low: 0.15000000000000002, high: 0.25 });
  const both = giveVerdict(giveVerdict(first, "first", "known", result, day), "second", "noise", null, day);
  assert.equal(
    both.verdicts.map(({ id, verdict }) => [id, verdict]),
    [
      ["first", "known"],
      ["second", "noise"],
    ],
  );
  assert.equal(readVerdicts(serialiseVerdicts(both), "v.json"), both);
});

test("an id that nobody knows is refused, with what is allowed", () => {
  for (const [id, from, message] of [
    ["x", null, "no verdict was given on it before, so the result that reports it has to be named"],
    ["x", result, "the result has first, second, third"],
    ["x", aResult({ opportunities: [] }), "the result has none"],
  ] as const) {
    assert.throws(
      () => giveVerdict(noVerdicts, id, "known", from, day),
      (error: Error & { code: string }) => error.code === "verdicts-invalid" && error.message.includes(message),
    );
  }
});

test("a file that is no file of verdicts is refused, in a sentence that names it", () => {
  const one = given("known")[0]!;
  const rows: readonly (readonly [name: string, text: string, message: RegExp])[] = [
    ["empty", "", /^v\.json: invalid JSON: an empty file/],
    ["cut", '{"schema": "leadline/verdicts@1", ', /^v\.json: invalid JSON: /],
    [
      "another file",
      '{"schema": "leadline/result@1"}',
      /schema: .*leadline\/result@1.*; allowed: leadline\/verdicts@1/,
    ],
    ["a later one", '{"schema": "leadline/verdicts@2"}', /allowed: leadline\/verdicts@1/],
    ["a list", "[]", /allowed: leadline\/verdicts@1/],
    ["nothing in it", '{"schema": "leadline/verdicts@1"}', /^v\.json: .*verdicts/],
    [
      "another word",
      JSON.stringify({ schema: "leadline/verdicts@1", verdicts: [{ ...one, verdict: "great" }] }),
      /^v\.json: verdicts\[0\]\.verdict: .*useful.*noise.*known/,
    ],
    [
      "no effect",
      JSON.stringify({ schema: "leadline/verdicts@1", verdicts: [{ ...one, effect: {} }] }),
      /^v\.json: verdicts\[0\]\.effect/,
    ],
    ["two of one", JSON.stringify({ schema: "leadline/verdicts@1", verdicts: [one, one] }), /two of first/],
  ];
  for (const [name, text, message] of rows) {
    assert.throws(
      () => readVerdicts(text, "v.json"),
      (error: Error & { code: string }) => error.code === "verdicts-invalid" && message.test(error.message),
      name,
    );
  }
});

test("what is known and no worse is not shown, and stands under known", () => {
  const now = applyVerdicts(result, given("known"));
  assert.equal(
    now.opportunities.map(({ id, rank }) => [id, rank]),
    [
      ["second", 1],
      ["third", 2],
    ],
  );
  assert.equal(
    now.known?.map(({ id }) => id),
    ["first"],
  );
  assert.match(formatResult(now, { width: 80, colour: false }), /Known, and no worse \(1\)\n {2}buy_plan/);
  assert.equal(readResult(serialiseResult(now), "r.json"), now);
});

test("what is known and got worse, by the interval of the change, is shown and says so", () => {
  const later = (difference: number) =>
    applyVerdicts(
      aResult({ opportunities: [anOpportunity({ id: "first", effect: effect(difference) })] }),
      given("known"),
    );
  assert.is(later(0.43).opportunities.length, 0);
  assert.is(later(0.2).opportunities.length, 0);
  const [worse] = later(0.6).opportunities;
  assert.is(worse?.verdict, "known");
  assert.match(worse?.statement ?? "", "; known, and worse than when that was said.");
  assert.is(later(0.6).known, undefined);
});

test("useful and noise are marked, and stay where they are", () => {
  for (const word of ["useful", "noise"] as const) {
    const now = applyVerdicts(result, given(word, "second"));
    assert.equal(
      now.opportunities.map(({ id, rank, verdict }) => [id, rank, verdict]),
      [
        ["first", 1, undefined],
        ["second", 2, word],
        ["third", 3, undefined],
      ],
    );
    assert.match(now.opportunities[1]?.statement ?? "", `called ${word} before.`);
  }
});

test("without verdicts a result stays as it is", () => {
  assert.equal(applyVerdicts(result, []), result);
});

test.run();
