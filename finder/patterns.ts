import type { Tally } from "../engine/execution.js";
import { countDistinct, type MinedPatterns, minePatterns, type TokenSymbols, tallyTokens } from "../engine/mine.js";
import type { Walk } from "../engine/passes/tally.js";
import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import { type Candidate, foldPatterns, resolveCohorts } from "./candidates.js";
import { type Context, leakExplained } from "./context.js";
import { passesSequenceRate } from "./experts/sequence-rate.js";
import type { Explained } from "./findings.js";
import { isLeak } from "./leaks.js";
import { countPatternTests, countsP } from "./significance.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";

/** Patterns that were mined and counted. */
export interface PatternTallies {
  /** Uint32Array(tokens): bit k is 1 where no finding on KPI k may hold the token */
  readonly barredTokens: Uint32Array;
  readonly mined: MinedPatterns;
  readonly tally: Tally;
  /** Hypotheses whose tally was computed, and by class. */
  readonly tested: number;
  readonly testedOfClass: ReadonlyMap<number, number>;
  /** Hypotheses that the support bound ruled out. */
  readonly bounded: number;
  /** Whether `bounded` is exact. */
  readonly boundedExact: boolean;
  /** Float64Array(K): hypotheses with enough sessions to be reported, computed or bounded out */
  readonly tests: Float64Array;
  readonly explained: readonly Explained[];
}

/**
 * Mines what some scenario may let through.
 * @param symbols - with which the sessions are laid out
 */
export async function mine(
  context: Context,
  symbols: TokenSymbols,
  totals: Tally,
): Promise<Omit<PatternTallies, "tally">> {
  const { execution, tokens, plan, scenarios, settings, cohorts } = context;
  const lengths = [...new Set(plan.patterns.map(({ k }) => k))].sort((a, b) => a - b);
  const tokenTally = await tallyTokens(execution, symbols, execution.walk("all", false));
  const { barredTokens, explained } = barTokens(context, tokenTally, totals);
  const distinct = await countDistinct(execution, symbols, lengths, tokens.ignored.includes(true));
  const mined = await minePatterns(
    execution,
    tokens,
    { longest: Math.max(...lengths), scenarios, minSupport: settings.sequence_min_support, barredTokens, cohorts },
    tokenTally,
  );
  const testedOfClass = new Map<number, number>();
  let tested = 0;
  for (const [pattern, gram] of mined.patterns.entries()) {
    const asked = plan.patterns.find(({ k, contains }) => k === gram.length && holds(context, gram, contains));
    if (asked === undefined) continue;
    const inScenarios = scenarios.filter(({ kpi }) => !isBarred(mined, pattern, kpi)).length;
    tested += inScenarios;
    testedOfClass.set(asked.classIndex, (testedOfClass.get(asked.classIndex) ?? 0) + inScenarios);
  }
  const all = distinct.reduce((sum, { count }) => sum + count, 0) * scenarios.length;
  return {
    mined,
    barredTokens,
    tested,
    testedOfClass,
    bounded: Math.max(0, all - tested),
    boundedExact: distinct.every(({ exact }) => exact),
    tests: countPatternTests(context, distinct),
    explained,
  };
}

/** Counts every mined pattern in all sessions, by cohort and KPI. */
export function countPatterns({ execution }: Context, { automaton }: MinedPatterns, walk: Walk): Promise<Tally> {
  return execution.tally({ kind: "patterns", automaton }, walk, false);
}

/**
 * The patterns that expert 1 lets through and whose counts are no chance among all that were looked at, one for each cause
 * that their counts can tell apart.
 */
export function judgePatterns(
  context: Context,
  { mined, tally, tests }: Pick<PatternTallies, "mined" | "tally" | "tests">,
): { readonly candidates: Candidate[]; readonly explained: readonly Explained[] } {
  const { plan, scenarios, settings, cohorts, experts } = context;
  const asked = mined.patterns.map((gram) =>
    plan.patterns.some(({ k, contains }) => k === gram.length && holds(context, gram, contains)),
  );
  const explained: Explained[] = [];
  const passing = plan.kpis.map(() => ({ scenario: [] as number[], pattern: [] as number[], p: [] as number[] }));
  for (const [at, { cohort, kpi, failing, normal }] of scenarios.entries()) {
    const failingRow = tally.row(cohort, kpi, true);
    const normalRow = tally.row(cohort, kpi, false);
    const list = passing[kpi] as (typeof passing)[number];
    for (let index = 0; index < asked.length; index++) {
      if (asked[index] === false || isBarred(mined, index, kpi)) continue;
      const membersFailing = failingRow[index + 1] as number;
      const membersNormal = normalRow[index + 1] as number;
      if (!passesSequenceRate(membersFailing, membersNormal, failing, normal, settings)) continue;
      if (isLeak(membersFailing, membersNormal, failing, normal, settings)) {
        const text = patternText(context, mined.patterns[index] as readonly number[]);
        explained.push(leakExplained(context, kpi, cohort, text, membersFailing, membersNormal));
        continue;
      }
      list.scenario.push(at);
      list.pattern.push(index);
      list.p.push(countsP(membersFailing, membersFailing + membersNormal, failing, failing + normal));
    }
  }
  const groups = new Map<string, Candidate[]>();
  for (const [kpi, { scenario: at, pattern, p }] of passing.entries()) {
    // counts alone, as if every session were its own user: what fails here fails by user all the more
    const adjusted = benjaminiHochberg(Float64Array.from(p), Math.max(p.length, tests[kpi] as number));
    for (const [item, index] of pattern.entries()) {
      if (experts === "all" && (adjusted[item] as number) > settings.fdr) continue;
      const scenario = scenarios[at[item] as number] as Candidate["scenario"];
      const { cohort, failing, normal } = scenario;
      const membersFailing = tally.row(cohort, kpi, true)[index + 1] as number;
      const membersNormal = tally.row(cohort, kpi, false)[index + 1] as number;
      const subject = { kind: "pattern" as const, index };
      group(groups, `${kpi}:${index}`, {
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
  const tokensOf = ({ subject }: Candidate): readonly number[] => mined.patterns[subject.index] as readonly number[];
  return { candidates: [...byScenario.values()].flatMap((same) => foldPatterns(same, tokensOf)), explained };
}

/** A pattern as an expression. */
export function patternExpression({ tokens }: Context, gram: readonly number[]): Expression {
  return {
    kind: "sequence",
    steps: gram.map((token) => ({ kind: "step", event: tokens.tokens[token]?.text ?? "", predicate: null, at: 0 })),
    links: gram.slice(1).map(() => "=>"),
    absent: false,
    withinMs: null,
    at: 0,
  };
}

/** A pattern as it prints. */
export function patternText(context: Context, gram: readonly number[]): string {
  return printExpression(patternExpression(context, gram));
}

function isBarred(mined: MinedPatterns, pattern: number, kpi: number): boolean {
  return ((mined.barred[pattern] as number) & (1 << kpi)) !== 0;
}

function holds({ tokens }: Context, gram: readonly number[], contains: string | null): boolean {
  return contains === null || gram.some((token) => tokens.tokens[token]?.text === contains);
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
  const barredTokens = new Uint32Array(tokens.length);
  const explained: Explained[] = [];
  for (const [kpi, { barredNames }] of context.plan.kpis.entries()) {
    const failing = totals.row(0, kpi, true)[1] as number;
    const normal = totals.row(0, kpi, false)[1] as number;
    const failingRow = tokenTally.row(0, kpi, true);
    const normalRow = tokenTally.row(0, kpi, false);
    for (const [token, { names }] of tokens.entries()) {
      const own = names.some((code) => barredNames.includes(code));
      const membersFailing = failingRow[token + 1] as number;
      const membersNormal = normalRow[token + 1] as number;
      const leak = !own && isLeak(membersFailing, membersNormal, failing, normal, context.settings);
      if (leak) {
        explained.push(leakExplained(context, kpi, 0, patternText(context, [token]), membersFailing, membersNormal));
      }
      if (own || leak) barredTokens[token] = ((barredTokens[token] as number) | (1 << kpi)) >>> 0;
    }
  }
  return { barredTokens, explained };
}

function group(groups: Map<string, Candidate[]>, key: string, candidate: Candidate): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [candidate]);
  else known.push(candidate);
}
