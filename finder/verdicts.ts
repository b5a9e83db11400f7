import type { CohortValues } from "./findings.js";

/** What a person says of an opportunity: worth work, not worth looking at, or known already. */
export type VerdictWord = "useful" | "noise" | "known";

/** A person's verdict on an opportunity, with what it was then. */
export interface Verdict {
  /** Of the opportunity: the same finding has the same id in other runs. */
  readonly id: string;
  readonly verdict: VerdictWord;
  readonly kpi: string;
  readonly cohort: CohortValues;
  readonly template: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly hypothesis: string;
  /** The difference of the KPI between members and others then, with its interval. */
  readonly effect: { readonly difference: number; readonly low: number; readonly high: number };
}
