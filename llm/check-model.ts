import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { templates } from "../planner/templates/library.js";
import { type HostOptions, startModel } from "./host.js";
import type { ModelSpeed } from "./host-messages.js";
import { type ModelFile, readModelFile } from "./model-file.js";
import { findPackage, type ModelPackage } from "./package.js";
import { type Trial, tryModel } from "./trial.js";

/** What can be said of a model on this machine. */
export interface ModelCheck {
  readonly file: ModelFile;
  /** Of the whole file, in hexadecimal. */
  readonly sha256: string;
  /** The package that runs models; null where it is not installed. */
  readonly package: ModelPackage | null;
  /** How the model ran; null where nothing can run it. */
  readonly run: ModelRun | null;
}

/** How a model ran. */
export interface ModelRun {
  /** From the start of its process until it takes questions. */
  readonly loadMs: number;
  readonly threads: number;
  /** tokens of prompt and answer together, as it was loaded */
  readonly contextSize: number;
  readonly speed: ModelSpeed;
  readonly trial: Trial;
}

const TIMEOUT_MS = 300_000;
/** Long enough for whole batches, short enough for a slow machine. */
const PROMPT_TOKENS = 256;
const ANSWER_TOKENS = 32;

/**
 * Reads a model file whole, and where the package is installed loads it, measures it and asks it a question.
 * @throws LeadlineError `model-invalid`: what is wrong with the file, or why it does not run; `aborted`
 */
export async function checkModel(path: string, options: HostOptions = {}, signal?: AbortSignal): Promise<ModelCheck> {
  const file = readModelFile(path);
  const sha256 = await hashOf(path, signal);
  const found = findPackage();
  return { file, sha256, package: found, run: found === null ? null : await runModel(file, options, signal) };
}

async function runModel(file: ModelFile, options: HostOptions, signal: AbortSignal | undefined): Promise<ModelRun> {
  const start = performance.now();
  const host = await startModel(file, options, signal);
  try {
    const loadMs = performance.now() - start;
    const limits = { timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) };
    const trial = await tryModel(host, templates, limits);
    const speed = await host.measure({ promptTokens: PROMPT_TOKENS, answerTokens: ANSWER_TOKENS }, limits);
    return { loadMs, threads: host.threads, contextSize: host.contextSize, speed, trial };
  } finally {
    await host.dispose();
  }
}

async function hashOf(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) {
    signal?.throwIfAborted();
    hash.update(bytes as Buffer);
  }
  return hash.digest("hex");
}
