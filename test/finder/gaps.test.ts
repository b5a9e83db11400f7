import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../../finder/statistics/random.js";
import { parseStudy } from "../../planner/study.js";
import type { Result } from "../../report/result.js";
import { findOpportunities } from "../../run.js";

const test = suite("event-pattern with gaps");
const folder = mkdtempSync(join(tmpdir(), "leadline-gaps-"));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const MONDAY = Date.parse("2026-11-02T00:00:00Z");
const HOUR = 3_600_000;
const FILLERS = Array.from({ length: 24 }, (_, at) => `page_${at}`);

/**
 * Sessions of 600 users, a third of which fail more. All hold the same events: a warning and an upload, each between pages that are drawn
 * from many. What the third has of its own is the order of the two, or the time between them.
 */
function writeStudyFile(
  name: string,
  waitMs: (isWorse: boolean) => number,
  isSwapped: (isWorse: boolean) => boolean,
): void {
  const random = new Random(7);
  const lines = ["user,session,ts,event"];
  for (let user = 0; user < 600; user++) {
    const isWorse = user % 3 === 0;
    const fails = isWorse ? user % 5 < 3 : user % 20 === 1;
    let ms = MONDAY + (user % 25) * 24 * HOUR + random.below(HOUR);
    const add = (event: string, wait: number): void => {
      ms += wait;
      lines.push(`u${user},s${user},${new Date(ms).toISOString()},${event}`);
    };
    const [first, second] = isSwapped(isWorse) ? ["upload", "warning"] : ["warning", "upload"];
    for (const [at, event] of [null, first, null, null, second, null].entries()) {
      const waits = at > 1 && at < 5 ? Math.round(waitMs(isWorse) / 3) : 1000 + random.below(500);
      add(event ?? `${FILLERS[random.below(FILLERS.length)]}`, waits);
    }
    add(fails ? "lost" : "saved", 1000);
  }
  writeFileSync(join(folder, name), `${lines.join("\n")}\n`);
}

function opportunitiesOf(name: string, hypotheses: string, threads = 1, settings = "{}"): Promise<Result> {
  const study = parseStudy(
    `events: {files: ${name}, columns: {user: user, session: session, time: ts, event: event}}
kpis: [{name: loss, failure: lost, outcome: [saved]}]
hypotheses: [${hypotheses}]
settings: ${settings}
`,
    "study.yaml",
  );
  return findOpportunities(study, folder, { threads });
}

const adjacent = [1, 2, 3, 4, 5].map((k) => `{template: event-pattern, k: ${k}}`).join(", ");
const hypothesesOf = ({ opportunities }: Result): string[] => opportunities.map(({ hypothesis }) => hypothesis);

test("a pair with anything between is found, where no pattern of adjacent events says it", async () => {
  writeStudyFile(
    "order.csv",
    () => 6000,
    (isWorse) => isWorse,
  );
  assert.equal(hypothesesOf(await opportunitiesOf("order.csv", adjacent)), []);
  const gapped = `${adjacent}, {template: event-pattern, k: 2, adjacency: gap}`;
  const result = await opportunitiesOf("order.csv", gapped);
  assert.is(hypothesesOf(result)[0], "upload -> warning");
  const [found] = result.opportunities;
  assert.equal(found?.parameters, { adjacency: "gap", k: 2 });
  assert.equal(found?.sessions, { members: 200, members_failing: 120, others: 400, others_failing: 20 });
  assert.is(found?.users, 200);
  // its picture marks the steps, and nothing of what lies between them
  const members = found?.timelines?.filter(({ member }) => member) ?? [];
  assert.ok(members.length > 0);
  for (const { events } of members) {
    assert.equal(
      events.filter(({ match }) => match).map(({ event }) => event),
      ["upload", "warning"],
    );
  }
});

test("a pair is found by its time alone; with a bound and without, or three of its steps, it is one opportunity", async () => {
  writeStudyFile(
    "time.csv",
    (isWorse) => (isWorse ? 6000 : 600_000),
    () => false,
  );
  const within = "{template: event-pattern, k: 2, adjacency: gap, within: 10s}";
  const free = "{template: event-pattern, k: 2, adjacency: gap}";
  const long = "{template: event-pattern, k: 3, adjacency: gap, within: 10s}";
  assert.equal(hypothesesOf(await opportunitiesOf("time.csv", `${adjacent}, ${free}`)), []);
  const found = hypothesesOf(await opportunitiesOf("time.csv", [adjacent, free, within, long].join(", ")));
  assert.equal(found, ["warning -> upload within 10s"]);
});

test("adjacent events within some time are found too", async () => {
  const lines = ["user,session,ts,event"];
  for (let user = 0; user < 300; user++) {
    const isWorse = user % 3 === 0;
    const start = MONDAY + user * HOUR;
    const second = start + (isWorse ? 2000 : 60_000);
    const events: [number, string][] = [
      [start, "ask"],
      [second, "ask_again"],
      [second + 5000, (isWorse ? user % 5 < 3 : user % 20 === 1) ? "lost" : "saved"],
    ];
    for (const [ms, event] of events) lines.push(`u${user},s${user},${new Date(ms).toISOString()},${event}`);
  }
  writeFileSync(join(folder, "quick.csv"), `${lines.join("\n")}\n`);
  const result = await opportunitiesOf("quick.csv", `${adjacent}, {template: event-pattern, k: 2, within: 3s}`);
  assert.equal(hypothesesOf(result), ["ask => ask_again within 3s"]);
});

test("the result is the same for any number of threads, and tells where the budget cut the search", async () => {
  const classes =
    "{template: event-pattern, k: 3, adjacency: gap}, {template: event-pattern, k: 2, adjacency: gap, within: 10s}";
  const results: string[] = [];
  for (const threads of [1, 2, 3]) {
    const { run: _, ...rest } = await opportunitiesOf("order.csv", classes, threads, "{sequence_most_gapped: 3}");
    assert.ok(rest.warnings?.some((text) => /^event-pattern with gaps: 3 of \d+ sequences of 2 steps/.test(text)));
    results.push(JSON.stringify(rest));
  }
  assert.is(results[1], results[0]);
  assert.is(results[2], results[0]);
});

test("an event's own sequences are asked for with contains", async () => {
  const found = await opportunitiesOf(
    "order.csv",
    "{template: event-pattern, k: 2, adjacency: gap, contains: page_3}, {template: event-pattern, k: 2, adjacency: gap, contains: upload}",
  );
  assert.is(hypothesesOf(found)[0], "upload -> warning");
  assert.equal(found.opportunities[0]?.parameters, { adjacency: "gap", contains: "upload", k: 2 });
});

test.run();
