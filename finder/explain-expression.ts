import { sessionsFrom } from "../engine/columns/derived-table.js";
import type { SessionTable } from "../engine/event-store.js";
import { Execution, type NodeValues, placeOfKpi } from "../engine/execution.js";
import type { WorkerPool } from "../engine/pool.js";
import { compileAny, compileBoolean } from "../planner/compile.js";
import { describeExpression } from "../planner/expression/describe.js";
import { parseExpression } from "../planner/expression/parse.js";
import { printExpression } from "../planner/expression/print.js";
import type { Unit } from "../planner/expression/unit.js";
import { attributesOf } from "../planner/expression/walk.js";
import { knownAtStart } from "../planner/known.js";
import { compileKpi, isBarred, type KpiPlan } from "../planner/kpi.js";
import { PlanBuilder } from "../planner/plan.js";
import type { Study } from "../planner/study.js";
import { meantBy } from "./asked-expression.js";
import { compareSides, type SideComparison } from "./compare-sides.js";
import { countWindow, type PlannedStudy, planStudy, type RunOptions, windowOf } from "./run-study.js";
import {
  exampleSessions,
  examplesAcross,
  groupsOf,
  type Spread,
  spreadOf,
  unitIn,
  type ValueRange,
  type ValuesOf,
} from "./value-spread.js";

/** What an expression means and where it holds, as data: `leadline explain EXPR STUDY --json`. Infinity and NaN never appear. */
export interface ExpressionExplanation {
  readonly schema: "leadline/explanation@1";
  /** The study's. */
  readonly title: string;
  /** As the language prints it. */
  readonly expression: string;
  /** In plain English. */
  readonly meaning: string;
  readonly type: "condition" | "number" | "text";
  /** Of numbers, where the expression or its column says so. */
  readonly unit: Unit | null;
  /** Whether its value is known when a session starts, so that it is evidence whatever happens later. */
  readonly known_at_start: boolean;
  /** The sessions that were looked at: those that start in the window. */
  readonly data: {
    readonly events: number;
    readonly sessions: number;
    readonly users: number;
    readonly has_users: boolean;
    /** ISO; null without sessions */
    readonly from: string | null;
    readonly to: string | null;
    /** Of hours and weekdays. */
    readonly time_zone: string;
    /** Present where ids were replaced by numbers. */
    readonly redacted?: true;
  };
  /** Of numbers and texts: how their values are spread over whole sessions; null for conditions. */
  readonly values: Spread | null;
  /** Of a condition: the condition. Of numbers: quarters of the sessions, or each value where there are few. Of texts: the most frequent. */
  readonly groups: readonly ExplainedGroup[];
  /** Up to five sessions of different users where there are as many: those in which a condition holds, or across the values. */
  readonly examples: readonly ExampleSession[];
  readonly warnings: readonly string[];
}

/** Sessions in which a condition holds, and how they do on every KPI; of numbers and texts with the values that they have. */
export interface ExplainedGroup extends Partial<ValueRange> {
  /** A condition. */
  readonly expression: string;
  /** On whole sessions. */
  readonly sessions: number;
  readonly users: number;
  /** All events of these sessions. */
  readonly events: number;
  readonly kpis: readonly ExplainedKpi[];
}

/** A KPI inside and outside. */
export interface ExplainedKpi {
  readonly kpi: string;
  readonly kind: "binary" | "numeric";
  /** Whether the expression reads what the KPI is made of, or hangs together with it: then it tells of the outcome, and is no finding on it. */
  readonly reads_outcome: boolean;
  /** The condition as it holds in whole sessions, also by what came after the outcome. */
  readonly whole: SideComparison;
  /** As it holds on the events before the outcome alone; null where that is the same: the KPI has no moment, or all is known at the start. */
  readonly before_outcome: SideComparison | null;
}

/** A session to look at. */
export interface ExampleSession {
  readonly session: string;
  /** Null where the data have no users. */
  readonly user: string | null;
  /** ISO */
  readonly start: string;
  /** Of numbers and texts. */
  readonly value?: string | number | boolean;
}

/** How the expression stands in messages. */
const WHERE = "the expression";

/**
 * Tells what an expression means, in how many sessions of a study's window it holds, and how every KPI is inside and outside:
 * the plain difference, with an interval that takes the user as the unit. No hypothesis is tested, nothing is adjusted.
 * @param base - folder that the study's paths are relative to
 * @param text - a condition, a number or a text; read as in `computeSessionColumns`
 * @throws LeadlineError as `planStudy`; `expression-invalid` with the place in the expression
 */
export async function explainOneExpression(
  study: Study,
  base: string,
  text: string,
  pool: WorkerPool,
  options: RunOptions,
): Promise<ExpressionExplanation> {
  const parsed = parseExpression(text, { position: "value", where: WHERE });
  const planned = await planStudy(study, base, pool, options, attributesOf(parsed));
  try {
    return await explained(study, text, planned, pool, options);
  } finally {
    planned.close();
  }
}

async function explained(
  study: Study,
  text: string,
  { store, table, tables, tokens, data, warnings }: PlannedStudy,
  pool: WorkerPool,
  options: RunOptions,
): Promise<ExpressionExplanation> {
  options.onProgress?.({ phase: "evaluate", done: 0, total: 1, unit: "steps" });
  const plan = new PlanBuilder();
  const kpiPlans = study.kpis.map((kpi, index) => compileKpi(kpi, index, plan, data));
  const expression = meantBy(parseExpression(text, { position: "value", where: WHERE }), text, WHERE, data);
  const { node, type } = compileAny({ expression, text, where: WHERE }, plan, data);
  const isKnown = knownAtStart(plan.nodes)[node] === true;
  const { fromMs, toMs } = windowOf(study, options);
  const rows = sessionsFrom(table, fromMs, toMs);
  const unit = type === "number" ? unitIn(expression, data) : null;
  const execution = new Execution(store, tokens, pool, tables);
  const how = { fromMs, toMs, failingQuantile: study.settings.numeric_failing_quantile, outcomeTime: true };
  let values: ValuesOf | null = null;
  if (type !== "boolean") {
    // groups need bounds, so values come before the conditions that are made of them
    await execution.evaluate(plan.nodes, kpiPlans, [], how);
    const found = (await execution.values(plan.nodes, [node])).get(node);
    if (found !== undefined && found.type !== "boolean") values = found;
  }
  const asked = values === null ? [{ condition: expression }] : groupsOf(expression, values, rows, unit);
  const conditions = asked.map(({ condition, ...range }) => {
    const printed = printExpression(condition);
    return { range, printed, node: compileBoolean({ expression: condition, text: printed, where: WHERE }, plan, data) };
  });
  const requests = conditions.map((condition) => ({ node: condition.node, forKpi: kpiPlans.map(() => true) }));
  const { kpis, conditions: members } = await execution.evaluate(plan.nodes, kpiPlans, requests, how);
  const whole = await execution.values(
    plan.nodes,
    conditions.map((condition) => condition.node),
  );
  const groups = conditions.map(({ range, printed, node: condition }): ExplainedGroup => {
    const holds = bitsOf(whole.get(condition));
    return {
      expression: printed,
      ...range,
      ...countIn(table, rows, holds),
      kpis: kpis.map((kpi, index): ExplainedKpi => {
        const own = kpiPlans[index] as KpiPlan;
        const { group, bit } = placeOfKpi(index);
        const before = members.get(condition)?.[group];
        return {
          kpi: own.name,
          kind: own.outcome.kind,
          reads_outcome: isBarred(own, expression, data),
          whole: compareSides(kpi, table.userOffsets, (session) => holds[session] === 1),
          before_outcome:
            kpi.evidenceEnd === null || isKnown || before === undefined
              ? null
              : compareSides(kpi, table.userOffsets, (session) => (((before[session] as number) >> bit) & 1) === 1),
        };
      }),
    };
  });
  const examples = values === null ? holding(table, rows, bitsOf(whole.get(node))) : examplesAcross(values, rows);
  const { idOf, userIdOf } = table.ids();
  const counted = countWindow(table, fromMs, toMs);
  options.onProgress?.({ phase: "evaluate", done: 1, total: 1, unit: "steps" });
  return {
    schema: "leadline/explanation@1",
    title: study.title,
    expression: printExpression(expression),
    meaning: describeExpression(expression),
    type: type === "boolean" ? "condition" : type === "text" ? "text" : "number",
    unit,
    known_at_start: isKnown,
    data: {
      events: counted.events,
      sessions: counted.sessions,
      users: counted.users,
      has_users: data.hasUsers,
      from: isoOf(counted.fromMs),
      to: isoOf(counted.toMs),
      time_zone: study.timeZone,
    },
    values: values === null ? null : spreadOf(values, rows),
    groups,
    examples: examples.map(({ session, value }) => ({
      session: idOf(session),
      user: data.hasUsers ? userIdOf(session) : null,
      start: new Date(table.starts[session] as number).toISOString(),
      ...(value === undefined ? {} : { value }),
    })),
    warnings: [...warnings, ...plan.warnings],
  };
}

/** Uint8Array(S) of a condition. */
function bitsOf(values: NodeValues | undefined): Uint8Array {
  if (values?.type === "boolean") return values.value;
  throw new RangeError("invalid node: it is no condition");
}

/** Sessions of some in which a condition holds, their users and their events. */
function countIn(
  { sessionOffsets, userOffsets }: SessionTable,
  rows: Uint32Array,
  holds: Uint8Array,
): Pick<ExplainedGroup, "sessions" | "users" | "events"> {
  let [sessions, users, events, user, last] = [0, 0, 0, 0, -1];
  for (const session of rows) {
    if (holds[session] !== 1) continue;
    while ((userOffsets[user + 1] as number) <= session) user++;
    if (user !== last) users++;
    last = user;
    sessions++;
    events += (sessionOffsets[session + 1] as number) - (sessionOffsets[session] as number);
  }
  return { sessions, users, events };
}

function holding(
  table: SessionTable,
  rows: Uint32Array,
  holds: Uint8Array,
): readonly { readonly session: number; readonly value?: undefined }[] {
  const inside = new Uint8Array(table.sessions);
  for (const session of rows) inside[session] = holds[session] as number;
  return exampleSessions(table, (session) => inside[session] === 1).map((session) => ({ session }));
}

function isoOf(ms: number): string | null {
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
