import type { TaskThreads, WorkerPool } from "../engine/pool.js";
import type { CrossInput, CrossOutput } from "./cross-count.js";
import type { ExamineInput, ExamineOutput } from "./examine.js";
import type { ScreenInput, ScreenOutput } from "./screen-count.js";

/** What threads do for the finder, beside the engine's own tasks. */
export interface FinderTasks {
  /** Loads the modules of the examination. */
  readonly loadExamination: { readonly input: null; readonly output: null };
  /** Counts conditions on users with sessions of both kinds. */
  readonly screen: { readonly input: ScreenInput; readonly output: ScreenOutput };
  /** Counts crosses of one KPI. */
  readonly crosses: { readonly input: CrossInput; readonly output: CrossOutput };
  /** Asks the experts on what is to be reported. */
  readonly examine: { readonly input: ExamineInput; readonly output: ExamineOutput };
}

/** A run's threads, for these tasks. */
export function finderThreads(pool: WorkerPool): TaskThreads<FinderTasks> {
  return pool.answeredBy<FinderTasks>(new URL("./worker.js", import.meta.url));
}

/** Has the threads load what they examine with, before it is asked for. */
export async function loadExamination(pool: WorkerPool): Promise<void> {
  await finderThreads(pool).runEach("loadExamination", null, "the modules of the examination");
}
