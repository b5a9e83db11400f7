import { fork } from "node:child_process";
import { join } from "node:path";
import { LeadlineError } from "../errors.js";
import { findPackage, missingPackage } from "./package.js";
import type { PullReply, PullRequest } from "./pull-messages.js";

/** A model that can be fetched by name. */
export interface KnownModel {
  readonly name: string;
  /** On huggingface.co. */
  readonly repository: string;
  readonly file: string;
  /** About. */
  readonly sizeBytes: number;
}

/** The models that the host's defaults are made for; the first is what is fetched where none is named. */
export const knownModels: readonly KnownModel[] = [
  {
    name: "llama-3.2-1b",
    repository: "bartowski/Llama-3.2-1B-Instruct-GGUF",
    file: "Llama-3.2-1B-Instruct-Q4_K_M.gguf",
    sizeBytes: 0.81e9,
  },
  {
    name: "llama-3.2-3b",
    repository: "bartowski/Llama-3.2-3B-Instruct-GGUF",
    file: "Llama-3.2-3B-Instruct-Q4_K_M.gguf",
    sizeBytes: 2.02e9,
  },
];

/** How a model is fetched. */
export interface PullOptions {
  readonly signal?: AbortSignal;
  /** Called with the bytes that are here, and those of the whole file. */
  readonly onProgress?: (bytes: number, totalBytes: number) => void;
  /** Until the first bytes. @default 30000 */
  readonly connectTimeoutMs?: number;
  /** Between bytes. @default 60000 */
  readonly stallTimeoutMs?: number;
  /** The program of the process that fetches. @default the one beside this file */
  readonly program?: URL;
}

const CONNECT_TIMEOUT_MS = 30_000;
const STALL_TIMEOUT_MS = 60_000;
/** Left to the process to remove its unfinished file. */
const GRACE_MS = 1000;

/**
 * Fetches a model file in a process of its own, by the package's downloader.
 * @param name - of a known model, or an address: `hf:USER/REPOSITORY/FILE`, `https://…`
 * @param folder - is made where it is missing
 * @returns the file's path
 * @throws LeadlineError `model-invalid`: the reason, then what to fetch elsewhere and where to put it; `aborted`
 */
export async function pullModel(name: string, folder: string, options: PullOptions = {}): Promise<string> {
  const known = knownModels.find((model) => model.name === name);
  if (known === undefined && !/^(hf:|https?:\/\/)./.test(name)) {
    const names = knownModels.map((model) => model.name).join(", ");
    throw new LeadlineError(
      "model-invalid",
      `unknown model: ${name}; allowed: ${names}, hf:USER/REPOSITORY/FILE.gguf, https://…`,
    );
  }
  const uri = known === undefined ? name : `hf:${known.repository}/${known.file}`;
  try {
    if (findPackage() === null && options.program === undefined) throw new Error(missingPackage);
    return await fetchInProcess({ uri, folder }, options);
  } catch (cause) {
    if (cause instanceof LeadlineError && cause.code === "aborted") throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LeadlineError("model-invalid", `cannot fetch ${name}: ${reason}\n${byHand(known, name, folder)}`, {
      cause,
    });
  }
}

/** How to do without a network here. */
function byHand(known: KnownModel | undefined, uri: string, folder: string): string {
  const what =
    known === undefined
      ? uri.replace(/^hf:/, "https://huggingface.co/")
      : `${known.file} (about ${known.sizeBytes / 1e9} GB) of https://huggingface.co/${known.repository}`;
  const path = join(folder, known?.file ?? /[^/]+\.gguf$/.exec(uri)?.[0] ?? "MODEL.gguf");
  return [
    `Without a network here, fetch it elsewhere: ${what}`,
    `Put it anywhere that can be read, such as ${path}, and set LEADLINE_MODEL to that path.`,
    `leadline model check ${path} then prints its SHA-256, to be compared with the one on the file's page.`,
  ].join("\n");
}

async function fetchInProcess(request: PullRequest, options: PullOptions): Promise<string> {
  const { signal, onProgress, connectTimeoutMs = CONNECT_TIMEOUT_MS, stallTimeoutMs = STALL_TIMEOUT_MS } = options;
  if (signal?.aborted) throw aborted();
  const child = fork(options.program ?? new URL("./pull-process.js", import.meta.url), {
    execArgv: [],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
    env: { ...process.env, NODE_LLAMA_CPP_SKIP_DOWNLOAD: "true" },
  });
  let deadline: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      const wait = (ms: number, what: string): void => {
        clearTimeout(deadline);
        deadline = setTimeout(() => reject(new Error(`${what} within ${ms / 1000} s`)), ms);
      };
      let last = 0;
      wait(connectTimeoutMs, "no answer from the network");
      onAbort = () => reject(aborted());
      signal?.addEventListener("abort", onAbort, { once: true });
      child.on("message", (reply: PullReply) => {
        if (reply.kind === "done") resolve(reply.path);
        else if (reply.kind === "failed") reject(new Error(reply.message));
        else if (reply.bytes > last) {
          last = reply.bytes;
          wait(stallTimeoutMs, "nothing more came");
          onProgress?.(reply.bytes, reply.totalBytes);
        }
      });
      child.on("error", reject);
      child.on("exit", (code, by) => reject(new Error(`the process that fetches ended unasked (${by ?? code})`)));
      child.send(request, () => undefined);
    });
  } finally {
    clearTimeout(deadline);
    signal?.removeEventListener("abort", onAbort);
    await end(child);
  }
}

/** Asks the process to stop, which removes what it has begun, and ends it where it does not. */
async function end(child: ReturnType<typeof fork>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  if (child.connected) child.send("stop", () => undefined);
  setTimeout(() => child.connected && child.disconnect(), GRACE_MS / 2).unref();
  const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await exited;
  clearTimeout(kill);
}

function aborted(): LeadlineError {
  return new LeadlineError("aborted", "the model was no longer wanted: aborted");
}
