import type { Expression } from "../planner/expression/ast.js";
import { printExpression } from "../planner/expression/print.js";
import { attributesOf } from "../planner/expression/walk.js";
import { type Buckets, fewBuckets } from "./calendar.js";
import { type Candidate, resolveCohorts, scenarioKey } from "./candidates.js";
import { type CollectRequest, collectAll, type Evidence } from "./collect.js";
import type { ConditionMembers, JudgedConditions } from "./conditions.js";
import { type Context, valuesOf } from "./context.js";
import type { OpportunitySessions } from "./derived.js";
import type { Examined } from "./examine.js";
import { Examiner } from "./examiner.js";
import { judgeSequenceRate } from "./experts/sequence-rate.js";
import type { Became, Explained, Opinion, Opportunity } from "./findings.js";
import { type Folded, foldJudged, type Judged } from "./fold.js";
import { isAskedBy, isGapped } from "./gaps.js";
import { namingOf, opportunityId, uniqueIds } from "./id.js";
import { type Dismissed, Judge } from "./judge.js";
import { type FoundOutcomes, Outcomes } from "./outcomes.js";
import { expressionOf as patternExpression, sequenceName, shapeOf } from "./patterns.js";
import { Pictures } from "./pictures/pictures.js";
import type { Screen } from "./screen.js";
import { SessionSets } from "./session-sets.js";
import { shortlist } from "./shortlist.js";
import type { Families } from "./significance.js";

/** Examples of an opportunity. */
const EXAMPLES = 5;
/** Buckets of a trend, at most. */
const MOST_BUCKETS = 31;

/** How often candidates that a dismissed one stood for are judged in its place. */
const ROUNDS = 3;

/** What the candidates come to. */
export interface Reported {
  readonly opportunities: Opportunity[];
  readonly explained: readonly Explained[];
  readonly became: Became;
  readonly outcomes: FoundOutcomes;
  /** The sessions of each opportunity. */
  readonly sessions: readonly OpportunitySessions[];
  readonly sets: SessionSets;
}

/**
 * Collects the evidence of the candidates, lets the rules of honesty judge them, folds what has one cause, keeps the best of
 * each scenario, and ranks. Where a candidate is dismissed, those that it stood for are judged in its place.
 * @param onThreadsDone - called when nothing more is asked of the threads
 */
export async function reportOpportunities(
  context: Context,
  families: Families,
  screen: Screen,
  patterns: readonly Candidate[],
  pattern: CollectRequest["patterns"],
  byCondition: JudgedConditions,
  conditions: readonly ConditionMembers[],
  onThreadsDone?: () => void,
): Promise<Reported> {
  const { execution, kpis, cohorts, table, settings, plan } = context;
  const { time } = context.events;
  const sets = SessionSets.of(execution);
  const buckets = trendBuckets(context);
  const expressionOf = ({ subject }: Candidate): Expression =>
    subject.kind === "condition" || pattern === null
      ? (plan.conditions[subject.index]?.expression as Expression)
      : patternExpression(context, shapeOf(pattern, subject));
  const templateOf = (candidate: Candidate): string =>
    plan.classes[classOf(context, candidate, pattern)]?.template ?? "";

  const judge = new Judge(context, families, screen, pattern, sets);
  const examiner = settings.top > 0 && context.experts === "all" ? new Examiner(context, sets, pattern) : null;
  const pictures = new Pictures(context, sets, pattern);
  const examined = new Map<Candidate, Examined>();
  const explained: Explained[] = [];
  const seen = new Set<string>();
  const supported = new Set<string>();
  const outcomes = new Outcomes(
    (candidate) => classOf(context, candidate, pattern),
    ({ subject }) =>
      subject.kind === "condition" || pattern === null
        ? (plan.conditions[subject.index]?.text ?? "")
        : sequenceName(shapeOf(pattern, subject)),
  );
  let insignificant = 0;
  const explain = (candidate: Candidate, { by, evidence }: Pick<Explained, "by" | "evidence">): void => {
    const { kpi, cohort } = candidate.scenario;
    const hypothesis = printExpression(expressionOf(candidate));
    explained.push({ kpi, cohort: valuesOf(context, cohort), hypothesis, by, evidence });
    outcomes.reach({ ...candidate, folded: [] }, "explained");
  };
  /** What is left to be judged in place of candidates that are dismissed. */
  const inPlaceOf = (dismissed: readonly Dismissed[]): Candidate[] =>
    dismissed.flatMap(({ candidate, dismissal }) => {
      if (dismissal.kind === "explained") {
        explained.push(dismissal.explained);
        outcomes.reach({ ...candidate, folded: [] }, "explained");
      } else insignificant++;
      return othersThan(candidate);
    });
  /** Judges candidates, and in place of those that are dismissed what they stood for. */
  const judgeAll = async (from: readonly Candidate[]): Promise<void> => {
    let open = from;
    for (let round = 0; round < ROUNDS && open.length > 0; round++) {
      const candidates = shortlist(
        open.filter((candidate) => !seen.has(scenarioKey(candidate))),
        templateOf,
      );
      for (const candidate of candidates) seen.add(scenarioKey(candidate));
      const everywhere = byCondition.everywhere(candidates);
      const all = [...candidates, ...everywhere.values()];
      const request = {
        candidates: all,
        patterns: pattern,
        conditions,
        kpis,
        cohorts,
        buckets: buckets.startsMs,
        sets,
        time,
      };
      const collecting = collectAll(execution, request);
      judge.prepare(candidates);
      const evidence = await collecting;
      const evidenceOf = new Map(all.map((candidate, at) => [candidate, evidence[at] as Evidence]));
      const dismissed = await judge.judge(
        candidates.map((candidate, at) => ({
          candidate,
          evidence: evidence[at] as Evidence,
          expression: expressionOf(candidate),
          template: templateOf(candidate),
          opinion: byCondition.opinions.get(scenarioKey(candidate)) ?? sequenceOpinion(context, candidate),
          everywhere: evidenceOf.get(everywhere.get(candidate) ?? candidate) ?? null,
        })),
      );
      open = settled(inPlaceOf(dismissed), cohorts, settings.fold_keep);
    }
  };
  /** The evidence of the same hypotheses over all sessions, of those in narrower cohorts. */
  const everywhereOf = async (heads: readonly Judged[]): Promise<Map<Candidate, Evidence>> => {
    const narrow = heads.flatMap(({ candidate }) => {
      const { kpi, cohort } = candidate.scenario;
      const root = context.scenarios.find((scenario) => scenario.kpi === kpi && scenario.cohort === 0);
      return cohort === 0 || root === undefined ? [] : [{ candidate, broad: { ...candidate, scenario: root } }];
    });
    const candidates = narrow.map(({ broad }) => broad);
    const request = { candidates, patterns: pattern, conditions, kpis, cohorts, buckets: buckets.startsMs, sets, time };
    const evidence = await collectAll(execution, request);
    return new Map(narrow.map(({ candidate }, at) => [candidate, evidence[at] as Evidence]));
  };
  const fold = (): Folded[] => {
    const judged = judge.standing();
    return kpis.flatMap((_, index) => {
      const own = judged.filter(({ candidate }) => candidate.scenario.kpi === index).sort(byRecoverable);
      return bestOfScenarios(foldJudged(own, settings), settings.top);
    });
  };

  const best = (of: readonly Folded[]): Folded[] => [...of].sort((a, b) => byRecoverable(a.head, b.head));
  /** What is told of groups, but for what the experts say who are asked last. */
  const tell = (ordered: readonly Folded[]) =>
    ordered.map(({ head, folded }) => {
      const { candidate, evidence: own, effect, opinions } = head;
      const { kpi, cohort } = candidate.scenario;
      const expression = expressionOf(candidate);
      const values = valuesOf(context, cohort);
      return {
        naming: [templateOf(candidate), plan.kpis[kpi]?.name ?? "", values, namingOf(expression)] as const,
        kpi,
        cohort: values,
        classIndex: classOf(context, candidate, pattern),
        hypothesis: printExpression(expression),
        contrast: own.contrast,
        effect,
        opinions,
        users: own.users,
        firstSeenMs: own.firstSeenMs,
        lastSeenMs: own.lastSeenMs,
        trend: own.trend,
        trendUnit: buckets.unit,
        folded: [
          ...new Set([
            ...foldedTexts(context, candidate, folded, expressionOf),
            ...explainedBy(context, explained, head, folded, expressionOf),
          ]),
        ],
        examples: examplesOf(table, own, sets),
        picture: pictures.of(candidate, own, expression),
      };
    });

  const judging = judgeAll([...patterns, ...byCondition.candidates]);
  // while the threads are at the evidence
  for (const candidate of [...patterns, ...byCondition.candidates]) {
    addStoodFor(candidate, supported);
    outcomes.reach(candidate, "supported");
  }
  await judging;
  let groups = fold();
  let told: ReturnType<typeof tell> | null = null;
  // what an expert refuses leaves room for others, and no longer stands for what was folded into it
  for (;;) {
    const refused = new Set<Candidate>();
    const heads = examiner === null ? [] : groups.map(({ head }) => head);
    const fresh = heads.filter(({ candidate }) => !examined.has(candidate));
    const broad = await everywhereOf(fresh);
    const requests = fresh.map((head) => ({
      judged: head,
      expression: expressionOf(head.candidate),
      everywhere: broad.get(head.candidate) ?? null,
    }));
    const examining = examiner?.examine(requests);
    // while the threads examine; where they refuse some it is for nothing
    told = examiner === null ? null : tell(best(groups));
    const results = (await examining) ?? [];
    for (const [at, result] of results.entries()) {
      const { candidate } = fresh[at] as Judged;
      examined.set(candidate, result);
      if (result.refusal === null) continue;
      refused.add(candidate);
      explain(candidate, result.refusal);
    }
    if (refused.size === 0) break;
    const fallen = inPlaceOf(judge.dismiss(refused));
    await judgeAll([...[...refused].flatMap(othersThan), ...fallen]);
    groups = fold();
  }
  onThreadsDone?.();
  for (const group of groups) outcomes.report(group);
  const ordered = best(groups);
  const found = (told ?? tell(ordered)).map(({ opinions, ...own }, at) => {
    const more = examined.get((ordered[at] as Folded).head.candidate);
    return { ...own, opinions: [...opinions, ...(more?.opinions ?? [])], values: more?.values ?? null };
  });
  const ids = uniqueIds(found.map(({ naming, hypothesis }) => ({ id: opportunityId(...naming), hypothesis })));
  const opportunities = found.map(({ naming: _, ...own }, at) => ({ id: ids[at] as string, ...own }));
  const became = {
    supported: supported.size,
    measured: seen.size,
    significant: seen.size - insignificant,
    notExplained: judge.stand,
  };
  const sessions = opportunities.map(({ id }, at): OpportunitySessions => {
    const { members, compared } = (ordered[at] as Folded).head.evidence;
    return { id, members, compared };
  });
  return { opportunities, explained, became, outcomes: outcomes.result(), sessions, sets };
}

/** A candidate and all that it stands for, each once. */
function addStoodFor(candidate: Candidate, into: Set<string>): void {
  into.add(scenarioKey(candidate));
  for (const inner of candidate.folded) addStoodFor(inner, into);
}

/** The stretches of time that trends are counted in. */
export function trendBuckets({
  firstStartMs,
  lastStartMs,
  timeZone,
}: Pick<Context, "firstStartMs" | "lastStartMs" | "timeZone">): Buckets {
  return fewBuckets(firstStartMs, lastStartMs, timeZone, MOST_BUCKETS, "hour");
}

/** What a dismissed candidate stood for, but for itself in other cohorts: what is wrong with it is wrong with it there too. */
function othersThan({ subject, folded }: Candidate): Candidate[] {
  return folded.filter((inner) => inner.subject.kind !== subject.kind || inner.subject.index !== subject.index);
}

/** Each hypothesis on a KPI in the cohort that stands for the others that it passes in, as in the first round. */
function settled(candidates: readonly Candidate[], cohorts: Context["cohorts"], keep: number): Candidate[] {
  const bySubject = new Map<string, Candidate[]>();
  for (const candidate of candidates) {
    const key = `${candidate.subject.kind}:${candidate.subject.index}:${candidate.scenario.kpi}`;
    bySubject.set(key, [...(bySubject.get(key) ?? []), candidate]);
  }
  return [...bySubject.values()].flatMap((list) => resolveCohorts(list, cohorts, keep));
}

/** By recoverable failures; what ties is ordered by the difference, then by its place in the plan. */
function byRecoverable(a: Judged, b: Judged): number {
  return (
    b.effect.excessFailures - a.effect.excessFailures ||
    Math.abs(b.effect.difference) - Math.abs(a.effect.difference) ||
    a.candidate.scenario.kpi - b.candidate.scenario.kpi ||
    a.candidate.scenario.cohort - b.candidate.scenario.cohort ||
    a.candidate.subject.kind.localeCompare(b.candidate.subject.kind) ||
    a.candidate.subject.index - b.candidate.subject.index
  );
}

function bestOfScenarios(groups: readonly Folded[], top: number): Folded[] {
  const taken = new Map<number, number>();
  return [...groups]
    .sort((a, b) => byRecoverable(a.head, b.head))
    .filter(({ head }) => {
      const { cohort } = head.candidate.scenario;
      const count = (taken.get(cohort) ?? 0) + 1;
      taken.set(cohort, count);
      return count <= top;
    });
}

function sequenceOpinion({ settings }: Context, candidate: Candidate): Opinion {
  const { membersFailing, membersNormal, failing, normal } = candidate;
  return judgeSequenceRate(membersFailing, membersNormal, failing, normal, settings);
}

function classOf(context: Context, { subject }: Candidate, pattern: CollectRequest["patterns"]): number {
  const { plan } = context;
  if (subject.kind === "condition") return plan.conditions[subject.index]?.classIndex ?? 0;
  if (subject.kind === "gapped") return pattern?.gapped.patterns[subject.index]?.classIndex ?? 0;
  const gram = pattern?.mined.patterns[subject.index] ?? [];
  const asked = plan.patterns.find((each) => !isGapped(each) && isAskedBy(context, each, gram));
  return asked?.classIndex ?? 0;
}

/** All that an opportunity stands for: the same hypothesis in other cohorts with the cohort's values, each text once. */
function foldedTexts(
  context: Context,
  head: Candidate,
  folded: readonly Judged[],
  expressionOf: (candidate: Candidate) => Expression,
): string[] {
  const texts = new Set<string>();
  const add = (candidate: Candidate): void => {
    texts.add(
      printExpression(inCohort(context, expressionOf(candidate), candidate.scenario.cohort, head.scenario.cohort)),
    );
    for (const inner of candidate.folded) add(inner);
  };
  for (const inner of head.folded) add(inner);
  for (const { candidate } of folded) add(candidate);
  texts.delete(printExpression(expressionOf(head)));
  return [...texts];
}

/**
 * Hypotheses that an attribute explains, where the opportunity is one on that attribute or stands for one: what a stronger one
 * explains is listed under it.
 */
function explainedBy(
  { table }: Context,
  explained: readonly Explained[],
  head: Judged,
  folded: readonly Judged[],
  expressionOf: (candidate: Candidate) => Expression,
): string[] {
  const { kpi } = head.candidate.scenario;
  const told = new Set([head, ...folded].flatMap(({ candidate }) => attributesOf(expressionOf(candidate))));
  const attributes = table.attributes.map(({ name }) => name).filter((name) => told.has(name));
  return explained
    .filter((each) => each.kpi === kpi && attributes.some((name) => each.within === name))
    .map(({ hypothesis }) => hypothesis);
}

/** An expression with a cohort's values as conjuncts, where the cohort is not the one that is told anyway. */
function inCohort(context: Context, expression: Expression, cohort: number, told: number): Expression {
  const entries = cohort === told ? [] : Object.entries(valuesOf(context, cohort));
  if (entries.length === 0) return expression;
  const values = entries.map(
    ([name, value]): Expression => ({
      kind: "compare",
      op: "==",
      left: { kind: "attribute", name, at: 0 },
      right: { kind: "literal", value, at: 0 },
      at: 0,
    }),
  );
  return { kind: "and", items: [expression, ...values], at: 0 };
}

/** Failing member sessions, each of another user. */
function examplesOf(table: Context["table"], { members, failing }: Evidence, sets: SessionSets): string[] {
  const examples: string[] = [];
  let [user, userEnd] = [-1, 0];
  sets.forEachOfBoth(members, failing, (session) => {
    if (session < userEnd) return true;
    while ((table.userOffsets[user + 1] as number) <= session) user++;
    userEnd = table.userOffsets[user + 1] as number;
    examples.push(table.idOf(session));
    return examples.length < EXAMPLES;
  });
  return examples;
}
