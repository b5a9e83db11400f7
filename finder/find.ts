import { findCohorts } from "../engine/cohorts.js";
import type { AuxiliaryTable } from "../engine/columns/auxiliary-table.js";
import type { DerivedTable } from "../engine/columns/derived-table.js";
import type { EventTable } from "../engine/columns/event-table.js";
import { type EventStore, type SessionTable, storeOf } from "../engine/event-store.js";
import { type ConditionRequest, type Evaluated, Execution, type KpiOutcome, type Tally } from "../engine/execution.js";
import { symboliseTokens, type TokenSymbols } from "../engine/mine.js";
import type { WorkerPool } from "../engine/pool.js";
import { LeadlineError } from "../errors.js";
import type { PlannedCondition, RunPlan } from "../planner/run-plan.js";
import type { Settings } from "../planner/settings.js";
import { eventPattern } from "../planner/templates/event-pattern.js";
import type { TokenMap } from "../planner/tokens.js";
import { weekStarts } from "./calendar.js";
import {
  type ConditionMembers,
  conditionMembers,
  countConditions,
  EVERY_SESSION,
  type JudgedConditions,
  judgeConditions,
} from "./conditions.js";
import type { Context } from "./context.js";
import { CROSS, type Crosses, findCrosses } from "./crosses.js";
import { derivedTable } from "./derived.js";
import type { Findings, FoundKpi } from "./findings.js";
import { kpiSeries } from "./kpi-series.js";
import { reportOpportunities, trendBuckets } from "./opportunities.js";
import type { FoundOutcomes } from "./outcomes.js";
import { countPatterns, countPlain, judgePatterns, mine, type PatternTallies } from "./patterns.js";
import { robustKpi } from "./robust.js";
import { findScenarios } from "./scenarios.js";
import { screenLifecycle } from "./screen.js";
import { Families } from "./significance.js";
import { loadExamination } from "./tasks.js";

/** KPIs that one run can take: a pattern's bars are the bits of a 32-bit word. */
const MOST_KPIS = 32;

/** From so many calendar weeks on they divide the period (METHODS, 6). */
const WEEKS = 4;

/** Phases of judging, in order. */
export type FindPhase = "evaluate" | "mine" | "count" | "judge";

/** How hypotheses are judged. */
export interface FindOptions {
  /** `paper`: experts 1 and 2 on whole sessions, as the paper's prototype; `all`: on what came before the outcome. */
  readonly experts: "all" | "paper";
  /** Session starts, half-open, ms; infinite: no bound */
  readonly fromMs: number;
  readonly toMs: number;
  readonly settings: Settings;
  /** IANA, for days and weeks. @default "UTC" */
  readonly timeZone?: string;
  /** Other outcomes in the place of the KPIs' own, such as permuted ones; conditions and evidence follow them. @default their own */
  readonly outcomes?: (kpis: readonly KpiOutcome[]) => readonly KpiOutcome[];
  /** Auxiliary data. @default none */
  readonly tables?: readonly AuxiliaryTable[];
  /** Called with all counts, before anything is judged. */
  readonly onCounted?: (counted: Counted) => void;
  /** Called with the derived columns of what is found. @default they are not made */
  readonly onDerived?: (table: DerivedTable) => void;
  /** Called when nothing more is asked of the threads: what is left is to draw and to tell. */
  readonly onThreadsDone?: () => void;
  /** Called when a phase begins and when it ends. */
  readonly onPhase?: (phase: FindPhase, done: boolean) => void;
}

/** What `find` adds to what its caller knows of the data. */
export type Found = Pick<
  Findings,
  | "kpis"
  | "classes"
  | "tested"
  | "rare"
  | "bounded"
  | "crosses"
  | "became"
  | "settings"
  | "guarantee"
  | "opportunities"
  | "explained"
  | "warnings"
  | "phases"
> & {
  readonly outcomes: FoundOutcomes;
};

/** A plan evaluated and counted, before anything is judged. */
export interface Counted {
  readonly context: Context;
  readonly evaluated: Evaluated;
  readonly robust: readonly ReturnType<typeof robustKpi>[];
  readonly members: readonly ConditionMembers[];
  readonly conditionTally: Tally;
  /** Null where the plan asks for no patterns, or nothing can be judged. */
  readonly mining: (PatternTallies & { readonly symbols: TokenSymbols }) | null;
}

/**
 * Evaluates a plan over events, and counts every hypothesis in every scenario.
 * @throws LeadlineError as `find`
 */
export async function count(
  data: EventTable | EventStore,
  plan: RunPlan,
  tokens: TokenMap,
  pool: WorkerPool,
  options: FindOptions,
  phases: Phases = new Phases(options.onPhase),
): Promise<Counted> {
  if (plan.kpis.length > MOST_KPIS) {
    throw new LeadlineError("unsupported", `unsupported number of KPIs: ${plan.kpis.length}; a run takes ${MOST_KPIS}`);
  }
  const { settings, experts } = options;
  const store = storeOf(data);
  const table = store.sessions;
  const execution = new Execution(store, tokens, pool, options.tables);
  const evaluated = await phases.time("evaluate", () => evaluatePlan(execution, plan, options));
  const robust = evaluated.kpis.map((kpi) => robustKpi(kpi, settings.numeric_winsor_quantile));
  const kpis = robust.map(({ kpi }) => kpi);
  const { context, walk, members, conditionTally, started } = await phases.time("count", async () => {
    const { counted } = evaluated;
    const starting = Promise.all([
      findCohorts(table, counted, settings.cohort_min_share, pool),
      plan.patterns.length > 0 ? startPatterns({ execution, tokens, plan }) : null,
    ]);
    // while threads count users and write symbols
    const period = periodOf(table, counted);
    const timeZone = options.timeZone ?? "UTC";
    const weeks = weekStarts(period.firstStartMs, period.lastStartMs, timeZone, WEEKS);
    const [cohorts, started] = await starting;
    await execution.layOut(cohorts, started?.symbols.symbols ?? null);
    const byCohort = execution.walk("cohort", false);
    const conditions = conditionMembers(plan, evaluated);
    const tally = await countConditions(execution, plan.kpis.length, conditions, byCohort);
    const scenarios = findScenarios(plan.kpis, cohorts, table.attributes, tally, settings.cohort_min_failing);
    const events = await store.whole();
    const found = { table, events, plan, tokens, execution, settings, experts, kpis, cohorts, scenarios };
    const shared: Context = { ...found, ...period, timeZone, weeks };
    return { context: shared, walk: byCohort, members: conditions, conditionTally: tally, started };
  });
  const told = { context, evaluated, robust, members, conditionTally };
  if (started === null || context.scenarios.length === 0) return { ...told, mining: null };
  const { symbols, distinct } = started;
  const mined = await phases.time("mine", () => mine(context, symbols, conditionTally, walk, distinct));
  const tally = await phases.time("count", () => countPatterns(context, mined.mined, walk));
  return { ...told, mining: { ...mined, tally, symbols } };
}

/** Writes the symbols of events, and begins to count the different sequences of them. */
async function startPatterns(
  parts: Pick<Context, "execution" | "tokens" | "plan">,
): Promise<{ readonly symbols: TokenSymbols; readonly distinct: ReturnType<typeof countPlain> }> {
  const symbols = await symboliseTokens(parts.execution, parts.tokens);
  const distinct = countPlain(parts, symbols);
  // a failure is that of whoever waits for the count, if anyone comes to
  distinct.catch(() => {});
  return { symbols, distinct };
}

/**
 * Evaluates a plan over events, lets the experts judge every hypothesis in every scenario, folds what has one cause
 * and ranks what is left by recoverable failures.
 * @throws LeadlineError `unsupported` for more than 32 KPIs; `worker-failed`; `aborted`
 */
export async function find(
  data: EventTable | EventStore,
  plan: RunPlan,
  tokens: TokenMap,
  pool: WorkerPool,
  options: FindOptions,
): Promise<Found> {
  const { settings, experts } = options;
  const phases = new Phases(options.onPhase);
  const counted = await count(data, plan, tokens, pool, options, phases);
  options.onCounted?.(counted);
  const { context, evaluated, robust, members, conditionTally, mining } = counted;
  const { table } = context;
  const families = familiesOf(context, mining?.tests ?? null);
  const isPaper = experts === "paper";
  // the last of these is this thread's, while the others are at the rest
  const [screen, crosses, , { byPattern, byCondition }] = await phases.time(isPaper ? "judge" : "count", () =>
    Promise.all([
      screenLifecycle(context, members, conditionTally, families),
      isPaper ? null : findCrosses(context, mining, members, conditionTally),
      isPaper ? null : loadExamination(pool),
      judgeCounted(counted),
    ]),
  );
  return await phases.time("judge", async () => {
    for (const [kpi, tests] of crosses?.tests.entries() ?? []) families.add(CROSS, kpi, tests);
    const reporting = reportOpportunities(
      crosses?.context ?? context,
      families,
      screen,
      byPattern?.candidates ?? [],
      mining,
      crosses === null ? byCondition : withCrosses(byCondition, crosses),
      crosses?.members ?? members,
      options.onThreadsDone,
    );
    // while the threads are at the evidence
    const series = kpiSeries(table, evaluated.kpis, trendBuckets(context).startsMs);
    const reported = await reporting;
    const told = { table, plan, kpis: evaluated.kpis };
    options.onDerived?.(derivedTable(told, reported.sessions, reported.sets, options.fromMs, options.toMs));
    const testedOf = ({ barred }: PlannedCondition): number =>
      context.scenarios.filter(({ kpi }) => barred[kpi] !== true).length;
    const sumOf = (conditions: readonly PlannedCondition[]): number =>
      conditions.reduce((sum, condition) => sum + testedOf(condition), 0);
    const conditionsOf = (classIndex: number): number =>
      sumOf(plan.conditions.filter((condition) => condition.classIndex === classIndex));
    return {
      kpis: evaluated.kpis.map((kpi, index) => ({
        ...foundKpi(kpi, plan, index, conditionTally),
        limits: robust[index]?.limits ?? null,
        series: series[index] ?? [],
      })),
      classes: (crosses?.context.plan ?? plan).classes.map((chosen, index) => ({
        ...chosen,
        hypotheses:
          index < plan.classes.length
            ? (mining?.testedOfClass.get(index) ?? 0) + conditionsOf(index)
            : (crosses?.tested ?? 0),
      })),
      tested: (mining?.tested ?? 0) + sumOf(plan.conditions) + (crosses?.tested ?? 0),
      rare: mining?.rare ?? 0,
      bounded: (mining?.bounded ?? 0) + (crosses?.bounded ?? 0),
      crosses: crosses?.search ?? null,
      became: reported.became,
      outcomes: reported.outcomes,
      settings,
      guarantee: experts === "paper" ? null : families.guarantee(settings),
      opportunities: reported.opportunities,
      explained: [
        ...(mining?.explained ?? []),
        ...(byPattern?.explained ?? []),
        ...byCondition.explained,
        ...reported.explained,
      ],
      warnings: [
        ...plan.warnings,
        ...(mining?.warnings ?? []),
        ...warningsOf(context, conditionTally, mining?.boundedExact ?? true),
      ],
      phases: phases.seconds,
    };
  });
}

/** What expert 1 lets through of the patterns and expert 2 of the conditions. */
async function judgeCounted({ context, members, conditionTally, mining }: Counted): Promise<{
  readonly byPattern: ReturnType<typeof judgePatterns> | null;
  readonly byCondition: JudgedConditions;
}> {
  return {
    byPattern: mining === null ? null : judgePatterns(context, mining),
    byCondition: judgeConditions(context, members, conditionTally, mining?.barredTokens ?? null),
  };
}

/** All that the run looks at but crosses, by family. */
function familiesOf({ plan, scenarios }: Context, patternTests: Float64Array | null): Families {
  const families = new Families(plan.kpis.length);
  for (let kpi = 0; kpi < plan.kpis.length; kpi++) {
    if (patternTests !== null) families.add(eventPattern.name, kpi, patternTests[kpi] as number);
    const inScenarios = scenarios.filter((scenario) => scenario.kpi === kpi).length;
    for (const { classIndex, barred } of plan.conditions) {
      if (barred[kpi] === true) continue;
      families.add(plan.classes[classIndex]?.template ?? "", kpi, inScenarios);
    }
    // whoever chose by what was found has looked at what it left as well (METHODS, 6)
    for (const { template, barred } of plan.passedOver) {
      if (barred[kpi] !== true) families.add(template, kpi, inScenarios);
    }
  }
  return families;
}

/** Crosses beside the conditions that they are made of. */
function withCrosses(judged: JudgedConditions, crosses: Crosses): JudgedConditions {
  return {
    candidates: [...judged.candidates, ...crosses.candidates],
    opinions: new Map([...judged.opinions, ...crosses.opinions]),
    explained: judged.explained,
    everywhere: (candidates) => {
      const found = new Map(judged.everywhere(candidates.filter(({ interactionZ }) => interactionZ === undefined)));
      for (const candidate of candidates) {
        const { subject, scenario, interactionZ } = candidate;
        const whole = crosses.everywhere.get(`${subject.index}:${scenario.kpi}`);
        if (interactionZ !== undefined && scenario.cohort !== 0 && whole !== undefined) found.set(candidate, whole);
      }
      return found;
    },
  };
}

/** Seconds of each phase; a phase that is entered again adds to its own. */
export class Phases {
  readonly seconds: { name: string; seconds: number }[] = [];
  readonly #onPhase: FindOptions["onPhase"];

  constructor(onPhase: FindOptions["onPhase"]) {
    this.#onPhase = onPhase;
  }

  async time<T>(name: FindPhase, work: () => Promise<T>): Promise<T> {
    this.#onPhase?.(name, false);
    const start = performance.now();
    const phase = this.seconds.find((known) => known.name === name) ?? { name, seconds: 0 };
    if (!this.seconds.includes(phase)) this.seconds.push(phase);
    const result = await work();
    phase.seconds += (performance.now() - start) / 1000;
    this.#onPhase?.(name, true);
    return result;
  }
}

function evaluatePlan(execution: Execution, plan: RunPlan, options: FindOptions): Promise<Evaluated> {
  const { fromMs, toMs, settings, experts } = options;
  return execution.evaluate(plan.nodes, plan.kpis, conditionRequests(plan), {
    fromMs,
    toMs,
    failingQuantile: settings.numeric_failing_quantile,
    outcomeTime: experts !== "paper",
    ...(options.outcomes === undefined ? {} : { outcomes: options.outcomes }),
  });
}

/** What is asked of the engine for a plan's conditions and their populations, one request a node. */
export function conditionRequests({ kpis, conditions }: Pick<RunPlan, "kpis" | "conditions">): ConditionRequest[] {
  const byNode = new Map<number, ConditionRequest>();
  const add = (node: number, forKpi: readonly boolean[]): void => {
    const known = byNode.get(node);
    byNode.set(node, { node, forKpi: forKpi.map((is, kpi) => is || known?.forKpi[kpi] === true) });
  };
  for (const { node, population, barred } of conditions) {
    add(
      node,
      barred.map((is) => !is),
    );
    if (population === null) continue;
    add(
      population,
      kpis.map(() => true),
    );
  }
  return [...byNode.values()];
}

/** When the first and the last of the sessions that count start. */
function periodOf(
  { starts }: SessionTable,
  counted: Uint8Array,
): { readonly firstStartMs: number; readonly lastStartMs: number } {
  let firstStartMs = Number.POSITIVE_INFINITY;
  let lastStartMs = Number.NEGATIVE_INFINITY;
  for (let session = 0; session < counted.length; session++) {
    if (counted[session] === 0) continue;
    const start = starts[session] as number;
    if (start < firstStartMs) firstStartMs = start;
    if (start > lastStartMs) lastStartMs = start;
  }
  return { firstStartMs, lastStartMs };
}

/** @param totals - tally whose cell 1 counts every session */
function foundKpi(
  { outcome }: KpiOutcome,
  plan: RunPlan,
  index: number,
  totals: Tally,
): Omit<FoundKpi, "limits" | "series"> {
  const { name, description, outcome: planned } = plan.kpis[index] as RunPlan["kpis"][number];
  const failing = totals.row(0, index, true)[EVERY_SESSION] as number;
  const sessions = failing + (totals.row(0, index, false)[EVERY_SESSION] as number);
  let sum = failing;
  if (outcome !== null) {
    sum = 0;
    for (const value of outcome) if (!Number.isNaN(value)) sum += value;
  }
  const worse = planned.kind === "numeric" ? planned.worse : null;
  return {
    name,
    description: description ?? null,
    kind: planned.kind,
    worse,
    sessions,
    failing,
    value: sum / sessions,
  };
}

function warningsOf({ plan, kpis, scenarios, settings }: Context, totals: Tally, boundedExact: boolean): string[] {
  const warnings: string[] = [];
  for (const [index, { name }] of plan.kpis.entries()) {
    if (scenarios.some(({ kpi }) => kpi === index)) continue;
    const { sessions, failing } = foundKpi(kpis[index] as KpiOutcome, plan, index, totals);
    warnings.push(
      `${name}: ${failing} of ${sessions} sessions fail; nothing is judged with fewer than ` +
        `${settings.cohort_min_failing} failing or normal sessions (setting cohort_min_failing)`,
    );
  }
  if (!boundedExact) {
    warnings.push("the number of hypotheses that a bound ruled out is an estimate (HyperLogLog, standard error 0.8 %)");
  }
  return warnings;
}
