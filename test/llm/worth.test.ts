/** What hypotheses are believed to be worth: by rates, by the prompt, by what was tested. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../../finder/statistics/random.js";
import { keyOf } from "../../llm/combine.js";
import { HypothesisWorth, nameOn, type Priors, withValue } from "../../llm/worth.js";
import { templates } from "../../planner/templates/library.js";

const test = suite("worth of hypotheses");
const DRAWS = 1000;
const nothing: Priors = { names: new Map(), classes: new Map() };

type Values = Record<string, unknown>;

/** Mean and deviation of what a class is drawn to be worth on a KPI. */
function drawn(worth: HypothesisWorth, template: string, parameters: Values, kpi: string) {
  const prospect = worth.prospect(template, parameters, kpi);
  const random = new Random(3);
  const values = Array.from({ length: DRAWS }, () => {
    const { own, promise } = worth.draw(random)(prospect);
    return own + promise;
  });
  const mean = values.reduce((sum, value) => sum + value, 0) / DRAWS;
  return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / DRAWS) };
}

const search = { k: 1, contains: "search" };

test("a name whose sessions fail more often is promised for, on that KPI alone, by whom else names it, and less for each further step", () => {
  const names = new Map([[nameOn("event:search", "checkout"), 1]]);
  const worth = new HypothesisWorth(templates, { ...nothing, names });
  const mean = (template: string, parameters: Values, kpi: string): number =>
    drawn(worth, template, parameters, kpi).mean;
  const byLength = [1, 2, 3].map((k) => mean("event-pattern", { k, contains: "search" }, "checkout"));
  assert.ok(byLength[0]! > byLength[1]! + 0.1 && byLength[1]! > byLength[2]! + 0.05, byLength.join(", "));
  assert.ok(byLength[1]! > mean("event-pattern", { k: 2, adjacency: "gap", contains: "search" }, "checkout") + 0.05);
  assert.ok(mean("repetition", { event: "search", n: 3 }, "checkout") > 0.3);
  assert.ok(mean("repetition", { event: "search", n: 3 }, "login") < 0.2);
  assert.is(worth.prospect("event-pattern", search, "login").promisedBy, null);
  assert.is(worth.prospect("event-pattern", search, "checkout").promisedBy, nameOn("event:search", "checkout"));
});

test("of an attribute's values each has its own rate", () => {
  const names = new Map([
    [nameOn("attribute:os", "checkout"), 1],
    [nameOn(withValue("attribute:os", "ios"), "checkout"), 1],
  ]);
  const worth = new HypothesisWorth(templates, { ...nothing, names });
  const mean = (value: string): number =>
    drawn(worth, "attribute-predicate", { attribute: "os", values: [value] }, "checkout").mean;
  assert.ok(mean("ios") > mean("android") + 0.3);
});

test("what was measured and is no worse is worth less than what is not known, and it is surer", () => {
  const worth = new HypothesisWorth(templates, nothing);
  const known = drawn(worth, "event-pattern", search, "checkout");
  const unknown = drawn(worth, "user-lifecycle", { boundary: 1 }, "checkout");
  assert.ok(unknown.mean > known.mean + 0.05, `${unknown.mean}, ${known.mean}`);
  assert.ok(unknown.deviation > 2 * known.deviation, `${unknown.deviation}, ${known.deviation}`);
});

test("what the prompt means is worth more", () => {
  const parameters = { boundary: 1 };
  const classes = new Map([[keyOf("user-lifecycle", parameters), 1]]);
  const worth = new HypothesisWorth(templates, { ...nothing, classes });
  const { mean } = drawn(worth, "user-lifecycle", parameters, "checkout");
  assert.ok(mean > drawn(worth, "user-lifecycle", { boundary: 2 }, "checkout").mean + 0.3);
});

test("a test that won tells of its kin, of itself on other KPIs, and of its template, the nearer the more", () => {
  const worth = new HypothesisWorth(templates, nothing);
  const before = drawn(worth, "user-lifecycle", { boundary: 1 }, "login").mean;
  worth.observe({ template: "user-lifecycle", parameters: { boundary: 2 }, kpi: "checkout", reward: 0.8 });
  const mean = (boundary: number, kpi: string): number => drawn(worth, "user-lifecycle", { boundary }, kpi).mean;
  const [kin, elsewhere, template] = [mean(5, "checkout"), mean(2, "login"), mean(5, "login")];
  assert.ok(kin > elsewhere && elsewhere > template && template > before + 0.02, [kin, elsewhere, template].join(", "));
  const other = drawn(worth, "change", { attribute: "os" }, "login").mean;
  assert.ok(Math.abs(other - before) < 0.04, `${other}, ${before}`);
});

test("a test that lost tells the same the other way, and so do people", () => {
  const worth = new HypothesisWorth(templates, nothing);
  const mean = (): number => drawn(worth, "change", { attribute: "os" }, "checkout").mean;
  const before = mean();
  worth.observe({ template: "change", parameters: { attribute: "os" }, kpi: null, reward: 0, trials: 4 });
  const noise = mean();
  assert.ok(noise < before - 0.02, `${noise}, ${before}`);
  for (let time = 0; time < 3; time++) {
    worth.observe({ template: "change", parameters: { attribute: "os" }, kpi: null, reward: 1, trials: 4 });
  }
  assert.ok(mean() > before + 0.2);
});

test("that nothing came of a test says less than that something did", () => {
  const parameters = { boundary: 2 };
  const after = (reward: number): number => {
    const worth = new HypothesisWorth(templates, nothing);
    worth.observe({ template: "user-lifecycle", parameters, kpi: "checkout", reward });
    return drawn(worth, "user-lifecycle", { boundary: 5 }, "checkout").mean;
  };
  const before = drawn(new HypothesisWorth(templates, nothing), "user-lifecycle", { boundary: 5 }, "checkout").mean;
  const [lost, won] = [before - after(0), after(0.2) - before];
  assert.ok(lost > 0 && won > 2 * lost, `${lost}, ${won}`);
});

test("a class of a template that is no longer there is worth what is not known", () => {
  const worth = new HypothesisWorth(templates, nothing);
  const { mean } = drawn(worth, "gone", { a: 1 }, "checkout");
  assert.ok(Math.abs(mean - drawn(worth, "user-lifecycle", { boundary: 1 }, "checkout").mean) < 0.02, `${mean}`);
});

test.run();
