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
    const gram = patterns.mined.patterns[subject.index] ?? [];
    const steps = gram.map((token) => context.tokens.tokens[token]?.text ?? "");
    return {
      names,
      isNamed,
      isStep: (position, session, match) =>
        match === null ? isNamed(position, session) : position >= match.start && position < match.end,
      find: (sessions) =>
        Array.from(sessions, (session) =>
          firstRun(steps, texts, session, sessionOffsets[session] as number, sessionOffsets[session + 1] as number),
        ),
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

/** The first stretch of events that are these, one after the other, ignored ones left out. O(events × steps). */
function firstRun(
  steps: readonly string[],
  texts: EventTexts,
  session: number,
  start: number,
  end: number,
): Match | null {
  const visible: number[] = [];
  for (let position = start; position < end; position++) {
    if (!texts.isVisible(position)) continue;
    visible.push(position);
    const first = visible.length - steps.length;
    if (first < 0) continue;
    const holds = steps.every((step, at) => texts.text(visible[first + at] as number, session) === step);
    if (holds) return { start: visible[first] as number, end: position + 1 };
  }
  return null;
}
