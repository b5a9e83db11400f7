import type { TaskThreads, WorkerPool } from "../engine/pool.js";
import type { CrossInput, CrossOutput } from "./cross-count.js";
import type { ExamineInput, ExamineOutput } from "./examine.js";

/** What threads do for the finder, beside the engine's own tasks. */
export interface FinderTasks {
  /** Counts crosses of one KPI. */
  readonly crosses: { readonly input: CrossInput; readonly output: CrossOutput };
  /** Asks the experts on what is to be reported. */
  readonly examine: { readonly input: ExamineInput; readonly output: ExamineOutput };
}

/** A run's threads, for these tasks. */
export function finderThreads(pool: WorkerPool): TaskThreads<FinderTasks> {
  return pool.answeredBy<FinderTasks>(new URL("./worker.js", import.meta.url));
}
