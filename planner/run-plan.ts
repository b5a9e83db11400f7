import { compileBoolean } from "./compile.js";
import type { Expression } from "./expression/ast.js";
import { printExpression } from "./expression/print.js";
import { attributesOf } from "./expression/walk.js";
import { compileKpi, isBarred, type KpiPlan } from "./kpi.js";
import { PlanBuilder, type PlanNode } from "./plan.js";
import type { DataStatistics } from "./statistics.js";
import type { StudyKpi } from "./study.js";
import { type AnyTemplate, compileClass, type HypothesisClass, templates } from "./templates/library.js";
import { hasMoment, saysHowLong } from "./whole-session.js";

/** A condition on sessions that is a hypothesis. */
export interface PlannedCondition {
  /** The class that asked first. */
  readonly classIndex: number;
  readonly expression: Expression;
  readonly text: string;
  readonly node: number;
  /** Sessions that are compared; null: all that count */
  readonly population: number | null;
  /** By KPI: whether the hypothesis is about what the KPI itself reads, so that it is not judged on it. */
  readonly barred: readonly boolean[];
}

/** A length of pattern that is asked for; see `ClassPlan`. */
export interface PlannedPatterns {
  readonly classIndex: number;
  readonly k: number;
  readonly adjacency: "next" | "gap";
  readonly withinMs: number | null;
  readonly contains: string | null;
  /** The sequences that are tested, as `sequenceKey` names them: bit k is set where on KPI k; absent: all, on all. */
  readonly only?: ReadonlyMap<string, number>;
}

/** Names a sequence within a run. @param codes - of its tokens, in order */
export function sequenceKey(codes: readonly number[]): string {
  return codes.join(",");
}

/** A condition that might have been tested and was not: it counts among all that the run looked at. */
export interface PassedOver {
  readonly template: string;
  /** By KPI, as of `PlannedCondition`. */
  readonly barred: readonly boolean[];
}

/** All that a run computes: the classes' and KPIs' DAGs merged into one. */
export interface RunPlan {
  /** Inputs before those that use them. */
  readonly nodes: readonly PlanNode[];
  /** By node id: how often the expressions ask for it one by one; all together are the nodes that there would be without merging. */
  readonly asked: readonly number[];
  readonly kpis: readonly KpiPlan[];
  readonly classes: readonly HypothesisClass[];
  readonly conditions: readonly PlannedCondition[];
  readonly patterns: readonly PlannedPatterns[];
  /** Conditions that rounds chose from and left. */
  readonly passedOver: readonly PassedOver[];
  readonly warnings: readonly string[];
}

/**
 * Compiles KPIs and classes into one plan.
 * @param library - the templates that classes may be of
 * @param lifecycleStartMs - ms; lifecycle hypotheses compare only sessions of users first seen from then on; null: all
 * @throws LeadlineError as `compileKpi` and `compileClass`
 */
export function planRun(
  kpis: readonly StudyKpi[],
  classes: readonly HypothesisClass[],
  data: DataStatistics,
  lifecycleStartMs: number | null,
  library: readonly AnyTemplate[] = templates,
): RunPlan {
  const plan = new PlanBuilder();
  const kpiPlans = kpis.map((kpi, index) => compileKpi(kpi, index, plan, data));
  // what one KPI is made of is an outcome for the others too, and no cause
  const outcomes = new Set(kpiPlans.flatMap(({ barredColumns }) => barredColumns));
  const moments = kpiPlans.map((kpi) => hasMoment(kpi, plan.nodes));
  const conditions: PlannedCondition[] = [];
  const patterns: PlannedPatterns[] = [];
  const texts = new Set<string>();
  for (const [classIndex, chosen] of classes.entries()) {
    const compiled = compileClass(chosen, `hypotheses[${classIndex}]`, data, library);
    if (compiled.kind === "patterns") {
      const { k, adjacency, withinMs, contains } = compiled;
      patterns.push({ classIndex, k, adjacency, withinMs, contains });
      continue;
    }
    for (const { expression, population } of compiled.hypotheses) {
      const text = printExpression(expression);
      if (texts.has(text)) continue;
      texts.add(text);
      // who names a template in the study knows what he asks; nobody asked for what is tried by default
      const isByDefault = chosen.chosenBy !== "study";
      const isOutcome = isByDefault && attributesOf(expression).some((name) => outcomes.has(name));
      const isLength = isByDefault && saysHowLong(expression);
      const barred = kpiPlans.map(
        (kpi, index) => isOutcome || (isLength && moments[index] === false) || isBarred(kpi, expression, data),
      );
      const where = `hypotheses[${classIndex}]`;
      if (barred.every((is) => is)) {
        if (chosen.chosenBy === "study")
          plan.warn(`${where}: ${text} is about what every KPI reads, so it is not judged`);
        continue;
      }
      const node = compileBoolean({ expression, text, where }, plan, data);
      const among =
        population === "lifecycle" && lifecycleStartMs !== null ? seenFrom(lifecycleStartMs, plan, data) : null;
      conditions.push({ classIndex, expression, text, node, population: among, barred });
    }
  }
  return {
    nodes: plan.nodes,
    asked: plan.asked,
    kpis: kpiPlans,
    classes,
    conditions,
    patterns,
    passedOver: [],
    warnings: plan.warnings,
  };
}

function seenFrom(startMs: number, plan: PlanBuilder, data: DataStatistics): number {
  const seen = plan.add({ op: "first-seen", history: data.history.firstSeen }, "number");
  return plan.add({ op: "threshold", operator: ">=", bound: startMs }, "boolean", [seen]);
}
