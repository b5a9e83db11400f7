import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Example, learn, packed } from "../../bench/prompts/learn.js";
import { labelScores, unpacked } from "../../llm/template-model.js";

const labels: readonly string[] = ["absence", "until", "nothing"];
const examples: readonly Example[] = [
  ...Array.from({ length: 5 }, () => ({ features: ["never", "EV"], right: ["absence"] })),
  ...Array.from({ length: 5 }, () => ({ features: ["till", "EV"], right: ["until", "absence"] })),
  ...Array.from({ length: 5 }, () => ({ features: ["weather"], right: ["nothing"] })),
];

function best(scores: ReadonlyMap<string, number>): string | undefined {
  return [...scores].sort((a, b) => b[1] - a[1])[0]?.[0];
}

test("a label is likeliest where what it was learnt from stands, and of several right ones the first", () => {
  const model = learn(examples, labels);
  for (const { features, right } of examples) assert.is(best(labelScores(model, features)), right[0]);
});

test("the same examples give the same weights", () => {
  assert.equal(packed(learn(examples, labels)), packed(learn(examples, labels)));
});

test("a model that was packed and unpacked scores as before, to a hundredth a weight", () => {
  const model = learn(examples, labels);
  const again = unpacked(packed(model));
  for (const { features } of examples) {
    const [before, after] = [labelScores(model, features), labelScores(again, features)];
    for (const label of labels) {
      const most = 0.1 * (features.length + 1);
      assert.ok(Math.abs((before.get(label) ?? 0) - (after.get(label) ?? 0)) <= most);
    }
  }
});

test("features that were never met change nothing", () => {
  const model = learn(examples, labels);
  assert.equal(labelScores(model, ["never", "unheard"]), labelScores(model, ["never"]));
});

test.run();
