import type { Distribution, Effect, Explained, Findings, Opportunity } from "../finder/findings.js";
import type { Result, ResultDistribution, ResultExplained, ResultOpportunity, ResultSessions } from "./result.js";
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
      dropped: data.dropped,
      ...(run.sample === undefined || data.sampledShare === null
        ? {}
        : { sampled: { sessions_asked: run.sample, user_share: data.sampledShare } }),
    },
    run: {
      hypotheses: findings.tested,
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
      rounds: 1,
      phases: findings.phases.map(({ name, seconds }) => ({ name, seconds: Math.round(seconds * 1e4) / 1e4 })),
    },
    kpis: findings.kpis.map(({ name, description, sessions, failing, value, limits }) => ({
      name,
      ...(description === null ? {} : { description }),
      sessions,
      failing,
      value: Number.isNaN(value) ? null : value,
      ...(limits === null ? {} : { limits }),
    })),
    classes: findings.classes.map(({ template, parameters, chosenBy, round, hypotheses }) => ({
      template,
      parameters,
      chosen_by: chosenBy,
      round,
      hypotheses,
    })),
    opportunities: findings.opportunities.map((opportunity, index) => toOpportunity(opportunity, index + 1, findings)),
    explained: findings.explained.map((explained) => toExplained(explained, findings)),
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
  };
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
