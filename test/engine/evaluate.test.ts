import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type EvaluateOptions, Execution, placeOfKpi } from "../../engine/execution.js";
import { FAILING, NORMAL, NOT_COUNTED } from "../../engine/passes/segment.js";
import { WorkerPool } from "../../engine/pool.js";
import { LeadlineError } from "../../errors.js";
import { compileBoolean, compileNumber } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import type { KpiPlan } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import { conditionOf, numberOf, type Scene } from "./reference.js";
import {
  type Reading,
  statisticsOf,
  type TestColumn,
  type TestEvent,
  type TestSession,
  type TestUser,
  tableOf,
  tokensOf,
} from "./tables.js";

const test = suite("evaluate");
const pools = [new WorkerPool(1), new WorkerPool(2)];
test.after(async () => {
  for (const pool of pools) await pool.close();
});

const DAY_MS = 86_400_000;
const always: EvaluateOptions = {
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  failingQuantile: 0.9,
  outcomeTime: true,
};

const columns: readonly TestColumn[] = [
  { name: "plan", kind: "text", grain: "event" },
  { name: "beta", kind: "boolean", grain: "event" },
  // numbers in the shape of text, as ids and codes are
  { name: "level", kind: "text", grain: "event" },
  { name: "size", kind: "number", grain: "event" },
  { name: "region", kind: "text", grain: "session" },
  { name: "visits", kind: "number", grain: "session" },
  { name: "since", kind: "time", grain: "session" },
];
const numeric = new Set(["level", "size", "visits", "since"]);
const names = ["a", "b", "c", "e_1", "e_2", "api", "hb"];

const readings: readonly Reading[] = [
  {},
  { ignore: ["hb"], history: { firstSeen: "since", sessions: "visits" } },
  { rules: [{ kind: "match", pattern: "e_*", token: "e" }], history: { firstSeen: "since", sessions: null } },
  {
    rules: [
      { kind: "match", pattern: "e_1", token: "e" },
      { kind: "attributes", event: "api", attributes: ["plan", "region"] },
      { kind: "match", pattern: "*", token: "other" },
    ],
    ignore: ["h*", "e_2"],
  },
];

/** A user who has every name and value, so that every expression names what the data have. */
const everything: TestUser = [
  names.map(
    (name, at): TestEvent => ({
      name,
      time: at,
      values: {
        plan: at % 2 === 0 ? "pro" : "free",
        beta: at % 2 === 0,
        level: ["1", "2", "10"][at % 3]!,
        size: at,
        region: "eu",
        visits: 0,
        since: -DAY_MS,
      },
    }),
  ),
  [{ name: "a", time: DAY_MS, values: { region: "us" } }],
];

const cells = fc.record({
  plan: fc.constantFrom("pro", "free", null),
  beta: fc.constantFrom(true, false, null),
  level: fc.constantFrom("1", "2", "10", null),
  size: fc.constantFrom(-1, 0, 1, 2.5, 3, null),
});
const session = fc.record({
  gap: fc.constantFrom(0, 3, DAY_MS / 2, DAY_MS, 8 * DAY_MS),
  shared: fc.record({
    region: fc.constantFrom("eu", "us", null),
    visits: fc.constantFrom(0, 4, null),
    since: fc.constantFrom(-DAY_MS, 5 * DAY_MS, null),
  }),
  events: fc.array(fc.tuple(fc.constantFrom(...names), fc.constantFrom(0, 0, 1, 2, 5, 10), cells), {
    minLength: 1,
    maxLength: 10,
  }),
});

const user: fc.Arbitrary<TestUser> = fc.array(session, { minLength: 1, maxLength: 3 }).map((sessions) => {
  let start = 0;
  return sessions.map(({ gap, shared, events }): TestSession => {
    start += gap;
    let time = start;
    return events.map(([name, wait, values]) => {
      const event = { name, time, values: { ...values, ...shared } };
      time += wait;
      return event;
    });
  });
});

const predicateAtom = fc.constantFrom(
  'plan == "pro"',
  'plan != "free"',
  'plan in ("pro", "gold")',
  "size > 2",
  "size <= 1",
  "0 < size",
  "size != 1",
  "size in (1, 3)",
  "beta",
  "beta == true",
  "beta != true",
  "level >= 2",
  'level == "10"',
  "level in (1, 10)",
  "size == level",
  "level == size",
  "level < size",
  "size < level",
  "size + 1 > level * 2",
  "-size < 0",
  "size / level == 1",
  "size / (size - 1) > 1",
  "plan == region",
  "plan != region",
  "visits > 1",
  "true",
);
const predicate = fc.oneof(
  { weight: 3, arbitrary: predicateAtom },
  predicateAtom.map((atom) => `not (${atom})`),
  fc.tuple(predicateAtom, fc.constantFrom("and", "or"), predicateAtom).map(([a, op, b]) => `(${a}) ${op} (${b})`),
);

const eventIn = (reading: Reading): fc.Arbitrary<string> => {
  const rules = reading.rules ?? [];
  const tokens = [
    ...(rules.some((rule) => rule.kind === "match") ? ["e"] : []),
    ...(rules.some((rule) => rule.kind === "attributes") ? ['"api{plan=pro}"', '"api{plan=free,region=eu}"'] : []),
    ...(rules.length > 2 ? ["other"] : []),
  ];
  return fc.constantFrom("a", "a", "b", "b", "c", "e_1", "api", "hb", ...tokens, ...tokens);
};

const stepIn = (reading: Reading): fc.Arbitrary<string> =>
  fc
    .tuple(eventIn(reading), fc.option(predicate, { nil: null, freq: 4 }))
    .map(([event, own]) => (own === null ? event : `${event}[${own}]`));

const duration = fc.constantFrom("0ms", "1ms", "3ms", "10ms", "1d");

/** A step of a chain: an event, or a run up to one. */
const partIn = (reading: Reading): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 3, arbitrary: stepIn(reading) },
    fc.tuple(stepIn(reading), stepIn(reading)).map(([repeat, end]) => `(${repeat} until ${end})`),
  );

function sequenceIn(reading: Reading): fc.Arbitrary<string> {
  const link = fc.constantFrom("->", "=>");
  return fc
    .tuple(
      fc.array(partIn(reading), { minLength: 2, maxLength: 4 }),
      fc.array(link, { minLength: 4, maxLength: 4 }),
      fc.boolean(),
      fc.option(duration, { nil: null }),
    )
    .map(([steps, links, absent, within]) => {
      const joined = steps.map((step, at) => {
        if (at === 0) return step;
        return absent && at === steps.length - 1 ? `-> not ${step}` : `${links[at]} ${step}`;
      });
      return `(${joined.join(" ")}${within === null ? "" : ` within ${within}`})`;
    });
}

function valueIn(reading: Reading): fc.Arbitrary<string> {
  const step = stepIn(reading);
  const fn = fc.constantFrom("sum", "mean", "min", "max", "first", "last");
  const atom = fc.oneof(
    partIn(reading).map((of) => `count(${of})`),
    fc
      .tuple(fc.constantFrom("retries", "elapsed", "time_in"), step, step)
      .map(([of, first, second]) => `${of}(${first}, ${second})`),
    step.map((to) => `elapsed(start, ${to})`),
    fc.tuple(step, duration).map(([of, window]) => `count(${of}) in ${window}`),
    fc.tuple(fn, step, fc.constantFrom("size", "level")).map(([of, at, name]) => `${of}(${at}.${name})`),
    fc.tuple(fn, fc.constantFrom("size", "level")).map(([of, name]) => `${of}(*.${name})`),
    fc.constantFrom(
      ...["size", "level", "visits", "since", "2", "0", "1.5", "3ms"],
      ...["session.duration", "session.events", "session.longest_gap", "session.index"],
      ...["user.sessions", "user.days_since_last", "user.first_seen", "start", "hour(start)"],
      ...["weekday(start)", "previous(size)", "previous(level)"],
    ),
  );
  const compound = fc.tuple(atom, fc.constantFrom("+", "-", "*", "/"), atom).map(([a, op, b]) => `(${a} ${op} ${b})`);
  return fc.oneof(
    { weight: 3, arbitrary: atom },
    compound,
    compound.map((value) => `-${value}`),
  );
}

function conditionIn(reading: Reading): fc.Arbitrary<string> {
  const step = stepIn(reading);
  const value = valueIn(reading);
  const operator = fc.constantFrom("==", "!=", "<", "<=", ">", ">=");
  const bound = fc.constantFrom("-1", "0", "1", "1.5", "2", "3");
  const atom = fc.oneof(
    partIn(reading),
    { weight: 3, arbitrary: sequenceIn(reading) },
    fc.tuple(step, operator, bound).map(([of, op, n]) => `count(${of}) ${op} ${n}`),
    fc.tuple(bound, operator, step).map(([n, op, of]) => `${n} ${op} count(${of})`),
    fc.tuple(step, bound, bound).map(([of, n, m]) => `count(${of}) in (${n}, ${m})`),
    fc.tuple(value, operator, value).map(([a, op, b]) => `${a} ${op} ${b}`),
    fc.tuple(value, bound, bound).map(([a, n, m]) => `${a} in (${n}, ${m})`),
    fc.constantFrom(
      ...['region == "eu"', 'region != "us"', 'region in ("eu", "mars")', '"pro" == plan', "beta == true"],
      ...[
        "beta != false",
        'beta in (true, "false")',
        'level == "2"',
        'level in (1, "10")',
        "size < level",
        "size in (1, 3)",
        "previous(plan) != plan",
        "previous(region) == region",
        "plan == region",
        'previous(plan) == "pro"',
        "previous(size) < size",
      ],
      ...['start >= "1970-01-02"', 'start < "1970-01-01T12:00"', 'user.first_seen < "1970-01-01"', "true", "false"],
    ),
  );
  const joined = fc.tuple(atom, fc.constantFrom("and", "or"), atom).map(([a, op, b]) => `(${a} ${op} ${b})`);
  return fc.oneof(
    { weight: 3, arbitrary: atom },
    atom.map((item) => `not ${item}`),
    joined,
    fc.tuple(joined, fc.constantFrom("and", "or"), atom).map(([a, op, b]) => `not ${a} ${op} ${b}`),
  );
}

interface Case {
  readonly users: readonly TestUser[];
  readonly reading: Reading;
  readonly conditions: readonly string[];
  readonly values: readonly string[];
}

const cases: fc.Arbitrary<Case> = fc.constantFrom(...readings).chain((reading) =>
  fc.record({
    users: fc.array(user, { maxLength: 3 }).map((users) => [everything, ...users]),
    reading: fc.constant(reading),
    conditions: fc.array(conditionIn(reading), { minLength: 1, maxLength: 10 }),
    values: fc.array(valueIn(reading), { minLength: 1, maxLength: 4 }),
  }),
);

interface Outcome {
  /** By condition and session: whether it holds, and the place in the session before whose event that was decided. */
  readonly conditions: readonly (readonly { value: boolean; decided: number }[])[];
  readonly values: readonly (readonly (number | null)[])[];
}

async function evaluated({ users, reading, conditions, values }: Case, pool: WorkerPool): Promise<Outcome> {
  const table = tableOf(users, columns);
  const tokens = tokensOf(table, reading);
  const data = statisticsOf(table, tokens, reading);
  const plan = new PlanBuilder();
  const kpi = (name: string, outcome: KpiPlan["outcome"]): KpiPlan => ({
    name,
    among: null,
    outcome,
    barredNames: [],
    barredColumns: [],
    ...{ readsLength: false, anchor: null, deadlineMs: null, lastsMs: null },
    barredMeasures: [],
  });
  const nodes = conditions.map((text) =>
    compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data),
  );
  const numbers = values.map((text) =>
    compileNumber({ expression: parseExpression(text, { position: "value" }), text, where: "test" }, plan, data),
  );
  const kpis = [
    ...nodes.map((node, at) => kpi(conditions[at]!, { kind: "binary", node })),
    ...numbers.map((node, at) => kpi(values[at]!, { kind: "numeric", node, worse: "higher" })),
  ];
  const execution = new Execution(table, tokens, pool);
  const found = await execution.evaluate(plan.nodes, kpis, [], always);
  const asked = nodes.map((node) => ({ node, forKpi: kpis.map(() => true) }));
  const whole = await execution.evaluate(plan.nodes, kpis, asked, { ...always, outcomeTime: false });
  const sessions = Array.from({ length: table.sessions }, (_, at) => at);
  return {
    conditions: nodes.map((node, at) =>
      sessions.map((place) => {
        const { state, evidenceEnd } = found.kpis[at]!;
        const { group, bit } = placeOfKpi(at);
        const value = ((whole.conditions.get(node)![group]![place]! >>> bit) & 1) === 1;
        assert.is(state[place], value ? FAILING : NORMAL);
        return { value, decided: evidenceEnd![place]! - table.sessionOffsets[place]! };
      }),
    ),
    values: numbers.map((_, at) =>
      sessions.map((place) => {
        const value = found.kpis[nodes.length + at]!.outcome![place]!;
        return Number.isNaN(value) ? null : value;
      }),
    ),
  };
}

function expected({ users, reading, conditions, values }: Case): Outcome {
  const scenes = users.flatMap((own) => own.map((_, index): Scene => ({ user: own, index, reading, numeric })));
  return {
    conditions: conditions.map((text) => scenes.map((scene) => conditionOf(parseExpression(text), scene))),
    values: values.map((text) => scenes.map((scene) => numberOf(parseExpression(text, { position: "value" }), scene))),
  };
}

test("every expression, and the moment at which it is decided, equals its definition", async () => {
  await fc.assert(
    fc.asyncProperty(cases, async (one) => {
      const reference = expected(one);
      for (const pool of pools) {
        const found = await evaluated(one, pool);
        for (const [at, text] of one.conditions.entries()) {
          assert.equal(found.conditions[at], reference.conditions[at], text);
        }
        for (const [at, text] of one.values.entries()) assert.equal(found.values[at], reference.values[at], text);
      }
    }),
    { seed: 1, numRuns: 600 },
  );
});

/** Events of names alone, a millisecond apart. */
const spelt = (text: string): TestSession => text.split(" ").map((name, time) => ({ name, time, values: {} }));

const hidden: Reading = { ignore: ["hb"] };
const laws: readonly (readonly [text: string, session: string, holds: boolean, decided: number])[] = [
  ["a => b", "a hb b", true, 2],
  ["a => b", "a c b", false, 3],
  ["a => hb", "a hb b", false, 3],
  ["a -> hb", "a c hb", false, 3],
  ["hb -> a", "hb a c", false, 3],
  ["a -> not hb", "a hb b", true, 3],
  // a step on its own is `count(step) >= 1`, which sees ignored events
  ["hb", "a hb b", true, 1],
  ["count(hb) >= 2", "hb a hb", true, 2],
  ["not hb", "a hb b", false, 1],
  // an event serves one step of a chain
  ["a -> a", "a b", false, 2],
  ["a -> a -> a", "a b a a a", true, 3],
  ["a => a => b", "a a a b", true, 3],
  // spans are inclusive, and the latest start of a chain may be the one that fits
  ["a -> c within 2ms", "a b c", true, 2],
  ["a -> c within 1ms", "a b c", false, 1],
  ["a -> b -> c within 2ms", "a a b c", true, 3],
  // a failed conversion is decided at the last start's deadline, a success when it first happens
  ["not (a -> c within 2ms)", "a b b b b b", true, 2],
  ["not (a -> c within 2ms)", "a b a b b b", true, 4],
  ["not (a -> c within 2ms)", "a b a c b c", false, 3],
  ["not (a -> c within 2ms)", "b b b", true, 3],
  ["not (a -> c)", "a b b", true, 3],
  ["a -> not c within 2ms", "a c b a b b b", true, 5],
  ["a -> not c within 2ms", "a b c a b", true, 5],
  ["a -> not c", "a c a", true, 3],
  ["a and not b", "c a c b", false, 3],
  ["a and not b", "c a c", true, 3],
  ["a or b", "c b a", true, 1],
];

for (const [text, session, holds, decided] of laws) {
  test(`${text} in ${session}: ${holds}, decided at ${decided}`, async () => {
    const one: Case = { users: [everything, [spelt(session)]], reading: hidden, conditions: [text], values: [] };
    const [found] = (await evaluated(one, pools[0]!)).conditions;
    assert.equal(found?.[2], { value: holds, decided });
    assert.equal(expected(one).conditions[0]?.[2], { value: holds, decided });
  });
}

test("many partitions give what one gives, for any number of threads", async () => {
  const [small] = fc.sample(
    fc.array(user, { minLength: 12, maxLength: 12 }).map((users) => [everything, ...users]),
    { seed: 5, numRuns: 1 },
  );
  const one: Case = {
    users: small!,
    reading: readings[1]!,
    conditions: ["a -> b within 10ms", "count(a) >= 2 or api => c", "session.index <= 2", 'region == "eu"'],
    values: ["sum(*.size) / session.events", "user.days_since_last", "user.first_seen", "count(a) in 3ms"],
  };
  const events = small!.flat(2).length;
  const copies = Math.ceil(200_000 / events);
  const large = { ...one, users: Array.from({ length: copies }, () => small!).flat() };
  const table = tableOf(large.users, columns);
  assert.ok(new Execution(table, tokensOf(table, one.reading), pools[0]!).partitions.length > 3);
  const want = expected(one);
  for (const pool of pools) {
    const found = await evaluated(large, pool);
    for (const [at, rows] of want.conditions.entries()) {
      const repeated = Array.from({ length: copies }, () => rows).flat();
      assert.is(
        found.conditions[at]!.findIndex(
          ({ value, decided }, place) => value !== repeated[place]!.value || decided !== repeated[place]!.decided,
        ),
        -1,
        one.conditions[at],
      );
    }
    for (const [at, rows] of want.values.entries()) {
      const repeated = Array.from({ length: copies }, () => rows).flat();
      assert.is(
        found.values[at]!.findIndex((value, place) => value !== repeated[place]),
        -1,
        one.values[at],
      );
    }
  }
});

interface NumericCase {
  readonly sizes: readonly (number | null)[];
  readonly worse: "higher" | "lower";
  readonly quantile: number;
}

test("a numeric KPI's failing sessions lie strictly beyond the quantile of those that count", async () => {
  const numericCase: fc.Arbitrary<NumericCase> = fc.record({
    sizes: fc.array(fc.option(fc.integer({ min: -5, max: 5 }), { nil: null, freq: 6 }), {
      minLength: 1,
      maxLength: 40,
    }),
    worse: fc.constantFrom("higher", "lower"),
    quantile: fc.constantFrom(0.5, 0.75, 0.9, 1),
  });
  await fc.assert(
    fc.asyncProperty(numericCase, async ({ sizes, worse, quantile }) => {
      // the first event tells whether the session counts, its time whether it lies in the window
      const users = sizes.map(
        (size, at): TestUser => [
          [
            { name: at % 5 === 0 ? "b" : "a", time: at * 10, values: { size } },
            { name: "c", time: at * 10 + 50 },
          ],
        ],
      );
      const table = tableOf([...users, everything], columns);
      const tokens = tokensOf(table, {});
      const plan = new PlanBuilder();
      const data = statisticsOf(table, tokens);
      const source = (text: string, position: "boolean" | "value") => ({
        expression: parseExpression(text, { position }),
        text,
        where: "test",
      });
      const kpi: KpiPlan = {
        name: "size",
        among: compileBoolean(source("a", "boolean"), plan, data),
        outcome: { kind: "numeric", node: compileNumber(source("size", "value"), plan, data), worse },
        barredNames: [],
        barredColumns: [],
        ...{ readsLength: false, anchor: null, deadlineMs: null, lastsMs: null },
        barredMeasures: [],
      };
      const [fromMs, toMs] = [20, 330];
      const options = { ...always, fromMs, toMs, failingQuantile: quantile };
      const found = await new Execution(table, tokens, pools[0]!).evaluate(plan.nodes, [kpi], [], options);
      const counts = sizes.map((size, at) => size !== null && at % 5 !== 0 && at * 10 >= fromMs && at * 10 < toMs);
      const sorted = sizes
        .filter((_, at) => counts[at])
        .map(Number)
        .sort((a, b) => a - b);
      const rank = (sorted.length - 1) * (worse === "higher" ? quantile : 1 - quantile);
      const [low, high] = [sorted[Math.floor(rank)]!, sorted[Math.ceil(rank)]!];
      const bound = low + (rank - Math.floor(rank)) * (high - low);
      const { state, outcome, failingBeyond } = found.kpis[0]!;
      for (const [at, size] of sizes.entries()) {
        const fails = worse === "higher" ? size! > bound : size! < bound;
        assert.is(state[at], counts[at] ? (fails ? FAILING : NORMAL) : NOT_COUNTED);
        assert.ok(Object.is(outcome![at], counts[at] ? size : Number.NaN));
      }
      assert.is(failingBeyond, sorted.length === 0 ? null : bound);
    }),
    { seed: 3, numRuns: 100 },
  );
});

test("a moment without an offset is UTC, whatever the machine's time zone", async () => {
  const zone = process.env["TZ"];
  process.env["TZ"] = "America/New_York";
  try {
    const at = (iso: string): TestUser => [[{ name: "a", time: Date.parse(iso), values: {} }]];
    const one: Case = {
      users: [everything, at("2026-11-16T08:29:59.999Z"), at("2026-11-16T08:30:00Z")],
      reading: {},
      conditions: ['start >= "2026-11-16T08:30"', 'start >= "2026-11-16T08:30:00+01:00"', 'start >= "2026-11-16"'],
      values: [],
    };
    const found = await evaluated(one, pools[0]!);
    assert.equal(
      found.conditions.map((rows) => rows.slice(2).map(({ value }) => value)),
      [
        [false, true],
        [true, true],
        [true, true],
      ],
    );
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});

const refused: readonly (readonly [text: string, code: string, ...fragments: string[]])[] = [
  ["pay", "expression-invalid", "unknown event: pay"],
  ["app -> b", "expression-invalid", "unknown event: app", "did you mean api?"],
  ['color == "red"', "expression-invalid", "unknown attribute: color"],
  ["a[color]", "expression-invalid", "unknown attribute: color"],
  ['plan > "pro"', "expression-invalid", "text compares with == and != alone"],
  ['a[plan > "pro"]', "expression-invalid", "text compares with == and != alone"],
  ["a[plan < 3]", "expression-invalid", "text compares with == and != alone"],
  ['start > "soon"', "expression-invalid", "invalid time: soon"],
  ['start > "2026-02-30"', "expression-invalid", "invalid time: 2026-02-30"],
  ["sum(a.plan) > 1", "expression-invalid", "sum takes numbers; plan holds text"],
  ["plan == size", "expression-invalid", "text is compared with a number"],
  ['size == "big"', "expression-invalid", "a number compares with a number"],
];

for (const [text, code, ...fragments] of refused) {
  test(`${text} is refused: ${fragments[0]}`, () => {
    const table = tableOf([everything], columns);
    const data = statisticsOf(table, tokensOf(table, {}));
    try {
      compileBoolean({ expression: parseExpression(text), text, where: "kpis[0].failure" }, new PlanBuilder(), data);
    } catch (error) {
      assert.instance(error, LeadlineError);
      assert.is((error as LeadlineError).code, code);
      for (const part of [...fragments, "kpis[0].failure"]) assert.match((error as LeadlineError).message, part);
      return;
    }
    assert.unreachable("it compiles");
  });
}

test.run();
