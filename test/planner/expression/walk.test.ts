import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseExpression } from "../../../planner/expression/parse.js";
import { attributesOf, eventNamesOf, isCondition, visit } from "../../../planner/expression/walk.js";

const test = suite("walk");

const everything = parseExpression(
  'a[x > 1] -> b until "c d" and not (sum(e.y) / mean(*.z) > previous(os) and os in ("ios")) or elapsed(f, a) > 1s ' +
    "and count(g) + -retries(h[w == v], i) < time_in(j, k) and load.failure_rate(kpi) < backend.cpu and hour(start) > 1",
);

test("visit calls back with operands before what they are operands of, left to right", () => {
  const kinds: string[] = [];
  visit(parseExpression("a[x > 1] -> b until c and not y + -z == 2 or os in (1, 2)"), (node) => {
    kinds.push(node.kind === "step" ? node.event : node.kind === "attribute" ? `@${node.name}` : node.kind);
  });
  const steps = ["@x", "literal", "compare", "a", "b", "c", "until", "sequence"];
  const sum = ["@y", "@z", "negate", "arithmetic", "literal", "compare", "not"];
  assert.equal(kinds, [...steps, ...sum, "and", "@os", "literal", "literal", "in", "or"]);
});

test("eventNamesOf lists every step's event once, in order of evaluation", () => {
  assert.equal(eventNamesOf(everything), ["a", "b", "c d", "e", "f", "g", "h", "i", "j", "k"]);
});

test("attributesOf lists what is read by name, in predicates, aggregates and of the session before", () => {
  assert.equal(attributesOf(everything), ["x", "y", "z", "os", "w", "v", "backend.cpu"]);
});

test("isCondition tells what is true or false from values", () => {
  for (const text of ["a", "a -> b", "not a", "a or b", "a and b", "x > 1", "x in (1)", "true"]) {
    assert.ok(isCondition(parseExpression(text)), text);
  }
  for (const text of [
    "x",
    "5",
    '"x"',
    "count(a)",
    "x + 1",
    "-x",
    "start",
    "session.index",
    "user.sessions",
    "previous(x)",
  ]) {
    assert.not(isCondition(parseExpression(text, { position: "value" })), text);
  }
});

test.run();
