import { spreadBits } from "../../kernels/flags.js";
import type { PlanNode } from "../../planner/plan.js";
import { type Schedule, scheduleNodes } from "../../planner/schedule.js";
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
  threshold,
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
import type { SessionBuffers } from "../operators/session-buffers.js";
import { evaluateStep, evaluateUntil, PostingsIndex } from "../operators/step.js";
import { tableColumn } from "../operators/tables.js";
import { PartitionError } from "./partition-error.js";

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
  | { readonly kind: "number"; readonly node: number; readonly values: Float64Array }
  /** Uint32Array(S), 0 = missing; the dictionary is that of the column that the node is made of. */
  | { readonly kind: "text"; readonly node: number; readonly codes: Uint32Array };

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

/** What is the same for all partitions. */
interface Work extends Schedule {
  /** By node id: whether the moment of its decision is asked for. */
  readonly wantsDecided: ReadonlySet<number>;
  /** By node id. */
  readonly outputsOf: readonly (readonly EvaluateOutput[])[];
  /** Names that steps ask for. */
  readonly names: readonly number[];
  /** Columns that nodes on evidence read. */
  readonly columns: ReadonlySet<string>;
  readonly members: Members;
}

/**
 * Takes partitions in turn until none is left and writes the wanted nodes' values to their sessions' places. Only the nodes
 * that these need are computed, and the values of a node are dropped after its last use.
 */
export function evaluate(input: EvaluateInput): null {
  const { table, partitions, next } = input;
  const work = workOf(input);
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

function workOf({ table, nodes: all, outputs, given }: EvaluateInput): Work {
  const known = new Set(given.map(({ node }) => node));
  const wanted = outputs.map(({ node }) => node);
  const { nodes, dead } = scheduleNodes(all, wanted, known);
  const outputsOf = all.map((): EvaluateOutput[] => []);
  for (const output of outputs) outputsOf[output.node]?.push(output);
  const wantsDecided = new Set(
    outputs.flatMap((output) => (output.kind === "boolean" && output.decided !== null ? [output.node] : [])),
  );
  for (let at = nodes.length - 1; at >= 0; at--) {
    const { id, inputs, type } = nodes[at] as PlanNode;
    if (type === "boolean" && wantsDecided.has(id)) for (const used of inputs) wantsDecided.add(used);
  }
  const columns = columnsOf(nodes, table.tables);
  return { nodes, dead, wantsDecided, outputsOf, names: namesOf(nodes), columns, members: new Members() };
}

/**
 * The values of nodes over a partition by id, every one kept: for conditions whose parts are looked at too.
 * @param count - nodes of the plan
 */
export function evaluateAll(
  partition: Partition,
  nodes: readonly PlanNode[],
  given: EvaluateInput["given"],
  count: number,
): (Slot | undefined)[] {
  const index = new PostingsIndex(partition, namesOf(nodes));
  const slots = givenSlots(partition, given, count);
  for (const node of nodes) slots[node.id] ??= evaluateNode(node, partition, slots, index, false);
  return slots;
}

/** Names that steps ask for, ascending. */
function namesOf(nodes: readonly PlanNode[]): number[] {
  const asked = nodes.flatMap((node) => (node.operation.op === "step" ? node.operation.names : []));
  return [...new Set(asked)].sort((a, b) => a - b);
}

/** By node id. */
function givenSlots(
  { sessionStart, sessionEnd }: Partition,
  given: EvaluateInput["given"],
  count: number,
): (Slot | undefined)[] {
  const slots: (Slot | undefined)[] = new Array(count).fill(undefined);
  for (const { node, values } of given) {
    slots[node] = { type: "number", values: values.subarray(sessionStart, sessionEnd) };
  }
  return slots;
}

function evaluatePartition(partition: Partition, work: Work, { given, evidence }: EvaluateInput): void {
  const { members, nodes, dead, wantsDecided, outputsOf, names, columns } = work;
  const { buffers } = partition;
  const part = evidence === null ? partition : evidencePart(partition, evidence.end, columns);
  const index = new PostingsIndex(part, names);
  const slots = givenSlots(partition, given, outputsOf.length);
  for (const [place, node] of nodes.entries()) {
    let slot = slots[node.id];
    if (slot === undefined) {
      const from = evidence?.atStart[node.id] === true ? partition : part;
      slot = evaluateNode(node, from, slots, index, wantsDecided.has(node.id));
      slots[node.id] = slot;
    }
    for (const output of outputsOf[node.id] ?? []) writeOutput(output, slot, partition, members);
    for (const id of dead[place] as readonly number[]) {
      const past = slots[id];
      if (past !== undefined) release(past, buffers);
      slots[id] = undefined;
    }
  }
  members.write(partition);
}

/** Gives back the arrays of a node that nothing reads any more. Positions have none. */
function release(slot: Slot, buffers: SessionBuffers): void {
  if (slot.type === "number") buffers.returnNumbers(slot.values);
  else if (slot.type === "boolean") buffers.returnBits(slot.bits);
  else if (slot.type === "text") buffers.returnCodes(slot.codes);
}

/** Bits of conditions on a partition's sessions, gathered by array, since several conditions share one; kept from partition to partition. */
class Members {
  readonly #gathered = new Map<Uint8Array, { words: Uint32Array; bytes: Uint8Array }>();

  /** Sets bits of an array over all sessions where a condition holds. */
  add(out: Uint8Array, condition: Uint32Array, mask: number): void {
    let known = this.#gathered.get(out);
    if (known === undefined || known.words.length < condition.length * 8) {
      // a condition of a partition that nothing was gathered of yet, or every array would have its size
      const words = new Uint32Array(condition.length * 8);
      known = { words, bytes: new Uint8Array(words.buffer) };
      this.#gathered.set(out, known);
    }
    spreadBits(condition, mask, known.words);
  }

  /** Writes all to their places, and forgets them. */
  write({ sessionStart, sessionEnd }: Partition): void {
    for (const [out, { words, bytes }] of this.#gathered) {
      for (let session = sessionStart; session < sessionEnd; session++) {
        out[session] = (out[session] as number) | (bytes[session - sessionStart] as number);
      }
      words.fill(0);
    }
  }
}

function writeOutput(
  output: EvaluateOutput,
  slot: Slot,
  { sessionStart, sessionEnd, table }: Partition,
  members: Members,
): void {
  if (output.kind === "boolean" && slot.type === "boolean") {
    const { value, mask, decided } = output;
    members.add(value, slot.bits, mask);
    if (decided !== null) {
      decided.set(slot.decided ?? table.sessionOffsets.subarray(sessionStart + 1, sessionEnd + 1), sessionStart);
    }
  } else if (output.kind === "number" && slot.type === "number") output.values.set(slot.values, sessionStart);
  else if (output.kind === "text" && slot.type === "text") output.codes.set(slot.codes, sessionStart);
  else throw new TypeError(`node ${output.node} is no ${output.kind}`);
}

function evaluateNode(
  node: PlanNode,
  partition: Partition,
  slots: readonly (Slot | undefined)[],
  index: PostingsIndex,
  wantsDecided: boolean,
): Slot {
  const { operation } = node;
  const input = <T extends Slot["type"]>(at: number, type: T): Slot & { type: T } => {
    const slot = slots[node.inputs[at] as number];
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
        wantsDecided,
      );
    case "count-at-least":
      return countAtLeast(partition, positions(0), operation.n, wantsDecided);
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
      return arithmetic(partition, operation.operator, number(0), number(1));
    case "negate":
      return opposite(partition, number(0));
    case "compare":
      return compareSlots(partition, operation.operator, number(0), number(1));
    case "threshold":
      return threshold(partition, operation, number(0));
    case "compare-text":
      return compareTexts(partition, operation.operator, text(0), text(1));
    case "one-of":
      return oneOf(partition, operation, text(0));
    case "and":
    case "or":
      return combine(
        partition,
        operation.op,
        node.inputs.map((_, at) => condition(at)),
        wantsDecided,
      );
    case "not":
      return negate(partition, condition(0));
    case "true":
    case "false":
      return constantCondition(partition, operation.op === "true");
  }
}
