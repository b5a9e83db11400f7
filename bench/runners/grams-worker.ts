/** A thread of `grams.ts`: counts the grams of a range of sessions whenever it is told to. */

import { parentPort, workerData } from "node:worker_threads";
import { countGrams } from "../../kernels/count-grams.js";
import type { GramsTask } from "./grams.js";

const { symbols, sessionOffsets, state, start, end, alphabetSize, counts } = workerData as GramsTask;
const stamp = new Int32Array(alphabetSize ** 3);

parentPort?.on("message", () => {
  stamp.fill(0);
  counts.fill(0);
  countGrams(symbols, sessionOffsets, state, start, end, alphabetSize, 3, stamp, counts);
  parentPort?.postMessage(null);
});
