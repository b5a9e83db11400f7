import { test } from "uvu";
import * as assert from "uvu/assert";
import { judgeConcentration } from "../../../finder/experts/concentration.js";
import type { Breakdown } from "../../../finder/experts/contrasts.js";
import { judgeWithoutLargest } from "../../../finder/experts/leave-one-out.js";
import { insertUser, userMomentsLength } from "../../../kernels/user-moments.js";

const settings = { outlier_z: 3.5 };

/** Values with their members and others, 100 and 200 of each, and how many of them fail. */
const breakdown = (
  attribute: string,
  cells: readonly (readonly [failing: number, othersFailing: number])[],
): Breakdown => ({
  attribute,
  values: [null, ...cells.map((_, at) => `v${at}`)],
  y1: Float64Array.of(0, ...cells.map(([failing]) => failing)),
  n1: Float64Array.of(0, ...cells.map(() => 100)),
  y0: Float64Array.of(0, ...cells.map(([, failing]) => failing)),
  n0: Float64Array.of(0, ...cells.map(() => 200)),
});

test("the value in which members are far worse against others than elsewhere is named", () => {
  const even = breakdown("browser", [
    [20, 20],
    [21, 20],
    [19, 20],
    [20, 21],
    [22, 20],
  ]);
  const uneven = breakdown("country", [
    [20, 20],
    [21, 20],
    [19, 20],
    [20, 21],
    [70, 20],
    [21, 19],
  ]);
  const { says, evidence } = judgeConcentration([even, uneven], true, 1, settings);
  assert.is(says, "opportunity");
  assert.is(evidence["attribute"], "country");
  assert.is(evidence["value"], "v4");
  assert.is(evidence["members"], 100);
});

test("a value that is bad for everyone is none, nor is one that chance makes", () => {
  const bad = breakdown("country", [
    [20, 20],
    [21, 20],
    [19, 20],
    [20, 21],
    [70, 140],
    [21, 19],
  ]);
  assert.is(judgeConcentration([bad], true, 1, settings).says, "no opportunity");
  const chance = breakdown("country", [
    [20, 20],
    [20, 20],
    [20, 20],
    [20, 20],
    [25, 20],
    [20, 20],
  ]);
  assert.is(judgeConcentration([chance], true, 1, settings).says, "no opportunity");
});

/** Users with one member session in two, and one heavy one. */
function usersWith(rate: number, heavy: number): Float64Array {
  const moments = new Float64Array(userMomentsLength);
  for (let user = 0; user < 200; user++)
    insertUser(moments, user % 100 < rate * 100 ? 1 : 0, 1, user % 10 === 0 ? 1 : 0, 1);
  if (heavy > 0) insertUser(moments, heavy, heavy, 0, 0);
  return moments;
}

test("an effect of many users stands without the largest; one that a single user carries does not", () => {
  const heavy = { y1: 300, n1: 300, y0: 0, n0: 0 };
  assert.is(judgeWithoutLargest(usersWith(0.4, 300), null, heavy, 1).says, "opportunity");
  const carried = judgeWithoutLargest(usersWith(0.1, 300), null, heavy, 1);
  assert.is(carried.says, "no opportunity");
  assert.ok(Math.abs(carried.evidence["difference"] as number) < 1e-9);
});

test("taking a user out is never having put it in", () => {
  const largest = { y1: 3, n1: 4, y0: 1, n0: 5 };
  const moments = usersWith(0.3, 0);
  const { evidence } = judgeWithoutLargest(moments, null, { y1: 0, n1: 0, y0: 0, n0: 0 }, 1);
  insertUser(moments, largest.y1, largest.n1, largest.y0, largest.n0);
  const again = judgeWithoutLargest(moments, null, largest, 1).evidence;
  assert.ok(Math.abs((again["difference"] as number) - (evidence["difference"] as number)) < 1e-12);
});

test.run();
