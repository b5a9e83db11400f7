import { answering, type TaskRunner } from "../engine/answer.js";
import type { FinderTasks } from "./tasks.js";

/** What Piscina calls in a worker thread for a task of the finder; modules are loaded when they are first asked for. */
export const runTask: TaskRunner<FinderTasks> = answering<FinderTasks>(async (kind) => {
  switch (kind) {
    case "screen":
      return { screen: (await import("./screen-count.js")).countBothKinds };
    case "crosses": {
      const [{ countCrosses }] = await Promise.all([import("./cross-count.js"), import("./examine.js")]);
      return { crosses: countCrosses };
    }
    case "examine":
      return { examine: (await import("./examine.js")).examineCases };
    case "loadExamination":
      return { loadExamination: () => import("./examine.js").then(() => null) };
  }
});
