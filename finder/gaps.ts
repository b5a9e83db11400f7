import type { Tally } from "../engine/execution.js";
import type { TokenSymbols } from "../engine/mine.js";
import {
  countMined,
  type MinedSequences,
  mineGaps,
  type SequenceSpacing,
  sequenceSetOf,
  subsequencesOf,
} from "../engine/mine-gaps.js";
import type { SequenceSet } from "../engine/passes/sequences.js";
import type { Walk } from "../engine/passes/tally.js";
import { printDuration } from "../planner/duration.js";
import { type PlannedPatterns, sequenceKey } from "../planner/run-plan.js";
import type { PatternShape } from "./candidates.js";
import type { Context } from "./context.js";
import { countSequenceTests } from "./significance.js";

/** One mined sequence with gaps, or within some time. */
export interface GappedPattern extends PatternShape {
  /** What it was mined with, and its index there. */
  readonly mined: MinedSequences;
  readonly index: number;
  /** Bit k: KPI k may not use it. */
  readonly barred: number;
  readonly classIndex: number;
}

/** Sequences that were mined and counted. */
export interface GappedTallies {
  readonly patterns: readonly GappedPattern[];
  /** Counts of the patterns from `first` on: that of pattern `first + i` is cell i + 1. */
  readonly counts: readonly { readonly first: number; readonly count: number; readonly tally: Tally }[];
  /** Hypotheses whose tally was computed, and by class. */
  readonly tested: number;
  readonly testedOfClass: ReadonlyMap<number, number>;
  /** Hypotheses that were counted in failing sessions alone, where too few hold them. */
  readonly bounded: number;
  /** Float64Array(K): hypotheses with enough sessions to be reported, at most */
  readonly tests: Float64Array;
  readonly warnings: readonly string[];
}

/** Some sequences as sets, those that were mined together together. */
export class SequenceSets {
  readonly #sets: { readonly mined: MinedSequences; readonly chosen: number[] }[] = [];

  /** Adds a sequence, once. */
  add({ mined, index }: GappedPattern): { readonly set: number; readonly sequence: number } {
    let set = this.#sets.findIndex((each) => each.mined === mined);
    if (set === -1) set = this.#sets.push({ mined, chosen: [] }) - 1;
    const { chosen } = this.#sets[set] as { readonly chosen: number[] };
    const known = chosen.indexOf(index);
    return { set, sequence: known === -1 ? chosen.push(index) - 1 : known };
  }

  /** The sets, each with its sequences in the order in which they were added. */
  made(): SequenceSet[] {
    return this.#sets.map(({ mined, chosen }) => sequenceSetOf(mined, chosen));
  }
}

/** Whether what a class asks for is mined here: sequences with gaps or within some time. */
export function isGapped({ adjacency, withinMs }: SequenceSpacing): boolean {
  return adjacency === "gap" || withinMs !== null;
}

/**
 * Mines what the plan asks for with gaps or within some time, and counts it in all sessions.
 * @param symbols - with which the sessions are laid out
 * @param tokenTally - sessions by token
 * @param barredTokens - per token, the KPIs that may not use it
 */
export async function mineGapped(
  context: Context,
  symbols: TokenSymbols,
  tokenTally: Tally,
  barredTokens: Uint32Array,
  walk: Walk,
): Promise<GappedTallies> {
  const { execution, tokens, plan, scenarios, settings, cohorts } = context;
  const spacings = new Map<string, PlannedPatterns[]>();
  for (const asked of plan.patterns.filter(isGapped)) {
    const key = `${asked.adjacency}:${asked.withinMs}`;
    spacings.set(key, [...(spacings.get(key) ?? []), asked]);
  }
  const patterns: GappedPattern[] = [];
  const counts: { first: number; count: number; tally: Tally }[] = [];
  const testedOfClass = new Map<number, number>();
  const tests = new Float64Array(plan.kpis.length);
  const warnings: string[] = [];
  const byLength = spacings.size === 0 ? null : await subsequences(context, symbols);
  let [tested, looked] = [0, 0];
  for (const classes of spacings.values()) {
    const { adjacency, withinMs } = classes[0] as PlannedPatterns;
    const askedBy = (codes: readonly number[]): PlannedPatterns | undefined =>
      classes.find((asked) => isAskedBy(context, asked, codes));
    const mined = await mineGaps(
      execution,
      tokens,
      symbols,
      {
        adjacency,
        withinMs,
        longest: Math.max(...classes.map(({ k }) => k)),
        isAsked: (codes) => askedBy(codes) !== undefined,
        scenarios,
        minSupport: settings.sequence_min_support,
        barredTokens,
        cohorts,
        most: settings.sequence_most_gapped,
      },
      tokenTally,
    );
    const offset = patterns.length;
    for (const [index, codes] of mined.patterns.entries()) {
      const asked = askedBy(codes) as PlannedPatterns;
      const { classIndex } = asked;
      const barred = (mined.barred[index] as number) | notAskedFor(asked, codes);
      patterns.push({ tokens: codes, adjacency, withinMs, mined, index, barred, classIndex });
      const inScenarios = scenarios.filter(({ kpi }) => (barred & (1 << kpi)) === 0).length;
      tested += inScenarios;
      testedOfClass.set(classIndex, (testedOfClass.get(classIndex) ?? 0) + inScenarios);
    }
    looked += mined.looked;
    for (const { first, count, tally } of await countMined(execution, mined, walk)) {
      counts.push({ first: offset + first, count, tally });
    }
    for (const length of new Set(classes.map(({ k }) => k))) {
      countSequenceTests(context, tokenTally, length, adjacency === "gap" ? byLength : null, tests);
    }
    warnings.push(...cutWarnings(mined));
  }
  return {
    patterns,
    counts,
    tested,
    testedOfClass,
    bounded: Math.max(0, looked * scenarios.length - tested),
    tests,
    warnings,
  };
}

/** Bits of the KPIs that a class does not ask a sequence of its own for. */
export function notAskedFor({ only }: Pick<PlannedPatterns, "only">, codes: readonly number[]): number {
  return only === undefined ? 0 : ~(only.get(sequenceKey(codes)) ?? 0);
}

/** Whether a class asks for a sequence, however its steps lie. */
export function isAskedBy(
  { tokens }: Pick<Context, "tokens">,
  { k, contains, only }: Pick<PlannedPatterns, "k" | "contains" | "only">,
  codes: readonly number[],
): boolean {
  if (k !== codes.length) return false;
  if (only !== undefined) return only.has(sequenceKey(codes));
  return contains === null || codes.some((token) => tokens.tokens[token]?.text === contains);
}

/** Different sequences with gaps in each session, by length. */
export interface Subsequences {
  readonly longest: number;
  /** Float64Array(S × longest): of length j in session s at `s × longest + j − 1` */
  readonly counts: Float64Array;
}

async function subsequences({ execution, plan }: Context, symbols: TokenSymbols): Promise<Subsequences> {
  const longest = Math.max(0, ...plan.patterns.filter(isGapped).map(({ k }) => k));
  return { longest, counts: await subsequencesOf(execution, symbols, longest) };
}

function cutWarnings({ cuts, adjacency, withinMs }: MinedSequences): string[] {
  const kind = `${adjacency === "gap" ? "with gaps" : "without gaps"}${withinMs === null ? "" : ` within ${printDuration(withinMs)}`}`;
  return cuts.map(({ length, found, followed, share }) => {
    const which =
      share === null
        ? "the most frequent"
        : `the most frequent, down to ${Number((share * 100).toPrecision(3))} % of the failing sessions of a scenario`;
    const steps = length === 1 ? "events" : `sequences of ${length} steps`;
    return `event-pattern ${kind}: ${followed} of ${found} ${steps} were followed, ${which} (setting sequence_most_gapped)`;
  });
}
