import type { Expression } from "./expression/ast.js";
import { visit } from "./expression/walk.js";
import type { KpiPlan } from "./kpi.js";
import type { PlanNode } from "./plan.js";

/**
 * Whether a KPI is decided at a moment of the session (METHODS, 1): it asks for events, not for attributes or whole sessions.
 * @param nodes - of the plan that the KPI was compiled into
 */
export function hasMoment({ outcome }: Pick<KpiPlan, "outcome">, nodes: readonly PlanNode[]): boolean {
  const decides = (id: number): boolean => {
    const node = nodes[id];
    switch (node?.operation.op) {
      case "sequence":
      case "count-at-least":
        return true;
      case "and":
      case "or":
      case "not":
        return node.inputs.some(decides);
      default:
        return false;
    }
  };
  return outcome.kind === "binary" && decides(outcome.node);
}

/**
 * Whether a hypothesis only says how much of a session there is, or that something did not come before its end: how long it
 * is, how many events it has, how late an event comes in it, what is missing from it. Where the outcome has no moment there is
 * no equal time to compare such sessions in, and no stratum of length that holds both sides.
 */
export function saysHowLong(expression: Expression): boolean {
  let says = false;
  visit(expression, (node) => {
    if (node.kind === "session") says ||= node.field !== "index";
    else if (node.kind === "elapsed") says ||= node.first === null;
    else if (node.kind === "sequence") says ||= node.absent;
  });
  return says;
}
