/**
 * What expressions mean (docs/EXPRESSIONS.md), written for clarity alone: every choice of events is tried, nothing is
 * shared, and missing is null. Positions are places in the session, from 0; its end is its number of events.
 */

import type { Value } from "../../engine/columns/event-table.js";
import type {
  CompareOperator,
  EventStep,
  Expression,
  Literal,
  Sequence,
  SessionField,
  Step,
  UserField,
} from "../../planner/expression/ast.js";
import type { TokenRule } from "../../planner/study.js";
import type { Reading, TestEvent, TestSession, TestUser } from "./tables.js";

/** A condition's value, and the place before whose event it was decided. */
export interface Decided {
  readonly value: boolean;
  readonly decided: number;
}

/** The data around a session, and how the study reads them. */
export interface Scene {
  readonly user: TestUser;
  readonly index: number;
  readonly reading: Reading;
  /** Columns whose cells are numbers, be they written as text. */
  readonly numeric: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;

/** A condition of a session. */
export function conditionOf(expression: Expression, scene: Scene): Decided {
  const session = sessionOf(scene);
  const atEnd = (value: boolean): Decided => ({ value, decided: session.length });
  switch (expression.kind) {
    case "literal":
      return atEnd(expression.value === true);
    case "not": {
      const { value, decided } = conditionOf(expression.item, scene);
      return { value: !value, decided };
    }
    case "and":
    case "or": {
      const items = expression.items.map((item) => conditionOf(item, scene));
      // one operand settles it as soon as it is decided; otherwise all have to be
      const settling = items.filter((item) => item.value === (expression.kind === "or"));
      if (settling.length > 0) {
        return { value: expression.kind === "or", decided: Math.min(...settling.map((item) => item.decided)) };
      }
      return { value: expression.kind === "and", decided: Math.max(...items.map((item) => item.decided)) };
    }
    case "sequence":
      return expression.steps.length === 1
        ? atLeast(expression.steps[0] as Step, 1, scene)
        : sequenceOf(expression, scene);
    case "compare":
      return comparisonOf(expression.left, expression.op, expression.right, scene);
    case "in":
      return conditionOf(
        {
          kind: "or",
          items: expression.values.map((right) => ({ kind: "compare", op: "==", left: expression.item, right, at: 0 })),
          at: 0,
        },
        scene,
      );
    default:
      throw new TypeError(`no condition: ${expression.kind}`);
  }
}

function comparisonOf(left: Expression, op: CompareOperator, right: Expression, scene: Scene): Decided {
  const session = sessionOf(scene);
  if (left.kind === "literal" && right.kind !== "literal") return comparisonOf(right, mirrored(op), left, scene);
  // a count that can only grow is decided by the event that reaches the bound
  if (left.kind === "count" && left.windowMs === null && right.kind === "literal" && typeof right.value === "number") {
    const bound = right.value;
    const enough = (n: number) => atLeast(left.step, n, scene);
    const opposite = ({ value, decided }: Decided): Decided => ({ value: !value, decided });
    if (op === ">=") return enough(Math.ceil(bound));
    if (op === ">") return enough(Math.floor(bound) + 1);
    if (op === "<") return opposite(enough(Math.ceil(bound)));
    if (op === "<=") return opposite(enough(Math.floor(bound) + 1));
    if (bound === 0) return op === "!=" ? enough(1) : opposite(enough(1));
  }
  const sides = [left, right].map((side) => sideOf(side, right, scene));
  return { value: compare(sides[0] ?? null, op, sides[1] ?? null), decided: session.length };
}

/** One side of a comparison: a text where a text is compared, else a number; moments as ISO texts are numbers. */
function sideOf(side: Expression, right: Expression, scene: Scene): Value | null {
  const other = right.kind === "literal" ? right.value : null;
  if (side.kind === "attribute" && (!scene.numeric.has(side.name) || typeof other === "string")) {
    return sessionOf(scene)[0]?.values?.[side.name] ?? null;
  }
  if (side.kind === "previous" && (!scene.numeric.has(side.attribute) || typeof other === "string")) {
    return scene.user[scene.index - 1]?.[0]?.values?.[side.attribute] ?? null;
  }
  if (side.kind === "literal" && typeof side.value !== "number") {
    const moment = typeof side.value === "string" && /^\d{4}-\d\d-\d\d/.test(side.value);
    return moment ? Date.parse(`${side.value}Z`) : side.value;
  }
  return numberOf(side, scene);
}

function mirrored(op: CompareOperator): CompareOperator {
  const mirror: Partial<Record<CompareOperator, CompareOperator>> = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };
  return mirror[op] ?? op;
}

/** Numbers as numbers, the rest as text; false where a side is missing. */
function compare(a: Value | null, op: CompareOperator, b: Value | null): boolean {
  if (a === null || b === null) return false;
  const numbers = typeof a === "number" || typeof b === "number";
  const [x, y] = numbers ? [Number(a), Number(b)] : [String(a), String(b)];
  switch (op) {
    case "==":
      return x === y;
    case "!=":
      return x !== y;
    case "<":
      return numbers && x < y;
    case "<=":
      return numbers && x <= y;
    case ">":
      return numbers && x > y;
    case ">=":
      return numbers && x >= y;
  }
}

/** At least n events of a step: decided at the n-th. */
function atLeast(step: Step, n: number, scene: Scene): Decided {
  const session = sessionOf(scene);
  const places = placesOf(step, scene);
  const nth = places[n - 1];
  if (n <= 0) return { value: true, decided: session.length };
  return nth === undefined ? { value: false, decided: session.length } : { value: true, decided: nth };
}

/** Every choice of visible events for the steps is tried. */
function sequenceOf({ steps, links, absent, withinMs }: Sequence, scene: Scene): Decided {
  const session = sessionOf(scene);
  const visible = [...session.keys()].filter((at) => !isIgnored(session[at] as TestEvent, scene.reading));
  const fits = (step: EventStep, at: number): boolean => placesOf(step, scene).includes(at);
  const present = absent ? steps.slice(0, -1) : steps;
  const time = (at: number): number => (session[at] as TestEvent).time;
  /** Last places of the matches of the steps from `step` on, the one before standing at `before`. */
  const lastPlaces = (step: number, before: number, first: number): number[] => {
    if (step === present.length) return [before];
    return spansOf(present[step] as Step, scene)
      .filter(({ from }) => {
        if (step === 0) return true;
        if (links[step - 1] === "=>") return visible.indexOf(from) === visible.indexOf(before) + 1;
        return from > before;
      })
      .flatMap(({ from, to }) =>
        lastPlaces(step + 1, to, step === 0 ? from : first).filter(
          (last) => absent || withinMs === null || time(last) - time(step === 0 ? from : first) <= withinMs,
        ),
      );
  };
  const ends = [...new Set(lastPlaces(0, -1, -1))].sort((a, b) => a - b);
  /** The first event at or after the end of the wait that began with an event. */
  const deadline = (at: number, waitMs: number): number => {
    const later = [...session.keys()].find((place) => place > at && time(place) >= time(at) + waitMs);
    return later ?? session.length;
  };
  if (absent) {
    const negated = steps[steps.length - 1] as Step;
    const unanswered = ends.find(
      (end) =>
        !spansOf(negated, scene).some(
          ({ from, to }) => from > end && (withinMs === null || time(to) - time(end) <= withinMs),
        ),
    );
    if (unanswered === undefined) return { value: false, decided: session.length };
    return { value: true, decided: withinMs === null ? session.length : deadline(unanswered, withinMs) };
  }
  const [completed] = ends;
  if (completed !== undefined) return { value: true, decided: completed };
  const anchor = present[0] as Step;
  const lastAnchor = visible.filter((at) => fits(anchor.kind === "until" ? anchor.repeat : anchor, at)).pop();
  if (withinMs === null || lastAnchor === undefined) return { value: false, decided: session.length };
  return { value: false, decided: deadline(lastAnchor, withinMs) };
}

/** Where a step can stand among the visible events: an event, or a run of events up to an end. */
function spansOf(step: Step, scene: Scene): { readonly from: number; readonly to: number }[] {
  const session = sessionOf(scene);
  const visible = [...session.keys()].filter((at) => !isIgnored(session[at] as TestEvent, scene.reading));
  const fits = (own: EventStep, at: number): boolean => matches(own, session[at] as TestEvent, scene);
  if (step.kind === "step") return visible.filter((at) => fits(step, at)).map((at) => ({ from: at, to: at }));
  return visible.flatMap((from, start) =>
    visible
      .slice(start + 1)
      .filter((to, count) => {
        const run = visible.slice(start, start + count + 1);
        return fits(step.end, to) && run.every((at) => fits(step.repeat, at));
      })
      .map((to) => ({ from, to })),
  );
}

/** Places of the events that match a step, ignored ones too; of a run its ends. */
export function placesOf(step: Step, scene: Scene): number[] {
  if (step.kind === "until") return [...new Set(spansOf(step, scene).map(({ to }) => to))].sort((a, b) => a - b);
  const session = sessionOf(scene);
  return [...session.keys()].filter((at) => matches(step, session[at] as TestEvent, scene));
}

function matches({ event, predicate }: EventStep, candidate: TestEvent, scene: Scene): boolean {
  if (candidate.name !== event && tokenOf(candidate, scene.reading) !== event) return false;
  return predicate === null || holdsOf(predicate, candidate);
}

/** The token of an event: its name, a mapped name, or the name with its values in braces. */
export function tokenOf({ name, values }: TestEvent, { rules = [] }: Reading): string {
  const rule = rules.find((candidate) =>
    candidate.kind === "match" ? globs(candidate, name) : candidate.event === name,
  );
  if (rule === undefined) return name;
  if (rule.kind === "match") return rule.token;
  const parts = rule.attributes
    .filter((attribute) => (values?.[attribute] ?? null) !== null)
    .map((attribute) => `${attribute}=${values?.[attribute]}`);
  return parts.length === 0 ? name : `${name}{${parts.join(",")}}`;
}

function globs({ pattern }: TokenRule & { kind: "match" }, name: string): boolean {
  const escaped = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "s").test(name);
}

/** Whether the study's filter ignores an event. */
export function isIgnored({ name }: TestEvent, { ignore = [] }: Reading): boolean {
  return ignore.some((pattern) => globs({ kind: "match", pattern, token: "" }, name));
}

/** A predicate of an event's own attributes. */
function holdsOf(predicate: Expression, event: TestEvent): boolean {
  switch (predicate.kind) {
    case "and":
      return predicate.items.every((item) => holdsOf(item, event));
    case "or":
      return predicate.items.some((item) => holdsOf(item, event));
    case "not":
      return !holdsOf(predicate.item, event);
    case "literal":
      return predicate.value === true;
    case "attribute":
      return cellOf(predicate.name, event) === true;
    case "compare":
      return compare(operandOf(predicate.left, event), predicate.op, operandOf(predicate.right, event));
    case "in": {
      const item = operandOf(predicate.item, event);
      return predicate.values.some(({ value }: Literal) => compare(item, "==", value));
    }
    default:
      throw new TypeError(`no predicate: ${predicate.kind}`);
  }
}

function operandOf(operand: Expression, event: TestEvent): Value | null {
  switch (operand.kind) {
    case "literal":
      return operand.value;
    case "attribute":
      return cellOf(operand.name, event);
    case "arithmetic": {
      const [a, b] = [operandOf(operand.left, event), operandOf(operand.right, event)];
      return arithmetic(a === null ? null : Number(a), operand.op, b === null ? null : Number(b));
    }
    case "negate": {
      const value = operandOf(operand.item, event);
      return value === null ? null : -Number(value);
    }
    default:
      throw new TypeError(`no operand: ${operand.kind}`);
  }
}

function cellOf(name: string, event: TestEvent): Value | null {
  return event.values?.[name] ?? null;
}

/** A number of a session. */
export function numberOf(expression: Expression, scene: Scene): number | null {
  const session = sessionOf(scene);
  const first = session[0] as TestEvent;
  const last = session[session.length - 1] as TestEvent;
  switch (expression.kind) {
    case "literal":
      return expression.value as number;
    case "attribute":
      return numeric(first.values?.[expression.name] ?? null);
    case "arithmetic":
      return arithmetic(numberOf(expression.left, scene), expression.op, numberOf(expression.right, scene));
    case "negate": {
      const value = numberOf(expression.item, scene);
      return value === null ? null : -value;
    }
    case "count": {
      const times = placesOf(expression.step, scene).map((at) => (session[at] as TestEvent).time);
      const { windowMs } = expression;
      if (windowMs === null) return times.length;
      return Math.max(0, ...times.map((from) => times.filter((to) => to >= from && to - from <= windowMs).length));
    }
    case "aggregate": {
      const places = expression.step === null ? [...session.keys()] : placesOf(expression.step, scene);
      const values = places
        .map((at) => numeric((session[at] as TestEvent).values?.[expression.attribute] ?? null))
        .filter((value) => value !== null);
      return aggregate(expression.fn, values);
    }
    case "session": {
      const { field }: { field: SessionField["field"] } = expression;
      if (field === "duration") return last.time - first.time;
      if (field === "events") return session.length;
      if (field === "index") return indexOf(scene);
      return Math.max(0, ...session.slice(1).map(({ time }, at) => time - (session[at] as TestEvent).time));
    }
    case "user": {
      const before = scene.user[scene.index - 1]?.[0];
      const { field }: { field: UserField["field"] } = expression;
      if (field === "sessions") return indexOf(scene);
      if (field === "days_since_last") return before === undefined ? null : (first.time - before.time) / DAY_MS;
      const start = (scene.user[0] as TestSession)[0] as TestEvent;
      const known = scene.reading.history?.firstSeen ?? null;
      const seen = known === null ? null : numeric(start.values?.[known] ?? null);
      return seen === null ? start.time : Math.min(seen, start.time);
    }
    case "clock": {
      const { field } = expression;
      const date = new Date(first.time);
      return field === "start" ? first.time : field === "hour" ? date.getUTCHours() : date.getUTCDay() || 7;
    }
    case "retries": {
      const [success] = placesOf(expression.second, scene);
      if (success === undefined) return null;
      return placesOf(expression.first as EventStep, scene).filter((at) => at < success).length;
    }
    case "elapsed": {
      const from = expression.first === null ? 0 : placesOf(expression.first, scene)[0];
      if (from === undefined) return null;
      const to = placesOf(expression.second, scene).find((at) => (expression.first === null ? at >= from : at > from));
      return to === undefined ? null : (session[to] as TestEvent).time - (session[from] as TestEvent).time;
    }
    case "time_in": {
      const [enters, leaves] = [placesOf(expression.first as EventStep, scene), placesOf(expression.second, scene)];
      let [sum, since] = [0, null as number | null];
      for (const [at, { time }] of session.entries()) {
        if (since === null && enters.includes(at)) since = time;
        else if (since !== null && leaves.includes(at)) {
          sum += time - since;
          since = null;
        }
      }
      return since === null ? sum : sum + last.time - since;
    }
    case "previous":
      return numeric(scene.user[scene.index - 1]?.[0]?.values?.[expression.attribute] ?? null);
    default:
      break;
  }
  throw new TypeError(`no number: ${expression.kind}`);
}

function indexOf({ user, index, reading }: Scene): number | null {
  const column = reading.history?.sessions ?? null;
  if (column === null) return index + 1;
  const before = numeric((user[0] as TestSession)[0]?.values?.[column] ?? null);
  return before === null ? null : before + index + 1;
}

function numeric(value: Value | null): number | null {
  return value === null ? null : Number(value);
}

function aggregate(fn: string, values: readonly number[]): number | null {
  const sum = values.reduce((total, value) => total + value, 0);
  if (fn === "sum") return sum;
  if (values.length === 0) return null;
  switch (fn) {
    case "mean":
      return sum / values.length;
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
    case "first":
      return values[0] as number;
    default:
      return values[values.length - 1] as number;
  }
}

function arithmetic(a: number | null, op: "+" | "-" | "*" | "/", b: number | null): number | null {
  if (a === null || b === null || (op === "/" && b === 0)) return null;
  const value = op === "+" ? a + b : op === "-" ? a - b : op === "*" ? a * b : a / b;
  return Number.isFinite(value) ? value : null;
}

function sessionOf({ user, index }: Scene): TestSession {
  return user[index] as TestSession;
}
