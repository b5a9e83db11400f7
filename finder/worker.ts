import { answering, type TaskRunner } from "../engine/answer.js";
import type { FinderTasks } from "./tasks.js";

/** What Piscina calls in a worker thread for a task of the finder; modules are loaded when they are first asked for. */
export const runTask: TaskRunner<FinderTasks> = answering<FinderTasks>(async (kind) =>
  kind === "crosses"
    ? { crosses: (await import("./cross-count.js")).countCrosses }
    : { examine: (await import("./examine.js")).examineCases },
);
