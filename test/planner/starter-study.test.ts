import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { failingValues, namesAnError, pairNames, wordsOf } from "../../planner/name-words.js";
import type { Profile, ProfiledColumn } from "../../planner/profile.js";
import { starterStudy } from "../../planner/starter-study.js";
import { parseStudy } from "../../planner/study.js";

const test = suite("starterStudy");

function aProfile(changes: Partial<Profile> = {}): Profile {
  return {
    files: ["a.csv"],
    roles: { user: "user_id", time: "ts", event: "event", session: "session_id" },
    events: 1000,
    sessions: 500,
    users: 100,
    fromMs: Date.UTC(2026, 0, 1),
    toMs: Date.UTC(2026, 0, 31, 12),
    sessionGapMs: null,
    columns: [],
    unread: [],
    names: [],
    pairs: [],
    ending: null,
    suspicions: [],
    ...changes,
  };
}

function coded(
  name: string,
  values: readonly (string | boolean)[],
  changes: Partial<ProfiledColumn> = {},
): ProfiledColumn {
  const common = values.map((value) => ({ value, share: 1 / values.length }));
  const column = { kind: "coded", name, grain: "session", missing: 0, distinct: values.length, common } as const;
  return { ...column, ...changes } as ProfiledColumn;
}

function numeric(name: string, changes: Partial<ProfiledColumn> = {}): ProfiledColumn {
  const range = { least: 0, median: 5, greatest: 9 };
  const column = { kind: "numeric", name, grain: "session", missing: 0, distinct: 10, type: "number", range } as const;
  return { ...column, ...changes } as ProfiledColumn;
}

/** The KPIs of the study as the parser reads them: name and failure or value. */
function kpisOf(profile: Profile): string[] {
  return parseStudy(starterStudy(profile, ["a.csv"], "t"), "t.yaml").kpis.map((kpi) => {
    const among = kpi.among === null ? "" : ` among ${kpi.among.text}`;
    return `${kpi.name}: ${kpi.kind === "binary" ? kpi.failure.text : kpi.value.text}${among}`;
  });
}

const guesses: readonly (readonly [string, Partial<Profile>, readonly string[]])[] = [
  ["nothing that tells", {}, ["session_duration: session.duration"]],
  [
    "what sessions end with",
    { ending: { start: "Kasse", end: "Bezahlt", sessions: 50, failing: 10 } },
    ["Kasse to Bezahlt: not (Kasse -> Bezahlt) among Kasse"],
  ],
  ["a label whose value tells", { columns: [coded("label", ["normal", "anomaly"])] }, ['label: label == "anomaly"']],
  ["a flag of failure", { columns: [coded("failed", [false, true])] }, ["failed: failed == true"]],
  ["a flag of success", { columns: [coded("converted", [false, true])] }, ["converted: converted == false"]],
  ["a label that does not tell: the rarer value", { columns: [coded("label", ["a", "b"])] }, ['label: label == "b"']],
  [
    "a label of 0 and 1",
    {
      columns: [
        numeric("is_error", { distinct: 2, range: { least: 0, median: 0, greatest: 1 } } as Partial<ProfiledColumn>),
      ],
    },
    ["is_error: is_error == 1"],
  ],
  [
    "an event's flag",
    {
      columns: [
        numeric("ok", {
          grain: "event",
          distinct: 2,
          range: { least: 0, median: 0, greatest: 1 },
        } as Partial<ProfiledColumn>),
      ],
    },
    ["ok: max(*.ok) == 0"],
  ],
  [
    "status codes",
    {
      columns: [
        numeric("status", {
          grain: "event",
          range: { least: 200, median: 200, greatest: 503 },
        } as Partial<ProfiledColumn>),
      ],
    },
    ["status: max(*.status) >= 500"],
  ],
  [
    "a pair of events",
    { pairs: [{ start: "pay start", end: "pay end", sessions: 50, failing: 40 }] },
    ['pay start completion: not ("pay start" -> "pay end") among "pay start"'],
  ],
  [
    "a pair that always or never completes tells nothing",
    {
      pairs: [
        { start: "a", end: "b", sessions: 50, failing: 0 },
        { start: "a", end: "c", sessions: 50, failing: 50 },
      ],
    },
    ["session_duration: session.duration"],
  ],
  [
    "a pair of events without spaces",
    { pairs: [{ start: "pay_start", end: "pay_end", sessions: 50, failing: 40 }] },
    ["pay_start_completion: not (pay_start -> pay_end) among pay_start"],
  ],
  [
    "a column of few values, one of which tells",
    { columns: [coded("state", ["ok", "killed"])] },
    ['state: state == "killed"'],
  ],
  [
    "a label of events, by its last value",
    { columns: [coded("status", ["ok", "failed"], { grain: "event" })] },
    ['status: last(*.status) == "failed"'],
  ],
  [
    "a label of sessions rather than one of events",
    { columns: [coded("status", ["ok", "failed"], { grain: "event" }), coded("result", ["passed", "failed"])] },
    ['result: result == "failed"'],
  ],
  [
    "measures whose names tell which way is worse",
    { columns: [numeric("latency_ms", { grain: "event" }), numeric("rating"), numeric("amount")] },
    ["latency_ms: mean(*.latency_ms)", "rating: rating"],
  ],
  [
    "an error that needs something to have begun",
    { names: [{ name: "pay_error", events: 90, sessions: 40, among: "pay_start" }] },
    ["pay_error: pay_error among pay_start"],
  ],
  [
    "errors, those of enough sessions",
    {
      names: [
        { name: "page", events: 500, sessions: 500 },
        { name: "js_error", events: 90, sessions: 40 },
        { name: "rare_crash", events: 2, sessions: 2 },
      ],
    },
    ["js_error: js_error"],
  ],
  [
    "one rare error, where there is no other",
    { names: [{ name: "AppCrash", events: 2, sessions: 2 }] },
    ["AppCrash: AppCrash"],
  ],
];
for (const [what, changes, expected] of guesses) {
  test(`guesses KPIs from ${what}`, () => assert.equal(kpisOf(aProfile(changes)), expected));
}

test("attributes are columns of few values of sessions, never a label; history is known by its names", () => {
  const columns = [
    coded("os", ["ios", "android"]),
    coded("outcome", ["good", "bad"]),
    coded("constant", ["x"]),
    coded("url", ["a", "b"], { distinct: 9999 }),
    coded("tool", ["a", "b"], { grain: "event", missing: 0.9 }),
    coded("page", ["a", "b"], { grain: "event", missing: 0.1 }),
    numeric("first_seen", { type: "time" } as Partial<ProfiledColumn>),
    numeric("visits_before"),
    numeric("speed"),
    numeric("app_version"),
  ];
  const text = starterStudy(aProfile({ columns }), ["a.csv"], "t");
  const { events } = parseStudy(text, "t.yaml");
  assert.equal(events.attributes, ["os", "page", "app_version"]);
  assert.equal(events.history, { firstSeen: "first_seen", sessions: "visits_before" });
  assert.match(text, /# - \{name: speed, value: speed, worse: higher\}/);
});

test("data without users or sessions, and with heartbeats, get a word on it", () => {
  const names = [{ name: "heartbeat", events: 9, sessions: 9 }];
  const roles = { time: "ts", event: "event", session: "s" };
  const text = starterStudy(aProfile({ roles, names, fromMs: null, toMs: null }), ["a.csv"], "t");
  assert.match(text, /# No user column was found/);
  assert.match(text, /# ignore: \[heartbeat\]/);
  assert.match(starterStudy(aProfile({ sessionGapMs: 1_800_000 }), ["a.csv"], "t"), /session_gap: 30m/);
});

test("whatever things are called, the study parses, says what the profile said, and comments stay comments", () => {
  const name = fc
    .oneof(
      fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
      fc.constantFrom(
        "true",
        "null",
        "- x",
        "a: b",
        "a #b",
        "x:",
        "'",
        '"',
        "\n- name: y",
        "count",
        "{",
        "\u2028kpis:",
        "é",
      ),
    )
    .filter((text) => text.trim() !== "" && !/\p{Cs}/u.test(text));
  const errorName = name.map((text) => `${text} error`);
  fc.assert(
    fc.property(name, name, errorName, name, (column, event, error, file) => {
      const profile = aProfile({
        roles: { time: column, event: `${column} event`, session: `${column} session` },
        columns: [
          coded(`${column} label`, [event, `${event} failed`]),
          coded(`${column} os`, ["a", "b"]),
          numeric(`${column} ms`),
        ],
        names: [
          { name: error, events: 50, sessions: 40 },
          { name: `${event} ping`, events: 9, sessions: 9 },
        ],
        pairs: [{ start: `${event} start`, end: `${event} end`, sessions: 50, failing: 20 }],
      });
      const study = parseStudy(starterStudy(profile, [file], event), "t.yaml");
      assert.equal(study.events.files, [file]);
      assert.equal(study.events.columns, { time: column, event: `${column} event`, session: `${column} session` });
      assert.equal(study.events.attributes, [`${column} os`]);
      assert.is(study.title, event);
      assert.ok(study.kpis.some((kpi) => kpi.name === error));
      assert.ok(study.kpis.some((kpi) => kpi.name === `${event} start completion`));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("words of names", () => {
  assert.equal(wordsOf("BuyPlan-click_2 ØlKøb"), ["buy", "plan", "click", "2", "øl", "køb"]);
  for (const name of ["http_error", "TimeoutException", "login_failed", "fails", "cart abandoned", "order_cancel"]) {
    assert.ok(namesAnError(name), name);
  }
  for (const name of ["terror", "cancel_order", "page"]) assert.not(namesAnError(name), name);
  assert.equal(pairNames(["a_start", "a_end", "b_start", "start", "Finish"]), [
    { start: "a_start", end: "a_end" },
    { start: "start", end: "Finish" },
  ]);
  assert.equal(failingValues("outcome", ["FINISH", "FAIL", "KILL"]), ["FAIL", "KILL"]);
  assert.equal(failingValues("outcome", ["no", "yes"]), []);
  assert.equal(failingValues("is_fraud", ["no", "yes"]), ["yes"]);
  assert.equal(failingValues("passed", ["no", "yes"]), ["no"]);
});

test("what wants to buy and what says that it was bought are a pair, where no two names tell of it by themselves", () => {
  assert.equal(pairNames(["app_open", "buy_plan", "coupon_error", "payment_complete"]), [
    { start: "buy_plan", end: "payment_complete" },
  ]);
  assert.equal(pairNames(["checkout_start", "checkout_complete", "payment_error", "order_view"]), [
    { start: "checkout_start", end: "checkout_complete" },
  ]);
  assert.equal(pairNames(["order_list_view", "checkout_start", "order_complete"]), [
    { start: "checkout_start", end: "order_complete" },
  ]);
  assert.equal(pairNames(["buy_plan", "payment_start", "payment_complete"]), [
    { start: "payment_start", end: "payment_complete" },
  ]);
});

test.run();
