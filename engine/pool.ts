import { setMaxListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { Piscina } from "piscina";
import { LeadlineError } from "../errors.js";
import type { TaskKinds, Tasks, WorkerReply } from "./tasks.js";

/** Answers the tasks of the engine. */
const ownModule = new URL("./worker.js", import.meta.url);

/** Threads that run tasks of some kinds on shared columns. */
export class TaskThreads<T extends TaskKinds<T>> {
  readonly threads: number;
  readonly #piscina: Piscina;
  readonly #module: URL;
  readonly #signal: AbortSignal | undefined;

  /** @param module - answers the tasks by its export `runTask`, see `answering` */
  constructor(piscina: Piscina, module: URL, threads: number, signal: AbortSignal | undefined) {
    this.threads = threads;
    this.#piscina = piscina;
    this.#module = module;
    this.#signal = signal;
  }

  /**
   * Runs one task on any thread.
   * @param label - what the task works on, for the message when the thread itself fails
   * @throws LeadlineError of the task; `worker-failed` when the thread dies; `aborted` when the signal fires
   */
  async run<K extends keyof T>(kind: K, input: T[K]["input"], label: string): Promise<T[K]["output"]> {
    let reply: WorkerReply<T[K]["output"]>;
    try {
      const options = this.#signal === undefined ? {} : { signal: this.#signal };
      reply = await this.#piscina.run({ kind, input }, { ...options, filename: this.#module.href });
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
  runAll<K extends keyof T>(
    kind: K,
    inputs: readonly T[K]["input"][],
    label: (index: number) => string,
    onDone?: (index: number) => void,
  ): Promise<T[K]["output"][]> {
    return Promise.all(
      inputs.map(async (input, index) => {
        const output = await this.run(kind, input, label(index));
        onDone?.(index);
        return output;
      }),
    );
  }

  /** Runs the same input once on every thread: for tasks whose threads share the work by a common counter. */
  runEach<K extends keyof T>(kind: K, input: T[K]["input"], label: string): Promise<T[K]["output"][]> {
    return Promise.all(Array.from({ length: this.threads }, () => this.run(kind, input, label)));
  }
}

/** The threads of a run; the only door to Piscina. */
export class WorkerPool extends TaskThreads<Tasks> {
  readonly #piscina: Piscina;
  readonly #signal: AbortSignal | undefined;
  #closed: Promise<void> | null = null;

  /**
   * @param threads - worker threads, 1 or more
   * @param signal - ends every task, running ones too
   * @throws RangeError when threads is not a whole number from 1
   */
  constructor(threads: number, signal?: AbortSignal) {
    if (!Number.isInteger(threads) || threads < 1) throw new RangeError(`invalid threads: ${threads}; 1 or more`);
    // every task in flight listens, and there are many
    if (signal !== undefined) setMaxListeners(0, signal);
    // V8 optimises on threads of its own, which get no core while every core runs a worker: kernels then stay slow for longer than it
    // takes to optimise them in the worker itself. Isolates look at this when they are made, so that of the caller keeps its way.
    setFlagsFromString("--no-concurrent-recompilation");
    // this one is looked at whenever a running loop is to be optimised, in the caller's isolate too: its loops are long, run once, and
    // would stay slow beside busy workers just as long
    setFlagsFromString("--no-concurrent-osr");
    const piscina = new Piscina({
      filename: ownModule.href,
      name: "runTask",
      minThreads: threads,
      maxThreads: threads,
      idleTimeout: Number.POSITIVE_INFINITY,
      recordTiming: false,
    });
    // a worker that cannot start or dies between tasks is reported by the task it fails, not by this event
    piscina.on("error", () => {});
    super(piscina, ownModule, threads, signal);
    this.#piscina = piscina;
    this.#signal = signal;
  }

  /**
   * The same threads for tasks of another room.
   * @param module - answers them by its export `runTask`, see `answering`
   */
  answeredBy<T extends TaskKinds<T>>(module: URL): TaskThreads<T> {
    return new TaskThreads<T>(this.#piscina, module, this.threads, this.#signal);
  }

  /** Ends the threads; once, however often it is asked for. */
  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  async #end(): Promise<void> {
    await this.#piscina.destroy();
    setFlagsFromString("--concurrent-recompilation");
    setFlagsFromString("--concurrent-osr");
  }
}
