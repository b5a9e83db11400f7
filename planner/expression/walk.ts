import type { Expression, Step } from "./ast.js";

/** What `visit` calls back with. */
export type ExpressionNode = Expression | Step;

/**
 * Calls back with every node in the order of evaluation: operands before what they are operands of, left to right,
 * an event's predicate before its step, steps before their sequence.
 */
export function visit(expression: Expression, callback: (node: ExpressionNode) => void): void {
  switch (expression.kind) {
    case "literal":
    case "attribute":
    case "session":
    case "user":
    case "clock":
    case "previous":
    case "load":
      break;
    case "sequence":
      for (const step of expression.steps) visitStep(step, callback);
      break;
    case "or":
    case "and":
      for (const item of expression.items) visit(item, callback);
      break;
    case "not":
    case "negate":
      visit(expression.item, callback);
      break;
    case "compare":
    case "arithmetic":
      visit(expression.left, callback);
      visit(expression.right, callback);
      break;
    case "in":
      visit(expression.item, callback);
      for (const value of expression.values) visit(value, callback);
      break;
    case "count":
      visitStep(expression.step, callback);
      break;
    case "retries":
    case "elapsed":
    case "time_in":
      if (expression.first !== null) visitStep(expression.first, callback);
      visitStep(expression.second, callback);
      break;
    case "aggregate":
      if (expression.step !== null) visitStep(expression.step, callback);
      break;
  }
  callback(expression);
}

function visitStep(step: Step, callback: (node: ExpressionNode) => void): void {
  if (step.kind === "until") {
    visitStep(step.repeat, callback);
    visitStep(step.end, callback);
  } else if (step.predicate !== null) visit(step.predicate, callback);
  callback(step);
}

/** The names of the events (raw names or tokens) that an expression looks for, each once, in order of evaluation. */
export function eventNamesOf(expression: Expression): readonly string[] {
  const names = new Set<string>();
  visit(expression, (node) => {
    if (node.kind === "step") names.add(node.event);
  });
  return [...names];
}

/**
 * The attributes that an expression reads, each once, in order of evaluation: by name, of events (in predicates and
 * aggregates) and of the session before.
 */
export function attributesOf(expression: Expression): readonly string[] {
  const names = new Set<string>();
  visit(expression, (node) => {
    if (node.kind === "attribute") names.add(node.name);
    else if (node.kind === "aggregate" || node.kind === "previous") names.add(node.attribute);
  });
  return [...names];
}

/** Whether an expression is true or false of a session rather than a value; `true` and `false` are both. */
export function isCondition(expression: Expression): boolean {
  switch (expression.kind) {
    case "sequence":
    case "or":
    case "and":
    case "not":
    case "compare":
    case "in":
      return true;
    case "literal":
      return typeof expression.value === "boolean";
    default:
      return false;
  }
}
