import type { Tally } from "../engine/execution.js";
import {
  countDistinct,
  type DistinctGrams,
  type MinedPatterns,
  minePatterns,
  type TokenSymbols,
  tallyTokens,
} from "../engine/mine.js";
import type { Walk } from "../engine/passes/tally.js";
import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import { sequenceKey } from "../planner/run-plan.js";
import { type Candidate, foldPatterns, type PatternShape, resolveCohorts } from "./candidates.js";
import type { NamedPatterns } from "./collect.js";
import { type Context, leakExplained } from "./context.js";
import { countsP } from "./counts-p.js";
import { leastRateSupport, passesSequenceRate } from "./experts/sequence-rate.js";
import type { Explained } from "./findings.js";
import { type GappedTallies, isAskedBy, isGapped, mineGapped, notAskedFor } from "./gaps.js";
import { isLeak } from "./leaks.js";
import { countPatternTests, ownTokens } from "./significance.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";

/** Patterns that were mined and counted. */
export interface PatternTallies {
  /** Uint32Array(tokens): bit k is 1 where no finding on KPI k may hold the token */
  readonly barredTokens: Uint32Array;
  readonly mined: MinedPatterns;
  readonly tally: Tally;
  /** Those with gaps or within some time, which are counted already. */
  readonly gapped: GappedTallies;
  /** Hypotheses whose tally was computed, and by class. */
  readonly tested: number;
  readonly testedOfClass: ReadonlyMap<number, number>;
  /** Hypotheses that failing sessions hold, of which these alone were counted: too few for expert 1. */
  readonly rare: number;
  /** Hypotheses that the support bound ruled out without a tally. */
  readonly bounded: number;
  /** Whether `bounded` is exact. */
  readonly boundedExact: boolean;
  /** Float64Array(K): hypotheses with enough sessions to be reported, computed or bounded out */
  readonly tests: Float64Array;
  readonly explained: readonly Explained[];
  readonly warnings: readonly string[];
}

/** Counts the different sequences of each length that is mined without gaps, in all sessions. */
export async function countPlain(
  { execution, plan }: Pick<Context, "execution" | "plan">,
  symbols: TokenSymbols,
): Promise<readonly DistinctGrams[]> {
  const lengths = plainLengths(plan);
  if (lengths.length === 0) return [];
  return await countDistinct(execution, symbols, lengths);
}

/** Lengths of the sequences without gaps that are asked for, ascending. */
function plainLengths({ patterns }: Context["plan"]): number[] {
  const plain = patterns.filter((asked) => !isGapped(asked));
  return [...new Set(plain.map(({ k }) => k))].sort((a, b) => a - b);
}

/**
 * Mines what some scenario may let through; what has gaps or takes some time is counted as well, for which the sessions must still
 * have the symbols that they were laid out with.
 * @param symbols - with which the sessions are laid out
 * @param walk - over all sessions by cohort
 * @param counting - different sequences, which may be counted beside anything else
 */
export async function mine(
  context: Context,
  symbols: TokenSymbols,
  totals: Tally,
  walk: Walk,
  counting: Promise<readonly DistinctGrams[]> = countPlain(context, symbols),
): Promise<Omit<PatternTallies, "tally">> {
  const { execution, tokens, plan, scenarios, settings, cohorts } = context;
  const plain = plan.patterns.filter((asked) => !isGapped(asked));
  const tallying = tallyTokens(execution, symbols, walk);
  // while threads count: what the levels of mining walk over
  execution.walk("cohort", true);
  const tokenTally = await tallying;
  const { barredTokens, explained } = barTokens(context, tokenTally, totals);
  const gapped = await mineGapped(context, symbols, tokenTally, barredTokens, walk);
  const distinct = await counting;
  const byKpi = plan.kpis.map((_, kpi) => scenarios.filter((scenario) => scenario.kpi === kpi).length);
  const scenariosOf = (barred: number): number =>
    byKpi.reduce((sum, own, kpi) => sum + ((barred & (1 << kpi)) === 0 ? own : 0), 0);
  const kpisOf = (barred: number): number => plan.kpis.filter((_, kpi) => (barred & (1 << kpi)) === 0).length;
  let rare = 0;
  const mining = minePatterns(
    execution,
    tokens,
    {
      longest: Math.max(0, ...plainLengths(plan)),
      scenarios,
      minSupport: settings.sequence_min_support,
      barredTokens,
      cohorts,
      onRare: ({ tokens: codes, barred: own, byCohort }) => {
        const asked = plain.find((each) => isAskedBy(context, each, codes));
        if (asked === undefined) return;
        const barred = own | notAskedFor(asked, codes);
        rare += byCohort ? scenariosOf(barred) : kpisOf(barred);
      },
    },
    tokenTally,
  );
  // a failure is that of whoever waits below, if anyone comes to
  mining.catch(() => {});
  // beside the levels of mining
  const tests = await countPatternTests(context, symbols, distinct);
  const mined = await mining;
  const testedOfClass = new Map(gapped.testedOfClass);
  let tested = 0;
  for (const [pattern, gram] of mined.patterns.entries()) {
    const asked = plain.find((each) => isAskedBy(context, each, gram));
    if (asked === undefined) continue;
    const barred = (mined.barred[pattern] as number) | notAskedFor(asked, gram);
    const inScenarios = scenariosOf(barred);
    tested += inScenarios;
    testedOfClass.set(asked.classIndex, (testedOfClass.get(asked.classIndex) ?? 0) + inScenarios);
  }
  const all = distinct.reduce((sum, { count }) => sum + count, 0) * scenarios.length;
  return {
    mined,
    gapped,
    barredTokens,
    tested: tested + gapped.tested,
    testedOfClass,
    rare,
    bounded: Math.max(0, all - tested - rare) + gapped.bounded,
    boundedExact: distinct.every(({ exact }) => exact),
    tests: tests.map((own, kpi) => own + (gapped.tests[kpi] as number)),
    explained,
    warnings: gapped.warnings,
  };
}

/** Counts every mined pattern in all sessions, by cohort and KPI, where mining has not. */
export async function countPatterns(
  { execution }: Context,
  { automaton, counted }: MinedPatterns,
  walk: Walk,
): Promise<Tally> {
  return counted ?? (await execution.tally({ kind: "patterns", automaton }, walk, false));
}

/**
 * The patterns that expert 1 lets through and whose counts are no chance among all that were looked at, one for each cause
 * that their counts can tell apart.
 */
export function judgePatterns(
  context: Context,
  tallies: Pick<PatternTallies, "mined" | "tally" | "gapped" | "tests">,
): { readonly candidates: Candidate[]; readonly explained: readonly Explained[] } {
  const { scenarios, settings, cohorts, experts } = context;
  const { passing, explained } = passingOf(context, countedParts(context, tallies));
  const groups = new Map<string, Candidate[]>();
  for (const [kpi, { scenario: at, part, pattern, p }] of passing.entries()) {
    // counts alone, as if every session were its own user: what fails here fails by user all the more
    const adjusted = benjaminiHochberg(Float64Array.from(p), Math.max(p.length, tallies.tests[kpi] as number));
    for (const [item, index] of pattern.entries()) {
      if (experts === "all" && (adjusted[item] as number) > settings.fdr) continue;
      const scenario = scenarios[at[item] as number] as Candidate["scenario"];
      const { cohort, failing, normal } = scenario;
      const { kind, first, tally } = part[item] as CountedPart;
      const membersFailing = tally.row(cohort, kpi, true)[index + 1] as number;
      const membersNormal = tally.row(cohort, kpi, false)[index + 1] as number;
      const subject = { kind, index: first + index };
      group(groups, `${kpi}:${kind}:${subject.index}`, {
        subject,
        scenario,
        membersFailing,
        membersNormal,
        failing,
        normal,
        folded: [],
      });
    }
  }
  const byScenario = new Map<string, Candidate[]>();
  for (const same of groups.values()) {
    for (const candidate of resolveCohorts(same, cohorts, settings.fold_keep)) {
      group(byScenario, `${candidate.scenario.kpi}:${candidate.scenario.cohort}`, candidate);
    }
  }
  const shape = ({ subject }: Candidate): PatternShape => shapeOf(tallies, subject);
  return { candidates: [...byScenario.values()].flatMap((same) => foldPatterns(same, shape)), explained };
}

/** What expert 1 lets through on a KPI: scenario, tally, pattern in it, and the p-value of its counts but for the paper's experts. */
interface Passing {
  readonly scenario: number[];
  readonly part: CountedPart[];
  readonly pattern: number[];
  readonly p: number[];
}

function passingOf(
  context: Context,
  parts: readonly CountedPart[],
): { readonly passing: readonly Passing[]; readonly explained: Explained[] } {
  const { plan, scenarios, settings, experts } = context;
  const explained: Explained[] = [];
  const passing = plan.kpis.map((): Passing => ({ scenario: [], part: [], pattern: [], p: [] }));
  const held = new Uint32Array(Math.max(0, ...parts.map(({ barred }) => barred.length)));
  for (const [at, { cohort, kpi, failing, normal }] of scenarios.entries()) {
    const list = passing[kpi] as Passing;
    const least = Math.max(1, leastRateSupport(failing, settings));
    for (const part of parts) {
      const failingRow = part.tally.row(cohort, kpi, true);
      const count = listHeld(failingRow, part.barred, kpi, least, held);
      if (count === 0) continue;
      const normalRow = part.tally.row(cohort, kpi, false);
      for (let i = 0; i < count; i++) {
        const index = held[i] as number;
        const membersFailing = failingRow[index + 1] as number;
        const membersNormal = normalRow[index + 1] as number;
        if (!passesSequenceRate(membersFailing, membersNormal, failing, normal, settings)) continue;
        if (isLeak(membersFailing, membersNormal, failing, normal, settings)) {
          const text = printExpression(expressionOf(context, part.shapeOf(index)));
          explained.push(leakExplained(context, kpi, cohort, text, membersFailing, membersNormal));
          continue;
        }
        list.scenario.push(at);
        list.part.push(part);
        list.pattern.push(index);
        // the paper's experts do not ask what is chance
        if (experts === "paper") continue;
        list.p.push(countsP(membersFailing, membersFailing + membersNormal, failing, failing + normal));
      }
    }
  }
  return { passing, explained };
}

/** Lists the patterns that so many failing sessions hold and a KPI may use: few of all, in a loop that V8 optimises soon. Returns how many. */
function listHeld(failingRow: Uint32Array, barred: Int32Array, kpi: number, least: number, held: Uint32Array): number {
  let count = 0;
  for (let index = 0; index < barred.length; index++) {
    if ((failingRow[index + 1] as number) < least || ((barred[index] as number) & (1 << kpi)) !== 0) continue;
    held[count++] = index;
  }
  return count;
}

/** Patterns of one tally that are hypotheses, or barred. */
interface CountedPart {
  readonly kind: "pattern" | "gapped";
  /** Index among those of the kind of the one in cell 1. */
  readonly first: number;
  /** By cell, from 1: bit k is set where KPI k may not use the pattern; all bits where nobody asked for it */
  readonly barred: Int32Array;
  readonly tally: Tally;
  readonly shapeOf: (index: number) => PatternShape;
}

function countedParts(
  context: Context,
  tallies: Pick<PatternTallies, "mined" | "tally" | "gapped">,
): readonly CountedPart[] {
  const { mined, tally, gapped } = tallies;
  const plain = context.plan.patterns.filter((asked) => !isGapped(asked));
  const partOf = (kind: CountedPart["kind"], first: number, barred: Int32Array, counted: Tally): CountedPart => ({
    kind,
    first,
    barred,
    tally: counted,
    shapeOf: (index) => shapeOf(tallies, { kind, index: first + index }),
  });
  const plainBars = Int32Array.from(mined.patterns, (gram, index) => {
    const asked = plain.find((each) => isAskedBy(context, each, gram));
    return asked === undefined ? -1 : (mined.barred[index] ?? 0) | notAskedFor(asked, gram);
  });
  return [
    partOf("pattern", 0, plainBars, tally),
    ...gapped.counts.map(({ first, count, tally: counted }) => {
      const bars = Int32Array.from({ length: count }, (_, at) => gapped.patterns[first + at]?.barred ?? 0);
      return partOf("gapped", first, bars, counted);
    }),
  ];
}

/** The pattern that a candidate is about. */
export function shapeOf(
  { mined, gapped }: Pick<NamedPatterns, "mined" | "gapped">,
  { kind, index }: Candidate["subject"],
): PatternShape {
  const found = kind === "gapped" ? gapped.patterns[index] : undefined;
  return found ?? { tokens: mined.patterns[index] ?? [], adjacency: "next", withinMs: null };
}

/** Names a pattern within a run: how its steps lie, and its tokens. */
export function sequenceName({ tokens, adjacency, withinMs }: PatternShape): string {
  return `${adjacency}/${withinMs ?? ""} ${sequenceKey(tokens)}`;
}

/** A pattern as an expression. */
export function expressionOf({ tokens }: Context, { tokens: codes, adjacency, withinMs }: PatternShape): Expression {
  return {
    kind: "sequence",
    steps: codes.map((token) => ({ kind: "step", event: tokens.tokens[token]?.text ?? "", predicate: null, at: 0 })),
    links: codes.slice(1).map(() => (adjacency === "gap" ? "->" : "=>")),
    absent: false,
    withinMs,
    at: 0,
  };
}

/** A pattern without gaps as it prints. */
export function patternText(context: Context, gram: readonly number[]): string {
  return printExpression(expressionOf(context, { tokens: gram, adjacency: "next", withinMs: null }));
}

/**
 * Per token, the KPIs that may not use it: their own outcome events, and events that tell of the outcome by what they
 * cover. Every pattern that holds one is barred with it (METHODS, 1).
 */
function barTokens(
  context: Context,
  tokenTally: Tally,
  totals: Tally,
): { readonly barredTokens: Uint32Array; readonly explained: readonly Explained[] } {
  const { tokens } = context.tokens;
  const barredTokens = ownTokens(context);
  const explained: Explained[] = [];
  for (const kpi of context.plan.kpis.keys()) {
    const failing = totals.row(0, kpi, true)[1] as number;
    const normal = totals.row(0, kpi, false)[1] as number;
    const failingRow = tokenTally.row(0, kpi, true);
    const normalRow = tokenTally.row(0, kpi, false);
    for (const token of tokens.keys()) {
      const own = (((barredTokens[token] as number) >>> kpi) & 1) === 1;
      const membersFailing = failingRow[token + 1] as number;
      const membersNormal = normalRow[token + 1] as number;
      const leak = !own && isLeak(membersFailing, membersNormal, failing, normal, context.settings);
      if (leak) {
        explained.push(leakExplained(context, kpi, 0, patternText(context, [token]), membersFailing, membersNormal));
      }
      if (leak) barredTokens[token] = (barredTokens[token] as number) | (1 << kpi);
    }
  }
  return { barredTokens, explained };
}

function group(groups: Map<string, Candidate[]>, key: string, candidate: Candidate): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [candidate]);
  else known.push(candidate);
}
