import { suite } from "uvu";
import * as assert from "uvu/assert";
import { beganAt, describeExpert, describeExplained } from "../../report/evidence.js";
import type { ResultExpert } from "../../report/result.js";
import { aFullResult, everyExpert } from "./a-full-result.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("evidence in words");
const { run, kpis } = aFullResult(1);
const [rate, numeric] = kpis;
const experts = everyExpert("2026-11-02T00:00:00.000Z");
const of = (name: string): ResultExpert => experts.find((expert) => expert.name === name) as ResultExpert;

const sentences: readonly (readonly [string, RegExp])[] = [
  [
    "sequence-rate",
    /^It is in 33\.8 % of the failing sessions and in 0\.55 % of the normal ones, 61\.2 times as often\. Asked/,
  ],
  ["cohort-difference", /^The KPI of members is 14\.0 %, of all sessions 9\.0 %, 50\.0 % more\..*z-score of 4\.7/],
  [
    "significance",
    /probability 1\.8 × 10⁻²³; adjusted for 990 looks of its kind, 9\.1 × 10⁻²⁰\. .*\+9\.9 points \(95 % interval \+9\.0 to \+11 points\)/,
  ],
  ["within-users", /^1,578 users have sessions of both kinds\. Within them the difference is \+8\.8 points/],
  ["exposure", /come to fail 1\.27 times as fast \(3,239 failures\) and succeed 0\.41 times as fast/],
  ["without-largest-user", /^Without the user who contributes most \(9 sessions\) the difference is \+8\.0 points/],
  ["outlier", /^Where os is ios the difference is \+30 points, against \+10 points at the median.*z-score: 5\.2/],
  ["trend", /is rising: \+0\.4 points a day \(\+0\.1 points to \+0\.7 points\), over 28 stretches/],
  [
    "change-point",
    /^It began about 2026-11-02: members were \+1\.0 points from the others before and \+20 points after\. It is still so/,
  ],
  ["cohort-similarity", /unlike in 1 of 5 attributes\. They differ most in os/],
  [
    "adjusted-effect",
    /the difference is \+21 points \(95 % interval \+15 to \+27 points\)\. Members fail in 40\.0 %.*19\.0 %/,
  ],
  ["of-a-later-version", /^other: none; some fact: 1\.5\.$/],
];
for (const [name, expected] of sentences) {
  test(`${name} is told in a sentence`, () => assert.match(describeExpert(of(name), rate, run).text, expected));
}

test("a numeric KPI is told in its own unit", () => {
  assert.match(describeExpert(of("cohort-difference"), numeric, run).text, /members is 0\.14, of all sessions 0\.09/);
});

test("whatever a file holds under an expert's name is told, and never as no number", () => {
  for (const expert of experts) {
    for (const evidence of [{}, Object.fromEntries(Object.keys(expert.evidence).map((key) => [key, null]))]) {
      const { text } = describeExpert({ ...expert, evidence }, rate, aResult().run);
      assert.ok(text.length > 0);
      assert.not.match(text, /NaN|undefined|null/);
    }
  }
});

test("when it began is known by the change-point alone", () => {
  assert.equal(beganAt(anOpportunity({ experts })), { at: "2026-11-02T00:00:00.000Z", isOneOfSeveral: false });
  assert.is(beganAt(anOpportunity({ experts: [] })), null);
  assert.is(
    beganAt(anOpportunity({ experts: [{ name: "change-point", says: "opportunity", evidence: { began: "never" } }] })),
    null,
  );
});

const explained: readonly (readonly [Record<string, number>, string])[] = [
  [{ pooled_difference: 0.05, within_difference: -0.001 }, "+5.0 points over all sessions, −0.1 points within"],
  [{ members_failing: 9, members_normal: 1 }, "9 failing and 1 normal members"],
  [
    { hazard_ratio_failing: 1.1, hazard_ratio_succeeding: 0.9 },
    "at the same age 1.1 times as fast to fail, 0.9 times as fast to succeed",
  ],
  [{ p: 1 }, ""],
];
for (const [evidence, expected] of explained) {
  test(`what explains is told: ${expected}`, () => {
    assert.is(describeExplained({ kpi: "payment", cohort: {}, hypothesis: "x", by: "y", evidence }, rate), expected);
  });
}

test.run();
