import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatExplanation } from "../../report/explanation.js";
import type { Result } from "../../report/result.js";
import { displayWidth } from "../../report/safe-text.js";
import { formatResult } from "../../report/terminal.js";
import { anOpportunity, aResult } from "./a-result.js";

const test = suite("formatResult");

const hostile =
  '\u001b[31mred\u001b[0m\r\n\u202egnp.exe\u200b "日本語の名前がここにある" e\u0301\u0301\u0301\u0301\u0301\u0301\u0301 👩‍👩‍👧 ';

/** Everything that comes from the data is hostile, and far too long. */
function hostileResult(): Result {
  const name = hostile.repeat(20);
  const opportunity = anOpportunity({
    kpi: name,
    cohort: { [name]: name },
    hypothesis: name,
    statement: name,
    examples: [name],
    folded: [name],
  });
  return aResult({
    title: name,
    kpis: [{ name, description: name, sessions: 10, failing: 2, value: 0.2 }],
    opportunities: [opportunity, { ...opportunity, rank: 2 }],
    explained: [{ kpi: name, cohort: { [name]: true }, hypothesis: name, by: name, evidence: {} }],
    warnings: [name],
  });
}

test("a result reads the same in 80 columns as ever", () => {
  assert.fixture(
    formatResult(aResult(), { width: 80, colour: false }),
    `Checkout, week 47
123,456 events, 7,890 sessions, 4,321 users, 2026-11-16 to 2026-11-22 23:59:59
UTC. Rows left out: 3 without event.

KPIs
  payment: 13.0 % fail, 130 of 1,000 sessions (Paid within 10 s)
  rebuffering: 0.0321 on average over 500 sessions; the 50 worst count as
    failing

Opportunities (1), best first
#  Hypothesis                        Members    Fail  others  Ratio  Recoverable
1  buy_plan => cors…> timeout_error       74  95.9 %   9.5 %   10.1           60
   payment, os=ios
   74 sessions with buy_plan => cors_error => timeout_error fail payment in
   96 %, against 9.5 % of 926 others.
   Folded into it: 2 hypotheses.

Members: sessions in which the hypothesis holds. Fail: the share of members, and
of the other sessions, that fail. Ratio: the KPI of members to that of the
others. Recoverable: failures that would not be if members were like the others,
at the cautious end of the interval.

Explained away (1)
  page_leave on payment among os=ios: tells of the outcome

To know
  lifecycle: the first week is left out

How
1,234 hypotheses tested, 56,789 more ruled out by a bound, in 1 class
(event-pattern); all experts; seed 0.

Next
  Look at sessions of number 1, such as s1, s2.
  See everything with pictures, and pass it on: --html FILE.
  Keep the evidence: --json FILE. Then leadline show 1 FILE prints one
    opportunity in full.
  See what was computed: leadline explain STUDY.
`,
  );
});

test("a wide table has the scenario in columns of its own, and elides nothing", () => {
  const lines = formatResult(aResult(), { width: 140, colour: false }).split("\n");
  const head = lines.find((line) => line.startsWith("#")) ?? "";
  assert.match(head, /KPI +Cohort +Hypothesis +Members +Fail +others +Ratio +Recoverable/);
  const row = lines.find((line) => line.startsWith("1 ")) ?? "";
  assert.match(row, /payment +os=ios +buy_plan => cors_error => timeout_error +74/);
});

for (const width of [60, 80, 120, 200]) {
  test(`no line is wider than ${width} columns, and none can command the terminal`, () => {
    for (const result of [aResult(), hostileResult()]) {
      const text = formatResult(result, { width, colour: false });
      for (const line of text.split("\n")) assert.ok(displayWidth(line) <= width, `${displayWidth(line)}: ${line}`);
      assert.not.match(text, /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    }
  });
}

test("colour changes nothing but colour", () => {
  const plain = formatResult(aResult(), { width: 100, colour: false });
  const coloured = formatResult(aResult(), { width: 100, colour: true });
  assert.not.equal(coloured, plain);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escapes are what is looked for
  assert.is(coloured.replace(/\u001b\[\d+m/g, ""), plain);
});

const nothings: readonly (readonly [string, Partial<Result>, RegExp])[] = [
  ["no hypothesis passed", {}, /None of the 1,234 hypotheses tested passed[\s\S]*That is an answer/],
  [
    "no session failed",
    { kpis: [{ name: "payment", sessions: 10, failing: 0, value: 0 }] },
    /No session fails any KPI, so there was nothing to look for/,
  ],
  [
    "no session was read",
    { data: { events: 0, sessions: 0, users: 0, from: null, to: null, dropped: {} }, kpis: [] },
    /No session lies in these files and this period/,
  ],
];
for (const [what, changes, expected] of nothings) {
  test(`finding nothing is told as an answer: ${what}`, () => {
    const result = aResult({ opportunities: [], explained: [], warnings: [], ...changes });
    const text = formatResult(result, { width: 80, colour: false });
    assert.match(text, /No opportunities/);
    assert.match(text, expected);
  });
}

test("opportunities beyond the twentieth are counted, not printed", () => {
  const opportunities = Array.from({ length: 25 }, (_, index) => anOpportunity({ rank: index + 1 }));
  const text = formatResult(aResult({ opportunities }), { width: 80, colour: false });
  assert.match(text, /Opportunities \(25\)/);
  assert.match(text, /\n20 {2}buy/);
  assert.not.match(text, /\n21 {2}buy/);
  assert.match(text, /and 5 more/);
});

test("an unbounded ratio is no number, a share near all is not all, and what was sampled is said", () => {
  const opportunity = anOpportunity({
    sessions: { members: 10000, members_failing: 9999, others: 7627, others_failing: 0 },
    effect: { ...anOpportunity().effect, ratio: null },
  });
  const data = { ...aResult().data, sampled: { sessions_asked: 7000, user_share: 0.125 } };
  const text = formatResult(aResult({ opportunities: [opportunity], data }), { width: 120, colour: false });
  assert.match(text, /10,000 +99\.99 % +0 % +– +60/);
  assert.match(text, /A sample: 12\.5 % of the users/);
});

test("the paper's experts alone are named as such", () => {
  const result = aResult({ run: { ...aResult().run, experts: "paper" } });
  assert.match(formatResult(result, { width: 200, colour: false }), /the paper's two experts alone/);
});

test("a plan reads the same as ever, and no line of it is too wide", () => {
  const node = {
    operation: "compare >",
    grain: "session" as const,
    type: "boolean",
    inputs: [0, 1],
    uses: 2,
    work: 1500,
  };
  const text = formatExplanation(
    {
      kpis: [{ name: "payment", text: hostile.repeat(9) }],
      classes: [{ template: "event-pattern", parameters: { k: 3, contains: "x" }, chosenBy: "grid" }],
      nodesBefore: 1234,
      nodesAfter: 2,
      workBefore: 99_000,
      workAfter: 3000,
      live: { nodes: 7, bytes: 1_200_000 },
      nodes: [{ id: 2, ...node }],
      passes: [{ name: "tally", what: "counts every hypothesis by cohort", bytes: 12_300_000 }],
      partitions: 1,
      data: { events: 10, sessions: 1, users: 1 },
      warnings: ["careful"],
    },
    "Checkout",
    { width: 80, colour: false },
  );
  for (const line of text.split("\n")) assert.ok(displayWidth(line) <= 80);
  assert.match(text, /10 events, 1 session, 1 user, in 1 partition/);
  assert.match(text, /event-pattern {2}k: 3, contains: x {2}grid/);
  assert.match(text, /2 nodes, where the expressions ask for 1,234/);
  assert.match(text.replace(/\s+/g, " "), /those of 7 nodes at once at most \(1\.2 MB\)/);
  assert.match(text.replace(/\s+/g, " "), /goes through some 3,000 events and sessions instead of 99,000/);
  assert.match(text, / {3}2 {2}compare > +session {2}boolean {2}0 1 +2 {2}1,500/);
  assert.match(text, / {2}tally: counts every hypothesis by cohort \(12\.3 MB\)/);
  assert.match(text, /careful/);
});

test.run();
