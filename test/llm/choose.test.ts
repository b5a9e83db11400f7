import { test } from "uvu";
import * as assert from "uvu/assert";
import { type ChoiceRequest, chooseClasses } from "../../llm/choose.js";
import { compileClass, gridClasses, type HypothesisClass, templates } from "../../planner/templates/library.js";
import { shopData } from "./shop-data.js";

const grid = gridClasses(shopData);
const request: ChoiceRequest = {
  ...{ hypotheses: null, data: shopData, library: templates, prompt: null },
  ...{ round: 1, proposer: null, weights: null, history: [] },
};

/** The classes that a prompt chooses without a model. */
async function classesFor(prompt: string | null): Promise<readonly HypothesisClass[]> {
  return (await chooseClasses({ ...request, prompt })).classes;
}

test("without a prompt the classes are the grid", async () => {
  assert.equal(await chooseClasses(request), { classes: grid, ranked: [], warnings: [] });
});

test("a prompt marks what it speaks of, adds what the grid lacks, and leaves all else as it is", async () => {
  for (const prompt of ["at night", "search more than 3 times within a minute", "after a CORS error", "hello"]) {
    const classes = await classesFor(prompt);
    const plain = (one: (typeof grid)[number]) => [one.template, one.parameters];
    assert.equal(classes.slice(0, grid.length).map(plain), grid.map(plain));
    assert.ok(classes.slice(grid.length).every(({ chosenBy }) => chosenBy === "selector"));
    assert.is(new Set(classes.map((one) => JSON.stringify(plain(one)))).size, classes.length);
    for (const one of classes) compileClass(one, "test", shopData, templates);
  }
});

test("a class of the grid that the prompt means is the selector's, and is not doubled", async () => {
  const classes = await classesFor("users who come back after 30 days away");
  const [chosen, ...others] = classes.filter(({ chosenBy }) => chosenBy === "selector");
  assert.is(others.length, 0);
  assert.equal([chosen?.template, chosen?.parameters], ["user-lifecycle", { inactivity: 30 }]);
  assert.match(chosen?.why ?? "", /^the prompt says “come back/);
  assert.is(classes.length, grid.length);
});

test("a number of the prompt's makes a class that the grid lacks", async () => {
  const classes = await classesFor("search more than 3 times within a minute");
  const { template, parameters, chosenBy } = classes[grid.length] as HypothesisClass;
  assert.equal([template, parameters, chosenBy], ["repetition", { event: "search", n: 4, window: "1m" }, "selector"]);
});

test("hypotheses that a study lists are its own, whatever the prompt", async () => {
  const listed = [{ kind: "template" as const, template: "event-pattern", parameters: { k: 2 } }];
  const expected = [{ template: "event-pattern", parameters: { k: 2 }, chosenBy: "study" as const, round: 1 }];
  const { classes } = await chooseClasses({ ...request, hypotheses: listed, prompt: "at night" });
  assert.equal(classes, expected);
});

test.run();
