import { setMaxListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { Piscina } from "piscina";
import { LeadlineError } from "../errors.js";
import type { TaskInput, TaskKind, TaskOutput, WorkerReply } from "./tasks.js";

/** Threads that run tasks on shared columns; the only door to Piscina. */
export class WorkerPool {
  readonly threads: number;
  readonly #piscina: Piscina;
  readonly #signal: AbortSignal | undefined;

  /**
   * @param threads - worker threads, 1 or more
   * @param signal - ends every task, running ones too
   * @throws RangeError when threads is not a whole number from 1
   */
  constructor(threads: number, signal?: AbortSignal) {
    if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`invalid threads: ${threads}; 1 or more`);
    this.threads = threads;
    this.#signal = signal;
    // every task in flight listens, and there are many
    if (signal !== undefined) setMaxListeners(0, signal);
    // V8 optimises on threads of its own, which get no core while every core runs a worker: kernels then stay slow for longer than it
    // takes to optimise them in the worker itself. Isolates look at this when they are made, so that of the caller keeps its way.
    setFlagsFromString("--no-concurrent-recompilation");
    this.#piscina = new Piscina({
      filename: new URL("./worker.js", import.meta.url).href,
      name: "runTask",
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
    });
    // a worker that cannot start or dies between tasks is reported by the task it fails, not by this event
    this.#piscina.on("error", () => {});
  }

  /**
   * Runs one task on any thread.
   * @param label - what the task works on, for the message when the thread itself fails
   * @throws LeadlineError of the task; `worker-failed` when the thread dies; `aborted` when the signal fires
   */
  async run<K extends TaskKind>(kind: K, input: TaskInput<K>, label: string): Promise<TaskOutput<K>> {
    let reply: WorkerReply<TaskOutput<K>>;
    try {
      reply = await this.#piscina.run({ kind, input }, this.#signal === undefined ? {} : { signal: this.#signal });
    } catch (error) {
      if (this.#signal?.aborted) throw new LeadlineError("aborted", "the run was interrupted", { cause: error });
      const reason = error instanceof Error ? error.message : String(error);
      throw new LeadlineError("worker-failed", `a worker thread failed on ${label}: ${reason}`, { cause: error });
    }
    if (reply.ok) return reply.output;
    const place = reply.place === undefined ? label : `${label}, ${reply.place}`;
    if (reply.code === "worker-failed") {
      throw new LeadlineError("worker-failed", `a worker thread failed on ${place}: ${reply.message}`);
    }
    throw new LeadlineError(reply.code, reply.message);
  }

  /** Runs a task for each input and returns the outputs in the order of the inputs. */
  runAll<K extends TaskKind>(
    kind: K,
    inputs: readonly TaskInput<K>[],
    label: (index: number) => string,
    onDone?: (index: number) => void,
  ): Promise<TaskOutput<K>[]> {
    return Promise.all(
      inputs.map(async (input, index) => {
        const output = await this.run(kind, input, label(index));
        onDone?.(index);
        return output;
      }),
    );
  }

  /** Runs the same input once on every thread: for tasks whose threads share the work by a common counter. */
  runEach<K extends TaskKind>(kind: K, input: TaskInput<K>, label: string): Promise<TaskOutput<K>[]> {
    return Promise.all(Array.from({ length: this.threads }, () => this.run(kind, input, label)));
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
    setFlagsFromString("--concurrent-recompilation");
  }
}
