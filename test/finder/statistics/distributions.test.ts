import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import * as distributions from "../../../finder/statistics/distributions.js";

// The build leaves JSON where it is: dist/test/finder/statistics is four folders below the root.
const file = new URL("../../../../test/finder/statistics/tables.json", import.meta.url);
const tables = JSON.parse(readFileSync(file, "utf8")) as Record<string, number[][]>;

/** The functions that have a table, by its name. */
const functions: Record<string, (...args: [number, number, number, number]) => number> = {
  normalUpper: (z) => distributions.normalUpper(z),
  studentUpper: (t, df) => distributions.studentUpper(t, df),
  chiSquaredUpper: (x, df) => distributions.chiSquaredUpper(x, df),
  binomialUpper: (k, n, p) => distributions.binomialUpper(k, n, p),
  hypergeometricUpper: (k, drawn, marked, total) => distributions.hypergeometricUpper(k, drawn, marked, total),
  normalQuantile: (p) => distributions.normalQuantile(p),
  studentQuantile: (p, df) => distributions.studentQuantile(p, df),
};

for (const [name, compute] of Object.entries(functions)) {
  test(`${name} has a relative error below 1e-12 against 60-digit arithmetic`, () => {
    const table = tables[name] ?? [];
    assert.ok(table.length > 0);
    for (const row of table) {
      const expected = row.at(-1)!;
      const actual = compute(...(row as [number, number, number, number]));
      assert.ok(Math.abs(actual / expected - 1) < 1e-12, `${name}(${row.slice(0, -1)}) is ${actual}, not ${expected}`);
    }
  });
}

// [what, actual, expected]
const edges: [string, number, number][] = [
  ["no successes wanted", distributions.binomialUpper(0, 5, 0.2), 1],
  ["more successes than trials", distributions.binomialUpper(6, 5, 0.2), 0],
  ["a certain success", distributions.binomialUpper(5, 5, 1), 1],
  ["an impossible success", distributions.binomialUpper(1, 5, 0), 0],
  ["the whole population drawn", distributions.hypergeometric(3, 9, 3, 9), 1],
  ["more marked than there are", distributions.hypergeometricUpper(4, 5, 3, 9), 0],
  ["as many as there must be", distributions.hypergeometricUpper(2, 8, 3, 9), 1],
  ["the middle of the normal", distributions.normalQuantile(0.5), 0],
  ["the upper half of t", distributions.studentQuantile(0.95, 4), -distributions.studentQuantile(0.05, 4)],
  ["t without end", distributions.studentUpper(1, Infinity), distributions.normalUpper(1)],
  ["a t whose square overflows", distributions.studentUpper(1e200, 3), 0],
  ["chi-squared of nothing", distributions.chiSquaredUpper(0, 3), 1],
  ["chi-squared beyond all", distributions.chiSquaredUpper(Infinity, 3), 0],
];
for (const [name, actual, expected] of edges) {
  test(`edge: ${name}`, () => {
    assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);
  });
}

test.run();
