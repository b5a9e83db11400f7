import type { EventStore } from "../engine/event-store.js";
import type { WorkerPool } from "../engine/pool.js";
import { type Choice, chooseClasses } from "../llm/choose.js";
import { keyOf } from "../llm/combine.js";
import { neighboursOf } from "../llm/neighbours.js";
import type { Proposer } from "../llm/proposer.js";
import type { ClassReport, RoundReport } from "../llm/rounds.js";
import { ClassBeliefs, namesOf, type Observation } from "../llm/weights.js";
import { HypothesisWorth, type Priors, type Prospect } from "../llm/worth.js";
import { parseExpression } from "../planner/expression/parse.js";
import { eventNamesOf } from "../planner/expression/walk.js";
import { type PlannedCondition, planRun, type RunPlan } from "../planner/run-plan.js";
import type { DataStatistics } from "../planner/statistics.js";
import type { Study } from "../planner/study.js";
import type { AnyTemplate, HypothesisClass } from "../planner/templates/library.js";
import type { TokenMap } from "../planner/tokens.js";
import { type Arm, conditionArms, patternArms, patternClasses } from "./arms.js";
import { CROSS } from "./crosses.js";
import { type Counted, count, type FindOptions, type Found, find } from "./find.js";
import type { FoundBudget } from "./findings.js";
import { liftsOf, strengthsOf } from "./lifts.js";
import { type ClassOutcome, outcomeKey, type Stage } from "./outcomes.js";
import { Random } from "./statistics/random.js";
import type { Verdict } from "./verdicts.js";

/** Sequences that one draw of an arm tests: enough to learn of it, few enough to draw others. */
const SEQUENCES_A_DRAW = 4;
/** What a test is worth to the next: something new is what counts, and more of the same cause, or of what is explained, adds little. */
const REWARDS: Readonly<Record<Exclude<Stage, "supported">, number>> = { reported: 1, folded: 0.1, explained: 0.1 };
/** What is worse but is not let through is worth its strength, from 0 to 1, times this: something near it may be. */
const STRENGTH_REWARD = 0.5;
/** Draws of what everything is worth that a round spends its share by: what one draw overrates takes but a part of it. */
const DRAWS_A_ROUND = 32;
/** Of what the rate of a name promises on a KPI, what is left for each next class that asks about it there: most are one cause. */
const STILL_PROMISED = 0.5;
/** Tests that a person's verdict counts as: it outweighs what one run tells. */
const VERDICT_TRIALS = 4;

/** A run in rounds. */
export interface RoundsRequest {
  readonly study: Pick<Study, "kpis" | "hypotheses" | "prompt" | "settings">;
  readonly store: EventStore;
  readonly tokens: TokenMap;
  readonly data: DataStatistics;
  readonly library: readonly AnyTemplate[];
  /** ms, of `planRun` */
  readonly lifecycleStartMs: number | null;
  /** The classes of the first round, and the plan of them. */
  readonly choice: Choice;
  readonly plan: RunPlan;
  readonly proposer: Proposer | null;
  readonly verdicts: readonly Verdict[];
  /** 1 or more. */
  readonly rounds: number;
  readonly seed: number;
  /** How arms are drawn under a budget: by what is believed of them, or all alike, which is what belief is measured against. */
  readonly draw: "belief" | "chance";
}

/** What a run in rounds found. */
export interface RoundsFound {
  /** Of the last round, which judges the hypotheses of all rounds together. */
  readonly found: Found;
  readonly history: readonly RoundReport[];
  /** Null without a budget. */
  readonly budget: FoundBudget | null;
  readonly warnings: readonly string[];
}

/**
 * Runs the rounds: each chooses classes by what those before it found, and judges all hypotheses chosen so far together, so that the
 * last one's verdict is that of one run over their union, and its false discovery rate counts all that the rounds chose from. The
 * same for any number of threads.
 * @param options - of the last `find`
 * @param onRound - called with what each round found
 * @throws LeadlineError as `find`
 */
export async function runRounds(
  request: RoundsRequest,
  pool: WorkerPool,
  options: FindOptions,
  onRound?: (round: number, found: Found) => void,
): Promise<RoundsFound> {
  const { rounds, study } = request;
  const budget = study.settings.hypothesis_budget;
  // crosses are hypotheses too, thousands of them
  const settings = budget > 0 ? { ...options.settings, cross_budget: 0 } : options.settings;
  const course = budget > 0 ? new BudgetCourse(request, budget) : new OpenCourse(request);
  const history: RoundReport[] = [];
  const warnings = new Set<string>();
  const phases: { name: string; seconds: number }[] = [];
  for (let round = 1; ; round++) {
    const choice = round === 1 ? request.choice : await choiceOf(request, round, course.beliefs(), history);
    if (round > 1) for (const warning of choice.warnings) warnings.add(warning);
    const plan = await course.plan(round, choice, pool, options);
    const isLast = round === rounds;
    const { onDerived: _, onThreadsDone: __, ...inner } = options;
    const found = await find(request.store, plan, request.tokens, pool, {
      ...(isLast ? options : { ...inner, onCounted: (counted) => course.measure(counted) }),
      // of what only feeds the next round, crosses tell nothing about classes
      settings: isLast ? settings : { ...settings, cross_budget: 0 },
    });
    for (const { name, seconds } of found.phases) {
      const known = phases.find((phase) => phase.name === name);
      if (known === undefined) phases.push({ name, seconds });
      else known.seconds += seconds;
    }
    course.learn(found);
    history.push({ round, classes: reportsOf(found, round) });
    onRound?.(round, found);
    if (isLast) {
      // the first round's are the plan's
      for (const warning of request.choice.warnings) warnings.delete(warning);
      return { found: { ...found, phases }, history, budget: course.budget(), warnings: [...warnings] };
    }
  }
}

/** Beliefs from what people said, before anything is tested. */
export function beliefsOf(library: readonly AnyTemplate[], verdicts: readonly Verdict[]): ClassBeliefs {
  const beliefs = new ClassBeliefs(library);
  for (const said of saidOf(verdicts)) beliefs.observe(said);
  return beliefs;
}

/** What people said, as tests of classes. */
function saidOf(verdicts: readonly Verdict[]): readonly Observation[] {
  return verdicts
    .filter(({ verdict }) => verdict !== "known")
    .map(({ verdict, template, parameters }) => ({
      ...{ template, parameters, reward: verdict === "useful" ? 1 : 0, trials: VERDICT_TRIALS },
    }));
}

function choiceOf(
  { study, data, library, proposer }: RoundsRequest,
  round: number,
  weights: ClassBeliefs,
  history: readonly RoundReport[],
): Promise<Choice> {
  const { hypotheses, prompt } = study;
  return chooseClasses({ hypotheses, data, library, prompt, round, proposer, weights, history });
}

/** What a round's own classes came to. */
function reportsOf({ classes, outcomes }: Found, round: number): readonly ClassReport[] {
  return classes.flatMap((one, index): ClassReport[] => {
    // crosses are made of what was chosen, and are no class to choose
    if (one.round !== round || one.template === CROSS) return [];
    const { stages, bestEffect } = outcomes.byClass.get(index) ?? nothing;
    const { template, parameters, hypotheses: tested } = one;
    const { reported, folded, explained } = stages;
    return [{ template, parameters, tested, reported, bestEffect, folded, explained }];
  });
}

const nothing: ClassOutcome = { stages: { supported: 0, explained: 0, folded: 0, reported: 0 }, bestEffect: null };

/** The reward of a test by how far the farthest of its hypotheses came. */
function rewardOf(stages: readonly { readonly stage: Stage | undefined; readonly strength: number }[]): number {
  return Math.max(
    0,
    ...stages.map(({ stage, strength }) =>
      stage === undefined || stage === "supported" ? STRENGTH_REWARD * strength : REWARDS[stage],
    ),
  );
}

/** What rounds have chosen so far, and what they learned. */
abstract class Course {
  protected readonly request: RoundsRequest;
  protected readonly random: Random;
  protected readonly chosen = new Map<string, HypothesisClass>();
  /** Classes that the next rounds may choose. */
  protected readonly open = new Map<string, HypothesisClass>();
  /** Classes near what was tested: what a round might have turned to, had that been found instead. */
  protected readonly beside = new Map<string, HypothesisClass>();
  protected last: Found | null = null;

  constructor(request: RoundsRequest) {
    this.request = request;
    this.random = new Random(request.seed);
  }

  /** Chooses the classes of a round, and plans them with all of those before. */
  abstract plan(round: number, choice: Choice, pool: WorkerPool, options: FindOptions): Promise<RunPlan>;
  abstract budget(): FoundBudget | null;

  /** Takes in what a round counted. */
  abstract measure(counted: Counted): void;

  /** Takes in what a round found; what later rounds find out about earlier classes replaces it. */
  learn(found: Found): void {
    this.last = found;
  }

  /** What is believed now. */
  beliefs(): ClassBeliefs {
    const { library, verdicts } = this.request;
    const beliefs = beliefsOf(library, verdicts);
    if (this.last === null) return beliefs;
    this.observe(this.last, beliefs);
    const { classes, opportunities } = this.last;
    for (const { classIndex, hypothesis } of opportunities) {
      const of = classes[classIndex];
      const template = library.find(({ name }) => name === of?.template);
      const named = of === undefined || template === undefined ? [] : namesOf(template, of.parameters);
      for (const event of eventNamesOf(parseExpression(hypothesis))) {
        const name = `event:${event}`;
        // its class spoke for those that it names
        if (!named.includes(name)) beliefs.observeName(name, 1);
      }
    }
    return beliefs;
  }

  /** What the tests of a round tell of their classes. */
  protected abstract observe(found: Found, beliefs: ClassBeliefs): void;

  /** Opens the neighbourhood of what was reported, and notes that of everything else that was tested. */
  protected lookAround(round: number): void {
    if (this.last === null) return;
    const { data, library } = this.request;
    const { classes, outcomes, opportunities } = this.last;
    for (const [index, { template: name, parameters }] of classes.entries()) {
      const template = library.find((each) => each.name === name);
      if (template === undefined) continue;
      const own = opportunities.filter(({ classIndex }) => classIndex === index);
      const found = own.flatMap(({ hypothesis }) => eventNamesOf(parseExpression(hypothesis)));
      const isReported = (outcomes.byClass.get(index)?.stages.reported ?? 0) > 0;
      const why = `near ${own[0]?.hypothesis ?? ""}, which round ${round - 1} reported`;
      for (const near of neighboursOf(template, parameters, [...new Set(found)], data)) {
        const key = keyOf(name, near);
        if (this.knows(key)) continue;
        const one: HypothesisClass = { template: name, parameters: near, chosenBy: "feedback", round };
        if (!isReported) this.beside.set(key, one);
        else {
          this.beside.delete(key);
          this.open.set(key, { ...one, why });
        }
      }
    }
  }

  /** Whether a class is chosen or open already, as it is or in parts. */
  protected knows(key: string): boolean {
    return this.chosen.has(key) || this.open.has(key);
  }

  protected planOf(classes: readonly HypothesisClass[]): RunPlan {
    const { study, data, lifecycleStartMs, library } = this.request;
    return planRun(study.kpis, classes, data, lifecycleStartMs, library);
  }

  /** What might have been chosen and was not, as conditions. */
  protected othersOf(): readonly {
    readonly template: string;
    readonly text: string;
    readonly barred: readonly boolean[];
  }[] {
    const { conditions, classes } = this.planOf([...this.open.values(), ...this.beside.values()]);
    return conditions.map(({ classIndex, text, barred }) => ({
      template: classes[classIndex]?.template ?? "",
      text,
      barred,
    }));
  }
}

/** Rounds without a budget: the first tests all, the others add classes near what was found. */
class OpenCourse extends Course {
  async plan(round: number, choice: Choice): Promise<RunPlan> {
    if (round === 1) {
      for (const chosen of choice.classes) this.#take(chosen);
      return this.request.plan;
    }
    this.lookAround(round);
    // who proposes has seen what was found; the grid has been tested
    for (const asked of choice.ranked) {
      const key = keyOf(asked.template, asked.parameters);
      const inChoice = choice.classes.find(({ template, parameters }) => keyOf(template, parameters) === key);
      if (inChoice !== undefined && !this.chosen.has(key)) this.#take({ ...inChoice, round });
    }
    const beliefs = this.beliefs();
    for (let left = this.request.study.settings.round_classes; left > 0 && this.open.size > 0; left--) {
      const drawn = drawOne([...this.open.values()], beliefs, this.random);
      if (drawn !== null) this.#take({ ...drawn, round });
    }
    const plan = this.planOf([...this.chosen.values()]);
    const planned = new Set(plan.conditions.map(({ text }) => text));
    return { ...plan, passedOver: this.othersOf().filter(({ text }) => !planned.has(text)) };
  }

  budget(): null {
    return null;
  }

  /** What experts let through is all that is asked of classes here. */
  measure(): void {}

  protected observe({ classes, outcomes }: Found, beliefs: ClassBeliefs): void {
    for (const [index, { template, parameters }] of classes.entries()) {
      const { stages } = outcomes.byClass.get(index) ?? nothing;
      const reached = (Object.keys(stages) as Stage[]).filter((stage) => stages[stage] > 0);
      const strength = stages.supported > 0 ? 1 : 0;
      beliefs.observe({ template, parameters, reward: rewardOf(reached.map((stage) => ({ stage, strength }))) });
    }
  }

  #take(chosen: HypothesisClass): void {
    const key = keyOf(chosen.template, chosen.parameters);
    this.open.delete(key);
    this.beside.delete(key);
    this.chosen.set(key, chosen);
  }
}

/** Rounds under a budget: arms are drawn, by what their hypotheses may be worth, until it is spent. */
class BudgetCourse extends Course {
  readonly #most: number;
  readonly #arms: Arm[] = [];
  readonly #cut = new Set<string>();
  /** The drawn arms, each with what of it is tested. */
  readonly #drawn: { readonly arm: Arm; readonly taken: readonly string[] }[] = [];
  /** Hypotheses that are tested, by `outcomeKey`. */
  readonly #tested = new Set<string>();
  /** By `outcomeKey`, how much worse the sessions of what was tested are: 0 to 1. */
  #strengths: ReadonlyMap<string, number> = new Map();
  /** The name on a KPI whose rate promises most of an arm, and how many drawn arms each such name promised. */
  readonly #promisedBy = new Map<Arm, string>();
  readonly #askedAbout = new Map<string, number>();
  #priors: Priors = { names: new Map(), classes: new Map() };
  /** Patterns that arms were cut from. */
  readonly #shapes: RunPlan["patterns"][number][] = [];

  constructor(request: RoundsRequest, most: number) {
    super(request);
    this.#most = most;
  }

  async plan(round: number, choice: Choice, pool: WorkerPool, options: FindOptions): Promise<RunPlan> {
    const { rounds, draw } = this.request;
    this.lookAround(round);
    for (const asked of choice.classes) {
      const key = keyOf(asked.template, asked.parameters);
      if (!this.open.has(key)) this.open.set(key, asked);
    }
    await this.#makeArms(round, choice, pool, options);
    const left = this.#most - this.#tested.size;
    this.#draw(round, Math.ceil(left / (rounds - round + 1)), draw);
    return this.#planDrawn();
  }

  budget(): FoundBudget {
    const all = new Set(this.#arms.flatMap(({ hypotheses }) => hypotheses));
    return { hypotheses: this.#most, tested: this.#tested.size, left: all.size - this.#tested.size };
  }

  measure(counted: Counted): void {
    this.#strengths = strengthsOf(counted);
  }

  protected override knows(key: string): boolean {
    return this.#cut.has(key) || super.knows(key);
  }

  protected observe(found: Found, beliefs: ClassBeliefs): void {
    for (const { arm, taken } of this.#drawn) beliefs.observe({ ...arm.chosen, reward: this.#rewardOf(taken, found) });
  }

  /** Cuts the classes that are open and were not cut yet. */
  async #makeArms(round: number, choice: Choice, pool: WorkerPool, options: FindOptions): Promise<void> {
    const { store, tokens, data, library, study } = this.request;
    const plan = this.planOf([...this.open.values()]);
    const conditions = new Map<string, PlannedCondition>(plan.conditions.map((each) => [each.text, each]));
    const fresh = patternClasses(plan).filter(
      ({ template, parameters }) => !this.#cut.has(keyOf(template, parameters)),
    );
    for (const [key, chosen] of this.open) {
      if (this.#cut.has(key)) continue;
      this.#cut.add(key);
      this.#arms.push(...conditionArms(chosen, conditions, study.kpis.length, data, library));
    }
    if (round === 1 || fresh.length > 0) {
      const counted = await count(store, this.planOf(fresh), tokens, pool, options);
      this.#shapes.push(...counted.context.plan.patterns);
      for (const arm of patternArms(counted)) {
        this.#cut.add(keyOf(arm.chosen.template, arm.chosen.parameters));
        this.#arms.push(arm);
      }
      if (round === 1) this.#priors = { ...this.#priors, names: liftsOf(counted) };
    }
    this.#priors = { ...this.#priors, classes: this.#wanted(choice) };
  }

  /** How surely the prompt means each arm: as it means the class that the arm was cut from. */
  #wanted({ ranked }: Choice): ReadonlyMap<string, number> {
    const scores = new Map(ranked.map(({ template, parameters, score }) => [keyOf(template, parameters), score]));
    const wanted = new Map<string, number>();
    // where the prompt speaks of something, what it does not speak of is worth less
    if (scores.size === 0) return wanted;
    for (const { chosen } of this.#arms) {
      const key = keyOf(chosen.template, chosen.parameters);
      const { contains: _, ...whole } = chosen.parameters;
      wanted.set(key, Math.min(1, scores.get(key) ?? scores.get(keyOf(chosen.template, whole)) ?? 0));
    }
    return wanted;
  }

  /** Draws arms until an allowance is spent. */
  #draw(round: number, allowance: number, draw: RoundsRequest["draw"]): void {
    const arms = new Set(this.#arms.filter((arm) => this.#leftOf(arm).length > 0));
    const next = draw === "chance" ? (): Arm => this.#drawAny(arms) : this.#drawer(arms, allowance);
    let left = allowance;
    while (left > 0 && arms.size > 0) {
      const arm = next(left);
      const own = this.#leftOf(arm);
      const taken = arm.isPatterns ? own.slice(0, Math.min(SEQUENCES_A_DRAW, left)) : own;
      // others may have taken all that it had; conditions that are more than is left wait for another round
      if (taken.length === 0 || taken.length > left) {
        arms.delete(arm);
        continue;
      }
      left -= taken.length;
      for (const key of taken) this.#tested.add(key);
      this.#drawn.push({ arm, taken });
      const by = this.#promisedBy.get(arm);
      if (by !== undefined) this.#askedAbout.set(by, (this.#askedAbout.get(by) ?? 0) + 1);
      const key = keyOf(arm.chosen.template, arm.chosen.parameters);
      if (!this.chosen.has(key)) this.chosen.set(key, { ...arm.chosen, round });
      if (taken.length === own.length) arms.delete(arm);
    }
  }

  #drawAny(arms: ReadonlySet<Arm>): Arm {
    return [...arms][this.random.below(arms.size)] as Arm;
  }

  /** Picks the arm that a draw of their worth says is best; after each part of the allowance another draw is made. */
  #drawer(arms: ReadonlySet<Arm>, allowance: number): (left: number) => Arm {
    const worth = this.#worth();
    const prospects = new Map<Arm, Prospect>();
    for (const arm of arms) {
      const prospect = worth.prospect(arm.chosen.template, arm.chosen.parameters, this.#kpiName(arm));
      prospects.set(arm, prospect);
      if (prospect.promisedBy !== null) this.#promisedBy.set(arm, prospect.promisedBy);
    }
    const part = Math.ceil(allowance / DRAWS_A_ROUND);
    let until = allowance;
    let drawn = new Map<Arm, { readonly own: number; readonly promise: number }>();
    return (left) => {
      if (left <= until) {
        const worthOf = worth.draw(this.random);
        drawn = new Map([...prospects].map(([arm, prospect]) => [arm, worthOf(prospect)]));
        until = left - part;
      }
      return best(arms, (each) => {
        const { own, promise } = drawn.get(each) as { readonly own: number; readonly promise: number };
        const by = this.#promisedBy.get(each);
        return by === undefined ? own : own + promise * STILL_PROMISED ** (this.#askedAbout.get(by) ?? 0);
      }) as Arm;
    };
  }

  /** What is believed of hypotheses by the data, the prompt, people, and what was tested. */
  #worth(): HypothesisWorth {
    const { library, verdicts } = this.request;
    const worth = new HypothesisWorth(library, this.#priors);
    for (const said of saidOf(verdicts)) worth.observe({ ...said, kpi: null });
    const { last } = this;
    if (last === null) return worth;
    for (const { arm, taken } of this.#drawn) {
      worth.observe({ ...arm.chosen, kpi: this.#kpiName(arm), reward: this.#rewardOf(taken, last) });
    }
    return worth;
  }

  #rewardOf(taken: readonly string[], { outcomes }: Found): number {
    return rewardOf(
      taken.map((key) => ({ stage: outcomes.byHypothesis.get(key), strength: this.#strengths.get(key) ?? 0 })),
    );
  }

  #leftOf({ hypotheses }: Arm): readonly string[] {
    return hypotheses.filter((key) => !this.#tested.has(key));
  }

  #kpiName({ kpi }: Arm): string {
    return this.request.study.kpis[kpi]?.name ?? "";
  }

  /** The plan of what was drawn, each hypothesis on the KPIs that it was drawn for; what was not is noted in it. */
  #planDrawn(): RunPlan {
    const plan = this.planOf([...this.chosen.values()]);
    const isTested = (name: string, kpi: number): boolean => this.#tested.has(outcomeKey(kpi, name));
    const conditions = plan.conditions.map((each) => ({
      ...each,
      barred: each.barred.map((is, kpi) => is || !isTested(each.text, kpi)),
    }));
    const passedOver = this.othersOf().map(({ template, text, barred }) => ({
      template,
      barred: barred.map((is, kpi) => is || isTested(text, kpi)),
    }));
    return { ...plan, conditions, passedOver, patterns: this.#patternsOf(plan) };
  }

  /** Patterns as drawn; of what was not drawn the length is kept, so that its sequences count among those looked at. */
  #patternsOf({ patterns, classes }: RunPlan): RunPlan["patterns"] {
    const drawn = new Map<string, Map<string, number>>();
    for (const { arm, taken } of this.#drawn) {
      if (!arm.isPatterns) continue;
      const key = keyOf(arm.chosen.template, arm.chosen.parameters);
      const only = drawn.get(key) ?? new Map<string, number>();
      drawn.set(key, only);
      for (const name of taken) {
        const sequence = name.slice(name.lastIndexOf(" ") + 1);
        only.set(sequence, (only.get(sequence) ?? 0) | (1 << arm.kpi));
      }
    }
    // the same sequence on another KPI may be of another class: the first that asks for it asks for all
    const bits = new Map<string, number>();
    const spacing = (asked: RunPlan["patterns"][number]): string => `${asked.adjacency}/${asked.withinMs ?? ""}`;
    const asked = patterns.map((each) => {
      const { template, parameters } = classes[each.classIndex] as HypothesisClass;
      return { ...each, only: drawn.get(keyOf(template, parameters)) ?? new Map<string, number>() };
    });
    for (const each of asked) {
      for (const [sequence, own] of each.only) {
        const name = `${spacing(each)} ${sequence}`;
        bits.set(name, (bits.get(name) ?? 0) | own);
      }
    }
    const merged = asked.map((each) => ({
      ...each,
      only: new Map([...each.only.keys()].map((sequence) => [sequence, bits.get(`${spacing(each)} ${sequence}`) ?? 0])),
    }));
    const nothingOf = this.#shapes.map((each) => ({ ...each, classIndex: 0, only: new Map<string, number>() }));
    return [...merged, ...nothingOf];
  }
}

/** One class: the template by what is believed of it, then the class among its own. Null where there is none. */
function drawOne(classes: readonly HypothesisClass[], beliefs: ClassBeliefs, random: Random): HypothesisClass | null {
  const names = new Set(classes.map(({ template }) => template));
  const template = best(names, (name) => beliefs.drawTemplate(name, random));
  return best(
    classes.filter((each) => each.template === template),
    (each) => beliefs.drawClass(each.template, each.parameters, random),
  );
}

function best<T>(items: Iterable<T>, worth: (item: T) => number): T | null {
  let [found, most] = [null as T | null, Number.NEGATIVE_INFINITY];
  for (const item of items) {
    const value = worth(item);
    if (value > most) [found, most] = [item, value];
  }
  return found;
}
