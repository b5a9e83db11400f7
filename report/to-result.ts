import type { Distribution, Effect, Explained, Findings, FoundKpi, Opportunity } from "../finder/findings.js";
import type { Flow, Picture, Timeline } from "../finder/pictures/picture.js";
import type {
  Result,
  ResultCell,
  ResultDistribution,
  ResultExplained,
  ResultFlow,
  ResultKpi,
  ResultModel,
  ResultOpportunity,
  ResultSessions,
  ResultTimeline,
} from "./result.js";
import { beganOf, statementOf } from "./statement.js";

/** How the run was called. */
export interface RunRecord {
  readonly title: string;
  readonly experts: "all" | "paper";
  readonly seconds: number;
  readonly threads: number;
  readonly seed: number;
  /** Sessions asked for with `--sample`. */
  readonly sample?: number;
  /** What was looked for, in plain words. */
  readonly prompt?: string;
  readonly model?: ResultModel;
  /** By KPI: what fails, or what is measured, and among which sessions, as the study says it. */
  readonly kpiTexts: readonly { readonly expression: string; readonly among: string | null }[];
}

/** Findings as the result file tells them. */
export function toResult(findings: Findings, run: RunRecord): Result {
  const { data } = findings;
  return {
    schema: "leadline/result@1",
    title: run.title,
    data: {
      events: data.events,
      sessions: data.sessions,
      users: data.users,
      ...(data.hasUsers ? {} : { has_users: false as const }),
      from: isoTime(data.fromMs),
      to: isoTime(data.toMs),
      time_zone: data.timeZone,
      dropped: data.dropped,
      ...(run.sample === undefined || data.sampledShare === null
        ? {}
        : { sampled: { sessions_asked: run.sample, user_share: data.sampledShare } }),
    },
    run: {
      hypotheses: findings.tested,
      hypotheses_rare: findings.rare,
      hypotheses_bounded: findings.bounded,
      ...(findings.crosses === null
        ? {}
        : {
            crosses: {
              counted: findings.crosses.counted,
              ruled_out: findings.crosses.ruledOut,
              left_out: findings.crosses.left,
              budget: findings.crosses.budget,
            },
          }),
      ...(findings.guarantee === null ? {} : { guarantee: findings.guarantee }),
      experts: run.experts,
      seconds: run.seconds,
      threads: run.threads,
      seed: run.seed,
      ...(run.prompt === undefined ? {} : { prompt: run.prompt }),
      rounds: findings.rounds,
      ...(findings.budget === null
        ? {}
        : {
            budget: {
              hypotheses: findings.budget.hypotheses,
              tested: findings.budget.tested,
              left_out: findings.budget.left,
            },
          }),
      became: {
        supported: findings.became.supported,
        measured: findings.became.measured,
        significant: findings.became.significant,
        not_explained: findings.became.notExplained,
        reported: findings.opportunities.length,
      },
      settings: { ...findings.settings },
      phases: findings.phases.map(({ name, seconds }) => ({ name, seconds: Math.round(seconds * 1e4) / 1e4 })),
    },
    kpis: findings.kpis.map((kpi, index) => toKpi(kpi, run.kpiTexts[index])),
    classes: findings.classes.map(({ template, parameters, chosenBy, why, round, hypotheses }) => ({
      template,
      parameters,
      chosen_by: chosenBy,
      ...(why === undefined ? {} : { why }),
      round,
      hypotheses,
    })),
    opportunities: findings.opportunities.map((opportunity, index) => toOpportunity(opportunity, index + 1, findings)),
    explained: findings.explained.map((explained) => toExplained(explained, findings)),
    ...(run.model === undefined ? {} : { model: run.model }),
    warnings: findings.warnings,
  };
}

function toOpportunity(opportunity: Opportunity, rank: number, findings: Findings): ResultOpportunity {
  const { template, parameters } = findings.classes[opportunity.classIndex] ?? { template: "", parameters: {} };
  const began = beganOf(opportunity);
  return {
    rank,
    id: opportunity.id,
    kpi: findings.kpis[opportunity.kpi]?.name ?? "",
    cohort: opportunity.cohort,
    template,
    parameters,
    hypothesis: opportunity.hypothesis,
    statement: statementOf(opportunity, findings),
    sessions: toSessions(opportunity.contrast),
    effect: toEffect(opportunity.effect),
    experts: opportunity.opinions,
    users: opportunity.users,
    first_seen: new Date(opportunity.firstSeenMs).toISOString(),
    last_seen: new Date(opportunity.lastSeenMs).toISOString(),
    trend_bucket: opportunity.trendUnit,
    ...(began === null ? {} : { began }),
    ...(opportunity.values === null
      ? {}
      : {
          values: {
            members: toDistribution(opportunity.values.members),
            others: toDistribution(opportunity.values.others),
          },
        }),
    trend: opportunity.trend.map(({ fromMs, ...contrast }) => ({
      from: new Date(fromMs).toISOString(),
      ...toSessions(contrast),
    })),
    folded: opportunity.folded,
    examples: opportunity.examples,
    ...toPicture(opportunity.picture),
  };
}

function toKpi(kpi: FoundKpi, text: RunRecord["kpiTexts"][number] | undefined): ResultKpi {
  const { name, description, kind, worse, sessions, failing, value, series, limits } = kpi;
  return {
    name,
    ...(description === null ? {} : { description }),
    kind,
    ...(worse === null ? {} : { worse }),
    ...(text === undefined ? {} : { expression: text.expression }),
    ...(text === undefined || text.among === null ? {} : { among: text.among }),
    sessions,
    failing,
    value: finite(value),
    ...(limits === null ? {} : { limits }),
    series: series.map(({ fromMs, ...bucket }) => ({
      from: new Date(fromMs).toISOString(),
      ...bucket,
      value: finite(bucket.value),
    })),
  };
}

function toPicture({ cells, flow, timelines }: Picture): Pick<ResultOpportunity, "cells" | "flow" | "timelines"> {
  return {
    cells: cells.map(
      (cell): ResultCell => ({
        attribute: cell.attribute,
        value: cell.value,
        ...toSessions(cell),
        low: cell.interval === null ? null : cell.interval[0],
        high: cell.interval === null ? null : cell.interval[1],
      }),
    ),
    ...(flow === null ? {} : { flow: toFlow(flow) }),
    timelines: timelines.map(toTimeline),
  };
}

function toFlow({ sessions, columns, links }: Flow): ResultFlow {
  return { sessions, columns, links };
}

function toTimeline(timeline: Timeline): ResultTimeline {
  return {
    session: timeline.session,
    ...(timeline.user === null ? {} : { user: timeline.user }),
    member: timeline.isMember,
    failing: timeline.isFailing,
    ...(timeline.value === null ? {} : { value: timeline.value }),
    start: new Date(timeline.startMs).toISOString(),
    before: timeline.before,
    after: timeline.after,
    events: timeline.events.map(({ atMs, event, isMatch, isAfterOutcome }) => ({
      at_ms: atMs,
      event,
      ...(isMatch ? { match: true as const } : {}),
      ...(isAfterOutcome ? { after_outcome: true as const } : {}),
    })),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function toDistribution({ mean, median, worstTenth }: Distribution): ResultDistribution {
  return { mean, median, worst_tenth: worstTenth };
}

function toSessions(contrast: Opportunity["contrast"]): ResultSessions {
  return {
    members: contrast.members,
    members_failing: contrast.membersFailing,
    others: contrast.others,
    others_failing: contrast.othersFailing,
  };
}

function toEffect({ ratio, difference, low, high, p, q, excessFailures }: Effect): ResultOpportunity["effect"] {
  return { ratio, difference, low, high, p, q, excess_failures: excessFailures };
}

function toExplained({ kpi, cohort, hypothesis, by, evidence }: Explained, findings: Findings): ResultExplained {
  return { kpi: findings.kpis[kpi]?.name ?? "", cohort, hypothesis, by, evidence };
}

function isoTime(ms: number): string | null {
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
