import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KpiOutcome } from "../../engine/execution.js";
import { leavesOutcome, MOST_TAKEN } from "../../finder/outcome-share.js";

const test = suite("leavesOutcome");

/** Failing and normal sessions of a value, and whether it is a cohort. */
type Value = readonly [failing: number, normal: number, isCohort: boolean];

const binary: KpiOutcome = {
  ...{ state: new Uint8Array(0), evidenceEnd: null, outcome: null, failingBeyond: null, anchor: null },
};

function leaves(values: readonly Value[], kpi: KpiOutcome = binary): boolean {
  const sum = (of: (value: Value) => number): number => values.reduce((total, value) => total + of(value), 0);
  const cohorts = [
    { values: [], users: 0, sessions: 0 },
    ...values.map((_, code) => ({ values: [{ attribute: 0, code }], users: 0, sessions: 0 })),
  ];
  const scenarios = [
    { kpi: 0, cohort: 0, failing: sum(([failing]) => failing), normal: sum(([, normal]) => normal) },
    ...values.flatMap(([failing, normal, isCohort], code) =>
      isCohort && failing + normal > 0 ? [{ kpi: 0, cohort: code + 1, failing, normal }] : [],
    ),
  ];
  const empty = {
    cellOf: new Uint32Array(0),
    cells: 0,
    cohortOffsets: new Uint32Array(1),
    cohortsOfCell: new Uint32Array(0),
  };
  return leavesOutcome({ scenarios, cohorts: { cohorts, ...empty }, kpis: [kpi] }, 0, 0);
}

/** Share of the variance between values. */
function shareOf(values: readonly Value[]): number {
  const own = values.filter(([failing, normal]) => failing + normal > 0);
  const [y, n] = [
    own.reduce((sum, [failing]) => sum + failing, 0),
    own.reduce((sum, [f, normal]) => sum + f + normal, 0),
  ];
  const between = own.reduce((sum, [failing, normal]) => sum + failing ** 2 / (failing + normal), 0);
  return (between - (y * y) / n) / (y - (y * y) / n);
}

test("what leaves the outcome takes less than the most, whatever is known of its values", () => {
  const value = fc.tuple(fc.nat(50), fc.nat(50), fc.boolean());
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 6 }), (values) => {
      if (leaves(values)) assert.ok(shareOf(values) < MOST_TAKEN);
    }),
    { seed: 1, numRuns: 2000 },
  );
});

test("an attribute whose values fail alike leaves the outcome, also where a tenth of its sessions is of unknown values", () => {
  assert.ok(
    leaves([
      [20, 80, true],
      [22, 78, true],
      [2, 8, false],
    ]),
  );
});

test("an attribute that is the outcome does not, nor one of unknown values, nor one on a numeric KPI", () => {
  assert.not(
    leaves([
      [100, 0, true],
      [0, 100, true],
    ]),
  );
  assert.not(
    leaves([
      [20, 80, false],
      [22, 78, false],
    ]),
  );
  assert.not(
    leaves(
      [
        [20, 80, true],
        [22, 78, true],
      ],
      { ...binary, outcome: new Float64Array(0) },
    ),
  );
});

test.run();
