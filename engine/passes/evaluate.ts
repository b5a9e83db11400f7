import { bytesOfBits, shiftBits } from "../../kernels/flags.js";
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
import { columnsOf, EvidencePart, type KpiEvidence } from "../operators/evidence-part.js";
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
  ofAllSessions,
  type Partition,
  type PositionsSlot,
  partitionOf,
  type Slot,
  type TableView,
  type TextSlot,
} from "../operators/partition.js";
import { SessionBuffers } from "../operators/session-buffers.js";
import { evaluateStep, evaluateUntil, PostingsIndex } from "../operators/step.js";
import { tableColumn } from "../operators/tables.js";
import { PartitionError } from "./partition-error.js";

/** A node whose values are wanted for every session. */
export type EvaluateOutput =
  | {
      readonly kind: "boolean";
      readonly node: number;
      /** Uint8Array(S), 0 before; the same array wherever several write into it */
      readonly value: Uint8Array;
      /** Bits of `value` that are set where the condition holds; of evidence by KPI, 0 for those that it is not wanted for. */
      readonly masks: readonly number[];
      /** Uint32Array(S), positions; null where the moment is not wanted, as it never is on evidence */
      readonly decided: Uint32Array | null;
    }
  /** On evidence: that on the first KPI. */
  | { readonly kind: "number"; readonly node: number; readonly values: Float64Array }
  /** Uint32Array(S), 0 = missing; the dictionary is that of the column that the node is made of. On evidence: that on the first KPI. */
  | { readonly kind: "text"; readonly node: number; readonly codes: Uint32Array };

/** Nodes that are computed on the same events. */
export interface EvaluatePass {
  /** Only what happened before the outcome of each of some KPIs is looked at, and sessions that count for it; null: whole sessions are. */
  readonly evidence: {
    readonly kpis: readonly KpiEvidence[];
    /** By node: known when the session starts, so computed on whole sessions. */
    readonly atStart: readonly boolean[];
  } | null;
  readonly outputs: readonly EvaluateOutput[];
}

/** A plan's session columns over all partitions. */
export interface EvaluateInput {
  readonly table: TableView;
  /** Inputs before those that use them. */
  readonly nodes: readonly PlanNode[];
  /** Nodes whose values are known, as they need all sessions at once. */
  readonly given: readonly { readonly node: number; readonly values: Float64Array }[];
  readonly passes: readonly EvaluatePass[];
  /** Uint32Array(P + 1), users: partition p is users [partitions[p], partitions[p + 1]) */
  readonly partitions: Uint32Array;
  /** Int32Array(1) on shared memory: the next partition. */
  readonly next: Int32Array;
}

/** A pass, as it is gone through in every partition. */
interface PassWork extends Schedule {
  readonly evidence: EvaluatePass["evidence"];
  /** By node id: whether the moment of its decision is asked for. */
  readonly wantsDecided: ReadonlySet<number>;
  /** By node id. */
  readonly outputsOf: readonly (readonly EvaluateOutput[])[];
  /** Columns that nodes on evidence read. */
  readonly columns: ReadonlySet<string>;
  /** Of what is computed on evidence. */
  readonly buffers: SessionBuffers;
}

/**
 * Takes partitions in turn until none is left and writes the wanted nodes' values to their sessions' places. Only the nodes
 * that these need are computed, and the values of a node are dropped after its last use.
 */
export function evaluate(input: EvaluateInput): null {
  const { table, partitions, next, passes } = input;
  const works = passes.map((pass) => workOf(input, pass));
  const names = namesOf(works.flatMap(({ nodes }) => nodes));
  const members = new Members(passes.flatMap(({ outputs }) => outputs));
  const buffers = new SessionBuffers();
  for (;;) {
    const turn = Atomics.add(next, 0, 1);
    if (turn + 1 >= partitions.length) return null;
    try {
      const partition = partitionOf(table, partitions[turn] as number, partitions[turn + 1] as number, buffers);
      const index = new PostingsIndex(partition, names);
      for (const work of works) evaluatePass(partition, index, work, input.given, members);
    } catch (error) {
      throw new PartitionError(turn, partitions.length - 1, error);
    }
  }
}

function workOf({ nodes: all, given }: EvaluateInput, { evidence, outputs }: EvaluatePass): PassWork {
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
  return { evidence, nodes, dead, wantsDecided, outputsOf, columns: columnsOf(nodes), buffers: new SessionBuffers() };
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
    slots[node] = { type: "number", values: values.subarray(sessionStart, sessionEnd), listed: null };
  }
  return slots;
}

function evaluatePass(
  partition: Partition,
  index: PostingsIndex,
  { evidence, nodes, dead, wantsDecided, outputsOf, columns, buffers }: PassWork,
  given: EvaluateInput["given"],
  members: Members,
): void {
  const whole = givenSlots(partition, given, outputsOf.length);
  const part = evidence === null ? null : new EvidencePart(partition, evidence.kpis, columns, buffers);
  const onEvidence: (Slot | undefined)[] = part === null ? whole : new Array(outputsOf.length).fill(undefined);
  const words = part?.words ?? (partition.sessionEnd - partition.sessionStart + 31) >>> 5;
  for (const [place, node] of nodes.entries()) {
    const { id, inputs, type } = node;
    if (part === null || evidence?.atStart[id] === true || type === "positions") {
      whole[id] ??= evaluateNode(node, partition, whole, index, wantsDecided.has(id));
    } else {
      for (const used of inputs) onEvidence[used] ??= part.project(whole[used] as Slot);
      onEvidence[id] = evaluateNode(node, part.partition, onEvidence, index, false);
    }
    for (const output of outputsOf[id] ?? []) {
      const slot = onEvidence[id] ?? (part as EvidencePart).project(whole[id] as Slot);
      writeOutput(output, slot, words, partition, members);
    }
    for (const past of dead[place] as readonly number[]) {
      release(whole[past], partition.buffers);
      whole[past] = undefined;
      if (part === null) continue;
      release(onEvidence[past], part.partition.buffers);
      onEvidence[past] = undefined;
    }
  }
}

/** Gives back the arrays of a node that nothing reads any more. Those of positions are of an index. */
function release(slot: Slot | undefined, buffers: SessionBuffers): void {
  if (slot?.type === "number") {
    buffers.returnNumbers(slot.values);
    if (slot.listed !== null) buffers.returnCodes(slot.listed.sessions);
  } else if (slot?.type === "boolean") buffers.returnBits(slot.bits);
  else if (slot?.type === "text") buffers.returnCodes(slot.codes);
  else if (slot?.type === "positions" && slot.firsts !== null) buffers.returnCodes(slot.firsts);
}

/** Bits of conditions on a partition's sessions on their way to their places: those that share an array are written together. */
class Members {
  /** By array: how many conditions are written into it. */
  readonly #writers = new Map<Uint8Array, number>();
  /** Of those of which some are still to come: Uint32Array(8 × words), a row for each bit of the array's bytes. */
  readonly #gathered = new Map<Uint8Array, { readonly rows: Uint32Array; left: number }>();
  readonly #spare: Uint32Array[] = [];
  #bytes = new Uint32Array(0);

  constructor(outputs: readonly EvaluateOutput[]) {
    for (const output of outputs) {
      if (output.kind === "boolean") this.#writers.set(output.value, (this.#writers.get(output.value) ?? 0) + 1);
    }
  }

  /**
   * Adds a condition to those of an array over all sessions, and writes them once there are all.
   * @param masks - by part of the condition's bits, `words` long each
   */
  add(
    out: Uint8Array,
    bits: Uint32Array,
    words: number,
    masks: readonly number[],
    { sessionStart, sessionEnd }: Partition,
  ): void {
    // copied to shared memory by words, not by bytes, only if both are as far from the next word
    const lead = (out.byteOffset + sessionStart) & 7;
    const width = words + 1;
    const own = this.#gathered.get(out) ?? { rows: this.#take(width), left: this.#writers.get(out) ?? 1 };
    for (let part = 0; part < masks.length; part++) {
      for (let rest = masks[part] as number; rest !== 0; rest &= rest - 1) {
        const row = 31 - Math.clz32(rest & -rest);
        shiftBits(bits, part * words, words, lead, own.rows, row * width);
      }
    }
    own.left--;
    if (own.left > 0) {
      this.#gathered.set(out, own);
      return;
    }
    this.#gathered.delete(out);
    if (this.#bytes.length < width * 8) this.#bytes = new Uint32Array(width * 8);
    bytesOfBits(own.rows, width, this.#bytes);
    out.set(new Uint8Array(this.#bytes.buffer, lead, sessionEnd - sessionStart), sessionStart);
    this.#spare.push(own.rows);
  }

  /** Rows of 0, at least as long */
  #take(words: number): Uint32Array {
    const spare = this.#spare.pop();
    if (spare === undefined || spare.length < words * 8) return new Uint32Array(words * 8);
    return spare.fill(0, 0, words * 8);
  }
}

function writeOutput(output: EvaluateOutput, slot: Slot, words: number, partition: Partition, members: Members): void {
  const { sessionStart, sessionEnd, table } = partition;
  const sessions = sessionEnd - sessionStart;
  if (output.kind === "boolean" && slot.type === "boolean") {
    const { value, masks, decided } = output;
    members.add(value, slot.bits, words, masks, partition);
    if (decided !== null) {
      decided.set(slot.decided ?? table.sessionOffsets.subarray(sessionStart + 1, sessionEnd + 1), sessionStart);
    }
  } else if (output.kind === "number" && slot.type === "number") {
    output.values.set(ofAllSessions(partition, slot).values.subarray(0, sessions), sessionStart);
  } else if (output.kind === "text" && slot.type === "text") {
    output.codes.set(slot.codes.subarray(0, sessions), sessionStart);
  } else throw new TypeError(`node ${output.node} is no ${output.kind}`);
}

function evaluateNode(
  node: PlanNode,
  partition: Partition,
  slots: (Slot | undefined)[],
  index: PostingsIndex,
  wantsDecided: boolean,
): Slot {
  const { operation } = node;
  const input = <T extends Slot["type"]>(at: number, type: T): Slot & { type: T } => {
    const slot = slots[node.inputs[at] as number];
    if (slot?.type !== type) throw new TypeError(`node ${node.id}: input ${at} is no ${type}`);
    return slot as Slot & { type: T };
  };
  // made one by one: what `map` makes is of another kind, and has its readers compiled again
  const all = <T extends Slot["type"]>(type: T): (Slot & { type: T })[] => {
    const slots: (Slot & { type: T })[] = [];
    for (let at = 0; at < node.inputs.length; at++) slots.push(input(at, type));
    return slots;
  };
  const positions = (at: number): PositionsSlot => input(at, "positions");
  const condition = (at: number): BooleanSlot => input(at, "boolean");
  const measure = (at: number): NumberSlot => input(at, "number");
  const number = (at: number): NumberSlot => {
    const slot = measure(at);
    if (slot.listed === null) return slot;
    const all = ofAllSessions(partition, slot);
    slots[node.inputs[at] as number] = all;
    release(slot, partition.buffers);
    return all;
  };
  const text = (at: number): TextSlot => input(at, "text");
  switch (operation.op) {
    case "step":
      return evaluateStep(operation, partition, index);
    case "until":
      return evaluateUntil(partition, positions(0), positions(1));
    case "sequence":
      return evaluateSequence(partition, operation, all("positions"), wantsDecided);
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
      return pairMeasure(partition, operation.op, all("positions"));
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
      return threshold(partition, operation, measure(0));
    case "compare-text":
      return compareTexts(partition, operation.operator, text(0), text(1));
    case "one-of":
      return oneOf(partition, operation, text(0));
    case "and":
    case "or":
      return combine(partition, operation.op, all("boolean"), wantsDecided);
    case "not":
      return negate(partition, condition(0));
    case "true":
    case "false":
      return constantCondition(partition, operation.op === "true");
  }
}
