import type { SessionTable } from "../../engine/event-store.js";
import type { KpiOutcome } from "../../engine/execution.js";
import { FAILING } from "../../engine/passes/segment.js";
import type { EventTexts } from "./event-texts.js";
import type { Match, Matcher } from "./match.js";
import type { Timeline, TimelineEvent } from "./picture.js";

/** Events of a timeline. */
const MOST_EVENTS = 40;
/** So many of them before the match. */
const LEAD_IN = 15;

/** What a timeline is made of, but for its session. */
export interface TimelineSource {
  readonly table: SessionTable;
  /** Float64Array(N), ms since the epoch */
  readonly time: Float64Array;
  readonly texts: EventTexts;
  readonly kpi: KpiOutcome;
  readonly matcher: Matcher;
}

/** A session as a timeline: around its match, else around the first event that the hypothesis names, else up to the outcome. */
export function timelineOf(
  { table, time, texts, kpi, matcher }: TimelineSource,
  session: number,
  isMember: boolean,
  match: Match | null,
): Timeline {
  const { state, evidenceEnd, outcome } = kpi;
  const [start, end] = [table.sessionOffsets[session] as number, table.sessionOffsets[session + 1] as number];
  const decided = Math.min(end, evidenceEnd?.[session] ?? end);
  const startMs = time[start] as number;
  const visible: number[] = [];
  for (let position = start; position < end; position++) if (texts.isVisible(position)) visible.push(position);
  const isMatch = (position: number): boolean => matcher.isStep(position, session, match);
  const firstMatch = visible.findIndex(isMatch);
  const outcomeAt = visible.findIndex((position) => position >= decided);
  const ideal =
    firstMatch >= 0 ? firstMatch - LEAD_IN : (outcomeAt >= 0 ? outcomeAt : visible.length) - (MOST_EVENTS - LEAD_IN);
  const from = Math.max(0, Math.min(ideal, visible.length - MOST_EVENTS));
  const shown = visible.slice(from, from + MOST_EVENTS);
  return {
    session: table.idOf(session),
    user: table.hasUsers ? table.userIdOf(session) : null,
    isMember,
    isFailing: state[session] === FAILING,
    value: outcome === null ? null : (outcome[session] as number),
    startMs,
    events: shown.map(
      (position): TimelineEvent => ({
        atMs: (time[position] as number) - startMs,
        event: texts.text(position, session),
        isMatch: isMatch(position),
        isAfterOutcome: position >= decided,
      }),
    ),
    before: from,
    after: visible.length - from - shown.length,
  };
}
