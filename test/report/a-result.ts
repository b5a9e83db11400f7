import type { Result, ResultOpportunity } from "../../report/result.js";

/** A result with one opportunity of everything, for the tests of `report/`. */
export function aResult(changes: Partial<Result> = {}): Result {
  return {
    schema: "leadline/result@1",
    title: "Checkout, week 47",
    data: {
      events: 123456,
      sessions: 7890,
      users: 4321,
      from: "2026-11-16T00:00:00.000Z",
      to: "2026-11-22T23:59:59.500Z",
      dropped: { time: 0, event: 3, user: 0, session: 0 },
    },
    run: {
      hypotheses: 1234,
      hypotheses_rare: 2345,
      hypotheses_bounded: 56789,
      experts: "all",
      seconds: 1.25,
      threads: 2,
      seed: 0,
      rounds: 1,
      phases: [{ name: "read", seconds: 0.5 }],
    },
    kpis: [
      { name: "payment", description: "Paid within 10 s", sessions: 1000, failing: 130, value: 0.13 },
      { name: "rebuffering", sessions: 500, failing: 50, value: 0.0321 },
    ],
    classes: [{ template: "event-pattern", parameters: { k: 3 }, chosen_by: "grid", round: 1, hypotheses: 1234 }],
    opportunities: [anOpportunity()],
    explained: [
      {
        kpi: "payment",
        cohort: { os: "ios" },
        hypothesis: "page_leave",
        by: "tells of the outcome",
        evidence: { p: 1 },
      },
    ],
    warnings: ["lifecycle: the first week is left out"],
    ...changes,
  };
}

/** An opportunity of all parts. */
export function anOpportunity(changes: Partial<ResultOpportunity> = {}): ResultOpportunity {
  return {
    rank: 1,
    id: "k7f3",
    kpi: "payment",
    cohort: { os: "ios" },
    template: "event-pattern",
    parameters: { k: 3 },
    hypothesis: "buy_plan => cors_error => timeout_error",
    statement:
      "74 sessions with buy_plan => cors_error => timeout_error fail payment in 96 %, against 9.5 % of 926 others.",
    sessions: { members: 74, members_failing: 71, others: 926, others_failing: 88 },
    effect: { ratio: 10.1, difference: 0.86, low: 0.81, high: 0.9, p: 1e-20, q: null, excess_failures: 60.4 },
    experts: [{ name: "sequence-rate", says: "opportunity", evidence: { support: 0.55, members: null } }],
    users: 71,
    first_seen: "2026-11-16T01:00:00.000Z",
    last_seen: "2026-11-22T20:00:00.000Z",
    trend: [{ from: "2026-11-16T00:00:00.000Z", members: 74, members_failing: 71, others: 926, others_failing: 88 }],
    folded: ["cors_error => timeout_error", "timeout_error"],
    examples: ["s1", "s2"],
    ...changes,
  };
}
