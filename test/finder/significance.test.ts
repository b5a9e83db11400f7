import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countsP, Families } from "../../finder/significance.js";
import { normalUpper } from "../../finder/statistics/distributions.js";
import { fisherMidP } from "../../finder/statistics/fisher.js";

const test = suite("significance");
const strict = { fdr: 0.05, fdr_any_dependence: 0 };

test("the p-value of counts is that of the score test, or the exact one where counts are small", () => {
  const table = fc
    .tuple(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }))
    .chain(([members, others]) => fc.tuple(fc.constant([members, others] as const), fc.nat(members), fc.nat(others)));
  fc.assert(
    fc.property(table, ([[members, others], membersFailing, othersFailing]) => {
      const [all, failing] = [members + others, membersFailing + othersFailing];
      const p = countsP(membersFailing, members, failing, all);
      const expected = (members * failing) / all;
      if (failing === 0 || failing === all || membersFailing <= expected) {
        assert.is(p, 1, "members that do no worse are nothing to look at");
        return;
      }
      const cells = [expected, failing - expected, members - expected, others - failing + expected];
      const variance = (expected * others * (all - failing)) / (all * (all - 1));
      const exact =
        Math.min(...cells) < 5
          ? fisherMidP({ membersFailing, members, othersFailing, others }).greater
          : normalUpper((membersFailing - expected) / Math.sqrt(variance));
      assert.ok(Math.abs(p - exact) <= 1e-4 * exact + 1e-300, `${p} for ${exact}`);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("what is bounded out counts: it makes findings of its family dearer, and empty families do not", () => {
  const families = new Families(2);
  families.add("event-pattern", 0, 100);
  families.add("event-pattern", 1, 0);
  families.add("user-lifecycle", 0, 10);
  assert.is(families.size, 2);
  assert.is(families.total, 110);
  const items = [
    { template: "event-pattern", kpi: 0, p: 1e-4, weight: 1 },
    { template: "user-lifecycle", kpi: 0, p: 0.5, weight: 1 },
  ];
  // 1e-4 × 100 hypotheses × 2 families ÷ 1 selected
  assert.ok(Math.abs(families.adjust(items, strict)[0]! - 0.02) < 1e-12);
  assert.ok(families.adjust(items, { ...strict, fdr_any_dependence: 1 })[0]! > 0.05);
  assert.match(families.guarantee(strict), "2 families");
});

test.run();
