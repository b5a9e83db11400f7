import type { PlanNode } from "../../planner/plan.js";
import { clockField } from "../operators/clock.js";
import {
  combine,
  compareSlots,
  compareTexts,
  constantCondition,
  countAtLeast,
  evaluateSequence,
  negate,
  oneOf,
} from "../operators/conditions.js";
import { columnsOf, evidencePart } from "../operators/evidence-part.js";
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
  pairMeasure,
  pick,
  previousOf,
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
import { evaluateStep, evaluateUntil, PostingsIndex } from "../operators/step.js";
import { tableColumn } from "../operators/tables.js";

/** A node whose values are wanted for every session. */
export type EvaluateOutput =
  | {
      readonly kind: "boolean";
      readonly node: number;
      /** Uint8Array(S) */
      readonly value: Uint8Array;
      /** Bits of `value` that are set where the condition holds. */
      readonly mask: number;
      /** Uint32Array(S), positions; null where the moment is not wanted */
      readonly decided: Uint32Array | null;
    }
  | { readonly kind: "number"; readonly node: number; readonly values: Float64Array };

/** A plan's session columns over all partitions. */
export interface EvaluateInput {
  readonly table: TableView;
  /** Inputs before those that use them. */
  readonly nodes: readonly PlanNode[];
  /** Nodes whose values are known, as they need all sessions at once. */
  readonly given: readonly { readonly node: number; readonly values: Float64Array }[];
  /** Only what happened before a KPI's outcome is looked at; null: whole sessions are. */
  readonly evidence: {
    /** Uint32Array(S), positions */
    readonly end: Uint32Array;
    /** By node: known when the session starts, so computed on whole sessions. */
    readonly atStart: readonly boolean[];
  } | null;
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

/** What is the same for all partitions. */
interface Work {
  readonly nodes: readonly PlanNode[];
  readonly lastUse: ReadonlyMap<number, number>;
  /** Names that steps ask for. */
  readonly names: readonly number[];
  /** Columns that nodes on evidence read. */
  readonly columns: ReadonlySet<string>;
}

/**
 * Takes partitions in turn until none is left and writes the wanted nodes' values to their sessions' places. Only the nodes
 * that these need are computed, and the values of a node are dropped after its last use.
 */
export function evaluate(input: EvaluateInput): null {
  const { table, partitions, next, outputs, given } = input;
  const nodes = neededNodes(
    input.nodes,
    outputs.map(({ node }) => node),
    new Set(given.map(({ node }) => node)),
  );
  const lastUse = new Map<number, number>();
  for (const node of nodes) for (const used of node.inputs) lastUse.set(used, node.id);
  for (const output of outputs) lastUse.set(output.node, Number.POSITIVE_INFINITY);
  const work: Work = {
    nodes,
    lastUse,
    names: namesOf(nodes),
    columns: columnsOf(nodes, table.tables),
  };
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    if (turn + 1 >= partitions.length) return null;
    try {
      const partition = partitionOf(table, partitions[turn] as number, partitions[turn + 1] as number);
      evaluatePartition(partition, work, input);
    } catch (error) {
      throw new PartitionError(turn, partitions.length - 1, error);
    }
  }
}

/** The nodes that some are computed from, these included; what is given needs nothing. */
export function neededNodes(
  nodes: readonly PlanNode[],
  wanted: readonly number[],
  given: ReadonlySet<number>,
): PlanNode[] {
  const needed = new Set(wanted);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const node = nodes[at] as PlanNode;
    if (needed.has(node.id) && !given.has(node.id)) for (const used of node.inputs) needed.add(used);
  }
  return nodes.filter(({ id }) => needed.has(id));
}

/** The values of nodes over a partition, every one kept: for conditions whose parts are looked at too. */
export function evaluateAll(
  partition: Partition,
  nodes: readonly PlanNode[],
  given: EvaluateInput["given"],
): Map<number, Slot> {
  const index = new PostingsIndex(partition, namesOf(nodes));
  const slots = givenSlots(partition, given);
  for (const node of nodes) if (!slots.has(node.id)) slots.set(node.id, evaluateNode(node, partition, slots, index));
  return slots;
}

/** Names that steps ask for, ascending. */
function namesOf(nodes: readonly PlanNode[]): number[] {
  const asked = nodes.flatMap((node) => (node.operation.op === "step" ? node.operation.names : []));
  return [...new Set(asked)].sort((a, b) => a - b);
}

function givenSlots({ sessionStart, sessionEnd }: Partition, given: EvaluateInput["given"]): Map<number, Slot> {
  return new Map(
    given.map(({ node, values }) => [node, { type: "number", values: values.subarray(sessionStart, sessionEnd) }]),
  );
}

function evaluatePartition(
  partition: Partition,
  { nodes, lastUse, names, columns }: Work,
  { given, evidence, outputs }: EvaluateInput,
): void {
  const { sessionStart, sessionEnd } = partition;
  const part = evidence === null ? partition : evidencePart(partition, evidence.end, columns);
  const index = new PostingsIndex(part, names);
  const slots = givenSlots(partition, given);
  for (const node of nodes) {
    if (!slots.has(node.id)) {
      const from = evidence?.atStart[node.id] === true ? partition : part;
      slots.set(node.id, evaluateNode(node, from, slots, index));
    }
    for (const used of node.inputs) if (lastUse.get(used) === node.id) slots.delete(used);
  }
  for (const output of outputs) {
    const slot = slots.get(output.node);
    if (output.kind === "boolean" && slot?.type === "boolean") {
      const { value, mask, decided } = output;
      for (let at = 0; at < slot.value.length; at++) {
        if (slot.value[at] === 1) value[sessionStart + at] = (value[sessionStart + at] as number) | mask;
      }
      if (decided === null) continue;
      if (slot.decided !== null) decided.set(slot.decided, sessionStart);
      else decided.set(partition.table.sessionOffsets.subarray(sessionStart + 1, sessionEnd + 1), sessionStart);
    } else if (output.kind === "number" && slot?.type === "number") output.values.set(slot.values, sessionStart);
    else throw new TypeError(`node ${output.node} is no ${output.kind}`);
  }
}

function evaluateNode(
  node: PlanNode,
  partition: Partition,
  slots: ReadonlyMap<number, Slot>,
  index: PostingsIndex,
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
      return evaluateStep(operation, partition, index);
    case "until":
      return evaluateUntil(partition, positions(0), positions(1));
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
    case "pick":
      return pick(partition, operation, positions(0));
    case "retries":
    case "elapsed":
    case "time-in":
      return pairMeasure(
        partition,
        operation.op,
        node.inputs.map((_, at) => positions(at)),
      );
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
    case "clock":
      return clockField(partition, operation.field, operation.timeZone);
    case "previous":
      return previousOf(partition, node.type === "number" ? number(0) : text(0));
    case "load":
      throw new TypeError("load is given, since it needs all sessions");
    case "table-column":
      return tableColumn(partition, operation.table, operation.column, operation.type);
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
    case "compare-text":
      return compareTexts(operation.operator, text(0), text(1));
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
