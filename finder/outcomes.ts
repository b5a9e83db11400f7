import type { Candidate } from "./candidates.js";
import type { Folded } from "./fold.js";

/** How far a hypothesis came: an expert let it through, something explains it, a reported one stands for it, it is reported. */
export type Stage = "supported" | "explained" | "folded" | "reported";

const STAGES: readonly Stage[] = ["supported", "explained", "folded", "reported"];

/** What became of hypotheses; one on which nothing was supported is missing. */
export interface FoundOutcomes {
  /** By class of the plan. */
  readonly byClass: ReadonlyMap<number, ClassOutcome>;
  /** By `outcomeKey`, how far each came in any cohort. */
  readonly byHypothesis: ReadonlyMap<string, Stage>;
}

/** What became of the hypotheses of a class; each counts once, whatever the cohorts and KPIs. */
export interface ClassOutcome {
  /** How many came so far and no farther. */
  readonly stages: Readonly<Record<Stage, number>>;
  /** The largest ratio of the failure rate of members to that of others, among those supported; null without any */
  readonly bestEffect: number | null;
}

/** Names a hypothesis on a KPI. @param name - a condition's text, or a sequence as `sequenceName` has it */
export function outcomeKey(kpi: number, name: string): string {
  return `${kpi} ${name}`;
}

/** Keeps how far hypotheses come. */
export class Outcomes {
  readonly #classOf: (candidate: Candidate) => number;
  readonly #nameOf: (candidate: Candidate) => string;
  readonly #byHypothesis = new Map<string, Stage>();
  readonly #byClass = new Map<number, { readonly stages: Map<string, Stage>; bestEffect: number | null }>();

  /**
   * @param classOf - the class that a candidate's hypothesis is of
   * @param nameOf - of its hypothesis
   */
  constructor(classOf: (candidate: Candidate) => number, nameOf: (candidate: Candidate) => string) {
    this.#classOf = classOf;
    this.#nameOf = nameOf;
  }

  /** A candidate comes so far, and with it all that it stands for. */
  reach(candidate: Candidate, stage: Stage, ofFolded: Stage = stage): void {
    const name = this.#nameOf(candidate);
    const index = this.#classOf(candidate);
    const own = this.#byClass.get(index) ?? { stages: new Map<string, Stage>(), bestEffect: null };
    this.#byClass.set(index, own);
    raise(this.#byHypothesis, outcomeKey(candidate.scenario.kpi, name), stage);
    raise(own.stages, name, stage);
    const ratio = ratioOf(candidate);
    if (ratio !== null) own.bestEffect = Math.max(ratio, own.bestEffect ?? 0);
    for (const inner of candidate.folded) this.reach(inner, ofFolded);
  }

  /** A group is reported under its head. */
  report({ head, folded }: Folded): void {
    this.reach(head.candidate, "reported", "folded");
    for (const { candidate } of folded) this.reach(candidate, "folded");
  }

  result(): FoundOutcomes {
    const byClass = [...this.#byClass].map(([index, { stages, bestEffect }]): [number, ClassOutcome] => {
      const count = (stage: Stage): number => [...stages.values()].filter((own) => own === stage).length;
      const counts = Object.fromEntries(STAGES.map((stage) => [stage, count(stage)])) as Record<Stage, number>;
      return [index, { stages: counts, bestEffect }];
    });
    return { byClass: new Map(byClass), byHypothesis: this.#byHypothesis };
  }
}

function raise(stages: Map<string, Stage>, name: string, stage: Stage): void {
  const known = stages.get(name);
  if (known === undefined || STAGES.indexOf(stage) > STAGES.indexOf(known)) stages.set(name, stage);
}

/** Half a failure where others have none, so that the ratio is a number. */
function ratioOf({ membersFailing, membersNormal, failing, normal }: Candidate): number | null {
  const members = membersFailing + membersNormal;
  const others = failing + normal - members;
  if (members === 0 || others === 0) return null;
  return membersFailing / members / (Math.max(0.5, failing - membersFailing) / others);
}
