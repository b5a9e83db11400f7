import { numberOf, sameValue } from "../../planner/compile.js";
import type { CompareOperator, Expression } from "../../planner/expression/ast.js";
import type { NumericColumn } from "../columns/event-table.js";
import { columnOf, type TableView } from "./partition.js";
import { auxiliaryValue } from "./tables.js";

/** Whether an event satisfies the predicate of its step, by its position and its session. */
export type EventPredicate = (position: number, session: number) => boolean;

type EventValue = (position: number, session: number) => string | number | boolean | null;

/**
 * Turns the predicate of a step into a function of the event. Comparisons of a coded column with a literal are decided
 * once per value of its dictionary. Time per event is linear in the predicate.
 * @throws RangeError for what cannot stand in a predicate; the planner has refused it
 */
export function compilePredicate(predicate: Expression, table: TableView): EventPredicate {
  switch (predicate.kind) {
    case "and": {
      const items = predicate.items.map((item) => compilePredicate(item, table));
      const [a, b] = items;
      // most have two, which a loop over a list would take twice as long for
      if (items.length === 2 && a !== undefined && b !== undefined)
        return (position, session) => a(position, session) && b(position, session);
      return (position, session) => items.every((item) => item(position, session));
    }
    case "or": {
      const items = predicate.items.map((item) => compilePredicate(item, table));
      const [a, b] = items;
      if (items.length === 2 && a !== undefined && b !== undefined)
        return (position, session) => a(position, session) || b(position, session);
      return (position, session) => items.some((item) => item(position, session));
    }
    case "not": {
      const item = compilePredicate(predicate.item, table);
      return (position, session) => !item(position, session);
    }
    case "literal":
      return () => predicate.value === true;
    case "attribute":
      return byValue(predicate.name, (value) => value === true || value === "true", table);
    case "in": {
      const { item, values } = predicate;
      const among = (value: string | number | boolean | null): boolean =>
        values.some((allowed) => compareValues(value, "==", allowed.value));
      if (item.kind === "attribute") return byValue(item.name, among, table);
      const value = compileValue(item, table);
      return (position, session) => among(value(position, session));
    }
    case "compare": {
      const { left, op, right } = predicate;
      if (left.kind === "attribute" && right.kind === "literal") {
        const numbers = typeof right.value === "number" ? numbersByGrain(left.name, table) : null;
        if (numbers !== null && typeof right.value === "number") return byNumber(numbers, op, right.value);
        return byValue(left.name, (value) => compareValues(value, op, right.value), table);
      }
      const [a, b] = [compileValue(left, table), compileValue(right, table)];
      return (position, session) => compareValues(a(position, session), op, b(position, session));
    }
    default:
      throw new RangeError(`invalid predicate: ${predicate.kind}`);
  }
}

/** A test of one column's value; for a coded column it is done once per value. */
function byValue(
  name: string,
  test: (value: string | number | boolean | null) => boolean,
  table: TableView,
): EventPredicate {
  const auxiliary = isColumn(table, name) ? null : auxiliaryValue(table, name);
  if (auxiliary !== null) return (position, session) => test(auxiliary(position, session));
  const column = columnOf(table, name);
  const bySession = column.grain === "session";
  if (column.kind === "coded") {
    const passes = Uint8Array.from([null, ...column.dictionary], (value) => (test(value) ? 1 : 0));
    const { codes } = column;
    return bySession
      ? (_, session) => passes[codes[session] as number] === 1
      : (position) => passes[codes[position] as number] === 1;
  }
  const { values } = column;
  return (position, session) => {
    const value = values[bySession ? session : position] as number;
    return test(Number.isNaN(value) ? null : value);
  };
}

/** The values of a column of numbers; null for any other. */
function numbersByGrain(name: string, table: TableView): Pick<NumericColumn, "values" | "grain"> | null {
  const column = table.columns.find((candidate) => candidate.name === name);
  return column?.kind === "numeric" ? column : null;
}

/** A comparison of a column of numbers with one: a loop over the events of a step calls it for each. */
function byNumber(
  { values, grain }: Pick<NumericColumn, "values" | "grain">,
  op: CompareOperator,
  bound: number,
): EventPredicate {
  if (grain === "session") return (_, session) => compareNumbers(values[session] as number, op, bound);
  return (position) => compareNumbers(values[position] as number, op, bound);
}

function isColumn({ columns }: TableView, name: string): boolean {
  return columns.some((column) => column.name === name);
}

function compileValue(expression: Expression, table: TableView): EventValue {
  switch (expression.kind) {
    case "literal":
      return () => expression.value;
    case "attribute": {
      const auxiliary = isColumn(table, expression.name) ? null : auxiliaryValue(table, expression.name);
      if (auxiliary !== null) return auxiliary;
      const column = columnOf(table, expression.name);
      const bySession = column.grain === "session";
      if (column.kind === "coded") {
        const values = [null, ...column.dictionary];
        return (position, session) => values[column.codes[bySession ? session : position] as number] ?? null;
      }
      return (position, session) => {
        const value = column.values[bySession ? session : position] as number;
        return Number.isNaN(value) ? null : value;
      };
    }
    case "negate": {
      const item = compileValue(expression.item, table);
      return (position, session) => finite(-toNumber(item(position, session)));
    }
    case "arithmetic": {
      const [a, b] = [compileValue(expression.left, table), compileValue(expression.right, table)];
      return (position, session) =>
        finite(compute(expression.op, toNumber(a(position, session)), toNumber(b(position, session))));
    }
    default:
      throw new RangeError(`invalid value in a predicate: ${expression.kind}`);
  }
}

/** `a op b`; NaN where either is missing, and for division by zero. */
export function compute(op: "+" | "-" | "*" | "/", a: number, b: number): number {
  switch (op) {
    case "+":
      return a + b;
    case "-":
      return a - b;
    case "*":
      return a * b;
    case "/":
      return b === 0 ? Number.NaN : a / b;
  }
}

function toNumber(value: string | number | boolean | null): number {
  return value === null ? Number.NaN : numberOf(value);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

/** A comparison by the language's rules: false where a side is missing; numbers as numbers, the rest as text. */
function compareValues(
  left: string | number | boolean | null,
  op: CompareOperator,
  right: string | number | boolean | null,
): boolean {
  if (left === null || right === null) return false;
  const isNumeric = typeof left === "number" || typeof right === "number";
  if (op !== "==" && op !== "!=") return isNumeric && compareNumbers(numberOf(left), op, numberOf(right));
  return (isNumeric ? numberOf(left) === numberOf(right) : sameValue(left, right)) === (op === "==");
}

/** A comparison of numbers; false where either is NaN, also for `!=`. */
export function compareNumbers(a: number, op: CompareOperator, b: number): boolean {
  switch (op) {
    case "==":
      return a === b;
    case "!=":
      return a < b || a > b;
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
  }
}
