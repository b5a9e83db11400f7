import type { Aggregate, Load, PairMeasure, SessionField, UserField } from "./ast.js";

/** Aggregates over the events of a session, `sum(step.attribute)` and the like. */
export const aggregateWords: ReadonlySet<string> = new Set<Aggregate["fn"]>([
  "sum",
  "mean",
  "min",
  "max",
  "first",
  "last",
]);

/** Measures of two events. */
export const pairWords: ReadonlySet<string> = new Set<PairMeasure["kind"]>(["retries", "elapsed", "time_in"]);

/** Words that are followed by arguments in parentheses. */
export const functionWords: ReadonlySet<string> = new Set([
  "count",
  ...pairWords,
  ...aggregateWords,
  "hour",
  "weekday",
  "previous",
  "load.failure_rate",
]);

/** Words that are a value by themselves, with the node that each is. */
export const fieldWords: ReadonlyMap<
  string,
  | Omit<SessionField, "at">
  | Omit<UserField, "at">
  | Omit<Load, "at">
  | { readonly kind: "clock"; readonly field: "start" }
> = new Map([
  ["session.duration", { kind: "session", field: "duration" }],
  ["session.events", { kind: "session", field: "events" }],
  ["session.index", { kind: "session", field: "index" }],
  ["session.longest_gap", { kind: "session", field: "longest_gap" }],
  ["user.sessions", { kind: "user", field: "sessions" }],
  ["user.days_since_last", { kind: "user", field: "days_since_last" }],
  ["user.first_seen", { kind: "user", field: "first_seen" }],
  ["load.sessions", { kind: "load", field: "sessions", kpi: null }],
  ["start", { kind: "clock", field: "start" }],
]);

/** Words that join or negate. */
export const operatorWords: ReadonlySet<string> = new Set(["and", "or", "not", "in", "within", "until"]);

/** Every word of the language: an event of such a name is quoted, an attribute stands in backticks. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...operatorWords,
  "true",
  "false",
  ...functionWords,
  ...fieldWords.keys(),
]);

const plainName = /^[A-Za-z_][\w.:]*$/;

/** Whether a name can stand bare, without quotes or backticks. */
export function isPlainName(name: string): boolean {
  return plainName.test(name) && !reservedWords.has(name);
}

const plainAttribute = /^[A-Za-z_][\w:]*$/;

/** Whether an attribute's name can stand bare behind `step.`: no dot, since that splits at the last one. */
export function isPlainAttribute(name: string): boolean {
  return plainAttribute.test(name);
}
