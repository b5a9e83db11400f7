import type { Expression } from "../planner/expression/ast.js";
import { visit } from "../planner/expression/walk.js";

/**
 * How much there is to read in a hypothesis: its steps and conditions, one each, and one for every time bound. Of two that hold
 * in the same sessions, the one of less is told.
 */
export function complexityOf(expression: Expression): number {
  let parts = 0;
  visit(expression, (node) => {
    switch (node.kind) {
      case "step":
      case "compare":
      case "in":
        parts++;
        return;
      case "sequence":
      case "count":
        if ((node.kind === "sequence" ? node.withinMs : node.windowMs) !== null) parts++;
        return;
      default:
        return;
    }
  });
  return parts;
}
