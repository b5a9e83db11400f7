import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { profileEvents } from "../../engine/profile.js";
import { LeadlineError } from "../../errors.js";
import { starterStudy } from "../../planner/starter-study.js";
import { parseStudy } from "../../planner/study.js";
import { formatProfile } from "../../report/profile.js";
import { displayWidth } from "../../report/safe-text.js";

const test = suite("profileEvents");
let folder = "";

test.before(() => {
  folder = mkdtempSync(join(tmpdir(), "leadline-profile-"));
});
test.after(() => rmSync(folder, { recursive: true }));

const header = "user_id,session_id,ts,event,label,os,ms\n";

/** One row of the columns of `header`. */
function row(user: number, session: number, second: number, event: string, rest: string): string {
  return `u${user},s${session},${new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()},${event},${rest}\n`;
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return name;
}

test("columns, events, pairs and the period are what the file holds", async () => {
  const rows = [0, 1, 2, 3].map((session) => {
    const rest = `${session === 0 ? "bad" : "good"},${session % 2 === 0 ? "ios" : "android"}`;
    const start = session * 1000;
    return (
      row(session, session, start, "load_start", `${rest},${session}`) +
      (session < 3 ? row(session, session, start + 5, "load_end", `${rest},`) : "") +
      (session === 1 ? row(session, session, start + 9, "api_error", `${rest},`) : "")
    );
  });
  const profile = await profileEvents([write("a.csv", header + rows.join(""))], folder, { threads: 1 });
  assert.equal(profile.roles, { user: "user_id", session: "session_id", time: "ts", event: "event" });
  assert.equal([profile.events, profile.sessions, profile.users], [8, 4, 4]);
  assert.equal([profile.fromMs, profile.toMs], [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 50)]);
  assert.is(profile.sessionGapMs, null);
  assert.equal(profile.names, [
    { name: "load_start", events: 4, sessions: 4 },
    { name: "load_end", events: 3, sessions: 3 },
    { name: "api_error", events: 1, sessions: 1 },
  ]);
  assert.equal(profile.pairs, [{ start: "load_start", end: "load_end", sessions: 4, failing: 1 }]);
  const [label, os, ms] = profile.columns;
  assert.equal(label, {
    kind: "coded",
    name: "label",
    grain: "session",
    missing: 0,
    distinct: 2,
    common: [
      { value: "good", share: 0.75 },
      { value: "bad", share: 0.25 },
    ],
  });
  assert.is(os?.distinct, 2);
  assert.equal(ms, {
    kind: "numeric",
    name: "ms",
    grain: "event",
    missing: 0.5,
    distinct: 4,
    type: "number",
    range: { least: 0, median: 1.5, greatest: 3 },
  });
});

test("an end before its start completes nothing", async () => {
  const text = header + row(1, 1, 0, "load_end", "a,b,1") + row(1, 1, 1, "load_start", "a,b,1");
  const { pairs } = await profileEvents([write("b.csv", text)], folder, { threads: 1 });
  assert.equal(pairs, [{ start: "load_start", end: "load_end", sessions: 1, failing: 1 }]);
});

test("sessions of data without a session column are cut by the usual inactivity, which the profile says", async () => {
  const text = "user,time,event\nu1,2026-01-01T00:00:00Z,a\nu1,2026-01-01T00:29:00Z,b\nu1,2026-01-01T01:30:00Z,a\n";
  const profile = await profileEvents([write("c.csv", text)], folder, { threads: 1 });
  assert.equal([profile.sessions, profile.sessionGapMs], [2, 1_800_000]);
  assert.match(starterStudy(profile, ["c.csv"], "c"), /session_gap: 30m/);
  assert.match(formatProfile(profile, { width: 200, colour: false }), /sessions end at 30m of inactivity/);
});

const users = Array.from({ length: 40 }, (_, index) => index);
const suspicions: (readonly [string, string, RegExp])[] = [
  [
    "one user with much of the data",
    users.map((n) => row(n < 15 ? 0 : n, n, n * 1000, "a", "x,y,1")).join(""),
    /^One user \(u0\) has 38 % of the sessions/,
  ],
  ["few users", row(1, 1, 0, "a", "x,y,1") + row(2, 2, 9, "a", "x,y,1"), /^The data have only 2 users/],
  ["made-up times", users.map((n) => row(n, n, 0, "a", "x,y,1")).join(""), /^All 40 sessions start at the same moment/],
  [
    "rows that come twice",
    users.map((n) => row(n, n, n * 1000, "a", "x,y,1").repeat(n < 10 ? 2 : 1)).join(""),
    /^20 % of the rows repeat the row before/,
  ],
  [
    "a label",
    users.map((n) => row(n, n, n * 1000, "a", `${n < 5 ? "anomaly" : "normal"},y,1`)).join(""),
    /^Column label has two values \(normal, anomaly\)/,
  ],
];
suspicions.push(
  [
    "a clock that was not set",
    users.map((n) => row(n, n, n * 1000, "a", "x,y,1").repeat(n < 39 ? 30 : 1)).join("") +
      row(1, 1, -50 * 365 * 86_400, "a", "x,y,1"),
    /^1 event lies far from all others in time \(1976-01-14\)/,
  ],
  [
    "a clock that jumped",
    users.map((n) => row(n, n, n * 1000, "a", "x,y,1")).join("") + row(1, 1, 3 * 86_400, "b", "x,y,1"),
    /^1 session has a pause of more than a day/,
  ],
);
for (const [what, rows, expected] of suspicions) {
  test(`is suspicious of ${what}`, async () => {
    const profile = await profileEvents([write("d.csv", header + rows)], folder, { threads: 1 });
    assert.ok(
      profile.suspicions.some((text) => expected.test(text)),
      profile.suspicions.join("\n"),
    );
  });
}

test("is not suspicious of clean data, and reports its progress", async () => {
  const rows = users.map((n) => row(n, n, n * 1000, "a", `${n % 3},os${n % 2},1`)).join("");
  let done = 0;
  const onProgress = (progress: { readonly done: number }): void => {
    done = progress.done;
  };
  const profile = await profileEvents([write("e.csv", header + rows)], folder, { threads: 1, onProgress });
  assert.equal(profile.suspicions, []);
  assert.is(done, 40);
});

test("rows without a time, a user or a name are told of", async () => {
  const text = `${header}${row(1, 1, 0, "a", "x,y,1")},s1,2026-01-01,b,x,y,1\nu1,s1,2026-01-01,,x,y,1\n`;
  const { suspicions: told } = await profileEvents([write("f.csv", text)], folder, { threads: 1 });
  assert.ok(told.includes("1 row has no user and is left out."), told.join("\n"));
  assert.ok(told.includes("1 row has no event and is left out."));
});

test("a profile in 80 columns holds the names made safe, and no line that is too wide", async () => {
  const text = `user,time,event,os\u001b[2J\nu1,2026-01-01,${"日本".repeat(60)},\u202e${"x".repeat(200)}\n`;
  const profile = await profileEvents([write("g.csv", text)], folder, { threads: 1 });
  const shown = formatProfile(profile, { width: 80, colour: false });
  for (const line of shown.split("\n")) assert.ok(displayWidth(line) <= 80, line);
  assert.not.match(shown, /(?!\n)[\p{Cc}\p{Cf}]/u);
  assert.match(shown, /os\\u001b\[2J/);
  parseStudy(starterStudy(profile, ["g.csv"], "g"), "g.yaml");
});

/** Visits of a shop under column names of its own. */
function oddRows(header: string, time: (second: number) => string | number): string {
  const rows = Array.from({ length: 400 }, (_, visit) =>
    ["View", "Pay Started", ...(visit % 5 === 0 ? ["Card Declined"] : ["Pay Completed"])].map((what, at) =>
      [`v-${visit}`, time(visit * 1000 + at), what, visit % 2 === 0 ? "phone" : "desktop"].join(","),
    ),
  );
  return `${[header, ...rows.flat()].join("\n")}\n`;
}
const isoOf = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();

const oddHeaders: readonly (readonly [string, (second: number) => string | number])[] = [
  ["Visit-Nr,Date/Time,What Happened,Device Type", isoOf],
  ["boot_id,recorded,msg,fw", (second) => 1_767_225_600 + second],
  ["pipeline,Started On,job,runner", isoOf],
  ["a,b,c,d", isoOf],
  ["a,b,c,d", (second) => 1_767_225_600_000 + 1000 * second],
];
for (const [odd, time] of oddHeaders) {
  test(`finds the roles of ${odd} with times such as ${time(0)}`, async () => {
    const [session, when, event, other] = odd.split(",");
    const profile = await profileEvents([write("odd.csv", oddRows(odd, time))], folder, { threads: 1 });
    assert.equal(profile.roles, { time: when, event, session });
    assert.equal([profile.sessions, profile.columns[0]?.name], [400, other]);
    assert.is(new Date(profile.fromMs ?? 0).toISOString(), "2026-01-01T00:00:00.000Z");
  });
}

test("an error tells what must have begun before it", async () => {
  const rows = users.map((n) => {
    const own = row(n, n, n * 1000, "view", "x,y,1");
    if (n % 2 === 0) return own;
    return own + row(n, n, n * 1000 + 1, "pay_start", "x,y,1") + row(n, n, n * 1000 + 2, "pay_error", "x,y,1");
  });
  const end = row(1, 1, 9999, "pay_end", "x,y,1");
  const profile = await profileEvents([write("h.csv", header + rows.join("") + end)], folder, { threads: 1 });
  assert.is(profile.names.find(({ name }) => name === "pay_error")?.among, "pay_start");
  assert.is(profile.names.find(({ name }) => name === "view")?.among, undefined);
});

test("where no names pair up, what sessions end with is told", async () => {
  const rows = users.map((n) => {
    const own = row(n, n, n * 1000, "Start", "x,y,1") + row(n, n, n * 1000 + 1, "Kasse", "x,y,1");
    return n % 4 === 0 ? own : own + row(n, n, n * 1000 + 2, "Bezahlt", "x,y,1");
  });
  const profile = await profileEvents([write("j.csv", header + rows.join(""))], folder, { threads: 1 });
  assert.equal(profile.ending, { start: "Kasse", end: "Bezahlt", sessions: 40, failing: 10 });
  const same = users.map((n) => row(n, n, n * 1000, "a", "x,y,1")).join("");
  assert.is((await profileEvents([write("k.csv", header + same)], folder, { threads: 1 })).ending, null);
});

for (const date of ["16.11.2026 08:30", "11/16/2026 8:30", "2026/11/16", "16-Nov-2026", "16 Nov 2026"]) {
  test(`${date} is refused as a time with what is read instead`, async () => {
    try {
      await profileEvents([write("l.csv", `a,b\n${date},x\n${date},y\n`)], folder, { threads: 1 });
      assert.unreachable();
    } catch (error) {
      assert.is((error as LeadlineError).code, "source-invalid");
      assert.is(
        (error as LeadlineError).message,
        `no column of times: a holds "${date}"; times are read in ISO 8601, such as 2026-11-16 08:30:00, or as epoch numbers`,
      );
    }
  });
}

test("data of which nothing tells when an event was are refused with the columns that there are", async () => {
  try {
    await profileEvents([write("i.csv", "a,b\nx,y\nx,z\n")], folder, { threads: 1 });
    assert.unreachable();
  } catch (error) {
    assert.is((error as LeadlineError).code, "study-invalid");
    assert.match((error as LeadlineError).message, /the event's time.*the data have a, b/);
  }
});

test("files that are no data are refused", async () => {
  try {
    await profileEvents(["none.csv"], folder, { threads: 1 });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "source-invalid");
  }
});

test.run();
