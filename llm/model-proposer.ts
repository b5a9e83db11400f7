import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { z } from "zod";
import { LeadlineError } from "../errors.js";
import { printDuration } from "../planner/duration.js";
import { answerSpace } from "./class-grammar.js";
import { likelyTemplates } from "./combine.js";
import { type HostOptions, type ModelHost, startModel } from "./host.js";
import { type Metadata, readMetadata, relevantPassages } from "./metadata.js";
import { readModelFile } from "./model-file.js";
import { findPackage } from "./package.js";
import { channelOf, type KpiText, promptOf, questionOf } from "./prompt.js";
import { factsOf } from "./prompt-facts.js";
import { hashOf, type Proposal, type ProposalRequest, type Proposer, proposalOf } from "./proposer.js";
import type { ModelRecord, RoundRecord } from "./record.js";
import { isMeant, type SomeTemplate } from "./some-template.js";

/** What a model is asked with. */
export interface ModelProposerOptions {
  /** Path of a GGUF file. */
  readonly file: string;
  readonly seed: number;
  readonly kpis: readonly KpiText[];
  /** The study's texts: paths and globs relative to `base`. */
  readonly metadata: readonly string[];
  readonly base: string;
  /** A round, with the loading of the model, takes no longer. */
  readonly deadlineMs: number;
  /** Of a prompt, and of an answer. */
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** How the model is hosted. @default as `startModel` does */
  readonly host?: HostOptions;
  readonly signal?: AbortSignal;
}

/** Templates that are filled in one by one, the model's likeliest way. */
const TEMPLATES = 3;
/** Then one answer is drawn, of classes of any of so many likely templates. */
const DRAWN_OF = 6;
const TEMPERATURE = 0.7;
const CLASSES_DRAWN = 2;
/** Characters of texts in a prompt, and of a question that is scored. */
const TEXTS = 2000;
const SCORED = 300;
/** Tokens of the vocabulary that a score looks at. */
const LIKELIEST = 1000;
/** A prompt that has more tokens than were counted is cut down and tried again. */
const SMALLER = [1, 0.6, 0.3];

/** Asks a local model, in a process of its own that lives for one round. Whatever happens to it ends as a warning. */
export class ModelProposer implements Proposer {
  readonly #options: ModelProposerOptions;
  readonly #rounds: RoundRecord[] = [];
  #about: Pick<ModelRecord, "name" | "sha256"> = { name: null, sha256: null };
  #metadata: Metadata | null = null;

  constructor(options: ModelProposerOptions) {
    this.#options = options;
  }

  async propose(request: ProposalRequest): Promise<Proposal> {
    const { deadlineMs } = this.#options;
    const round = new Round(request.round, hashOf(request));
    const end = performance.now() + deadlineMs;
    try {
      await this.#ask(request, round, () => Math.max(1, Math.floor(end - performance.now())));
    } catch (error) {
      if (error instanceof LeadlineError && error.code === "aborted") throw error;
      const isLate = performance.now() >= end;
      const message = error instanceof Error ? error.message : String(error);
      const what = isLate ? `it was not done within ${printDuration(deadlineMs)} (setting model_deadline)` : message;
      const without = round.scores.length > 0 ? "what it had answered by then is used" : "the run goes on without it";
      round.warnings.push(`model: ${what}; ${without}`);
    }
    this.#rounds.push(round.record());
    return proposalOf(round.record(), request);
  }

  record(): ModelRecord {
    const { file, seed } = this.#options;
    return { ...this.#about, file: basename(file), package: packageName(), seed, rounds: this.#rounds };
  }

  async #ask(request: ProposalRequest, round: Round, left: () => number): Promise<void> {
    const { file: path, host: hostOptions, signal } = this.#options;
    if (this.#metadata === null) {
      this.#metadata = await readMetadata(this.#options.metadata, this.#options.base);
      round.warnings.push(...this.#metadata.warnings);
    }
    const file = readModelFile(path);
    this.#about = { ...this.#about, name: file.name };
    const loading = startModel(file, { loadTimeoutMs: left(), ...hostOptions }, signal);
    try {
      this.#about = { name: file.name, sha256: this.#about.sha256 ?? (await hashOfFile(path)) };
    } finally {
      // whoever fails first, the process that was started is ended
      await loading.catch(() => undefined);
    }
    const host = await loading;
    try {
      readReply(contextForm, host.contextSize);
      await this.#score(host, request, round, left);
      await this.#answer(host, request, this.#metadata, round, left);
    } finally {
      await host.dispose();
    }
  }

  /** How likely the person's words are after each template's description: all templates or none, as they are compared. */
  async #score(host: ModelHost, request: ProposalRequest, round: Round, left: () => number): Promise<void> {
    if (request.prompt === null) return;
    const [earlier] = this.#rounds;
    if (earlier !== undefined && earlier.scores.length > 0) {
      // the words are the same in every round
      round.scores = earlier.scores;
      return;
    }
    const candidates = [request.prompt.slice(0, SCORED)];
    const scores: { template: string; log_probability: number }[] = [];
    for (const template of request.library) {
      const reply = await host.score(
        { prompt: channelOf(template), candidates, likeliest: LIKELIEST },
        this.#limits(left),
      );
      const [score] = readReply(scoreForm, reply);
      scores.push({ template: template.name, log_probability: score });
    }
    round.scores = scores;
  }

  /** Classes of the likely templates, their parameters filled in by the model under the grammar. */
  async #answer(
    host: ModelHost,
    request: ProposalRequest,
    metadata: Metadata,
    round: Round,
    left: () => number,
  ): Promise<void> {
    const { kpis, promptTokens, answerTokens, seed } = this.#options;
    const { data, history } = request;
    const question = questionOf(request.prompt, kpis);
    const query = [question, ...kpis.map(({ name, description }) => `${name} ${description ?? ""}`)].join(" ");
    const passages = relevantPassages(query, metadata.passages, TEXTS);
    const { support } = proposalOf(round.record(), request);
    const likely = likelyTemplates(request.library, request.selected, support);
    const meant = likely.filter((template) => template.grid(data).some((row) => isMeant(template, row, data)));
    if (meant.length === 0) return;
    const facts = factsOf(question);
    const { times, boundary, steps, bound, ceiling, durations } = facts;
    for (const share of SMALLER) {
      const tokens = Math.min(promptTokens, host.contextSize - answerTokens);
      const prompt = promptOf(
        { question: request.prompt, library: request.library, data, kpis, passages, history },
        Math.floor(share * tokens),
      );
      const choices = {
        events: prompt.events,
        attributes: data.attributes,
        kpis: data.kpis,
        numbers: [times, boundary, steps, bound, ceiling].filter((number) => number !== null),
        durations: durations.map(({ text }) => text),
      };
      round.prompt = { system: prompt.system, text: prompt.text };
      const ask = async (library: readonly SomeTemplate[], mostClasses: number, temperature: number): Promise<void> => {
        const { grammar } = answerSpace(library, data, { ...choices, mostClasses });
        const answer = await host.generate(
          {
            ...{ system: prompt.system, prompt: prompt.text, grammar, maxTokens: answerTokens },
            ...{ seed: seed + request.round, temperature },
          },
          this.#limits(left),
        );
        round.answers.push(readReply(answerForm, answer).text);
      };
      try {
        for (const template of meant.slice(0, TEMPLATES)) await ask([template], 1, 0);
        await ask(meant.slice(0, DRAWN_OF), CLASSES_DRAWN, TEMPERATURE);
        return;
      } catch (error) {
        const isTooLong = error instanceof LeadlineError && error.message.includes("the prompt is too long");
        if (!isTooLong || share === SMALLER.at(-1)) throw error;
      }
    }
  }

  #limits(left: () => number): { timeoutMs: number; signal?: AbortSignal } {
    const { signal } = this.#options;
    return { timeoutMs: left(), ...(signal === undefined ? {} : { signal }) };
  }
}

/** What a round has come to so far. */
class Round {
  prompt: NonNullable<RoundRecord["prompt"]> = { system: "", text: "" };
  scores: RoundRecord["scores"] = [];
  readonly answers: string[] = [];
  readonly warnings: string[] = [];
  readonly #round: number;
  readonly #asked: string;

  constructor(round: number, asked: string) {
    this.#round = round;
    this.#asked = asked;
  }

  record(): RoundRecord {
    const { prompt, scores, answers, warnings } = this;
    return { round: this.#round, asked: this.#asked, prompt, scores, answers, warnings };
  }
}

const scoreForm = z.tuple([z.number().max(0)]);
const contextForm = z.int().positive();
const answerForm = z.object({ text: z.string(), stop: z.enum(["end", "cut"]), tokens: z.number() });

/** A reply of the model's process, of which nothing is taken for granted. */
function readReply<T>(form: z.ZodType<T>, reply: unknown): T {
  const parsed = form.safeParse(reply);
  if (parsed.success) return parsed.data;
  throw new LeadlineError("model-invalid", "the model's process replied with something else than an answer");
}

async function hashOfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function packageName(): string | null {
  const found = findPackage();
  return found === null ? null : `node-llama-cpp ${found.version}`;
}
