import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { WorkerPool } from "../../engine/pool.js";
import { runStudy } from "../../finder/run-study.js";
import { parseStudy } from "../../planner/study.js";
import { templates } from "../../planner/templates/library.js";

const test = suite("templates find what is planted");
const pool = new WorkerPool(2);
const folder = mkdtempSync(join(tmpdir(), "leadline-templates-"));
test.after(async () => {
  await pool.close();
  rmSync(folder, { recursive: true, force: true });
});

const MONDAY = Date.parse("2026-11-02T00:00:00Z");
const HOUR = 3_600_000;

/** What happens in a session: seconds since its start, name, and values. */
type Row = readonly [seconds: number, name: string, values?: Readonly<Record<string, string>>];

/** One planted case: what the sessions of group A (a third, where more fail) do that the others do not. */
interface Planted {
  readonly template: string;
  readonly parameters: string;
  readonly hypothesis: string;
  readonly rows: (inGroup: boolean) => readonly Row[];
  /** Start of a session in ms, from its number, its user's session and whether it is in the group. */
  readonly start?: (session: number, inGroup: boolean) => number;
  readonly attribute?: (inGroup: boolean) => string;
  readonly extra?: string;
}

const pokes: readonly Row[] = [
  [1, "crash"],
  [2, "poke"],
  [3, "poke"],
  [4, "poke"],
];

const anything: readonly Row[] = [
  [0, "open"],
  [4, "look"],
];

const planted: readonly Planted[] = [
  {
    template: "event-pattern",
    parameters: "k: 2",
    hypothesis: "stall => retry",
    rows: (inGroup) => [
      [1, inGroup ? "stall" : "retry"],
      [2, inGroup ? "retry" : "stall"],
    ],
  },
  {
    template: "event-pattern",
    parameters: "k: 2, adjacency: gap, within: 10s",
    hypothesis: "stall -> retry within 10s",
    rows: (inGroup) => [
      [1, "stall"],
      [inGroup ? 5 : 50, "retry"],
    ],
  },
  {
    template: "time-of-session",
    parameters: "hours: [0, 1, 2, 3, 4, 5]",
    hypothesis: "hour(start) in (0, 1, 2, 3, 4, 5)",
    rows: () => anything,
    start: (session, inGroup) => MONDAY + (session % 10) * 24 * HOUR + (inGroup ? 2 : 12) * HOUR + session * 1000,
  },
  {
    template: "attribute-predicate",
    parameters: "attribute: plan, values: [pro]",
    hypothesis: 'plan == "pro"',
    rows: () => anything,
    attribute: (inGroup) => (inGroup ? "pro" : "free"),
  },
  {
    template: "session-shape",
    parameters: "measure: longest_gap, threshold: 30s",
    hypothesis: "session.longest_gap > 30s",
    rows: (inGroup) => [
      [0, "open"],
      [inGroup ? 60 : 4, "look"],
    ],
  },
  {
    template: "session-shape",
    parameters: "measure: events, threshold: 3",
    hypothesis: "session.events > 3",
    rows: (inGroup) => (inGroup ? [...anything, [5, "look"], [6, "look"]] : anything),
  },
  {
    template: "session-shape",
    parameters: "measure: 'time_to:look', threshold: 30s",
    hypothesis: "elapsed(start, look) > 30s",
    rows: (inGroup) => [
      [0, "open"],
      [inGroup ? 60 : 4, "look"],
    ],
  },
  {
    template: "repetition",
    parameters: "event: look, n: 3, window: 10s",
    hypothesis: "count(look) in 10s >= 3",
    rows: (inGroup) => [
      [0, "look"],
      [inGroup ? 4 : 40, "look"],
      [inGroup ? 8 : 80, "look"],
    ],
  },
  {
    template: "repetition",
    parameters: "event: look, n: 3",
    hypothesis: "count(look) >= 3",
    rows: (inGroup) => (inGroup ? [...anything, [5, "look"], [6, "look"]] : anything),
  },
  {
    template: "retries",
    parameters: "event: pay, success: paid, n: 2",
    hypothesis: "retries(pay, paid) >= 2",
    rows: (inGroup) => [
      [0, "pay"],
      [1, inGroup ? "pay" : "paid"],
      [2, inGroup ? "paid" : "pay"],
    ],
  },
  {
    template: "time-in-state",
    parameters: "enter: wait_start, leave: wait_end, threshold: 20s",
    hypothesis: "time_in(wait_start, wait_end) > 20s",
    rows: (inGroup) => [
      [0, "wait_start"],
      [inGroup ? 25 : 5, "wait_end"],
      [40, "open"],
    ],
  },
  {
    template: "elapsed",
    parameters: "from: ask, to: answer, threshold: 5s",
    hypothesis: "elapsed(ask, answer) > 5s",
    rows: (inGroup) => [
      [0, "ask"],
      [inGroup ? 9 : 3, "answer"],
    ],
  },
  {
    template: "absence",
    parameters: "event: ask, missing: answer, within: 10s",
    hypothesis: "ask -> not answer within 10s",
    rows: (inGroup) => [
      [0, "ask"],
      [inGroup ? 15 : 3, "answer"],
    ],
  },
  {
    template: "until",
    parameters: "event: tap, end: leave",
    hypothesis: "tap until leave",
    rows: (inGroup) =>
      inGroup
        ? [
            [0, "open"],
            [1, "tap"],
            [2, "tap"],
            [3, "leave"],
          ]
        : [
            [0, "tap"],
            [1, "tap"],
            [2, "open"],
            [3, "leave"],
          ],
  },
  {
    template: "top-values",
    parameters: "event: call, attribute: status, n: 2",
    hypothesis: 'call[status == "bad"]',
    rows: (inGroup) => [
      [0, "call", { status: "fine" }],
      [1, "call", { status: inGroup ? "bad" : "fine" }],
    ],
  },
  {
    template: "top-values",
    parameters: "event: call, attribute: status, n: 2",
    hypothesis: "call[status == 500]",
    rows: (inGroup) => [
      [0, "call", { status: "200" }],
      [1, "call", { status: inGroup ? "500" : "200" }],
    ],
  },
  {
    template: "load",
    parameters: "measure: sessions, threshold: 2",
    hypothesis: "load.sessions > 2",
    rows: () => anything,
    // the group's sessions start in one rush an hour, all others far apart
    start: (session, inGroup) =>
      MONDAY + (inGroup ? Math.floor(session / 45) * 50 * HOUR + (session % 45) * 500 : session * HOUR + 1_800_000),
  },
  {
    template: "external-context",
    parameters: "table: backend, column: cpu, threshold: 80",
    hypothesis: "backend.cpu > 80",
    rows: () => anything,
    attribute: (inGroup) => (inGroup ? "hot" : "calm"),
    extra: "tables: {backend: {file: cpu.csv, time: minute, on: {plan: region}, columns: [cpu], within: 400d}}\n",
  },
];

writeFileSync(join(folder, "cpu.csv"), `minute,region,cpu\n2026-11-01,hot,95\n2026-11-01,calm,20\n2026-11-01,cold,5\n`);

/** 240 users with three sessions each, of which one is of the group; of those 60 % fail, of the others 10 %. */
function writeEvents(
  name: string,
  { rows, start, attribute }: Omit<Planted, "template" | "parameters" | "hypothesis">,
): void {
  const lines = ["user,session,ts,event,plan,status,failed"];
  let session = 0;
  for (let user = 0; user < 240; user++) {
    for (let turn = 0; turn < 3; turn++, session++) {
      const inGroup = turn === user % 3;
      const failed = inGroup ? user % 5 < 3 : (user * 3 + turn) % 10 === 0;
      const from = start?.(session, inGroup) ?? MONDAY + session * HOUR;
      for (const [seconds, event, values] of rows(inGroup)) {
        const time = new Date(from + seconds * 1000).toISOString();
        lines.push(
          [
            `u${user}`,
            `s${session}`,
            time,
            event,
            attribute?.(inGroup) ?? "free",
            values?.["status"] ?? "",
            failed ? "yes" : "no",
          ].join(","),
        );
      }
    }
  }
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
}

async function opportunitiesOf(name: string, hypotheses: string, extra = ""): Promise<readonly string[]> {
  const study = parseStudy(
    `events: {files: ${name}, columns: {user: user, session: session, time: ts, event: event}}\n${extra}kpis: [{name: k, failure: 'failed == "yes"'}]\nhypotheses: ${hypotheses}\n`,
    "study.yaml",
  );
  const { opportunities } = await runStudy(study, folder, pool, {});
  return opportunities.map(({ hypothesis }) => hypothesis);
}

for (const [index, each] of planted.entries()) {
  const { template, parameters, hypothesis, extra } = each;
  test(`${template}: ${hypothesis}`, async () => {
    writeEvents(`e${index}.csv`, each);
    assert.equal(await opportunitiesOf(`e${index}.csv`, `[{template: ${template}, ${parameters}}]`, extra), [
      hypothesis,
    ]);
  });
}

/** Three sessions a user: free, pro, pro; one of them fails more. */
function writeLives(name: string, failing: number): void {
  const lines = ["user,session,ts,event,plan,status,failed"];
  for (let user = 0; user < 240; user++) {
    for (let turn = 0; turn < 3; turn++) {
      const time = new Date(MONDAY + (turn * 24 + (user % 20)) * HOUR).toISOString();
      const failed = turn === failing ? user % 5 < 3 : (user * 3 + turn) % 10 === 0;
      const plan = turn === 0 ? "free" : "pro";
      lines.push([`u${user}`, `u${user}s${turn}`, time, "open", plan, "", failed ? "yes" : "no"].join(","));
    }
  }
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
}

test("user-lifecycle: session.index <= 1", async () => {
  writeLives("first.csv", 0);
  assert.equal(
    await opportunitiesOf("first.csv", "[{template: user-lifecycle, boundary: 1}]", "settings: {burn_in: 0}\n"),
    ["session.index <= 1"],
  );
});

test("change: previous(plan) != plan", async () => {
  writeLives("second.csv", 1);
  assert.equal(await opportunitiesOf("second.csv", "[{template: change, attribute: plan}]"), [
    "previous(plan) != plan",
  ]);
});

test("a template of the study's own is filled from its lists and from the data", async () => {
  writeEvents("own.csv", {
    rows: (inGroup) => [
      [0, "ask"],
      [inGroup ? 9 : 3, "answer"],
      [20, "end"],
    ],
  });
  const own = (parameters: string): string =>
    `[{name: slow-step, expression: "elapsed($from, $to) > $limit", parameters: ${parameters}}]`;
  const listed =
    "{from: {type: event, values: [ask]}, to: {type: event, values: [answer, end]}, limit: {type: duration, values: [1s, 5s]}}";
  assert.equal(await opportunitiesOf("own.csv", own(listed)), ["elapsed(ask, answer) > 5s"]);
  const free = "{from: {type: event, values: [ask]}, to: {type: event, values: [answer]}, limit: duration}";
  assert.ok((await opportunitiesOf("own.csv", own(free))).length <= 1);
});

test("what happens after the outcome is no evidence, except for the paper's prototype", async () => {
  writeEvents("after.csv", { rows: (inGroup) => [[0, "open"], ...(inGroup ? pokes : [])] });
  const study = parseStudy(
    `events: {files: after.csv, columns: {user: user, session: session, time: ts, event: event}}
kpis: [{name: crash, failure: crash}, {name: known, failure: 'failed == "yes"'}]
hypotheses: [{template: repetition, event: poke, n: 3}]\n`,
    "study.yaml",
  );
  const membersOf = async (experts: "all" | "paper"): Promise<readonly (readonly [number, number])[]> => {
    const { opportunities } = await runStudy(study, folder, pool, { experts });
    return opportunities.map(({ kpi, contrast }) => [kpi, contrast.members] as const).sort(([a], [b]) => a - b);
  };
  // the pokes come after the crash that is the outcome of the first KPI; the second one has no moment
  assert.equal(await membersOf("all"), [[1, 240]]);
  assert.ok((await membersOf("paper")).some(([kpi]) => kpi === 1));
});

test("every template of the library has a planted case here", () => {
  const told = new Set([...planted.map(({ template }) => template), "user-lifecycle", "change"]);
  assert.equal(
    templates.map(({ name }) => name).filter((name) => !told.has(name)),
    [],
  );
});

test.run();
