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
  /** By name code: whether the study's filter F hides the name from patterns. */
  readonly ignored: readonly boolean[];
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
  /** ms; first session's start and last session's start; NaN without sessions */
  readonly from: number;
  readonly to: number;
}
