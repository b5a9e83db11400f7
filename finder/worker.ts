import { answering, type TaskRunner } from "../engine/answer.js";
import { countCrosses } from "./cross-count.js";
import { examineCases } from "./examine.js";
import type { FinderTasks } from "./tasks.js";

/** What Piscina calls in a worker thread for a task of the finder. */
export const runTask: TaskRunner<FinderTasks> = answering<FinderTasks>(() => ({
  crosses: countCrosses,
  examine: examineCases,
}));
