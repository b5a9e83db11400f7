import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { LeadlineError } from "../errors.js";
import type {
  Answer,
  GenerateRequest,
  HostMessage,
  HostReply,
  LoadRequest,
  MeasureRequest,
  ModelSpeed,
  ScoreRequest,
} from "./host-messages.js";
import type { ModelFile } from "./model-file.js";

/** How a model is hosted. */
export interface HostOptions {
  /** Never more than there are cores: beyond, the native code is a hundred times slower. @default one a core */
  readonly threads?: number;
  /** Tokens of prompt and answer together. @default 4096, or what the model was trained on where that is less */
  readonly contextSize?: number;
  /** Tokens evaluated at once; a cancelled prompt ends within one batch. @default 128 */
  readonly batchSize?: number;
  /** Whether the weights may go to a graphics card; then answers differ from machine to machine. @default false */
  readonly gpu?: boolean;
  /** Loading takes no longer than this. @default 120000 */
  readonly loadTimeoutMs?: number;
  /** What is left to a process that was told to stop before it is killed. @default 3000 */
  readonly graceMs?: number;
  /** The program of the model's process. @default the one beside this file */
  readonly program?: URL;
}

/** When a request has to end. */
export interface Limits {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const BATCH_SIZE = 128;
const CONTEXT_SIZE = 4096;
const LOAD_TIMEOUT_MS = 120_000;
const GRACE_MS = 3000;
/** Characters of the process's last words that a message quotes. */
const LAST_WORDS = 200;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A model in a process of its own, whose crash, hang or hunger for memory ends as one `LeadlineError` and never takes
 * the caller with it. Requests take turns. To be disposed by who made it.
 */
export class ModelHost {
  /** Tokens of prompt and answer together. */
  readonly contextSize: number;
  readonly threads: number;
  readonly #process: HostProcess;

  /** Use `startModel`. */
  constructor(process: HostProcess, threads: number, contextSize: number) {
    this.#process = process;
    this.threads = threads;
    this.contextSize = contextSize;
  }

  /**
   * Answers a prompt under a grammar; the same request gives the same answer on the same machine.
   * @throws LeadlineError `model-invalid` when no answer came in time or the process ended; `aborted`
   */
  async generate(request: GenerateRequest, limits: Limits): Promise<Answer> {
    return (await this.#process.ask({ kind: "generate", request }, limits)) as Answer;
  }

  /**
   * Natural logarithms of the probabilities that each candidate follows the prompt.
   * @throws LeadlineError as `generate`
   * @throws RangeError for an empty candidate
   */
  async score(request: ScoreRequest, limits: Limits): Promise<readonly number[]> {
    if (request.candidates.includes("")) throw new RangeError("invalid candidate: an empty text");
    return (await this.#process.ask({ kind: "score", request }, limits)) as readonly number[];
  }

  /**
   * How fast the model reads and writes here, and what memory its process has taken.
   * @throws LeadlineError as `generate`
   */
  async measure(request: MeasureRequest, limits: Limits): Promise<ModelSpeed> {
    return (await this.#process.ask({ kind: "measure", request }, limits)) as ModelSpeed;
  }

  /** Ends the process, by force where it does not end in time. Never fails. */
  async dispose(): Promise<void> {
    await this.#process.end();
  }
}

/**
 * Loads a model in a process of its own.
 * @param file - as `readModelFile` gives it
 * @throws LeadlineError `model-invalid`: the package is missing (and how to add it), the model cannot be loaded, or took
 * too long; `aborted`
 * @throws RangeError for options that are no whole numbers from 1 on
 */
export async function startModel(file: ModelFile, options: HostOptions = {}, signal?: AbortSignal): Promise<ModelHost> {
  const cores = availableParallelism();
  const threads = Math.min(positive("threads", options.threads ?? cores), cores);
  const trained = file.contextLength ?? CONTEXT_SIZE;
  const request: LoadRequest = {
    path: file.path,
    chat: file.chat,
    threads,
    contextSize: positive("contextSize", options.contextSize ?? Math.min(CONTEXT_SIZE, trained)),
    batchSize: positive("batchSize", options.batchSize ?? BATCH_SIZE),
    gpu: options.gpu ?? false,
  };
  const timeoutMs = options.loadTimeoutMs ?? LOAD_TIMEOUT_MS;
  const program = options.program ?? new URL("./host-process.js", import.meta.url);
  const host = new HostProcess(program, options.graceMs ?? GRACE_MS);
  try {
    const limits: Limits = signal === undefined ? { timeoutMs } : { timeoutMs, signal };
    const { contextSize } = (await host.ask({ kind: "load", request }, limits)) as { contextSize: number };
    return new ModelHost(host, threads, contextSize);
  } catch (error) {
    await host.end();
    throw error;
  }
}

function positive(name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1) throw new RangeError(`invalid ${name}: ${value}`);
  return value;
}

type Request =
  | Omit<Extract<HostMessage, { kind: "load" }>, "id">
  | Omit<Extract<HostMessage, { kind: "generate" }>, "id">
  | Omit<Extract<HostMessage, { kind: "score" }>, "id">
  | Omit<Extract<HostMessage, { kind: "measure" }>, "id">
  | Omit<Extract<HostMessage, { kind: "dispose" }>, "id">;

/** The process, and who waits for which of its replies. */
class HostProcess {
  readonly #child: ChildProcess;
  readonly #graceMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #lastWords = "";
  /** Why the process is no more; null while it is. */
  #gone: string | null = null;
  #disposed = false;

  constructor(program: URL, graceMs: number) {
    this.#graceMs = graceMs;
    this.#child = fork(program, {
      // flags of the caller, such as an inspector's port, are not for this process
      execArgv: [],
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      env: { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: "true" },
    });
    this.#child.stderr?.on("data", (bytes: Buffer) => {
      this.#lastWords = `${this.#lastWords}${bytes.toString("utf8")}`.slice(-10 * LAST_WORDS);
    });
    this.#child.on("message", (reply: HostReply) => this.#settle(reply));
    this.#exited = new Promise((resolve) => {
      const over = (how: string): void => {
        this.#gone ??= how;
        this.#rejectAll(modelError(this.#gone));
        resolve();
      };
      this.#child.on("error", (error) => over(`the model's process cannot be started: ${error.message}`));
      // `close`, not `exit`: by then its last words are in
      this.#child.on("close", (code, signal) => over(this.#end(code, signal)));
    });
  }

  /** Sends a request and waits for its reply, the deadline, the signal or the process's end. */
  async ask(request: Request, { timeoutMs, signal }: Limits): Promise<unknown> {
    if (signal?.aborted) throw aborted();
    if (this.#disposed) throw modelError("the model was disposed of");
    if (this.#gone !== null) throw modelError(this.#gone);
    const id = this.#nextId++;
    const ending: { why: LeadlineError | null } = { why: null };
    let kill: NodeJS.Timeout | undefined;
    const stop = (why: LeadlineError): void => {
      if (ending.why !== null) return;
      ending.why = why;
      this.#send({ id, kind: "abort" });
      kill = setTimeout(() => this.#kill(why.message), this.#graceMs);
    };
    const onAbort = (): void => stop(aborted());
    signal?.addEventListener("abort", onAbort, { once: true });
    const deadline = setTimeout(() => {
      const doing = request.kind === "load" ? "was not loaded" : "gave no answer";
      stop(modelError(`the model ${doing} within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    try {
      const value = await new Promise((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        this.#send({ ...request, id } as HostMessage);
      });
      if (ending.why !== null) throw ending.why;
      return value;
    } catch (error) {
      throw ending.why ?? error;
    } finally {
      clearTimeout(deadline);
      clearTimeout(kill);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /** Asks the process to let go of its model, then ends it. */
  async end(): Promise<void> {
    if (!this.#disposed && this.#gone === null) {
      for (const id of this.#pending.keys()) this.#send({ id, kind: "abort" });
      // what it holds is given back by the system in any case; a tidy end only spares some drivers a crash
      await this.ask({ kind: "dispose" }, { timeoutMs: this.#graceMs }).catch(() => undefined);
    }
    this.#disposed = true;
    this.#kill("the model was disposed of");
    await this.#exited;
  }

  #send(message: HostMessage): void {
    // a message to a process that just ended is answered by its end
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #settle(reply: HostReply): void {
    const waiting = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if (reply.kind === "done") waiting?.resolve(reply.value);
    else waiting?.reject(modelError(reply.message));
  }

  #rejectAll(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }

  #kill(why: string): void {
    if (this.#gone !== null) return;
    this.#gone = why;
    this.#child.kill("SIGKILL");
  }

  #end(code: number | null, signal: NodeJS.Signals | null): string {
    const words = this.#lastWords.trim().split("\n").at(-1)?.trim().slice(0, LAST_WORDS) ?? "";
    const quoted = words === "" ? "" : `: ${words}`;
    if (signal === "SIGKILL") {
      return "the model's process was killed, most likely for want of memory; take a smaller model or context";
    }
    if (/out of memory|bad_alloc/i.test(this.#lastWords)) {
      return "the model's process ran out of memory; take a smaller model or context";
    }
    if (signal !== null) return `the model's process crashed (${signal})${quoted}`;
    return `the model's process ended unasked (exit code ${code})${quoted}`;
  }
}

function modelError(message: string): LeadlineError {
  return new LeadlineError("model-invalid", message);
}

function aborted(): LeadlineError {
  return new LeadlineError("aborted", "the model's answer was no longer wanted: aborted");
}
