/** Bar 7: what two threads of pure arithmetic gain on this machine, whose cores may share more than their name says. */

import { Worker } from "node:worker_threads";
import { serve, timed } from "./runner.js";

/** A second or so of multiplications that touch no memory. */
const work = `
const { parentPort } = require("node:worker_threads");
const start = performance.now();
let x = 1;
for (let i = 0; i < 300_000_000; i++) x = (Math.imul(x, 1103515245) + 12345) | 0;
parentPort.postMessage([performance.now() - start, x]);
`;

await serve(async ({ threads }: { readonly threads: number }) => {
  const { result, cpuSeconds, peakRssBytes } = await timed(() => Promise.all(Array.from({ length: threads }, spin)));
  // starting the threads is not what is asked
  const seconds = Math.max(...result) / 1000;
  return { seconds: [seconds], cpuSeconds: [cpuSeconds], peakRssBytes, answer: null, numbers: {} };
});

function spin(): Promise<number> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(work, { eval: true });
    worker.once("message", ([milliseconds]: readonly [number, number]) => resolve(milliseconds));
    worker.once("error", reject);
  });
}
