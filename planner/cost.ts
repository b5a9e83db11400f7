import { EVENTS_PER_PARTITION } from "./partition.js";
import type { PlanNode } from "./plan.js";
import { scheduleNodes } from "./schedule.js";
import type { DataStatistics } from "./statistics.js";

/** Conditions are bits, gone through a word at a time. */
const BITS = 32;

/**
 * By node id: how many values its computation goes through over all sessions, events and sessions alike: what a plan's time grows with.
 * How often a name occurs is estimated from the sessions that were looked at, so that all names together make up all events.
 * O(nodes + names).
 */
export function estimateWork(nodes: readonly PlanNode[], data: DataStatistics): readonly number[] {
  const { sessions } = data;
  const eventsOfName = occurrences(data);
  // of positions: how many there can be; of numbers: how many sessions have a value of their own
  const sizes: number[] = [];
  const work: number[] = [];
  for (const { id, operation, inputs } of nodes) {
    const sizeOf = (input: number): number => sizes[input] ?? 0;
    const read = inputs.reduce((sum, input) => sum + sizeOf(input), 0);
    switch (operation.op) {
      case "step": {
        const events = operation.names.reduce((sum, name) => sum + (eventsOfName[name] ?? 0), 0);
        const isSlice = operation.names.length === 1 && operation.token === null && operation.predicate === null;
        sizes[id] = events;
        work[id] = isSlice ? 0 : events;
        break;
      }
      case "until":
        sizes[id] = sizeOf(inputs[1] ?? -1);
        work[id] = read;
        break;
      case "sequence":
      case "count-at-least":
        sizes[id] = sessions;
        work[id] = read;
        break;
      case "count":
      case "aggregate":
      case "pick":
      case "retries":
      case "elapsed":
      case "time-in":
        sizes[id] = Math.min(sessions, read);
        work[id] = read + sessions;
        break;
      case "threshold":
        sizes[id] = sessions;
        work[id] = Math.min(sessions, read);
        break;
      case "and":
      case "or":
      case "not":
        sizes[id] = sessions;
        work[id] = (sessions / BITS) * inputs.length;
        break;
      case "session":
        sizes[id] = sessions;
        work[id] = operation.field === "longest_gap" ? data.events : sessions;
        break;
      case "true":
      case "false":
        sizes[id] = sessions;
        work[id] = sessions / BITS;
        break;
      case "session-index":
      case "days-since-last":
      case "first-seen":
      case "start":
      case "clock":
      case "previous":
      case "load":
      case "table-column":
      case "column":
      case "constant":
      case "arithmetic":
      case "negate":
      case "compare":
      case "compare-text":
      case "one-of":
        sizes[id] = sessions;
        work[id] = sessions;
        break;
    }
  }
  return work.map(Math.round);
}

/** The values of nodes that a thread holds at once, at most. */
export interface Live {
  readonly nodes: number;
  readonly bytes: number;
}

/**
 * What of a plan is alive at once while a partition is computed: values are dropped after their last use. Estimated for a partition of
 * average sessions; steps are lists in an index, counted with it.
 * @param wanted - ids of the nodes whose values are asked for
 */
export function estimateLive(nodes: readonly PlanNode[], wanted: readonly number[], data: DataStatistics): Live {
  const given = new Set(nodes.flatMap(({ id, operation }) => (operation.op === "load" ? [id] : [])));
  const events = Math.min(EVENTS_PER_PARTITION, data.events);
  const sessions = data.events === 0 ? 0 : (data.sessions * events) / data.events;
  const bytesOf = ({ type }: PlanNode): number => {
    if (type === "positions") return 0;
    if (type === "boolean") return sessions / 8;
    return type === "number" ? sessions * 8 : sessions * 4;
  };
  const { nodes: order, dead } = scheduleNodes(nodes, wanted, given);
  let [count, bytes, mostNodes, mostBytes] = [0, 0, 0, 0];
  for (const [place, node] of order.entries()) {
    count++;
    bytes += bytesOf(node);
    mostNodes = Math.max(mostNodes, count);
    mostBytes = Math.max(mostBytes, bytes);
    for (const id of dead[place] ?? []) {
      count--;
      bytes -= bytesOf(nodes[id] as PlanNode);
    }
  }
  // positions and sessions of every event at most, and what they are sorted from
  return { nodes: mostNodes, bytes: Math.round(mostBytes + 12 * events) };
}

/** By name code: an estimate of its events; a name that patterns do not see, or that no such session has, counts as rare. */
function occurrences({ events, names, grid }: DataStatistics): readonly number[] {
  const having = new Map(grid.events.map(({ name, sessions }) => [name, sessions]));
  const all = names.map((name) => having.get(name) ?? 1);
  const total = all.reduce((sum, count) => sum + count, 0);
  return all.map((count) => (events * count) / total);
}
