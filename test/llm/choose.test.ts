import { test } from "uvu";
import * as assert from "uvu/assert";
import { chooseClasses } from "../../llm/choose.js";
import { compileClass, gridClasses, templates } from "../../planner/templates/library.js";
import { shopData } from "./shop-data.js";

const grid = gridClasses(shopData);

test("without a prompt the classes are the grid", () => {
  assert.equal(chooseClasses(null, shopData, templates), grid);
  assert.equal(chooseClasses(null, shopData, templates, null), grid);
});

test("a prompt marks what it speaks of, adds what the grid lacks, and leaves all else as it is", () => {
  for (const prompt of ["at night", "search more than 3 times within a minute", "after a CORS error", "hello"]) {
    const classes = chooseClasses(null, shopData, templates, prompt);
    const plain = (one: (typeof grid)[number]) => [one.template, one.parameters];
    assert.equal(classes.slice(0, grid.length).map(plain), grid.map(plain));
    assert.ok(classes.slice(grid.length).every(({ chosenBy }) => chosenBy === "selector"));
    assert.is(new Set(classes.map((one) => JSON.stringify(plain(one)))).size, classes.length);
    for (const one of classes) compileClass(one, "test", shopData, templates);
  }
});

test("a class of the grid that the prompt means is the selector's, and is not doubled", () => {
  const classes = chooseClasses(null, shopData, templates, "at night");
  assert.equal(
    classes.filter(({ chosenBy }) => chosenBy === "selector"),
    [{ template: "time-of-session", parameters: { hours: [0, 1, 2, 3, 4, 5] }, chosenBy: "selector", round: 1 }],
  );
  assert.is(classes.length, grid.length);
});

test("a number of the prompt's makes a class that the grid lacks", () => {
  const classes = chooseClasses(null, shopData, templates, "search more than 3 times within a minute");
  const added = { template: "repetition", parameters: { event: "search", n: 4, window: "1m" } };
  assert.equal(classes[grid.length], { ...added, chosenBy: "selector", round: 1 });
});

test("hypotheses that a study lists are its own, whatever the prompt", () => {
  const listed = [{ kind: "template" as const, template: "event-pattern", parameters: { k: 2 } }];
  const expected = [{ template: "event-pattern", parameters: { k: 2 }, chosenBy: "study" as const, round: 1 }];
  assert.equal(chooseClasses(listed, shopData, templates, "at night"), expected);
});

test.run();
