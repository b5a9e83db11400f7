import { LeadlineError } from "../errors.js";
import { collectGarbage } from "./collect-garbage.js";
import { fillPieces } from "./fill.js";
import { PartitionError } from "./passes/partition-error.js";
import type { Handlers, TaskInput, TaskKind, TaskOutput, WorkerReply } from "./tasks.js";
import type { sourceHandlers } from "./worker-sources.js";

type SourceKind = keyof typeof sourceHandlers;

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
const ownHandlers: Handlers<"fill" | "loadPasses"> = {
  fill: (input) => {
    // the part before this one
    collectGarbage("young");
    return fillPieces(input);
  },
  loadPasses: async () => {
    await import("./worker-passes.js");
    return null;
  },
};

/** A thread reads files or runs passes, rarely both at once: each loads its modules, half of all, when it is first asked for. */
async function handle<K extends TaskKind>(kind: K, input: TaskInput<K>): Promise<TaskOutput<K>> {
  const handlers: Partial<Handlers<TaskKind>> =
    kind in ownHandlers
      ? ownHandlers
      : sourceKinds.has(kind)
        ? (await import("./worker-sources.js")).sourceHandlers
        : (await import("./worker-passes.js")).passHandlers;
  const handler: Handlers<K>[K] | undefined = handlers[kind];
  if (handler === undefined) throw new TypeError(`unknown task: ${kind}`);
  return await handler(input);
}

/** What Piscina calls in a worker thread: runs one task and answers with its output, or with its error as data. */
export async function runTask<K extends TaskKind>({
  kind,
  input,
}: {
  readonly kind: K;
  readonly input: TaskInput<K>;
}): Promise<WorkerReply<TaskOutput<K>>> {
  try {
    return { ok: true, output: await handle(kind, input) };
  } catch (error) {
    const cause = error instanceof PartitionError ? error.cause : error;
    const place = error instanceof PartitionError ? { place: error.place } : {};
    if (cause instanceof LeadlineError) return { ok: false, code: cause.code, message: cause.message, ...place };
    const message = cause instanceof Error ? cause.message : String(cause);
    return { ok: false, code: "worker-failed", message, ...place };
  }
}
