import { z } from "zod";
import { LeadlineError } from "../../errors.js";
import { conditions, event, roundNumber } from "./parts.js";
import type { Template } from "./template.js";

/** Shares of failing others that are tried, and KPIs. */
const FAILURE_RATES = [0.2, 0.5];
const MOST_KPIS = 4;

/** Parameters of `load`. */
export interface LoadParameters {
  readonly measure: "sessions" | "failure_rate";
  /** Of `failure_rate`: whose. */
  readonly kpi?: string | undefined;
  /** Exceeded: sessions, or a share of them. */
  readonly threshold: number;
}

/** How busy, or how failing, the others were in the minute up to the session's start. */
export const load: Template<LoadParameters> = {
  name: "load",
  description: "many other sessions started in the minute before, or many of those failed a KPI",
  parameters: z
    .strictObject({
      measure: z.enum(["sessions", "failure_rate"]),
      kpi: z.string().max(300).meta({ holds: "kpi" }).optional(),
      threshold: z.number().min(0),
    })
    .refine(({ measure, kpi }) => (measure === "failure_rate") === (kpi !== undefined), {
      message: "allowed: kpi with the measure failure_rate, and there alone",
    }),
  grid({ grid, kpis }) {
    const { q10, q50, q90 } = grid.load;
    const busy = q10 < q90 ? [...new Set([q50, q90].map(roundNumber))] : [];
    return [
      ...busy.map((threshold) => ({ measure: "sessions" as const, threshold })),
      // where sessions are too far apart, there are no others to fail
      ...(q90 < 2 ? [] : kpis.slice(0, MOST_KPIS)).flatMap((kpi) =>
        FAILURE_RATES.map((threshold) => ({ measure: "failure_rate" as const, kpi, threshold })),
      ),
    ];
  },
  compile({ measure, kpi, threshold }) {
    if (measure === "sessions") return conditions(`load.sessions > ${threshold}`);
    if (kpi === undefined) throw new LeadlineError("study-invalid", "load: missing kpi");
    return conditions(`load.failure_rate(${event(kpi)}) > ${threshold}`);
  },
};
