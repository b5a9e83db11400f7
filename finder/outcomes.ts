import type { Candidate } from "./candidates.js";
import type { Folded } from "./fold.js";

/** What became of the hypotheses of a class; each counts once, whatever the cohorts and KPIs. */
export interface ClassOutcome {
  /** An expert let them through, by counts. */
  readonly supported: number;
  readonly reported: number;
  /** A reported one stands for them. */
  readonly folded: number;
  readonly explained: number;
  /** The largest ratio of the failure rate of members to that of others, among those supported; null without any */
  readonly bestEffect: number | null;
}

interface Tally {
  readonly supported: Set<string>;
  readonly reported: Set<string>;
  readonly folded: Set<string>;
  readonly explained: Set<string>;
  bestEffect: number | null;
}

/** Keeps what becomes of the hypotheses of each class. */
export class Outcomes {
  readonly #classOf: (candidate: Candidate) => number;
  readonly #tallies = new Map<number, Tally>();

  /** @param classOf - the class that a candidate's hypothesis is of */
  constructor(classOf: (candidate: Candidate) => number) {
    this.#classOf = classOf;
  }

  /** An expert lets through a candidate and all that it stands for. */
  support(candidate: Candidate): void {
    const tally = this.#tallyOf(candidate);
    tally.supported.add(nameOf(candidate));
    const ratio = ratioOf(candidate);
    if (ratio !== null) tally.bestEffect = Math.max(ratio, tally.bestEffect ?? 0);
    for (const inner of candidate.folded) this.support(inner);
  }

  /** Something else explains a candidate away. */
  explain(candidate: Candidate): void {
    this.#tallyOf(candidate).explained.add(nameOf(candidate));
  }

  /** A group is reported under its head. */
  report({ head, folded }: Folded): void {
    this.#tallyOf(head.candidate).reported.add(nameOf(head.candidate));
    for (const inner of head.candidate.folded) this.#fold(inner);
    for (const { candidate } of folded) this.#fold(candidate);
  }

  /** By class; a class of which nothing was supported is missing. */
  byClass(): ReadonlyMap<number, ClassOutcome> {
    return new Map(
      [...this.#tallies].map(([index, { supported, reported, folded, explained, bestEffect }]) => [
        index,
        {
          supported: supported.size,
          reported: reported.size,
          // reported in one cohort and folded in another, it is reported
          folded: [...folded].filter((name) => !reported.has(name)).length,
          explained: explained.size,
          bestEffect,
        },
      ]),
    );
  }

  #fold(candidate: Candidate): void {
    this.#tallyOf(candidate).folded.add(nameOf(candidate));
    for (const inner of candidate.folded) this.#fold(inner);
  }

  #tallyOf(candidate: Candidate): Tally {
    const index = this.#classOf(candidate);
    const known = this.#tallies.get(index);
    if (known !== undefined) return known;
    const made: Tally = {
      supported: new Set(),
      reported: new Set(),
      folded: new Set(),
      explained: new Set(),
      bestEffect: null,
    };
    this.#tallies.set(index, made);
    return made;
  }
}

function nameOf({ subject }: Candidate): string {
  return `${subject.kind}:${subject.index}`;
}

/** Half a failure where others have none, so that the ratio is a number. */
function ratioOf({ membersFailing, membersNormal, failing, normal }: Candidate): number | null {
  const members = membersFailing + membersNormal;
  const others = failing + normal - members;
  if (members === 0 || others === 0) return null;
  return membersFailing / members / (Math.max(0.5, failing - membersFailing) / others);
}
