import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Contrast } from "../../finder/findings.js";
import { foldJudged, type Judged } from "../../finder/fold.js";

const test = suite("foldJudged");
const SESSIONS = 640;
const settings = { fold_jaccard: 0.8, fold_keep: 0.9 };

function bitsOf(holds: (session: number) => boolean): Uint32Array {
  const bits = new Uint32Array(SESSIONS / 32);
  for (let session = 0; session < SESSIONS; session++) {
    if (holds(session)) bits[session >>> 5] = bits[session >>> 5]! | (1 << (session & 31));
  }
  return bits;
}

const within = (start: number, end: number) => (session: number) => session >= start && session < end;

function contrastOf(members: (session: number) => boolean, compared: (session: number) => boolean): Contrast {
  const sessions = Array.from({ length: SESSIONS }, (_, session) => session).filter(compared);
  const [own, others] = [sessions.filter(members), sessions.filter((session) => !members(session))];
  const failing = (list: readonly number[]): number => list.filter(within(0, 200)).length;
  return {
    ...{ members: own.length, membersFailing: failing(own) },
    ...{ others: others.length, othersFailing: failing(others) },
  };
}

interface Given {
  readonly name: string;
  readonly members: (session: number) => boolean;
  readonly excess: number;
  readonly complexity?: number;
  readonly compared?: (session: number) => boolean;
  readonly mostP?: number;
}

/** Heads with what is folded under them, by name. Sessions 0 to 199 fail. */
function folded(given: readonly Given[]): Record<string, string[]> {
  const names = new Map<Judged, string>();
  const judged = given.map(
    ({ name, members, excess, complexity = 1, compared = () => true, mostP = 1 }, index): Judged => {
      const item: Judged = {
        candidate: {
          subject: { kind: "pattern", index },
          scenario: { cohort: 0, kpi: 0, failing: 0, normal: 0 },
          ...{ membersFailing: 0, membersNormal: 0, failing: 0, normal: 0, folded: [] },
        },
        evidence: {
          contrast: contrastOf(members, compared),
          moments: new Float64Array(15),
          failureMoments: new Float64Array(15),
          within: new Float64Array(7),
          failureWithin: new Float64Array(7),
          ...{ users: 0, largestUser: 0, firstSeenMs: 0, lastSeenMs: 0, trend: [] },
          members: bitsOf(members),
          compared: bitsOf(compared),
          failing: bitsOf(within(0, 200)),
        },
        effect: { ratio: 1, difference: 0, low: 0, high: 0, p: 1, q: null, excessFailures: excess },
        mostP,
        isWithin: false,
        complexity,
        opinions: [],
      };
      names.set(item, name);
      return item;
    },
  );
  const groups = foldJudged(judged, settings);
  return Object.fromEntries(
    groups.map(({ head, folded: inner }) => [names.get(head)!, inner.map((item) => names.get(item)!)]),
  );
}

const laws: readonly (readonly [name: string, given: readonly Given[], expected: Record<string, string[]>])[] = [
  ["nothing folds into nothing", [], {}],
  [
    "causes of different sessions stand side by side",
    [
      { name: "first", members: within(0, 100), excess: 60 },
      { name: "second", members: within(100, 200), excess: 50 },
    ],
    { first: [], second: [] },
  ],
  [
    "nearly the same members are one, at a Jaccard index of 0.8",
    [
      { name: "first", members: within(0, 100), excess: 60 },
      // 100 shared of 125 in either; the other 25 all fail, so it is not for want of effect
      { name: "same", members: within(0, 125), excess: 50 },
    ],
    { first: ["same"] },
  ],
  [
    "a little less than that is judged on what the first leaves",
    [
      { name: "first", members: within(0, 100), excess: 60 },
      { name: "other", members: within(0, 126), excess: 50 },
    ],
    { first: [], other: [] },
  ],
  [
    "what is no worse outside of the accepted ones is folded under the one that it shares most with",
    [
      { name: "first", members: within(0, 60), excess: 60 },
      { name: "second", members: within(60, 160), excess: 50 },
      // beyond 160 it is in 20 of 40 failing sessions and in 220 of 440 normal ones
      {
        name: "shadow",
        members: (session) => within(40, 180)(session) || within(200, 420)(session),
        excess: 30,
      },
    ],
    { first: [], second: ["shadow"] },
  ],
  [
    "the simpler of the same stands, if it keeps nine tenths of what is recoverable",
    [
      { name: "long", members: within(0, 100), excess: 60, complexity: 3 },
      { name: "short", members: within(0, 105), excess: 54, complexity: 1 },
    ],
    { short: ["long"] },
  ],
  [
    "the simpler of the same is folded, if it keeps less",
    [
      { name: "long", members: within(0, 100), excess: 60, complexity: 3 },
      { name: "short", members: within(0, 105), excess: 53.9, complexity: 1 },
    ],
    { long: ["short"] },
  ],
  [
    "only sessions that are compared say whether an effect is left",
    [
      { name: "first", members: within(0, 50), excess: 60 },
      // 50 of its 60 remaining members fail; but among those compared all sessions fail alike
      { name: "lifecycle", members: within(50, 110), excess: 20, compared: within(0, 200) },
    ],
    { first: ["lifecycle"] },
  ],
];

const narrow: Given = {
  name: "narrow",
  members: (session) => within(0, 100)(session) || within(200, 250)(session),
  excess: 50,
};
// beside the narrower one 23 of its 80 members fail, and 77 of 410 others: two standard errors
const broad: Given = {
  name: "broad",
  members: (session) => within(0, 123)(session) || within(200, 307)(session),
  excess: 60,
};

test("a broad cause gives way to a narrower one where its rest is not clear of chance among all looks", () => {
  assert.equal(folded([{ ...broad, mostP: 0.001 }, narrow]), { narrow: ["broad"] });
  assert.equal(folded([{ ...broad, mostP: 0.05 }, narrow]), { broad: ["narrow"] });
});

for (const [name, given, expected] of laws) test(name, () => assert.equal(folded(given), expected));

test.run();
