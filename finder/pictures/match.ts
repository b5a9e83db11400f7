import { automatonOf } from "../../engine/mine.js";
import { sequenceSetOf } from "../../engine/mine-gaps.js";
import { completionsOf } from "../../engine/passes/sequences.js";
import { firstCompletions } from "../../kernels/aho-corasick.js";
import type { Expression } from "../../planner/expression/ast.js";
import { eventNamesOf } from "../../planner/expression/walk.js";
import type { Candidate } from "../candidates.js";
import type { NamedPatterns } from "../collect.js";
import type { Context } from "../context.js";
import { shapeOf } from "../patterns.js";
import type { EventTexts } from "./event-texts.js";

/** The events that make a session a member: positions, half-open. */
export interface Match {
  readonly start: number;
  readonly end: number;
  /** Where its steps are; null: every event from start to end that is not ignored is one */
  readonly steps: ReadonlySet<number> | null;
}

/** Where a hypothesis holds within sessions. */
export interface Matcher {
  /** The events that the hypothesis names: none where it speaks of attributes, users or the clock. */
  readonly names: ReadonlySet<string>;
  /** Whether the event at a position is one of them. */
  readonly isNamed: (position: number, session: number) => boolean;
  /** Whether the event at a position is a step of the match; without a match, or where a hypothesis has no steps: whether it is named. */
  readonly isStep: (position: number, session: number, match: Match | null) => boolean;
  /** A match of each session, null where there is none. O(their events). */
  readonly find: (sessions: Uint32Array) => readonly (Match | null)[];
}

/** A pattern matches where it first completes; any other hypothesis at the first event that it names. */
export function matcherOf(
  context: Context,
  candidate: Candidate,
  expression: Expression,
  patterns: NamedPatterns | null,
  texts: EventTexts,
): Matcher {
  const names = new Set(eventNamesOf(expression));
  const isNamed = (position: number, session: number): boolean =>
    names.has(texts.text(position, session)) || names.has(texts.rawName(position));
  const { subject } = candidate;
  const { sessionOffsets } = context.table;
  if (subject.kind !== "condition" && patterns !== null) {
    const { tokens } = shapeOf(patterns, subject);
    const matchAt = subject.kind === "gapped" ? lastSteps : lastVisible;
    return {
      names,
      isNamed,
      isStep: (position, session, match) =>
        match === null
          ? isNamed(position, session)
          : (match.steps?.has(position) ?? (position >= match.start && position < match.end)),
      find: (sessions) =>
        Array.from(completions(context, patterns, subject, sessions), (last, at) => {
          const session = sessions[at] as number;
          if (last >= (sessionOffsets[session + 1] as number)) return null;
          return matchAt(last, sessionOffsets[session] as number, tokens, patterns, texts);
        }),
    };
  }
  return {
    names,
    isNamed,
    isStep: isNamed,
    find: (sessions) =>
      Array.from(sessions, (session) => {
        if (names.size === 0) return null;
        const end = sessionOffsets[session + 1] as number;
        for (let position = sessionOffsets[session] as number; position < end; position++) {
          if (isNamed(position, session)) return { start: position, end: position + 1, steps: null };
        }
        return null;
      }),
  };
}

/** The match of a pattern without gaps that ends at a position: as many events that are not ignored as it has steps. */
function lastVisible(
  last: number,
  from: number,
  tokens: readonly number[],
  _: NamedPatterns,
  texts: EventTexts,
): Match {
  let start = last;
  for (let left = tokens.length - 1; left > 0 && start > from; ) {
    start--;
    if (texts.isVisible(start)) left--;
  }
  return { start, end: last + 1, steps: null };
}

/** The shortest match of a sequence that ends at a position: each step where it was last before the next. */
function lastSteps(last: number, from: number, tokens: readonly number[], { symbols }: NamedPatterns): Match {
  const steps = new Set([last]);
  let start = last;
  for (let step = tokens.length - 2; step >= 0; step--) {
    const symbol = (tokens[step] as number) + 1;
    do start--;
    while (start > from && symbols.symbols[start] !== symbol);
    steps.add(start);
  }
  return { start, end: last + 1, steps };
}

/** Positions at which a pattern first completes in some sessions; the session's end, or beyond, where it does not. O(their events). */
function completions(
  { table: { sessionOffsets }, events: { time } }: Context,
  { mined, gapped, symbols }: NamedPatterns,
  { kind, index }: Candidate["subject"],
  sessions: Uint32Array,
): Uint32Array {
  const pattern = kind === "gapped" ? gapped.patterns[index] : undefined;
  if (pattern !== undefined) {
    const set = sequenceSetOf(pattern.mined, [pattern.index]);
    return completionsOf(set, symbols.symbols, { time, sessionOffsets }, sessions, 0, sessions.length);
  }
  const automaton = automatonOf(mined, [index], symbols);
  const one = Uint32Array.of(1);
  const completed = new Uint32Array(1);
  return sessions.map((session) => {
    firstCompletions(automaton, symbols.symbols, sessionOffsets, one, session, session + 1, completed);
    return completed[0] as number;
  });
}
