import type { Token } from "./tokens.js";

/** What the planner knows of a column: its kind and its values, never its rows. */
export type ColumnStatistics =
  | {
      readonly kind: "coded";
      readonly name: string;
      readonly grain: "event" | "session";
      readonly dictionary: readonly (string | number | boolean)[];
    }
  | {
      readonly kind: "numeric";
      readonly name: string;
      readonly grain: "event" | "session";
      readonly type: "number" | "time";
    };

/** What the planner knows of an auxiliary table. */
export interface TableStatistics {
  readonly name: string;
  /** Columns that expressions can read, as `name.column`. */
  readonly columns: readonly ColumnStatistics[];
}

/** What the planner knows of the data. */
export interface DataStatistics {
  readonly events: number;
  readonly sessions: number;
  readonly users: number;
  readonly hasUsers: boolean;
  /** Event names, by name code. */
  readonly names: readonly string[];
  /** Tokens, by token code (the study's mapping M applied). */
  readonly tokens: readonly Token[];
  readonly columns: readonly ColumnStatistics[];
  readonly tables: readonly TableStatistics[];
  /** Names of the study's KPIs. */
  readonly kpis: readonly string[];
  /** An IANA name, for `hour` and `weekday`. */
  readonly timeZone: string;
  /** Names of the static attributes. */
  readonly attributes: readonly string[];
  /** Columns that tell of users before the data begin. */
  readonly history: { readonly firstSeen: string | null; readonly sessions: string | null };
  readonly grid: GridStatistics;
  /** By KPI, how frequent events are where it fails; absent where nobody asked, as only a model does. */
  readonly failing?: readonly FailingEvents[];
  /** ms; first session's start and last session's start; NaN without sessions */
  readonly from: number;
  readonly to: number;
}

/** Order statistics of a measure; NaN where nothing has it. */
export interface Quantiles {
  readonly q10: number;
  readonly q50: number;
  readonly q75: number;
  readonly q90: number;
}

/** Two events in a session, in the sessions looked at. */
export interface PairStatistics {
  readonly first: string;
  readonly second: string;
  /** Sessions with the first, and those of them in which the second comes after it. */
  readonly sessions: number;
  readonly followed: number;
  /** Sessions with two or more of the first before the first of the second. */
  readonly retried: number;
  /** Sessions in which two or more of the first, with nothing between, lead up to the second. */
  readonly runs: number;
  /** ms from the first of the first to the first of the second after it */
  readonly gapMs: Quantiles;
}

/**
 * What grids of default parameters are drawn from: statistics of at most some ten thousand sessions, evenly spread over the
 * table, and the values that columns have most often.
 */
export interface GridStatistics {
  /** Sessions looked at. */
  readonly sessions: number;
  /** Events that patterns see, by how many sessions have them, most first. */
  readonly events: readonly {
    readonly name: string;
    readonly sessions: number;
    /** Sessions with three or more of it. */
    readonly repeated: number;
    /** ms from the session's start to the first of it */
    readonly timeToMs: Quantiles;
  }[];
  readonly measures: Readonly<Record<"duration" | "events" | "longest_gap", Quantiles>>;
  /** Pairs of the most frequent events. */
  readonly pairs: readonly PairStatistics[];
  /** Numbers in the sessions' first events, by column. */
  readonly numbers: Readonly<Record<string, Quantiles>>;
  /** Numbers of auxiliary tables by row, by `table.column`. */
  readonly tableNumbers: Readonly<Record<string, Quantiles>>;
  /** Values of a coded column in the sessions' first events, most sessions first. */
  readonly values: Readonly<Record<string, readonly ValueCount[]>>;
  /** Values of a column over all events of a name, most first; columns of few values alone. */
  readonly eventValues: readonly {
    readonly event: string;
    readonly attribute: string;
    readonly values: readonly ValueCount[];
  }[];
  /** Other sessions in the minute up to a session's start. */
  readonly load: Quantiles;
}

/** How frequent events are in the sessions that fail a KPI, in some thousand sessions, before its outcome is decided. */
export interface FailingEvents {
  readonly kpi: string;
  /** Shares of the sessions that count for the KPI, and of those of them that fail; events that none has are left out. */
  readonly events: readonly { readonly name: string; readonly all: number; readonly failing: number }[];
}

/** A value and how often it was met. */
export interface ValueCount {
  readonly value: string | number | boolean;
  readonly count: number;
}
