/** Random tables with KPIs and cohorts, and what is to be counted in them by definition. */
import fc from "fast-check";
import type { Cohorts } from "../../engine/cohorts.js";
import type { EventTable } from "../../engine/columns/event-table.js";
import { Execution } from "../../engine/execution.js";
import type { WorkerPool } from "../../engine/pool.js";
import { compileBoolean } from "../../planner/compile.js";
import { parseExpression } from "../../planner/expression/parse.js";
import type { KpiPlan } from "../../planner/kpi.js";
import { PlanBuilder } from "../../planner/plan.js";
import type { TokenMap } from "../../planner/tokens.js";
import { conditionOf, isIgnored, type Scene, tokenOf } from "./reference.js";
import {
  type Reading,
  statisticsOf,
  type TestColumn,
  type TestEvent,
  type TestUser,
  tableOf,
  tokensOf,
} from "./tables.js";

const columns: readonly TestColumn[] = [
  { name: "plan", kind: "text", grain: "session" },
  { name: "region", kind: "text", grain: "session" },
  { name: "flag", kind: "text", grain: "event" },
];
const names = ["a", "b", "c", "x", "y", "api", "hb"];

/** KPIs that are decided by an event, by a deadline, or not before the end; most sessions count for some of them. */
const kpiTexts: readonly { readonly failure: string; readonly among?: string }[] = [
  { failure: "x" },
  { failure: "not x" },
  { failure: "not (a -> b within 3ms)", among: "a" },
  { failure: "count(b) >= 2" },
  { failure: 'flag == "bad"' },
  { failure: "y", among: 'flag == "good"' },
  { failure: "a => b" },
  { failure: "not (b -> a)", among: "b" },
  { failure: "session.events > 4" },
  { failure: "x or y" },
  { failure: "x and not y", among: 'region == "eu"' },
];

/** A table with the KPIs of some of the texts above, by index. */
export interface Counting {
  readonly users: readonly TestUser[];
  readonly reading: Reading;
  readonly kpis: readonly number[];
}

const readings: readonly Reading[] = [
  {},
  { ignore: ["hb"] },
  {
    ignore: ["hb", "y"],
    rules: [
      { kind: "attributes", event: "api", attributes: ["plan", "flag"] },
      { kind: "match", pattern: "[bc]", token: "none" },
      { kind: "match", pattern: "c", token: "letter" },
      { kind: "match", pattern: "x", token: "letter" },
    ],
  },
];

const session = fc.record({
  plan: fc.constantFrom("pro", "free", null),
  region: fc.constantFrom("eu", "us", "eu", null),
  events: fc.array(
    fc.tuple(fc.constantFrom(...names, "a", "b"), fc.constantFrom(0, 1, 2, 4), fc.constantFrom("bad", "good", null)),
    { minLength: 1, maxLength: 9 },
  ),
});
const user = fc.array(session, { minLength: 1, maxLength: 3 }).map(
  (sessions): TestUser =>
    sessions.map(({ plan, region, events }) => {
      let time = 0;
      return events.map(([name, wait, flag]): TestEvent => {
        time += wait;
        return { name, time, values: { plan, region, flag } };
      });
    }),
);
/** Every name and value, so that every expression names what the data have. */
const everything: TestUser = [
  names.map((name, time) => ({
    name,
    time,
    values: { plan: "pro", region: "eu", flag: time % 2 === 0 ? "bad" : "good" },
  })),
  [{ name: "a", time: 99, values: { plan: "free", region: "us", flag: null } }],
];

/** Small tables. */
export const countingArbitrary: fc.Arbitrary<Counting> = fc.record({
  users: fc.array(user, { maxLength: 8 }).map((users) => [everything, ...users]),
  reading: fc.constantFrom(...readings),
  kpis: fc.subarray([...kpiTexts.keys()], { minLength: 1 }),
});

/** What a session is by definition. */
export interface CountedSession {
  readonly user: number;
  readonly first: TestEvent;
  /** Tokens of the visible events, and their places among all events. */
  readonly tokens: readonly { readonly text: string; readonly at: number }[];
  /** By KPI; null: the session does not count. */
  readonly standings: readonly ({ readonly failing: boolean; readonly decided: number } | null)[];
}

/** The sessions by definition. */
export function sessionsOf({ users, reading, kpis }: Counting): CountedSession[] {
  const parsed = kpis.map((kpi) => {
    const { failure, among } = kpiTexts[kpi]!;
    return { failure: parseExpression(failure), among: among === undefined ? null : parseExpression(among) };
  });
  return users.flatMap((own, user) =>
    own.map((events, index): CountedSession => {
      const scene: Scene = { user: own, index, reading, numeric: new Set() };
      return {
        user,
        first: events[0]!,
        tokens: events
          .map((event, at) => ({ event, at }))
          .filter(({ event }) => !isIgnored(event, reading))
          .map(({ event, at }) => ({ text: tokenOf(event, reading), at })),
        standings: parsed.map(({ failure, among }) => {
          if (among !== null && !conditionOf(among, scene).value) return null;
          const { value, decided } = conditionOf(failure, scene);
          return { failing: value, decided };
        }),
      };
    }),
  );
}

/** A table whose KPIs are evaluated. */
export interface Evaluation {
  readonly table: EventTable;
  readonly tokens: TokenMap;
  readonly execution: Execution;
  /** Uint8Array(S) on shared memory: 1 for sessions that count for some KPI */
  readonly counted: Uint8Array;
  /** By KPI, Uint8Array(S): how sessions stand */
  readonly states: readonly Uint8Array[];
}

/** Evaluates the KPIs, so that their sessions can be counted. */
export async function evaluate({ users, reading, kpis }: Counting, pool: WorkerPool): Promise<Evaluation> {
  const table = tableOf(users, columns, ["region", "plan"]);
  const tokens = tokensOf(table, reading);
  const data = statisticsOf(table, tokens, reading);
  const plan = new PlanBuilder();
  const node = (text: string): number =>
    compileBoolean({ expression: parseExpression(text), text, where: "test" }, plan, data);
  const plans = kpis.map((kpi): KpiPlan => {
    const { failure, among } = kpiTexts[kpi]!;
    return {
      name: failure,
      among: among === undefined ? null : node(among),
      outcome: { kind: "binary", node: node(failure) },
      barredNames: [],
      barredColumns: [],
      ...{ readsLength: false, anchor: null, deadlineMs: null, lastsMs: null },
      barredMeasures: [],
    };
  });
  const execution = new Execution(table, tokens, pool);
  const found = await execution.evaluate(plan.nodes, plans, [], {
    fromMs: Number.NEGATIVE_INFINITY,
    toMs: Number.POSITIVE_INFINITY,
    failingQuantile: 0.9,
    outcomeTime: true,
  });
  const counted = new Uint8Array(new SharedArrayBuffer(table.sessions));
  for (const { state } of found.kpis) for (const [at, standing] of state.entries()) if (standing !== 0) counted[at] = 1;
  return { table, tokens, execution, counted, states: found.kpis.map(({ state }) => state) };
}

/** Whether a session has the values of a cohort. */
export function isInCohort(
  { first }: CountedSession,
  { cohorts }: Cohorts,
  cohort: number,
  table: EventTable,
): boolean {
  return cohorts[cohort]!.values.every(({ attribute, code }) => {
    const { name, dictionary } = table.attributes[attribute]!;
    return first.values?.[name] === dictionary[code - 1];
  });
}

/** The place of the event that completes a pattern of adjacent tokens first; null: none does. */
export function completionOf({ tokens }: CountedSession, pattern: readonly string[]): number | null {
  for (let start = 0; start + pattern.length <= tokens.length; start++) {
    if (pattern.every((text, step) => tokens[start + step]!.text === text))
      return tokens[start + pattern.length - 1]!.at;
  }
  return null;
}

/** Every different pattern of adjacent tokens of a length. */
export function gramsOf(sessions: readonly CountedSession[], length: number): string[][] {
  const grams = new Map<string, string[]>();
  for (const { tokens } of sessions) {
    for (let start = 0; start + length <= tokens.length; start++) {
      const gram = tokens.slice(start, start + length).map(({ text }) => text);
      grams.set(JSON.stringify(gram), gram);
    }
  }
  return [...grams.values()];
}
