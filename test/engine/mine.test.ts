import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCohorts } from "../../engine/cohorts.js";
import {
  countDistinct,
  minePatterns,
  type RareSequence,
  type Scenario,
  symboliseTokens,
  tallyTokens,
} from "../../engine/mine.js";
import { WorkerPool } from "../../engine/pool.js";
import { completionOf, countingArbitrary, evaluate, gramsOf, isInCohort, sessionsOf } from "./counting.js";

const test = suite("mine");
const pools = [new WorkerPool(1), new WorkerPool(2)];
test.after(async () => {
  for (const pool of pools) await pool.close();
});

const request = fc.record({
  longest: fc.integer({ min: 1, max: 5 }),
  minShare: fc.constantFrom(0, 0.3, 1),
  minSupport: fc.constantFrom(0, 0.1, 0.25, 0.5, 1),
  /** Bits of the KPIs that may not use a token, drawn by token. */
  bars: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2047)), { minLength: 40, maxLength: 40 }),
  /** Of all scenarios, every one, or every third. */
  every: fc.constantFrom(1, 3),
  /** Always level by level, so once few are left, and all lengths at once. */
  mostAhead: fc.constantFrom(0, 12, 10_000),
});

test("minePatterns returns the sequences that reach the support in some scenario, and no others", async () => {
  await fc.assert(
    fc.asyncProperty(
      countingArbitrary,
      request,
      async (one, { longest, minShare, minSupport, bars, every, mostAhead }) => {
        const sessions = sessionsOf(one);
        for (const pool of pools) {
          const { table, tokens, execution, counted } = await evaluate(one, pool);
          const cohorts = await findCohorts(table, counted, minShare, pool);
          const symbols = await symboliseTokens(execution, tokens);
          await execution.layOut(cohorts, symbols.symbols);
          const failingOf = (cohort: number, kpi: number) =>
            sessions.filter(
              (session) => session.standings[kpi]?.failing === true && isInCohort(session, cohorts, cohort, table),
            );
          const scenarios = [...cohorts.cohorts.keys()]
            .flatMap((cohort) =>
              one.kpis.map((_, kpi): Scenario => ({ cohort, kpi, failing: failingOf(cohort, kpi).length, normal: 1 })),
            )
            .filter(({ failing }, at) => failing > 0 && at % every === 0);
          const barredTokens = Uint32Array.from(tokens.tokens, (_, token) => bars[token % bars.length]!);
          const rare: RareSequence[] = [];
          const mined = await minePatterns(
            execution,
            tokens,
            { longest, scenarios, minSupport, barredTokens, cohorts, mostAhead, onRare: (one) => rare.push(one) },
            await tallyTokens(execution, symbols, execution.walk("all", false)),
          );

          const barOf = (gram: readonly string[]): number =>
            gram.reduce(
              (bits, text) => bits | barredTokens[tokens.tokens.findIndex((token) => token.text === text)]!,
              0,
            );
          const reaches = (gram: readonly string[], { cohort, kpi, failing }: Scenario): boolean => {
            if ((barOf(gram) & (1 << kpi)) !== 0) return false;
            const holding = failingOf(cohort, kpi).filter((session) => {
              const completed = completionOf(session, gram);
              return completed !== null && completed < session.standings[kpi]!.decided;
            });
            // counts are whole numbers: a share of 0.1 of 30 is 3, whatever 0.1 × 30 is in binary
            return holding.length > 0 && holding.length >= failing * minSupport - 1e-9;
          };
          const expected = [1, 2, 3, 4, 5]
            .filter((length) => length <= longest)
            .flatMap((length) => gramsOf(sessions, length))
            .filter((gram) => scenarios.some((scenario) => reaches(gram, scenario)));
          const found = mined.patterns.map((codes) => codes.map((code) => tokens.tokens[code]!.text));
          const texts = (grams: readonly (readonly string[])[]) => grams.map((gram) => gram.join(" => ")).sort();
          assert.equal(texts(found), texts(expected));
          assert.equal([...mined.barred], found.map(barOf));

          // what is told of as rare is held by some failing session, once each, and is none of these
          const rareTexts = texts(rare.map(({ tokens: codes }) => codes.map((code) => tokens.tokens[code]!.text)));
          assert.is(new Set([...rareTexts, ...texts(found)]).size, rareTexts.length + found.length);
          for (const { tokens: codes, barred } of rare) {
            const gram = codes.map((code) => tokens.tokens[code]!.text);
            assert.is(barred, barOf(gram));
            const isHeld = one.kpis.some((_, kpi) =>
              failingOf(0, kpi).some(
                (session) =>
                  (completionOf(session, gram) ?? Number.POSITIVE_INFINITY) < session.standings[kpi]!.decided,
              ),
            );
            assert.ok(isHeld);
          }

          // the automaton is that of the patterns, over the symbols that mining has left in place
          const tally = await execution.tally(
            { kind: "patterns", automaton: mined.automaton },
            execution.walk("cohort", false),
            false,
          );
          if (mostAhead === 0) assert.is(mined.counted, null);
          for (const { cohort, kpi } of scenarios) {
            for (const failing of [true, false]) {
              const counted = (mined.counted ?? tally).row(cohort, kpi, failing);
              assert.equal(counted.slice(1), tally.row(cohort, kpi, failing).slice(1));
            }
            const counts = found.map(
              (gram) =>
                failingOf(cohort, kpi).filter((session) => {
                  const completed = completionOf(session, gram);
                  return completed !== null && completed < session.standings[kpi]!.decided;
                }).length,
            );
            assert.equal([...tally.row(cohort, kpi, true).slice(1, found.length + 1)], counts);
          }
        }
      },
    ),
    { seed: 1, numRuns: 120 },
  );
});

test("countDistinct counts the different sequences of each length", async () => {
  await fc.assert(
    fc.asyncProperty(countingArbitrary, async (one) => {
      const sessions = sessionsOf(one);
      for (const pool of pools) {
        const { tokens, execution } = await evaluate(one, pool);
        const symbols = await symboliseTokens(execution, tokens);
        const found = await countDistinct(execution, symbols, [1, 2, 3, 5]);
        assert.equal(
          found,
          [1, 2, 3, 5].map((length) => ({ length, count: gramsOf(sessions, length).length, exact: true })),
        );
      }
    }),
    { seed: 2, numRuns: 80 },
  );
});

test.run();
