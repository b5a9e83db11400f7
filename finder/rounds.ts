import type { WorkerPool } from "../engine/pool.js";
import { classKey } from "../llm/class-key.js";
import { chooseClasses, type Choice } from "../llm/choose.js";
import { neighboursOf } from "../llm/neighbours.js";
import type { Proposer } from "../llm/proposer.js";
import type { ClassReport, RoundReport } from "../llm/rounds.js";
import { ClassBeliefs, namesOf, type Priors } from "../llm/weights.js";
import { parseExpression } from "../planner/expression/parse.js";
import { eventNamesOf } from "../planner/expression/walk.js";
import { type PlannedCondition, planRun, type RunPlan } from "../planner/run-plan.js";
import type { DataStatistics } from "../planner/statistics.js";
import type { Study } from "../planner/study.js";
import type { AnyTemplate, HypothesisClass } from "../planner/templates/library.js";
import type { EventStore } from "../engine/event-store.js";
import type { TokenMap } from "../planner/tokens.js";
import { type Arm, conditionArm, patternArms, patternClasses, sequenceOf, spacingOf } from "./arms.js";
import { count, find, type FindOptions, type Found } from "./find.js";
import type { FoundBudget } from "./findings.js";
import { liftsOf } from "./lifts.js";
import type { ClassOutcome } from "./outcomes.js";
import { Random } from "./statistics/random.js";
import type { Verdict } from "./verdicts.js";

/** Sequences that one draw of an arm tests: enough to learn of it, few enough to draw others. */
const SEQUENCES_A_DRAW = 4;
/** What a test is worth to the next: something new is all that counts; more of the same cause, or of what is explained, is a hint. */
const REWARDS = { reported: 1, folded: 0.25, explained: 0.1, supported: 0.1 } as const;
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
  const warnings: string[] = [];
  const phases: { name: string; seconds: number }[] = [];
  for (let round = 1; ; round++) {
    const choice = round === 1 ? request.choice : await choiceOf(request, round, course.beliefs(), history);
    if (round > 1) warnings.push(...choice.warnings);
    const plan = await course.plan(round, choice, pool, options);
    const isLast = round === rounds;
    const { onDerived: _, ...inner } = options;
    const found = await find(request.store, plan, request.tokens, pool, {
      ...(isLast ? options : inner),
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
    if (isLast) return { found: { ...found, phases }, history, budget: course.budget(), warnings };
  }
}

/** Beliefs from what people said, before anything is tested. */
export function beliefsOf(
  library: readonly AnyTemplate[],
  verdicts: readonly Verdict[],
  priors: Priors = { names: new Map(), classes: new Map() },
): ClassBeliefs {
  const beliefs = new ClassBeliefs(library, priors);
  for (const { verdict, template, parameters } of verdicts) {
    if (verdict === "known") continue;
    beliefs.observe({ template, parameters, reward: verdict === "useful" ? 1 : 0, trials: VERDICT_TRIALS });
  }
  return beliefs;
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
    if (one.round !== round) return [];
    const { reported, folded, explained, bestEffect } = outcomes.get(index) ?? nothing;
    const { template, parameters, hypotheses: tested } = one;
    return [{ template, parameters, tested, reported, bestEffect, folded, explained }];
  });
}

const nothing: ClassOutcome = { supported: 0, reported: 0, folded: 0, explained: 0, bestEffect: null };

function rewardOf({ reported, folded, explained, supported }: ClassOutcome): number {
  if (reported > 0) return REWARDS.reported;
  if (folded > 0) return REWARDS.folded;
  if (explained > 0) return REWARDS.explained;
  return supported > 0 ? REWARDS.supported : 0;
}

/** A class that was chosen. */
interface Chosen {
  readonly chosen: HypothesisClass;
  /** Its sequences that are tested; null: all. */
  readonly only: Set<string> | null;
}

/** What rounds have chosen so far, and what they learned. */
abstract class Course {
  protected readonly request: RoundsRequest;
  protected readonly random: Random;
  protected readonly chosen = new Map<string, Chosen>();
  /** Classes that the next rounds may choose. */
  protected readonly open = new Map<string, HypothesisClass>();
  /** Classes near what was tested: what a round might have turned to, had that been found instead. */
  protected readonly beside = new Map<string, HypothesisClass>();
  protected priors: Priors = { names: new Map(), classes: new Map() };
  #last: Found | null = null;

  constructor(request: RoundsRequest) {
    this.request = request;
    this.random = new Random(request.seed);
  }

  /** Chooses the classes of a round, and plans them with all of those before. */
  abstract plan(round: number, choice: Choice, pool: WorkerPool, options: FindOptions): Promise<RunPlan>;
  abstract budget(): FoundBudget | null;

  /** Takes in what a round found; what later rounds find out about earlier classes replaces it. */
  learn(found: Found): void {
    this.#last = found;
  }

  /** What is believed now. */
  beliefs(): ClassBeliefs {
    const { library, verdicts } = this.request;
    const beliefs = beliefsOf(library, verdicts, this.priors);
    if (this.#last === null) return beliefs;
    const { classes, outcomes, opportunities } = this.#last;
    for (const [index, { template, parameters }] of classes.entries()) {
      beliefs.observe({ template, parameters, reward: rewardOf(outcomes.get(index) ?? nothing) });
    }
    for (const { classIndex, hypothesis } of opportunities) {
      const of = classes[classIndex];
      const template = library.find(({ name }) => name === of?.template);
      const named = of === undefined || template === undefined ? [] : namesOf(template, of.parameters);
      for (const event of eventNamesOf(parseExpression(hypothesis))) {
        // its class spoke for those that it names
        if (!named.includes(`event:${event}`)) beliefs.observeName(`event:${event}`, 1);
      }
    }
    return beliefs;
  }

  /** Opens the neighbourhood of what was reported, and notes that of everything else that was tested. */
  protected lookAround(round: number): void {
    if (this.#last === null) return;
    const { data, library } = this.request;
    const { classes, outcomes, opportunities } = this.#last;
    for (const [index, { template: name, parameters }] of classes.entries()) {
      const template = library.find((each) => each.name === name);
      if (template === undefined) continue;
      const own = opportunities.filter(({ classIndex }) => classIndex === index);
      const found = own.flatMap(({ hypothesis }) => eventNamesOf(parseExpression(hypothesis)));
      const isReported = (outcomes.get(index)?.reported ?? 0) > 0;
      const why = `near ${own[0]?.hypothesis ?? ""}, which round ${round - 1} reported`;
      for (const near of neighboursOf(template, parameters, [...new Set(found)], data)) {
        const key = classKey(name, near);
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

  /** The plan of what is chosen; what else might have been is noted in it. */
  protected planChosen(others: readonly HypothesisClass[]): RunPlan {
    const plan = this.planOf([...this.chosen.values()].map(({ chosen }) => chosen));
    const planned = new Set(plan.conditions.map(({ text }) => text));
    const { conditions, classes } = this.planOf(others);
    const passedOver = conditions
      .filter(({ text }) => !planned.has(text))
      .map(({ classIndex, barred }) => ({ template: classes[classIndex]?.template ?? "", barred }));
    return { ...plan, passedOver };
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
      const key = classKey(asked.template, asked.parameters);
      const inChoice = choice.classes.find(({ template, parameters }) => classKey(template, parameters) === key);
      if (inChoice !== undefined && !this.chosen.has(key)) this.#take({ ...inChoice, round });
    }
    const beliefs = this.beliefs();
    for (let left = this.request.study.settings.round_classes; left > 0 && this.open.size > 0; left--) {
      const chosen = drawOne([...this.open.values()], beliefs, this.random);
      if (chosen !== null) this.#take({ ...chosen, round });
    }
    return this.planChosen([...this.open.values(), ...this.beside.values()]);
  }

  budget(): null {
    return null;
  }

  #take(chosen: HypothesisClass): void {
    const key = classKey(chosen.template, chosen.parameters);
    this.open.delete(key);
    this.beside.delete(key);
    this.chosen.set(key, { chosen, only: null });
  }
}

/** Rounds under a budget: arms are drawn, by Thompson sampling, until it is spent. */
class BudgetCourse extends Course {
  readonly #most: number;
  readonly #arms = new Map<string, Arm>();
  /** Hypotheses that are tested, by name. */
  readonly #tested = new Set<string>();
  /** Patterns that arms were cut from, by length and spacing. */
  readonly #shapes = new Map<string, RunPlan["patterns"][number]>();

  constructor(request: RoundsRequest, most: number) {
    super(request);
    this.#most = most;
  }

  async plan(round: number, choice: Choice, pool: WorkerPool, options: FindOptions): Promise<RunPlan> {
    const { rounds, draw } = this.request;
    this.lookAround(round);
    for (const asked of choice.classes) {
      const key = classKey(asked.template, asked.parameters);
      if (!this.open.has(key)) this.open.set(key, asked);
    }
    await this.#makeArms(round, choice, pool, options);
    const left = this.#most - this.#tested.size;
    this.#draw(round, Math.ceil(left / (rounds - round + 1)), draw === "belief" ? this.beliefs() : null);
    const plan = this.planChosen([...this.open.values(), ...this.beside.values()]);
    return { ...plan, patterns: this.#patternsOf(plan) };
  }

  protected override knows(key: string): boolean {
    return this.#arms.has(key) || super.knows(key);
  }

  budget(): FoundBudget {
    const all = new Set([...this.#arms.values()].flatMap(({ hypotheses }) => hypotheses));
    return { hypotheses: this.#most, tested: this.#tested.size, left: all.size - this.#tested.size };
  }

  /** Cuts the classes that are open and were not cut yet. */
  async #makeArms(round: number, choice: Choice, pool: WorkerPool, options: FindOptions): Promise<void> {
    const { store, tokens, data, library } = this.request;
    const plan = this.planOf([...this.open.values()]);
    const conditions = new Map<string, PlannedCondition>(plan.conditions.map((each) => [each.text, each]));
    for (const [key, chosen] of this.open) {
      if (this.#arms.has(key)) continue;
      const arm = conditionArm(chosen, conditions, data, library);
      if (arm !== null) this.#arms.set(key, arm);
    }
    const fresh = patternClasses(plan).filter((one) => !this.#shapes.has(shapeKey(one)));
    if (round > 1 && fresh.length === 0) return;
    const counted = await count(store, this.planOf(fresh), tokens, pool, options);
    for (const one of fresh) {
      const asked = counted.context.plan.patterns.find(
        ({ classIndex }) => counted.context.plan.classes[classIndex] === one,
      );
      if (asked !== undefined) this.#shapes.set(shapeKey(one), asked);
    }
    const cut = patternArms(counted);
    for (const arm of cut) if (!this.#arms.has(arm.key)) this.#arms.set(arm.key, arm);
    const names = round === 1 ? liftsOf(counted) : this.priors.names;
    this.priors = { names, classes: this.#wanted(choice) };
  }

  /** How surely the prompt means each arm: as it means the class that the arm was cut from. */
  #wanted({ ranked }: Choice): ReadonlyMap<string, number> {
    const scores = new Map(ranked.map(({ template, parameters, score }) => [classKey(template, parameters), score]));
    if (scores.size === 0) return scores;
    const wanted = new Map<string, number>();
    for (const { key, chosen } of this.#arms.values()) {
      const { contains: _, ...whole } = chosen.parameters;
      const score = scores.get(key) ?? scores.get(classKey(chosen.template, whole));
      // what the prompt does not speak of is worth less where it speaks of something
      wanted.set(key, Math.min(1, score ?? 0));
    }
    return wanted;
  }

  #draw(round: number, allowance: number, beliefs: ClassBeliefs | null): void {
    let left = allowance;
    const arms = new Map([...this.#arms].filter(([, arm]) => this.#leftOf(arm).length > 0));
    while (left > 0 && arms.size > 0) {
      const candidates = [...arms.values()].map(({ chosen }) => chosen);
      const drawn =
        beliefs === null
          ? (candidates[this.random.below(candidates.length)] ?? null)
          : drawOne(candidates, beliefs, this.random);
      if (drawn === null) return;
      const key = classKey(drawn.template, drawn.parameters);
      const arm = arms.get(key) as Arm;
      const open = this.#leftOf(arm);
      const taken = arm.spacing === null ? open : open.slice(0, Math.min(SEQUENCES_A_DRAW, left));
      if (taken.length === 0 || taken.length > left) {
        arms.delete(key);
        continue;
      }
      left -= taken.length;
      this.#take(arm, taken, round);
      if (taken.length === open.length) arms.delete(key);
    }
  }

  #leftOf({ hypotheses }: Arm): readonly string[] {
    return hypotheses.filter((name) => !this.#tested.has(name));
  }

  #take({ key, chosen, spacing }: Arm, taken: readonly string[], round: number): void {
    for (const name of taken) this.#tested.add(name);
    const known = this.chosen.get(key) ?? { chosen: { ...chosen, round }, only: spacing === null ? null : new Set() };
    for (const name of taken) known.only?.add(sequenceOf(name));
    this.chosen.set(key, known);
  }

  /** Patterns as drawn; of what was not drawn the length is kept, so that its sequences are counted among those looked at. */
  #patternsOf(plan: RunPlan): RunPlan["patterns"] {
    const drawn = plan.patterns.map((asked) => {
      const { template, parameters } = plan.classes[asked.classIndex] as HypothesisClass;
      return { ...asked, only: this.chosen.get(classKey(template, parameters))?.only ?? new Set<string>() };
    });
    const known = new Set(drawn.map((asked) => `${asked.k} ${spacingOf(asked)}`));
    const others = [...this.#shapes.values()].filter((asked) => !known.has(`${asked.k} ${spacingOf(asked)}`));
    return [...drawn, ...others.map((asked) => ({ ...asked, classIndex: 0, only: new Set<string>() }))];
  }
}

/** One class: the template by what is believed of it, then the class among its own. Null where there is none. */
function drawOne(
  classes: readonly HypothesisClass[],
  beliefs: ClassBeliefs,
  random: Random,
): HypothesisClass | null {
  const best = <T>(items: readonly T[], worth: (item: T) => number): T | null => {
    let [found, most] = [null as T | null, Number.NEGATIVE_INFINITY];
    for (const item of items) {
      const value = worth(item);
      if (value > most) [found, most] = [item, value];
    }
    return found;
  };
  const names = [...new Set(classes.map(({ template }) => template))];
  const template = best(names, (name) => beliefs.drawTemplate(name, random));
  return best(
    classes.filter((one) => one.template === template),
    ({ parameters }) => beliefs.drawClass(template ?? "", parameters, random),
  );
}

function shapeKey({ template, parameters }: HypothesisClass): string {
  return classKey(template, parameters);
}
