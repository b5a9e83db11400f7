import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compileBoolean } from "../../planner/compile.js";
import { estimateLive, estimateWork } from "../../planner/cost.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { PlanBuilder } from "../../planner/plan.js";
import type { DataStatistics } from "../../planner/statistics.js";
import { smallTable } from "../engine/operators/evaluating.js";

const test = suite("the work of a plan");

const seen = { a: 900, b: 90, c: 10 };
const data: DataStatistics = {
  ...smallTable(Object.keys(seen).map((name, at) => ({ user: "u", session: "s", time: at, name, os: "ios", ms: 1 })))
    .data,
  events: 10_000,
  sessions: 1000,
  grid: {
    events: Object.entries(seen).map(([name, sessions]) => ({ name, sessions })),
  } as unknown as DataStatistics["grid"],
};

/** The plan of conditions, and its work before and after merging. */
function planOf(...texts: readonly string[]): { nodes: number; asked: number; before: number; after: number } {
  const plan = new PlanBuilder();
  for (const text of texts) compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data);
  const work = estimateWork(plan.nodes, data);
  return {
    nodes: plan.nodes.length,
    asked: plan.requested,
    before: plan.asked.reduce((sum, times, id) => sum + times * work[id]!, 0),
    after: work.reduce((sum, each) => sum + each, 0),
  };
}

test("a node about an event goes through that event's share of all", () => {
  assert.is(planOf("a -> a").after, 18_000);
  assert.is(planOf("b -> b").after, 1800);
  assert.is(planOf("a -> c").after, 9100);
  assert.is(planOf("c").after, 100);
});

test("bounds on one measure share it", () => {
  const one = planOf("count(b) in 60s > 3");
  const two = planOf("count(b) in 60s > 3", "count(b) in 60s > 5");
  assert.equal([one.nodes, one.asked], [3, 3]);
  assert.equal([two.nodes, two.asked], [4, 6]);
  assert.is(two.before, 2 * one.before);
  assert.ok(two.after - one.after < one.after);
});

test("counts above and at least are one node where they mean the same", () => {
  assert.equal(planOf("count(b) > 2", "count(b) >= 3", "3 <= count(b)").nodes, 2);
});

test("equal conditions cost what one does", () => {
  const texts = new Array<string>(50).fill("a -> b within 10s and session.duration > 1m");
  assert.is(planOf(...texts).after, planOf(texts[0]!).after);
  assert.is(planOf(...texts).before, 50 * planOf(texts[0]!).after);
});

test("few of a thousand nodes are alive at once", () => {
  const plan = new PlanBuilder();
  const wanted = Array.from({ length: 1000 }, (_, at) => {
    const text = `count(a) in ${at + 1}s > 3 and session.duration > ${at}s`;
    return compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data);
  });
  assert.ok(plan.nodes.length > 3000);
  const { nodes, bytes } = estimateLive(plan.nodes, wanted, data);
  // the thresholds of the duration follow it, a bit a session each
  assert.ok(nodes < 1010, `${nodes} nodes`);
  assert.ok(bytes < 1010 * (data.sessions / 8) + 3 * 8 * data.sessions + 12 * data.events, `${bytes} bytes`);
});

test.run();
