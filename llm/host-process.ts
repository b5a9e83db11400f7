import type { ChatWrapper, Llama, LlamaContext, LlamaContextSequence, LlamaModel, Token } from "node-llama-cpp";
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
import type { ChatFormat } from "./model-file.js";
import { importPackage } from "./package.js";

/**
 * The program of the model's process: native code that crashes, hangs or eats the memory takes this process down and
 * not the run. One model a process: a second one loses its log, and failed loads can make disposal hang.
 */

type Library = typeof import("node-llama-cpp");

interface Loaded {
  readonly library: Library;
  readonly llama: Llama;
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly sequence: LlamaContextSequence;
  readonly chat: ChatWrapper;
  /** Tokens evaluated at once. */
  readonly batchSize: number;
}

/** The reason of a failed load reaches the log some time after the failure. */
const LOG_DELAY_MS = 150;

let loaded: Loaded | null = null;
const running = new Map<number, AbortController>();
/** Requests share one sequence of tokens, so they take turns. */
let last: Promise<void> = Promise.resolve();

process.on("message", (message: HostMessage) => {
  if (message.kind === "abort") {
    running.get(message.id)?.abort(new Error("aborted"));
    return;
  }
  const controller = new AbortController();
  running.set(message.id, controller);
  last = last.then(() => answer(message, controller.signal)).finally(() => running.delete(message.id));
});
// a parent that is gone needs no model
process.on("disconnect", () => process.exit(0));

async function answer(message: Exclude<HostMessage, { kind: "abort" }>, signal: AbortSignal): Promise<void> {
  try {
    signal.throwIfAborted();
    reply({ id: message.id, kind: "done", value: await perform(message, signal) });
  } catch (error) {
    const text = (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
    const what = message.kind === "load" ? "the model cannot be loaded" : "the model failed";
    reply({ id: message.id, kind: "failed", message: error instanceof LeadlineError ? text : `${what}: ${text}` });
  }
}

function reply(message: HostReply): void {
  process.send?.(message);
}

async function perform(message: Exclude<HostMessage, { kind: "abort" }>, signal: AbortSignal): Promise<unknown> {
  switch (message.kind) {
    case "load":
      loaded = await load(message.request);
      return { contextSize: loaded.context.contextSize };
    case "generate":
      return await generate(model(), message.request, signal);
    case "score":
      return await score(model(), message.request, signal);
    case "measure":
      return await measure(model(), message.request, signal);
    case "dispose":
      await loaded?.context.dispose();
      await loaded?.model.dispose();
      await loaded?.llama.dispose();
      loaded = null;
      return null;
  }
}

function model(): Loaded {
  if (loaded === null) throw new Error("no model is loaded");
  return loaded;
}

async function load({ path, chat, threads, contextSize, batchSize, gpu }: LoadRequest): Promise<Loaded> {
  const library = await importPackage();
  const log: string[] = [];
  // without a limit the library takes at least four threads, which on fewer cores is a hundred times slower
  const llama = await library.getLlama({
    gpu: gpu ? "auto" : false,
    build: "never",
    skipDownload: true,
    maxThreads: threads,
    logLevel: "error",
    logger: (_, line) => log.push(line.trim()),
  });
  try {
    const model = await llama.loadModel({ modelPath: path, ...(gpu ? {} : { gpuLayers: 0 }) });
    const context = await model.createContext({ contextSize, batchSize, threads });
    return {
      library,
      llama,
      model,
      context,
      sequence: context.getSequence(),
      chat: wrapperOf(library, chat),
      batchSize,
    };
  } catch (error) {
    await new Promise((resolve) => setTimeout(resolve, LOG_DELAY_MS));
    const reason = log.find((line) => /error/i.test(line)) ?? log[0];
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(reason === undefined ? what : `${what}: ${reason}`, { cause: error });
  }
}

/** Set by hand: what the library guesses from a file's name puts the day's date before every prompt. */
function wrapperOf(library: Library, chat: ChatFormat): ChatWrapper {
  switch (chat) {
    case "llama-3":
      return new library.Llama3_2LightweightChatWrapper({
        cuttingKnowledgeDate: null,
        todayDate: null,
        noToolInstructions: true,
      });
    case "chatml":
      return new library.ChatMLChatWrapper();
    case "plain":
      return new library.GeneralChatWrapper();
  }
}

async function generate(
  loaded: Loaded,
  { system, prompt, grammar, maxTokens, seed, temperature }: GenerateRequest,
  signal: AbortSignal,
): Promise<Answer> {
  const { library, llama, model, context, sequence, chat } = loaded;
  const { contextText } = chat.generateContextState({
    chatHistory: [
      { type: "system", text: system },
      { type: "user", text: prompt },
      { type: "model", response: [] },
    ],
  });
  const tokens = contextText.tokenize(model.tokenizer);
  checkFits(tokens.length + maxTokens, context);
  // the session takes what is evaluated already as it is, and would itself evaluate a prompt to its end before it stops
  await evaluate(tokens.slice(0, -1), loaded, signal);
  const session = new library.LlamaChatSession({
    contextSequence: sequence,
    chatWrapper: chat,
    systemPrompt: system,
    autoDisposeSequence: false,
  });
  try {
    const { responseText, stopReason } = await session.promptWithMeta(prompt, {
      grammar: await llama.createGrammar({ grammar }),
      maxTokens,
      temperature,
      seed,
      repeatPenalty: false,
      signal,
    });
    const stop = stopReason === "maxTokens" ? "cut" : "end";
    return { text: responseText, stop, tokens: model.tokenize(responseText).length };
  } finally {
    session.dispose();
  }
}

/** Evaluates tokens batch by batch, those that the sequence begins with already excepted, until the signal says stop. */
async function evaluate(tokens: readonly Token[], { sequence, batchSize }: Loaded, signal: AbortSignal): Promise<void> {
  await sequence.adaptStateToTokens([...tokens]);
  while (sequence.nextTokenIndex < tokens.length) {
    signal.throwIfAborted();
    const at = sequence.nextTokenIndex;
    await sequence.controlledEvaluate(tokens.slice(at, at + batchSize));
  }
}

/** Log probabilities of the candidates, one after the other from the same evaluated prompt. */
async function score(
  loaded: Loaded,
  { prompt, candidates, likeliest = 0 }: ScoreRequest,
  signal: AbortSignal,
): Promise<readonly number[]> {
  const { model, context, sequence } = loaded;
  const { bos } = model.tokens;
  const prefix = [...(bos === null ? [] : [bos]), ...model.tokenize(prompt)];
  const before = prefix.length - 1;
  if (before < 0) throw new Error("the prompt of a score is empty");
  const continuations = candidates.map((candidate) => model.tokenize(candidate));
  checkFits(prefix.length + Math.max(0, ...continuations.map(({ length }) => length)), context);
  await evaluate(prefix.slice(0, before), loaded, signal);
  const scores: number[] = [];
  for (const tokens of continuations) {
    signal.throwIfAborted();
    await sequence.eraseContextTokenRanges([{ start: before, end: sequence.nextTokenIndex }]);
    const inputs = [prefix[before] as Token, ...tokens.slice(0, -1)];
    // 0: no cut-off, so that every token of the vocabulary has its probability
    const options = { temperature: 1, topK: likeliest, topP: 1, minP: 0 };
    const outputs = await sequence.controlledEvaluate(
      inputs.map((token) => [token, { generateNext: { probabilities: true, options } }]),
    );
    let sum = 0;
    for (const [index, token] of tokens.entries()) {
      const probabilities = outputs[index]?.next.probabilities ?? new Map<Token, number>();
      sum += Math.log(Math.max(probabilities.get(token) ?? leastOf(probabilities), Number.MIN_VALUE));
    }
    scores.push(sum);
  }
  return scores;
}

function leastOf(probabilities: ReadonlyMap<Token, number>): number {
  let least = 1;
  for (const probability of probabilities.values()) least = Math.min(least, probability);
  return probabilities.size === 0 ? 0 : least;
}

/** Evaluates a prompt of a given length, then that many tokens one by one, whatever they are. */
async function measure(
  loaded: Loaded,
  { promptTokens, answerTokens }: MeasureRequest,
  signal: AbortSignal,
): Promise<ModelSpeed> {
  const { model, context, sequence } = loaded;
  checkFits(promptTokens + answerTokens, context);
  const words = model.tokenize("users who search more than once before they pay ");
  const prompt = Array.from({ length: promptTokens }, (_, at) => words[at % words.length] as Token);
  await sequence.eraseContextTokenRanges([{ start: 0, end: sequence.nextTokenIndex }]);
  const start = performance.now();
  await evaluate(prompt, loaded, signal);
  const answerStart = performance.now();
  for (let at = 0; at < answerTokens; at++) {
    signal.throwIfAborted();
    const token = words[at % words.length] as Token;
    const options = { temperature: 0, topK: 1, topP: 1, minP: 0 };
    await sequence.controlledEvaluate([[token, { generateNext: { token: true, options } }]]);
  }
  const end = performance.now();
  return {
    promptTokensPerS: (1000 * promptTokens) / (answerStart - start),
    answerTokensPerS: (1000 * answerTokens) / (end - answerStart),
    memoryBytes: process.memoryUsage.rss(),
  };
}

/** The library drops what does not fit, without a word. */
function checkFits(needed: number, { contextSize }: LlamaContext): void {
  if (needed > contextSize) {
    throw new LeadlineError("model-invalid", `the prompt is too long: need ${needed} tokens, have ${contextSize}`);
  }
}
