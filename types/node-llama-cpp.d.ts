/** What Leadline uses of node-llama-cpp, an optional package: declared here, so that the build does not need it. */

declare module "node-llama-cpp" {
  type Token = number;

  interface Llama {
    loadModel(options: { modelPath: string; gpuLayers?: number; loadSignal?: AbortSignal }): Promise<LlamaModel>;
    createGrammar(options: { grammar: string }): Promise<LlamaGrammar>;
    dispose(): Promise<void>;
  }

  function getLlama(options: {
    gpu: "auto" | false;
    build: "never";
    skipDownload: boolean;
    maxThreads: number;
    logLevel: "error";
    logger: (level: string, message: string) => void;
  }): Promise<Llama>;

  function createModelDownloader(options: {
    modelUri: string;
    dirPath: string;
    deleteTempFileOnCancel: boolean;
    onProgress: (status: { totalSize: number; downloadedSize: number }) => void;
  }): Promise<ModelDownloader>;

  interface ModelDownloader {
    download(options: { signal: AbortSignal }): Promise<string>;
  }

  interface LlamaModel {
    readonly tokens: { readonly bos: Token | null };
    readonly tokenizer: Tokenizer;
    tokenize(text: string, specialTokens?: boolean): Token[];
    createContext(options: { contextSize: number; batchSize: number; threads: number }): Promise<LlamaContext>;
    dispose(): Promise<void>;
  }

  /** Opaque here: texts are turned into tokens by it. */
  interface Tokenizer {
    readonly detokenize: unknown;
  }

  interface LlamaContext {
    readonly contextSize: number;
    getSequence(): LlamaContextSequence;
    dispose(): Promise<void>;
  }

  interface LlamaContextSequence {
    readonly nextTokenIndex: number;
    /** Keeps the longest common beginning of what was evaluated. */
    adaptStateToTokens(tokens: Token[]): Promise<void>;
    eraseContextTokenRanges(ranges: { start: number; end: number }[]): Promise<void>;
    controlledEvaluate(
      input: (Token | [Token, { generateNext: { probabilities?: true; token?: true; options: SamplingOptions } }])[],
    ): Promise<(undefined | { next: { probabilities?: Map<Token, number> } })[]>;
  }

  interface SamplingOptions {
    temperature: number;
    topK: number;
    topP: number;
    minP: number;
  }

  interface LlamaGrammar {
    readonly grammar: string;
  }

  abstract class ChatWrapper {
    readonly wrapperName: string;
    generateContextState(options: {
      chatHistory: (
        | { readonly type: "system" | "user"; readonly text: string }
        | { readonly type: "model"; readonly response: string[] }
      )[];
    }): { readonly contextText: { tokenize(tokenizer: Tokenizer): Token[] } };
  }
  class GeneralChatWrapper extends ChatWrapper {}
  class ChatMLChatWrapper extends ChatWrapper {}
  class Llama3_2LightweightChatWrapper extends ChatWrapper {
    constructor(options: { cuttingKnowledgeDate: null; todayDate: null; noToolInstructions: boolean });
  }

  class LlamaChatSession {
    constructor(options: {
      contextSequence: LlamaContextSequence;
      chatWrapper: ChatWrapper;
      systemPrompt: string;
      autoDisposeSequence: boolean;
    });
    promptWithMeta(
      prompt: string,
      options: {
        grammar?: LlamaGrammar;
        maxTokens: number;
        temperature: number;
        seed: number;
        repeatPenalty: false;
        signal: AbortSignal;
      },
    ): Promise<{ responseText: string; stopReason: string }>;
    dispose(): void;
  }
}
