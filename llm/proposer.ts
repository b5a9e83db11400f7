import type { DataStatistics } from "../planner/statistics.js";
import type { RoundReport } from "./rounds.js";
import type { SelectedClass } from "./select.js";
import type { SomeTemplate, Values } from "./some-template.js";

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
  /** Why there is no answer or only a part of one, in a sentence; null where nothing went wrong. */
  readonly warning: string | null;
}

/** Proposes classes beside those of the selector. Nothing that goes wrong inside fails a run: it ends as a warning. */
export interface Proposer {
  /**
   * One proposal a round.
   * @throws LeadlineError `aborted` alone
   */
  propose(request: ProposalRequest): Promise<Proposal>;
}
