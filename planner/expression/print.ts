import { printDuration } from "../duration.js";
import type { Aggregate, Expression, Literal, Sequence, Step } from "./ast.js";
import { isPlainAttribute, isPlainName, reservedWords } from "./words.js";

/** How tightly a construct binds its operands. */
const rank = { or: 1, and: 2, not: 3, compare: 4, sum: 5, product: 6, negate: 7, primary: 8 } as const;

/**
 * Writes an expression so that `parseExpression` reads the same tree from it, with the parentheses that takes, and
 * around a chain after `not`, which people misread without.
 * @throws RangeError for numbers that are not finite
 */
export function printExpression(expression: Expression): string {
  return print(expression, rank.or);
}

/** An event's name as a step: bare where it can be, else quoted. */
export function printEvent(name: string): string {
  return isPlainName(name) ? name : quote(name, '"');
}

/** An attribute's name: bare where it can be, else in backticks. */
export function printAttribute(name: string): string {
  return isPlainName(name) ? name : quote(name, "`");
}

/** One literal of an expression. */
export function printLiteral({ value, unit }: Pick<Literal, "value" | "unit">): string {
  if (typeof value === "string") return quote(value, '"');
  if (typeof value === "boolean") return String(value);
  if (unit === "ms") return printDuration(value);
  if (!Number.isFinite(value)) throw new RangeError(`invalid number: ${value}`);
  return String(value);
}

/** Prints `expression`, in parentheses where it binds less tightly than `least`. */
function print(expression: Expression, least: number): string {
  const text = printBare(expression);
  return rankOf(expression) < least ? `(${text})` : text;
}

function printBare(expression: Expression): string {
  switch (expression.kind) {
    case "literal":
      return printLiteral(expression);
    case "sequence":
      return printSequence(expression);
    case "or":
      return expression.items.map((item) => print(item, rank.and)).join(" or ");
    case "and":
      return expression.items.map((item) => print(item, rank.not)).join(" and ");
    case "not": {
      const { item } = expression;
      return item.kind === "sequence" && item.steps.length > 1
        ? `not (${printBare(item)})`
        : `not ${print(item, rank.not)}`;
    }
    case "compare":
      return `${print(expression.left, rank.sum)} ${expression.op} ${print(expression.right, rank.sum)}`;
    case "in":
      return `${print(expression.item, rank.sum)} in (${expression.values.map(printLiteral).join(", ")})`;
    case "arithmetic": {
      const own = rankOf(expression);
      return `${print(expression.left, own)} ${expression.op} ${print(expression.right, own + 1)}`;
    }
    case "negate":
      return `-${print(expression.item, rank.negate)}`;
    case "attribute":
      return printAttribute(expression.name);
    case "count": {
      const window = expression.windowMs === null ? "" : ` in ${printDuration(expression.windowMs)}`;
      return `count(${printStep(expression.step)})${window}`;
    }
    case "retries":
    case "elapsed":
    case "time_in":
      return `${expression.kind}(${expression.first === null ? "start" : printStep(expression.first)}, ${printStep(expression.second)})`;
    case "aggregate":
      return printAggregate(expression);
    case "session":
    case "user":
      return `${expression.kind}.${expression.field}`;
    case "clock":
      return expression.field === "start" ? "start" : `${expression.field}(start)`;
    case "previous":
      return `previous(${printAttribute(expression.attribute)})`;
    case "load":
      return expression.kpi === null
        ? `load.${expression.field}`
        : `load.${expression.field}(${printEvent(expression.kpi)})`;
  }
}

function rankOf(expression: Expression): number {
  switch (expression.kind) {
    case "or":
    case "and":
    case "not":
    case "compare":
    case "negate":
      return rank[expression.kind];
    case "in":
      return rank.compare;
    case "arithmetic":
      return expression.op === "+" || expression.op === "-" ? rank.sum : rank.product;
    default:
      return rank.primary;
  }
}

function printSequence({ steps, links, absent, withinMs }: Sequence): string {
  const parts = steps.map((step, index) => {
    const link = index === 0 ? "" : ` ${links[index - 1]} `;
    const not = absent && index === steps.length - 1 ? "not " : "";
    return link + not + printStep(step);
  });
  return parts.join("") + (withinMs === null ? "" : ` within ${printDuration(withinMs)}`);
}

function printStep(step: Step): string {
  if (step.kind === "until") return `${printStep(step.repeat)} until ${printStep(step.end)}`;
  const name = printEvent(step.event);
  return step.predicate === null ? name : `${name}[${print(step.predicate, rank.or)}]`;
}

function printAggregate({ fn, step, attribute }: Aggregate): string {
  const name = isPlainAttribute(attribute) ? attribute : quote(attribute, "`");
  if (step === null) return `${fn}(*.${name})`;
  // An event called `session` with an attribute `duration` would read as a field of the session.
  const event =
    step.predicate === null && reservedWords.has(`${step.event}.${attribute}`)
      ? quote(step.event, '"')
      : printStep(step);
  return `${fn}(${event}.${name})`;
}

/** JSON's escapes, which also keep control characters and lone surrogates out of the text. */
/** An event's name in quotes, whatever its shape. */
export function quoteEvent(name: string): string {
  return quote(name, `"`);
}

/** An attribute's name in backticks, whatever its shape. */
export function quoteAttribute(name: string): string {
  return quote(name, "`");
}

function quote(text: string, mark: '"' | "`"): string {
  const escaped = JSON.stringify(text).slice(1, -1);
  const marked = mark === '"' ? escaped : escaped.replaceAll("`", "\\`");
  return mark + marked.replace(/[\u007f-\u009f\u2028\u2029]/g, unicodeEscape) + mark;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
