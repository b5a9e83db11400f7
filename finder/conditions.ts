import type { Cohorts } from "../engine/cohorts.js";
import { sharedUint8 } from "../engine/columns/shared.js";
import { type Evaluated, type Members, placeOfKpi, type Tally } from "../engine/execution.js";
import { KPIS_PER_GROUP, NOT_COUNTED } from "../engine/passes/segment.js";
import type { Walk } from "../engine/passes/tally.js";
import type { Expression } from "../planner/expression/ast.js";
import { eventNamesOf } from "../planner/expression/walk.js";
import { type Candidate, resolveCohorts, scenarioKey } from "./candidates.js";
import { type Context, leakExplained } from "./context.js";
import { countsP } from "./counts-p.js";
import { judgeCohortDifference } from "./experts/cohort-difference.js";
import type { Explained, Opinion } from "./findings.js";
import { isLeak } from "./leaks.js";
import { familyOf } from "./significance.js";
import { benjaminiHochberg } from "./statistics/benjamini-hochberg.js";

/** A condition's sessions. */
export interface ConditionMembers {
  /** Where it holds, within the population. */
  readonly members: Members;
  /** Uint8Array(S): 0 for sessions that are not compared, as is known when they start; null: all are */
  readonly population: Uint8Array | null;
}

/** Cell of the tally that counts every session. */
export const EVERY_SESSION = 1;

/** The members of each planned condition. */
export function conditionMembers(plan: Context["plan"], { conditions }: Evaluated): ConditionMembers[] {
  return plan.conditions.map(({ node, population }) => {
    const members = conditions.get(node) as Members;
    if (population === null) return { members, population: null };
    const among = conditions.get(population) as Members;
    const within = members.map((own, group) => {
      const bits = sharedUint8(own.length);
      const allowed = among[group] as Uint8Array;
      for (let session = 0; session < bits.length; session++) {
        bits[session] = (own[session] as number) & (allowed[session] as number);
      }
      return bits;
    });
    return { members: within, population: among[0] ?? null };
  });
}

/** Counts all sessions and those of every condition and its population, by cohort and KPI. */
export function countConditions(
  execution: Context["execution"],
  kpis: number,
  members: readonly ConditionMembers[],
  walk: Walk,
): Promise<Tally> {
  const groups = Math.ceil(kpis / KPIS_PER_GROUP);
  const same = (column: Uint8Array): Members => Array.from({ length: groups }, () => column);
  const all = same(sharedUint8(execution.table.sessions).fill(255));
  const columns = members.flatMap(({ members: own, population }) => [
    own,
    population === null ? all : same(population),
  ]);
  return execution.tally({ kind: "members", members: [all, ...columns] }, walk, false);
}

/** The conditions that expert 2 lets through. */
export interface JudgedConditions {
  /** Each in the cohort that its effect belongs to. */
  readonly candidates: readonly Candidate[];
  /** What the expert says, by `scenarioKey`, of those that a candidate stands for too. */
  readonly opinions: ReadonlyMap<string, Opinion>;
  /** The same conditions over all sessions, of those candidates that are conditions of a narrower cohort. */
  readonly everywhere: (candidates: readonly Candidate[]) => Map<Candidate, Candidate>;
  readonly explained: readonly Explained[];
}

/** The conditions that expert 2 lets through, each in the cohort that its effect belongs to. */
export function judgeConditions(
  context: Context,
  members: readonly ConditionMembers[],
  tally: Tally,
  barredTokens: Uint32Array | null,
): JudgedConditions {
  const { plan, scenarios, settings, cohorts, kpis } = context;
  const { fdr } = settings;
  const passing: { readonly candidate: Candidate; readonly family: string; readonly p: number }[] = [];
  const tests = new Map<string, number>();
  const opinions = new Map<string, Opinion>();
  const explained: Explained[] = [];
  const leaks = plan.conditions.map(({ expression }) => leaksOf(context, expression, barredTokens));
  const scenarioRows = kpis.map((_, kpi) =>
    scenarios.filter((scenario) => scenario.kpi === kpi).map((scenario) => rowsOf(tally, scenario)),
  );
  const attributeOf = cohorts.cohorts.map(({ values: [value, ...more] }) =>
    value === undefined || more.length > 0 ? null : value.attribute,
  );
  for (const [index, columns] of members.entries()) {
    for (const [kpi, { outcome }] of kpis.entries()) {
      if (plan.conditions[index]?.barred[kpi] === true || ((leaks[index] as number) & (1 << kpi)) !== 0) continue;
      const inScenarios = scenarioRows[kpi]?.map((rows) => candidateOf(rows, index)) ?? [];
      const family = `${familyOf(plan.classes[plan.conditions[index]?.classIndex ?? 0]?.template ?? "")} ${kpi}`;
      tests.set(family, (tests.get(family) ?? 0) + inScenarios.length);
      const candidates = inScenarios
        // without both there is nothing to compare
        .filter(({ membersFailing: f, membersNormal: n, failing, normal }) => f + n > 0 && f + n < failing + normal);
      const values = kpiValues(
        candidates,
        columns,
        kpi,
        outcome,
        context.kpis[kpi]?.state ?? new Uint8Array(0),
        cohorts,
      );
      const planned = plan.kpis[kpi]?.outcome;
      const sign = planned?.kind === "numeric" && planned.worse === "lower" ? -1 : 1;
      const breakdowns = breakdownsOf(candidates, values, attributeOf);
      for (const [at, candidate] of candidates.entries()) {
        const own = values[at] as KpiValues;
        const breakdown = breakdowns[at] ?? null;
        const opinion = judgeCohortDifference(own.members, own.all, sign, breakdown, settings);
        if (opinion.says !== "opportunity") continue;
        const { membersFailing, membersNormal, failing, normal, scenario } = candidate;
        if (isLeak(membersFailing, membersNormal, failing, normal, settings)) {
          const text = plan.conditions[index]?.text ?? "";
          explained.push(leakExplained(context, kpi, scenario.cohort, text, membersFailing, membersNormal));
          continue;
        }
        opinions.set(scenarioKey(candidate), opinion);
        // the counts of a numeric KPI's failing sessions say little of its mean
        const p =
          outcome === null ? countsP(membersFailing, membersFailing + membersNormal, failing, failing + normal) : 0;
        passing.push({ candidate, family, p });
      }
    }
  }
  for (const { template, barred } of plan.passedOver) {
    for (const { kpi } of scenarios) {
      const family = `${familyOf(template)} ${kpi}`;
      if (barred[kpi] !== true) tests.set(family, (tests.get(family) ?? 0) + 1);
    }
  }
  const clear = context.experts === "all" ? passing.filter(notChance(passing, tests, fdr)) : passing;
  const groups = new Map<string, Candidate[]>();
  for (const { candidate } of clear) {
    const key = `${candidate.subject.index}:${candidate.scenario.kpi}`;
    groups.set(key, [...(groups.get(key) ?? []), candidate]);
  }
  const judged = [...groups.values()].flatMap((same) => resolveCohorts(same, cohorts, settings.fold_keep));
  const everywhere = (candidates: readonly Candidate[]): Map<Candidate, Candidate> => {
    const found = new Map<Candidate, Candidate>();
    for (const candidate of candidates) {
      const { subject, scenario } = candidate;
      const root = scenarios.find(({ kpi, cohort }) => kpi === scenario.kpi && cohort === 0);
      if (subject.kind !== "condition" || scenario.cohort === 0 || root === undefined) continue;
      found.set(candidate, conditionIn(tally, subject.index, root));
    }
    return found;
  };
  return { candidates: judged, opinions, everywhere, explained };
}

/**
 * Whether counts alone, as if every session were its own user, are clear of chance among all that the family looks at: what
 * fails here fails by user all the more.
 */
function notChance(
  items: readonly { readonly family: string; readonly p: number }[],
  tests: ReadonlyMap<string, number>,
  fdr: number,
): (item: unknown, at: number) => boolean {
  const adjusted = new Float64Array(items.length);
  for (const [family, all] of tests) {
    const own = [...items.keys()].filter((at) => items[at]?.family === family);
    const p = benjaminiHochberg(
      Float64Array.from(own, (at) => items[at]?.p ?? 1),
      Math.max(own.length, all),
    );
    for (const [at, index] of own.entries()) adjusted[index] = p[at] as number;
  }
  return (_, at) => (adjusted[at] as number) <= fdr;
}

/** Counts of all conditions in a scenario. */
interface ScenarioRows {
  readonly scenario: Candidate["scenario"];
  readonly failing: ArrayLike<number>;
  readonly normal: ArrayLike<number>;
}

/** The counts of all conditions in a scenario. */
function rowsOf(tally: Tally, scenario: Candidate["scenario"]): ScenarioRows {
  const { kpi, cohort } = scenario;
  return { scenario, failing: tally.row(cohort, kpi, true), normal: tally.row(cohort, kpi, false) };
}

/** A condition in a scenario, by its counts over all users. */
export function conditionIn(tally: Tally, index: number, scenario: Candidate["scenario"]): Candidate {
  return candidateOf(rowsOf(tally, scenario), index);
}

function candidateOf({ scenario, failing, normal }: ScenarioRows, index: number): Candidate {
  const ownCell = EVERY_SESSION + 1 + 2 * index;
  return {
    subject: { kind: "condition", index },
    scenario,
    membersFailing: failing[ownCell] as number,
    membersNormal: normal[ownCell] as number,
    failing: failing[ownCell + 1] as number,
    normal: normal[ownCell + 1] as number,
    folded: [],
  };
}

/** Bits of the KPIs whose outcome some event of a condition tells of. */
function leaksOf({ tokens, table }: Context, expression: Expression, barredTokens: Uint32Array | null): number {
  if (barredTokens === null) return 0;
  let bits = 0;
  for (const event of eventNamesOf(expression)) {
    const name = table.names.indexOf(event);
    for (const [token, { text, names }] of tokens.tokens.entries()) {
      if (text === event || names.includes(name)) bits |= barredTokens[token] as number;
    }
  }
  return bits;
}

interface KpiValues {
  readonly members: number;
  readonly all: number;
}

/** The KPI of the members and of all sessions compared, per candidate: failure rates, or means of a numeric KPI. */
function kpiValues(
  candidates: readonly Candidate[],
  { members, population }: ConditionMembers,
  kpi: number,
  outcome: Float64Array | null,
  state: Uint8Array,
  cohorts: Cohorts,
): KpiValues[] {
  if (outcome === null) {
    return candidates.map(({ membersFailing, membersNormal, failing, normal }) => ({
      members: membersFailing / (membersFailing + membersNormal),
      all: failing / (failing + normal),
    }));
  }
  const { group, bit } = placeOfKpi(kpi);
  const own = members[group] as Uint8Array;
  const cellSums = { members: new Float64Array(cohorts.cells), all: new Float64Array(cohorts.cells) };
  for (let session = 0; session < state.length; session++) {
    if (state[session] === NOT_COUNTED || population?.[session] === 0) continue;
    const cell = cohorts.cellOf[session] as number;
    const value = outcome[session] as number;
    cellSums.all[cell] = (cellSums.all[cell] as number) + value;
    if ((((own[session] as number) >>> bit) & 1) === 1)
      cellSums.members[cell] = (cellSums.members[cell] as number) + value;
  }
  const sums = { members: new Float64Array(cohorts.cohorts.length), all: new Float64Array(cohorts.cohorts.length) };
  for (let cell = 0; cell < cohorts.cells; cell++) {
    const end = cohorts.cohortOffsets[cell + 1] as number;
    for (let at = cohorts.cohortOffsets[cell] as number; at < end; at++) {
      const cohort = cohorts.cohortsOfCell[at] as number;
      sums.members[cohort] = (sums.members[cohort] as number) + (cellSums.members[cell] as number);
      sums.all[cohort] = (sums.all[cohort] as number) + (cellSums.all[cell] as number);
    }
  }
  return candidates.map(({ scenario, membersFailing, membersNormal, failing, normal }) => ({
    members: (sums.members[scenario.cohort] as number) / (membersFailing + membersNormal),
    all: (sums.all[scenario.cohort] as number) / (failing + normal),
  }));
}

/**
 * The members' KPI by value of the attribute that a cohort of one value is made of, for each candidate.
 * @param attributeOf - by cohort; null: it is made of none, or of several
 */
function breakdownsOf(
  candidates: readonly Candidate[],
  values: readonly KpiValues[],
  attributeOf: readonly (number | null)[],
): ({ readonly values: Float64Array; readonly own: number } | null)[] {
  const placesOf = new Map<number, number[]>();
  const owns = candidates.map(({ scenario }, at) => {
    const attribute = attributeOf[scenario.cohort] ?? null;
    if (attribute === null) return null;
    const places = placesOf.get(attribute) ?? [];
    placesOf.set(attribute, places);
    return { attribute, own: places.push(at) - 1 };
  });
  const valuesOf = new Map(
    [...placesOf].map(([attribute, places]) => [
      attribute,
      Float64Array.from(places, (at) => values[at]?.members ?? Number.NaN),
    ]),
  );
  return owns.map((own) =>
    own === null ? null : { values: valuesOf.get(own.attribute) ?? new Float64Array(0), own: own.own },
  );
}
