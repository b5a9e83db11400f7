import { readFileSync } from "node:fs";
import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { aipw, aipwOfMembers } from "../../../finder/statistics/aipw.js";
import { factorise, solve } from "../../../finder/statistics/cholesky.js";
import { predict } from "../../../finder/statistics/design.js";
import { fitLeastSquares } from "../../../finder/statistics/least-squares.js";
import { fitLogistic, probabilitiesOf } from "../../../finder/statistics/logistic.js";
import { permutedMembership } from "../../../finder/statistics/placebo.js";
import { Random } from "../../../finder/statistics/random.js";
import { interval } from "../../../finder/statistics/two-proportions.js";
import { designOf, rowsOf, type Session, simulate } from "./adjusted.js";

interface Tables {
  patterns: number[];
  columns: number;
  logistic: { sessions: number[]; fits: { ridge: number; coefficients: number[] }[] };
  aipw: {
    sessions: number[];
    folds: number;
    ridge: number;
    trimmedShare: number;
    trimmedMembers: number;
    overall: [number, number];
    ofMembers: [number, number];
  }[];
}
const file = new URL("../../../../test/finder/statistics/adjusted.json", import.meta.url);
const tables = JSON.parse(readFileSync(file, "utf8")) as Tables;
const design = designOf(tables.patterns, tables.columns);

function near(actual: number, expected: number, tolerance = 1e-9): void {
  const same = Number.isNaN(expected)
    ? Number.isNaN(actual)
    : Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected));
  assert.ok(same, `${actual} is not ${expected}`);
}

function sessionsOf(flat: readonly number[]): Session[] {
  return Array.from({ length: flat.length / 4 }, (_, i) => {
    const [user, pattern, member, failing] = flat.slice(i * 4, i * 4 + 4) as [number, number, number, number];
    return { user, pattern, member, failing };
  });
}

test("solve gives x of A x = b for any positive definite A, and 0 for a column that the others give", () => {
  const entry = fc.integer({ min: -5, max: 5 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(entry, { minLength: 42, maxLength: 42 }), (n, entries) => {
      // A = M M' + 1, x from the last row
      const at = (i: number, j: number): number => entries[i * 6 + j]!;
      const a = new Float64Array(n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          for (let k = 0; k < n; k++) a[i * n + j]! += at(i, k) * at(j, k);
          if (i === j) a[i * n + j]! += 1;
        }
      }
      const x = entries.slice(36, 36 + n);
      const b = Float64Array.from(x, (_, i) => x.reduce((sum, value, j) => sum + a[i * n + j]! * value, 0));
      assert.is(factorise(a, n), 0);
      solve(a, n, b);
      for (let i = 0; i < n; i++) near(b[i]!, x[i]!, 1e-7);
    }),
    { seed: 1, numRuns: 200 },
  );
  const twice = Float64Array.of(4, 0, 0, 8, 16, 0, 2, 4, 5);
  assert.is(factorise(twice, 3), 1);
  const b = Float64Array.of(8, 16, 8);
  solve(twice, 3, b);
  near(b[0]!, 1.5);
  near(b[1]!, 0);
  near(b[2]!, 1);
});

for (const { ridge, coefficients } of tables.logistic.fits) {
  test(`fitLogistic is the regression of statsmodels, session by session: ridge ${ridge}`, () => {
    const trials = new Float64Array(design.starts.length - 1);
    const successes = new Float64Array(trials.length);
    for (const { pattern, failing } of sessionsOf(tables.logistic.sessions)) {
      trials[pattern]! += 1;
      successes[pattern]! += failing;
    }
    const found = fitLogistic({ design, trials, successes, ridge });
    assert.is(found.converged, true);
    // statsmodels' own Newton stops at 1e-9 or so, scipy's search for the ridge at 1e-7
    for (const [j, coefficient] of coefficients.entries()) near(found.coefficients[j]!, coefficient, 1e-6);
  });
}

test("at the fitted coefficients the score is 0", () => {
  const cell = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 3, maxLength: 12 }), fc.constantFrom(0.01, 1, 30), (cells, ridge) => {
      const rows = Float64Array.from(cells.flatMap(([x]) => [1, x, x * x]));
      const successes = Float64Array.from(cells, ([, yes]) => yes);
      const trials = Float64Array.from(cells, ([, yes, no]) => yes + no);
      const all = trials.reduce((a, b) => a + b, 0);
      const yes = successes.reduce((a, b) => a + b, 0);
      // without both outcomes the constant has no end
      fc.pre(yes > 0 && yes < all);
      const { coefficients, converged } = fitLogistic({ design: designOf(rows, 3), trials, successes, ridge });
      assert.is(converged, true);
      for (let j = 0; j < 3; j++) {
        let score = j === 0 ? 0 : -ridge * coefficients[j]!;
        for (let c = 0; c < cells.length; c++) {
          score +=
            (successes[c]! - trials[c]! * probabilitiesOf(designOf(rows, 3), coefficients)[c]!) * rows[c * 3 + j]!;
        }
        assert.ok(Math.abs(score) < 1e-4 * (1 + all), `${score}`);
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("a design without values is one whose values are all 1, to the last bit", () => {
  const cell = fc.tuple(fc.constantFrom([1, 0, 0], [1, 1, 0], [1, 0, 1]), fc.nat(20), fc.nat(20));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1, maxLength: 12 }), (cells) => {
      const rows = designOf(
        cells.flatMap(([row]) => row),
        3,
      );
      const dummies = { ...rows, value: null };
      const successes = Float64Array.from(cells, ([, yes]) => yes);
      const trials = Float64Array.from(cells, ([, yes, no]) => yes + no);
      const [valued, plain] = [rows, dummies].map((design) => fitLogistic({ design, trials, successes, ridge: 1 }));
      assert.equal(plain, valued);
      assert.equal(probabilitiesOf(dummies, plain!.coefficients), probabilitiesOf(rows, plain!.coefficients));
      const [least, leastPlain] = [rows, dummies].map((design) => fitLeastSquares(design, trials, successes, 1));
      assert.equal(leastPlain, least);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test("the difference of members alone is that of aipw, to the last bit", () => {
  for (const seed of [1, 2, 3]) {
    const rows = simulate(200, 0.2, seed);
    const { overall: _, trimmedShare: __, ...ofMembers } = aipw(rows, 1);
    assert.equal(aipwOfMembers(rows, 1), ofMembers);
  }
});

test("where Newton's full step overshoots, halved steps still find the score's zero", () => {
  const rows = Float64Array.of(1, 25, 1, 0, 1, 1, 1, 0);
  const [trials, successes] = [Float64Array.of(88, 48, 176, 145), Float64Array.of(87, 17, 135, 27)];
  const found = fitLogistic({ design: designOf(rows, 2), trials, successes, ridge: 0 });
  assert.is(found.converged, true);
  for (let j = 0; j < 2; j++) {
    let score = 0;
    for (let c = 0; c < 4; c++) {
      score +=
        (successes[c]! - trials[c]! * probabilitiesOf(designOf(rows, 2), found.coefficients)[c]!) * rows[c * 2 + j]!;
    }
    assert.ok(Math.abs(score) < 1e-4, `${score}`);
  }
});

test("a covariate that tells the outcome for certain gets a finite coefficient", () => {
  const found = fitLogistic({
    design: designOf([1, 0, 1, 1], 2),
    trials: Float64Array.of(50, 50),
    successes: Float64Array.of(0, 50),
    ridge: 1,
  });
  assert.is(found.converged, true);
  assert.ok(found.coefficients[1]! > 3 && found.coefficients[1]! < 30);
  const none = fitLogistic({
    design: designOf([1, 1], 1),
    trials: Float64Array.of(10, 10),
    successes: Float64Array.of(0, 0),
    ridge: 1,
  });
  assert.ok(probabilitiesOf(designOf([1], 1), none.coefficients)[0]! < 1e-8);
});

for (const [index, table] of tables.aipw.entries()) {
  test(`aipw is the estimate of numpy, session by session: case ${index}`, () => {
    const rows = rowsOf(sessionsOf(table.sessions), design, table.folds);
    const found = aipw(rows, table.ridge);
    near(found.trimmedShare, table.trimmedShare);
    near(found.trimmedMembers, table.trimmedMembers);
    near(found.overall.value, table.overall[0], 1e-6);
    near(found.overall.standardError, table.overall[1], 1e-6);
    near(found.ofMembers.value, table.ofMembers[0], 1e-6);
    near(found.ofMembers.standardError, table.ofMembers[1], 1e-6);
  });
}

test("aipw finds a known effect under confounding, and its interval holds it about 95 times in 100", () => {
  const runs = 200;
  const truth = 0.1;
  let [crude, overall, ofMembers, held, heldOfMembers] = [0, 0, 0, 0, 0];
  for (let seed = 1; seed <= runs; seed++) {
    const rows = simulate(300, truth, seed);
    const found = aipw(rows, 1);
    const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0);
    crude += (sum(rows.y1) / sum(rows.n1) - sum(rows.y0) / sum(rows.n0)) / runs;
    overall += found.overall.value / runs;
    ofMembers += found.ofMembers.value / runs;
    const holds = ([low, high]: [number, number]): number => (low <= truth && truth <= high ? 1 : 0);
    held += holds(interval(found.overall, 0.95));
    heldOfMembers += holds(interval(found.ofMembers, 0.95));
  }
  assert.ok(crude > truth + 0.06, `crude ${crude}`);
  assert.ok(Math.abs(overall - truth) < 0.01, `overall ${overall}`);
  assert.ok(Math.abs(ofMembers - truth) < 0.01, `of members ${ofMembers}`);
  // binomial(200, 0.95): 180 and 199 are 3 deviations off
  assert.ok(held >= 180 && held <= 199, `${held} of ${runs}`);
  assert.ok(heldOfMembers >= 180 && heldOfMembers <= 199, `${heldOfMembers} of ${runs}`);
});

test("fitLeastSquares gives the exact line, and of sums the same as of sessions", () => {
  const rows = designOf([1, 0, 1, 1, 1, 2], 2);
  const exact = fitLeastSquares(rows, Float64Array.of(4, 5, 6), Float64Array.of(4 * 3, 5 * 1, 6 * -1), 0);
  near(exact[0]!, 3);
  near(exact[1]!, -2);
  const predicted = new Float64Array(rows.starts.length - 1);
  predict(rows, exact, predicted);
  near(predicted[2]!, -1);
  // ridge 10: (X'X + 10 on the slope) b = X'y, by hand
  const held = fitLeastSquares(rows, Float64Array.of(1, 1, 1), Float64Array.of(3, 1, -1), 10);
  near(held[1]!, -4 / 12);
  near(held[0]!, 1 + 4 / 12);
});

test("aipw of values finds a known effect under confounding and heavy tails, and its interval holds it about 95 times in 100", () => {
  const runs = 200;
  let [mean, held] = [0, 0];
  for (let seed = 1; seed <= runs; seed++) {
    const random = new Random(seed);
    const rows = simulate(300, 0, seed);
    // exponential values that grow with the pattern, and by 1 for members
    const values = (count: number, at: number, more: number): number => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += -(1 + (rows.pattern[at]! % 3)) * Math.log(1 - random.uniform()) + more;
      return sum;
    };
    const found = aipw(
      {
        ...rows,
        outcome: "values",
        y1: rows.n1.map((n, at) => values(n, at, 1)),
        y0: rows.n0.map((n, at) => values(n, at, 0)),
      },
      1,
    ).ofMembers;
    mean += found.value / runs;
    const [low, high] = interval(found, 0.95);
    if (low <= 1 && 1 <= high) held++;
  }
  assert.ok(Math.abs(mean - 1) < 0.05, `${mean}`);
  assert.ok(held >= 180 && held <= 199, `${held} of ${runs}`);
});

test("without members in the other folds there is no estimate", () => {
  const sessions = [0, 1, 2, 3].map((user) => ({ user, pattern: 0, member: user === 0 ? 1 : 0, failing: user % 2 }));
  const found = aipw(rowsOf(sessions, designOf([1], 1), 2), 1);
  near(found.overall.value, Number.NaN);
  near(found.ofMembers.value, Number.NaN);
});

test("a placebo keeps every session, its outcome and its pattern, and about as many members of each pattern", () => {
  const rows = simulate(400, 0.2, 1);
  const placebo = permutedMembership(rows, 7);
  const members = { was: new Float64Array(6), is: new Float64Array(6) };
  for (let row = 0; row < rows.user.length; row++) {
    assert.is(placebo.n1[row]! + placebo.n0[row]!, rows.n1[row]! + rows.n0[row]!);
    assert.is(placebo.y1[row]! + placebo.y0[row]!, rows.y1[row]! + rows.y0[row]!);
    assert.ok(placebo.y1[row]! >= 0 && placebo.y1[row]! <= placebo.n1[row]!);
    assert.ok(placebo.y0[row]! >= 0 && placebo.y0[row]! <= placebo.n0[row]!);
    members.was[rows.pattern[row]!]! += rows.n1[row]!;
    members.is[rows.pattern[row]!]! += placebo.n1[row]!;
  }
  for (let pattern = 0; pattern < 6; pattern++) {
    assert.ok(Math.abs(members.was[pattern]! - members.is[pattern]!) < 4 * Math.sqrt(members.was[pattern]! + 1));
  }
  assert.equal(permutedMembership(rows, 7), placebo);
  assert.not.equal(permutedMembership(rows, 8), placebo);
});

test("a placebo of users that are wholly members or wholly not leaves them so", () => {
  const random = new Random(1);
  const sessions = Array.from({ length: 400 }, (_, i) => ({
    user: i >> 2,
    pattern: 0,
    member: (i >> 2) % 3 === 0 ? 1 : 0,
    failing: random.below(2),
  }));
  const placebo = permutedMembership(rowsOf(sessions, designOf([1], 1), 2), 3);
  assert.ok(placebo.n1.every((n1, row) => n1 === 0 || placebo.n0[row] === 0));
  assert.is(placebo.n1.filter((n1) => n1 > 0).length, 34);
});

test("aipw of a placebo shows nothing, in 95 of 100 at its own level", () => {
  let held = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const [low, high] = interval(aipw(permutedMembership(simulate(200, 0.3, seed), seed), 1).ofMembers, 0.95);
    if (low <= 0 && high >= 0) held++;
  }
  assert.ok(held >= 88 && held <= 100, `${held} of 100`);
});

test.run();
