import { hashOf, type Proposal, type ProposalRequest, type Proposer, proposalOf } from "./proposer.js";
import type { ModelRecord } from "./record.js";

/** Answers as a model did in an earlier run, from its record; no model is needed. */
export class ReplayProposer implements Proposer {
  readonly #record: ModelRecord;

  constructor(record: ModelRecord) {
    this.#record = record;
  }

  /** The recorded round's proposal; a warning where it was asked of something else, or is missing. */
  propose(request: ProposalRequest): Promise<Proposal> {
    const recorded = this.#record.rounds.find(({ round }) => round === request.round);
    if (recorded === undefined) {
      const warning = `replay: the result records nothing of round ${request.round}, so no model's answer is used in it`;
      return Promise.resolve({ classes: [], support: new Map(), warnings: [warning] });
    }
    const proposal = proposalOf(recorded, request);
    if (recorded.asked === hashOf(request)) return Promise.resolve(proposal);
    const warning = `replay: round ${request.round} was recorded for another study, other data or another version, so its answers may not fit; names that these data lack are left out`;
    return Promise.resolve({ ...proposal, warnings: [...proposal.warnings, warning] });
  }

  record(): ModelRecord {
    return this.#record;
  }
}
