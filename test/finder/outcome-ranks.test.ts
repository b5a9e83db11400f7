import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Evidence } from "../../finder/collect.js";
import type { Context } from "../../finder/context.js";
import { OutcomeRanks } from "../../finder/outcome-ranks.js";
import { SessionSets } from "../../finder/session-sets.js";
import { defaultSettings } from "../../planner/settings.js";

const test = suite("OutcomeRanks");
const sessions = 2000;
const settings = defaultSettings();

/** Values 0, 1, 2 … of sessions in a mixed order, in two partitions. */
const outcome = Float64Array.from({ length: sessions }, (_, at) => (at * 733) % sessions);
const userOffsets = Uint32Array.of(0, 900, sessions);
const sets = SessionSets.of({ partitions: Uint32Array.of(0, 1, 2), table: { userOffsets } } as never);
const ranks = new OutcomeRanks({ kpis: [{ outcome }], table: { sessions } } as unknown as Context, 0, sets);

const setOf = (holds: (value: number, session: number) => boolean): Uint32Array =>
  sets.ofStates(Uint8Array.from(outcome, (value, session) => (holds(value, session) ? 1 : 0)));
const leakOf = (holds: (value: number, session: number) => boolean): number | null =>
  ranks.leakFrom({ members: setOf(holds), compared: setOf(() => true) } as unknown as Evidence, settings);

test("what holds beyond a value, or up to it, is the outcome by another name, wherever that lies", () => {
  for (const bound of [40, 500, 1000, 1900]) {
    for (const found of [leakOf((value) => value >= bound), leakOf((value) => value < bound)]) {
      assert.ok(found !== null && Math.abs(found - bound) <= 200, `${bound}: ${found}`);
    }
  }
  assert.ok(leakOf((value, session) => value >= 1000 && session % 20 > 0) !== null, "nearly all of it is enough");
});

test("what goes with high values, but not with all, and not only with them, is a finding", () => {
  assert.is(
    leakOf((value, session) => value >= 1000 && session % 2 === 0),
    null,
  );
  assert.is(
    leakOf((value, session) => value >= 1000 || session % 3 === 0),
    null,
  );
  assert.is(
    leakOf((_, session) => session % 2 === 0),
    null,
  );
});

test.run();
