/** What a round tells the next. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { feedbackLines } from "../../llm/feedback.js";
import type { ClassReport } from "../../llm/rounds.js";

const test = suite("feedback");
const nothing: ClassReport = {
  ...{ template: "change", parameters: { attribute: "os" } },
  ...{ tested: 3, reported: 0, bestEffect: null, folded: 0, explained: 0 },
};

test("the latest round first, in it what was found before what led nowhere", () => {
  const lines = feedbackLines(
    [
      { round: 1, classes: [nothing] },
      {
        round: 2,
        classes: [
          nothing,
          { ...nothing, explained: 2, bestEffect: 9 },
          { ...nothing, folded: 1, bestEffect: 1.5 },
          { ...nothing, reported: 1, bestEffect: 3.14 },
        ],
      },
    ],
    (text) => text,
  );
  assert.equal(lines, [
    'Round 2, change {"attribute":"os"}: 3 tested, 1 reported, ratio 3.1',
    'Round 2, change {"attribute":"os"}: 3 tested, ratio 1.5, 1 of a cause already reported',
    'Round 2, change {"attribute":"os"}: 3 tested, ratio 9, 2 explained away',
    'Round 2, change {"attribute":"os"}: 3 tested, nothing stood out',
    'Round 1, change {"attribute":"os"}: 3 tested, nothing stood out',
  ]);
});

test("of many classes the best are told, and of the others their number", () => {
  const classes = Array.from({ length: 30 }, (_, at) => ({ ...nothing, bestEffect: at + 1 }));
  const lines = feedbackLines([{ round: 1, classes }], (text) => text);
  assert.is(lines.length, 11);
  assert.match(lines[0] ?? "", "ratio 30");
  assert.is(lines.at(-1), "Round 1: 20 more, of less");
});

test.run();
