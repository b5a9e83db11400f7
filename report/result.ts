/**
 * The result file, `leadline/result@1`: what a run found, as data. Later versions add fields and never rename or change
 * one; readers ignore what they do not know. Infinity and NaN never appear.
 */
export interface Result {
  readonly schema: "leadline/result@1";
  readonly title: string;
  readonly data: ResultData;
  readonly run: ResultRun;
  readonly kpis: readonly ResultKpi[];
  readonly classes: readonly ResultClass[];
  /** Best first, over all experts and scenarios. */
  readonly opportunities: readonly ResultOpportunity[];
  readonly explained: readonly ResultExplained[];
  /** What people said they know, and what is no worse since: found as well, and not shown. Absent: nothing. */
  readonly known?: readonly ResultKnown[];
  /** What people had said of earlier opportunities when the run was made, so that it can be repeated; absent: nothing. */
  readonly verdicts?: readonly ResultVerdict[];
  /** Present with `--since`. */
  readonly since?: ResultSince;
  /** Present where a model was asked, or its record replayed. */
  readonly model?: ResultModel;
  /** Sentences about the data and the run that a reader should know. */
  readonly warnings: readonly string[];
}

/** What was read, after the time window. */
export interface ResultData {
  readonly events: number;
  readonly sessions: number;
  readonly users: number;
  /** Present and false where the data have no user column: then each session stands for a user of its own. */
  readonly has_users?: false;
  /** ISO time of the first session's start; null without sessions */
  readonly from: string | null;
  /** ISO time of the last event; null without sessions */
  readonly to: string | null;
  /** The study's, in which reports show days and times; absent in older files: UTC. All times of this file are UTC. */
  readonly time_zone?: string;
  /** Present where user and session ids were replaced by numbers that mean nothing outside this result. */
  readonly redacted?: true;
  /** Rows that could not be used, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Present with `--sample`: the share of users that was kept. */
  readonly sampled?: { readonly sessions_asked: number; readonly user_share: number };
}

/** How it was run. */
export interface ResultRun {
  /** Hypotheses whose tally was computed: a distinct expression × KPI × cohort counts as one. */
  readonly hypotheses: number;
  /**
   * Hypotheses of which the failing sessions alone were counted, and are fewer than expert 1 asks for. Absent in results of versions that
   * counted them among those that a bound ruled out.
   */
  readonly hypotheses_rare?: number;
  /** Hypotheses that a bound ruled out before any tally. */
  readonly hypotheses_bounded: number;
  /**
   * The search for crosses, what fails only where two hypotheses or three hold together: how many were counted, whatever the
   * cohorts, how many no scenario could let through, how many the budget left out, and the budget a KPI. Absent where there
   * was nothing to cross.
   */
  readonly crosses?: {
    readonly counted: number;
    readonly ruled_out: number;
    readonly left_out: number;
    readonly budget: number;
  };
  /** What the run promises of its opportunities, in a sentence; absent for `--experts paper`, which promises nothing. */
  readonly guarantee?: string;
  readonly experts: "all" | "paper";
  /** What became of the hypotheses: how many of them came so far. */
  readonly became?: ResultBecame;
  /** All thresholds of the run, by name; docs/SETTINGS.md says what each means. */
  readonly settings?: Readonly<Record<string, number>>;
  readonly seconds: number;
  readonly threads: number;
  readonly seed: number;
  /** What was looked for, in plain words; absent: nothing in particular. */
  readonly prompt?: string;
  /** Rounds of choosing classes and testing them. */
  readonly rounds: number;
  /**
   * With the setting `hypothesis_budget`: how many hypotheses (an expression on a KPI, whatever the cohorts) the run might test at the
   * most, tested, and left of those that it chose from; those count among all that was looked at too.
   */
  readonly budget?: { readonly hypotheses: number; readonly tested: number; readonly left_out: number };
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
}

/** Steps of the way of a hypothesis, after `hypotheses` that were tested. */
export interface ResultBecame {
  /** An expert let them through, by counts. */
  readonly supported: number;
  /** One of each cause that counts can tell apart: its evidence was collected by user. */
  readonly measured: number;
  /** Enough users, clear of chance and beyond the effect floor, or explained away before that was asked. */
  readonly significant: number;
  /** Nothing explains them away. */
  readonly not_explained: number;
  /** What is left after folding, and after the best of each scenario were taken. */
  readonly reported: number;
}

/** A KPI over all sessions. */
export interface ResultKpi {
  readonly name: string;
  readonly description?: string;
  readonly kind?: "binary" | "numeric";
  /** Which way a numeric KPI is worse. */
  readonly worse?: "higher" | "lower";
  /** What fails, or what is measured, as the study says it. */
  readonly expression?: string;
  /** Which sessions count, as the study says it; absent: all. */
  readonly among?: string;
  /** Sessions that count. */
  readonly sessions: number;
  readonly failing: number;
  /** Binary: the failure rate; numeric: the mean. Null where no session counts. */
  readonly value: number | null;
  /** Over time, in stretches of equal length; `value` is null where no session counts. */
  readonly series?: readonly {
    readonly from: string;
    readonly sessions: number;
    readonly failing: number;
    readonly value: number | null;
  }[];
  /** What values of a numeric KPI beyond count as, and in how many sessions; absent where none lies beyond. The mean above is of the values as they are. */
  readonly limits?: { readonly low: number; readonly high: number; readonly sessions: number };
}

/** A template with its parameters filled in. */
export interface ResultClass {
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly chosen_by: "grid" | "selector" | "model" | "study" | "feedback";
  /** Of what the selector or the model chose: why, in words. */
  readonly why?: string;
  readonly round: number;
  readonly hypotheses: number;
}

/** What a model was asked and answered: enough to repeat the run without it (`--replay`). */
export interface ResultModel {
  /** As the file calls itself; null where it could not be read. */
  readonly name: string | null;
  /** Without its folders. */
  readonly file: string;
  /** Of the file's bytes; null where it could not be read. */
  readonly sha256: string | null;
  /** What ran the model, with its version; null where it is not installed. */
  readonly package: string | null;
  readonly seed: number;
  readonly rounds: readonly ResultModelRound[];
}

/** A round of questions to a model. */
export interface ResultModelRound {
  /** From 1 on. */
  readonly round: number;
  /** Hash of what the round was about: the person's words, the library, what is known of the data, earlier rounds. */
  readonly asked: string;
  /** What the model read; left out by `--redact users`, since the study's texts may name people. */
  readonly prompt?: { readonly system: string; readonly text: string };
  /** By template: natural logarithm of the probability of the person's words, were the template what they mean. */
  readonly scores: readonly { readonly template: string; readonly log_probability: number }[];
  /** As the model wrote them. */
  readonly answers: readonly string[];
  /** What went wrong, in sentences; the run's warnings hold them too. */
  readonly warnings: readonly string[];
}

/** Sessions inside and outside a hypothesis. */
export interface ResultSessions {
  readonly members: number;
  readonly members_failing: number;
  readonly others: number;
  readonly others_failing: number;
}

/** What one expert says of an opportunity. */
export interface ResultExpert {
  readonly name: string;
  readonly says: "opportunity" | "no opportunity";
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
}

/** A hypothesis that the experts let through, with its evidence. */
export interface ResultOpportunity {
  readonly rank: number;
  readonly id: string;
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string | number | boolean>>;
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly hypothesis: string;
  readonly statement: string;
  readonly sessions: ResultSessions;
  readonly effect: {
    readonly ratio: number | null;
    readonly difference: number;
    readonly low: number;
    readonly high: number;
    readonly p: number;
    /** The one-sided p-value of members doing worse, adjusted for all hypotheses of the run; null for `--experts paper`, which tests nothing. */
    readonly q: number | null;
    readonly excess_failures: number;
  };
  readonly experts: readonly ResultExpert[];
  readonly users: number;
  readonly first_seen: string;
  readonly last_seen: string;
  readonly trend: readonly ({ readonly from: string } & ResultSessions)[];
  /** What a bucket of the trend is: `hour`, `6 hours`, `day`, `week`, `4 weeks`, `52 weeks` or `period`, in the study's time zone. */
  readonly trend_bucket?: string;
  /** When members became worse, where a change-point was found. */
  readonly began?: string;
  /** Of a numeric KPI, values beyond its limits counting as these. */
  readonly values?: { readonly members: ResultDistribution; readonly others: ResultDistribution };
  /** With `--since`: what became of it against the earlier result. */
  readonly status?: "new" | "ongoing" | "worse" | "better";
  /** With `--since`, of one that was reported then: how much larger the difference is, with its interval. */
  readonly change?: { readonly difference: number; readonly low: number; readonly high: number };
  /** What a person said of it in an earlier result; `known`: and it is worse since. */
  readonly verdict?: "useful" | "noise" | "known";
  readonly folded: readonly string[];
  readonly examples: readonly string[];
  /** By the values of static attributes that the cohort leaves open. */
  readonly cells?: readonly ResultCell[];
  /** What comes before and after; absent where no event stands for the hypothesis. */
  readonly flow?: ResultFlow;
  /** Failing members, then others that do not fail: those most like them. */
  readonly timelines?: readonly ResultTimeline[];
}

/** Members and others that share a value of an attribute. */
export interface ResultCell extends ResultSessions {
  readonly attribute: string;
  readonly value: string | number | boolean;
  /** Interval of the members' failure rate (95 %, clustered by user); null without members */
  readonly low: number | null;
  readonly high: number | null;
}

/** The two events before and the two after a hypothesis' match, whatever the outcome was by then. */
export interface ResultFlow {
  /** Member sessions that were looked at: all, or the first of many in the order of a hash of their users. */
  readonly sessions: number;
  /** Offsets -2, -1, 1, 2 from the match. */
  readonly columns: readonly { readonly offset: number; readonly nodes: readonly ResultFlowNode[] }[];
  /** From a node of the column at `offset` to one of the next; columns -1 and 1 meet in the match. */
  readonly links: readonly {
    readonly offset: number;
    readonly from: number;
    readonly to: number;
    readonly sessions: number;
  }[];
}

/** Sessions with an event there; `edge`: with none, beyond the session's start or end; `rest`: with any other. */
export interface ResultFlowNode {
  readonly kind: "event" | "edge" | "rest";
  readonly event?: string;
  readonly sessions: number;
  readonly failing: number;
}

/** A session, or the part of it around the match. */
export interface ResultTimeline {
  readonly session: string;
  /** Absent where the data have no users. */
  readonly user?: string;
  readonly member: boolean;
  readonly failing: boolean;
  /** Of a numeric KPI. */
  readonly value?: number;
  /** ISO time of the session's first event. */
  readonly start: string;
  /** Events of the session before and after those shown. */
  readonly before: number;
  readonly after: number;
  readonly events: readonly {
    /** ms since the session's start */
    readonly at_ms: number;
    readonly event: string;
    /** Part of the match; in a session that is no member, an event that the hypothesis names. */
    readonly match?: true;
    /** The outcome was decided by then, so it is no evidence. */
    readonly after_outcome?: true;
  }[];
}

/** Values of a numeric KPI; nine in ten are better than `worst_tenth`. */
export interface ResultDistribution {
  readonly mean: number;
  readonly median: number;
  readonly worst_tenth: number;
}

/** The earlier result that a run was compared with. */
export interface ResultSince {
  readonly title: string;
  readonly from: string | null;
  readonly to: string | null;
  /** What it reported and this run does not. */
  readonly gone: readonly ResultGone[];
}

/** An opportunity of an earlier result that is not reported any more. */
export interface ResultGone {
  readonly id: string;
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string | number | boolean>>;
  readonly hypothesis: string;
  readonly statement: string;
  /** Where it went, in words. */
  readonly why: string;
}

/** What a person said of an opportunity, and what that was then. */
export interface ResultVerdict {
  readonly id: string;
  readonly verdict: "useful" | "noise" | "known";
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string | number | boolean>>;
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly hypothesis: string;
  readonly effect: { readonly difference: number; readonly low: number; readonly high: number };
}

/** An opportunity that a person said is known. */
export interface ResultKnown {
  readonly id: string;
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string | number | boolean>>;
  readonly hypothesis: string;
  readonly statement: string;
  readonly effect: ResultOpportunity["effect"];
}

/** A hypothesis that something else explains away. */
export interface ResultExplained {
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string | number | boolean>>;
  readonly hypothesis: string;
  readonly by: string;
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
}
