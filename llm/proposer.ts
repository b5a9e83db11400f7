import { createHash } from "node:crypto";
import type { DataStatistics } from "../planner/statistics.js";
import { parseAnswer } from "./class-grammar.js";
import type { ModelRecord, RoundRecord } from "./record.js";
import type { RoundReport } from "./rounds.js";
import type { SelectedClass } from "./select.js";
import { isMeant, type SomeTemplate, type Values } from "./some-template.js";

/** What a proposer is asked. */
export interface ProposalRequest {
  /** What to look for, in plain words; null: nothing in particular. */
  readonly prompt: string | null;
  readonly data: DataStatistics;
  readonly library: readonly SomeTemplate[];
  /** From 1 on. */
  readonly round: number;
  /** What the selector chose without a model, best first. */
  readonly selected: readonly SelectedClass[];
  /** What earlier rounds found. */
  readonly history: readonly RoundReport[];
}

/** What a proposer answers. */
export interface Proposal {
  /** Each means something in the data; best first. */
  readonly classes: readonly { readonly template: string; readonly parameters: Values }[];
  /**
   * By template: how much likelier the person's words are, were the template what they mean, than for the library's middling
   * one; natural logarithm (nats). Empty where nothing was scored.
   */
  readonly support: ReadonlyMap<string, number>;
  /** What went wrong, in sentences. */
  readonly warnings: readonly string[];
}

/** Proposes classes beside those of the selector. Nothing that goes wrong inside fails a run: it ends as a warning. */
export interface Proposer {
  /**
   * One proposal a round.
   * @throws LeadlineError `aborted` alone
   */
  propose(request: ProposalRequest): Promise<Proposal>;
  /** What was asked and answered so far. */
  record(): ModelRecord;
}

/** What a recorded round proposes for a request: its answers checked by the library and the data, its scores compared. */
export function proposalOf({ answers, scores, warnings }: RoundRecord, request: ProposalRequest): Proposal {
  const { library, data, round } = request;
  const classes = answers.flatMap((answer) => parseAnswer(answer, library, round) ?? []);
  const distinct = new Map(classes.map((one) => [JSON.stringify([one.template, one.parameters]), one]));
  const meant = [...distinct.values()].filter(({ template, parameters }) => {
    const found = library.find(({ name }) => name === template);
    return found !== undefined && isMeant(found, parameters, data);
  });
  const sorted = scores.map(({ log_probability: score }) => score).sort((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return {
    classes: meant.map(({ template, parameters }) => ({ template, parameters })),
    support: new Map(scores.map(({ template, log_probability: score }) => [template, score - middle])),
    warnings,
  };
}

/** A hash of what a proposal depends on besides the model and the study's texts: two equal requests have one answer. */
export function hashOf({ prompt, data, library, round, history }: ProposalRequest): string {
  const { events, sessions, users, names, tokens, columns, tables, kpis, attributes, grid } = data;
  const facts = {
    ...{ prompt, round, history, events, sessions, users, names, kpis, attributes, grid },
    tokens: tokens.map(({ text }) => text),
    columns: columns.map(({ name, kind }) => [name, kind]),
    tables: tables.map(({ name }) => name),
    library: library.map(({ name, description }) => [name, description]),
  };
  return createHash("sha256").update(JSON.stringify(facts)).digest("hex");
}
