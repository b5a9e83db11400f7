import { suite } from "uvu";
import * as assert from "uvu/assert";
import { namingOf, opportunityId, uniqueIds } from "../../finder/id.js";
import { parseExpression } from "../../planner/expression/parse.js";

const test = suite("opportunityId");

test("an id is the same in every run and version, for runs are compared by it", () => {
  assert.is(opportunityId("event-pattern", "payment", {}, "buy => error"), "kjb8xumma0");
  assert.is(opportunityId("user-lifecycle", "payment", { os: "ios" }, "session.index <= 1"), "k93rhqefrc");
});

test("an id does not depend on the order in which a cohort's values are told", () => {
  const naming = ["event-pattern", "payment"] as const;
  assert.is(
    opportunityId(...naming, { os: "ios", country: "NO" }, "a"),
    opportunityId(...naming, { country: "NO", os: "ios" }, "a"),
  );
});

test("what differs has another id, which is a letter and nine letters or digits", () => {
  const ids = [
    opportunityId("event-pattern", "payment", {}, "a"),
    opportunityId("event-pattern", "payment", {}, "b"),
    opportunityId("event-pattern", "login", {}, "a"),
    opportunityId("user-lifecycle", "payment", {}, "a"),
    opportunityId("event-pattern", "payment", { os: "ios" }, "a"),
    opportunityId("event-pattern", "payment", { os: "android" }, "a"),
    opportunityId("event-pattern", "payment", { beta: true }, "a"),
    opportunityId("event-pattern", "payment", { beta: "true" }, "a"),
  ];
  assert.is(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^k[0-9a-z]{9}$/);
});

test("thresholds do not name a hypothesis; steps, values and windows do", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["session.index <= 2", "session.index <= #"],
    ["count(retry) >= 3 and session.duration > 10m", "count(retry) >= # and session.duration > #"],
    ["elapsed(a, b) > 1.5s", "elapsed(a, b) > #"],
    ["score < -1.5", "score < #"],
    ["session.index == 2", "session.index == 2"],
    ["a -> b within 10s", "a -> b within 10s"],
    ['os == "ios 17"', 'os == "ios 17"'],
  ];
  for (const [text, naming] of rows) assert.is(namingOf(parseExpression(text)), naming);
});

test("what shares an id gets a number, by its text and not by its rank", () => {
  const items = [
    { id: "k1", hypothesis: "b" },
    { id: "k2", hypothesis: "c" },
    { id: "k1", hypothesis: "a" },
  ];
  assert.equal(uniqueIds(items), ["k12", "k2", "k1"]);
});

test.run();
