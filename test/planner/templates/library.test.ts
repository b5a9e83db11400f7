import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../../errors.js";
import { parseExpression } from "../../../planner/expression/parse.js";
import { printExpression } from "../../../planner/expression/print.js";
import type { DataStatistics } from "../../../planner/statistics.js";
import { compileClass, gridClasses, type HypothesisClass } from "../../../planner/templates/library.js";
import { noGrid } from "../no-grid.js";

const test = suite("templates");
const DAY_MS = 86_400_000;

const data: DataStatistics = {
  events: 10,
  sessions: 5,
  users: 3,
  hasUsers: true,
  names: ["buy", "pay_1", "pay_2"],
  tokens: [
    { text: "buy", names: [0] },
    { text: "pay", names: [1, 2] },
  ],
  columns: [],
  attributes: [],
  history: { firstSeen: null, sessions: null },
  ...noGrid,
  from: 0,
  to: 40 * DAY_MS,
};

/** Classes of the paper's two templates: the others have tests of their own. */
const shown = (classes: readonly HypothesisClass[]) =>
  classes
    .filter(({ template }) => template === "event-pattern" || template === "user-lifecycle")
    .map(({ template, parameters }) => [template, parameters]);
const patterns = [1, 2, 3, 4, 5].map((k) => ["event-pattern", { k }]);
const boundaries = [1, 2, 5].map((boundary) => ["user-lifecycle", { boundary }]);
const pause = (inactivity: number) => ["user-lifecycle", { inactivity }];

test("the grid has patterns of one to five steps, and a user's first sessions and pauses", () => {
  assert.equal(shown(gridClasses(data)), [...patterns, ...boundaries, pause(7), pause(30)]);
  assert.ok(gridClasses(data).every(({ chosenBy, round }) => chosenBy === "grid" && round === 1));
});

test("the grid has no pause as long as the data, and no lifecycle without users", () => {
  assert.equal(shown(gridClasses({ ...data, to: 30 * DAY_MS })), [...patterns, ...boundaries, pause(7)]);
  assert.equal(shown(gridClasses({ ...data, to: 7 * DAY_MS })), [...patterns, ...boundaries]);
  assert.equal(shown(gridClasses({ ...data, from: Number.NaN, to: Number.NaN })), [...patterns, ...boundaries]);
  assert.equal(shown(gridClasses({ ...data, hasUsers: false })), patterns);
});

const chosen = (template: string, parameters: Record<string, unknown>): HypothesisClass => ({
  template,
  parameters,
  chosenBy: "study",
  round: 1,
});

test("every class of the grid compiles, and its hypotheses print as what they parse to", () => {
  for (const one of gridClasses(data)) {
    const plan = compileClass(one, "grid", data);
    if (plan.kind === "patterns") continue;
    assert.ok(plan.hypotheses.length > 0);
    for (const { expression } of plan.hypotheses) {
      const text = printExpression(expression);
      assert.is(printExpression(parseExpression(text)), text);
    }
  }
});

const compiled: readonly (readonly [template: string, parameters: Record<string, unknown>, plan: unknown])[] = [
  ["event-pattern", { k: 3 }, { kind: "patterns", k: 3, adjacency: "next", withinMs: null, contains: null }],
  [
    "event-pattern",
    { k: 8, adjacency: "next", contains: "pay" },
    { kind: "patterns", k: 8, adjacency: "next", withinMs: null, contains: "pay" },
  ],
  [
    "event-pattern",
    { k: 2, adjacency: "gap", within: "10m" },
    { kind: "patterns", k: 2, adjacency: "gap", withinMs: 600_000, contains: null },
  ],
  [
    "event-pattern",
    { k: 1, adjacency: "gap", within: "10m" },
    { kind: "patterns", k: 1, adjacency: "next", withinMs: null, contains: null },
  ],
  [
    "user-lifecycle",
    { boundary: 1 },
    [
      ["session.index <= 1", "lifecycle"],
      ["session.index > 1", "lifecycle"],
    ],
  ],
  [
    "user-lifecycle",
    { boundary: 5, inactivity: 2.5 },
    [
      ["session.index <= 5", "lifecycle"],
      ["session.index > 5", "lifecycle"],
      ["session.index == 5", "lifecycle"],
      ["user.days_since_last > 2.5", "all"],
    ],
  ],
];

for (const [template, parameters, expected] of compiled) {
  test(`${template} of ${JSON.stringify(parameters)}`, () => {
    const plan = compileClass(chosen(template, parameters), "hypotheses[0]", data);
    const found =
      plan.kind === "patterns"
        ? plan
        : plan.hypotheses.map(({ expression, population }) => [printExpression(expression), population]);
    assert.equal(found, expected);
  });
}

const refused: readonly (readonly [template: string, parameters: Record<string, unknown>, ...fragments: string[]])[] = [
  ["event-patern", { k: 1 }, "unknown template: event-patern", "did you mean event-pattern?", "user-lifecycle"],
  ["event-pattern", {}, "hypotheses[2].k"],
  ["event-pattern", { k: 0 }, "hypotheses[2].k"],
  ["event-pattern", { k: 9 }, "hypotheses[2].k"],
  ["event-pattern", { k: 1.5 }, "hypotheses[2].k"],
  ["event-pattern", { k: "3" }, "hypotheses[2].k"],
  ["event-pattern", { k: 2, adjacency: "gaps" }, "hypotheses[2].adjacency"],
  ["event-pattern", { k: 2, within: "soon" }, "hypotheses[2].within"],
  ["event-pattern", { k: 2, contain: "pay" }, "hypotheses[2]", "contain"],
  ["event-pattern", { k: 2, contains: "buyy" }, "unknown event: buyy", "did you mean buy?"],
  // a name that has become another token is no token any more
  ["event-pattern", { k: 2, contains: "pay_1" }, "unknown event: pay_1"],
  ["user-lifecycle", {}, "missing boundary or inactivity"],
  ["user-lifecycle", { boundary: 0 }, "hypotheses[2].boundary"],
  ["user-lifecycle", { inactivity: 0 }, "hypotheses[2].inactivity"],
  ["user-lifecycle", { inactivity: "7d" }, "hypotheses[2].inactivity"],
];

for (const [template, parameters, ...fragments] of refused) {
  test(`${template} of ${JSON.stringify(parameters)} is refused: ${fragments[0]}`, () => {
    try {
      compileClass(chosen(template, parameters), "hypotheses[2]", data);
    } catch (error) {
      assert.instance(error, LeadlineError);
      assert.is((error as LeadlineError).code, "study-invalid");
      for (const fragment of fragments) assert.match((error as LeadlineError).message, fragment);
      return;
    }
    assert.unreachable("it compiles");
  });
}

test("a lifecycle of data without users is refused", () => {
  assert.throws(
    () => compileClass(chosen("user-lifecycle", { boundary: 1 }), "hypotheses[0]", { ...data, hasUsers: false }),
    (error: unknown) =>
      error instanceof LeadlineError && error.code === "study-invalid" && /missing user column/.test(error.message),
  );
});

test.run();
