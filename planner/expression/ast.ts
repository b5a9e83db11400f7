/**
 * The syntax tree of the expression language (docs/EXPRESSIONS.md): plain data, printed by `print.ts`, made by `parse.ts`.
 *
 * Every node has `at`, the offset of its first UTF-16 unit in the text it was parsed from (0 where it was made otherwise);
 * it serves messages alone and is no part of a node's meaning. Durations are plain numbers of milliseconds that keep a
 * mark to print them as durations.
 */

/** Literal values. `unit: "ms"` marks a duration: `10s` is `{value: 10000, unit: "ms"}`. */
export interface Literal {
  readonly kind: "literal";
  readonly value: string | number | boolean;
  readonly unit?: "ms";
  readonly at: number;
}

/** One event of a pattern: its raw name or token, and what must hold of the event's own attributes. */
export interface EventStep {
  readonly kind: "step";
  readonly event: string;
  /** Of attributes and literals alone: comparisons, `in`, arithmetic, and, or, not. */
  readonly predicate: Expression | null;
  readonly at: number;
}

/** `repeat until end`: `repeat` one or more times, nothing else between, up to an `end`; one step. */
export interface UntilStep {
  readonly kind: "until";
  readonly repeat: EventStep;
  readonly end: EventStep;
  readonly at: number;
}

/** What a sequence is made of. */
export type Step = EventStep | UntilStep;

/** `->`: some time after, anything between; `=>`: the very next event that is not ignored. */
export type Link = "->" | "=>";

/**
 * One step that stands as a boolean (the session has it), or a chain of them.
 * With `absent`, the last step is negated: true if some match of the steps before has no such event in its window.
 */
export interface Sequence {
  readonly kind: "sequence";
  /** One or more. */
  readonly steps: readonly Step[];
  /** One fewer than steps: `links[i]` stands between steps i and i + 1. */
  readonly links: readonly Link[];
  readonly absent: boolean;
  /**
   * Bounds the first to the last step, or with `absent` the last present step to its deadline; null: the session.
   * A single step has none.
   */
  readonly withinMs: number | null;
  readonly at: number;
}

/** `a or b`, `a and b`: two or more operands, never one of the same kind. */
export interface Logical {
  readonly kind: "or" | "and";
  readonly items: readonly Expression[];
  readonly at: number;
}

/** `not a` */
export interface Not {
  readonly kind: "not";
  readonly item: Expression;
  readonly at: number;
}

/** Comparison operators. */
export type CompareOperator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** `a < b`; false when either side is missing. */
export interface Compare {
  readonly kind: "compare";
  readonly op: CompareOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

/** `x in (a, b)` */
export interface Membership {
  readonly kind: "in";
  readonly item: Expression;
  readonly values: readonly Literal[];
  readonly at: number;
}

/** `a + b` and the like. */
export interface Arithmetic {
  readonly kind: "arithmetic";
  readonly op: "+" | "-" | "*" | "/";
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

/** `-a` (of anything but a literal, whose sign is its own) */
export interface Negate {
  readonly kind: "negate";
  readonly item: Expression;
  readonly at: number;
}

/** A column, or `table.column` of an auxiliary table, by name. As a boolean only inside `[ ]`. */
export interface Attribute {
  readonly kind: "attribute";
  readonly name: string;
  readonly at: number;
}

/** `count(step)`, `count(step) in 60s` */
export interface Count {
  readonly kind: "count";
  readonly step: Step;
  readonly windowMs: number | null;
  readonly at: number;
}

/** `retries(event, success)`, `elapsed(from, to)`, `time_in(enter, leave)` */
export interface PairMeasure {
  readonly kind: "retries" | "elapsed" | "time_in";
  /** Null in `elapsed(start, to)` alone: the session's first event, which may itself be the second. */
  readonly first: EventStep | null;
  readonly second: EventStep;
  readonly at: number;
}

/** `sum(step.attribute)` and the like; `step: null` is `*`, any event. */
export interface Aggregate {
  readonly kind: "aggregate";
  readonly fn: "sum" | "mean" | "min" | "max" | "first" | "last";
  readonly step: EventStep | null;
  readonly attribute: string;
  readonly at: number;
}

/** `session.duration` and the like. */
export interface SessionField {
  readonly kind: "session";
  readonly field: "duration" | "events" | "index" | "longest_gap";
  readonly at: number;
}

/** `user.sessions` and the like. */
export interface UserField {
  readonly kind: "user";
  readonly field: "sessions" | "days_since_last" | "first_seen";
  readonly at: number;
}

/** `start`, `hour(start)`, `weekday(start)` of the session. */
export interface Clock {
  readonly kind: "clock";
  readonly field: "start" | "hour" | "weekday";
  readonly at: number;
}

/** `previous(attribute)`: the attribute's value in the user's session before. */
export interface Previous {
  readonly kind: "previous";
  readonly attribute: string;
  readonly at: number;
}

/** `load.sessions`, `load.failure_rate(kpi)` */
export interface Load {
  readonly kind: "load";
  readonly field: "sessions" | "failure_rate";
  /** The KPI's name; null for `sessions`. */
  readonly kpi: string | null;
  readonly at: number;
}

/** Any expression. */
export type Expression =
  | Literal
  | Sequence
  | Logical
  | Not
  | Compare
  | Membership
  | Arithmetic
  | Negate
  | Attribute
  | Count
  | PairMeasure
  | Aggregate
  | SessionField
  | UserField
  | Clock
  | Previous
  | Load;
