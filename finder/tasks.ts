import type { TaskThreads, WorkerPool } from "../engine/pool.js";
import type { ExamineInput, ExamineOutput } from "./examine.js";

/** What threads do for the finder, beside the engine's own tasks. */
export interface FinderTasks {
  /** Asks the experts on what is to be reported. */
  readonly examine: { readonly input: ExamineInput; readonly output: ExamineOutput };
}

/** A run's threads, for these tasks. */
export function finderThreads(pool: WorkerPool): TaskThreads<FinderTasks> {
  return pool.answeredBy<FinderTasks>(new URL("./worker.js", import.meta.url));
}
