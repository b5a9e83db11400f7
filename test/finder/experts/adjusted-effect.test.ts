import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeAdjustedEffect } from "../../../finder/experts/adjusted-effect.js";
import { simulate } from "../statistics/adjusted.js";

const settings = { adjusted_max_trimmed: 0.2, adjusted_ridge: 1, floor_ratio: 1.25, floor_difference: 0.02 };

test("an effect that others alike do not show is an opportunity, with its size and what was expected", () => {
  const { says, evidence } = judgeAdjustedEffect(simulate(1500, 0.15, 1), null, 1, settings);
  assert.is(says, "opportunity");
  assert.is(evidence["against"], null);
  assert.ok((evidence["low"] as number) < 0.15 && (evidence["high"] as number) > 0.15);
  assert.ok((evidence["placebo_low"] as number) <= 0 && (evidence["placebo_high"] as number) >= 0);
  const left = (evidence["rate"] as number) - (evidence["expected_rate"] as number);
  assert.ok(Math.abs(left - (evidence["difference"] as number)) < 1e-12);
  assert.is(evidence["control_difference"], null);
});

test("a difference that is all the patterns' is none", () => {
  const rows = simulate(1500, 0, 2);
  const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
  assert.ok(sum(rows.y1) / sum(rows.n1) - sum(rows.y0) / sum(rows.n0) > 0.06);
  const { says, evidence } = judgeAdjustedEffect(rows, null, 1, settings);
  assert.is(says, "no opportunity");
  assert.is(evidence["against"], "no effect left");
});

test("an effect that was there before is the users', not membership's", () => {
  const rows = simulate(1500, 0.15, 3);
  const { says, evidence } = judgeAdjustedEffect(rows, simulate(1500, 0.15, 4), 1, settings);
  assert.is(says, "no opportunity");
  assert.is(evidence["against"], "negative control");
  const clean = judgeAdjustedEffect(rows, simulate(1500, 0, 5), 1, settings);
  assert.is(clean.says, "opportunity");
});

test("members without others alike cannot be judged", () => {
  const rows = simulate(1500, 0.3, 6);
  // all sessions of half of the patterns become members, those of the other half others
  const moved = rows.pattern.map((pattern) => (pattern < 3 ? 0 : 1));
  const all = (members: Float64Array, others: Float64Array, side: number): Float64Array =>
    members.map((count, row) => (moved[row] === side ? count + others[row]! : 0));
  const apart = {
    ...rows,
    y1: all(rows.y1, rows.y0, 1),
    n1: all(rows.n1, rows.n0, 1),
    y0: all(rows.y1, rows.y0, 0),
    n0: all(rows.n1, rows.n0, 0),
  };
  const { says, evidence } = judgeAdjustedEffect(apart, null, 1, settings);
  assert.is(says, "no opportunity");
  assert.is(evidence["against"], "no overlap");
});

test("what cannot be computed is null in the evidence", () => {
  const rows = simulate(2, 0, 1);
  const none = { ...rows, n1: rows.n1.map(() => 0), y1: rows.y1.map(() => 0) };
  const { says, evidence } = judgeAdjustedEffect(none, null, 1, settings);
  assert.is(says, "no opportunity");
  assert.is(evidence["against"], "too few sessions");
  assert.is(evidence["difference"], null);
  assert.is(evidence["rate"], null);
});

test("the same seed gives the same opinion", () => {
  const rows = simulate(300, 0.1, 9);
  assert.equal(judgeAdjustedEffect(rows, null, 4, settings), judgeAdjustedEffect(rows, null, 4, settings));
});

test.run();
