import { listByName, mergePostings, type Postings } from "../../kernels/postings.js";
import { untilEnds } from "../../kernels/until-ends.js";
import type { Operation } from "../../planner/plan.js";
import { refinedToken } from "../passes/symbols.js";
import { type Partition, type PositionsSlot, positionsSlot, visible } from "./partition.js";
import { compilePredicate } from "./predicate.js";

/** What events are listed in, kept by each thread and grown as needed: a thread works on one partition at a time. */
let work: { readonly picked: Uint32Array; readonly lists: Postings } | null = null;

function workOf(events: number): NonNullable<typeof work> {
  if (work !== null && work.picked.length >= events) return work;
  work = {
    picked: new Uint32Array(events),
    lists: { positions: new Uint32Array(events), sessions: new Uint32Array(events) },
  };
  return work;
}

/**
 * The inverted index of a partition for the names that steps ask for: a step on one name is then a slice, and costs what
 * its events cost, not what all events do. Valid until the next one is made in the thread. O(events) once.
 */
export class PostingsIndex {
  readonly #codeOf: Map<number, number>;
  readonly #offsets: Uint32Array;
  readonly #lists: Postings;
  readonly #views = new Map<number, Postings>();

  /** @param names - name codes that steps ask for, at most 65 534 */
  constructor({ table, sessionStart, sessionEnd, eventStart, eventEnd }: Partition, names: readonly number[]) {
    this.#codeOf = new Map(names.map((name, index) => [name, index + 1]));
    this.#offsets = new Uint32Array(names.length + 2);
    const events = names.length === 0 ? 0 : eventEnd - eventStart;
    const { picked, lists } = workOf(events);
    this.#lists = lists;
    if (events === 0) return;
    const codeOf = new Uint16Array(Math.max(...names) + 1);
    for (const [name, code] of this.#codeOf) codeOf[name] = code;
    const { name, sessionOffsets } = table;
    listByName(name, codeOf, sessionOffsets, sessionStart, sessionEnd, picked, this.#offsets, this.#lists);
  }

  /** Where a name's events stand; views, made once. */
  of(name: number): Postings {
    const known = this.#views.get(name);
    if (known !== undefined) return known;
    const code = this.#codeOf.get(name);
    if (code === undefined) throw new RangeError(`unknown name code: ${name}`);
    const [from, to] = [this.#offsets[code], this.#offsets[code + 1]];
    const { positions, sessions } = this.#lists;
    const view = { positions: positions.subarray(from, to), sessions: sessions.subarray(from, to) };
    this.#views.set(name, view);
    return view;
  }
}

/** Lists of a few names are merged one after the other; of more, the events are gone through once. */
const MOST_MERGED = 4;

/** Where the events of a step stand. O(events of its names), with many names O(events). */
export function evaluateStep(
  operation: Operation & { op: "step" },
  partition: Partition,
  index: PostingsIndex,
): PositionsSlot {
  const { names, token, predicate } = operation;
  let events = names.length > MOST_MERGED ? eventsOf(names, partition) : merged(names, index);
  if (token !== null) {
    const rule = partition.table.refined.find((candidate) => candidate.name === names[0]);
    if (rule === undefined) throw new RangeError(`unknown token: ${token}`);
    events = filtered(events, partition, (position, session) => refinedToken(rule, position, session) === token);
  }
  if (predicate !== null) events = filtered(events, partition, compilePredicate(predicate, partition.table));
  return positionsSlot(events);
}

/** The ends that a run of repeats leads to. O(events of both). */
export function evaluateUntil({ table }: Partition, repeats: PositionsSlot, ends: PositionsSlot): PositionsSlot {
  const size = ends.positions.length;
  const out = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
  const from = new Uint32Array(size);
  const count = untilEnds(visible(repeats, table), visible(ends, table), table.filter?.visibleRank, out, from);
  return positionsSlot(first(out, count), from.subarray(0, count));
}

function merged(names: readonly number[], index: PostingsIndex): Postings {
  const [name, ...others] = names;
  if (name === undefined) return { positions: new Uint32Array(0), sessions: new Uint32Array(0) };
  return others.reduce((all, other) => {
    const list = index.of(other);
    if (all.positions.length === 0) return list;
    const size = all.positions.length + list.positions.length;
    const out = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
    return first(out, mergePostings(all, list, out));
  }, index.of(name));
}

function eventsOf(
  names: readonly number[],
  { table, sessionStart, sessionEnd, eventStart, eventEnd }: Partition,
): Postings {
  const codeOf = new Uint16Array(Math.max(...names) + 1);
  for (const name of names) codeOf[name] = 1;
  const size = eventEnd - eventStart;
  const out = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
  const offsets = new Uint32Array(3);
  listByName(table.name, codeOf, table.sessionOffsets, sessionStart, sessionEnd, new Uint32Array(size), offsets, out);
  return first(out, offsets[2] as number);
}

function filtered(
  { positions, sessions }: Postings,
  { sessionStart }: Partition,
  keep: (position: number, session: number) => boolean,
): Postings {
  const { picked } = workOf(positions.length);
  let count = 0;
  for (let at = 0; at < positions.length; at++) {
    picked[count] = at;
    count += keep(positions[at] as number, sessionStart + (sessions[at] as number)) ? 1 : 0;
  }
  const kept = { positions: new Uint32Array(count), sessions: new Uint32Array(count) };
  for (let at = 0; at < count; at++) {
    kept.positions[at] = positions[picked[at] as number] as number;
    kept.sessions[at] = sessions[picked[at] as number] as number;
  }
  return kept;
}

function first({ positions, sessions }: Postings, count: number): Postings {
  return { positions: positions.subarray(0, count), sessions: sessions.subarray(0, count) };
}
