import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { changeSince } from "../../finder/since.js";

const test = suite("changeSince");
const around = (difference: number, reach: number) => ({
  difference,
  low: difference - reach,
  high: difference + reach,
});

const rows: readonly (readonly [name: string, now: number, before: number, reach: number, status: string])[] = [
  ["a larger number alone is no change", 0.12, 0.1, 0.05, "ongoing"],
  ["clearly larger is worse", 0.3, 0.1, 0.05, "worse"],
  ["clearly smaller is better", 0.1, 0.3, 0.05, "better"],
  ["where lower is worse, further below is worse", -0.3, -0.1, 0.05, "worse"],
  ["where lower is worse, nearer to 0 is better", -0.1, -0.3, 0.05, "better"],
  ["an interval without width tells nothing", 0.3, 0.1, 0, "ongoing"],
];
for (const [name, now, before, reach, status] of rows) {
  test(name, () => assert.is(changeSince(around(now, reach), around(before, reach)).status, status));
}

test("a change and its reverse are opposite, and variances add", () => {
  const interval = fc
    .tuple(fc.double({ min: 0.01, max: 1, noNaN: true }), fc.double({ min: 0.001, max: 0.5, noNaN: true }))
    .map(([difference, reach]) => around(difference, reach));
  const opposite = { worse: "better", better: "worse", ongoing: "ongoing" } as const;
  fc.assert(
    fc.property(interval, interval, (a, b) => {
      const [there, back] = [changeSince(a, b), changeSince(b, a)];
      assert.is(back.status, opposite[there.status]);
      const width = (of: { readonly low: number; readonly high: number }): number => of.high - of.low;
      assert.ok(Math.abs(width(there) - Math.hypot(width(a), width(b))) < 1e-12);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
