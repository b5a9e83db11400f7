import { automatonOf } from "../../engine/mine.js";
import { sequenceSetOf } from "../../engine/mine-gaps.js";
import { completionsOf, NOWHERE, type SequenceSet } from "../../engine/passes/sequences.js";
import type { Automaton } from "../../kernels/aho-corasick.js";
import { firstCompletions } from "../../kernels/mark-completions.js";
import type { Expression } from "../../planner/expression/ast.js";
import { eventNamesOf } from "../../planner/expression/walk.js";
import type { Candidate } from "../candidates.js";
import type { NamedPatterns } from "../collect.js";
import type { Context } from "../context.js";
import { shapeOf } from "../patterns.js";
import type { EventTexts, NamedBy } from "./event-texts.js";

/** The events that make a session a member: positions, half-open. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Where its steps are; null: every event from start to end that is not ignored is one */
  readonly steps: ReadonlySet<number> | null;
}

/** Matches of some sessions, one each. */
export interface Matches {
  /** Uint32Array(sessions) each, positions: the first and the last event; `NOWHERE`: the session has none */
  readonly firsts: Uint32Array;
  readonly lasts: Uint32Array;
}

/** A pattern to be found. */
interface Pattern {
  /** Token codes. */
  readonly tokens: readonly number[];
  /** Of this pattern alone: of adjacent steps as an automaton, of any others as a set. */
  readonly found: { readonly automaton: Automaton } | { readonly set: SequenceSet };
  /** Uint16Array(N): each event's token and one */
  readonly symbols: Uint16Array;
}

/** Finds where a hypothesis holds within sessions: a pattern where it first completes, any other at the first event that it names. */
export class Matcher {
  /** What the hypothesis names: nothing where it speaks of attributes, users or the clock. */
  readonly named: NamedBy;
  readonly #context: Context;
  readonly #texts: EventTexts;
  /** Null for a condition. */
  readonly #pattern: Pattern | null;
  readonly #namesAny: boolean;

  constructor(
    context: Context,
    { subject }: Candidate,
    expression: Expression,
    patterns: NamedPatterns | null,
    texts: EventTexts,
  ) {
    const names = eventNamesOf(expression);
    this.#context = context;
    this.#texts = texts;
    this.#pattern = subject.kind === "condition" || patterns === null ? null : patternOf(patterns, subject);
    this.#namesAny = names.length > 0;
    this.named = texts.namedBy(new Set(names));
  }

  /** Whether the event at a position is a step of the match; without a match, or where a hypothesis has no steps: whether it is named. */
  isStep(position: number, session: number, match: Match | null): boolean {
    if (match === null || this.#pattern === null) return this.#texts.isNamed(this.named, position, session);
    return match.steps?.has(position) ?? (position >= match.start && position < match.end);
  }

  /** O(events of the sessions). */
  find(sessions: Uint32Array): Matches {
    const { sessionOffsets } = this.#context.table;
    const lasts = new Uint32Array(sessions.length).fill(NOWHERE);
    if (this.#pattern === null) {
      if (this.#namesAny) findNamed(this.#texts, this.named, sessionOffsets, sessions, lasts);
      return { firsts: lasts, lasts };
    }
    const { tokens, found, symbols } = this.#pattern;
    if ("set" in found) {
      const times = { time: this.#context.events.time, sessionOffsets };
      const ends = completionsOf(found.set, symbols, times, sessions, 0, sessions.length);
      const firstOf = (last: number): number => lastSteps(last, tokens, symbols).at(-1) as number;
      return { firsts: ends.map((last) => (last === NOWHERE ? last : firstOf(last))), lasts: ends };
    }
    firstCompletions(found.automaton, symbols, sessionOffsets, sessions, lasts);
    const firsts = lasts.slice();
    findFirsts(this.#texts, tokens.length, firsts);
    return { firsts, lasts };
  }

  /** One of some matches; null where a session has none. */
  matchAt({ firsts, lasts }: Matches, at: number): Match | null {
    const [start, last] = [firsts[at] as number, lasts[at] as number];
    if (last === NOWHERE) return null;
    const own = this.#pattern;
    const steps = own !== null && "set" in own.found ? new Set(lastSteps(last, own.tokens, own.symbols)) : null;
    return { start, end: last + 1, steps };
  }
}

function patternOf(patterns: NamedPatterns, subject: Candidate["subject"]): Pattern {
  const { tokens } = shapeOf(patterns, subject);
  const { symbols } = patterns.symbols;
  const gapped = subject.kind === "gapped" ? patterns.gapped.patterns[subject.index] : undefined;
  if (gapped !== undefined) return { tokens, found: { set: sequenceSetOf(gapped.mined, [gapped.index]) }, symbols };
  return { tokens, found: { automaton: automatonOf(patterns.mined, [subject.index], patterns.symbols) }, symbols };
}

/** The first event that is named in each of some sessions. */
function findNamed(
  texts: EventTexts,
  named: NamedBy,
  sessionOffsets: Uint32Array,
  sessions: Uint32Array,
  out: Uint32Array,
): void {
  for (let at = 0; at < sessions.length; at++) {
    const session = sessions[at] as number;
    const end = sessionOffsets[session + 1] as number;
    let position = sessionOffsets[session] as number;
    while (position < end && !texts.isNamed(named, position, session)) position++;
    if (position < end) out[at] = position;
  }
}

/** Goes from the last events of a pattern without gaps to the first: as many that are not ignored as it has steps. */
function findFirsts(texts: EventTexts, steps: number, positions: Uint32Array): void {
  for (let at = 0; at < positions.length; at++) {
    let start = positions[at] as number;
    if (start === NOWHERE) continue;
    for (let left = steps - 1; left > 0; ) {
      start--;
      if (texts.isVisible(start)) left--;
    }
    positions[at] = start;
  }
}

/** The shortest match of a sequence that ends at a position, backwards: each step where it was last before the next. */
function lastSteps(last: number, tokens: readonly number[], symbols: Uint16Array): number[] {
  const steps = [last];
  let start = last;
  for (let step = tokens.length - 2; step >= 0; step--) {
    const symbol = (tokens[step] as number) + 1;
    do start--;
    while (symbols[start] !== symbol);
    steps.push(start);
  }
  return steps;
}
