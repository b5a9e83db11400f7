import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { fillHoles, holesOf } from "../../../planner/expression/holes.js";
import { parseExpression } from "../../../planner/expression/parse.js";
import { quoteAttribute, quoteEvent } from "../../../planner/expression/print.js";
import { eventNamesOf } from "../../../planner/expression/walk.js";
import { hostileName } from "./arbitrary.js";

const test = suite("holes");

test("holes are found in order with their places, not in quotes", () => {
  assert.equal(holesOf('elapsed($from, "$x") > $limit and `$y` == $from'), [
    { name: "from", at: 8 },
    { name: "limit", at: 23 },
    { name: "from", at: 42 },
  ]);
});

test("holes are filled where they stand and nothing else changes", () => {
  assert.is(
    fillHoles("count($a) in $w >= 2", (name) => (name === "a" ? '"x y"' : "60s")),
    'count("x y") in 60s >= 2',
  );
  assert.is(
    fillHoles("count(a) > 2", () => "never"),
    "count(a) > 2",
  );
});

test("any event and attribute fill the holes of step.attribute unharmed", () => {
  fc.assert(
    fc.property(hostileName, hostileName, (event, attribute) => {
      const text = fillHoles("sum($event.$attribute) > 0 and $event", (name) =>
        name === "event" ? quoteEvent(event) : quoteAttribute(attribute),
      );
      const expression = parseExpression(text);
      assert.equal(eventNamesOf(expression), [event]);
      const compare = expression.kind === "and" ? expression.items[0] : undefined;
      const sum = compare?.kind === "compare" ? compare.left : undefined;
      assert.is(sum?.kind === "aggregate" && sum.attribute, attribute);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test.run();
