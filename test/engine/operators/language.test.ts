import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ZoneClock } from "../../../engine/operators/clock.js";
import type { TableView } from "../../../engine/operators/partition.js";
import type { LeadlineError } from "../../../errors.js";
import { openDuck } from "../../sample/duck.js";
import { bytesOf, type SmallEvent, smallTable, valuesOf } from "./evaluating.js";

const start = Date.parse("2026-03-27T22:00:00Z");

/** A few users with sessions of a few events; the last week of March has a change of the clocks. */
const worlds = fc
  .array(
    fc.record({
      user: fc.nat(3),
      session: fc.nat(2),
      minutes: fc.nat(12),
      name: fc.constantFrom("a", "b", "c", "beat"),
      os: fc.constantFrom("ios", "android", null),
      ms: fc.constantFrom(1, 5, 9, null),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((rows) =>
    rows.map(
      ({ user, session, minutes, name, os, ms }): SmallEvent => ({
        user: `u${user}`,
        session: `u${user}s${session}`,
        time: start + session * 40 * 3_600_000 + user * 1000 + minutes * 10_000,
        name,
        os,
        ms,
      }),
    ),
  );

function events(text: string, times?: readonly number[]): SmallEvent[] {
  return text.split(" ").map((name, at) => ({
    user: "u",
    session: "s",
    time: start + (times?.[at] ?? at) * 1000,
    name,
    os: null,
    ms: null,
  }));
}

const cases: readonly [string, string, string, number][] = [
  ["until reaches its end through a run", "a a b", "a until b", 1],
  ["until needs a repeat", "c b", "a until b", 0],
  ["until suffers nothing between", "a c b", "a until b", 0],
  ["until does not see what is ignored", "a beat b", "a until b", 1],
  ["until in a chain", "c a a b c", "c => a until b => c", 1],
  ["a run in a chain must follow directly", "c b a b", "c => a until b", 0],
  ["an absent run", "c a c", "c -> not a until b", 1],
  ["a run that begins with the step before is another", "a b", "a -> not a until b", 1],
  ["a run after the step is present", "a a b", "c -> not a until b", 0],
  ["what is ignored is invisible even by its name", "beat a", "beat -> a", 0],
  ["count still sees what is ignored", "beat a beat", "count(beat) == 2", 1],
  ["count of runs", "a b c a a b b", "count(a until b) == 2", 1],
];
for (const [name, text, expression, expected] of cases) {
  test(name, () => {
    const known = smallTable(
      [...events(`a b c beat`), ...events(text).map((each) => ({ ...each, session: "t" }))].map((each) =>
        each.session === "t" ? { ...each, time: each.time + 3_600_000 } : each,
      ),
      { ignore: ["beat"] },
    );
    const at = known.sessions.findIndex(({ id }) => id === "t");
    assert.is(valuesOf(known, expression, "boolean")[at], expected);
  });
}

test("every new construct equals DuckDB's answer", async () => {
  const duck = await openDuck();
  const list = fc.sample(worlds, { seed: 3, numRuns: 12 });
  const queries: readonly [string, "boolean" | "value", string][] = [
    [
      "retries(a, b)",
      "value",
      "CASE WHEN fb IS NULL THEN NULL ELSE (SELECT count(*) FROM e WHERE e.session = s.session AND name = 'a' AND pos < fb) END",
    ],
    [
      "elapsed(a, b)",
      "value",
      "(SELECT min(time) FROM e WHERE e.session = s.session AND name = 'b' AND pos > fa) - (SELECT time FROM e WHERE e.session = s.session AND pos = fa)",
    ],
    ["elapsed(start, b)", "value", "(SELECT time FROM e WHERE e.session = s.session AND pos = fb) - s.start"],
    [
      "time_in(a, b)",
      "value",
      "(SELECT coalesce(sum(gap), 0) FROM (SELECT (CASE WHEN max(inside) OVER w > 0 THEN 1 ELSE 0 END) * (lead(time, 1, time) OVER (ORDER BY pos) - time) AS gap FROM (SELECT pos, time, CASE WHEN last_value(CASE WHEN name IN ('a', 'b') THEN name END IGNORE NULLS) OVER (ORDER BY pos) = 'a' THEN 1 ELSE 0 END AS inside FROM e WHERE e.session = s.session) WINDOW w AS (ORDER BY pos ROWS BETWEEN CURRENT ROW AND CURRENT ROW)))",
    ],
    ["count(a until b)", "value", "(SELECT count(*) FROM e WHERE e.session = s.session AND name = 'b' AND prev = 'a')"],
    [
      "previous(os) != os",
      "boolean",
      "coalesce(lag(os) OVER (PARTITION BY user ORDER BY start, session) <> os, false)::INT",
    ],
    ["previous(ms)", "value", "lag(ms) OVER (PARTITION BY user ORDER BY start, session)"],
    ["hour(start)", "value", "hour(timezone('Europe/Oslo', make_timestamptz((s.start * 1000)::BIGINT)))"],
    ["weekday(start)", "value", "isodow(timezone('Europe/Oslo', make_timestamptz((s.start * 1000)::BIGINT)))"],
    [
      'first(b.os) == "ios"',
      "boolean",
      "coalesce((SELECT arg_min(os, pos) FROM e WHERE e.session = s.session AND name = 'b' AND os IS NOT NULL) = 'ios', false)::INT",
    ],
    ['start >= "2026-03-28T12:00:00Z"', "boolean", `(s.start >= ${Date.parse("2026-03-28T12:00:00Z")})::INT`],
  ];
  let compared = 0;
  for (const world of list) {
    const table = smallTable(world, { timeZone: "Europe/Oslo" });
    const rows = table.sessions.flatMap(({ id, events: own }) =>
      own.map(
        ({ user, time, name, os, ms }, pos) =>
          `('${user}', '${id}', ${time}, ${pos}, '${name}', ${os === null ? "NULL" : `'${os}'`}, ${ms ?? "NULL"})`,
      ),
    );
    const names = new Set(world.map(({ name }) => name));
    if (!["a", "b"].every((name) => names.has(name))) continue;
    compared++;
    const from = `WITH raw(user, session, time, pos, name, os, ms) AS (VALUES ${rows.join(",")}),
      e AS (SELECT *, lag(name) OVER (PARTITION BY session ORDER BY pos) AS prev FROM raw),
      s AS (SELECT user, session, min(time) AS start, min(pos) FILTER (name = 'a') AS fa, min(pos) FILTER (name = 'b') AS fb,
        max(os) FILTER (pos = 0) AS os, max(ms) FILTER (pos = 0) AS ms FROM e GROUP BY user, session)`;
    for (const [text, position, sql] of queries) {
      const answer = await duck.rows(`${from} SELECT s.session AS id, ${sql} AS value FROM s`);
      const expected = new Map(answer.map(({ id, value }) => [id, value === null ? Number.NaN : Number(value)]));
      assert.equal(
        valuesOf(table, text, position),
        table.sessions.map(({ id }) => expected.get(id)),
        text,
      );
    }
  }
  assert.ok(compared >= 6, `${compared} worlds`);
});

test("a value on evidence is the value of sessions that end there, attributes known at the start aside", () => {
  const constructs: readonly [string, "boolean" | "value"][] = [
    ["count(a)", "value"],
    ["count(a) >= 2", "boolean"],
    ["a -> b", "boolean"],
    ["a => b", "boolean"],
    ["a until b", "boolean"],
    ["elapsed(a, b)", "value"],
    ["time_in(a, b)", "value"],
    ["sum(a.ms)", "value"],
    ["session.duration", "value"],
    ["session.events", "value"],
    ['a[os == "ios"]', "boolean"],
  ];
  fc.assert(
    fc.property(worlds, fc.infiniteStream(fc.nat(6)), (world, cuts) => {
      const anchors = events("a b c beat").map((each) => ({ ...each, user: "zz", session: "zz" }));
      const table = smallTable([...world, ...anchors], { ignore: ["beat"] });
      const sizes = table.sessions.map(({ events: own }) => Math.min(own.length, 1 + (cuts.next().value as number)));
      const ends = sizes.map((size, at) => (table.view.sessionOffsets[at] as number) + size);
      const short = smallTable(
        table.sessions.flatMap(({ events: own }, at) => own.slice(0, sizes[at])),
        { ignore: ["beat"] },
      );
      const sameNames = short.data.names.join() === table.data.names.join();
      if (!sameNames) return;
      const order = short.sessions.map(({ id }) => table.sessions.findIndex((session) => session.id === id));
      for (const [text, position] of constructs) {
        const cut = valuesOf(table, text, position, ends);
        assert.equal(
          order.map((at) => cut[at]),
          valuesOf(short, text, position),
          text,
        );
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("conditions on the evidence of several KPIs at once are those on the evidence of each", () => {
  const texts = [
    "count(a) >= 2",
    "count(a) < 2",
    "a -> b",
    "a => b",
    "a until b",
    "a -> not b within 3s",
    "a -> not (c until b)",
    "elapsed(a, b) > 1000",
    "retries(a, b) >= 1",
    "time_in(a, b) > 1000",
    "elapsed(a, b) > elapsed(a, c)",
    "sum(a.ms) > 2",
    'first(b.os) == "ios"',
    'a[os == "ios"]',
    "session.longest_gap > 1000",
    "session.index >= 2",
    'os == "ios" and a -> b',
    'not (os == "ios") or session.events > 2',
  ];
  const evidence = fc.infiniteStream(fc.record({ size: fc.nat(6), counts: fc.boolean() }));
  fc.assert(
    fc.property(worlds, fc.integer({ min: 1, max: 6 }), fc.nat(6), evidence, (world, kpis, skipped, stream) => {
      const anchors = events("a b c beat").map((each) => ({ ...each, user: "zz", session: "zz" }));
      const table = smallTable([...world, ...anchors], { ignore: ["beat"] });
      const asked = Array.from({ length: kpis }, () => {
        const drawn = table.sessions.map(() => stream.next().value as { size: number; counts: boolean });
        const ends = drawn.map(({ size }, at) => (table.view.sessionOffsets[at] as number) + size);
        return { ends, counts: drawn.map(({ counts }) => counts) };
      });
      const isWanted = (text: number, kpi: number): boolean => (text + kpi) % 7 !== skipped;
      const found = bytesOf(table, texts, asked, isWanted);
      for (const [at, text] of texts.entries()) {
        const bytes = [...found[at]!];
        assert.equal(
          bytes.map((byte) => byte >> 7),
          valuesOf(table, text, "boolean"),
          text,
        );
        for (const [kpi, { ends, counts }] of asked.entries()) {
          const alone = valuesOf(table, text, "boolean", ends);
          const expected = alone.map((value) => (isWanted(at, kpi) ? value : 0));
          const both = bytes.map((byte, session) => [(byte >> kpi) & 1, expected[session]!]);
          // nobody asks what holds in sessions that do not count
          assert.ok(
            both.every(([own, one], session) => !counts[session] || own === one),
            `${text}, KPI ${kpi}`,
          );
        }
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test("an absence is no evidence before its deadline has passed", () => {
  const table = smallTable(events("a c b", [0, 3, 20]));
  // cut before the event at 3 s: nobody knows yet whether b comes within 10 s
  assert.equal(valuesOf(table, "a -> not b within 10s", "boolean", [1]), [0]);
  assert.equal(valuesOf(table, "a -> not b within 10s", "boolean", [2]), [1]);
  assert.equal(valuesOf(table, "a -> not b within 10s", "boolean", [3]), [1]);
  assert.equal(valuesOf(table, "a -> not c", "boolean", [1]), [0]);
});

test("a session without evidence has no events, but an index and attributes", () => {
  const table = smallTable(events("a b").map((each) => ({ ...each, os: "ios" })));
  assert.equal(valuesOf(table, "session.events", "value", [0]), [0]);
  assert.equal(valuesOf(table, "session.duration", "value", [0]), [Number.NaN]);
  assert.equal(valuesOf(table, 'os == "ios" and session.index == 1', "boolean", [0]), [1]);
});

test("ZoneClock agrees with Intl in every quarter of an hour around changes of the clocks", () => {
  for (const zone of [
    "Europe/Oslo",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "UTC",
    "Pacific/Apia",
  ]) {
    const clock = new ZoneClock(zone);
    const format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hour: "2-digit",
      weekday: "short",
      hourCycle: "h23",
    });
    for (const day of [
      "2026-03-08",
      "2026-03-29",
      "2026-04-05",
      "2026-10-04",
      "2026-10-25",
      "2026-11-01",
      "2011-12-30",
    ]) {
      for (let quarter = -96; quarter < 192; quarter += 1) {
        const moment = Date.parse(`${day}T00:00:00Z`) + quarter * 900_000 + 899_999;
        const local = moment + clock.offsetAt(moment);
        const parts = new Map(format.formatToParts(moment).map(({ type, value }) => [type, value]));
        const weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Math.floor(local / 86_400_000) % 7];
        assert.is(Math.floor((local % 86_400_000) / 3_600_000), Number(parts.get("hour")), `${zone} ${moment}`);
        assert.is(weekday, parts.get("weekday"), `${zone} ${moment}`);
      }
    }
  }
});

const tables: TableView["tables"] = [
  {
    name: "backend",
    rows: 4,
    on: [{ attribute: "os", dictionary: ["android", "ios"] }],
    withinMs: 60_000,
    keys: Float64Array.of(0, 1),
    keyOffsets: Uint32Array.of(0, 1, 4),
    time: Float64Array.of(start, start - 10_000, start + 5000, start + 5000),
    columns: [
      { kind: "numeric", name: "cpu", type: "number", values: Float64Array.of(10, 20, 30, 40) },
      { kind: "coded", name: "state", codes: Uint8Array.of(1, 1, 0, 2), dictionary: ["calm", "hot"] },
    ],
  },
];

test("a table's value is that of the last row at or before the session's start, and inside [ ] the event's", () => {
  const rows = events("a b", [0, 6]).map((each) => ({ ...each, os: "ios" }));
  const table = smallTable(rows, { tables });
  assert.equal(valuesOf(table, "backend.cpu", "value"), [20]);
  assert.equal(valuesOf(table, "b[backend.cpu == 40]", "boolean"), [1]);
  assert.equal(valuesOf(table, 'backend.state == "calm"', "boolean"), [1]);
  assert.equal(valuesOf(table, 'b[backend.state == "hot"]', "boolean"), [1]);
  const other = smallTable(
    rows
      .map((each): SmallEvent => ({ ...each, os: null }))
      .concat(events("c").map((each) => ({ ...each, user: "v", session: "v", os: "ios", time: start + 70_000 }))),
    { tables },
  );
  assert.equal(valuesOf(other, "backend.cpu", "value"), [Number.NaN, Number.NaN]);
});

const mistakes: readonly [string, "boolean" | "value", string, string][] = [
  ["load.failure_rate(kk) > 0.5", "boolean", "expression-invalid", "unknown KPI: kk"],
  ['start >= "2026-02-30"', "boolean", "expression-invalid", "invalid time: 2026-02-30"],
  ['os < "b"', "boolean", "expression-invalid", "text compares with == and !="],
  ["os == ms", "boolean", "expression-invalid", "text is compared with a number"],
  ["sum(a.os)", "value", "expression-invalid", "sum takes numbers"],
];
for (const [text, position, code, fragment] of mistakes) {
  test(`${text} is refused`, () => {
    const table = smallTable(events("a").map((each) => ({ ...each, os: "ios" })));
    try {
      valuesOf(table, text, position);
      assert.unreachable();
    } catch (error) {
      assert.is((error as LeadlineError).code, code);
      assert.match((error as Error).message, fragment);
    }
  });
}

test.run();
