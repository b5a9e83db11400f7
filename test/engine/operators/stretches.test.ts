import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { partitionOf } from "../../../engine/operators/partition.js";
import { type Stretches, stretchesOf } from "../../../engine/operators/stretches.js";
import { evaluateAll } from "../../../engine/passes/evaluate.js";
import { compileBoolean } from "../../../planner/compile.js";
import { parseExpression } from "../../../planner/expression/parse.js";
import { knownAtStart } from "../../../planner/known.js";
import { PlanBuilder } from "../../../planner/plan.js";
import { type SmallEvent, type SmallTable, smallTable, valuesOf } from "./evaluating.js";

/** Sessions of events some whole seconds apart, so that no two come at once and no window of half seconds ends with one. */
const worlds = fc
  .array(
    fc.array(fc.record({ name: fc.constantFrom("a", "b", "c", "d"), seconds: fc.integer({ min: 1, max: 5 }) }), {
      minLength: 1,
      maxLength: 12,
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((sessions) =>
    smallTable([
      ...sessions.flatMap((rows, session) => {
        let time = session * 1_000_000;
        return rows.map(({ name, seconds }): SmallEvent => {
          time += seconds * 1000;
          return { user: `u${session % 2}`, session: `s${session}`, time, name, os: null, ms: null };
        });
      }),
      // every name is one of the data
      ...["a", "b", "c", "d"].map(
        (name, at): SmallEvent => ({ user: "z", session: "z", time: at * 7000, name, os: null, ms: null }),
      ),
    ]),
  );

function stretches({ view, data }: SmallTable, text: string): Stretches | null {
  const plan = new PlanBuilder();
  const node = compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data);
  const { nodes } = plan;
  const partition = partitionOf(view, 0, data.users);
  const slots = evaluateAll(partition, nodes, [], nodes.length);
  return stretchesOf(node, { partition, nodes, slots, atStart: knownAtStart(nodes) });
}

for (const text of [
  "a",
  "a -> b",
  "a => b -> c within 6s",
  "a until b",
  "a -> not b within 2500ms",
  "a => b -> not c within 4500ms",
  "count(a) >= 2",
  "count(a) < 2",
  "count(a) == 1",
  "count(a) in 5s >= 2",
  "count(a) in 5s > 1.5",
  "session.events > 3",
  "session.events <= 2",
  "session.duration > 7s",
  "session.duration >= 7s",
  "session.longest_gap >= 4s",
  "session.longest_gap < 3s",
  "time_in(a, b) > 5s",
  "time_in(a, b) >= 5s",
  "time_in(a, b) <= 3s",
  "elapsed(a, b) > 3s",
  "elapsed(a, b) <= 3s",
  "elapsed(start, b) < 6s",
  "retries(a, b) >= 1",
  "retries(a, b) == 0",
  "not a",
  "not (a -> b)",
  "a and b",
  "a or count(b) >= 2",
  "not a and b",
  "not (a or b)",
  "session.index <= 1 and a",
  "session.index <= 1 or a",
]) {
  test(`a stretch tells whether what has happened so far makes it so: ${text}`, () => {
    fc.assert(
      fc.property(worlds, fc.nat(11), (table, events) => {
        const found = stretches(table, text);
        assert.ok(found !== null);
        const { sessionOffsets, time } = table.view;
        const cuts = table.sessions.map((session, at) =>
          Math.min(sessionOffsets[at]! + 1 + events, sessionOffsets[at]! + session.events.length),
        );
        const expected = valuesOf(table, text, "boolean", cuts);
        for (const [at, cut] of cuts.entries()) {
          // at the session's end an absence holds whose window has not passed, and no moment tells of it
          if (cut === sessionOffsets[at + 1]) continue;
          const now = time[cut]!;
          const holds = found.from[at]! < now && now <= found.until[at]!;
          assert.is(
            holds ? 1 : 0,
            expected[at],
            `session ${at} of ${JSON.stringify(table.sessions[at])} before ${cut}`,
          );
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
}

test("what only the session's end makes certain has no moment", () => {
  const table = smallTable(
    ["a", "b", "a"].map((name, at) => ({ user: "u", session: "s", time: at * 1000, name, os: null, ms: null })),
  );
  assert.equal([...(stretches(table, "a -> not b")?.from ?? [])], [Number.POSITIVE_INFINITY]);
  // a window that outlasts the session passes after it
  assert.equal([...(stretches(table, "a -> not b within 10s")?.from ?? [])], [12_000]);
});

test("what comes and goes in a way that is not known has no stretches", () => {
  const table = smallTable(
    ["a", "b"].map((name, at) => ({ user: "u", session: "s", time: at * 1000, name, os: "ios", ms: at })),
  );
  for (const text of [
    "mean(a.ms) > 1",
    'last(*.os) == "ios"',
    "count(a) != 1",
    "count(a) > count(b)",
    "a and last(a.ms) > 1",
  ]) {
    assert.is(stretches(table, text), null, text);
  }
});

test.run();
