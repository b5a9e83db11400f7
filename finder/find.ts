import { LeadlineError } from "../errors.js";
import { type Cohorts, findCohorts } from "../engine/cohorts.js";
import type { EventTable } from "../engine/columns/event-table.js";
import { type Evaluated, Execution, type KpiOutcome, type Tally } from "../engine/execution.js";
import {
  countDistinct,
  type MinedPatterns,
  minePatterns,
  type Scenario,
  symboliseTokens,
  tallyTokens,
} from "../engine/mine.js";
import { FAILING, NOT_COUNTED } from "../engine/passes/segment.js";
import type { WorkerPool } from "../engine/pool.js";
import { sharedUint8 } from "../engine/columns/shared.js";
import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import type { RunPlan } from "../planner/run-plan.js";
import type { Settings } from "../planner/settings.js";
import type { TokenMap } from "../planner/tokens.js";
import { type Candidate, excessOf, foldPatterns, resolveCohorts } from "./candidates.js";
import { collectAll, type Evidence, MemberBits } from "./collect.js";
import { effectOf } from "./effect.js";
import { judgeCohortDifference } from "./experts/cohort-difference.js";
import { judgeSequenceRate, passesSequenceRate } from "./experts/sequence-rate.js";
import type { CohortValues, Explained, Findings, FoundKpi, Opinion, Opportunity } from "./findings.js";
import { foldJudged, type Judged } from "./fold.js";
import { opportunityId } from "./id.js";
import { isLeak } from "./leaks.js";
import { cohortValues, findScenarios } from "./scenarios.js";

/** KPIs that one run can take: a pattern's bars are the bits of a 32-bit word. */
const MOST_KPIS = 32;
/** Candidates of a KPI whose evidence is collected: many times what is reported, and few enough to keep their members. */
const MOST_CANDIDATES = 200;
/** Examples of an opportunity. */
const EXAMPLES = 5;
/** Buckets of a trend, at most. */
const MOST_BUCKETS = 31;
const HOUR_MS = 3_600_000;
const BUCKET_WIDTHS_MS = [HOUR_MS, 6 * HOUR_MS, 24 * HOUR_MS, 7 * 24 * HOUR_MS, 28 * 24 * HOUR_MS, 364 * 24 * HOUR_MS];

/** How hypotheses are judged. */
export interface FindOptions {
  readonly experts: "all" | "paper";
  /** Session starts, half-open, ms; infinite: no bound */
  readonly fromMs: number;
  readonly toMs: number;
  readonly settings: Settings;
  /** Called when a phase begins, and with how far it is. */
  readonly onProgress?: (phase: "evaluate" | "mine" | "count" | "judge", done: number, total: number) => void;
}

/** What `find` adds to what its caller knows of the data. */
export type Found = Pick<
  Findings,
  "kpis" | "classes" | "tested" | "bounded" | "opportunities" | "explained" | "warnings" | "phases"
>;

/**
 * Evaluates a plan over an event table, lets the experts judge every hypothesis in every scenario, folds what has one cause
 * and ranks what is left by recoverable failures.
 * @throws LeadlineError `unsupported` for more than 32 KPIs; `worker-failed`; `aborted`
 */
export async function find(
  table: EventTable,
  plan: RunPlan,
  tokens: TokenMap,
  pool: WorkerPool,
  options: FindOptions,
): Promise<Found> {
  if (plan.kpis.length > MOST_KPIS) {
    throw new LeadlineError("unsupported", `unsupported number of KPIs: ${plan.kpis.length}; a run takes ${MOST_KPIS}`);
  }
  return await new Run(table, plan, tokens, pool, options).run();
}

class Run {
  readonly #table: EventTable;
  readonly #plan: RunPlan;
  readonly #tokens: TokenMap;
  readonly #options: FindOptions;
  readonly #execution: Execution;
  readonly #phases: { name: string; seconds: number }[] = [];
  readonly #warnings: string[] = [];
  readonly #explained: Explained[] = [];

  constructor(table: EventTable, plan: RunPlan, tokens: TokenMap, pool: WorkerPool, options: FindOptions) {
    this.#table = table;
    this.#plan = plan;
    this.#tokens = tokens;
    this.#options = options;
    this.#execution = new Execution(table, tokens, pool);
  }

  async run(): Promise<Found> {
    const { settings } = this.#options;
    const evaluated = await this.#phase("evaluate", () => this.#evaluate());
    const { kpis } = evaluated;
    const cohorts = this.#cohorts(kpis);
    const order = this.#execution.order(cohorts, false);
    const members = this.#conditionMembers(evaluated);
    const conditionTally = await this.#phase("count", () =>
      this.#execution.tally({ kind: "members", members: [this.#everySession(), ...members.flat()] }, order, false),
    );
    const scenarios = findScenarios(this.#plan.kpis, cohorts, this.#table.attributes, conditionTally, settings.cohort_min_failing);
    this.#warnOfEmpty(kpis, scenarios);
    const patterns = this.#plan.patterns.length > 0 ? await this.#patterns(scenarios, cohorts, order, conditionTally) : null;

    const conditions = this.#plan.conditions.map((_, index) => ({
      members: members[index]?.[0] as Uint8Array,
      population: members[index]?.[1] ?? null,
    }));
    return await this.#phase("judge", async () => {
      const candidates = [
        ...(patterns === null ? [] : this.#judgePatterns(patterns.mined, patterns.tally, scenarios, cohorts)),
        ...this.#judgeConditions(conditionTally, members, kpis, cohorts, scenarios),
      ];
      const opportunities = await this.#report(candidates, patterns?.mined ?? null, conditions, kpis, cohorts);
      const conditionTests = this.#plan.conditions.length * scenarios.length;
      return {
        kpis: this.#foundKpis(kpis),
        classes: this.#plan.classes.map((chosen, index) => ({
          ...chosen,
          hypotheses:
            (patterns?.testedOfClass.get(index) ?? 0) +
            this.#plan.conditions.filter((condition) => condition.classIndex === index).length * scenarios.length,
        })),
        tested: (patterns?.tested ?? 0) + conditionTests,
        bounded: patterns?.bounded ?? 0,
        opportunities,
        explained: this.#explained,
        warnings: [...this.#plan.warnings, ...this.#warnings],
        phases: this.#phases,
      };
    });
  }

  async #phase<T>(name: "evaluate" | "mine" | "count" | "judge", work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    this.#options.onProgress?.(name, 0, 1);
    const result = await work();
    this.#options.onProgress?.(name, 1, 1);
    const seconds = (performance.now() - start) / 1000;
    const known = this.#phases.find((phase) => phase.name === name);
    if (known === undefined) this.#phases.push({ name, seconds });
    else known.seconds += seconds;
    return result;
  }

  #evaluate(): Promise<Evaluated> {
    const { nodes, kpis, conditions } = this.#plan;
    const wanted = conditions.flatMap(({ node, population }) => (population === null ? [node] : [node, population]));
    const { fromMs, toMs, settings, experts } = this.#options;
    return this.#execution.evaluate(nodes, kpis, [...new Set(wanted)], {
      fromMs,
      toMs,
      failingQuantile: settings.numeric_failing_quantile,
      outcomeTime: experts !== "paper",
    });
  }

  #cohorts(kpis: readonly KpiOutcome[]): Cohorts {
    const { attributes, userOffsets, sessions } = this.#table;
    const counted = new Uint8Array(sessions);
    for (const { state } of kpis) {
      for (let session = 0; session < sessions; session++) if (state[session] !== NOT_COUNTED) counted[session] = 1;
    }
    return findCohorts(attributes, userOffsets, counted, this.#options.settings.cohort_min_share);
  }

  #everySession(): Uint8Array {
    return sharedUint8(this.#table.sessions).fill(1);
  }

  /** Per condition: its members within its population, and the population where it has one. */
  #conditionMembers({ conditions }: Evaluated): Uint8Array[][] {
    return this.#plan.conditions.map(({ node, population }) => {
      const members = conditions.get(node) as Uint8Array;
      if (population === null) return [members];
      const among = conditions.get(population) as Uint8Array;
      const within = sharedUint8(members.length);
      for (let session = 0; session < within.length; session++) {
        within[session] = (members[session] as number) & (among[session] as number);
      }
      return [within, among];
    });
  }

  #warnOfEmpty(kpis: readonly KpiOutcome[], scenarios: readonly Scenario[]): void {
    for (const [index, { name }] of this.#plan.kpis.entries()) {
      if (scenarios.some(({ kpi }) => kpi === index)) continue;
      const state = kpis[index]?.state ?? new Uint8Array(0);
      let [counted, failing] = [0, 0];
      for (const standing of state) {
        if (standing !== NOT_COUNTED) counted++;
        if (standing === FAILING) failing++;
      }
      this.#warnings.push(
        `${name}: ${failing} of ${counted} sessions fail; with fewer than ${this.#options.settings.cohort_min_failing} ` +
          "failing or normal sessions nothing is judged (setting cohort_min_failing)",
      );
    }
  }

  async #patterns(
    scenarios: readonly Scenario[],
    cohorts: Cohorts,
    order: Parameters<Execution["tally"]>[1],
    totals: Tally,
  ): Promise<{
    readonly mined: MinedPatterns;
    readonly tally: Tally;
    readonly tested: number;
    readonly bounded: number;
    readonly testedOfClass: ReadonlyMap<number, number>;
  }> {
    const { settings } = this.#options;
    const asked = this.#plan.patterns;
    const lengths = [...new Set(asked.map(({ k }) => k))].sort((a, b) => a - b);
    const { mined, distinct } = await this.#phase("mine", async () => {
      const symbols = await symboliseTokens(this.#execution, this.#tokens);
      const single = this.#execution.order(null, false);
      const tokenTally = await tallyTokens(this.#execution, symbols, single);
      const barredTokens = this.#bar(tokenTally, totals);
      const request = {
        longest: Math.max(...lengths),
        scenarios,
        minSupport: settings.sequence_min_support,
        barredTokens,
        cohorts,
      };
      const grams = await countDistinct(this.#execution, symbols, lengths, this.#tokens.ignored.includes(true));
      return { mined: await minePatterns(this.#execution, this.#tokens, request, tokenTally), distinct: grams };
    });
    const tally = await this.#phase("count", () => {
      const { automaton, symbols } = mined;
      return this.#execution.tally({ kind: "patterns", automaton, symbols }, order, false);
    });
    const allowed = (pattern: number): number =>
      scenarios.filter(({ kpi }) => ((mined.barred[pattern] as number) & (1 << kpi)) === 0).length;
    const testedOfClass = new Map<number, number>();
    let tested = 0;
    for (const [pattern, gram] of mined.patterns.entries()) {
      const first = asked.find(({ k, contains }) => k === gram.length && this.#holds(gram, contains));
      if (first === undefined) continue;
      tested += allowed(pattern);
      testedOfClass.set(first.classIndex, (testedOfClass.get(first.classIndex) ?? 0) + allowed(pattern));
    }
    const all = distinct.reduce((sum, { count }) => sum + count, 0) * scenarios.length;
    if (distinct.some(({ exact }) => !exact)) {
      this.#warnings.push("the number of hypotheses that were ruled out by a bound is an estimate (HyperLogLog, 0.8 %)");
    }
    return { mined, tally, tested, bounded: Math.max(0, all - tested), testedOfClass };
  }

  #holds(gram: readonly number[], contains: string | null): boolean {
    return contains === null || gram.some((token) => this.#tokens.tokens[token]?.text === contains);
  }

  /** Per token, the KPIs that may not use it: their own outcome events, and events that tell the outcome by what they cover. */
  #bar(tokenTally: Tally, totals: Tally): Uint32Array {
    const { tokens } = this.#tokens;
    const barred = new Uint32Array(tokens.length);
    for (const [kpi, { barredNames, name }] of this.#plan.kpis.entries()) {
      const [failing, normal] = [totals.row(0, kpi, true)[1] as number, totals.row(0, kpi, false)[1] as number];
      const [failingRow, normalRow] = [tokenTally.row(0, kpi, true), tokenTally.row(0, kpi, false)];
      for (const [token, { names, text }] of tokens.entries()) {
        const own = names.some((code) => barredNames.includes(code));
        const membersFailing = failingRow[token + 1] as number;
        const membersNormal = normalRow[token + 1] as number;
        const leak = !own && isLeak(membersFailing, membersNormal, failing, normal, this.#options.settings);
        if (leak) {
          this.#explained.push({
            kpi,
            cohort: {},
            hypothesis: printEvent(text),
            by: `tells of the outcome: nearly every session is in it exactly if it ${membersFailing > failing / 2 ? "fails" : "does not fail"} ${name}`,
            evidence: { members_failing: membersFailing, members_normal: membersNormal, failing, normal },
          });
        }
        if (own || leak) barred[token] = (barred[token] as number) | (1 << kpi);
      }
    }
    return barred;
  }

  #judgePatterns(mined: MinedPatterns, tally: Tally, scenarios: readonly Scenario[], cohorts: Cohorts): Candidate[] {
    const { settings } = this.#options;
    const asked = this.#plan.patterns;
    const wanted = mined.patterns.map((gram) =>
      asked.some(({ k, contains }) => k === gram.length && this.#holds(gram, contains)),
    );
    const byPattern = new Map<string, Candidate[]>();
    for (const scenario of scenarios) {
      const { cohort, kpi, failing, normal } = scenario;
      const [failingRow, normalRow] = [tally.row(cohort, kpi, true), tally.row(cohort, kpi, false)];
      for (const [index, isWanted] of wanted.entries()) {
        if (!isWanted || ((mined.barred[index] as number) & (1 << kpi)) !== 0) continue;
        const [membersFailing, membersNormal] = [failingRow[index + 1] as number, normalRow[index + 1] as number];
        if (!passesSequenceRate(membersFailing, membersNormal, failing, normal, settings)) continue;
        if (isLeak(membersFailing, membersNormal, failing, normal, settings)) {
          this.#explainLeak(kpi, cohortValues(cohorts, cohort, this.#table.attributes), this.#patternText(mined, index), {
            members_failing: membersFailing,
            members_normal: membersNormal,
          });
          continue;
        }
        const candidate: Candidate = {
          subject: { kind: "pattern", index },
          scenario,
          membersFailing,
          membersNormal,
          failing,
          normal,
          folded: [],
        };
        const key = `${kpi}:${index}`;
        const known = byPattern.get(key);
        if (known === undefined) byPattern.set(key, [candidate]);
        else known.push(candidate);
      }
    }
    const placed = [...byPattern.values()].flatMap((same) => this.#oneCohort(same, cohorts));
    const byScenario = new Map<string, Candidate[]>();
    for (const candidate of placed) {
      const key = `${candidate.scenario.kpi}:${candidate.scenario.cohort}`;
      byScenario.set(key, [...(byScenario.get(key) ?? []), candidate]);
    }
    const tokensOf = ({ subject }: Candidate): readonly number[] => mined.patterns[subject.index] as readonly number[];
    return [...byScenario.values()].flatMap((same) => foldPatterns(same, tokensOf));
  }

  #oneCohort(candidates: readonly Candidate[], cohorts: Cohorts): Candidate[] {
    return resolveCohorts(candidates, cohorts, this.#options.settings.fold_keep);
  }

  #explainLeak(kpi: number, cohort: CohortValues, hypothesis: string, evidence: Explained["evidence"]): void {
    const by = `tells of the outcome: its sessions are nearly the failing ones of ${this.#plan.kpis[kpi]?.name ?? ""}`;
    this.#explained.push({ kpi, cohort, hypothesis, by, evidence });
  }

  #judgeConditions(
    tally: Tally,
    members: readonly (readonly Uint8Array[])[],
    kpis: readonly KpiOutcome[],
    cohorts: Cohorts,
    scenarios: readonly Scenario[],
  ): Candidate[] {
    const candidates: Candidate[] = [];
    let cell = 2;
    for (const [index, columns] of members.entries()) {
      const ownCell = cell;
      const populationCell = columns.length > 1 ? cell + 1 : 1;
      cell += columns.length;
      const judged = scenarios.map((scenario) => {
        const { cohort, kpi } = scenario;
        const [failingRow, normalRow] = [tally.row(cohort, kpi, true), tally.row(cohort, kpi, false)];
        const candidate: Candidate = {
          subject: { kind: "condition", index },
          scenario,
          membersFailing: failingRow[ownCell] as number,
          membersNormal: normalRow[ownCell] as number,
          failing: failingRow[populationCell] as number,
          normal: normalRow[populationCell] as number,
          folded: [],
        };
        return candidate;
      });
      const means = this.#meansOf(columns, kpis, cohorts);
      for (const kpi of kpis.keys()) {
        const ofKpi = judged.filter(({ scenario }) => scenario.kpi === kpi);
        const passing = ofKpi.filter((candidate) => this.#conditionOpinion(candidate, ofKpi, means, cohorts).says === "opportunity");
        for (const candidate of passing) this.#opinions.set(candidate, [this.#conditionOpinion(candidate, ofKpi, means, cohorts)]);
        const honest = passing.filter((candidate) => {
          const { membersFailing, membersNormal, failing, normal, scenario } = candidate;
          if (!isLeak(membersFailing, membersNormal, failing, normal, this.#options.settings)) return true;
          const cohort = cohortValues(cohorts, scenario.cohort, this.#table.attributes);
          this.#explainLeak(kpi, cohort, this.#plan.conditions[index]?.text ?? "", {
            members_failing: membersFailing,
            members_normal: membersNormal,
          });
          return false;
        });
        candidates.push(...this.#oneCohort(honest, cohorts));
      }
    }
    return candidates;
  }
}
