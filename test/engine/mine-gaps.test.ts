import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCohorts } from "../../engine/cohorts.js";
import { type Scenario, symboliseTokens, tallyTokens } from "../../engine/mine.js";
import { countMined, mineGaps, type SequenceSpacing, sequenceSetOf, subsequencesOf } from "../../engine/mine-gaps.js";
import { completionsOf, NOWHERE } from "../../engine/passes/sequences.js";
import { WorkerPool } from "../../engine/pool.js";
import { type CountedSession, countingArbitrary, evaluate, isInCohort, sessionsOf } from "./counting.js";

const test = suite("mine-gaps");
const pools = [new WorkerPool(1), new WorkerPool(2)];
test.after(async () => {
  for (const pool of pools) await pool.close();
});

type Timed = CountedSession & { readonly times: readonly number[] };

/** The place of the event that first completes a sequence, by trying every choice of events; null: none does. */
function completionOf({ tokens, times }: Timed, steps: readonly string[], spacing: SequenceSpacing): number | null {
  let best: number | null = null;
  const extend = (chosen: readonly number[]): void => {
    if (chosen.length === steps.length) {
      const [first, last] = [tokens[chosen[0]!]!.at, tokens[chosen[chosen.length - 1]!]!.at];
      const isInTime = spacing.withinMs === null || times[last]! - times[first]! <= spacing.withinMs;
      if (isInTime && (best === null || last < best)) best = last;
      return;
    }
    const from = chosen.length === 0 ? 0 : chosen[chosen.length - 1]! + 1;
    const to = chosen.length > 0 && spacing.adjacency === "next" ? Math.min(from + 1, tokens.length) : tokens.length;
    for (let at = from; at < to; at++) if (tokens[at]!.text === steps[chosen.length]) extend([...chosen, at]);
  };
  extend([]);
  return best;
}

const request = fc.record({
  longest: fc.integer({ min: 1, max: 4 }),
  contains: fc.constantFrom(null, null, "a", "api"),
  adjacency: fc.constantFrom("gap" as const, "gap" as const, "next" as const),
  withinMs: fc.constantFrom(null, 0, 2, 5),
  minShare: fc.constantFrom(0, 0.3, 1),
  minSupport: fc.constantFrom(0.1, 0.25, 0.5, 1),
  bars: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2047)), { minLength: 40, maxLength: 40 }),
});

test("mineGaps returns the sequences that reach the support in some scenario, and no others", async () => {
  await fc.assert(
    fc.asyncProperty(countingArbitrary, request, async (one, { bars, longest, minShare, contains, ...asked }) => {
      const times = one.users.flatMap((user) => user.map((events) => events.map(({ time }) => time)));
      const sessions = sessionsOf(one).map((session, at): Timed => ({ ...session, times: times[at]! }));
      for (const pool of pools) {
        const { table, tokens, execution, counted } = await evaluate(one, pool);
        const textsOf = (codes: readonly number[]) => codes.map((code) => tokens.tokens[code]!.text);
        const cohorts = await findCohorts(table, counted, minShare, pool);
        const symbols = await symboliseTokens(execution, tokens);
        await execution.layOut(cohorts, symbols.symbols);
        const ofScenario = (cohort: number, kpi: number, failing: boolean) =>
          sessions.filter(
            (session) => session.standings[kpi]?.failing === failing && isInCohort(session, cohorts, cohort, table),
          );
        const scenarios = [...cohorts.cohorts.keys()]
          .flatMap((cohort) =>
            one.kpis.map(
              (_, kpi): Scenario => ({ cohort, kpi, failing: ofScenario(cohort, kpi, true).length, normal: 1 }),
            ),
          )
          .filter(({ failing }) => failing > 0);
        const barredTokens = Uint32Array.from(tokens.tokens, (_, token) => bars[token % bars.length]!);
        const isAsked = (texts: readonly string[]) =>
          (contains === null || texts.includes(contains)) && texts.length !== longest - 2;
        const mined = await mineGaps(
          execution,
          tokens,
          symbols,
          {
            ...asked,
            longest,
            isAsked: (codes) => isAsked(textsOf(codes)),
            scenarios,
            barredTokens,
            cohorts,
            most: 1e6,
          },
          await tallyTokens(execution, symbols, execution.walk("all", false)),
        );
        const holding = (steps: readonly string[], { cohort, kpi }: Scenario, failing: boolean): number =>
          ofScenario(cohort, kpi, failing).filter((session) => {
            const completed = completionOf(session, steps, asked);
            return completed !== null && completed < session.standings[kpi]!.decided;
          }).length;
        const barOf = (steps: readonly string[]): number =>
          steps.reduce(
            (bits, text) => bits | barredTokens[tokens.tokens.findIndex((token) => token.text === text)]!,
            0,
          );
        const isFrequent = (steps: readonly string[]): boolean =>
          scenarios.some(
            (scenario) =>
              (barOf(steps) & (1 << scenario.kpi)) === 0 &&
              holding(steps, scenario, true) >= Math.max(1, scenario.failing * asked.minSupport - 1e-9),
          );
        const names = [...new Set(sessions.flatMap((session) => session.tokens.map(({ text }) => text)))];
        let level: string[][] = [[]];
        const expected: string[][] = [];
        for (let length = 1; length <= longest; length++) {
          level = level.flatMap((steps) => names.map((name) => [...steps, name])).filter(isFrequent);
          expected.push(...level.filter(isAsked));
        }
        const found = mined.patterns.map(textsOf);
        const shown = (all: readonly (readonly string[])[]) => all.map((steps) => steps.join(" -> ")).sort();
        assert.equal(shown(found), shown(expected));
        assert.equal([...mined.barred], found.map(barOf));
        assert.equal(mined.cuts, []);

        // all sessions, by cohort and KPI
        const counts = await countMined(execution, mined, execution.walk("cohort", false));
        assert.is(
          counts.reduce((sum, { count }) => sum + count, 0),
          found.length,
        );
        for (const { first, count, tally } of counts) {
          for (const scenario of scenarios) {
            for (const failing of [true, false]) {
              const row = tally.row(scenario.cohort, scenario.kpi, failing).slice(1, count + 1);
              const steps = found.slice(first, first + count);
              assert.equal(
                [...row],
                steps.map((each) => holding(each, scenario, failing)),
              );
            }
          }
        }

        // first completions in the table, whatever is evidence
        const chosen = [...found.keys()].reverse().slice(0, 3);
        const every = Uint32Array.from({ length: Math.ceil(table.sessions / 2) }, (_, at) => at * 2);
        const set = sequenceSetOf(mined, chosen);
        const positions = completionsOf(set, symbols.symbols, table, every, 0, every.length);
        assert.equal(
          [...positions],
          chosen.flatMap((pattern) =>
            [...every].map((session) => {
              const at = completionOf(sessions[session]!, found[pattern]!, asked);
              return at === null ? NOWHERE : table.sessionOffsets[session]! + at;
            }),
          ),
        );
      }
    }),
    { seed: 1, numRuns: 120 },
  );
});

test("beyond the budget the most frequent sequences of a length are followed, and the cut is told", async () => {
  await fc.assert(
    fc.asyncProperty(countingArbitrary, fc.integer({ min: 1, max: 6 }), async (one, most) => {
      const results: unknown[] = [];
      for (const pool of pools) {
        const { table, tokens, execution, counted } = await evaluate(one, pool);
        const cohorts = await findCohorts(table, counted, 0.3, pool);
        const symbols = await symboliseTokens(execution, tokens);
        await execution.layOut(cohorts, symbols.symbols);
        const scenarios = one.kpis.map((_, kpi): Scenario => ({ cohort: 0, kpi, failing: 3, normal: 3 }));
        const tokenTally = await tallyTokens(execution, symbols, execution.walk("all", false));
        const mine = (budget: number) =>
          mineGaps(
            execution,
            tokens,
            symbols,
            {
              ...{ adjacency: "gap", withinMs: null, longest: 2, isAsked: () => true, minSupport: 0.1 },
              ...{ scenarios, barredTokens: new Uint32Array(tokens.tokens.length), cohorts, most: budget },
            },
            tokenTally,
          );
        const [all, some] = [await mine(1e6), await mine(most)];
        const ofLength = ({ patterns }: typeof all, length: number) =>
          patterns.filter((codes) => codes.length === length).map((codes) => codes.join());
        assert.equal(all.cuts, []);
        const singles = ofLength(some, 1);
        assert.is(singles.length, Math.min(most, ofLength(all, 1).length));
        assert.ok(singles.every((codes) => ofLength(all, 1).includes(codes)));
        const pairs = ofLength(some, 2);
        assert.ok(pairs.length <= most);
        // no pair of events that were followed is more frequent than one that is left out
        assert.ok(pairs.every((codes) => codes.split(",").every((code) => singles.includes(code))));
        for (const { length, found, followed, share } of some.cuts) {
          assert.is(followed, most);
          assert.ok(found > followed && (share === null || share > 0));
          assert.ok(length === 1 || length === 2);
        }
        assert.is(
          some.cuts.some(({ length }) => length === 1),
          ofLength(all, 1).length > most,
        );
        results.push({ patterns: some.patterns, cuts: some.cuts });
      }
      assert.equal(results[0], results[1], "whatever the number of threads");
    }),
    { seed: 2, numRuns: 60 },
  );
});

test("subsequencesOf counts the different sequences of each session", async () => {
  await fc.assert(
    fc.asyncProperty(countingArbitrary, async (one) => {
      const sessions = sessionsOf(one);
      for (const pool of pools) {
        const { tokens, execution } = await evaluate(one, pool);
        const symbols = await symboliseTokens(execution, tokens);
        const expected = sessions.flatMap((session) => {
          const found = new Set<string>();
          const extend = (steps: readonly string[], from: number): void => {
            for (let at = from; at < session.tokens.length && steps.length < 3; at++) {
              const longer = [...steps, session.tokens[at]!.text];
              found.add(JSON.stringify(longer));
              extend(longer, at + 1);
            }
          };
          extend([], 0);
          return [1, 2, 3].map((length) => [...found].filter((text) => JSON.parse(text).length === length).length);
        });
        assert.equal([...(await subsequencesOf(execution, symbols, 3))], expected);
      }
    }),
    { seed: 3, numRuns: 60 },
  );
});

test.run();
