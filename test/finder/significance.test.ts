import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { countsP } from "../../finder/counts-p.js";
import { Families } from "../../finder/significance.js";
import { normalQuantile, normalUpper } from "../../finder/statistics/distributions.js";
import { fisherMidP } from "../../finder/statistics/fisher.js";
import { Random } from "../../finder/statistics/random.js";

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

test("weights that know nothing of the p-values keep the false discovery rate, and bring more where they know of the effects", () => {
  const [tests, effects, runs] = [400, 20, 400];
  const families = new Families(1);
  families.add("user-lifecycle", 0, tests);
  const random = new Random(1);
  let [falseShare, found, foundAlike] = [0, 0, 0];
  for (let run = 0; run < runs; run++) {
    const items = Array.from({ length: tests }, (_, at) => {
      const isEffect = at < effects;
      const z = normalQuantile(random.uniform()) + (isEffect ? 3 : 0);
      // effects pass nine times of ten, others once in twenty
      return { isEffect, p: normalUpper(z), passes: random.uniform() < (isEffect ? 0.9 : 0.05) };
    });
    const passing = items.filter(({ passes }) => passes).length;
    const weighted = items.map(({ p, passes }) => {
      const weight = passes ? 0.5 + (0.5 * tests) / passing : 0.5;
      return { template: "user-lifecycle", kpi: 0, p, weight };
    });
    const accepted = [...families.adjust(weighted, strict)].map((q) => q <= strict.fdr);
    const right = accepted.filter((is, at) => is && at < effects).length;
    const all = accepted.filter((is) => is).length;
    falseShare += (all - right) / Math.max(1, all) / runs;
    found += right;
    const alike = families.adjust(
      weighted.map((item) => ({ ...item, weight: 1 })),
      strict,
    );
    foundAlike += [...alike].filter((q, at) => q <= strict.fdr && at < effects).length;
  }
  assert.ok(falseShare <= 0.05, `${falseShare}`);
  assert.ok(found > 1.2 * foundAlike, `${found} against ${foundAlike}`);
});

test.run();
