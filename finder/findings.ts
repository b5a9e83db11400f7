import type { Settings } from "../planner/settings.js";
import type { HypothesisClass } from "../planner/templates/library.js";
import type { BucketUnit } from "./calendar.js";
import type { KpiBucket } from "./kpi-series.js";
import type { Picture } from "./pictures/picture.js";

/** What a run found, with its evidence; `report/` puts it into words and files. */
export interface Findings {
  readonly data: {
    readonly events: number;
    readonly sessions: number;
    readonly users: number;
    readonly hasUsers: boolean;
    /** IANA */
    readonly timeZone: string;
    /** ms; NaN without sessions */
    readonly fromMs: number;
    readonly toMs: number;
    readonly dropped: Readonly<Record<string, number>>;
    /** Share of users that `sample` kept; null: all */
    readonly sampledShare: number | null;
  };
  readonly kpis: readonly FoundKpi[];
  readonly classes: readonly (HypothesisClass & { readonly hypotheses: number })[];
  /** Hypotheses (expression × KPI × cohort) whose tally was computed. */
  readonly tested: number;
  /** Hypotheses of which only the failing sessions were counted: too few for expert 1. */
  readonly rare: number;
  /** Hypotheses that a bound ruled out before any tally. */
  readonly bounded: number;
  /** What became of the crosses of hypotheses; null where there was nothing to cross. */
  readonly crosses: CrossSearch | null;
  readonly became: Became;
  /** Rounds of choosing and testing. */
  readonly rounds: number;
  /** What became of a budget of hypotheses; null where there was none. */
  readonly budget: FoundBudget | null;
  readonly settings: Settings;
  /** What the run promises of its opportunities, in a sentence; null for the paper's prototype, which promises nothing. */
  readonly guarantee: string | null;
  /** Best first. */
  readonly opportunities: readonly Opportunity[];
  readonly explained: readonly Explained[];
  readonly warnings: readonly string[];
  readonly phases: readonly { readonly name: string; readonly seconds: number }[];
}

/** The search for crosses, over all KPIs: a pattern in a state is one cross, in whatever cohorts it is counted. */
export interface CrossSearch {
  readonly counted: number;
  /** Crosses that no scenario could let through, whatever sessions their parts share. */
  readonly ruledOut: number;
  /** Crosses that the budget left out. */
  readonly left: number;
  /** The setting, a KPI. */
  readonly budget: number;
}

/** A budget of hypotheses, each a distinct expression. */
export interface FoundBudget {
  readonly hypotheses: number;
  readonly tested: number;
  /** Hypotheses that the rounds might have drawn and did not; they count among all that the run looked at. */
  readonly left: number;
}

/** What became of the hypotheses: how many of them came so far. */
export interface Became {
  /** An expert let them through, by counts; all that candidates stand for included. */
  readonly supported: number;
  /** Evidence by user was collected: one of each cause that counts can tell apart, and those judged in a dismissed one's place. */
  readonly measured: number;
  /** Not refused: enough users, clear of chance and beyond the effect floor, or explained before that was asked. */
  readonly significant: number;
  /** Nothing explains them away. */
  readonly notExplained: number;
}

/** A KPI over all sessions that count. */
export interface FoundKpi {
  readonly name: string;
  readonly description: string | null;
  readonly kind: "binary" | "numeric";
  /** Null for a binary KPI, of which failing is worse. */
  readonly worse: "higher" | "lower" | null;
  readonly sessions: number;
  readonly failing: number;
  /** Failure rate or mean; NaN where no session counts. */
  readonly value: number;
  /** What values of a numeric KPI beyond count as, where any lie there; the mean above is of the values as they are. */
  readonly limits: { readonly low: number; readonly high: number; readonly sessions: number } | null;
  readonly series: readonly KpiBucket[];
}

/** Values of static attributes that the sessions of a cohort share; empty: all. */
export type CohortValues = Readonly<Record<string, string | number | boolean>>;

/** Sessions in a hypothesis and beside it. */
export interface Contrast {
  readonly members: number;
  readonly membersFailing: number;
  readonly others: number;
  readonly othersFailing: number;
}

/** What an expert says of a hypothesis. */
export interface Opinion {
  readonly name: string;
  readonly says: "opportunity" | "no opportunity";
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
}

/** How much worse members are. */
export interface Effect {
  /** KPI of members ÷ of others; null where unbounded */
  readonly ratio: number | null;
  /** KPI of members − of others, with its interval (95 %, clustered by user) */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
  readonly p: number;
  /** The one-sided p-value of members doing worse, adjusted for all that the run looked at; null for the paper's prototype, which tests nothing. */
  readonly q: number | null;
  /** Members × lower limit of the difference in failure rate: failures that would not be if members were like the others. */
  readonly excessFailures: number;
}

/** Values of a numeric KPI. */
export interface Distribution {
  readonly mean: number;
  readonly median: number;
  /** The quantile that nine in ten are better than. */
  readonly worstTenth: number;
}

/** A hypothesis that the experts let through. */
export interface Opportunity {
  readonly id: string;
  readonly kpi: number;
  readonly cohort: CohortValues;
  readonly classIndex: number;
  readonly hypothesis: string;
  readonly contrast: Contrast;
  readonly effect: Effect;
  readonly opinions: readonly Opinion[];
  /** Users with member sessions. */
  readonly users: number;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly trend: readonly ({ readonly fromMs: number } & Contrast)[];
  /** What a bucket of the trend is. */
  readonly trendUnit: BucketUnit;
  /** Of a numeric KPI, winsorised; null of a binary one. */
  readonly values: { readonly members: Distribution; readonly others: Distribution } | null;
  readonly folded: readonly string[];
  readonly examples: readonly string[];
  readonly picture: Picture;
}

/** A hypothesis that something else explains. */
export interface Explained {
  readonly kpi: number;
  readonly cohort: CohortValues;
  readonly hypothesis: string;
  readonly by: string;
  readonly evidence: Readonly<Record<string, number | string | boolean | null>>;
  /** What the sessions share among which the effect is gone, such as an attribute; absent where something else explains it. */
  readonly within?: string;
}
