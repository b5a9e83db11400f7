import { printDuration } from "../duration.js";
import type { Aggregate, CompareOperator, EventStep, Expression, Literal, Sequence, Step } from "./ast.js";
import { printAttribute, printEvent, printLiteral } from "./print.js";
import { unitOf } from "./unit.js";
import { isCondition, visit } from "./walk.js";

/** What a comparison says of its left side, for numbers and for moments. A missing side makes each false, `!=` too. */
const comparisons: Readonly<Record<CompareOperator, { readonly number: string; readonly moment: string }>> = {
  "==": { number: "is", moment: "is" },
  "!=": { number: "is something other than", moment: "is something other than" },
  "<": { number: "is less than", moment: "is before" },
  "<=": { number: "is at most", moment: "is not after" },
  ">": { number: "is more than", moment: "is after" },
  ">=": { number: "is at least", moment: "is not before" },
};

const operators = { "+": "plus", "-": "less", "*": "times", "/": "divided by" } as const;

const aggregates: Readonly<Record<Aggregate["fn"], string>> = {
  sum: "the sum of",
  mean: "the mean of",
  min: "the smallest",
  max: "the greatest",
  first: "the first",
  last: "the last",
};

const fields = {
  "session.duration": "the session's duration",
  "session.events": "the number of the session's events",
  "session.index": "the session's number among those of its user",
  "session.longest_gap": "the longest time between two neighbouring events of the session",
  "user.sessions": "the number of the user's sessions up to this one",
  "user.days_since_last": "the number of days since the user's session before",
  "user.first_seen": "the moment when the user was first seen",
} as const;

const clocks = {
  start: "the session's start",
  hour: "the hour of the session's start",
  weekday: "the weekday of the session's start",
} as const;

const weekdays = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

const units: Readonly<Record<string, string>> = { m: "min", d: "days" };

/**
 * What an expression means, in plain English: one sentence, and others for what readers misjudge. Total: every tree has its
 * words. Names of the data stand in it as the language prints them.
 */
export function describeExpression(expression: Expression): string {
  return [firstSentence(expression), ...notesOf(expression)].join(" ");
}

function firstSentence(expression: Expression): string {
  if (expression.kind === "literal") {
    if (expression.value === true) return "Every session.";
    if (expression.value === false) return "No session.";
  }
  if (isCondition(expression)) return `Sessions in which ${clause(expression, SESSION)}.`;
  const text = noun(expression, SESSION);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What is easily misjudged, each once. */
function notesOf(whole: Expression): readonly string[] {
  const notes = new Set<string>();
  const missing = new Set<string>();
  let compares = false;
  visit(whole, (node) => {
    switch (node.kind) {
      case "sequence":
        if (node.links.includes("=>")) notes.add(PASSED_OVER);
        if (node.absent && node.withinMs !== null)
          notes.add("A session that ends before that time is up has none in it.");
        break;
      case "until":
        notes.add(PASSED_OVER);
        break;
      case "retries":
        missing.add(`It is missing where there is no ${eventOf(node.second)}.`);
        break;
      case "elapsed":
        missing.add(
          node.first === null
            ? `It is missing where there is no ${eventOf(node.second)}.`
            : `It is missing where no ${eventOf(node.second)} comes after ${article(eventOf(node.first))}.`,
        );
        break;
      case "session":
        if (node.field === "duration") notes.add("A session's duration goes from its first event to its last.");
        break;
      case "aggregate":
        if (node.fn !== "sum") missing.add("It is missing where no such event has it.");
        break;
      case "previous":
        missing.add("It is missing in a user's first session.");
        break;
      case "user":
        if (node.field === "days_since_last") missing.add("It is missing in a user's first session.");
        break;
      case "load":
        if (node.kpi !== null) missing.add("It is missing where none of them counts.");
        break;
      case "arithmetic":
        if (node.op === "/") missing.add("A division by 0 is missing.");
        break;
      case "compare":
      case "in":
        compares = true;
        break;
      default:
        break;
    }
  });
  if (missing.size === 0) return [...notes];
  // what "it" is would be a riddle in a condition of several parts, where only the consequence matters
  return [
    ...notes,
    ...(isCondition(whole) ? (compares ? ["Where a value is missing, a comparison with it is false."] : []) : missing),
  ];
}

const PASSED_OVER = "Events that the study ignores are passed over.";

/** Whose attributes are meant: those of a session need to be told from those of an event. */
type Owner = "the session's " | "";
const SESSION = "the session's ";

/**
 * A condition as a clause: `there is an error event`.
 * @param nested - it is part of another, so that its own parts must be seen to belong together
 */
function clause(expression: Expression, owner: Owner, nested = false): string {
  switch (expression.kind) {
    case "literal":
      return expression.value === true
        ? "anything is the case"
        : expression.value === false
          ? "nothing is the case"
          : `${noun(expression, owner)} holds`;
    case "or": {
      const parts = expression.items.map((item) => clause(item, owner, true));
      return `either ${listed(parts, "or")}`;
    }
    case "and": {
      const parts = expression.items.map((item) => clause(item, owner, true));
      const joined = listed(parts, "and");
      return !nested ? joined : parts.length === 2 ? `both ${joined}` : `all of this: ${joined}`;
    }
    case "not":
      return negated(expression.item, owner);
    case "sequence":
      return sequence(expression, "some");
    case "compare": {
      const { left, right, op } = expression;
      const how = comparisons[op][unitOf(left) === "moment" || unitOf(right) === "moment" ? "moment" : "number"];
      return `${noun(left, owner)} ${how} ${operand(right, left, owner)}`;
    }
    case "in":
      return `${noun(expression.item, owner)} is ${listed(
        expression.values.map((value) => operand(value, expression.item, owner)),
        "or",
      )}`;
    case "attribute":
      return `${printAttribute(expression.name)} is true`;
    default:
      return `${noun(expression, owner)} holds`;
  }
}

function negated(item: Expression, owner: Owner): string {
  if (item.kind === "attribute") return `${printAttribute(item.name)} is not true`;
  if (item.kind === "sequence" && !item.absent && item.steps.length <= 2) return sequence(item, "no");
  return `it is not so that ${clause(item, owner, true)}`;
}

/** @param which - `some`: the chain exists; `no`: it does not, of at most two steps, none of them absent */
function sequence({ steps, links, absent, withinMs }: Sequence, which: "some" | "no"): string {
  const [first, ...rest] = steps;
  if (first === undefined) return "anything is the case";
  if (rest.length === 0) {
    return which === "no" ? `there is no ${stepOf(first, " event")}` : `there is ${article(stepOf(first, " event"))}`;
  }
  const within = withinMs === null ? "" : ` within ${duration(withinMs)}`;
  const present = absent ? rest.slice(0, -1) : rest;
  const followed = present.map((step, at) => {
    const how = links[at] === "=>" ? "directly" : "sooner or later";
    const who = at === 0 ? "is followed" : ", and that";
    const place = how === "directly" ? " directly" : within !== "" && rest.length === 1 ? "" : `, ${how},`;
    return `${at === 0 ? " " : ""}${who}${place} by ${article(stepOf(step))}`;
  });
  const head = `${which} ${stepOf(first)}${followed.join("")}`;
  const last = rest.at(-1);
  if (absent && last !== undefined) {
    return present.length === 0
      ? `${head} is not followed by any ${stepOf(last)}${within === "" ? " in the rest of the session" : within}`
      : `${head}, after which no ${stepOf(last)} comes${within === "" ? " in the rest of the session" : within}`;
  }
  if (rest.length === 1) return `${head}${within}`;
  return `${head}${withinMs === null ? "" : `, with at most ${duration(withinMs)} from the first to the last`}`;
}

/** A value as a noun phrase: `the number of error events`. */
function noun(expression: Expression, owner: Owner): string {
  switch (expression.kind) {
    case "literal":
      return literal(expression);
    case "attribute":
      return `${owner}${printAttribute(expression.name)}`;
    case "arithmetic":
      return `${factor(expression.left, owner)} ${operators[expression.op]} ${factor(expression.right, owner)}`;
    case "negate":
      return `minus ${factor(expression.item, owner)}`;
    case "count": {
      const what = stepOf(expression.step, " events");
      return expression.windowMs === null
        ? `the number of ${what}`
        : `the greatest number of ${what} in any stretch of ${duration(expression.windowMs)}`;
    }
    case "retries":
      return `the number of ${expression.first === null ? "events" : stepOf(expression.first, " events")} before the first ${stepOf(expression.second)}`;
    case "elapsed":
      return expression.first === null
        ? `the time from the session's start to the first ${stepOf(expression.second)}`
        : `the time from the first ${stepOf(expression.first)} to the first ${stepOf(expression.second)} after it`;
    case "time_in":
      return `the time between each ${expression.first === null ? "event" : stepOf(expression.first)} and the next ${stepOf(expression.second)}, added up`;
    case "aggregate": {
      const { fn, step, attribute } = expression;
      const events = step === null ? "all events" : stepOf(step, " events");
      return `${aggregates[fn]} ${printAttribute(attribute)} of ${events}`;
    }
    case "session":
      return fields[`session.${expression.field}`];
    case "user":
      return fields[`user.${expression.field}`];
    case "clock":
      return clocks[expression.field];
    case "previous":
      return `the ${printAttribute(expression.attribute)} of the user's session before`;
    case "load":
      return expression.kpi === null
        ? "the number of other sessions that started in the minute before this one's start"
        : `the share of the other sessions started in the minute before this one's start that fail ${printEvent(expression.kpi)}`;
    case "sequence":
    case "or":
    case "and":
    case "not":
    case "compare":
    case "in":
      return `whether ${clause(expression, owner)}`;
  }
}

function factor(expression: Expression, owner: Owner): string {
  const text = noun(expression, owner);
  return expression.kind === "arithmetic" || expression.kind === "negate" ? `(${text})` : text;
}

/** The right side of a comparison, in the unit of its left side. */
function operand(right: Expression, left: Expression, owner: Owner): string {
  if (right.kind !== "literal" || typeof right.value !== "number") return noun(right, owner);
  if (left.kind === "clock" && left.field === "weekday" && weekdays[right.value - 1] !== undefined) {
    return `${weekdays[right.value - 1]} (${right.value})`;
  }
  return (right.unit ?? unitOf(left)) === "ms" ? duration(right.value) : literal(right);
}

function literal({ value, unit }: Literal): string {
  if (typeof value !== "number") return printLiteral({ value });
  return unit === "ms" ? duration(value) : String(value);
}

/** `10s` as `10 s`, `5m` as `5 min`. */
function duration(ms: number): string {
  if (!Number.isFinite(ms)) return `${ms} ms`;
  const [, size = "", unit = ""] = /^(.*?)([a-z]+)$/.exec(printDuration(ms)) ?? [];
  return unit === "d" && size === "1" ? "1 day" : `${size} ${units[unit] ?? unit}`;
}

/** @param word - what follows the event's name: `" event"`, `" events"` or nothing */
function stepOf(step: Step, word = ""): string {
  if (step.kind === "step") return eventOf(step, word);
  const run = `run of one or more ${eventOf(step.repeat, " events")}, nothing else between, that ends in ${article(eventOf(step.end))}`;
  return word === " events" ? run.replace(/^run/, "runs").replace("that ends", "that end") : run;
}

function eventOf({ event, predicate }: EventStep, word = ""): string {
  return `${printEvent(event)}${word}${predicate === null ? "" : ` (where ${clause(predicate, "")})`}`;
}

function article(text: string): string {
  return `${/^"?[aeiou]/i.test(text) ? "an" : "a"} ${text}`;
}

function listed(parts: readonly string[], word: "and" | "or"): string {
  const [last = ""] = parts.slice(-1);
  if (parts.length < 2) return last;
  // clauses of several parts need a comma before the last
  const comma = parts.some((part) => /,|^(?:both|either) /.test(part)) ? "," : "";
  return `${parts.slice(0, -1).join(", ")}${comma} ${word} ${last}`;
}
