import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { type Acceptable, type BenchPrompt, type Choice, judge } from "../../bench/prompts/judge.js";
import { templates } from "../../planner/templates/library.js";

function prompt(...intents: readonly (readonly Acceptable[])[]): BenchPrompt {
  const kind = intents.length > 1 ? "two" : "precise";
  return { id: "x", data: "x", kind, prompt: "", intents: intents.map((acceptable) => ({ acceptable })) };
}

const night: Acceptable = {
  template: "time-of-session",
  parameters: {
    hours: [
      [0, 1],
      [0, 1, 2],
    ],
  },
};
const often: Acceptable = { template: "repetition", parameters: { event: ["a"], window: ["60s"] } };
const choice = (template: string, parameters: Choice["parameters"]): Choice => ({ template, parameters });

const rows: readonly (readonly [name: string, acceptable: Acceptable, choice: Choice, full: number])[] = [
  ["a list in any order", night, choice("time-of-session", { hours: [1, 0] }), 1],
  ["a list that lacks one", night, choice("time-of-session", { hours: [0] }), 0],
  ["a duration in other words", often, choice("repetition", { event: "a", n: 3, window: "1m" }), 1],
  ["a parameter that is left out", often, choice("repetition", { event: "a", n: 3 }), 0],
  [
    "a number in a range",
    { template: "load", parameters: { threshold: [{ min: 100, max: 101 }] } },
    choice("load", { measure: "sessions", threshold: 100 }),
    1,
  ],
  [
    "a measure as expressions write it",
    { template: "session-shape", parameters: { measure: ["session.events"], threshold: ["40"] } },
    choice("session-shape", { measure: "events", threshold: "40" }),
    1,
  ],
  [
    "the time to an event as expressions write it",
    { template: "session-shape", parameters: { measure: ["elapsed(start, pay)"] } },
    choice("session-shape", { measure: "time_to:pay", threshold: "9s" }),
    1,
  ],
  [
    "sequences without gaps where nothing else is said",
    { template: "event-pattern", parameters: { adjacency: ["next"] } },
    choice("event-pattern", { k: 2 }),
    1,
  ],
];
for (const [name, acceptable, chosen, full] of rows) {
  test(`${name} is ${full === 1 ? "right" : "wrong"}`, () => {
    const judged = judge(prompt([acceptable]), [chosen], 1);
    assert.equal([judged.units, judged.template, judged.full], [1, 1, full]);
  });
}

test("only the first choice an intent counts, and within three the first three", () => {
  const choices = [choice("until", {}), choice("time-of-session", { hours: [0, 1] })];
  assert.is(judge(prompt([night]), choices, 1).template, 0);
  assert.is(judge(prompt([night]), choices, 3).full, 1);
});

test("one choice meets one intent, and as many are met as can be", () => {
  const wide: Acceptable = { template: "repetition" };
  const choices = [
    choice("repetition", { event: "a", n: 3, window: "1m" }),
    choice("repetition", { event: "b", n: 3 }),
  ];
  assert.is(judge(prompt([wide], [often]), choices, 1).full, 2);
  assert.is(judge(prompt([wide], [often]), choices.slice(0, 1), 1).full, 1);
});

test("where nothing fits, only choosing nothing is right", () => {
  assert.equal(judge(prompt(), [], 1), { units: 1, template: 1, full: 1, determined: 0, determinedFull: 0 });
  assert.is(judge(prompt(), [choice("until", {})], 1).template, 0);
});

test("every acceptable choice of the building half is one that its template can be", () => {
  const file = new URL("../../../bench/prompts/building.json", import.meta.url);
  const prompts = JSON.parse(readFileSync(file, "utf8")) as readonly BenchPrompt[];
  assert.ok(prompts.length >= 48);
  for (const { id, intents } of prompts) {
    for (const { template } of intents.flatMap(({ acceptable }) => acceptable)) {
      assert.ok(
        templates.some(({ name }) => name === template),
        `${id}: ${template}`,
      );
    }
  }
});

test.run();
