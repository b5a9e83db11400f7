import type { DataStatistics, Quantiles } from "../../planner/statistics.js";

const none: Quantiles = { q10: Number.NaN, q50: Number.NaN, q75: Number.NaN, q90: Number.NaN };

/** Statistics of data of which nothing is known that a grid could be drawn from, and of a study without extras. */
export const noGrid: Pick<DataStatistics, "tables" | "kpis" | "timeZone" | "grid"> = {
  tables: [],
  kpis: ["other"],
  timeZone: "UTC",
  grid: {
    sessions: 0,
    events: [],
    measures: { duration: none, events: none, longest_gap: none },
    pairs: [],
    numbers: {},
    tableNumbers: {},
    values: {},
    eventValues: [],
    load: none,
  },
};
