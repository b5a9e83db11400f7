import type { DataStatistics, Quantiles } from "../planner/statistics.js";
import type { HypothesisClass } from "../planner/templates/library.js";
import { answerSpace, parseAnswer } from "./class-grammar.js";
import type { Limits, ModelHost } from "./host.js";
import type { SomeTemplate } from "./some-template.js";

/** What a model made of a question to which any person knows the answer. */
export interface Trial {
  readonly prompt: string;
  readonly text: string;
  /** The answer's classes; null where it is no valid answer. */
  readonly classes: readonly HypothesisClass[] | null;
  readonly ms: number;
}

const PROMPT = "Users who search more than 3 times within a minute";
const MAX_TOKENS = 200;

/**
 * Asks a model for one hypothesis class on a small invented shop, under the same kind of grammar as in a run.
 * @throws LeadlineError as `ModelHost.generate`
 */
export async function tryModel(host: ModelHost, library: readonly SomeTemplate[], limits: Limits): Promise<Trial> {
  const { grammar } = answerSpace(library, shop, {
    events,
    ...{ attributes: [], kpis: [], numbers: [3, 4], durations: ["1m"], mostClasses: 1 },
  });
  const described = library.map(({ name, description }) => `${name}: ${description}`);
  const start = performance.now();
  const { text, stop } = await host.generate(
    {
      system: `Templates of hypotheses:\n${described.join("\n")}\nEvents: ${events.join(", ")}`,
      prompt: `Choose the template that fits, as JSON: ${PROMPT}`,
      grammar,
      ...{ maxTokens: MAX_TOKENS, seed: 1, temperature: 0 },
    },
    limits,
  );
  const classes = stop === "cut" ? null : parseAnswer(text, library, 1);
  return { prompt: PROMPT, text, classes, ms: performance.now() - start };
}

const events: readonly string[] = ["login", "search", "add_to_cart", "checkout", "payment_complete", "payment_error"];
const none: Quantiles = { q10: Number.NaN, q50: Number.NaN, q75: Number.NaN, q90: Number.NaN };

/** All that templates of events and times need. */
const shop: DataStatistics = {
  ...{ events: 10_000, sessions: 1000, users: 300, hasUsers: true, timeZone: "UTC" },
  names: events,
  tokens: events.map((text, name) => ({ text, names: [name] })),
  ...{ columns: [], tables: [], kpis: [], attributes: [] },
  history: { firstSeen: null, sessions: null },
  grid: {
    sessions: 1000,
    events: events.map((name) => ({ name, sessions: 500, repeated: 100, timeToMs: none })),
    measures: { duration: none, events: none, longest_gap: none },
    ...{ pairs: [], numbers: {}, tableNumbers: {}, values: {}, eventValues: [] },
    load: none,
  },
  from: Number.NaN,
  to: Number.NaN,
};
