import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { KpiOutcome } from "../../engine/execution.js";
import { robustKpi } from "../../finder/robust.js";

const test = suite("robustKpi");

const kpiOf = (values: readonly number[] | null): KpiOutcome => ({
  state: new Uint8Array(values?.length ?? 1).fill(1),
  evidenceEnd: null,
  outcome: values === null ? null : Float64Array.from(values),
  failingBeyond: null,
  anchor: null,
});

test("values beyond the quantiles count as these; what is missing stays missing, and no session's standing changes", () => {
  const value = fc.oneof(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.constant(0), fc.constant(Number.NaN));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 300 }), fc.constantFrom(0.9, 0.99), (values, share) => {
      const given = kpiOf(values);
      const { kpi, limits } = robustKpi(given, share);
      assert.is(kpi.state, given.state);
      const changed = values.filter((own, at) => !Number.isNaN(own) && kpi.outcome?.[at] !== own).length;
      assert.is(limits?.sessions ?? 0, changed);
      for (const [at, own] of values.entries()) {
        const held = kpi.outcome?.[at] as number;
        if (Number.isNaN(own)) assert.ok(Number.isNaN(held));
        else if (limits === null) assert.is(held, own);
        else assert.is(held, Math.min(limits.high, Math.max(limits.low, own)));
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("one huge value no longer makes the mean", () => {
  const values = Array.from({ length: 1000 }, (_, at) => (at === 0 ? 1e9 : at % 10));
  const { limits } = robustKpi(kpiOf(values), 0.995);
  assert.ok(limits !== null && limits.high < 10 && limits.sessions === 1);
});

test("what few sessions have at all is not lost", () => {
  const values = Array.from({ length: 10_000 }, (_, at) => (at < 20 ? 50 + at : 0));
  const { limits } = robustKpi(kpiOf(values), 0.995);
  assert.ok(limits === null || limits.high > 60);
});

test("a binary KPI stays as it is", () => {
  const kpi = kpiOf(null);
  assert.equal(robustKpi(kpi, 0.9), { kpi, limits: null });
});

test.run();
