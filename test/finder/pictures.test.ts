import { suite } from "uvu";
import * as assert from "uvu/assert";
import { kpiSeries } from "../../finder/kpi-series.js";
import { clusteredProportion } from "../../finder/statistics/clustered-proportion.js";

const test = suite("what pictures are made of");

/** Sums over clusters of [failing, sessions]. */
function sumsOf(clusters: readonly (readonly [number, number])[]): Parameters<typeof clusteredProportion>[0] {
  const sum = (of: (y: number, n: number) => number): number => clusters.reduce((total, [y, n]) => total + of(y, n), 0);
  return {
    clusters: clusters.length,
    y: sum((y) => y),
    n: sum((_, n) => n),
    yy: sum((y) => y * y),
    yn: sum((y, n) => y * n),
    nn: sum((_, n) => n * n),
  };
}

test("sessions of users of their own give Wilson's interval", () => {
  // Newcombe, Statistics in Medicine 17, 1998, table I, method 3: 15 of 148
  const clusters = Array.from({ length: 148 }, (_, at) => [at < 15 ? 1 : 0, 1] as const);
  const [low, high] = clusteredProportion(sumsOf(clusters)) ?? [];
  // n / (n − 1) of the clusters makes it a little wider
  assert.ok(Math.abs((low ?? 0) - 0.0624) < 5e-4 && Math.abs((high ?? 0) - 0.1605) < 5e-4, `${low} ${high}`);
});

test("ten sessions alike in every user tell as much as one of each", () => {
  const once = clusteredProportion(sumsOf(Array.from({ length: 60 }, (_, at) => [at < 20 ? 1 : 0, 1])));
  const tenfold = clusteredProportion(sumsOf(Array.from({ length: 60 }, (_, at) => [at < 20 ? 10 : 0, 10])));
  for (const end of [0, 1] as const) assert.ok(Math.abs((once?.[end] ?? 0) - (tenfold?.[end] ?? 1)) < 1e-12);
});

test("where all fail, or a single user has all, sessions of a user count as one", () => {
  const all = clusteredProportion(sumsOf(Array.from({ length: 20 }, () => [5, 5])));
  assert.ok(Math.abs((all?.[0] ?? 0) - 0.8389) < 1e-4 && all?.[1] === 1, String(all));
  const [low = 0, high = 0] = clusteredProportion(sumsOf([[3, 9]])) ?? [];
  assert.ok(low < 0.1 && high > 0.8, `${low} ${high}`);
  assert.is(clusteredProportion(sumsOf([])), null);
});

test("a KPI over time counts sessions where they start", () => {
  const table = { starts: Float64Array.of(0, 10, 12, 25), sessions: 4 };
  const binary = {
    state: Uint8Array.of(2, 1, 2, 0),
    evidenceEnd: null,
    outcome: null,
    failingBeyond: null,
    anchor: null,
  };
  const numeric = { ...binary, outcome: Float64Array.of(4, 1, 3, Number.NaN), failingBeyond: 2 };
  const [ofBinary, ofNumeric] = kpiSeries(table, [binary, numeric], Float64Array.of(0, 10, 20));
  assert.equal(ofBinary, [
    { fromMs: 0, sessions: 1, failing: 1, value: 1 },
    { fromMs: 10, sessions: 2, failing: 1, value: 0.5 },
    { fromMs: 20, sessions: 0, failing: 0, value: Number.NaN },
  ]);
  assert.is(ofNumeric?.[0]?.value, 4);
  assert.is(ofNumeric?.[1]?.value, 2);
});

test.run();
