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
  /** Present with `--since`. */
  readonly since?: ResultSince;
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
  /** Rows that could not be used, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Present with `--sample`: the share of users that was kept. */
  readonly sampled?: { readonly sessions_asked: number; readonly user_share: number };
}

/** How it was run. */
export interface ResultRun {
  /** Hypotheses whose tally was computed: a distinct expression × KPI × cohort counts as one. */
  readonly hypotheses: number;
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
  readonly seconds: number;
  readonly threads: number;
  readonly seed: number;
  readonly rounds: number;
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
}

/** A KPI over all sessions. */
export interface ResultKpi {
  readonly name: string;
  readonly description?: string;
  /** Sessions that count. */
  readonly sessions: number;
  readonly failing: number;
  /** Binary: the failure rate; numeric: the mean. Null where no session counts. */
  readonly value: number | null;
  /** What values of a numeric KPI beyond count as, and in how many sessions; absent where none lies beyond. The mean above is of the values as they are. */
  readonly limits?: { readonly low: number; readonly high: number; readonly sessions: number };
}

/** A template with its parameters filled in. */
export interface ResultClass {
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly chosen_by: "grid" | "selector" | "model" | "study";
  readonly round: number;
  readonly hypotheses: number;
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
  readonly folded: readonly string[];
  readonly examples: readonly string[];
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

/** A hypothesis that something else explains away. */
export interface ResultExplained {
  readonly kpi: string;
  readonly cohort: Readonly<Record<string, string | number | boolean>>;
  readonly hypothesis: string;
  readonly by: string;
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
}
