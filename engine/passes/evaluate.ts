import type { PlanNode } from "../../planner/plan.js";
import {
  combine,
  compareSlots,
  constantCondition,
  countAtLeast,
  evaluateSequence,
  negate,
  oneOf,
} from "../operators/conditions.js";
import {
  aggregate,
  arithmetic,
  constant,
  countEvents,
  daysSincePrevious,
  firstSeen,
  indexOfSession,
  numberColumn,
  opposite,
  sessionMeasure,
  startOf,
  textColumn,
} from "../operators/measures.js";
import {
  type BooleanSlot,
  type NumberSlot,
  type Partition,
  type PositionsSlot,
  partitionOf,
  type Slot,
  type TableView,
  type TextSlot,
} from "../operators/partition.js";
import { evaluateStep, PostingsIndex } from "../operators/step.js";

/** A node whose values are wanted for every session. */
export type EvaluateOutput =
  | {
      readonly kind: "boolean";
      readonly node: number;
      /** Uint8Array(S) */
      readonly value: Uint8Array;
      /** Uint32Array(S), positions; null where the moment is not wanted */
      readonly decided: Uint32Array | null;
    }
  | { readonly kind: "number"; readonly node: number; readonly values: Float64Array };

/** A plan's session columns over all partitions. */
export interface EvaluateInput {
  readonly table: TableView;
  /** Inputs before those that use them. */
  readonly nodes: readonly PlanNode[];
  /** Uint32Array(P + 1), users: partition p is users [partitions[p], partitions[p + 1]) */
  readonly partitions: Uint32Array;
  /** Int32Array(1) on shared memory: the next partition. */
  readonly next: Int32Array;
  readonly outputs: readonly EvaluateOutput[];
}

/** Thrown with the partition that failed, so that the message can name it. */
export class PartitionError extends Error {
  readonly place: string;

  constructor(partition: number, partitions: number, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.place = `partition ${partition + 1} of ${partitions}`;
  }
}

/**
 * Takes partitions in turn until none is left and writes the wanted nodes' values to their sessions' places. The values of
 * a node are dropped after its last use.
 */
export function evaluate(input: EvaluateInput): null {
  const { table, nodes, partitions, next, outputs } = input;
  const names = [...new Set(nodes.flatMap((node) => (node.operation.op === "step" ? node.operation.names : [])))].sort(
    (a, b) => a - b,
  );
  const lastUse = new Map<number, number>();
  for (const node of nodes) for (const used of node.inputs) lastUse.set(used, node.id);
  for (const output of outputs) lastUse.set(output.node, Number.POSITIVE_INFINITY);
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    if (turn + 1 >= partitions.length) return null;
    try {
      const partition = partitionOf(table, partitions[turn] as number, partitions[turn + 1] as number);
      evaluatePartition(partition, nodes, names, lastUse, outputs);
    } catch (error) {
      throw new PartitionError(turn, partitions.length - 1, error);
    }
  }
}

function evaluatePartition(
  partition: Partition,
  nodes: readonly PlanNode[],
  names: readonly number[],
  lastUse: ReadonlyMap<number, number>,
  outputs: readonly EvaluateOutput[],
): void {
  const slots = new Map<number, Slot>();
  const index = names.length === 0 ? null : new PostingsIndex(partition, names);
  for (const node of nodes) {
    slots.set(node.id, evaluateNode(node, partition, slots, index));
    for (const used of node.inputs) if (lastUse.get(used) === node.id) slots.delete(used);
  }
  const { sessionStart } = partition;
  for (const output of outputs) {
    const slot = slots.get(output.node);
    if (output.kind === "boolean" && slot?.type === "boolean") {
      output.value.set(slot.value, sessionStart);
      if (output.decided === null) continue;
      if (slot.decided !== null) output.decided.set(slot.decided, sessionStart);
      else {
        const ends = partition.table.sessionOffsets.subarray(sessionStart + 1, partition.sessionEnd + 1);
        output.decided.set(ends, sessionStart);
      }
    } else if (output.kind === "number" && slot?.type === "number") output.values.set(slot.values, sessionStart);
    else throw new TypeError(`node ${output.node} is no ${output.kind}`);
  }
}

function evaluateNode(
  node: PlanNode,
  partition: Partition,
  slots: ReadonlyMap<number, Slot>,
  index: PostingsIndex | null,
): Slot {
  const { operation } = node;
  const input = <T extends Slot["type"]>(at: number, type: T): Slot & { type: T } => {
    const slot = slots.get(node.inputs[at] as number);
    if (slot?.type !== type) throw new TypeError(`node ${node.id}: input ${at} is no ${type}`);
    return slot as Slot & { type: T };
  };
  const positions = (at: number): PositionsSlot => input(at, "positions");
  const condition = (at: number): BooleanSlot => input(at, "boolean");
  const number = (at: number): NumberSlot => input(at, "number");
  const text = (at: number): TextSlot => input(at, "text");
  switch (operation.op) {
    case "step":
      if (index === null) throw new TypeError("a step needs an index");
      return evaluateStep(operation, partition, index);
    case "sequence":
      return evaluateSequence(
        partition,
        operation,
        node.inputs.map((_, at) => positions(at)),
      );
    case "count-at-least":
      return countAtLeast(partition, positions(0), operation.n);
    case "count":
      return countEvents(partition, positions(0), operation.windowMs);
    case "aggregate":
      return aggregate(partition, operation, positions(0));
    case "session":
      return sessionMeasure(partition, operation.field);
    case "session-index":
      return indexOfSession(partition, operation.history);
    case "days-since-last":
      return daysSincePrevious(partition);
    case "first-seen":
      return firstSeen(partition, operation.history);
    case "start":
      return startOf(partition);
    case "column":
      return operation.type === "number"
        ? numberColumn(partition, operation.column)
        : textColumn(partition, operation.column);
    case "constant":
      return constant(partition, operation.value);
    case "arithmetic":
      return arithmetic(operation.operator, number(0), number(1));
    case "negate":
      return opposite(number(0));
    case "compare":
      return compareSlots(operation.operator, number(0), number(1));
    case "one-of":
      return oneOf(operation, text(0));
    case "and":
    case "or":
      return combine(
        partition,
        operation.op,
        node.inputs.map((_, at) => condition(at)),
      );
    case "not":
      return negate(condition(0));
    case "true":
    case "false":
      return constantCondition(partition, operation.op === "true");
  }
}
