import fc from "fast-check";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { addCounts } from "../../kernels/add-counts.js";
import { numberUsers } from "../../kernels/number-users.js";
import { flat } from "./sessions.js";

test("addCounts adds place by place, and is the sum itself", () => {
  const counts = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { maxLength: 20 });
  fc.assert(
    fc.property(counts, (pairs) => {
      const sum = Uint32Array.from(pairs, ([a]) => a);
      const part = Uint32Array.from(pairs, ([, b]) => b);
      assert.is(addCounts(sum, part), sum);
      assert.equal(
        [...sum],
        pairs.map(([a, b]) => a + b),
      );
    }),
    { seed: 1, numRuns: 200 },
  );
});

test("numberUsers writes the user of each session of a range, counted from its first", () => {
  const users = fc.array(fc.nat(4), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(users, fc.nat(9), fc.nat(9), (sizes, a, b) => {
      const { offsets } = flat(sizes.map((size) => Array<number>(size).fill(0)));
      const [start, end] = [Math.min(a, b, sizes.length), Math.min(Math.max(a, b), sizes.length)];
      const expected = sizes.slice(start, end).flatMap((size, user) => Array<number>(size).fill(user));
      const userOf = new Uint32Array(expected.length);
      numberUsers(offsets, start, end, userOf);
      assert.equal([...userOf], expected);
    }),
    { seed: 1, numRuns: 200 },
  );
});

test.run();
