import { answering, type TaskHandlers, type TaskRunner } from "./answer.js";
import { collectGarbage } from "./collect-garbage.js";
import { fillPieces } from "./fill.js";
import type { Tasks } from "./tasks.js";

type Sources = typeof import("./worker-sources.js").sourceHandlers;
type Passes = typeof import("./worker-passes.js").passHandlers;

// a thread reads files for a while and then passes over a table: half of what it loads can wait for the second, or is never needed
const sources = async (): Promise<Sources> => (await import("./worker-sources.js")).sourceHandlers;
const passes = async (): Promise<Passes> => (await import("./worker-passes.js")).passHandlers;

const handlers: TaskHandlers<Tasks> = {
  decode: async (input) => (await sources()).decode(input),
  decodePrepared: async (input) => (await sources()).decodePrepared(input),
  prepare: async (input) => (await sources()).prepare(input),
  mergeKeys: async (input) => (await sources()).mergeKeys(input),
  placeKeys: async (input) => (await sources()).placeKeys(input),
  scatter: async (input) => (await sources()).scatter(input),
  survey: async (input) => (await sources()).survey(input),
  spill: async (input) => (await sources()).spill(input),
  slice: async (input) => (await sources()).slice(input),
  sort: async (input) => (await sources()).sort(input),
  fill: (input) => {
    // the part before this one
    collectGarbage("young");
    return fillPieces(input);
  },
  loadPasses: async () => {
    await passes();
    return null;
  },
  valueCounts: async (input) => (await passes()).valueCounts(input),
  evaluate: async (input) => (await passes()).evaluate(input),
  segment: async (input) => (await passes()).segment(input),
  groupUsers: async (input) => (await passes()).groupUsers(input),
  gather: async (input) => (await passes()).gather(input),
  remap: async (input) => (await passes()).remap(input),
  symbols: async (input) => (await passes()).symbols(input),
  distinct: async (input) => (await passes()).distinct(input),
  subsequences: async (input) => (await passes()).subsequences(input),
  tally: async (input) => (await passes()).tally(input),
  mark: async (input) => (await passes()).mark(input),
  evidence: async (input) => (await passes()).evidence(input),
  strata: async (input) => (await passes()).strata(input),
  exposure: async (input) => (await passes()).exposure(input),
};

/** What Piscina calls in a worker thread. */
export const runTask: TaskRunner<Tasks> = answering(handlers);
