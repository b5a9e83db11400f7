import { LeadlineError } from "../errors.js";
import { PartitionError } from "./passes/partition-error.js";
import type { TaskKinds, WorkerReply } from "./tasks.js";

/** What a thread does for each kind of task. */
export type TaskHandlers<T extends TaskKinds<T>> = {
  readonly [K in keyof T]: (input: T[K]["input"]) => T[K]["output"] | Promise<T[K]["output"]>;
};

/** Runs one task and answers with its output, or with its error as data. */
export type TaskRunner<T extends TaskKinds<T>> = <K extends keyof T>(task: {
  readonly kind: K;
  readonly input: T[K]["input"];
}) => Promise<WorkerReply<T[K]["output"]>>;

/**
 * A thread's answer to tasks.
 * @param handlersOf - handlers with the one of a kind among them, which may have to be loaded first
 */
export function answering<T extends TaskKinds<T>>(
  handlersOf: (kind: keyof T) => Partial<TaskHandlers<T>> | Promise<Partial<TaskHandlers<T>>>,
): TaskRunner<T> {
  return async <K extends keyof T>({ kind, input }: { readonly kind: K; readonly input: T[K]["input"] }) => {
    try {
      const handlers = await handlersOf(kind);
      const handle: TaskHandlers<T>[K] | undefined = handlers[kind];
      if (handle === undefined) throw new TypeError(`unknown task: ${String(kind)}`);
      return { ok: true, output: await handle(input) };
    } catch (error) {
      const cause = error instanceof PartitionError ? error.cause : error;
      const place = error instanceof PartitionError ? { place: error.place } : {};
      if (cause instanceof LeadlineError) return { ok: false, code: cause.code, message: cause.message, ...place };
      const message = cause instanceof Error ? cause.message : String(cause);
      return { ok: false, code: "worker-failed", message, ...place };
    }
  };
}
