/** What a round found of one class. */
export interface ClassReport {
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** Hypotheses of the class that were tested, over all scenarios. */
  readonly tested: number;
  /** Those of them that were reported as opportunities. */
  readonly reported: number;
  /** The largest ratio of the members' KPI to that of the others; null where nothing was measured. */
  readonly bestEffect: number | null;
  /** Hypotheses that another stands for. */
  readonly folded: number;
  /** Hypotheses that something else explains away. */
  readonly explained: number;
}

/** What the finder hands back after a round. */
export interface RoundReport {
  /** From 1 on. */
  readonly round: number;
  readonly classes: readonly ClassReport[];
}

/** What was learned of classes, as numbers. */
export interface ClassWeights {
  /** How much a class is worth trying: above 0; 1 where nothing is known of it. */
  weightOf(template: string, parameters: Readonly<Record<string, unknown>>): number;
}
