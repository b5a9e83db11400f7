import type { PlanNode } from "./plan.js";

/**
 * By node id: whether the node's value is known when the session starts, so that it is evidence whatever happens later.
 * Everything else is a matter of what has happened so far, and is computed on the events before a KPI's outcome.
 */
export function knownAtStart(nodes: readonly PlanNode[]): boolean[] {
  const known: boolean[] = [];
  for (const { id, operation, inputs } of nodes) {
    const isOfEvents = operation.op === "step" || operation.op === "session";
    known[id] = !isOfEvents && inputs.every((input) => known[input] === true);
  }
  return known;
}
