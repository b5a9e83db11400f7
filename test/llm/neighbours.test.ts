/** The classes next to one that was tested. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { neighboursOf } from "../../llm/neighbours.js";
import { isMeant, type Values } from "../../llm/some-template.js";
import { gridClasses, templates } from "../../planner/templates/library.js";
import { shopData } from "./shop-data.js";

const test = suite("neighbours");

function near(name: string, parameters: Values, events: readonly string[] = []): readonly Values[] {
  return neighboursOf(templates.find((template) => template.name === name)!, parameters, events, shopData);
}

test("one parameter changes by one step", () => {
  assert.equal(near("user-lifecycle", { boundary: 5 }), [{ boundary: 4 }, { boundary: 6 }, { boundary: 10 }]);
  assert.equal(near("user-lifecycle", { boundary: 1 }), [{ boundary: 2 }]);
  assert.equal(near("session-shape", { measure: "events", threshold: "12" }), [
    { measure: "events", threshold: "8" },
    { measure: "events", threshold: "26" },
  ]);
  assert.equal(near("change", { attribute: "os" }), []);
});

test("a number goes halfway to the next of the grid, or a step beyond its last", () => {
  const bounds = near("attribute-predicate", { attribute: "price", above: 100 }).map(({ above }) => above as number);
  assert.is(bounds.length, 2);
  assert.ok((bounds[0] as number) < 100 && (bounds[1] as number) > 100);
});

test("a pattern of one length is looked at round the events that were found", () => {
  assert.equal(near("event-pattern", { k: 3 }), []);
  const found = near("event-pattern", { k: 3 }, ["search"]);
  assert.ok(found.length >= 4);
  assert.ok(found.every(({ contains, adjacency }) => contains === "search" && adjacency === "gap"));
  assert.equal(near("event-pattern", { k: 3 }, ["no_such_event"]), []);
});

test("a repetition is tried in other windows, and in none", () => {
  const windows = near("repetition", { event: "search", n: 3, window: "60s" }).map(({ window }) => window);
  assert.ok(windows.includes(undefined));
  assert.ok(near("repetition", { event: "search", n: 3 }).some(({ window }) => window === "10s"));
});

test("all neighbours of the grid mean something, none is its own, and each stands once", () => {
  for (const { template: name, parameters } of gridClasses(shopData)) {
    const template = templates.find((each) => each.name === name)!;
    const all = near(name, parameters, ["search"]).map((values) => JSON.stringify(values));
    assert.is(new Set(all).size, all.length, name);
    assert.not.ok(all.includes(JSON.stringify(parameters)), name);
    for (const values of all) assert.ok(isMeant(template, JSON.parse(values), shopData), `${name} ${values}`);
  }
});

test.run();
