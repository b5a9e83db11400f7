import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatHtml } from "../../report/html/page.js";
import { inZone, zoneOf } from "../../report/in-zone.js";
import { formatMarkdown } from "../../report/markdown.js";
import type { Result, ResultOpportunity } from "../../report/result.js";
import { formatResult } from "../../report/terminal.js";
import { formatOpportunity } from "../../report/terminal-opportunity.js";
import { isOfSameUsers } from "../../report/words.js";
import { aFullOpportunity, aFullResult } from "./a-full-result.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("times and ratios in reports");

function inThe(zone: string | undefined, result: Result = aFullResult(2)): Result {
  const { time_zone: _, ...data } = result.data;
  return { ...result, data: zone === undefined ? data : { ...data, time_zone: zone } };
}

test("moments become what the clocks of the study's zone show, summer time and midnight too", () => {
  const moments: readonly (readonly [string, string, string])[] = [
    ["2026-11-16T23:30:00.000Z", "Europe/Oslo", "2026-11-17T00:30:00.000Z"],
    ["2026-07-16T22:00:00.250Z", "Europe/Oslo", "2026-07-17T00:00:00.000Z"],
    ["2026-11-16T03:00:00.000Z", "America/Los_Angeles", "2026-11-15T19:00:00.000Z"],
    ["2026-11-16T03:00:00.000Z", "UTC", "2026-11-16T03:00:00.000Z"],
  ];
  for (const [from, zone, expected] of moments) {
    const result = inThe(zone);
    const opportunity: ResultOpportunity = { ...aFullOpportunity(1, "a"), first_seen: from, began: from };
    const shown = inZone({ ...result, data: { ...result.data, from }, opportunities: [opportunity] });
    const [first] = shown.opportunities;
    assert.equal([shown.data.from, first?.first_seen, first?.began], [expected, expected, expected], zone);
  }
});

test("without a zone, or with one that nobody knows, times are UTC and the result stays as it is", () => {
  for (const zone of [undefined, "UTC", "Nowhere/At all", "<b>"]) {
    const result = inThe(zone);
    assert.is(inZone(result), result);
    assert.is(zoneOf(result), "UTC");
  }
});

test("every form names the zone of its times", () => {
  const result = inThe("Asia/Kolkata");
  const layout = { width: 100, colour: false };
  assert.match(formatResult(result, layout), /Asia\/Kolkata/);
  assert.match(formatOpportunity(result, aFullOpportunity(1, "a"), layout), /\(days of Asia\/Kolkata\)/);
  assert.match(formatMarkdown(result), /days of Asia\/Kolkata/);
  assert.match(formatHtml(result), /Days and times: Asia\/Kolkata\./);
});

const within = (difference: number): ResultOpportunity["experts"] => [
  { name: "within-users", says: "opportunity", evidence: { within_difference: difference, pooled_difference: 0.4 } },
];

test("a ratio within the same users says so in the row itself, in every form; another does not", () => {
  const own = anOpportunity();
  const effect = { ...own.effect, ratio: 1.63, difference: 0.25 };
  const same = { ...own, effect, experts: within(0.25) };
  assert.equal(
    [isOfSameUsers(same), isOfSameUsers({ ...same, experts: within(0.5) }), isOfSameUsers(own)],
    [true, false, false],
  );
  const layout = { width: 80, colour: false };
  const result = aResult({ opportunities: [same] });
  const flowing = formatResult(result, layout).replaceAll(/\s+/g, " ");
  assert.match(flowing, / 1\.63\* [\s\S]*with a \*, the smaller one among users who have sessions of both kinds/);
  assert.match(formatMarkdown(result), /\| 1\.63 \(same users\) \|/);
  assert.match(formatHtml(result), /1\.63<small>same users<\/small>[\s\S]*<dt>Ratio, same users<\/dt><dd>1\.63/);
  assert.match(
    formatOpportunity(result, same, layout).replaceAll(/\s+/g, " "),
    /within users who have sessions of both kinds \(95 % interval .*ratio 1\.63 within these users/,
  );
  const other = aResult({ opportunities: [{ ...same, experts: [] }] });
  for (const text of [formatResult(other, layout), formatMarkdown(other), formatHtml(other)]) {
    assert.not.match(text, /same users|1\.63\*/);
  }
});

test.run();
