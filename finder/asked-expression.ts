import type { Expression } from "../planner/expression/ast.js";
import { parseExpression } from "../planner/expression/parse.js";
import { nearest } from "../planner/expression/suggest.js";
import type { DataStatistics } from "../planner/statistics.js";

/**
 * An expression of any type as its whole is meant: a bare name is an attribute, and an event where no attribute has it; a quoted
 * text is an event.
 * @param expression - `text`, parsed as a value
 * @param where - what it is of, for messages
 */
export function meantBy(expression: Expression, text: string, where: string, data: DataStatistics): Expression {
  const isQuoted = expression.kind === "literal" && typeof expression.value === "string";
  const isEvent = expression.kind === "attribute" && readsAsEvent(expression.name, data);
  return isQuoted || isEvent ? parseExpression(text, { where }) : expression;
}

/** Whether a bare name is an event's and no attribute's, or else is near one: then the message is about events. */
function readsAsEvent(name: string, { columns, tables, names, tokens }: DataStatistics): boolean {
  const attributes = [
    ...columns.map((column) => column.name),
    ...tables.flatMap((table) => table.columns.map((column) => `${table.name}.${column.name}`)),
  ];
  const events = [...names, ...tokens.map((token) => token.text)];
  if (attributes.includes(name)) return false;
  return events.includes(name) || (nearest(name, attributes) === null && nearest(name, events) !== null);
}
