import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  describeProgress,
  leftOf,
  type Place,
  ProgressLine,
  type ProgressState,
  runShares,
} from "../../cli/progress.js";

const test = suite("progress");

const lines: readonly (readonly [string, ProgressState, number, string])[] = [
  ["begins without a rate", { phase: "read", done: 0, total: 2000, unit: "events" }, 0, "read  0 of 2,000 events  0 %"],
  [
    "tells rate and time left once it has settled",
    { phase: "read", done: 500_000, total: 2_000_000, unit: "events" },
    2000,
    "read  500,000 of 2,000,000 events  25 %  250,000 events/s  6 s left",
  ],
  [
    "an end has nothing left",
    { phase: "read", done: 10, total: 10, unit: "events" },
    1000,
    "read  10 of 10 events  100 %  10 events/s",
  ],
  [
    "steps have no rate",
    { phase: "count", done: 1, total: 4, unit: "steps" },
    1000,
    "count  1 of 4 steps  25 %  3 s left",
  ],
  ["one step is its phase", { phase: "judge", done: 0, total: 1, unit: "steps" }, 0, "judge"],
  ["an unknown total has no share", { phase: "write", done: 12, total: 0, unit: "events" }, 0, "write  12 events"],
];
for (const [what, state, elapsedMs, expected] of lines) {
  test(what, () => assert.is(describeProgress(state, elapsedMs), expected));
}

test("the time left of the whole stands in place of the phase's own, in seconds or minutes", () => {
  const reading = { phase: "read", done: 500, total: 1000, unit: "events" };
  assert.is(describeProgress(reading, 2000, 40_000), "read  500 of 1,000 events  50 %  250 events/s  about 40 s left");
  const judging = { phase: "judge", done: 0, total: 1, unit: "steps" };
  assert.is(describeProgress(judging, 12_900, 180_000), "judge  12 s  about 3 min left");
});

/** Where a run is, and the seconds that are left of it. */
const places: readonly (readonly [string, Place, number | null])[] = [
  ["too early", { index: 0, fraction: 0.1, beforeMs: 0, phaseMs: 500 }, null],
  ["half of reading, a fifth of the whole", { index: 0, fraction: 0.5, beforeMs: 0, phaseMs: 2000 }, 18],
  ["evaluation begins", { index: 1, fraction: null, beforeMs: 4000, phaseMs: 0 }, 16],
  ["evaluation is as far as its time", { index: 1, fraction: null, beforeMs: 4000, phaseMs: 1500 }, 14.5],
  ["a phase that takes longer is nearly over", { index: 1, fraction: null, beforeMs: 4000, phaseMs: 60_000 }, 122.861],
  ["a phase that nobody knows", { index: -1, fraction: null, beforeMs: 0, phaseMs: 9000 }, null],
];
for (const [what, place, seconds] of places) {
  test(`time left: ${what}`, () => {
    const left = leftOf(runShares, place);
    assert.is(left === null ? null : Number((left / 1000).toFixed(3)), seconds);
  });
}

/** A stream that keeps what is written, 20 columns wide. */
function screen(): { readonly stream: NodeJS.WriteStream; readonly written: string[] } {
  const written: string[] = [];
  const stream = { columns: 20, write: (text: string) => written.push(text) > 0 };
  return { stream: stream as unknown as NodeJS.WriteStream, written };
}

test("a line fits the terminal, is drawn at once for a phase and not again within a moment, and can be cleared", () => {
  const { stream, written } = screen();
  const progress = new ProgressLine(stream, true);
  for (let done = 1; done <= 50; done++) progress.update({ phase: "read", done, total: 1000, unit: "events" });
  progress.update({ phase: "judge", done: 0, total: 1, unit: "steps" });
  progress.clear();
  progress.clear();
  assert.equal(written, ["\r\u001b[Kread  1 of 1,000 ev", "\r\u001b[Kjudge", "\r\u001b[K"]);
});

test("nothing is drawn where nobody looks", () => {
  const { stream, written } = screen();
  const progress = new ProgressLine(stream, false);
  progress.update({ phase: "read", done: 1, total: 1000, unit: "events" });
  progress.clear();
  assert.equal(written, []);
});

test("a phase that says nothing of itself is not drawn anew after the line was cleared", async () => {
  const { stream, written } = screen();
  let now = 0;
  const progress = new ProgressLine(stream, true, runShares, () => now);
  progress.update({ phase: "read", done: 0, total: 10, unit: "events" });
  now = 4000;
  progress.update({ phase: "evaluate", done: 0, total: 1, unit: "steps" });
  now = 5500;
  await new Promise((resolve) => setTimeout(resolve, 1200));
  assert.match(written.at(-1) ?? "", /evaluate {2}1 s/);
  assert.ok(written.length >= 3, "its clock goes on by itself");
  progress.clear();
  const { length } = written;
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.is(written.length, length);
});

test.run();
