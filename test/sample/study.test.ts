import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse } from "yaml";
import { player } from "../../sample/services/player.js";
import type { Service } from "../../sample/services/service.js";
import { shop } from "../../sample/services/shop.js";
import { subscription } from "../../sample/services/subscription.js";

interface Study {
  readonly title: string;
  readonly events: {
    readonly files: string[];
    readonly columns: Record<string, string>;
    readonly ignore?: string[];
    readonly tokens?: { event?: string; match?: string; token?: string; with?: string[] }[];
    readonly attributes: string[];
    readonly history?: { first_seen: string; sessions: string };
  };
  readonly kpis: {
    readonly name: string;
    readonly description: string;
    readonly among?: string;
    readonly failure?: string;
    readonly value?: string;
    readonly worse?: string;
    readonly outcome?: string[];
  }[];
}

/** Words of the expression language that the sample uses; everything else has to be in the data. */
const WORDS = new Set([
  "not",
  "weekday",
  "start",
  "within",
  "count",
  "sum",
  "session.index",
  "session.duration",
  "user.sessions",
  "10s",
]);
const SERVICES = [subscription, player, shop];

const studyOf = (service: Service): Study => parse(service.study("events.parquet"));

/** Names that an expression may use: events, tokens, columns. */
function known(service: Service, { events }: Study): Set<string> {
  const names = new Set(service.columns.events);
  for (const { event, token, with: parts } of events.tokens ?? []) {
    if (token !== undefined) names.add(token);
    for (const part of parts ?? []) {
      const column = service.columns.eventTexts.find(({ name }) => name === part);
      for (const value of column?.values ?? []) names.add(`${event}{${part}=${value}}`);
    }
  }
  for (const { name, values } of service.columns.eventTexts) for (const word of [name, ...values]) names.add(word);
  return names;
}

/** The names in an expression: quoted texts, and words that may hold dots. */
function namesIn(expression: string): string[] {
  return [...expression.matchAll(/"([^"]*)"|([A-Za-z_0-9][\w.]*)/g)]
    .map(([, quoted, word]) => quoted ?? word ?? "")
    .filter((name) => !/^\d+$/.test(name));
}

const test = suite("sample studies");

test("each study is YAML that names files, columns and attributes that exist", () => {
  for (const service of SERVICES) {
    const { title, events } = studyOf(service);
    const { columns } = service;
    const text = columns.attributes.map(({ name }) => name);
    assert.ok(title.length > 0);
    assert.equal(events.files, ["events.parquet"]);
    assert.equal(events.columns, { user: "user_id", session: "session_id", time: "ts", event: "event" });
    assert.equal(events.attributes, text);
    assert.equal(events.history, columns.history ? { first_seen: "first_seen", sessions: "visits_before" } : undefined);
    for (const name of events.ignore ?? []) assert.ok(columns.events.includes(name), name);
    for (const { event, match, token } of events.tokens ?? []) {
      assert.ok((event === undefined) !== (match === undefined));
      if (event !== undefined) assert.ok(columns.events.includes(event), event);
      if (match !== undefined)
        assert.ok(columns.events.some((name) => name.startsWith(match.replace("*", ""))) && token);
    }
  }
  assert.equal(
    SERVICES.map(({ columns }) => columns.history),
    [true, true, false],
  );
});

test("every name in a KPI or a hypothesis is an event, a token, a column or a word of the language", () => {
  for (const service of SERVICES) {
    const study = studyOf(service);
    const names = known(service, study);
    const expressions = [
      ...study.kpis.flatMap(({ among, failure, value, outcome }) => [among, failure, value, ...(outcome ?? [])]),
      ...service.planted.flatMap(({ hypothesis, alternatives }) => [hypothesis, ...alternatives]),
    ].filter((expression) => expression !== undefined);
    for (const expression of expressions) {
      for (const name of namesIn(expression)) {
        const column = /^(\w+)\.(\w+)$/.exec(name);
        const isColumn =
          column !== null &&
          names.has(column[1] as string) &&
          service.columns.eventNumbers.includes(column[2] as string);
        assert.ok(WORDS.has(name) || names.has(name) || isColumn, `${service.name}: ${name} in ${expression}`);
      }
    }
  }
});

test("a KPI is described, and either fails or has a value with a worse direction", () => {
  for (const service of SERVICES) {
    for (const { description, failure, value, worse } of studyOf(service).kpis) {
      assert.ok(description.length > 10);
      assert.is(failure === undefined, value !== undefined);
      assert.is(worse, value === undefined ? undefined : "higher");
    }
  }
});

test("planted entries name a KPI of their study and a cohort that exists", () => {
  for (const service of SERVICES) {
    const kpis = studyOf(service).kpis.map(({ name }) => name);
    for (const { kpi, cohort } of service.planted) {
      assert.ok(kpis.includes(kpi), kpi);
      for (const [name, value] of Object.entries(cohort)) {
        const column = service.columns.attributes.find((attribute) => attribute.name === name);
        assert.ok(column?.values.includes(value), `${name} ${value}`);
      }
    }
  }
});

test("names of events are short words that are neither repeated nor words of the language", () => {
  const reserved = ["start", "count", "not", "and", "or", "in", "within", "until", "true", "false", "hour", "weekday"];
  for (const { columns } of SERVICES) {
    assert.is(new Set(columns.events).size, columns.events.length);
    assert.ok(columns.events.every((name) => /^[a-z_]{3,40}$/.test(name) && !reserved.includes(name)));
  }
});

test.run();
