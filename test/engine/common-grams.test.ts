import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findCohorts } from "../../engine/cohorts.js";
import { countCommonGrams } from "../../engine/common-grams.js";
import { symboliseTokens } from "../../engine/mine.js";
import { WorkerPool } from "../../engine/pool.js";
import { countingArbitrary, evaluate, gramsOf, isInCohort, sessionsOf } from "./counting.js";

const test = suite("common grams");
const pools = [new WorkerPool(1), new WorkerPool(2)];
test.after(async () => {
  for (const pool of pools) await pool.close();
});

const request = fc.record({
  lengths: fc.subarray([1, 2, 3, 4], { minLength: 1 }),
  minShare: fc.constantFrom(0, 0.3, 1),
  least: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 7, maxLength: 7 }),
  leastUsers: fc.nat(3),
  own: fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(2047)), { minLength: 40, maxLength: 40 }),
  every: fc.constantFrom(1, 3),
});

test("countCommonGrams counts the sequences that enough sessions and users of a scenario hold, by definition", async () => {
  await fc.assert(
    fc.asyncProperty(countingArbitrary, request, async (one, { lengths, minShare, least, leastUsers, own, every }) => {
      const sessions = sessionsOf(one);
      for (const pool of pools) {
        const { table, tokens, execution, counted, states } = await evaluate(one, pool);
        const cohorts = await findCohorts(table, counted, minShare, pool);
        const scenarios = [...cohorts.cohorts.keys()]
          .flatMap((cohort) => one.kpis.map((_, kpi) => ({ cohort, kpi })))
          .filter((_, at) => at % every === 0);
        const ownTokens = Uint32Array.from(tokens.tokens, (_, token) => own[token % own.length]!);
        const leastOf = scenarios.map((_, at) => least[at % least.length]!);
        const counts = await countCommonGrams(execution, await symboliseTokens(execution, tokens), {
          ...{ lengths, scenarios, cohorts, states, leastUsers, ownTokens },
          least: leastOf,
        });
        const grams = lengths.flatMap((length) => gramsOf(sessions, length));
        const bitsOf = (gram: readonly string[]): number =>
          gram.reduce((bits, text) => bits | ownTokens[tokens.tokens.findIndex((token) => token.text === text)]!, 0);
        for (const [at, { cohort, kpi }] of scenarios.entries()) {
          const inScenario = sessions.filter(
            (session) => session.standings[kpi] !== null && isInCohort(session, cohorts, cohort, table),
          );
          const common = grams.filter((gram) => {
            const text = `,${gram.join()},`;
            const holding = inScenario.filter((session) =>
              `,${session.tokens.map((token) => token.text).join()},`.includes(text),
            );
            const users = new Set(holding.map(({ user }) => user)).size;
            return (bitsOf(gram) & (1 << kpi)) === 0 && holding.length >= leastOf[at]! && users >= leastUsers;
          });
          assert.is(counts[at], common.length, `cohort ${cohort}, KPI ${kpi}`);
        }
      }
    }),
    { seed: 1, numRuns: 60 },
  );
});

test.run();
