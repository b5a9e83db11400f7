import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { LeadlineError } from "../../errors.js";
import { parseExpression } from "../../planner/expression/parse.js";
import { defaultSettings } from "../../planner/settings.js";
import { parseStudy, type Study } from "../../planner/study.js";

const test = suite("parseStudy");

const full = `
title: Checkout, week 47
events:
  files: [data/events-*.parquet]     # a comment
  columns: {user: user_id, time: ts, event: name, session: session_id}
  session_gap: 30m
  from: 2026-11-16
  to: 2026-11-23
  ignore: [heartbeat]
  tokens:
    - {match: "error_*", token: error}
    - {event: api_call, with: [status]}
  attributes: [os, app_version]
  history: {first_seen: signup_at, sessions: visits_before}
tables:
  backend: {file: cpu.csv, time: minute, on: {region: region}, columns: [cpu], within: 1m}
kpis:
  - name: payment_conversion
    description: Buy-plan click to payment complete within 10 s
    among: buy_plan
    failure: not (buy_plan -> payment_complete within 10s)
    outcome: [payment_page_closed]
  - name: rebuffering
    value: sum(rebuffer.ms) / session.duration
    worse: higher
hypotheses:
  - {template: event-pattern, k: 3}
  - {name: slow-step, expression: "elapsed($from, $to) > $limit", parameters: {from: event, to: event, limit: duration}}
prompt: find patterns associated with high rebuffering
metadata: [docs/tracking-plan.md, reviews/*.txt]
time_zone: Europe/Oslo
settings: {min_users: 25}
`;

test("a study with everything is read as written", () => {
  const among = "buy_plan";
  const failure = "not (buy_plan -> payment_complete within 10s)";
  const value = "sum(rebuffer.ms) / session.duration";
  const expected: Study = {
    title: "Checkout, week 47",
    events: {
      files: ["data/events-*.parquet"],
      columns: { user: "user_id", time: "ts", event: "name", session: "session_id" },
      sessionGapMs: 1_800_000,
      fromMs: Date.UTC(2026, 10, 16),
      toMs: Date.UTC(2026, 10, 23),
      ignore: ["heartbeat"],
      tokens: [
        { kind: "match", pattern: "error_*", token: "error" },
        { kind: "attributes", event: "api_call", attributes: ["status"] },
      ],
      attributes: ["os", "app_version"],
      history: { firstSeen: "signup_at", sessions: "visits_before" },
    },
    tables: [
      {
        name: "backend",
        file: "cpu.csv",
        time: "minute",
        on: [{ attribute: "region", column: "region" }],
        columns: ["cpu"],
        withinMs: 60_000,
      },
    ],
    kpis: [
      {
        kind: "binary",
        name: "payment_conversion",
        description: "Buy-plan click to payment complete within 10 s",
        among: { text: among, expression: parseExpression(among) },
        outcome: ["payment_page_closed"],
        failure: { text: failure, expression: parseExpression(failure) },
      },
      {
        kind: "numeric",
        name: "rebuffering",
        description: null,
        among: null,
        outcome: [],
        value: { text: value, expression: parseExpression(value, { position: "value" }) },
        worse: "higher",
      },
    ],
    hypotheses: [
      { kind: "template", template: "event-pattern", parameters: { k: 3 } },
      {
        kind: "expression",
        name: "slow-step",
        text: "elapsed($from, $to) > $limit",
        parameters: [
          { name: "from", type: "event" },
          { name: "to", type: "event" },
          { name: "limit", type: "duration" },
        ],
      },
    ],
    prompt: "find patterns associated with high rebuffering",
    metadata: ["docs/tracking-plan.md", "reviews/*.txt"],
    timeZone: "Europe/Oslo",
    settings: { ...defaultSettings(), min_users: 25 },
  };
  assert.equal(parseStudy(full, "study.yaml"), expected);
});

test("the least study has defaults, and its file's name as title", () => {
  const study = parseStudy(
    "events: {files: events.csv}\nkpis: [{name: slow, failure: late}]",
    "some/where/week 47.yaml",
  );
  assert.equal(study, {
    title: "week 47",
    events: {
      files: ["events.csv"],
      columns: {},
      sessionGapMs: null,
      fromMs: null,
      toMs: null,
      ignore: [],
      tokens: [],
      attributes: null,
      history: null,
    },
    tables: [],
    kpis: [
      {
        kind: "binary",
        name: "slow",
        description: null,
        among: null,
        outcome: [],
        failure: { text: "late", expression: parseExpression("late") },
      },
    ],
    hypotheses: null,
    prompt: null,
    metadata: [],
    timeZone: "UTC",
    settings: defaultSettings(),
  });
});

test("JSON and YAML of the same study are the same study, and a study survives a message", () => {
  const json = {
    events: { files: "events.csv", from: "2026-11-16T12:00:00+01:00" },
    kpis: [{ name: "late", value: "late_share", worse: "lower" }],
  };
  const study = parseStudy(JSON.stringify(json), "a.json");
  assert.equal(parseStudy(JSON.stringify(json), "a.yaml"), study);
  assert.is(study.events.fromMs, Date.UTC(2026, 10, 16, 11));
  assert.equal(structuredClone(study), study);
});

const head = "events: {files: a.csv}\n";
const kpis = "kpis: [{name: k, failure: x}]\n";

/** What is refused, and what the message must hold. */
const refused: readonly (readonly [name: string, text: string, ...fragments: readonly string[]])[] = [
  ["an empty file", "", "study.yaml: found null; allowed: a mapping"],
  ["a list", "[]", "study.yaml: found []; allowed: a mapping"],
  ["YAML out of shape", "events:\n  files: [a\nkpis: []", "study.yaml: invalid YAML: line 3, column 1:"],
  ["a key twice", `${head}${head}${kpis}`, "study.yaml: invalid YAML: line 2, column 1: Map keys must be unique"],
  ["an alias of nothing", "events: *a", "study.yaml: invalid YAML: Unresolved alias"],
  ["an alias of itself", `events: &a [*a]\n${kpis}`, "study.yaml: invalid YAML:", "circular"],
  ["two documents", `${head}${kpis}---\n${head}`, "study.yaml: invalid YAML: line 3"],
  ["missing parts", "title: x", "study.yaml: events: missing; allowed", "study.yaml: kpis: missing; allowed: a list"],
  [
    "an unknown key",
    `${head}${kpis}kpi: 5`,
    "study.yaml: unknown key: kpi; did you mean kpis? allowed: title, events,",
  ],
  [
    "an unknown key within",
    `events: {files: a, colums: {}}\n${kpis}`,
    "study.yaml: events: unknown key: colums; did you mean columns?",
  ],
  [
    "an unknown role",
    `events: {files: a, columns: {usr: u}}\n${kpis}`,
    "events.columns: unknown key: usr; did you mean user? allowed: user, time, event, session",
  ],
  ["no files", `events: {files: []}\n${kpis}`, "events.files: found []; allowed: at least 1 in the list"],
  [
    "files of a wrong kind",
    `events: {files: 5}\n${kpis}`,
    "events.files: found 5 (a number); allowed: a text or a list of texts",
  ],
  [
    "a gap without unit",
    `events: {files: a, session_gap: 30}\n${kpis}`,
    "events.session_gap: found 30 (a number); allowed: a duration such as 500ms",
  ],
  [
    "no such day",
    `events: {files: a, from: 2026-02-30}\n${kpis}`,
    'events.from: found "2026-02-30"; allowed: an ISO date',
  ],
  [
    "an empty window",
    `events: {files: a, from: 2026-02-03, to: 2026-02-03}\n${kpis}`,
    "events.to: found a moment at or before from",
  ],
  [
    "names that YAML reads as numbers",
    `events: {files: a, ignore: [404]}\n${kpis}`,
    "events.ignore[0]: found 404 (a number); allowed: text",
    "quote",
  ],
  [
    "half a token rule",
    `events: {files: a, tokens: [{match: a}]}\n${kpis}`,
    'events.tokens[0]: found match; allowed: match with token, or event with "with"',
  ],
  [
    "two token rules in one",
    `events: {files: a, tokens: [{match: a, token: b, event: c, with: [d]}]}\n${kpis}`,
    "events.tokens[0]: found match, token, event, with",
  ],
  [
    "an empty history",
    `events: {files: a, history: {}}\n${kpis}`,
    "events.history: found no column; allowed: first_seen",
  ],
  ["no KPIs", `${head}kpis: []`, "kpis: found []; allowed: at least 1 in the list"],
  ["a KPI of nothing", `${head}kpis: [{name: k}]`, "kpis[0]: found neither failure nor value; allowed: exactly one"],
  [
    "a KPI of both",
    `${head}kpis: [{name: k, failure: a, value: b, worse: higher}]`,
    "kpis[0]: found failure and value; allowed: one of them",
  ],
  ["worse of a failure", `${head}kpis: [{name: k, failure: a, worse: higher}]`, "kpis[0]: found worse with failure"],
  ["a value without worse", `${head}kpis: [{name: k, value: a}]`, "kpis[0]: missing worse; allowed: higher, lower"],
  [
    "an odd worse",
    `${head}kpis: [{name: k, value: a, worse: up}]`,
    'kpis[0].worse: found "up"; allowed: higher, lower',
  ],
  [
    "an expression that does not parse",
    `${head}kpis: [{name: k, failure: "a ->"}]`,
    "study.yaml: kpis[0].failure: found the end; allowed: an event's name",
    "\n  a ->\n      ^",
  ],
  [
    "a condition as a value",
    `${head}kpis: [{name: k, value: "a -> b", worse: higher}]`,
    'kpis[0].value: found "a -> b", no number; allowed: a numeric value',
  ],
  ["a text as a value", `${head}kpis: [{name: k, value: '"a"', worse: higher}]`, "kpis[0].value", "no number"],
  [
    "a value as a failure",
    `${head}kpis: [{name: k, failure: count(a)}]`,
    "kpis[0].failure: found a value where a condition stands",
  ],
  ["a KPI twice", `${head}kpis: [{name: k, failure: a}, {name: k, failure: b}]`, "kpis[1].name: found k twice"],
  [
    "a KPI that reads an unknown one",
    `${head}kpis: [{name: slow, failure: load.failure_rate(slwo) > 0.5}]`,
    "kpis[0]: unknown KPI: slwo; did you mean slow?",
  ],
  [
    "a KPI that reads itself",
    `${head}kpis: [{name: k, failure: load.failure_rate(k) > 0.5}]`,
    "kpis[0]: found load.failure_rate(k), which depends on this KPI itself",
  ],
  [
    "KPIs that read each other",
    `${head}kpis: [{name: a, failure: load.failure_rate(b) > 0.5}, {name: b, among: load.failure_rate(a) > 0.5, failure: x}]`,
    "kpis[0]: found load.failure_rate(b)",
    "kpis[1]: found load.failure_rate(a)",
  ],
  [
    "a table called session",
    `${head}${kpis}tables: {session: {file: a, time: t, columns: [c]}}`,
    "tables.session: invalid table name: session",
  ],
  [
    "a table with a dot",
    `${head}${kpis}tables: {a.b: {file: a, time: t, columns: [c]}}`,
    "tables.a.b: invalid table name: a.b",
  ],
  [
    "a table without time",
    `${head}${kpis}tables: {backend: {file: a, columns: [c]}}`,
    "tables.backend.time: missing; allowed: text",
  ],
  ["no hypotheses", `${head}${kpis}hypotheses: []`, "hypotheses: found []; allowed: at least 1"],
  [
    "a hypothesis that is neither",
    `${head}${kpis}hypotheses: [{nam: x, expression: a}]`,
    "hypotheses[0].name: missing",
    "hypotheses[0]: unknown key: nam; did you mean name?",
  ],
  [
    "a template's name that is none",
    `${head}${kpis}hypotheses: [{template: 5}]`,
    "hypotheses[0].template: found 5 (a number); allowed: text",
  ],
  [
    "a hole without parameter",
    `${head}${kpis}hypotheses: [{name: t, expression: count($evnt) > 1, parameters: {event: event}}]`,
    "hypotheses[0].expression: unknown hole: $evnt; did you mean event? allowed: $event",
  ],
  [
    "a parameter without hole",
    `${head}${kpis}hypotheses: [{name: t, expression: a, parameters: {event: event}}]`,
    "hypotheses[0].parameters: found event, which no hole uses",
  ],
  [
    "a parameter of an odd kind",
    `${head}${kpis}hypotheses: [{name: t, expression: count($a) > 1, parameters: {a: evnt}}]`,
    'hypotheses[0].parameters.a: found "evnt"; allowed: event, attribute, duration, number, text',
  ],
  [
    "a template that does not parse",
    `${head}${kpis}hypotheses: [{name: t, expression: "count($a) >", parameters: {a: event}}]`,
    "hypotheses[0].expression: found the end",
    'count("$a") >',
  ],
  [
    "a template whose holes do not fit",
    `${head}${kpis}hypotheses: [{name: t, expression: "count($a) > 1", parameters: {a: number}}]`,
    "hypotheses[0].expression: found `1`; allowed: an event's name",
  ],
  ["no such time zone", `${head}${kpis}time_zone: Oslo`, 'time_zone: found "Oslo"; allowed: an IANA time zone'],
  [
    "an odd setting",
    `${head}${kpis}settings: {min_usres: 5}`,
    "settings: unknown key: min_usres; did you mean min_users?",
  ],
  [
    "a setting out of range",
    `${head}${kpis}settings: {top: 0}`,
    "settings.top: found 0 (a number); allowed: a whole number, 1 or more",
  ],
  ["a prompt of a wrong kind", `${head}${kpis}prompt: []`, "prompt: found []; allowed: text"],
];

for (const [name, text, ...fragments] of refused) {
  test(`refused: ${name}`, () => {
    const message = refusal(text, "study.yaml");
    for (const fragment of fragments) assert.ok(message.includes(fragment), `${message}\nlacks ${fragment}`);
  });
}

test("JSON out of shape is refused as such", () => {
  assert.match(refusal("{events: 5}", "a/study.json"), /^a\/study\.json: invalid JSON: /);
});

test("every problem is told, up to eight, and the rest counted", () => {
  const names = Array.from({ length: 10 }, (_, index) => `{name: k${index}}`).join(", ");
  const lines = refusal(`${head}kpis: [${names}]`, "study.yaml").split("\n");
  assert.is(lines.length, 9);
  assert.is(lines[8], "study.yaml: and 2 more");
});

const data = process.env["LEADLINE_DATA"];
test("the studies of the public data sets are read", () => {
  if (data === undefined) {
    process.stdout.write("skipped: LEADLINE_DATA is unset ");
    return;
  }
  const files = readdirSync(data)
    .map((folder) => join(data, folder, "study.yaml"))
    .filter((file) => existsSync(file));
  assert.ok(files.length > 0);
  for (const file of files) assert.ok(parseStudy(readFileSync(file, "utf8"), file).kpis.length > 0, file);
});

function refusal(text: string, file: string): string {
  try {
    parseStudy(text, file);
  } catch (error) {
    assert.instance(error, LeadlineError);
    assert.is((error as LeadlineError).code, "study-invalid");
    return (error as LeadlineError).message;
  }
  return assert.unreachable("nothing was thrown") as never;
}

test.run();
