import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sharedCounter } from "../../engine/execution.js";
import { FAILING, NORMAL } from "../../engine/passes/segment.js";
import { countBothKinds, SCREEN_WIDTH } from "../../finder/screen-count.js";

const test = suite("countBothKinds");
const CELLS = 3;
/** Cohorts of each cell: all, and one of its own but for the last. */
const COHORTS = [[0, 1], [0, 2], [0]];
const CONDITIONS = 3;

interface Session {
  readonly state: number;
  readonly cell: number;
  readonly bits: number;
  readonly among: boolean;
}

const session: fc.Arbitrary<Session> = fc.record({
  state: fc.constantFrom(0, NORMAL, FAILING),
  cell: fc.nat(CELLS - 1),
  bits: fc.nat(2 ** CONDITIONS - 1),
  among: fc.boolean(),
});

test("counts, by cohort, the sessions of users with members and others", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(session, { minLength: 1, maxLength: 5 }), { maxLength: 60 }),
      fc.boolean(),
      (users, hasPopulation) => {
        const sessions = users.flat();
        const userOffsets = new Uint32Array(users.length + 1);
        for (const [user, own] of users.entries()) userOffsets[user + 1] = userOffsets[user]! + own.length;
        const population = hasPopulation ? Uint8Array.from(sessions, ({ among }) => (among ? 1 : 0)) : null;
        const out = countBothKinds({
          userOffsets,
          // two users a partition
          partitions: Uint32Array.from([...users.keys()].filter((user) => user % 2 === 0).concat(users.length)),
          cohorts: {
            cells: CELLS,
            cellOf: Uint32Array.from(sessions, ({ cell }) => cell),
            cohortOffsets: Uint32Array.of(0, 2, 4, 5),
            cohortsOfCell: Uint32Array.from(COHORTS.flat()),
          },
          width: 3,
          groups: [
            {
              state: Uint8Array.from(sessions, ({ state }) => state),
              population,
              // bit 1 of the first condition's column is asked about, and so on
              conditions: Array.from({ length: CONDITIONS }, (_, at) => ({
                members: Uint8Array.from(sessions, ({ bits }) => ((bits >>> at) & 1) << (at + 1)),
                bit: at + 1,
              })),
            },
          ],
          next: sharedCounter(),
        });
        const expected = new Uint32Array(3 * CONDITIONS * SCREEN_WIDTH);
        for (const own of users) {
          const compared = own.filter(({ state, among }) => state !== 0 && (among || !hasPopulation));
          for (let condition = 0; condition < CONDITIONS; condition++) {
            const holds = ({ bits }: Session): boolean => ((bits >>> condition) & 1) === 1;
            if (compared.every(holds) || !compared.some(holds)) continue;
            for (const each of compared) {
              for (const cohort of COHORTS[each.cell] ?? []) {
                const at = (cohort * CONDITIONS + condition) * SCREEN_WIDTH;
                expected[at + (each.state === FAILING ? 2 : 0) + (holds(each) ? 1 : 0)]!++;
              }
            }
          }
        }
        assert.equal(out, expected);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});

test.run();
