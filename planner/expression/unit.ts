import type { Expression } from "./ast.js";

/** What a number is measured in, where the expression alone says so: `ms` of a duration, a moment in ms since the epoch, or days. */
export type Unit = "ms" | "moment" | "days";

/** The unit of an expression's value; null: none, or the data's own. */
export function unitOf(expression: Expression): Unit | null {
  switch (expression.kind) {
    case "literal":
      return expression.unit ?? null;
    case "session":
      return expression.field === "duration" || expression.field === "longest_gap" ? "ms" : null;
    case "elapsed":
    case "time_in":
      return "ms";
    case "clock":
      return expression.field === "start" ? "moment" : null;
    case "user":
      return expression.field === "first_seen" ? "moment" : expression.field === "days_since_last" ? "days" : null;
    default:
      return null;
  }
}
