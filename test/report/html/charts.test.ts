import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { dumbbell, logBar, rateBar } from "../../../report/html/bars.js";
import { effectChart } from "../../../report/html/effect-chart.js";
import { flowChart } from "../../../report/html/flow-chart.js";
import { lineChart } from "../../../report/html/line-chart.js";
import { niceTicks, percent, wilson } from "../../../report/html/scale.js";
import { printOffset, timeline } from "../../../report/html/timeline.js";
import { aFullOpportunity } from "../a-full-result.js";

const test = suite("charts");
const runs = { seed: 1, numRuns: 300 };

const ticks: readonly (readonly [number, number, number, readonly number[]])[] = [
  [0, 1, 4, [0, 0.25, 0.5, 0.75, 1]],
  [0, 0.187, 3, [0, 0.1, 0.2]],
  [0, 37, 4, [0, 10, 20, 30, 40]],
  [-0.3, 0.1, 4, [-0.3, -0.2, -0.1, 0, 0.1]],
  [2, 2, 4, [2, 3]],
];
for (const [from, to, count, expected] of ticks) {
  test(`ticks of ${from} to ${to} are ${expected.join(", ")}`, () =>
    assert.equal(niceTicks(from, to, count), expected));
}

test("ticks are even, round, and hold what they are made for", () => {
  fc.assert(
    fc.property(fc.double({ min: -1e6, max: 0, noNaN: true }), fc.double({ min: 1e-6, max: 1e6 }), (from, to) => {
      const made = niceTicks(from, to, 4);
      const slack = 1e-6 * (to - from);
      assert.ok((made[0] ?? 0) <= from + slack && (made.at(-1) ?? 0) >= to - slack);
      assert.ok(made.length >= 2 && made.length <= 8, made.join());
      assert.equal(
        made,
        [...made].sort((a, b) => a - b),
      );
    }),
    runs,
  );
});

test("an interval of a share lies around it and within 0 and 1; published values", () => {
  // Newcombe, Statistics in Medicine 17, 1998, table I, method 3
  for (const [part, whole, low, high] of [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ] as const) {
    const [a, b] = wilson(part, whole) ?? [];
    assert.ok(Math.abs((a ?? 9) - low) < 5e-5 && Math.abs((b ?? 9) - high) < 5e-5, `${part}/${whole}: ${a} ${b}`);
  }
  assert.is(wilson(0, 0), null);
});

test("a line breaks where nothing is, and a point alone is a dot", () => {
  const chart = lineChart({
    title: "t",
    description: "d",
    series: [{ kind: "o", values: [0.5, 0.25, null, 1, null] }],
    starts: ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05"].map((day) => `${day}T00:00:00.000Z`),
    print: String,
    height: 134,
  }).toString();
  assert.match(chart, /<title>t<\/title><desc>d<\/desc>/);
  assert.match(chart, /class="l o" d="M0 50L1 75M3 0h0"/);
  assert.match(chart, />1 Nov</);
});

test("a change is marked at the start of its stretch", () => {
  const chart = lineChart({
    title: "t",
    description: "d",
    series: [{ kind: "m", values: [0, 0, 1, 1], band: [[0, 0.1], null, [0.9, 1], [0.9, 1]] }],
    starts: ["2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04"].map((day) => `${day}T00:00:00.000Z`),
    print: String,
    change: { at: 2, label: "began" },
    height: 134,
  }).toString();
  assert.match(chart, /<line class="c" x1="50%" x2="50%"/);
  assert.match(chart, />began</);
  assert.match(chart, /class="b m" d="M0 [\d.]+L0 [\d.]+ZM2 /);
});

test("an effect says itself in words, and stands between its ends", () => {
  const chart = effectChart({
    title: "t",
    value: 0.2,
    low: 0.1,
    high: 0.3,
    floor: 0.02,
    print: (value) => `${value} p`,
    printTick: String,
  }).toString();
  assert.match(chart, /<desc>0\.2 p, interval 0\.1 p to 0\.3 p; the floor is 0\.02 p<\/desc>/);
  const xs = [...chart.matchAll(/class="i" x1="([\d.]+)%" x2="([\d.]+)%"/g)][0];
  const dot = /cx="([\d.]+)%"/.exec(chart);
  assert.ok(Number(xs?.[1]) < Number(dot?.[1]) && Number(dot?.[1]) < Number(xs?.[2]));
});

test("bars are as long as what they stand for", () => {
  const bar = rateBar({ members: 0.25, low: 0.2, high: 0.3, others: 0.1 }, 0.5).toString();
  assert.match(bar, /<rect class="m" y="4" width="50%"/);
  assert.match(bar, /<line class="i" x1="40%" x2="60%"/);
  assert.match(bar, /<line class="o" x1="20%"/);
  assert.not.match(rateBar({ members: null, low: null, high: null, others: null }, 1).toString(), /rect|line/);
  assert.match(logBar(9, 999).toString(), /width="33\.3%"/);
  assert.match(logBar(0, 999).toString(), /width="0%"/);
  assert.match(dumbbell(1, 0, 1).toString(), /cx="4%"[\s\S]*cx="96%"/);
  assert.is(percent(1 / 3), "33.3%");
});

test("a flow lists every neighbour with its share, and as many bands as there are", () => {
  const { flow } = aFullOpportunity(1, "buy_plan");
  if (flow === undefined) throw new Error("no flow");
  const two = flowChart(flow, ["a", "b"], 2).toString();
  assert.is([...two.matchAll(/<li>/g)].length, 4 * 7 + 2);
  assert.is([...two.matchAll(/Z(?=M|")/g)].length, 4 * 7);
  assert.match(two, /session starts<\/i><\/span><span class="s">5\.0 %/);
  assert.match(two, /session ends/);
  assert.is([...flowChart(flow, ["a"], 1).toString().matchAll(/<li>/g)].length, 2 * 7 + 1);
});

const offsets: readonly (readonly [number, string])[] = [
  [400, "0.4 s"],
  [59_940, "59.9 s"],
  [125_000, "2:05"],
  [3_725_000, "1:02:05"],
  [3 * 86_400_000 + 3_725_000, "3 d 1:02:05"],
];
for (const [ms, expected] of offsets) test(`${ms} ms is ${expected}`, () => assert.is(printOffset(ms), expected));

test("a timeline joins repeated events, marks the match, and says what it leaves out", () => {
  const events = ["a", "a", "a", "b", "c", "d"].map((event, at) => ({
    at_ms: at * 1000,
    event,
    ...(event === "b" ? { match: true as const } : {}),
    ...(event === "d" ? { after_outcome: true as const } : {}),
  }));
  const session = { session: "s1", user: "u1", member: true, failing: true, start: "2026-11-01T00:00:00.000Z" };
  const all = timeline({ ...session, before: 2, after: 5, events }, 40).toString();
  assert.match(all, /2 events before/);
  assert.match(all, /a <small>× 3<\/small>/);
  assert.match(all, /class="hit"><time>3\.0 s<\/time> <mark>b<\/mark>/);
  assert.match(all, /outcome decided by here<li class="late"><time>5\.0 s<\/time> d/);
  assert.match(all, /5 events after/);
  const few = timeline({ ...session, before: 2, after: 5, events }, 2).toString();
  assert.match(few, /5 events before[\s\S]*<mark>b<\/mark>[\s\S]*c[\s\S]*6 events after/);
});

test.run();
