import { andBits, notBits, orBits, passingBits, sameBits, scatterBits, setPlaces } from "../../kernels/flags.js";
import type { Postings } from "../../kernels/postings.js";
import { type Chain, type Ends, sequence, stepLink } from "../../kernels/sequence.js";
import { above, atLeast, atMost, below, equal, unequal } from "../../kernels/threshold.js";
import { sameValue } from "../../planner/compile.js";
import type { CompareOperator } from "../../planner/expression/ast.js";
import type { ChainLink, Operation } from "../../planner/plan.js";
import {
  type BooleanSlot,
  firstsOf,
  type NumberSlot,
  type Partition,
  type PositionsSlot,
  type TextSlot,
  visible,
} from "./partition.js";
import { compareNumbers } from "./predicate.js";

/** Every bit of a word. */
const ALL = 0xffffffff;
/** A code of no value. */
const NO_CODE = 0xffffffff;

const linkCodes: Readonly<Record<ChainLink, number>> = {
  "->": stepLink.gap,
  "=>": stepLink.next,
  until: stepLink.until,
};

/** By code of one dictionary: the code of the same value in another, found once per pair of dictionaries and thread. */
const sameCodes = new WeakMap<TextSlot["dictionary"], WeakMap<TextSlot["dictionary"], Uint32Array>>();

/** At least n of the events; decided at the n-th, else at the session's end. O(events of the step + sessions). */
export function countAtLeast(
  partition: Partition,
  { positions, sessions }: PositionsSlot,
  n: number,
  wantsDecided: boolean,
): BooleanSlot {
  const bits = partition.buffers.bits().fill(0);
  const decided = wantsDecided ? sessionEnds(partition) : null;
  for (let at = n - 1; at < positions.length; at++) {
    const session = sessions[at] as number;
    // the n-1 events before are of this session too, if the first of them is
    if (sessions[at - n + 1] !== session || isSet(bits, session)) continue;
    set(bits, session);
    if (decided !== null) decided[session] = positions[at] as number;
  }
  return { type: "boolean", bits, decided };
}

/** What chains work in, kept by each thread and grown as needed. */
let chainWork: { readonly ends: readonly [Ends, Ends]; readonly out: Postings; readonly size: number } | null = null;

function chainWorkOf(size: number): NonNullable<typeof chainWork> {
  if (chainWork !== null && chainWork.size >= size) return chainWork;
  const ends = (): Ends => ({
    positions: new Uint32Array(size),
    sessions: new Uint32Array(size),
    starts: new Float64Array(size),
  });
  const out: Postings = { positions: new Uint32Array(size), sessions: new Uint32Array(size) };
  chainWork = { ends: [ends(), ends()], out, size };
  return chainWork;
}

/**
 * A chain of steps. Where it holds it is decided at its completion (an absence: at its deadline); where it does not, at the
 * deadline of the last start, or the session's end (METHODS, 1). O(events of the steps + sessions); of moments, O(log events) a session more.
 */
export function evaluateSequence(
  partition: Partition,
  operation: Operation & { op: "sequence" },
  steps: readonly PositionsSlot[],
  wantsDecided: boolean,
): BooleanSlot {
  const { sessionStart, table, buffers } = partition;
  const { absent, withinMs } = operation;
  const lists = table.filter === null ? steps : steps.map((step) => visible(step, table));
  const matches = matchesOf(partition, operation, steps, lists);
  const bits = buffers.bits().fill(0);
  const decided = wantsDecided ? sessionEnds(partition) : null;
  if (decided !== null && !absent && withinMs !== null) {
    const { positions, sessions } = lists[0] as PositionsSlot;
    for (let at = 0; at < positions.length; at++) {
      const session = sessions[at] as number;
      // the last start is what the session waits for
      if (sessions[at + 1] === session) continue;
      decided[session] = deadline(partition, sessionStart + session, positions[at] as number, withinMs);
    }
  }
  for (let at = 0; at < matches.positions.length; at++) {
    const session = matches.sessions[at] as number;
    const position = matches.positions[at] as number;
    // the earliest start of a wait is the first whose deadline passes, so a later one says no more
    if (absent && isOpen(partition, session, position, withinMs)) continue;
    set(bits, session);
    if (decided === null) continue;
    if (!absent) decided[session] = position;
    else if (withinMs !== null) decided[session] = deadline(partition, sessionStart + session, position, withinMs);
  }
  return { type: "boolean", bits, decided };
}

/**
 * Where a chain first completes, one event a session at most; of an absence, the event that waits first in vain, however soon the session
 * ends. Views that the next chain writes over. O(events of the steps).
 */
export function firstMatches(
  partition: Partition,
  operation: Operation & { op: "sequence" },
  steps: readonly PositionsSlot[],
): Postings {
  const lists = steps.map((step) => visible(step, partition.table));
  return matchesOf(partition, operation, steps, lists);
}

/** @param lists - the visible events of each step */
function matchesOf(
  partition: Partition,
  { links, absent, withinMs }: Operation & { op: "sequence" },
  steps: readonly PositionsSlot[],
  lists: readonly PositionsSlot[],
): Postings {
  const { table, buffers } = partition;
  const present = absent ? lists.slice(0, -1) : lists;
  const negated = absent ? (lists[lists.length - 1] ?? null) : null;
  const chain: Chain = {
    steps: present,
    links: Uint8Array.from(links.slice(0, present.length - 1), (link) => linkCodes[link]),
    withinMs: withinMs ?? Number.POSITIVE_INFINITY,
    negated:
      negated === null
        ? null
        : {
            events: negated,
            from: steps[steps.length - 1]?.from ?? negated.positions,
            firsts: firstsOf(partition, negated),
          },
  };
  const { ends, out } = chainWorkOf(Math.max(...present.map(({ positions }) => positions.length)));
  const count = sequence(chain, table.time, table.filter?.visibleRank, ends, out);
  // what is visible of a step is a list of its own, which nobody else asks
  if (negated?.firsts && !steps.includes(negated)) buffers.returnCodes(negated.firsts);
  return { positions: out.positions.subarray(0, count), sessions: out.sessions.subarray(0, count) };
}

/** Whether a wait from an event on outlasts what is known of the session. */
function isOpen({ horizonMs, table }: Partition, at: number, position: number, withinMs: number | null): boolean {
  if (horizonMs === null) return false;
  return (table.time[position] as number) + (withinMs ?? Number.POSITIVE_INFINITY) > (horizonMs[at] as number);
}

/** The first position of the session at or after `withinMs` from an event, or the session's end. O(log events). */
function deadline(partition: Partition, session: number, position: number, withinMs: number): number {
  const { time, sessionOffsets } = partition.table;
  const moment = (time[position] as number) + withinMs;
  let low = position + 1;
  let high = sessionOffsets[session + 1] as number;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((time[middle] as number) < moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

function sessionEnds({ table, sessionStart, sessionEnd }: Partition): Uint32Array {
  return table.sessionOffsets.slice(sessionStart + 1, sessionEnd + 1);
}

const thresholds: Readonly<
  Record<CompareOperator, (values: Float64Array, count: number, bound: number, out: Uint32Array) => void>
> = {
  "<": below,
  "<=": atMost,
  ">": above,
  ">=": atLeast,
  "==": equal,
  "!=": unequal,
};

/** Comparison of a number with a bound; false where it is missing. O(sessions), of listed ones O(those listed + words of bits). */
export function threshold(
  { buffers }: Partition,
  { operator, bound }: Operation & { op: "threshold" },
  { values, listed }: NumberSlot,
): BooleanSlot {
  const compare = thresholds[operator];
  const bits = buffers.bits();
  if (listed === null) {
    compare(values, values.length, bound, bits);
    return { type: "boolean", bits, decided: null };
  }
  const { sessions, count, rest } = listed;
  const ofSome = buffers.bits();
  compare(values, count, bound, ofSome);
  if (compareNumbers(rest, operator, bound)) scatterBits(ofSome, sessions, count, bits.fill(ALL));
  else setPlaces(ofSome, sessions, count, bits.fill(0));
  buffers.returnBits(ofSome);
  return { type: "boolean", bits, decided: null };
}

/** Comparison of two numbers; false where either is missing. O(sessions). */
export function compareSlots(
  { buffers }: Partition,
  operator: CompareOperator,
  { values: left }: NumberSlot,
  { values: right }: NumberSlot,
): BooleanSlot {
  const bits = buffers.bits().fill(0);
  for (let session = 0; session < left.length; session++) {
    if (compareNumbers(left[session] as number, operator, right[session] as number)) set(bits, session);
  }
  return { type: "boolean", bits, decided: null };
}

/** Whether a column's value is among some, or is present and not among them. Decided once per value: O(sessions + values × those asked for). */
export function oneOf(
  { buffers }: Partition,
  operation: Operation & { op: "one-of" },
  { codes, dictionary }: TextSlot,
): BooleanSlot {
  const passes = Uint8Array.from([null, ...dictionary], (value) => {
    if (value === null) return 0;
    return operation.values.some((allowed) => sameValue(value, allowed)) === operation.negated ? 0 : 1;
  });
  const bits = buffers.bits();
  passingBits(codes, passes, bits);
  return { type: "boolean", bits, decided: null };
}

/** Whether two texts are equal, or differ; false where either is missing. O(sessions + dictionaries once). */
export function compareTexts(
  { buffers }: Partition,
  operator: "==" | "!=",
  left: TextSlot,
  right: TextSlot,
): BooleanSlot {
  const codeOf = left.dictionary === right.dictionary ? null : codesIn(left.dictionary, right.dictionary);
  const bits = buffers.bits();
  if (codeOf === null) sameBits(left.codes, right.codes, operator === "==", bits);
  else {
    const translated = buffers.codes();
    // a value that the other dictionary lacks is there all the same, and differs from all of it
    for (let at = 0; at < translated.length; at++) {
      const code = left.codes[at] as number;
      translated[at] = code === 0 ? 0 : (codeOf[code] as number) || NO_CODE;
    }
    sameBits(translated, right.codes, operator === "==", bits);
    buffers.returnCodes(translated);
  }
  return { type: "boolean", bits, decided: null };
}

function codesIn(from: TextSlot["dictionary"], to: TextSlot["dictionary"]): Uint32Array {
  const known = sameCodes.get(from)?.get(to);
  if (known !== undefined) return known;
  const codeOf = new Map(to.map((value, index) => [String(value), index + 1]));
  const codes = Uint32Array.from([0, ...from.map((value) => codeOf.get(String(value)) ?? 0)]);
  const ofFrom = sameCodes.get(from) ?? new WeakMap<TextSlot["dictionary"], Uint32Array>();
  sameCodes.set(from, ofFrom.set(to, codes));
  return codes;
}

/** The same in every session. O(words of bits). */
export function constantCondition({ buffers }: Partition, holds: boolean): BooleanSlot {
  return { type: "boolean", bits: buffers.bits().fill(holds ? ALL : 0), decided: null };
}

/** The opposite, decided at the same moment. O(words of bits). */
export function negate({ buffers }: Partition, item: BooleanSlot): BooleanSlot {
  const bits = buffers.bits();
  notBits(bits, item.bits);
  return { type: "boolean", bits, decided: item.decided };
}

/**
 * Conjunction or disjunction. A disjunction holds as soon as its first operand does, and is known not to hold when the last
 * one is decided; a conjunction the other way round. O(words of bits × operands), of moments O(sessions × operands).
 */
export function combine(
  partition: Partition,
  op: "and" | "or",
  items: readonly BooleanSlot[],
  wantsDecided: boolean,
): BooleanSlot {
  const bits = partition.buffers.bits().fill(op === "and" ? ALL : 0);
  for (const item of items) {
    if (op === "and") andBits(bits, item.bits);
    else orBits(bits, item.bits);
  }
  if (!wantsDecided || items.every((item) => item.decided === null)) return { type: "boolean", bits, decided: null };
  const isDecisive = (of: Uint32Array, session: number): boolean => isSet(of, session) === (op === "or");
  const ends = sessionEnds(partition);
  const decided = new Uint32Array(ends.length);
  for (let at = 0; at < decided.length; at++) {
    const isEarly = isDecisive(bits, at);
    let moment = isEarly ? Number.POSITIVE_INFINITY : 0;
    for (const item of items) {
      const own = item.decided === null ? (ends[at] as number) : (item.decided[at] as number);
      if (!isEarly) moment = Math.max(moment, own);
      else if (isDecisive(item.bits, at)) moment = Math.min(moment, own);
    }
    decided[at] = moment;
  }
  return { type: "boolean", bits, decided };
}

/** Whether a condition holds in a session of its partition. */
export function isSet(bits: Uint32Array, session: number): boolean {
  return (((bits[session >>> 5] as number) >>> (session & 31)) & 1) === 1;
}

function set(bits: Uint32Array, session: number): void {
  bits[session >>> 5] = (bits[session >>> 5] as number) | (1 << (session & 31));
}
