import { test } from "uvu";
import * as assert from "uvu/assert";
import { type AttributeSpread, judgeCohortSimilarity } from "../../../finder/experts/cohort-similarity.js";
import { Random } from "../../../finder/statistics/random.js";

const settings = { similarity_max_difference: 0.25 };

function spread(attribute: string, members: readonly number[], others: readonly number[]): AttributeSpread {
  const sum = (counts: readonly number[]): number => counts.reduce((a, b) => a + b, 0);
  return {
    attribute,
    members: Float64Array.from(members),
    others: Float64Array.from(others),
    memberUnits: sum(members),
    otherUnits: sum(others),
  };
}

// [what, spreads, says, most different]
const rows: [string, AttributeSpread[], string, string | null][] = [
  ["alike in all", [spread("os", [50, 50], [510, 490]), spread("app", [30, 70], [300, 700])], "opportunity", "os"],
  ["unlike in one", [spread("os", [50, 50], [500, 500]), spread("app", [80, 20], [300, 700])], "no opportunity", "app"],
  ["nothing in common", [spread("os", [50, 0], [0, 500])], "no opportunity", "os"],
  ["no attributes", [], "no opportunity", null],
  ["no members", [spread("os", [0, 0], [5, 500])], "no opportunity", null],
];
for (const [name, spreads, says, attribute] of rows) {
  test(`cohort-similarity: ${name}`, () => {
    const opinion = judgeCohortSimilarity(spreads, settings);
    assert.is(opinion.says, says);
    assert.is(opinion.evidence["most_different"], attribute);
    for (const value of Object.values(opinion.evidence)) {
      assert.ok(typeof value !== "number" || Number.isFinite(value));
    }
  });
}

test("small cohorts drawn from the same values are mostly alike", () => {
  const random = new Random(1);
  let alike = 0;
  for (let run = 0; run < 200; run++) {
    const [members, others] = [new Array<number>(8).fill(0), new Array<number>(8).fill(0)];
    for (let i = 0; i < 60; i++) members[random.below(8)]! += 1;
    for (let i = 0; i < 600; i++) others[random.below(8)]! += 1;
    if (judgeCohortSimilarity([spread("os", members, others)], settings).says === "opportunity") alike++;
  }
  assert.ok(alike >= 140, `${alike} of 200`);
});

test.run();
