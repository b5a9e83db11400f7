import { compileClass, type AnyTemplate, type HypothesisClass } from "../planner/templates/library.js";
import { printExpression } from "../planner/expression/print.js";
import { type PlannedCondition, type PlannedPatterns, type RunPlan, sequenceKey } from "../planner/run-plan.js";
import type { DataStatistics } from "../planner/statistics.js";
import { classKey } from "../llm/class-key.js";
import type { Context } from "./context.js";
import type { Counted } from "./find.js";
import { isAskedBy, isGapped } from "./gaps.js";

/** A class that a round may choose, small enough to be a choice: the unit that is drawn. */
export interface Arm {
  readonly key: string;
  readonly chosen: HypothesisClass;
  /** Its hypotheses, each named: a condition by its text, a sequence by how its steps lie and its tokens. */
  readonly hypotheses: readonly string[];
  /** How the steps of its sequences lie; null: they are conditions, which are tested together. */
  readonly spacing: string | null;
}

/** A sequence's name among hypotheses, taken apart. */
export function sequenceOf(hypothesis: string): string {
  return hypothesis.slice(hypothesis.lastIndexOf(" ") + 1);
}

/**
 * A class of conditions as one arm.
 * @param conditions - by text, all that the classes to choose from plan
 */
export function conditionArm(
  chosen: HypothesisClass,
  conditions: ReadonlyMap<string, PlannedCondition>,
  data: DataStatistics,
  library: readonly AnyTemplate[],
): Arm | null {
  const compiled = compileClass(chosen, chosen.template, data, library);
  if (compiled.kind === "patterns") return null;
  const texts = new Set(compiled.hypotheses.map(({ expression }) => printExpression(expression)));
  const hypotheses = [...texts].filter((text) => conditions.has(text));
  return { key: classKey(chosen.template, chosen.parameters), chosen, hypotheses, spacing: null };
}

/**
 * Classes of patterns as arms, one for each event that they may hold; those in most sessions first, whatever their outcome.
 * @param counted - of a plan of these classes
 */
export function patternArms({ context, mining }: Counted): readonly Arm[] {
  const { plan, tokens } = context;
  if (mining === null) return [];
  const { mined, tally, gapped } = mining;
  const arms = new Map<string, { readonly arm: Omit<Arm, "hypotheses">; readonly found: Map<string, number> }>();
  const all = (1 << plan.kpis.length) - 1;
  const add = (asked: PlannedPatterns, codes: readonly number[], barred: number, sessions: number): void => {
    // what no KPI may use is no hypothesis
    if ((barred & all) === all) return;
    const chosen = plan.classes[asked.classIndex] as HypothesisClass;
    const spacing = spacingOf(asked);
    const texts = asked.contains === null ? new Set(codes.map((token) => tokens.tokens[token]?.text ?? "")) : [asked.contains];
    for (const contains of texts) {
      const narrowed = { ...chosen, parameters: { ...chosen.parameters, contains } };
      const key = classKey(narrowed.template, narrowed.parameters);
      const known = arms.get(key) ?? { arm: { key, chosen: narrowed, spacing }, found: new Map() };
      known.found.set(`${spacing} ${sequenceKey(codes)}`, sessions);
      arms.set(key, known);
    }
  };
  const sessionsOf = pooled(context);
  const plain = plan.patterns.filter((asked) => !isGapped(asked));
  for (const [index, gram] of mined.patterns.entries()) {
    for (const asked of plain) {
      if (isAskedBy(context, asked, gram)) add(asked, gram, mined.barred[index] as number, sessionsOf(tally, index));
    }
  }
  for (const { first, count, tally: own } of gapped.counts) {
    for (let at = 0; at < count; at++) {
      const pattern = gapped.patterns[first + at];
      const asked = plan.patterns.find(({ classIndex }) => classIndex === pattern?.classIndex);
      if (pattern !== undefined && asked !== undefined) add(asked, pattern.tokens, pattern.barred, sessionsOf(own, at));
    }
  }
  return [...arms.values()].map(({ arm, found }) => ({
    ...arm,
    hypotheses: [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name),
  }));
}

/** How the steps of patterns lie, as text. */
export function spacingOf({ adjacency, withinMs }: Pick<PlannedPatterns, "adjacency" | "withinMs">): string {
  return `${adjacency}/${withinMs ?? ""}`;
}

/** Sessions that hold a pattern, of the KPI that most of them count for. */
function pooled({ kpis }: Context): (tally: Counted["conditionTally"], index: number) => number {
  return (tally, index) =>
    Math.max(
      ...kpis.map(
        (_, kpi) => (tally.row(0, kpi, true)[index + 1] as number) + (tally.row(0, kpi, false)[index + 1] as number),
      ),
    );
}

/** The classes of a plan that ask for patterns. */
export function patternClasses({ classes, patterns }: Pick<RunPlan, "classes" | "patterns">): readonly HypothesisClass[] {
  const asked = new Set(patterns.map(({ classIndex }) => classIndex));
  return classes.filter((_, index) => asked.has(index));
}
