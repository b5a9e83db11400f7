import { createRequire } from "node:module";
import { answering, type TaskHandlers, type TaskRunner } from "./answer.js";
import { collectGarbage } from "./collect-garbage.js";
import { fillPieces } from "./fill.js";
import { findMoments } from "./passes/moments.js";
import type { Tasks } from "./tasks.js";
import type { sourceHandlers } from "./worker-sources.js";

type SourceKind = keyof typeof sourceHandlers;

/**
 * Loads modules at once, in two thirds of the time that promises take (measured, 56 modules: 15 ms instead of 22), and a thread has nothing else to
 * do meanwhile.
 */
const load = createRequire(import.meta.url);
const loadSources = () => load("./worker-sources.js") as typeof import("./worker-sources.js");
const loadPasses = () => load("./worker-passes.js") as typeof import("./worker-passes.js");

const sourceKinds: ReadonlySet<string> = new Set<SourceKind>([
  "decode",
  "decodePrepared",
  "prepare",
  "mergeKeys",
  "placeKeys",
  "scatter",
  "survey",
  "spill",
  "slice",
  "sort",
]);

/** Tasks that need none of the modules that a thread loads when they are first asked for. */
const ownHandlers: TaskHandlers<Pick<Tasks, "fill" | "moments" | "loadPasses">> = {
  fill: (input) => {
    // the part before this one
    collectGarbage("young");
    return fillPieces(input);
  },
  moments: findMoments,
  loadPasses: () => {
    loadPasses();
    return null;
  },
};

/** What Piscina calls in a worker thread. It reads files or runs passes, rarely both at once: each loads its modules, half of all, when it is first asked for. */
export const runTask: TaskRunner<Tasks> = answering<Tasks>((kind) => {
  if (kind in ownHandlers) return ownHandlers;
  if (sourceKinds.has(kind)) return loadSources().sourceHandlers;
  return loadPasses().passHandlers;
});
