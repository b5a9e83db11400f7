import { estimateLive, estimateWork, type Live } from "./cost.js";
import { printDuration } from "./duration.js";
import { printExpression } from "./expression/print.js";
import type { Operation, PlanNode } from "./plan.js";
import type { PlannedPatterns, RunPlan } from "./run-plan.js";
import type { DataStatistics } from "./statistics.js";

/** A node of the merged plan, for people. */
export interface ExplainedNode {
  readonly id: number;
  /** What it computes, such as `step buy_plan` or `session.index`. */
  readonly operation: string;
  readonly grain: "event" | "session";
  readonly type: string;
  readonly inputs: readonly number[];
  /** Nodes, KPIs and hypotheses that read it. */
  readonly uses: number;
  /** Events and sessions that its computation goes through, estimated, where it is computed on whole sessions. */
  readonly work: number;
}

/** One pass over the event table. */
export interface ExplainedPass {
  readonly name: string;
  readonly what: string;
  /** What it writes for all sessions or events. */
  readonly bytes: number;
}

/** What a run would compute. */
export interface PlanExplanation {
  readonly kpis: readonly { readonly name: string; readonly text: string }[];
  readonly classes: readonly {
    readonly template: string;
    readonly parameters: Readonly<Record<string, unknown>>;
    readonly chosenBy: string;
    /** Of what the selector or the model chose, in words. */
    readonly why?: string;
  }[];
  /** Nodes that the expressions ask for one by one, and after equal ones are merged. */
  readonly nodesBefore: number;
  readonly nodesAfter: number;
  /** The nodes' work, before and after equal ones are merged. */
  readonly workBefore: number;
  readonly workAfter: number;
  /** What a thread holds of the nodes' values at once, at most; bytes with the index of its partition. */
  readonly live: Live;
  readonly nodes: readonly ExplainedNode[];
  readonly passes: readonly ExplainedPass[];
  readonly partitions: number;
  readonly data: { readonly events: number; readonly sessions: number; readonly users: number };
  readonly warnings: readonly string[];
}

/** Describes a plan. Pure: nothing is computed. */
export function explainPlan(
  plan: RunPlan,
  kpiTexts: readonly string[],
  data: DataStatistics,
  partitions: number,
): Omit<PlanExplanation, "warnings"> {
  const uses = new Map<number, number>();
  const use = (node: number | null): void => {
    if (node !== null) uses.set(node, (uses.get(node) ?? 0) + 1);
  };
  for (const node of plan.nodes) for (const input of node.inputs) use(input);
  const wanted = new Set<number>();
  const want = (node: number | null): void => {
    use(node);
    if (node !== null) wanted.add(node);
  };
  for (const { among, outcome } of plan.kpis) for (const node of [among, outcome.node]) want(node);
  for (const { node, population } of plan.conditions) for (const each of [node, population]) want(each);
  const work = estimateWork(plan.nodes, data);
  return {
    kpis: plan.kpis.map(({ name }, index) => ({ name, text: kpiTexts[index] ?? "" })),
    classes: plan.classes.map(({ template, parameters, chosenBy, why }) => ({
      ...{ template, parameters, chosenBy },
      ...(why === undefined ? {} : { why }),
    })),
    nodesBefore: plan.asked.reduce((sum, times) => sum + times, 0),
    nodesAfter: plan.nodes.length,
    workBefore: plan.asked.reduce((sum, times, id) => sum + times * (work[id] ?? 0), 0),
    workAfter: work.reduce((sum, each) => sum + each, 0),
    live: estimateLive(plan.nodes, [...wanted], data),
    nodes: plan.nodes.map((node) => ({
      id: node.id,
      operation: describe(node, plan.nodes, data),
      grain: node.grain,
      type: node.type,
      inputs: node.inputs,
      uses: uses.get(node.id) ?? 0,
      work: work[node.id] ?? 0,
    })),
    passes: passesOf(plan, data),
    partitions,
    data: { events: data.events, sessions: data.sessions, users: data.users },
  };
}

function passesOf(plan: RunPlan, { events, sessions }: DataStatistics): ExplainedPass[] {
  const kpis = plan.kpis.length;
  const passes: ExplainedPass[] = [
    {
      name: "evaluate",
      what: `${plan.nodes.length} nodes, partition by partition: ${kpis} KPIs with their outcome times, ${plan.conditions.length} conditions`,
      bytes: sessions * (kpis * 5 + plan.conditions.length),
    },
    {
      name: "segment",
      what: "cuts sessions where a KPI's outcome is decided and lays them out by cohort cell",
      bytes: sessions * 4 * (5 + kpis),
    },
  ];
  if (plan.conditions.length > 0) {
    passes.push({ name: "count conditions", what: "one increment per condition and session", bytes: 0 });
  }
  if (plan.patterns.length === 0) return passes;
  const isSpaced = ({ adjacency, withinMs }: PlannedPatterns): boolean => adjacency === "gap" || withinMs !== null;
  const spaced = plan.patterns.filter(isSpaced);
  const plain = plan.patterns.filter((asked) => !isSpaced(asked));
  passes.push({ name: "symbols", what: "writes every event's token as an integer", bytes: events * 4 });
  if (spaced.length > 0) {
    const asked = spaced.map(
      ({ k, adjacency, withinMs }) =>
        `${k}${adjacency === "gap" ? " with gaps" : ""}${withinMs === null ? "" : ` within ${printDuration(withinMs)}`}`,
    );
    passes.push({
      name: "mine with gaps",
      what: `prefix projection over the failing sessions, length by length: the sequences of length ${asked.join(", ")} that some scenario may let through; then over all sessions`,
      bytes: 0,
    });
  }
  if (plain.length === 0) return passes;
  const lengths = plain.map(({ k }) => k).join(", ");
  const longest = Math.max(...plain.map(({ k }) => k));
  passes.push(
    {
      name: "mine",
      what: `${longest} levels over the failing sessions: the sequences of length ${lengths} that some scenario may let through`,
      bytes: 0,
    },
    { name: "count patterns", what: "one automaton of all lengths, KPIs and cohorts over all sessions", bytes: 0 },
  );
  return passes;
}

function describe(node: PlanNode, nodes: readonly PlanNode[], data: DataStatistics): string {
  const { operation } = node;
  switch (operation.op) {
    case "step":
      return `step ${stepText(operation, data)}`;
    case "until":
      return "until";
    case "pick":
      return `${operation.fn} of ${operation.column}`;
    case "retries":
      return "retries";
    case "elapsed":
      return node.inputs.length === 1 ? "elapsed since start" : "elapsed";
    case "time-in":
      return "time_in";
    case "clock":
      return `${operation.field}(start), ${operation.timeZone}`;
    case "previous":
      return "previous";
    case "load":
      return operation.kpi === null ? "load.sessions" : `load.failure_rate(${data.kpis[operation.kpi] ?? ""})`;
    case "table-column":
      return `table ${operation.table}.${operation.column}, as of the start`;
    case "compare-text":
      return `text ${operation.operator}`;
    case "sequence": {
      const within = operation.withinMs === null ? "" : ` within ${printDuration(operation.withinMs)}`;
      return `sequence ${operation.links.map((link, at) => `${link}${operation.absent && at === operation.links.length - 1 ? " not" : ""}`).join(" ")}${within}`;
    }
    case "count-at-least":
      return `count >= ${operation.n}`;
    case "count":
      return operation.windowMs === null ? "count" : `count in ${printDuration(operation.windowMs)}`;
    case "aggregate":
      return `${operation.fn} of ${operation.column}`;
    case "session":
      return `session.${operation.field}`;
    case "session-index":
      return operation.history === null ? "session.index" : `session.index, counted on from ${operation.history}`;
    case "days-since-last":
      return "user.days_since_last";
    case "first-seen":
      return operation.history === null ? "user.first_seen" : `user.first_seen, by ${operation.history}`;
    case "start":
      return "start";
    case "column":
      return `attribute ${operation.column}`;
    case "constant":
      return String(operation.value);
    case "arithmetic":
      return operation.operator;
    case "negate":
      return "-";
    case "compare":
      return operation.operator;
    case "threshold":
      return `${operation.operator} ${isMoment(nodes[node.inputs[0] ?? -1]) ? momentText(operation.bound) : operation.bound}`;
    case "one-of":
      return `${operation.negated ? "not " : ""}in (${operation.values.map((value) => JSON.stringify(value)).join(", ")})`;
    case "and":
    case "or":
    case "not":
    case "true":
    case "false":
      return operation.op;
  }
}

function isMoment(node: PlanNode | undefined): boolean {
  return node?.operation.op === "start" || node?.operation.op === "first-seen";
}

/** As ISO 8601, where a calendar goes so far. */
function momentText(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}

function stepText({ names, token, predicate }: Operation & { op: "step" }, data: DataStatistics): string {
  const shown = names.length === data.names.length ? "*" : names.map((name) => data.names[name] ?? "").join(" | ");
  const text = token === null ? shown : (data.tokens[token]?.text ?? shown);
  return predicate === null ? text : `${text}[${printExpression(predicate)}]`;
}
