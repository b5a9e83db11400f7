import type { Value } from "../../engine/columns/event-table.js";

/** What a report draws of an opportunity beside its numbers. */
export interface Picture {
  /** Members and others by the values of static attributes that are cohorts; empty without such. */
  readonly cells: readonly PictureCell[];
  /** Null for a hypothesis that no event stands for. */
  readonly flow: Flow | null;
  /** Failing members first, then others that do not fail. */
  readonly timelines: readonly Timeline[];
}

/** One value of one attribute. */
export interface PictureCell {
  readonly attribute: string;
  readonly value: Value;
  readonly members: number;
  readonly membersFailing: number;
  readonly others: number;
  readonly othersFailing: number;
  /** Interval of the members' failure rate (95 %, clustered by user); null without members */
  readonly interval: readonly [number, number] | null;
}

/** The events next to where a hypothesis holds. */
export interface Flow {
  /** Member sessions that were looked at. */
  readonly sessions: number;
  /** Two before, the nearer last; two after, the nearer first. */
  readonly columns: readonly FlowColumn[];
  readonly links: readonly FlowLink[];
}

/** The events at one distance. */
export interface FlowColumn {
  /** -2, -1, 1, 2 */
  readonly offset: number;
  /** Most sessions first; the rest last. */
  readonly nodes: readonly FlowNode[];
}

/** `event`: a name; `edge`: the session has none there; `rest`: all other names. */
export type FlowNode = { readonly sessions: number; readonly failing: number } & (
  | { readonly kind: "event"; readonly event: string }
  | { readonly kind: "edge" | "rest" }
);

/** Sessions that have a node of one column and a node of the next; between -1 and 1 stands the match itself. */
export interface FlowLink {
  /** Of the column on the left: -2 or 1 */
  readonly offset: number;
  readonly from: number;
  readonly to: number;
  readonly sessions: number;
}

/** A session, or the part of it around the match. */
export interface Timeline {
  readonly session: string;
  /** Null where the data have no users. */
  readonly user: string | null;
  readonly isMember: boolean;
  readonly isFailing: boolean;
  /** Of a numeric KPI; null for a binary one */
  readonly value: number | null;
  readonly startMs: number;
  readonly events: readonly TimelineEvent[];
  /** Events of the session that are not shown. */
  readonly before: number;
  readonly after: number;
}

/** One event of a timeline. */
export interface TimelineEvent {
  /** Since the session's start. */
  readonly atMs: number;
  readonly event: string;
  /** It is part of the match; of a session that is no member: of the events that the hypothesis names. */
  readonly isMatch: boolean;
  /** The outcome was decided by then: no evidence. */
  readonly isAfterOutcome: boolean;
}
