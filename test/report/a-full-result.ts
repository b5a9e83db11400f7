import type { Result, ResultExpert, ResultOpportunity, ResultTimeline } from "../../report/result.js";
import { anOpportunity, aResult } from "./a-result.js";

const DAY_MS = 86_400_000;
const START_MS = Date.parse("2026-10-19T00:00:00Z");

/** Everything that a name of the data may try, on a reader of each form. */
export const hostileName: string = [
  `<script>alert(1)</script><img src=x onerror="alert(2)">`,
  `"' onmouseover='alert(3)' x="`,
  "</title></style></svg>--><!--]]>",
  "\u001b[31m\u0007\u009b2J\r\n\t",
  "\u202egpj.exe\u2066\u200b\ufeff",
  '=HYPERLINK("http://x.example","y")',
  "`code` *bold* | [a](javascript:alert(4)) @team #12 https://x.example www.x.example :tada:",
  "שלום مرحبا",
  "&lt;b&gt; &#60; \ud800",
].join(" ");

/** Ten thousand letters without a space. */
export const longName: string = "x".repeat(10_000);

/** The evidence of every expert. */
export function everyExpert(began: string): ResultExpert[] {
  const yes = (name: string, evidence: ResultExpert["evidence"]): ResultExpert => ({
    name,
    says: "opportunity",
    evidence,
  });
  return [
    yes("sequence-rate", { rate_failing: 0.338, rate_normal: 0.0055, ratio: 61.2 }),
    yes("cohort-difference", { members: 0.14, all: 0.09, relative_difference: 0.5, outlier_z: 4.7 }),
    yes("significance", {
      p_worse: 1.8e-23,
      q: 9.1e-20,
      tests: 990,
      pooled_difference: 0.099,
      pooled_low: 0.09,
      pooled_high: 0.11,
      ratio_low: 3.04,
      ratio_high: 3.99,
    }),
    yes("within-users", {
      users: 1578,
      within_difference: 0.088,
      within_low: 0.071,
      within_high: 0.1,
      pooled_difference: 0.099,
    }),
    yes("exposure", {
      hazard_ratio_failing: 1.27,
      failures_while_on: 3239,
      hazard_ratio_succeeding: 0.41,
      successes_while_on: 697,
    }),
    yes("outlier", {
      attributes: 5,
      cells: 12,
      attribute: "os",
      value: "ios",
      difference: 0.3,
      median: 0.1,
      z: 5.2,
      members: 40,
    }),
    yes("without-largest-user", { sessions_of_largest: 9, difference: 0.08, low: 0.06, high: 0.1 }),
    yes("trend", {
      bins: 28,
      direction: "rising",
      tau: 0.5,
      p: 0.001,
      slope_per_day: 0.004,
      slope_low: 0.001,
      slope_high: 0.007,
    }),
    yes("change-point", {
      bins: 28,
      changes: 1,
      began,
      began_ms: Date.parse(began),
      before: 0.01,
      after: 0.2,
      ongoing: true,
    }),
    {
      name: "cohort-similarity",
      says: "no opportunity",
      evidence: {
        attributes: 5,
        unlike: 1,
        most_different: "os",
        standardised_difference: 0.31,
        jensen_shannon_bits: 0.02,
      },
    },
    yes("adjusted-effect", {
      difference: 0.21,
      low: 0.15,
      high: 0.27,
      rate: 0.4,
      expected_rate: 0.19,
      placebo_difference: 0.001,
      control_difference: null,
      against: null,
    }),
    yes("of-a-later-version", { some_fact: 1.5, other: null }),
  ];
}

/** An opportunity with every picture; all names of the data are `name`. */
export function aFullOpportunity(rank: number, name: string): ResultOpportunity {
  const trend = Array.from({ length: 28 }, (_, day) => ({
    from: new Date(START_MS + day * DAY_MS).toISOString(),
    members: 20 + ((day * 7) % 11),
    members_failing: 5 + (day > 13 ? 8 : 0) + (day % 3),
    others: 200,
    others_failing: 18 + (day % 5),
  }));
  const timeline = (failing: boolean, at: number): ResultTimeline => ({
    session: `${name} s${at}`,
    user: `${name} u${at}`,
    member: failing,
    failing,
    start: "2026-10-20T10:00:00.000Z",
    before: 3,
    after: 12,
    events: Array.from({ length: 40 }, (_, event) => ({
      at_ms: event * 1700,
      event: event % 7 === 0 ? name : `event_${event % 9}`,
      ...(failing && event >= 15 && event < 18 ? { match: true as const } : {}),
      ...(event > 30 ? { after_outcome: true as const } : {}),
    })),
  });
  const nodes = [
    { kind: "event" as const, event: name, sessions: 300, failing: 100 },
    ...Array.from({ length: 4 }, (_, at) => ({
      kind: "event" as const,
      event: `neighbour_${at}`,
      sessions: 50,
      failing: 10,
    })),
    { kind: "edge" as const, sessions: 30, failing: 3 },
    { kind: "rest" as const, sessions: 70, failing: 7 },
  ];
  return anOpportunity({
    rank,
    id: `k${rank.toString(36).padStart(9, "0")}`,
    kpi: rank % 3 === 0 ? "rebuffering" : "payment",
    cohort: rank % 2 === 0 ? {} : { [`os ${name}`.slice(0, 200)]: name },
    hypothesis: `"${name}" => pay => error_${rank}`,
    statement: `74 sessions by 71 users with "${name}" => pay => error_${rank} fail payment in 96 %, against 9.5 % of 926 other sessions.`,
    effect: {
      ratio: rank === 2 ? null : 1.2 + (rank % 9),
      difference: 0.86,
      low: 0.81,
      high: 0.9,
      p: 1e-20,
      q: 1e-9,
      excess_failures: 1000 / rank,
    },
    experts: everyExpert(trend[14]?.from ?? ""),
    trend,
    folded: Array.from({ length: 405 }, (_, at) => `${name.slice(0, 60)} and device == "mobile ${at}"`),
    examples: Array.from({ length: 5 }, (_, at) => `${name} s${at}`),
    status: (["new", "ongoing", "worse"] as const)[rank % 3] ?? "new",
    change: { difference: 0.02, low: -0.01, high: 0.05 },
    values: {
      members: { mean: 3.2, median: 1.1, worst_tenth: 9 },
      others: { mean: 1.2, median: 0.4, worst_tenth: 3 },
    },
    cells: ["os", "country", name.slice(0, 100), "device"].flatMap((attribute) =>
      Array.from({ length: 8 }, (_, value) => ({
        attribute,
        value: value === 0 ? name : `value ${value}`,
        members: value * 10,
        members_failing: value * 4,
        others: 100,
        others_failing: 9,
        low: value === 0 ? null : 0.3,
        high: value === 0 ? null : 0.5,
      })),
    ),
    flow: {
      sessions: 600,
      columns: [-2, -1, 1, 2].map((offset) => ({ offset, nodes })),
      links: [-2, 1].flatMap((offset) =>
        nodes.map((node, at) => ({ offset, from: at, to: at, sessions: node.sessions })),
      ),
    },
    timelines: [0, 1, 2].flatMap((at) => [timeline(true, at), timeline(false, at + 3)]),
  });
}

/** A result of so many opportunities, with everything that a page can show. */
export function aFullResult(opportunities: number, name = "buy_plan"): Result {
  const base = aResult();
  const series = Array.from({ length: 28 }, (_, day) => ({
    from: new Date(START_MS + day * DAY_MS).toISOString(),
    sessions: day === 5 ? 0 : 300,
    failing: day === 5 ? 0 : 30 + (day % 7),
    value: day === 5 ? null : (30 + (day % 7)) / 300,
  }));
  return aResult({
    title: `Checkout ${name}`,
    run: {
      ...base.run,
      became: { supported: 700, measured: 300, significant: 120, not_explained: 40, reported: opportunities },
      settings: { floor_ratio: 1.25, floor_difference: 0.02, sequence_min_support: 0.1, sequence_min_ratio: 2 },
      guarantee: "false discovery rate at most 0.05",
    },
    kpis: base.kpis.map((kpi, at) => ({
      ...kpi,
      description: name.slice(0, 300),
      kind: at === 0 ? ("binary" as const) : ("numeric" as const),
      expression: `not ("${name}" -> pay within 10s)`,
      among: name,
      series,
    })),
    opportunities: Array.from({ length: opportunities }, (_, at) => aFullOpportunity(at + 1, name)),
    explained: Array.from({ length: 400 }, (_, at) => ({
      kpi: "payment",
      cohort: at % 2 === 0 ? {} : { os: name },
      hypothesis: `${name} and n == ${at}`,
      by: at % 3 === 0 ? "differs between users, not within" : `${name.slice(0, 50)}: the effect reverses`,
      evidence: { pooled_difference: 0.05, within_difference: -0.001 },
    })),
    since: {
      title: name,
      from: "2026-10-01T00:00:00.000Z",
      to: "2026-10-18T00:00:00.000Z",
      gone: [
        { id: "k1", kpi: "payment", cohort: { os: name }, hypothesis: name, statement: name, why: "no longer found" },
      ],
    },
    warnings: [`to know: ${name}`],
  });
}
