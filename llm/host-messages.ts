import type { ChatFormat } from "./model-file.js";

/** A conversation of one turn, to be answered under a grammar. */
export interface GenerateRequest {
  /** What stays the same from question to question; first, so that its work is reused. */
  readonly system: string;
  readonly prompt: string;
  /** GBNF; the answer is one of its sentences unless it is cut. */
  readonly grammar: string;
  /** The answer's most tokens. */
  readonly maxTokens: number;
  readonly seed: number;
  /** 0: always the likeliest token. */
  readonly temperature: number;
}

/** A model's answer. */
export interface Answer {
  readonly text: string;
  /** `cut`: the token budget ended before the answer did, so the text is no sentence of the grammar. */
  readonly stop: "end" | "cut";
  /** Of the answer. */
  readonly tokens: number;
}

/** Texts to be judged by how likely the model finds them. */
export interface ScoreRequest {
  readonly prompt: string;
  /** What may follow the prompt; none empty. */
  readonly candidates: readonly string[];
  /**
   * Tokens whose probability is asked for, the likeliest of each place; a rarer one counts as the last of them. All of a large
   * vocabulary take several times as long. @default all
   */
  readonly likeliest?: number;
}

/** How long a prompt and an answer the speed is measured on. */
export interface MeasureRequest {
  readonly promptTokens: number;
  readonly answerTokens: number;
}

/** What a model takes on this machine. */
export interface ModelSpeed {
  /** Reading a prompt. */
  readonly promptTokensPerS: number;
  /** Writing an answer, without a grammar. */
  readonly answerTokensPerS: number;
  /** Of the model's process, resident. */
  readonly memoryBytes: number;
}

/** How a model is loaded. */
export interface LoadRequest {
  readonly path: string;
  readonly chat: ChatFormat;
  readonly threads: number;
  /** tokens */
  readonly contextSize: number;
  /** Tokens evaluated at once; an abort waits for one batch. */
  readonly batchSize: number;
  /** Whether the weights may go to a graphics card. */
  readonly gpu: boolean;
}

/** What the model's process is told. */
export type HostMessage =
  | { readonly id: number; readonly kind: "load"; readonly request: LoadRequest }
  | { readonly id: number; readonly kind: "generate"; readonly request: GenerateRequest }
  | { readonly id: number; readonly kind: "score"; readonly request: ScoreRequest }
  | { readonly id: number; readonly kind: "measure"; readonly request: MeasureRequest }
  /** Breaks off the request of that id, which then fails. */
  | { readonly id: number; readonly kind: "abort" }
  | { readonly id: number; readonly kind: "dispose" };

/** What the model's process replies, once to every message but `abort`. */
export type HostReply =
  | { readonly id: number; readonly kind: "done"; readonly value: unknown }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
