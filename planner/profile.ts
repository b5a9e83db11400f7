/** What the data look like before any question is asked: plain data, from which a starter study is written. */
export interface Profile {
  /** As asked for: paths and globs. */
  readonly files: readonly string[];
  readonly roles: { readonly user?: string; readonly time: string; readonly event: string; readonly session?: string };
  readonly events: number;
  readonly sessions: number;
  /** Equal to `sessions` where the data have no user. */
  readonly users: number;
  /** ms since the epoch; null without sessions */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** ms of inactivity that ended sessions; null where a column tells them. */
  readonly sessionGapMs: number | null;
  /** The columns without a role, in the data's order. */
  readonly columns: readonly ProfiledColumn[];
  /** Columns of a type that cannot be read. */
  readonly unread: readonly string[];
  /** Those in most sessions first, then by name. */
  readonly names: readonly ProfiledName[];
  /** Pairs of events that begin and complete the same thing, those of most sessions first. */
  readonly pairs: readonly ProfiledPair[];
  /** Where no names pair up: an event that sessions end with and the one that mostly comes right before it; else null. */
  readonly ending: ProfiledPair | null;
  /** Sentences on what a reader should look at before trusting the data. */
  readonly suspicions: readonly string[];
}

/** An event's name and how common it is. */
export interface ProfiledName {
  readonly name: string;
  readonly events: number;
  readonly sessions: number;
  /** Of an error: the beginning of something without which it hardly happens. */
  readonly among?: string;
}

/** An event that begins something and the one that completes it. */
export interface ProfiledPair {
  readonly start: string;
  readonly end: string;
  /** Sessions that hold the start. */
  readonly sessions: number;
  /** Those in which no end follows any start. */
  readonly failing: number;
}

/** A column without a role. */
export type ProfiledColumn = {
  readonly name: string;
  /** `session`: the same in all events of every session. */
  readonly grain: "event" | "session";
  /** Share of the events (of the sessions, by grain) that have no value. */
  readonly missing: number;
  /** Different values; beyond `distinctLimit`, that limit. */
  readonly distinct: number;
} & (
  | {
      readonly kind: "coded";
      /** The most common first, with their share of the values that are not missing. */
      readonly common: readonly { readonly value: string | number | boolean; readonly share: number }[];
    }
  | {
      readonly kind: "numeric";
      readonly type: "number" | "time";
      /** Null without values; moments in ms. */
      readonly range: { readonly least: number; readonly median: number; readonly greatest: number } | null;
    }
);

/** Most different numbers that are counted in a column: beyond, it is a measure and the count tells nothing. */
export const distinctLimit = 100_000;
