import type { ColumnStatistics, DataStatistics, PairStatistics, Quantiles } from "../../planner/statistics.js";

const quantiles = (q10: number, q50: number, q75: number, q90: number): Quantiles => ({ q10, q50, q75, q90 });

const events = [
  ...["buy_plan", "payment_complete", "payment_page_closed", "web_cors_error", "timeout_error", "login", "search"],
  ...["add_to_cart", "rebuffer_start", "rebuffer_end", "play_video", "seek", "submit_form", "confirm_email", "logout"],
];

function pair(first: string, second: string): PairStatistics {
  return {
    first,
    second,
    sessions: 500,
    followed: 400,
    retried: 100,
    runs: 80,
    gapMs: quantiles(500, 2000, 8000, 20_000),
  };
}

function coded(name: string, ...dictionary: string[]): ColumnStatistics {
  return { kind: "coded", name, grain: "session", dictionary };
}

/** What a planner might know of a shop with a player in it. */
export const shopData: DataStatistics = {
  events: 20_000,
  sessions: 1000,
  users: 300,
  hasUsers: true,
  names: events,
  tokens: events.map((text, name) => ({ text, names: [name] })),
  columns: [
    coded("os", "ios", "android", "windows"),
    coded("country", "norway", "germany"),
    coded("app_version", "1.2.0", "1.3.0"),
    { kind: "coded", name: "status", grain: "event", dictionary: ["ok", "declined", "late"] },
    { kind: "numeric", name: "price", grain: "session", type: "number" },
  ],
  tables: [{ name: "backend", columns: [{ kind: "numeric", name: "cpu", grain: "event", type: "number" }] }],
  kpis: ["payment_conversion", "rebuffering"],
  timeZone: "UTC",
  attributes: ["os", "country", "app_version"],
  history: { firstSeen: null, sessions: null },
  grid: {
    sessions: 1000,
    events: events.map((name, at) => ({
      name,
      sessions: 900 - 50 * at,
      repeated: 300,
      timeToMs: quantiles(1000, 5000, 20_000, 60_000),
    })),
    measures: {
      duration: quantiles(10_000, 120_000, 300_000, 900_000),
      events: quantiles(3, 12, 20, 40),
      longest_gap: quantiles(1000, 10_000, 30_000, 120_000),
    },
    pairs: [
      pair("buy_plan", "payment_complete"),
      pair("search", "add_to_cart"),
      pair("rebuffer_start", "rebuffer_end"),
      pair("submit_form", "confirm_email"),
      pair("login", "logout"),
    ],
    numbers: { price: quantiles(5, 20, 50, 90) },
    tableNumbers: { "backend.cpu": quantiles(0.1, 0.4, 0.6, 0.9) },
    values: {
      os: [
        { value: "ios", count: 400 },
        { value: "android", count: 350 },
        { value: "windows", count: 250 },
      ],
      country: [
        { value: "norway", count: 500 },
        { value: "germany", count: 400 },
      ],
      app_version: [
        { value: "1.2.0", count: 600 },
        { value: "1.3.0", count: 400 },
      ],
    },
    eventValues: [
      {
        event: "payment_page_closed",
        attribute: "status",
        values: [
          { value: "declined", count: 60 },
          { value: "late", count: 30 },
        ],
      },
    ],
    load: quantiles(2, 6, 9, 15),
  },
  from: Date.UTC(2026, 10, 2),
  to: Date.UTC(2026, 11, 20),
};
