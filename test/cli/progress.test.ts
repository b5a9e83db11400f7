import { suite } from "uvu";
import * as assert from "uvu/assert";
import { describeProgress, ProgressLine, type ProgressState } from "../../cli/progress.js";

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

test.run();
