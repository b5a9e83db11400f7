import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { combine } from "../../llm/combine.js";

const names = ["event-pattern", "absence", "retries", "load"];
const classes = fc.uniqueArray(
  fc.record({ template: fc.constantFrom(...names), parameters: fc.nat(2).map((n) => ({ n })) }),
  { maxLength: 5, selector: (one) => JSON.stringify(one) },
);
const scores = fc.array(fc.double({ min: 0.01, max: 1, noNaN: true }), { minLength: 5, maxLength: 5 });

test("what the selector chose comes first, in its order, whatever the model proposes; of the rest the best supported", () => {
  const support = fc.dictionary(fc.constantFrom(...names), fc.double({ min: -20, max: 20, noNaN: true }));
  fc.assert(
    fc.property(classes, scores, classes, support, (chosen, ownScores, proposed, supportOf) => {
      const sorted = [...ownScores].sort((a, b) => b - a);
      const selected = chosen.map((one, at) => ({ ...one, score: sorted[at]!, reason: "words" }));
      const proposal = { classes: proposed, support: new Map(Object.entries(supportOf)), warnings: [] };
      const ranked = combine(selected, proposal, 1, null);
      const own = ranked.slice(0, selected.length);
      const textOf = ({ template, parameters }: { template: string; parameters: object }) =>
        JSON.stringify([template, parameters]);
      assert.equal(own.map(textOf), chosen.map(textOf));
      assert.ok(own.every(({ chosenBy }) => chosenBy === "selector"));
      const alone = ranked.slice(selected.length);
      assert.ok(alone.every(({ chosenBy }) => chosenBy === "model"));
      for (const { template, parameters } of alone) {
        assert.ok(
          proposed.some((one) => one.template === template && one.parameters.n === parameters["n"]),
          "nothing comes of nowhere",
        );
      }
      const descending = ranked.map(({ score }) => score);
      assert.equal(
        descending,
        [...descending].sort((a, b) => b - a),
      );
    }),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
