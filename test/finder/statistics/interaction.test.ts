import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cell, interaction } from "../../../finder/statistics/interaction.js";

const test = suite("interaction");
const cell = (failing: number, sessions: number): Cell => ({ failing, sessions });

const rows: readonly (readonly [name: string, both: Cell, first: Cell, second: Cell, none: Cell, exceeds: boolean])[] =
  [
    ["both are needed", cell(600, 1000), cell(100, 1000), cell(100, 1000), cell(100, 1000), true],
    ["the first alone explains it", cell(600, 1000), cell(600, 1000), cell(100, 1000), cell(100, 1000), false],
    ["rates add", cell(300, 1000), cell(200, 1000), cell(200, 1000), cell(100, 1000), false],
    ["rates multiply", cell(400, 1000), cell(200, 1000), cell(200, 1000), cell(100, 1000), false],
    ["more than the product", cell(700, 1000), cell(200, 1000), cell(200, 1000), cell(100, 1000), true],
    [
      "as good as the part that keeps from failing",
      cell(100, 1000),
      cell(100, 1000),
      cell(10, 1000),
      cell(100, 1000),
      false,
    ],
    ["too few to tell", cell(3, 5), cell(1, 10), cell(1, 10), cell(1, 10), false],
  ];

for (const [name, both, first, second, none, exceeds] of rows) {
  test(name, () => {
    const { z, ratio } = interaction(both, first, second, none);
    assert.is(z > 3 && ratio > 1.25, exceeds);
  });
}

test("the parts change places without a difference", () => {
  const [a, b] = [cell(300, 900), cell(120, 800)];
  const one = interaction(cell(500, 700), a, b, cell(90, 1000));
  const other = interaction(cell(500, 700), b, a, cell(90, 1000));
  assert.ok(Math.abs(one.z - other.z) < 1e-12 && Math.abs(one.ratio - other.ratio) < 1e-12);
});

test("z is the difference to the sum in its standard errors, half a session added", () => {
  const { z } = interaction(cell(599, 999), cell(99, 999), cell(149, 999), cell(99, 999));
  const variance = (p: number): number => (p * (1 - p)) / 1000;
  const [p11, p10, p01, p00] = [0.5995, 0.0995, 0.1495, 0.0995];
  const sum = (p11 - (p10 + p01 - p00)) / Math.sqrt([p11, p10, p01, p00].reduce((all, p) => all + variance(p), 0));
  const product = (p10 * p01) / p00;
  const spread = product ** 2 * [p10, p01, p00].reduce((all, p) => all + variance(p) / p ** 2, 0);
  const times = (p11 - product) / Math.sqrt(variance(p11) + spread);
  const alone = (p11 - p01) / Math.sqrt(variance(p11) + variance(p01));
  assert.ok(Math.abs(z - Math.min(sum, times, alone)) < 1e-9);
});

test("without sessions to compare with there is none", () => {
  assert.is(interaction(cell(5, 10), cell(0, 0), cell(1, 10), cell(1, 10)).z, Number.NEGATIVE_INFINITY);
});

test.run();
