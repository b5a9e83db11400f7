import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { partitionUsers } from "../../planner/partition.js";

const test = suite("partitionUsers");
const TARGET = 1 << 16;

function offsetsOf(lengths: readonly number[]): Uint32Array {
  const offsets = new Uint32Array(lengths.length + 1);
  for (const [at, length] of lengths.entries()) offsets[at + 1] = offsets[at]! + length;
  return offsets;
}

test("partitions are all users in order, none empty, each of about equal events", () => {
  const events = fc.oneof({ weight: 8, arbitrary: fc.nat(3_000) }, fc.nat(200_000));
  fc.assert(
    fc.property(fc.array(events, { maxLength: 300 }), (eventsOfUser) => {
      // every user has two sessions, one of them without half of the events
      const sessions = eventsOfUser.flatMap((count) => [Math.floor(count / 2), Math.ceil(count / 2)]);
      const users = offsetsOf(eventsOfUser.map(() => 2));
      const bounds = partitionUsers(users, offsetsOf(sessions));
      assert.is(bounds[0], 0);
      assert.is(bounds[bounds.length - 1], eventsOfUser.length);
      const all = eventsOfUser.reduce((sum, count) => sum + count, 0);
      const largest = Math.max(0, ...eventsOfUser);
      for (let part = 0; part + 1 < bounds.length; part++) {
        assert.ok(bounds[part]! < bounds[part + 1]!);
        const own = eventsOfUser.slice(bounds[part], bounds[part + 1]).reduce((sum, count) => sum + count, 0);
        // no more than the target and the user who straddles each of its ends
        assert.ok(own <= TARGET + 2 * largest, `${own} of ${all}`);
      }
      assert.ok(bounds.length - 1 <= Math.max(1, Math.ceil(all / TARGET)));
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("without users there is no partition", () => {
  assert.equal([...partitionUsers(Uint32Array.of(0), Uint32Array.of(0))], [0]);
});

test("users of equal events are cut at equal distances", () => {
  const users = offsetsOf(Array.from({ length: 64 }, () => 1));
  const sessions = offsetsOf(Array.from({ length: 64 }, () => 4_096));
  assert.equal([...partitionUsers(users, sessions)], [0, 16, 32, 48, 64]);
});

test.run();
