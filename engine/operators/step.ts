import { postings } from "../../kernels/postings.js";
import { untilEnds } from "../../kernels/until-ends.js";
import type { Operation } from "../../planner/plan.js";
import { refinedToken } from "../passes/symbols.js";
import { type Partition, type PositionsSlot, visible } from "./partition.js";
import { compilePredicate } from "./predicate.js";

/**
 * The inverted index of a partition for the names that steps ask for: a step on one name is then a slice, and costs what
 * its events cost, not what all events do. O(events) once.
 */
export class PostingsIndex {
  readonly #codeOf: Map<number, number>;
  readonly #offsets: Uint32Array;
  readonly #positions: Uint32Array;

  /** @param names - name codes that steps ask for, at most 65 534 */
  constructor(partition: Partition, names: readonly number[]) {
    const { table, eventStart, eventEnd } = partition;
    this.#codeOf = new Map(names.map((name, index) => [name, index + 1]));
    const narrow = new Uint16Array(Math.max(...names, -1) + 1);
    for (const [name, code] of this.#codeOf) narrow[name] = code;
    if (names.length === 0) {
      [this.#offsets, this.#positions] = [new Uint32Array(2), new Uint32Array(0)];
      return;
    }
    // few events have a name that is asked for, so they are picked first
    const codes = new Uint16Array(eventEnd - eventStart);
    const picked = new Uint32Array(eventEnd - eventStart);
    let count = 0;
    for (let at = eventStart; at < eventEnd; at++) {
      const name = table.name[at] as number;
      const code = name < narrow.length ? (narrow[name] as number) : 0;
      codes[count] = code;
      picked[count] = at;
      count += code === 0 ? 0 : 1;
    }
    this.#offsets = new Uint32Array(names.length + 2);
    this.#positions = new Uint32Array(count);
    postings(codes, 0, count, this.#offsets, this.#positions);
    for (let at = 0; at < count; at++) this.#positions[at] = picked[this.#positions[at] as number] as number;
  }

  /** Positions of a name's events, ascending; a view. */
  of(name: number): Uint32Array {
    const code = this.#codeOf.get(name);
    if (code === undefined) throw new RangeError(`unknown name code: ${name}`);
    return this.#positions.subarray(this.#offsets[code], this.#offsets[code + 1]);
  }
}

/** Positions of the events of a step. O(events of its names). */
export function evaluateStep(
  operation: Operation & { op: "step" },
  partition: Partition,
  index: PostingsIndex,
): PositionsSlot {
  const lists = operation.names.map((name) => index.of(name));
  let positions = lists.length === 1 ? (lists[0] as Uint32Array) : merged(lists);
  const { token, predicate } = operation;
  if (token !== null) {
    const rule = partition.table.refined.find((candidate) => candidate.name === operation.names[0]);
    if (rule === undefined) throw new RangeError(`unknown token: ${token}`);
    positions = filtered(positions, partition, (position, session) => refinedToken(rule, position, session) === token);
  }
  if (predicate !== null) positions = filtered(positions, partition, compilePredicate(predicate, partition.table));
  return { type: "positions", positions };
}

/** Positions of the ends that a run of repeats leads to. O(events of both). */
export function evaluateUntil(partition: Partition, repeats: PositionsSlot, ends: PositionsSlot): PositionsSlot {
  const positions = new Uint32Array(ends.positions.length);
  const from = new Uint32Array(ends.positions.length);
  const { table, sessionStart } = partition;
  const [a, b] = [visible(repeats.positions, table), visible(ends.positions, table)];
  const count = untilEnds(a, b, table.filter?.visibleRank, table.sessionOffsets, sessionStart, positions, from);
  return { type: "positions", positions: positions.subarray(0, count), from: from.subarray(0, count) };
}

function merged(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort();
}

function filtered(
  positions: Uint32Array,
  partition: Partition,
  keep: (position: number, session: number) => boolean,
): Uint32Array {
  const { sessionOffsets } = partition.table;
  const kept = new Uint32Array(positions.length);
  let count = 0;
  let session = partition.sessionStart;
  for (let at = 0; at < positions.length; at++) {
    const position = positions[at] as number;
    while (position >= (sessionOffsets[session + 1] as number)) session++;
    if (keep(position, session)) kept[count++] = position;
  }
  return kept.subarray(0, count);
}
