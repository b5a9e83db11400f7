/** Draws of a linear belief against the posterior in closed form. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../../finder/statistics/random.js";
import { type Features, LinearBelief } from "../../llm/linear-belief.js";

const test = suite("linear belief");
const DRAWS = 4000;

const one = (feature: string, value = 1): Features => new Map([[feature, value]]);

/** Mean, variance and covariance of the worth of two things over many draws. */
function momentsOf(belief: LinearBelief, a: Features, b: Features): readonly [number, number, number] {
  const [first, second] = [belief.thing(a), belief.thing(b)];
  const random = new Random(1);
  const pairs = Array.from({ length: DRAWS }, () => {
    const worth = belief.draw(random);
    return [worth(first), worth(second)] as const;
  });
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / DRAWS;
  const [x, y] = [mean(pairs.map(([value]) => value)), mean(pairs.map(([, value]) => value))];
  return [x, mean(pairs.map(([value]) => (value - x) ** 2)), mean(pairs.map(([u, v]) => (u - x) * (v - y)))];
}

test("before anything is seen draws are the prior's", () => {
  const belief = new LinearBelief(() => ({ mean: 0.5, deviation: 2 }));
  const [mean, variance, covariance] = momentsOf(belief, one("a", 3), one("b"));
  assert.ok(Math.abs(mean - 1.5) < 0.5, `${mean}`);
  assert.ok(Math.abs(variance / 36 - 1) < 0.12, `${variance}`);
  assert.ok(Math.abs(covariance) < 1, `${covariance}`);
});

test("after observations of one feature draws have the posterior's mean and variance (Gelman et al., 2.5)", () => {
  const belief = new LinearBelief(() => ({ mean: 1, deviation: 2 }));
  const thing = belief.thing(one("a"));
  for (const worth of [3, 4, 5]) belief.observe(thing, worth, 0.5);
  const precision = 1 / 4 + 3 / 0.5;
  const expected = (1 / 4 + 12 / 0.5) / precision;
  const [mean, variance] = momentsOf(belief, one("a"), one("b"));
  assert.ok(Math.abs(mean - expected) < 5 * Math.sqrt(1 / precision / DRAWS), `${mean}, ${expected}`);
  assert.ok(Math.abs(variance * precision - 1) < 0.12, `${variance}, ${1 / precision}`);
});

test("an observation of two features is shared out by how unsure each is, and leaves their errors opposed", () => {
  const deviations = new Map([
    ["sure", 1],
    ["unsure", 3],
  ]);
  const belief = new LinearBelief((feature) => ({ mean: 0, deviation: deviations.get(feature) ?? 0 }));
  belief.observe(belief.thing(new Map([...one("sure"), ...one("unsure")])), 11, 1);
  const [mean, variance, covariance] = momentsOf(belief, one("unsure"), one("sure"));
  // 9 / (1 + 9 + 1) of the 11; variance 9 - 81 / 11; covariance -9 / 11
  assert.ok(Math.abs(mean - 9) < 0.12, `${mean}`);
  assert.ok(Math.abs(variance / (9 - 81 / 11) - 1) < 0.12, `${variance}`);
  assert.ok(Math.abs(covariance + 9 / 11) < 0.12, `${covariance}`);
});

test("what shares nothing with what was seen is believed as before", () => {
  const belief = new LinearBelief(() => ({ mean: 0, deviation: 1 }));
  for (let seen = 0; seen < 20; seen++) belief.observe(belief.thing(one(`a${seen % 3}`)), 5, 0.1);
  const [mean, variance] = momentsOf(belief, one("b"), one("a0"));
  assert.ok(Math.abs(mean) < 0.08, `${mean}`);
  assert.ok(Math.abs(variance - 1) < 0.12, `${variance}`);
});

test("equal seeds give equal draws", () => {
  const draw = (seed: number): number => {
    const belief = new LinearBelief(() => ({ mean: 0, deviation: 1 }));
    const thing = belief.thing(one("a"));
    belief.observe(thing, 1, 1);
    return belief.draw(new Random(seed))(thing);
  };
  assert.is(draw(1), draw(1));
  assert.is.not(draw(1), draw(2));
});

test.run();
