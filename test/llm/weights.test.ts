/** What is believed of classes, and how they are drawn by it. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../../finder/statistics/random.js";
import { type Beta, drawBeta, drawGamma, meanOf } from "../../llm/beta.js";
import { ClassBeliefs, namesOf } from "../../llm/weights.js";
import { templates } from "../../planner/templates/library.js";

const test = suite("beliefs");
const DRAWS = 20_000;

function moments(draw: () => number): readonly [mean: number, variance: number] {
  const values = Array.from({ length: DRAWS }, draw);
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  return [mean, values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS];
}

test("draws have the mean and variance of their distribution, within five standard errors", () => {
  for (const shape of [0.3, 1, 2.5, 40]) {
    const random = new Random(1);
    const [mean, variance] = moments(() => drawGamma(shape, random));
    assert.ok(Math.abs(mean - shape) < 5 * Math.sqrt(shape / DRAWS), `gamma ${shape}: mean ${mean}`);
    // of a gamma the variance of squares is 2 shape² + 6 shape
    assert.ok(Math.abs(variance - shape) < 5 * Math.sqrt((2 * shape ** 2 + 6 * shape) / DRAWS), `gamma ${shape}`);
  }
  const beliefs: readonly Beta[] = [
    { wins: 0.5, losses: 2 },
    { wins: 1, losses: 1 },
    { wins: 30, losses: 4 },
  ];
  for (const belief of beliefs) {
    const random = new Random(2);
    const { wins, losses } = belief;
    const [mean, variance] = moments(() => drawBeta(belief, random));
    const expected = (wins * losses) / ((wins + losses) ** 2 * (wins + losses + 1));
    assert.ok(Math.abs(mean - meanOf(belief)) < 5 * Math.sqrt(expected / DRAWS), `beta ${wins}, ${losses}: ${mean}`);
    assert.ok(Math.abs(variance / expected - 1) < 0.1, `beta ${wins}, ${losses}: variance ${variance}`);
  }
});

test("a class names its events, attributes and KPIs", () => {
  const rows: readonly (readonly [string, Record<string, unknown>, readonly string[]])[] = [
    ["event-pattern", { k: 2, contains: "search" }, ["event:search"]],
    ["event-pattern", { k: 2 }, []],
    ["absence", { event: "a", missing: "b", within: "10s" }, ["event:a", "event:b"]],
    ["session-shape", { measure: "time_to:search", threshold: "10s" }, ["event:search"]],
    ["attribute-predicate", { attribute: "os", values: ["ios"] }, ["attribute:os"]],
    ["load", { measure: "failure_rate", kpi: "checkout", threshold: 0.5 }, ["kpi:checkout"]],
  ];
  for (const [name, parameters, expected] of rows) {
    const template = templates.find((each) => each.name === name)!;
    assert.equal(namesOf(template, parameters), expected, name);
  }
});

test("what is not known weighs 1, a win more, a loss less, and what shares a name in part", () => {
  const beliefs = new ClassBeliefs(templates);
  const parameters = { k: 2, contains: "search" };
  assert.is(beliefs.weightOf("event-pattern", parameters), 1);
  beliefs.observe({ template: "event-pattern", parameters, reward: 1 });
  const own = beliefs.weightOf("event-pattern", parameters);
  const shared = beliefs.weightOf("repetition", { event: "search", n: 3 });
  assert.ok(own > shared && shared > 1, `${own}, ${shared}`);
  assert.is(beliefs.weightOf("change", { attribute: "os" }), 1);
  beliefs.observe({ template: "change", parameters: { attribute: "os" }, reward: 0, trials: 4 });
  assert.ok(beliefs.weightOf("change", { attribute: "os" }) < 1);
});

test("classes that share what won are drawn for, and the one that won most of all", () => {
  const beliefs = new ClassBeliefs(templates);
  for (let trial = 0; trial < 5; trial++) {
    beliefs.observe({ template: "event-pattern", parameters: { k: 1, contains: "search" }, reward: 1 });
  }
  const drawn = (parameters: Record<string, unknown>): number => {
    const random = new Random(3);
    return moments(() => beliefs.drawClass("event-pattern", parameters, random))[0];
  };
  const [own, shared, other] = [1, 2, 3].map((k) => drawn({ k, contains: k === 3 ? "other" : "search" })) as [
    number,
    number,
    number,
  ];
  assert.ok(own > shared && shared > other + 0.2, `${own}, ${shared}, ${other}`);
});

test("templates are tried as long as they may be the best", () => {
  const beliefs = new ClassBeliefs(templates);
  for (let trial = 0; trial < 10; trial++) {
    beliefs.observe({ template: "change", parameters: { attribute: "os" }, reward: 0 });
    beliefs.observe({ template: "until", parameters: { event: "a", end: "b" }, reward: trial < 5 ? 1 : 0 });
  }
  const random = new Random(4);
  const wins = { change: 0, until: 0, load: 0 };
  for (let draw = 0; draw < 1000; draw++) {
    const [best] = (["change", "until", "load"] as const)
      .map((name) => [name, beliefs.drawTemplate(name, random)] as const)
      .sort((a, b) => b[1] - a[1])[0]!;
    wins[best]++;
  }
  assert.ok(wins.until > wins.load && wins.load > wins.change, JSON.stringify(wins));
  assert.ok(wins.load > 50, JSON.stringify(wins));
});

test.run();
