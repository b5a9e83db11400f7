import type { PlanNode } from "./plan.js";

/** The order in which nodes are computed, and when their values are no more needed. */
export interface Schedule {
  /** Those that are needed, inputs before those that use them. */
  readonly nodes: readonly PlanNode[];
  /** Ids by place in that order: nodes that nothing reads after the one there. */
  readonly dead: readonly (readonly number[])[];
}

/**
 * Orders the nodes that some are computed from such that each is followed by what can be computed with it: its values are read while
 * the cache still has them, and few are alive at once. O(nodes + inputs).
 * @param nodes - inputs before those that use them
 * @param wanted - ids of the nodes whose values are asked for; they are read as soon as they are there
 * @param given - ids of the nodes whose values are known; they need nothing and never die
 */
export function scheduleNodes(
  nodes: readonly PlanNode[],
  wanted: readonly number[],
  given: ReadonlySet<number>,
): Schedule {
  const order = inOrderOfUse(neededNodes(nodes, wanted, given));
  const lastUse = new Map<number, number>();
  for (const [place, { id, inputs }] of order.entries()) {
    lastUse.set(id, place);
    if (!given.has(id)) for (const used of inputs) lastUse.set(used, place);
  }
  const dead = order.map((): number[] => []);
  for (const [id, place] of lastUse) if (!given.has(id)) dead[place]?.push(id);
  return { nodes: order, dead };
}

/** The nodes that some are computed from, these included; what is given needs nothing. */
function neededNodes(nodes: readonly PlanNode[], wanted: readonly number[], given: ReadonlySet<number>): PlanNode[] {
  const needed = new Set(wanted);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at] as PlanNode;
    if (needed.has(node.id) && !given.has(node.id)) for (const used of node.inputs) needed.add(used);
  }
  return nodes.filter(({ id }) => needed.has(id));
}

function inOrderOfUse(nodes: readonly PlanNode[]): PlanNode[] {
  const present = new Set(nodes.map(({ id }) => id));
  const missing = new Map<number, number>();
  const users = new Map<number, PlanNode[]>();
  for (const node of nodes) {
    const inputs = new Set(node.inputs.filter((id) => present.has(id)));
    missing.set(node.id, inputs.size);
    for (const id of inputs) {
      const known = users.get(id);
      if (known === undefined) users.set(id, [node]);
      else known.push(node);
    }
  }
  const order: PlanNode[] = [];
  const ready = nodes.filter(({ id }) => missing.get(id) === 0).reverse();
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    order.push(node);
    for (const user of (users.get(node.id) ?? []).toReversed()) {
      const left = (missing.get(user.id) as number) - 1;
      missing.set(user.id, left);
      if (left === 0) ready.push(user);
    }
  }
  return order;
}
