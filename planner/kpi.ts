import { compileBoolean, compileNumber, type Source } from "./compile.js";
import type { EventStep, Expression, Sequence } from "./expression/ast.js";
import { attributesOf, eventNamesOf, visit } from "./expression/walk.js";
import type { PlanBuilder } from "./plan.js";
import type { DataStatistics } from "./statistics.js";
import type { StudyExpression, StudyKpi } from "./study.js";

/** A compiled KPI. */
export interface KpiPlan {
  readonly name: string;
  readonly description?: string;
  /** Node of the sessions that count; null: all. */
  readonly among: number | null;
  /** Binary: node of the failing sessions. Numeric: node of the value, and which way is worse. */
  readonly outcome:
    | { readonly kind: "binary"; readonly node: number }
    | { readonly kind: "numeric"; readonly node: number; readonly worse: "higher" | "lower" };
  /** Names that tell of the outcome: no pattern that holds one is a finding. */
  readonly barredNames: readonly number[];
  /** Columns that the KPI reads: no hypothesis on them is a finding. */
  readonly barredColumns: readonly string[];
  /** Whether the KPI reads the number of events of a session: then length is no stratum for it. */
  readonly readsLength: boolean;
  /** Of a conversion, `not (A -> … -> B)`: the node that is decided at the first A, from where on it is open; else null. */
  readonly anchor: number | null;
  /** Of a conversion: ms that it may take; null: as long as the session, or no conversion */
  readonly deadlineMs: number | null;
  /** Of `session.duration > …`: ms beyond which a session fails by lasting; else null */
  readonly lastsMs: number | null;
  /** Measures of a session that hang together with those that the KPI reads: no hypothesis on them is a finding. */
  readonly barredMeasures: readonly Measure[];
}

/** Measures of a session by what they measure. */
export type Measure =
  | "session.duration"
  | "session.longest_gap"
  | "elapsed"
  | "time_in"
  | "session.events"
  | "count"
  | "retries"
  | "session.index"
  | "user.sessions"
  | "user.days_since_last"
  | "user.first_seen"
  | "start"
  | "load";

/** Measures of which one says much of the others (METHODS, 1): how long a session is, and how many events it has. */
const families: readonly (readonly Measure[])[] = [
  ["session.duration", "session.longest_gap", "elapsed", "time_in"],
  ["session.index", "user.sessions"],
];

/**
 * Compiles a KPI of the study.
 * @param index - place in the study, for messages
 * @throws LeadlineError as `compileBoolean`; `study-invalid` when `outcome` names an unknown event
 */
export function compileKpi(kpi: StudyKpi, index: number, plan: PlanBuilder, data: DataStatistics): KpiPlan {
  const source = (part: "among" | "failure" | "value", { text, expression }: StudyExpression): Source => ({
    text,
    expression,
    where: `kpis[${index}].${part}`,
  });
  const among = kpi.among === null ? null : compileBoolean(source("among", kpi.among), plan, data);
  const outcome: KpiPlan["outcome"] =
    kpi.kind === "binary"
      ? { kind: "binary", node: compileBoolean(source("failure", kpi.failure), plan, data) }
      : { kind: "numeric", node: compileNumber(source("value", kpi.value), plan, data), worse: kpi.worse };
  const { expression } = kpi.kind === "binary" ? kpi.failure : kpi.value;
  for (const event of kpi.outcome) {
    if (!data.names.includes(event) && !data.tokens.some((token) => token.text === event)) {
      plan.warn(`kpis[${index}].outcome: no event of the data is named ${JSON.stringify(event)}`);
    }
  }
  const conversion = conversionOf(expression);
  const start = conversion?.steps[0];
  const anchor =
    start === undefined
      ? null
      : compileBoolean(
          source(kpi.kind === "binary" ? "failure" : "value", {
            text: kpi.kind === "binary" ? kpi.failure.text : kpi.value.text,
            expression: { kind: "sequence", steps: [start], links: [], absent: false, withinMs: null, at: 0 },
          }),
          plan,
          data,
        );
  const told = [...outcomeEvents(expression), ...kpi.outcome];
  return {
    name: kpi.name,
    ...(kpi.description === null ? {} : { description: kpi.description }),
    among,
    outcome,
    barredNames: namesOf(told, data),
    barredColumns: attributesOf(expression),
    readsLength: readsLength(expression),
    anchor,
    deadlineMs: conversion?.withinMs ?? null,
    lastsMs: lastingOf(expression),
    barredMeasures: measuresWith(expression),
  };
}

/** The bound of a KPI that fails sessions for lasting beyond it. */
function lastingOf(expression: Expression): number | null {
  if (expression.kind !== "compare" || (expression.op !== ">" && expression.op !== ">=")) return null;
  const { left, right } = expression;
  if (left.kind !== "session" || left.field !== "duration" || right.kind !== "literal") return null;
  return typeof right.value === "number" ? right.value : null;
}

/** The sequence that a conversion must have to succeed. */
function conversionOf(expression: Expression): Sequence | null {
  if (expression.kind !== "not" || expression.item.kind !== "sequence") return null;
  return expression.item.absent || expression.item.steps.length < 2 ? null : expression.item;
}

function readsLength(expression: Expression): boolean {
  let reads = false;
  visit(expression, (node) => {
    if (node.kind === "session" && node.field === "events") reads = true;
  });
  return reads;
}

/**
 * Whether a hypothesis is about what the KPI reads, so that its finding would be no news: its columns, its outcome's events,
 * or measures that hang together with its own.
 */
export function isBarred(
  { barredNames, barredColumns, barredMeasures }: Pick<KpiPlan, "barredNames" | "barredColumns" | "barredMeasures">,
  hypothesis: Expression,
  data: DataStatistics,
): boolean {
  return (
    attributesOf(hypothesis).some((name) => barredColumns.includes(name)) ||
    measuresOf(hypothesis).some((measure) => barredMeasures.includes(measure)) ||
    namesOf(eventNamesOf(hypothesis), data).some((name) => barredNames.includes(name))
  );
}

/** The measures that an expression reads, and those that hang together with them. */
function measuresWith(expression: Expression): Measure[] {
  const own = measuresOf(expression);
  const related = families.filter((family) => family.some((measure) => own.includes(measure))).flat();
  // how many events there are bounds every count of them; the other way round a count of some says little of all
  const counts: Measure[] = own.includes("session.events") ? ["count", "retries"] : [];
  return [...new Set([...own.filter((measure) => !isOfSteps(measure)), ...related, ...counts])];
}

/** Counts of some events say nothing of counts of others; their names are barred instead. */
function isOfSteps(measure: Measure): boolean {
  return measure === "count" || measure === "retries";
}

function measuresOf(expression: Expression): Measure[] {
  const measures: Measure[] = [];
  visit(expression, (node) => {
    switch (node.kind) {
      case "session":
      case "user":
        measures.push(`${node.kind}.${node.field}` as Measure);
        return;
      case "count":
      case "retries":
      case "elapsed":
      case "time_in":
      case "load":
        measures.push(node.kind);
        return;
      case "clock":
        measures.push("start");
        return;
      default:
        return;
    }
  });
  return measures;
}

/**
 * The events that decide an outcome (METHODS, 1): those that a KPI counts or has on their own, and the last step of a
 * sequence. The steps before it are where the user came from, and stay evidence. A step with a predicate is only part of
 * its event, whose other part may be evidence; leaks among those are found by what they cover.
 */
function outcomeEvents(expression: Expression): string[] {
  const events: string[] = [];
  const add = (step: EventStep): void => {
    if (step.predicate === null) events.push(step.event);
  };
  visit(expression, (node) => {
    switch (node.kind) {
      case "sequence":
        for (const step of lastStep(node)) add(step);
        return;
      case "count":
        for (const step of node.step.kind === "until" ? [node.step.repeat, node.step.end] : [node.step]) add(step);
        return;
      case "retries":
      case "elapsed":
      case "time_in":
        add(node.second);
        return;
      case "aggregate":
        if (node.step !== null) add(node.step);
        return;
      default:
        return;
    }
  });
  return events;
}

function lastStep(sequence: Sequence): readonly EventStep[] {
  const last = sequence.steps[sequence.steps.length - 1];
  if (last === undefined) return [];
  return last.kind === "until" ? [last.repeat, last.end] : [last];
}

function namesOf(events: readonly string[], data: DataStatistics): number[] {
  const codes = new Set<number>();
  for (const event of events) {
    const name = data.names.indexOf(event);
    if (name >= 0) codes.add(name);
    for (const token of data.tokens) {
      if (token.text === event && token.values === undefined) for (const code of token.names) codes.add(code);
    }
  }
  return [...codes].sort((a, b) => a - b);
}
