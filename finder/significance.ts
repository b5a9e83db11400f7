import { countCommonGrams } from "../engine/common-grams.js";
import type { Tally } from "../engine/execution.js";
import { type DistinctGrams, leastSupport, type TokenSymbols } from "../engine/mine.js";
import { NOT_COUNTED } from "../engine/passes/segment.js";
import type { Context } from "./context.js";
import { benjaminiBogomolov } from "./statistics/benjamini-bogomolov.js";

/**
 * Templates whose hypotheses are a family of their own on each KPI: the paper's two, and crosses. Those of all others are one
 * family together: most of them ask a handful of questions, and a family for each would cost those that ask many.
 */
const OWN_FAMILY: ReadonlySet<string> = new Set(["event-pattern", "user-lifecycle", "cross"]);

/** A hypothesis that was tested. */
export interface Test {
  readonly template: string;
  readonly kpi: number;
  /** One-sided */
  readonly p: number;
  /** Weight among those of its family, which is 1 on average; see screen.ts */
  readonly weight: number;
}

/** Families of hypotheses, by kind and KPI, and how many hypotheses each has. */
export class Families {
  readonly #tests = new Map<string, number>();
  readonly #kpis: number;

  constructor(kpis: number) {
    this.#kpis = kpis;
  }

  /** Counts hypotheses of a template's family, computed or bounded out. */
  add(template: string, kpi: number, tests: number): void {
    if (tests > 0) this.#tests.set(familyKey(template, kpi), this.tests(template, kpi) + tests);
  }

  /** Hypotheses of a template's family. */
  tests(template: string, kpi: number): number {
    return this.#tests.get(familyKey(template, kpi)) ?? 0;
  }

  /** Families with hypotheses. */
  get size(): number {
    return this.#tests.size;
  }

  /** Hypotheses of all families. */
  get total(): number {
    return [...this.#tests.values()].reduce((sum, tests) => sum + tests, 0);
  }

  /**
   * Adjusted p-values over all families, in the order given (METHODS, 6). What is not given counts as p = 1. Each p-value is divided by its
   * weight (Genovese, Roeder & Wasserman, Biometrika 93, 2006).
   */
  adjust(
    items: readonly Test[],
    { fdr, fdr_any_dependence: any }: Pick<Context["settings"], "fdr" | "fdr_any_dependence">,
  ): Float64Array {
    const byFamily = new Map<string, number[]>([...this.#tests.keys()].map((key) => [key, []]));
    for (const [index, { template, kpi }] of items.entries()) byFamily.get(familyKey(template, kpi))?.push(index);
    const families = [...byFamily].map(([key, indices]) => ({
      pValues: Float64Array.from(indices, (index) => weighted(items[index])),
      tests: Math.max(indices.length, this.#tests.get(key) ?? 0),
    }));
    const results = benjaminiBogomolov(families, fdr, any === 1 ? "any" : "positive");
    const out = new Float64Array(items.length).fill(1);
    for (const [family, indices] of [...byFamily.values()].entries()) {
      for (const [at, index] of indices.entries()) out[index] = results[family]?.adjusted[at] as number;
    }
    return out;
  }

  /** What the run promises, in a sentence. */
  guarantee({ fdr, fdr_any_dependence: any }: Pick<Context["settings"], "fdr" | "fdr_any_dependence">): string {
    const dependence = any === 1 ? "whatever their dependence" : "if they are independent or positively dependent";
    return (
      `false discovery rate at most ${fdr} on average over the families selected, of ${this.size} families ` +
      `(kind of hypothesis × KPI of ${this.#kpis}) with ${this.total} hypotheses that had enough sessions to be reported, ${dependence} ` +
      "(Benjamini & Bogomolov 2014); one-sided p-values of members doing worse, clustered by user"
    );
  }
}

/** Sessions counted in scenarios beyond which sequences are not counted one by one: half a second of processor time. */
const MOST_COUNTED = 1 << 27;
/** A step along a sequence costs as much as counting a session in so many scenarios. */
const STEP_COST = 5;

/**
 * Hypotheses of a pattern family that could be reported at all: those with enough members, whatever becomes of the members. A
 * filter on pooled sessions costs nothing (Bourgon, Gentleman & Huber 2010), and expert 1 implies one: a tenth of the failing
 * sessions is at least so many sessions, failing or not. Counted where that is little work, else bounded: of one length at most
 * (events / least members) patterns have so many.
 * @param distinct - different sequences of each length
 * @returns hypotheses by KPI
 */
export async function countPatternTests(
  context: Context,
  symbols: TokenSymbols,
  distinct: readonly DistinctGrams[],
): Promise<Float64Array> {
  const { scenarios, plan } = context;
  const least = scenarios.map(({ failing }) => leastMembers(context, failing));
  const lengths = distinct.map(({ length }) => length);
  const events = eventsByScenario(context);
  const tests = new Float64Array(plan.kpis.length);
  const work = lengths.length * (STEP_COST * context.table.events + events.reduce((sum, own) => sum + own, 0));
  const counted =
    context.experts === "all" && work <= MOST_COUNTED ? await commonGrams(context, symbols, lengths, least) : null;
  for (const [index, { kpi }] of scenarios.entries()) {
    const most = Math.floor((events[index] as number) / (least[index] as number));
    const bound = distinct.reduce((sum, { count }) => sum + Math.min(count, most), 0);
    tests[kpi] = (tests[kpi] as number) + ((counted?.[index] ?? bound) as number);
  }
  return tests;
}

function commonGrams(
  context: Context,
  symbols: TokenSymbols,
  lengths: readonly number[],
  least: readonly number[],
): Promise<Float64Array> {
  const { execution, scenarios, cohorts, kpis, table, settings } = context;
  return countCommonGrams(execution, symbols, {
    ...{ lengths, scenarios, cohorts, least, ownTokens: ownTokens(context) },
    states: kpis.map(({ state }) => state),
    // without users each session is its own
    leastUsers: table.hasUsers ? settings.min_users : 0,
  });
}

/**
 * The same of sequences with gaps, or within some time, added to the tests of each KPI. Each has at least so many sessions, so all
 * its tokens have; and a session holds a known number of different ones.
 * @param tokenTally - sessions by token, over all cohorts
 * @param within - different sequences in each session, by length; null: of sequences without gaps, one an event at most
 */
export function countSequenceTests(
  context: Context,
  tokenTally: Tally,
  length: number,
  within: { readonly longest: number; readonly counts: Float64Array } | null,
  tests: Float64Array,
): void {
  const held =
    within === null
      ? eventsByScenario(context)
      : sumsByScenario(context, everyNth(within.counts, within.longest, length - 1));
  for (const [index, { kpi, failing }] of context.scenarios.entries()) {
    const least = leastMembers(context, failing);
    const [failingRow, normalRow] = [tokenTally.row(0, kpi, true), tokenTally.row(0, kpi, false)];
    let usable = 0;
    for (let cell = 1; cell < failingRow.length; cell++) {
      if ((failingRow[cell] as number) + (normalRow[cell] as number) >= least) usable++;
    }
    const most = Math.floor((held[index] as number) / least);
    tests[kpi] = (tests[kpi] as number) + Math.min(usable ** length, most);
  }
}

/** Uint32Array(tokens): bit k is set where the token holds an event that KPI k itself asks about, so that it may not use it (METHODS, 1) */
export function ownTokens({ tokens: { tokens }, plan }: Pick<Context, "tokens" | "plan">): Uint32Array {
  return Uint32Array.from(tokens, ({ names }) =>
    plan.kpis.reduce(
      (bits, { barredNames }, kpi) => bits | (names.some((code) => barredNames.includes(code)) ? 1 << kpi : 0),
      0,
    ),
  );
}

/** Members, failing or not, that a pattern needs in a scenario to be reported. */
function leastMembers({ settings }: Context, failing: number): number {
  return Math.max(leastSupport(failing, settings.sequence_min_support), settings.min_users);
}

/** Float64Array(scenarios): events of the sessions that count */
function eventsByScenario(context: Context): Float64Array {
  return sumsOfCells(context, context.execution.eventsOfCells);
}

/** Float64Array: of the values in rows of so many, those at a place in each */
function everyNth(values: Float64Array, width: number, at: number): Float64Array {
  const column = new Float64Array(values.length / width);
  for (let row = 0; row < column.length; row++) column[row] = values[row * width + at] as number;
  return column;
}

function addByCell(state: Uint8Array, cellOf: Uint32Array, values: Float64Array, ofCell: Float64Array): void {
  for (let session = 0; session < state.length; session++) {
    // without a branch, which could not be predicted
    const isCounted = -((state[session] as number) ^ NOT_COUNTED) >>> 31;
    const cell = cellOf[session] as number;
    ofCell[cell] = (ofCell[cell] as number) + isCounted * (values[session] as number);
  }
}

/** Sums over the sessions that count, by scenario; `values`: Float64Array(S). O(sessions × KPIs). */
function sumsByScenario(context: Context, values: Float64Array): Float64Array {
  const { cellOf, cells } = context.cohorts;
  const byKpi = context.kpis.map(({ state }) => {
    const ofCell = new Float64Array(cells);
    addByCell(state, cellOf, values, ofCell);
    return ofCell;
  });
  return sumsOfCells(context, byKpi);
}

/** Sums by scenario, of those by KPI and cell. */
function sumsOfCells({ scenarios, cohorts }: Context, ofKpis: readonly (Float64Array | Uint32Array)[]): Float64Array {
  const { cells, cohortOffsets, cohortsOfCell } = cohorts;
  const byKpi = ofKpis.map((ofCell) => {
    const ofCohort = new Float64Array(cohorts.cohorts.length);
    for (let cell = 0; cell < cells; cell++) {
      const end = cohortOffsets[cell + 1] as number;
      for (let at = cohortOffsets[cell] as number; at < end; at++) {
        const cohort = cohortsOfCell[at] as number;
        ofCohort[cohort] = (ofCohort[cohort] as number) + (ofCell[cell] as number);
      }
    }
    return ofCohort;
  });
  return Float64Array.from(scenarios, ({ kpi, cohort }) => byKpi[kpi]?.[cohort] ?? 0);
}

function weighted(test: Test | undefined): number {
  return test === undefined ? 1 : Math.min(1, test.p / test.weight);
}

/** The family, on each KPI, of a template's hypotheses. */
export function familyOf(template: string): string {
  return OWN_FAMILY.has(template) ? template : "condition";
}

function familyKey(template: string, kpi: number): string {
  return `${familyOf(template)} ${kpi}`;
}
