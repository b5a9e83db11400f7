/** What a thread does for `grams.ts`: counts the grams of a range of sessions. */

import { answering, type TaskRunner } from "../../engine/answer.js";
import { countGrams } from "../../kernels/count-grams.js";
import type { GramsTask, GramsTasks } from "./grams.js";

let stamp = new Int32Array(0);

/** What Piscina calls in a worker thread. */
export const runTask: TaskRunner<GramsTasks> = answering<GramsTasks>(() => ({ count }));

function count({ symbols, sessionOffsets, state, start, end, alphabetSize, counts }: GramsTask): null {
  if (stamp.length !== alphabetSize ** 3) stamp = new Int32Array(alphabetSize ** 3);
  else stamp.fill(0);
  counts.fill(0);
  countGrams(symbols, sessionOffsets, state, start, end, alphabetSize, 3, stamp, counts);
  return null;
}
