import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Cohorts, findCohorts } from "../../engine/cohorts.js";
import type { EventTable } from "../../engine/columns/event-table.js";
import type { Tally } from "../../engine/execution.js";
import { automatonOf, symboliseTokens, type TokenSymbols, tallyTokens } from "../../engine/mine.js";
import { WorkerPool } from "../../engine/pool.js";
import type { Automaton } from "../../kernels/aho-corasick.js";
import type { TokenMap } from "../../planner/tokens.js";
import {
  type CountedSession,
  type Counting,
  completionOf,
  countingArbitrary,
  evaluate,
  gramsOf,
  isInCohort,
  sessionsOf,
} from "./counting.js";

const test = suite("tally");
const pools = [new WorkerPool(1), new WorkerPool(2)];
test.after(async () => {
  for (const pool of pools) await pool.close();
});

const shares = fc.constantFrom(0, 0.1, 0.3, 0.6, 1);

/** Cohorts by definition, as texts with their users and sessions. */
function cohortsByDefinition(sessions: readonly CountedSession[], minShare: number): string[] {
  const counted = sessions.filter(({ standings }) => standings.some((standing) => standing !== null));
  const usersOf = (own: readonly CountedSession[]): number => new Set(own.map(({ user }) => user)).size;
  const enough = Math.max(1, minShare * usersOf(counted));
  const having = (values: Record<string, unknown>): CountedSession[] =>
    counted.filter(({ first }) => Object.entries(values).every(([name, value]) => first.values?.[name] === value));
  const textOf = (values: Record<string, unknown>): string =>
    JSON.stringify([values, usersOf(having(values)), having(values).length]);
  const large = (name: string, values: readonly string[]): Record<string, string>[] =>
    values.map((value) => ({ [name]: value })).filter((value) => usersOf(having(value)) >= enough);
  const [regions, plans] = [large("region", ["eu", "us"]), large("plan", ["free", "pro"])];
  const pairs = regions
    .flatMap((region) => plans.map((plan) => ({ region, plan, both: { ...region, ...plan } })))
    // a pair whose sessions are those of one of its values is that value by another name
    .filter(({ region, plan, both }) => {
      const size = having(both).length;
      return usersOf(having(both)) >= enough && size !== having(region).length && size !== having(plan).length;
    })
    .map(({ both }) => both);
  const singles = [...regions, ...plans].filter((value) => having(value).length !== counted.length);
  return [textOf({}), ...[...singles, ...pairs].map(textOf)];
}

function cohortTexts({ cohorts }: Cohorts, table: EventTable): string[] {
  return cohorts.map(({ values, users, sessions }) => {
    const named = values.map(({ attribute, code }) => {
      const { name, dictionary } = table.attributes[attribute]!;
      return [name, dictionary[code - 1]];
    });
    return JSON.stringify([Object.fromEntries(named), users, sessions]);
  });
}

test("findCohorts finds the values and pairs that enough users have, and puts every session in its cohorts", async () => {
  await fc.assert(
    fc.asyncProperty(countingArbitrary, shares, async (one, minShare) => {
      const sessions = sessionsOf(one);
      for (const pool of pools) {
        const { table, counted } = await evaluate(one, pool);
        const cohorts = await findCohorts(table, counted, minShare, pool);
        assert.equal(cohortTexts(cohorts, table), cohortsByDefinition(sessions, minShare));
        for (const [at, session] of sessions.entries()) {
          const cell = cohorts.cellOf[at]!;
          const found = cohorts.cohortsOfCell.slice(cohorts.cohortOffsets[cell], cohorts.cohortOffsets[cell + 1]);
          const expected = [...cohorts.cohorts.keys()].filter((cohort) => isInCohort(session, cohorts, cohort, table));
          assert.equal(
            [...found].sort((a, b) => a - b),
            expected,
          );
        }
      }
    }),
    { seed: 1, numRuns: 120 },
  );
});

/** Counts by definition: sessions in which something holds from a place on, and that count for the KPI and are open there. */
function countOf(
  sessions: readonly CountedSession[],
  kpi: number,
  failing: boolean,
  completion: (session: CountedSession, at: number) => number | null,
): number {
  return sessions.filter((session, at) => {
    const standing = session.standings[kpi] ?? null;
    const completed = completion(session, at);
    return standing !== null && standing.failing === failing && completed !== null && completed < standing.decided;
  }).length;
}

/** Compares a tally's cells from 1 with their definitions, in every cohort and KPI. */
function check(
  tally: Tally,
  subjects: readonly ((session: CountedSession, at: number) => number | null)[],
  sessions: readonly CountedSession[],
  cohorts: Cohorts | null,
  table: EventTable,
  kpis: number,
): void {
  for (let cohort = 0; cohort < (cohorts?.cohorts.length ?? 1); cohort++) {
    const places = [...sessions.keys()].filter(
      (at) => cohorts === null || isInCohort(sessions[at]!, cohorts, cohort, table),
    );
    const own = places.map((at) => sessions[at]!);
    for (let kpi = 0; kpi < kpis; kpi++) {
      for (const failing of [false, true]) {
        const row = tally.row(cohort, kpi, failing);
        const expected = subjects.map((subject) =>
          countOf(own, kpi, failing, (session, at) => subject(session, places[at]!)),
        );
        assert.equal([...row.slice(1, subjects.length + 1)], expected);
      }
    }
  }
}

/** An automaton of patterns over the symbols of tokens. */
function automatonFor(patterns: readonly string[][], { tokens }: TokenMap, symbols: TokenSymbols): Automaton {
  const codes = patterns.map((pattern) => pattern.map((text) => tokens.findIndex((token) => token.text === text)));
  return automatonOf({ patterns: codes }, [...codes.keys()], symbols);
}

async function checkAll(one: Counting, minShare: number): Promise<void> {
  const sessions = sessionsOf(one);
  const patterns = [1, 2, 3].flatMap((length) => gramsOf(sessions, length));
  for (const pool of pools) {
    const { table, tokens, execution, counted } = await evaluate(one, pool);
    const cohorts = await findCohorts(table, counted, minShare, pool);
    const symbols = await symboliseTokens(execution, tokens);
    await execution.layOut(cohorts, symbols.symbols);
    const kpis = one.kpis.length;

    const holdsToken = tokens.tokens.map(
      ({ text }) =>
        (session: CountedSession) =>
          completionOf(session, [text]),
    );
    check(await tallyTokens(execution, symbols, execution.walk("all", false)), holdsToken, sessions, null, table, kpis);
    check(
      await tallyTokens(execution, symbols, execution.walk("cohort", false)),
      holdsToken,
      sessions,
      cohorts,
      table,
      kpis,
    );

    const automaton = automatonFor(patterns, tokens, symbols);
    const byPattern = await execution.tally({ kind: "patterns", automaton }, execution.walk("cohort", false), false);
    const holdsPattern = patterns.map((pattern) => (session: CountedSession) => completionOf(session, pattern));
    check(byPattern, holdsPattern, sessions, cohorts, table, kpis);

    // conditions are of whole sessions: known when they start, whatever a KPI's outcome waits for
    const members = [2, 3].map((step) => {
      const column = new Uint8Array(new SharedArrayBuffer(table.sessions));
      for (let at = 0; at < column.length; at += step) column[at] = 255;
      return column;
    });
    const columns = members.map((column) => Array.from({ length: Math.ceil(kpis / 8) }, () => column));
    const byMember = await execution.tally(
      { kind: "members", members: columns },
      execution.walk("cohort", false),
      false,
    );
    const isMember = members.map((column) => (_: CountedSession, at: number) => (column[at] === 255 ? -1 : null));
    check(byMember, isMember, sessions, cohorts, table, kpis);

    const failingAlone = await execution.tally(
      { kind: "members", members: columns },
      execution.walk("cohort", true),
      true,
    );
    for (let kpi = 0; kpi < kpis; kpi++) {
      assert.equal([...failingAlone.row(0, kpi, true)], [...byMember.row(0, kpi, true)]);
      assert.ok(failingAlone.row(0, kpi, false).every((count) => count === 0));
    }
  }
}

test("tokens, patterns and conditions are counted by cohort, KPI and outcome as their definitions say", async () => {
  await fc.assert(fc.asyncProperty(countingArbitrary, shares, checkAll), { seed: 2, numRuns: 150 });
});

test("many units of sessions are counted as one is, by any number of threads", async () => {
  const [small] = fc.sample(
    countingArbitrary.filter(({ users, reading }) => users.length > 6 && (reading.rules?.length ?? 0) > 0),
    { seed: 3, numRuns: 1 },
  );
  // more KPIs than one set of columns can tell apart
  const one = { ...small!, kpis: [0, 1, 2, 3, 5, 6, 7, 8, 9] };
  const copies = Math.ceil(40_000 / one.users.flat().length);
  const large = { ...one, users: Array.from({ length: copies }, () => one.users).flat() };
  const patterns = gramsOf(sessionsOf(one), 2);
  const countsOf = async (counting: Counting, pool: WorkerPool): Promise<number[][]> => {
    const { table, tokens, execution, counted } = await evaluate(counting, pool);
    const cohorts = await findCohorts(table, counted, 0.1, pool);
    const symbols = await symboliseTokens(execution, tokens);
    await execution.layOut(cohorts, symbols.symbols);
    const automaton = automatonFor(patterns, tokens, symbols);
    const tally = await execution.tally({ kind: "patterns", automaton }, execution.walk("cohort", false), false);
    assert.ok(cohorts.cohorts.length > 3);
    return cohorts.cohorts.flatMap((_, cohort) =>
      one.kpis.flatMap((_kpi, kpi) => [false, true].map((failing) => [...tally.row(cohort, kpi, failing)].slice(1))),
    );
  };
  const expected = (await countsOf(one, pools[0]!)).map((row) => row.map((count) => count * copies));
  assert.ok(expected.flat().some((count) => count > 0));
  for (const pool of pools) assert.equal(await countsOf(large, pool), expected);
});

test.run();
