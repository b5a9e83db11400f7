import { keyOf } from "../llm/combine.js";
import { printExpression } from "../planner/expression/print.js";
import type { PlannedCondition, PlannedPatterns, RunPlan } from "../planner/run-plan.js";
import type { DataStatistics } from "../planner/statistics.js";
import { type AnyTemplate, compileClass, type HypothesisClass } from "../planner/templates/library.js";
import type { PatternShape } from "./candidates.js";
import type { Counted } from "./find.js";
import { isAskedBy, isGapped } from "./gaps.js";
import { outcomeKey } from "./outcomes.js";
import { sequenceName } from "./patterns.js";

/** A class on a KPI, small enough to be a choice: the unit that is drawn under a budget. */
export interface Arm {
  readonly chosen: HypothesisClass;
  /** Index of the KPI. */
  readonly kpi: number;
  /** By `outcomeKey`, its hypotheses: expressions on the KPI. */
  readonly hypotheses: readonly string[];
  /** Whether they are sequences, which are tested some at a time, or conditions, which are tested together. */
  readonly isPatterns: boolean;
}

/**
 * A class of conditions as arms, one a KPI.
 * @param conditions - by text, all that the classes to choose from plan
 */
export function conditionArms(
  chosen: HypothesisClass,
  conditions: ReadonlyMap<string, PlannedCondition>,
  kpis: number,
  data: DataStatistics,
  library: readonly AnyTemplate[],
): readonly Arm[] {
  const compiled = compileClass(chosen, chosen.template, data, library);
  if (compiled.kind === "patterns") return [];
  const texts = [...new Set(compiled.hypotheses.map(({ expression }) => printExpression(expression)))];
  return Array.from({ length: kpis }, (_, kpi) => {
    const own = texts.filter((text) => conditions.get(text)?.barred[kpi] === false);
    return { chosen, kpi, hypotheses: own.map((text) => outcomeKey(kpi, text)), isPatterns: false };
  });
}

/**
 * Classes of patterns as arms, one for each event that they may hold and each KPI; sequences of most sessions first, whatever their
 * outcome.
 * @param counted - of a plan of these classes
 */
export function patternArms({ context, mining }: Counted): readonly Arm[] {
  const { plan, tokens, kpis } = context;
  if (mining === null) return [];
  const { mined, tally, gapped } = mining;
  const arms = new Map<string, { readonly arm: Omit<Arm, "hypotheses">; readonly found: Map<string, number> }>();
  const add = (
    asked: PlannedPatterns,
    shape: PatternShape,
    barred: number,
    own: Counted["conditionTally"],
    cell: number,
  ) => {
    const whole = plan.classes[asked.classIndex] as HypothesisClass;
    const events = new Set(shape.tokens.map((token) => tokens.tokens[token]?.text ?? ""));
    for (const contains of asked.contains === null ? events : [asked.contains]) {
      const chosen = { ...whole, parameters: { ...whole.parameters, contains } };
      const key = keyOf(chosen.template, chosen.parameters);
      for (const kpi of kpis.keys()) {
        if ((barred & (1 << kpi)) !== 0) continue;
        const known = arms.get(`${kpi} ${key}`) ?? { arm: { chosen, kpi, isPatterns: true }, found: new Map() };
        const sessions = (own.row(0, kpi, true)[cell] as number) + (own.row(0, kpi, false)[cell] as number);
        known.found.set(outcomeKey(kpi, sequenceName(shape)), sessions);
        arms.set(`${kpi} ${key}`, known);
      }
    }
  };
  const plain = plan.patterns.filter((asked) => !isGapped(asked));
  for (const [index, gram] of mined.patterns.entries()) {
    for (const asked of plain) {
      if (!isAskedBy(context, asked, gram)) continue;
      add(asked, { tokens: gram, adjacency: "next", withinMs: null }, mined.barred[index] as number, tally, index + 1);
    }
  }
  for (const { first, count, tally: own } of gapped.counts) {
    for (let at = 0; at < count; at++) {
      const pattern = gapped.patterns[first + at];
      const asked = plan.patterns.find(({ classIndex }) => classIndex === pattern?.classIndex);
      if (pattern !== undefined && asked !== undefined) add(asked, pattern, pattern.barred, own, at + 1);
    }
  }
  return [...arms.values()].map(({ arm, found }) => ({
    ...arm,
    hypotheses: [...found].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([name]) => name),
  }));
}

/** The classes of a plan that ask for patterns. */
export function patternClasses({
  classes,
  patterns,
}: Pick<RunPlan, "classes" | "patterns">): readonly HypothesisClass[] {
  const asked = new Set(patterns.map(({ classIndex }) => classIndex));
  return classes.filter((_, index) => asked.has(index));
}
