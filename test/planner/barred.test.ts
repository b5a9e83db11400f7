import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseExpression } from "../../planner/expression/parse.js";
import { compileKpi, isBarred } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { planRun } from "../../planner/run-plan.js";
import type { DataStatistics } from "../../planner/statistics.js";
import type { StudyKpi } from "../../planner/study.js";
import { noGrid } from "./no-grid.js";

const test = suite("what a KPI bars");

const data: DataStatistics = {
  events: 1,
  sessions: 1,
  users: 1,
  hasUsers: true,
  names: ["a", "b", "stall"],
  tokens: ["a", "b", "stall"].map((text, code) => ({ text, names: [code] })),
  columns: [
    { kind: "coded", name: "label", grain: "session", dictionary: ["bad", "good"] },
    { kind: "numeric", name: "ms", grain: "event", type: "number" },
  ],
  attributes: ["label"],
  history: { firstSeen: null, sessions: null },
  ...noGrid,
  from: 0,
  to: 1,
};

function kpiOf(text: string): StudyKpi {
  const common = { name: "k", description: null, among: null, outcome: [] };
  const isValue = text.startsWith("value ");
  const own = text.replace(/^value /, "");
  const expression = parseExpression(own, { position: isValue ? "value" : "boolean" });
  return isValue
    ? { ...common, kind: "numeric", value: { text: own, expression }, worse: "higher" }
    : { ...common, kind: "binary", failure: { text: own, expression } };
}

const cases: readonly (readonly [kpi: string, hypothesis: string, barred: boolean])[] = [
  ["session.duration > 1h", "session.longest_gap > 1m", true],
  ["session.duration > 1h", "elapsed(a, b) > 1m", true],
  ["session.duration > 1h", "elapsed(start, b) > 1m", true],
  ["session.duration > 1h", "time_in(a, b) > 1m", true],
  ["session.duration > 1h", "session.events > 3", false],
  ["session.duration > 1h", "count(a) >= 3", false],
  ["value session.events", "count(a) >= 3", true],
  ["value session.events", "retries(a, b) >= 3", true],
  ["value session.events", "session.events > 3", true],
  ["value session.events", "session.duration > 1m", false],
  ['label == "bad"', 'label == "good"', true],
  ['label == "bad"', "previous(label) != label", true],
  ["count(stall) >= 3", "count(stall) >= 2", true],
  ["count(stall) >= 3", "count(a) >= 2", false],
  ["not (a -> b within 10s)", "a -> not b within 5s", true],
  ["not (a -> b within 10s)", "count(a) >= 2", false],
  ["value sum(stall.ms)", "a[ms > 3]", true],
  ["hour(start) == 3", "weekday(start) == 1", true],
];

for (const [kpi, hypothesis, barred] of cases) {
  test(`${kpi} ${barred ? "bars" : "leaves"} ${hypothesis}`, () => {
    const plan = compileKpi(kpiOf(kpi), 0, new PlanBuilder(), data);
    assert.is(isBarred(plan, parseExpression(hypothesis), data), barred);
  });
}

test("a hypothesis that every KPI bars is not planned, and one that a study asks for is told of", () => {
  const chosen = { template: "session-shape", parameters: { measure: "duration", threshold: "1m" }, round: 1 };
  const kpis = [kpiOf("session.duration > 1h")];
  const byGrid = planRun(kpis, [{ ...chosen, chosenBy: "grid" }], data, null);
  assert.equal([byGrid.conditions.length, byGrid.warnings], [0, []]);
  const byStudy = planRun(kpis, [{ ...chosen, chosenBy: "study" }], data, null);
  assert.is(byStudy.conditions.length, 0);
  assert.match(byStudy.warnings.join(), "session.duration > 1m is about what every KPI reads");
  const other = planRun([...kpis, { ...kpiOf("stall"), name: "s" }], [{ ...chosen, chosenBy: "grid" }], data, null);
  assert.equal(
    other.conditions.map(({ barred }) => barred),
    [[true, false]],
  );
});

test.run();
