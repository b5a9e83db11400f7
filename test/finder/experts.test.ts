import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judgeCohortDifference } from "../../finder/experts/cohort-difference.js";
import { judgeSequenceRate, passesSequenceRate } from "../../finder/experts/sequence-rate.js";

const test = suite("experts of the paper");
const sequence = { sequence_min_support: 0.1, sequence_min_ratio: 2 };
const cohort = { cohort_min_difference: 0.25, outlier_z: 3.5 };

test("sequence-rate: a tenth of the failing sessions is enough, whatever their number is in binary", () => {
  for (let failing = 1; failing <= 3_000; failing++) {
    const least = Math.ceil(failing / 10);
    assert.ok(passesSequenceRate(least, 0, failing, 10, sequence), `${least} of ${failing}`);
    assert.not(passesSequenceRate(least - 1, 0, failing, 10, sequence), `${least - 1} of ${failing}`);
  }
});

test("sequence-rate: twice the rate in normal sessions is enough", () => {
  assert.ok(passesSequenceRate(6, 10, 30, 100, sequence));
  assert.not(passesSequenceRate(6, 11, 30, 100, sequence));
  assert.ok(passesSequenceRate(6, 0, 30, 100, sequence));
  assert.not(passesSequenceRate(0, 0, 30, 100, { ...sequence, sequence_min_support: 0 }));
});

test("sequence-rate says what it passes, with the rates it goes by", () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(300), fc.nat(60), fc.nat(300), (x, y, failing, normal) => {
      const [membersFailing, membersNormal] = [Math.min(x, failing), Math.min(y, normal)];
      const passes = passesSequenceRate(membersFailing, membersNormal, failing, normal, sequence);
      const { says, evidence } = judgeSequenceRate(membersFailing, membersNormal, failing, normal, sequence);
      assert.is(says, passes ? "opportunity" : "no opportunity");
      assert.is(evidence["rate_failing"], failing === 0 ? null : membersFailing / failing);
      assert.is(evidence["rate_normal"], normal === 0 ? null : membersNormal / normal);
      assert.ok(evidence["ratio"] === null || Number.isFinite(evidence["ratio"]));
    }),
    { seed: 1, numRuns: 300 },
  );
});

const differences: readonly (readonly [name: string, members: number, all: number, sign: 1 | -1, passes: boolean])[] = [
  ["a quarter more is not enough", 0.625, 0.5, 1, false],
  ["a hair over a quarter is", 0.6250001, 0.5, 1, true],
  ["better is none", 0.3, 0.5, 1, false],
  ["lower is worse where the study says so", 0.3749999, 0.5, -1, true],
  ["a quarter less is not enough", 0.375, 0.5, -1, false],
  ["higher is better there", 0.9, 0.5, -1, false],
  ["a negative KPI has a size too", -0.7, -1, 1, true],
  ["against nothing, anything", 0.01, 0, 1, true],
  ["against nothing, nothing", 0, 0, 1, false],
];

for (const [name, members, all, sign, passes] of differences) {
  test(`cohort-difference: ${name}`, () => {
    const { says } = judgeCohortDifference(members, all, sign, null, cohort);
    assert.is(says, passes ? "opportunity" : "no opportunity");
  });
}

test("cohort-difference: an outlier among the values of an attribute passes, if it is worse", () => {
  const values = Float64Array.of(0.1, 0.11, 0.12, 0.13, 0.14, 0.19, 0.05);
  const judge = (own: number, all: number, sign: 1 | -1 = 1) =>
    judgeCohortDifference(values[own]!, all, sign, { values, own }, cohort);
  // median 0.12, MAD 0.02: 0.6745 × 0.07 / 0.02
  assert.ok(Math.abs((judge(5, 0.18).evidence["outlier_z"] as number) - 2.36) < 0.01);
  assert.is(judge(5, 0.18).says, "no opportunity");
  const far = Float64Array.of(0.1, 0.11, 0.12, 0.13, 0.14, 0.23);
  const outlier = judgeCohortDifference(0.23, 0.2, 1, { values: far, own: 5 }, cohort);
  assert.is(outlier.says, "opportunity");
  assert.is(judgeCohortDifference(0.23, 0.25, 1, { values: far, own: 5 }, cohort).says, "no opportunity");
  assert.is(judgeCohortDifference(0.23, 0.2, -1, { values: far, own: 5 }, cohort).says, "no opportunity");
  // four cells have no median worth the name
  const few = far.slice(2);
  assert.is(judgeCohortDifference(0.23, 0.2, 1, { values: few, own: 3 }, cohort).says, "no opportunity");
});

test.run();
