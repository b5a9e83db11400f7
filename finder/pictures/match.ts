import { automatonOf } from "../../engine/mine.js";
import { firstCompletions } from "../../kernels/aho-corasick.js";
import type { Expression } from "../../planner/expression/ast.js";
import { eventNamesOf } from "../../planner/expression/walk.js";
import type { Candidate } from "../candidates.js";
import type { Context } from "../context.js";
import type { MiningOutcome } from "../exposure.js";
import type { EventTexts } from "./event-texts.js";

/** The events that make a session a member: positions, half-open. */
export interface Match {
  readonly start: number;
  readonly end: number;
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
  patterns: MiningOutcome | null,
  texts: EventTexts,
): Matcher {
  const names = new Set(eventNamesOf(expression));
  const isNamed = (position: number, session: number): boolean =>
    names.has(texts.text(position, session)) || names.has(texts.rawName(position));
  const { subject } = candidate;
  const { sessionOffsets } = context.table;
  if (subject.kind === "pattern" && patterns !== null) {
    const steps = patterns.mined.patterns[subject.index]?.length ?? 1;
    return {
      names,
      isNamed,
      isStep: (position, session, match) =>
        match === null ? isNamed(position, session) : position >= match.start && position < match.end,
      find: (sessions) =>
        Array.from(completions(context, patterns, subject.index, sessions), (last, at) => {
          const session = sessions[at] as number;
          if (last >= (sessionOffsets[session + 1] as number)) return null;
          let start = last;
          for (let left = steps - 1; left > 0 && start > (sessionOffsets[session] as number); ) {
            start--;
            if (texts.isVisible(start)) left--;
          }
          return { start, end: last + 1 };
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
          if (isNamed(position, session)) return { start: position, end: position + 1 };
        }
        return null;
      }),
  };
}

/** Positions at which a pattern first completes in some sessions; the session's end where it does not. O(their events). */
function completions(
  { table: { sessionOffsets } }: Context,
  { mined, symbols }: MiningOutcome,
  pattern: number,
  sessions: Uint32Array,
): Uint32Array {
  const automaton = automatonOf(mined, [pattern], symbols);
  const one = Uint32Array.of(1);
  const completed = new Uint32Array(1);
  return sessions.map((session) => {
    firstCompletions(automaton, symbols.symbols, sessionOffsets, one, session, session + 1, completed);
    return completed[0] as number;
  });
}
